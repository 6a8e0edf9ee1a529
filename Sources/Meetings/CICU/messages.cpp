#include "CICU.h"

#include <memory>
#include <new>

#include <unicode/bytestream.h>
#include <unicode/datefmt.h>
#include <unicode/dtptngen.h>
#include <unicode/locdspnm.h>
#include <unicode/measunit.h>
#include <unicode/msgfmt.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

namespace {

constexpr int32_t argumentLimit = 8;

// Its length in bytes; what is beyond `capacity` is not written.
int32_t write(const icu::UnicodeString &text, char *utf8, int32_t capacity) {
    icu::CheckedArrayByteSink sink(utf8, capacity);
    text.toUTF8(sink);
    return sink.NumberOfBytesAppended();
}

}  // namespace

struct cicu_message {
    icu::MessageFormat format;
};

struct cicu_moments {
    icu::SimpleDateFormat format;
};

extern "C" cicu_message *cicu_message_open(const char *tag, const char *pattern) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
    std::unique_ptr<cicu_message> message(
        new (std::nothrow) cicu_message{icu::MessageFormat(icu::UnicodeString::fromUTF8(pattern), locale, status)});
    return U_SUCCESS(status) ? message.release() : nullptr;
}

extern "C" void cicu_message_close(cicu_message *message) { delete message; }

extern "C" int32_t cicu_message_fill(
    const cicu_message *message, const char *texts, const int32_t *ends, const int64_t *numbers, int32_t count,
    char *utf8, int32_t capacity) {
    if (count > argumentLimit) return -1;
    icu::Formattable arguments[argumentLimit];
    for (int32_t index = 0, start = 0; index < count; index++) {
        if (ends[index] < 0) {
            arguments[index].setInt64(numbers[index]);
            continue;
        }
        arguments[index].setString(icu::UnicodeString::fromUTF8({texts + start, ends[index] - start}));
        start = ends[index];
    }
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString filled;
    icu::FieldPosition anywhere;
    message->format.format(arguments, count, filled, anywhere, status);
    return U_SUCCESS(status) ? write(filled, utf8, capacity) : -1;
}

extern "C" cicu_moments *cicu_moments_open(const char *tag, const char *skeleton) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
    std::unique_ptr<icu::DateTimePatternGenerator> patterns(
        icu::DateTimePatternGenerator::createInstance(locale, status));
    if (U_FAILURE(status)) return nullptr;
    icu::UnicodeString pattern = patterns->getBestPattern(icu::UnicodeString(skeleton, -1, US_INV), status);
    std::unique_ptr<cicu_moments> moments(
        new (std::nothrow) cicu_moments{icu::SimpleDateFormat(pattern, locale, status)});
    if (U_FAILURE(status) || !moments) return nullptr;
    moments->format.adoptTimeZone(icu::TimeZone::createTimeZone("UTC"));
    return moments.release();
}

extern "C" void cicu_moments_close(cicu_moments *moments) { delete moments; }

extern "C" int32_t cicu_moment(const cicu_moments *moments, double seconds, char *utf8, int32_t capacity) {
    icu::UnicodeString text;
    moments->format.format(seconds * 1000, text);
    return write(text, utf8, capacity);
}

extern "C" int32_t cicu_language_name(const char *code, const char *tag, char *utf8, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
    // With the names of dialects: a locale may have a name of its own (`Brazilian Portuguese`).
    std::unique_ptr<icu::LocaleDisplayNames> names(
        icu::LocaleDisplayNames::createInstance(locale, ULDN_DIALECT_NAMES));
    if (U_FAILURE(status) || !names) return -1;
    icu::UnicodeString name;
    names->localeDisplayName(code, name);
    return write(name, utf8, capacity);
}

extern "C" int32_t cicu_duration(
    const char *locale, cicu_unit unit, int32_t is_short, int32_t number, char *utf8, int32_t capacity) {
    const icu::MeasureUnit measured = unit == CICU_HOURS     ? icu::MeasureUnit::getHour()
                                      : unit == CICU_MINUTES ? icu::MeasureUnit::getMinute()
                                                             : icu::MeasureUnit::getSecond();
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString text = icu::number::NumberFormatter::withLocale(icu::Locale(locale))
                                        .unit(measured)
                                        .unitWidth(is_short ? UNUM_UNIT_WIDTH_SHORT : UNUM_UNIT_WIDTH_FULL_NAME)
                                        .formatInt(number, status)
                                        .toString(status);
    return U_SUCCESS(status) ? write(text, utf8, capacity) : -1;
}

extern "C" const char *cicu_locale(int32_t index) {
    return index < uloc_countAvailable() ? uloc_getAvailable(index) : nullptr;
}
