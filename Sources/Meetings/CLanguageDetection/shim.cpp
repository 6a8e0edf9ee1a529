#include "CLanguageDetection.h"

#include <cstdio>  // which CLD2 forgets

#include <cld2/public/compact_lang_det.h>

extern "C" int32_t cld_detect(const char *text, int32_t count, const char **codes, int32_t *percents) {
    CLD2::Language languages[3] = {CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE};
    int shares[3] = {0, 0, 0};
    bool isReliable = false;
    try {
        int bytes = 0;
        // Plain text: what looks like a tag was said or typed.
        CLD2::DetectLanguageSummary(text, count, true, languages, shares, &bytes, &isReliable);
    } catch (...) {
        isReliable = false;
    }
    for (int index = 0; index < 3; index++) {
        codes[index] = CLD2::LanguageCode(languages[index]);
        percents[index] = shares[index];
    }
    return isReliable ? 1 : 0;
}
