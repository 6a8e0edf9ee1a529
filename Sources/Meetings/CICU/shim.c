#include "CICU.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/ubrk.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/udat.h>
#include <unicode/unorm2.h>
#include <unicode/unum.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/uversion.h>

// A word, folded: longer ones are cut by the callers.
enum { WORD_LIMIT = 512, NAME_LIMIT = 256, RULES_LIMIT = 8192, SETS_LIMIT = 128 };

struct cicu_breaker {
    UBreakIterator *words, *sentences;
};

cicu_breaker *cicu_breaker_open(const char *locale) {
    cicu_breaker *breaker = calloc(1, sizeof *breaker);
    if (!breaker) return NULL;
    UErrorCode status = U_ZERO_ERROR;
    breaker->words = ubrk_open(UBRK_WORD, locale, NULL, 0, &status);
    breaker->sentences = ubrk_open(UBRK_SENTENCE, locale, NULL, 0, &status);
    if (U_SUCCESS(status)) return breaker;
    cicu_breaker_close(breaker);
    return NULL;
}

void cicu_breaker_close(cicu_breaker *breaker) {
    if (!breaker) return;
    if (breaker->words) ubrk_close(breaker->words);
    if (breaker->sentences) ubrk_close(breaker->sentences);
    free(breaker);
}

static int has_letter_or_digit(const UChar *text, int32_t start, int32_t end) {
    while (start < end) {
        UChar32 scalar;
        U16_NEXT(text, start, end, scalar);
        if (u_isalnum(scalar)) return 1;
    }
    return 0;
}

int32_t cicu_words(
    cicu_breaker *breaker, const uint16_t *text, int32_t count, int32_t *bounds, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    ubrk_setText(breaker->words, text, count, &status);
    if (U_FAILURE(status)) return -1;
    int32_t found = 0;
    int32_t start = ubrk_first(breaker->words);
    for (int32_t end = ubrk_next(breaker->words); end != UBRK_DONE; start = end, end = ubrk_next(breaker->words)) {
        // Letters of scripts without rules have no status, so the letters decide.
        if (ubrk_getRuleStatus(breaker->words) < UBRK_WORD_NUMBER && !has_letter_or_digit(text, start, end)) continue;
        if (found + 2 <= capacity) {
            bounds[found] = start;
            bounds[found + 1] = end;
        }
        found += 2;
    }
    return found;
}

int32_t cicu_sentences(
    cicu_breaker *breaker, const uint16_t *text, int32_t count, int32_t *ends, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    ubrk_setText(breaker->sentences, text, count, &status);
    if (U_FAILURE(status)) return -1;
    int32_t found = 0;
    ubrk_first(breaker->sentences);
    for (int32_t end = ubrk_next(breaker->sentences); end != UBRK_DONE; end = ubrk_next(breaker->sentences)) {
        if (found < capacity) ends[found] = end;
        found++;
    }
    return found;
}

int32_t cicu_fold(const uint16_t *text, int32_t count, int32_t turkic, char *utf8, int32_t capacity) {
    if (count > WORD_LIMIT) return -1;
    UChar folded[3 * WORD_LIMIT + 1], normal[18 * WORD_LIMIT + 1];
    UErrorCode status = U_ZERO_ERROR;
    uint32_t options = turkic ? U_FOLD_CASE_EXCLUDE_SPECIAL_I : U_FOLD_CASE_DEFAULT;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    int32_t length = u_strFoldCase(folded, 3 * WORD_LIMIT, text, count, options, &status);
    if (U_FAILURE(status)) return -1;
    length = unorm2_normalize(nfkc, folded, length, normal, 18 * WORD_LIMIT, &status);
    // NFKC may bring capitals back (the trade mark sign).
    length = u_strFoldCase(folded, 3 * WORD_LIMIT, normal, length, options, &status);
    int32_t bytes = 0;
    u_strToUTF8(utf8, capacity, &bytes, folded, length, &status);
    return U_SUCCESS(status) ? bytes : -1;
}

