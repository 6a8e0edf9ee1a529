// A C interface to libsentencepiece: load a serialized model, encode text to ids, look up pieces. Only `Tokenizer`
// calls it. No call throws or aborts, and none changes a processor after csp_load, so several threads may share one.

#ifndef CSENTENCEPIECE_H
#define CSENTENCEPIECE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csp_processor csp_processor;

// The kind of a piece. libsentencepiece does not distinguish user-defined pieces from normal ones.
enum csp_kind { CSP_NORMAL = 1, CSP_UNKNOWN = 2, CSP_CONTROL = 3, CSP_UNUSED = 5, CSP_BYTE = 6 };

enum csp_failure { CSP_REFUSED = -1, CSP_EXHAUSTED = -2 };

enum csp_special { CSP_BEGINNING, CSP_END, CSP_PADDING, CSP_UNKNOWN_PIECE };

// Loads a serialized ModelProto, which is copied. Returns NULL on failure, with the reason in `message`,
// NUL-terminated and cut to `capacity` bytes. Release the result with csp_free.
csp_processor *_Nullable csp_load(
    const void *_Nonnull proto, size_t count,       // [count] bytes
    char *_Nonnull message, size_t capacity);       // [capacity] bytes, out
void csp_free(csp_processor *_Nullable processor);

// The number of tokens; ids run from 0 up to this number less one.
int32_t csp_vocabulary_size(const csp_processor *_Nonnull processor);

// The csp_kind of a piece; -1 if there is no such id.
int32_t csp_kind(const csp_processor *_Nonnull processor, int32_t id);

// The piece's bytes, UTF-8 with U+2581 for spaces, not NUL-terminated; NULL if there is no such id. They stay valid as
// long as the processor.
const char *_Nullable csp_piece(const csp_processor *_Nonnull processor, int32_t id, size_t *_Nonnull count);

// The id of a piece, of whatever kind; -1 if the vocabulary has no such piece.
int32_t csp_piece_id(const csp_processor *_Nonnull processor, const char *_Nonnull piece, size_t count);

// The id of a special control piece that the model declares; -1 if it declares none.
int32_t csp_special_id(const csp_processor *_Nonnull processor, enum csp_special which);

// Encodes `count` bytes of UTF-8. Returns how many ids the text has and writes the first `capacity` of them; if the
// result is larger than `capacity`, call again with more room. Returns CSP_REFUSED if the library cannot encode the
// text, for example because its merges end in a control piece, and CSP_EXHAUSTED if memory is short or the text is too
// long.
int64_t csp_encode(
    const csp_processor *_Nonnull processor, const char *_Nullable text, size_t count,
    int32_t *_Nullable ids, size_t capacity);       // [capacity], out

#ifdef __cplusplus
}
#endif

#endif
