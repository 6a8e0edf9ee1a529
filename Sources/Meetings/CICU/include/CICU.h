// The part of ICU that reading and writing need: word and sentence boundaries, folding, scripts, numbers in words,
// names of months, weekdays and languages; messages and moments. `Language` is its caller. ICU's headers stay in
// shim.c and messages.cpp: Foundation brings an ICU of its own, under other symbols, and Swift must never see two of
// them.

#ifndef CICU_H
#define CICU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Word and sentence breakers of a language. One thread at a time.
typedef struct cicu_breaker cicu_breaker;

// NULL if ICU's data is missing or there is no memory. Released with cicu_breaker_close.
cicu_breaker *_Nullable cicu_breaker_open(const char *_Nonnull locale);
void cicu_breaker_close(cicu_breaker *_Nullable breaker);

// Starts and ends of the words of UTF-16 `text`, [2 * words]; what has neither letter nor digit is no word. Returns how
// many numbers there are and writes the first `capacity`; -1 on failure.
int32_t cicu_words(
    cicu_breaker *_Nonnull breaker, const uint16_t *_Nonnull text, int32_t count,
    int32_t *_Nonnull bounds, int32_t capacity);

// Ends of the sentences, with the blanks behind them.
int32_t cicu_sentences(
    cicu_breaker *_Nonnull breaker, const uint16_t *_Nonnull text, int32_t count,
    int32_t *_Nonnull ends, int32_t capacity);

// Case-folded and in NFKC, as UTF-8. `turkic`: I is the capital of the dotless i. Returns the length in bytes, writes
// nothing if that is beyond `capacity`; -1 on failure.
int32_t cicu_fold(
    const uint16_t *_Nonnull text, int32_t count, int32_t turkic, char *_Nonnull utf8, int32_t capacity);

// A folded word without accents (U+0300 to U+036F), composed again, as UTF-8. Returns the length in bytes, writes
// nothing if that is beyond `capacity`; -1 on failure.
int32_t cicu_unaccent(
    const uint16_t *_Nonnull text, int32_t count, char *_Nonnull utf8, int32_t capacity);

// The version of ICU that is loaded, such as 72.1: another one may cut words otherwise. Length, or -1 on failure.
int32_t cicu_version(char *_Nonnull utf8, int32_t capacity);

enum cicu_script {
    CICU_OTHER, CICU_LATIN, CICU_CYRILLIC, CICU_ARABIC, CICU_DEVANAGARI, CICU_HAN, CICU_KANA, CICU_HANGUL,
    CICU_GREEK, CICU_HEBREW, CICU_THAI, CICU_COMMON
};

// A cicu_script; CICU_COMMON for digits, marks and what every script uses.
int32_t cicu_script_of(uint32_t scalar);

// A language's rules for numbers in words. One thread at a time.
typedef struct cicu_speller cicu_speller;

cicu_speller *_Nullable cicu_speller_open(const char *_Nonnull locale);
void cicu_speller_close(cicu_speller *_Nullable speller);

// How many sets of rules there are: cardinals and ordinals by gender, case and so on.
int32_t cicu_speller_count(const cicu_speller *_Nonnull speller);

// `value` by the set of rules `set`, as UTF-8; morphemes may be divided by U+00AD. Length, or -1 on failure.
int32_t cicu_spell(
    cicu_speller *_Nonnull speller, int32_t set, double value, char *_Nonnull utf8, int32_t capacity);

enum cicu_calendar { CICU_MONTHS, CICU_WEEKDAYS };

// A name by `form` (0 as in a date, 1 standing alone, 2 and 3 the same abbreviated) and `index` (months from 0 =
// January, weekdays from 0 = Monday). Length, or -1 where there is none.
int32_t cicu_calendar_name(
    const char *_Nonnull locale, enum cicu_calendar which, int32_t form, int32_t index,
    char *_Nonnull utf8, int32_t capacity);

// The scalar that divides the fraction off (`decimal` is 1), or groups of three; 0 if it is none or several.
uint32_t cicu_separator(const char *_Nonnull locale, int32_t decimal);

// A pattern of MessageFormat in a language. One thread at a time.
typedef struct cicu_message cicu_message;

// NULL if UTF-8 `pattern` is wrong. `tag` is a language tag (BCP 47), here and below. Released with cicu_message_close.
cicu_message *_Nullable cicu_message_open(const char *_Nonnull tag, const char *_Nonnull pattern);
void cicu_message_close(cicu_message *_Nullable message);

// The message with its arguments, as UTF-8: argument i is the part of `texts` that ends at `ends[i]` and begins where
// the text before it ends; where that is -1, it is the number `numbers[i]`. Returns the length in bytes, and writes no
// more than `capacity`; -1 on failure, and for more than eight arguments.
int32_t cicu_message_fill(
    const cicu_message *_Nonnull message, const char *_Nonnull texts, const int32_t *_Nonnull ends,
    const int64_t *_Nonnull numbers, int32_t count, char *_Nonnull utf8, int32_t capacity);

// How a language writes moments, in UTC. One thread at a time.
typedef struct cicu_moments cicu_moments;

// NULL on failure. `skeleton` says what is to be shown (`yMMMMd`), in ASCII. Released with cicu_moments_close.
cicu_moments *_Nullable cicu_moments_open(const char *_Nonnull tag, const char *_Nonnull skeleton);
void cicu_moments_close(cicu_moments *_Nullable moments);

// The moment `seconds` after the beginning of 1970, as UTF-8. Length, or -1 on failure.
int32_t cicu_moment(
    const cicu_moments *_Nonnull moments, double seconds, char *_Nonnull utf8, int32_t capacity);

// What the language `tag` calls the language, or the locale of a language, `code`. Length, or -1 on failure.
int32_t cicu_language_name(
    const char *_Nonnull code, const char *_Nonnull tag, char *_Nonnull utf8, int32_t capacity);

// What `bytes` are likely to be encoded in: the guess `index`, the best first, as the name of a converter. Its
// confidence, 1 to 100; 0 behind the last; -1 on failure.
int32_t cicu_charset(
    const char *_Nonnull bytes, int32_t count, int32_t index, char *_Nonnull name, int32_t capacity);

// `bytes` in the encoding `name` as UTF-8. Returns the length in bytes, and writes nothing if that is beyond
// `capacity`; -1 if there is no such encoding, -2 if the bytes are not text in it.
int32_t cicu_convert(
    const char *_Nonnull name, const char *_Nonnull bytes, int32_t count,
    char *_Nonnull utf8, int32_t capacity);

enum cicu_unit { CICU_HOURS, CICU_MINUTES, CICU_SECONDS };

// A number of units as the locale writes it (`6 Sekunden`), or in short (`6 Sek.`), as UTF-8. Length, or -1 on
// failure.
int32_t cicu_duration(
    const char *_Nonnull locale, enum cicu_unit unit, int32_t is_short, int32_t number,
    char *_Nonnull utf8, int32_t capacity);

// The identifier of the time zone that Windows calls `name` (`W. Europe Standard Time`), as UTF-8. Length, 0 if there
// is none, or -1 on failure.
int32_t cicu_zone_of_windows(const char *_Nonnull name, char *_Nonnull utf8, int32_t capacity);

// The locale `index` of those that ICU knows (`pt_BR`); NULL behind the last.
const char *_Nullable cicu_locale(int32_t index);

#ifdef __cplusplus
}
#endif

#endif