int32_t cicu_unaccent(const uint16_t *text, int32_t count, char *utf8, int32_t capacity) {
    if (count > WORD_LIMIT) return -1;
    // No character has more than four units when it is decomposed canonically.
    UChar parts[4 * WORD_LIMIT + 1], composed[4 * WORD_LIMIT + 1];
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status), *nfc = unorm2_getNFCInstance(&status);
    int32_t length = unorm2_normalize(nfd, text, count, parts, 4 * WORD_LIMIT, &status);
    if (U_FAILURE(status)) return -1;
    int32_t kept = 0;
    for (int32_t index = 0; index < length; index++) {
        if (parts[index] < 0x300 || parts[index] > 0x36F) parts[kept++] = parts[index];
    }
    length = unorm2_normalize(nfc, parts, kept, composed, 4 * WORD_LIMIT, &status);
    int32_t bytes = 0;
    u_strToUTF8(utf8, capacity, &bytes, composed, length, &status);
    return U_SUCCESS(status) ? bytes : -1;
}

int32_t cicu_version(char *utf8, int32_t capacity) {
    UVersionInfo version;
    char text[U_MAX_VERSION_STRING_LENGTH];
    u_getVersion(version);
    u_versionToString(version, text);
    int32_t length = (int32_t)strlen(text);
    if (length <= capacity) memcpy(utf8, text, (size_t)length);
    return length <= capacity ? length : -1;
}

int32_t cicu_zone_of_windows(const char *name, char *utf8, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    UChar given[NAME_LIMIT], identifier[NAME_LIMIT];
    int32_t length = 0;
    u_strFromUTF8(given, NAME_LIMIT, &length, name, -1, &status);
    int32_t count = ucal_getTimeZoneIDForWindowsID(given, length, NULL, identifier, NAME_LIMIT, &status);
    u_strToUTF8(utf8, capacity, &length, identifier, count, &status);
    return U_SUCCESS(status) ? length : -1;
}

int32_t cicu_script_of(uint32_t scalar) {
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript((UChar32)scalar, &status)) {
    case USCRIPT_LATIN: return CICU_LATIN;
    case USCRIPT_CYRILLIC: return CICU_CYRILLIC;
    case USCRIPT_ARABIC: return CICU_ARABIC;
    case USCRIPT_DEVANAGARI: return CICU_DEVANAGARI;
    case USCRIPT_HAN: return CICU_HAN;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_KATAKANA_OR_HIRAGANA: return CICU_KANA;
    case USCRIPT_HANGUL: return CICU_HANGUL;
    case USCRIPT_GREEK: return CICU_GREEK;
    case USCRIPT_HEBREW: return CICU_HEBREW;
    case USCRIPT_THAI: return CICU_THAI;
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED: return CICU_COMMON;
    default: return CICU_OTHER;
    }
}

struct cicu_speller {
    UNumberFormat *format;
    UChar names[RULES_LIMIT];
    int32_t starts[SETS_LIMIT + 1], count, selected;
};

cicu_speller *cicu_speller_open(const char *locale) {
    cicu_speller *speller = calloc(1, sizeof *speller);
    if (!speller) return NULL;
    UErrorCode status = U_ZERO_ERROR;
    speller->format = unum_open(UNUM_SPELLOUT, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) {
        free(speller);
        return NULL;
    }
    speller->selected = -1;
    int32_t length = unum_getTextAttribute(
        speller->format, UNUM_PUBLIC_RULESETS, speller->names, RULES_LIMIT, &status);
    if (U_FAILURE(status)) length = 0;
    // `%spellout-cardinal;%spellout-ordinal`: each ends at a semicolon or at the end.
    for (int32_t index = 0, start = 0; index <= length && speller->count < SETS_LIMIT; index++) {
        if (index < length && speller->names[index] != u';') continue;
        if (index > start) {
            speller->starts[speller->count++] = start;
            speller->starts[speller->count] = index + 1;
        }
        start = index + 1;
    }
    return speller;
}

void cicu_speller_close(cicu_speller *speller) {
    if (!speller) return;
    unum_close(speller->format);
    free(speller);
}

int32_t cicu_speller_count(const cicu_speller *speller) { return speller->count; }

static int32_t to_utf8(const UChar *text, int32_t length, char *utf8, int32_t capacity, UErrorCode *status) {
    int32_t bytes = 0;
    if (U_SUCCESS(*status)) u_strToUTF8(utf8, capacity, &bytes, text, length, status);
    return U_SUCCESS(*status) ? bytes : -1;
}

