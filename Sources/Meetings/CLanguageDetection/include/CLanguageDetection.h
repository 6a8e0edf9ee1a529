// The C face of CLD2, which tells languages by the frequency of their letter groups. `Language` is its caller. No call
// throws; all are safe from several threads.

#ifndef CLANGUAGEDETECTION_H
#define CLANGUAGEDETECTION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The three languages that UTF-8 `text` is most likely in: codes as CLD2 spells them (`en`, `zh-Hant`; `un` is none),
// each with its share of the text in percent. Returns 1 if the first one is sure, 0 if not.
int32_t cld_detect(
    const char *_Nonnull text, int32_t count, const char *_Nonnull *_Nonnull codes /* [3], out */,
    int32_t *_Nonnull percents /* [3], out */);

#ifdef __cplusplus
}
#endif

#endif
