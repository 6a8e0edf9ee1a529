// The files of Language/Data and of Minutes/Labels, compiled in, so that the programs need no files beside them.
// `Language` is the caller.

#ifndef CLANGUAGEDATA_H
#define CLANGUAGEDATA_H

// The text of a language's file of words or of labels by its code (`de`), in UTF-8; NULL if there is none.
const char *_Nullable cdata_words(const char *_Nonnull code);
const char *_Nullable cdata_labels(const char *_Nonnull code);

#endif
