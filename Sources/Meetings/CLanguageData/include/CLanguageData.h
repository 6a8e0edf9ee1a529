// The files of Sources/Language/Data, compiled in, so that the programs need no files beside them. `Language` is the
// caller.

#ifndef CLANGUAGEDATA_H
#define CLANGUAGEDATA_H

#include <stdint.h>

// The text of the file of a language (`de`), UTF-8 without a NUL, and its length; NULL if there is none.
const char *_Nullable cdata_text(const char *_Nonnull code, int32_t *_Nonnull count);

#endif