int32_t cicu_spell(cicu_speller *speller, int32_t set, double value, char *utf8, int32_t capacity) {
    if (set < 0 || set >= speller->count) return -1;
    UErrorCode status = U_ZERO_ERROR;
    if (set != speller->selected) {
        int32_t start = speller->starts[set];
        unum_setTextAttribute(
            speller->format, UNUM_DEFAULT_RULESET, speller->names + start, speller->starts[set + 1] - 1 - start,
            &status);
        if (U_FAILURE(status)) return -1;
        speller->selected = set;
    }
    UChar spelled[NAME_LIMIT];
    int32_t length = unum_formatDouble(speller->format, value, spelled, NAME_LIMIT, NULL, &status);
    return to_utf8(spelled, length, utf8, capacity, &status);
}

int32_t cicu_calendar_name(
    const char *locale, enum cicu_calendar which, int32_t form, int32_t index, char *utf8, int32_t capacity) {
    static const UDateFormatSymbolType months[] = {
        UDAT_MONTHS, UDAT_STANDALONE_MONTHS, UDAT_SHORT_MONTHS, UDAT_STANDALONE_SHORT_MONTHS};
    static const UDateFormatSymbolType weekdays[] = {
        UDAT_WEEKDAYS, UDAT_STANDALONE_WEEKDAYS, UDAT_SHORT_WEEKDAYS, UDAT_STANDALONE_SHORT_WEEKDAYS};
    if (form < 0 || form > 3) return -1;
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format = udat_open(UDAT_FULL, UDAT_FULL, locale, NULL, 0, NULL, 0, &status);
    if (U_FAILURE(status)) return -1;
    // ICU counts weekdays from 1 = Sunday.
    int32_t place = which == CICU_MONTHS ? index : (index + 1) % 7 + 1;
    UChar name[NAME_LIMIT];
    int32_t length = udat_getSymbols(
        format, which == CICU_MONTHS ? months[form] : weekdays[form], place, name, NAME_LIMIT, &status);
    udat_close(format);
    return to_utf8(name, length, utf8, capacity, &status);
}

uint32_t cicu_separator(const char *locale, int32_t decimal) {
    UErrorCode status = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) return 0;
    UChar text[8];
    UNumberFormatSymbol which = decimal ? UNUM_DECIMAL_SEPARATOR_SYMBOL : UNUM_GROUPING_SEPARATOR_SYMBOL;
    int32_t length = unum_getSymbol(format, which, text, 8, &status);
    unum_close(format);
    return U_SUCCESS(status) && length == 1 ? text[0] : 0;
}

int32_t cicu_charset(const char *bytes, int32_t count, int32_t index, char *name, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    ucsdet_setText(detector, bytes, count, &status);
    int32_t found = 0;
    const UCharsetMatch **matches = ucsdet_detectAll(detector, &found, &status);
    int32_t confidence = 0;
    if (U_SUCCESS(status) && index < found) {
        const char *known = ucsdet_getName(matches[index], &status);
        confidence = ucsdet_getConfidence(matches[index], &status);
        if (U_SUCCESS(status) && strlen(known) < (size_t)capacity) strcpy(name, known);
        else confidence = -1;
    }
    if (detector) ucsdet_close(detector);
    return U_SUCCESS(status) ? confidence : -1;
}

int32_t cicu_convert(const char *name, const char *bytes, int32_t count, char *utf8, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &status);
    if (U_FAILURE(status)) return -1;
    // Stops at bytes that are no text, where the default would replace them.
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    UChar *text = malloc(((size_t)count + 1) * sizeof *text);
    int32_t length = text ? ucnv_toUChars(converter, text, count + 1, bytes, count, &status) : -1;
    int32_t result = -2;
    if (text && (U_SUCCESS(status) || status == U_STRING_NOT_TERMINATED_WARNING)) {
        status = U_ZERO_ERROR;
        u_strToUTF8(utf8, capacity, &result, text, length, &status);
        if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) result = -2;
    }
    free(text);
    ucnv_close(converter);
    return result;
}
