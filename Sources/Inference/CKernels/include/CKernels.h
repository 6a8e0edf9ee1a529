// The arithmetic of the inference engine: rows of weights, vectors of activations, attention over a
// key-value cache, and the pool of threads it runs on. Called by `Weights` and `Gemma` only.
//
// Nothing here allocates (but ck_pool_create), does I/O or reports errors: whoever calls has checked the
// shapes. Every function has a portable form and, on x86-64, AVX2 and AVX-512 forms, chosen at the first call
// by what the CPU offers. Pointers need no alignment beyond that of their type; `void *` ones need none at
// all. All data is little-endian. Functions are safe to call from several threads on disjoint outputs.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How the elements of a row are stored; the numbers are ggml's type ids as they stand in GGUF files.
typedef enum ck_type {
    CK_F32 = 0,
    CK_F16 = 1,
    CK_Q4_0 = 2,  // blocks of 32: one f16 scale, 4-bit values
    CK_Q5_0 = 6,  // blocks of 32: one f16 scale, 5-bit values
    CK_Q8_0 = 8,  // blocks of 32: one f16 scale, 8-bit values
    CK_Q4_K = 12, // blocks of 256: eight 6-bit scales and minima, 4-bit values
    CK_Q5_K = 13, // blocks of 256: eight 6-bit scales and minima, 5-bit values
    CK_Q6_K = 14, // blocks of 256: sixteen 8-bit scales, 6-bit values
    CK_BF16 = 30,
} ck_type;

/// Elements of one block: 1, 32 or 256; 0 if the type is not one of the above.
size_t ck_block_elements(ck_type type);

/// Bytes of a row of `columns` elements; 0 if they do not divide into whole blocks.
size_t ck_row_bytes(ck_type type, size_t columns);

/// Unpacks one row to floats; bit for bit the same on every CPU.
void ck_dequantize(ck_type type,
                   const void *row, // ck_row_bytes(type, columns) bytes
                   float *out,      // [columns]
                   size_t columns);

/// y[j * y_stride + r] = dot(row r, x_j), with f32 activations and f32 accumulation.
/// Each row is unpacked once for up to eight columns of x.
void ck_gemv(ck_type type,
             const void *rows, // [row_count, columns], rows packed one after the other
             size_t row_count, size_t columns,
             const float *x, // [x_count, columns], x_stride elements from one to the next
             size_t x_count, size_t x_stride,
             float *y, // [x_count, row_count], y_stride elements from one to the next
             size_t y_stride);

/// y_j[i] += the sum over k of factors_j[k] * rows[k][i]. How many y there are changes no bit of any of them.
void ck_add_combination(ck_type type,     // CK_F32 or CK_F16
                        const void *rows, // [row_count, columns], row_stride elements from one to the next
                        size_t row_stride, size_t row_count, size_t columns,
                        const float *factors, // [y_count, row_count], factor_stride elements from one to the next
                        size_t factor_stride,
                        float *y, // [y_count, columns], y_stride elements from one to the next
                        size_t y_count, size_t y_stride);

/// Rows of weights repacked for integer arithmetic, 16 at a time.
typedef enum ck_tile_format {
    CK_TILE_NONE = 0, // the type has no integer form
    CK_TILE_8 = 1,    // 8 bits, a scale for 32 columns: Q8_0, Q5_0
    CK_TILE_6X2 = 2,  // 6 bits, a scale for 16 columns: Q6_K
    CK_TILE_8M = 3,   // 8 bits, a scale and a minimum for 32 columns: Q5_K
    CK_TILE_4 = 4,    // 4 bits, a scale for 32 columns: Q4_0
    CK_TILE_4M = 5,   // 4 bits, a scale and a minimum for 32 columns: Q4_K
} ck_tile_format;

/// Rows of a tile.
enum { CK_TILE_ROWS = 16 };

/// The format of tiles made of rows of this type.
ck_tile_format ck_tile_format_of(ck_type type);

/// Bytes of one tile; 0 if there is no format or the columns are not a multiple of 32.
size_t ck_tile_bytes(ck_tile_format format, size_t columns);

/// Packs rows into one tile of ck_tile_format_of(type). Products of scales are rounded to f16; nothing else changes.
void ck_tile_pack(ck_type type,
                  const void *rows, // [row_count, columns], rows packed one after the other
                  size_t row_count, // 1...16; missing rows become zeros
                  size_t columns,   // a multiple of 32
                  void *tile);      // ck_tile_bytes(format, columns) bytes

/// Bytes that `count` quantised activation vectors take.
size_t ck_quantized_bytes(size_t columns, size_t count);

/// Rounds activations to 8 bits, with a scale of max(|x|) / 127 for each 32 columns of each vector.
void ck_quantize(const float *x, // [count, columns], x_stride elements from one to the next
                 size_t count, size_t x_stride,
                 size_t columns, // a multiple of 32
                 void *out);     // ck_quantized_bytes(columns, count) bytes

/// y[j * y_stride + r] = dot(row r, x_j): integer products within groups of 32 columns, their sums in f32.
/// Every CPU path gives the same bits.
void ck_tile_multiply(ck_tile_format format,
                      const void *tiles, // tiles one after the other, for row_count rows
                      size_t row_count, size_t columns,
                      const void *quantized, // by ck_quantize
                      size_t x_count,
                      float *y, // [x_count, row_count], y_stride elements from one to the next
                      size_t y_stride);

/// y = x / sqrt(mean(x^2) + epsilon) * (weight_offset + weight); y may be x.
void ck_rmsnorm(float *y,            // [n]
                const float *x,      // [n]
                const float *weight, // [n], or NULL for no weight
                size_t n, float epsilon,
                float weight_offset); // 1 for weights as Hugging Face stores Gemma's, 0 for GGUF

/// Turns each head's pairs (i, i + head_dim / 2) by the given angles: the half-split (NeoX) form of RoPE.
void ck_rope(float *heads, // [head_count, head_dim]
             size_t head_count, size_t head_dim,
             const float *cosines, // [head_dim / 2]
             const float *sines);  // [head_dim / 2]

/// gate = gelu_tanh(gate) * up. The error of gelu_tanh(g) is below 1e-6 * max(|gelu_tanh(g)|, 1e-3 * |g|).
void ck_geglu(float *gate,     // [n], in and out
              const float *up, // [n]
              size_t n);

/// y += x
void ck_add(float *y, const float *x, size_t n);

/// y *= s
void ck_scale(float *y, float s, size_t n);

/// x = cap * tanh(x / cap), relative error below 1e-6.
void ck_softcap(float *x, size_t n, float cap);

/// x = exp(x - max(x)) / sum. An infinite or NaN score gives NaN, as it does in the formula; -inf gives 0.
void ck_softmax(float *x, size_t n);

/// Rounds to nearest even; too large becomes infinite.
void ck_f32_to_f16(const float *in, uint16_t *out, size_t n);

/// Sum of a[i] * b[i].
float ck_dot(const float *a, const float *b, size_t n);

/// Index of the largest element, the first of equals; NaNs are passed over; 0 if there is nothing else.
size_t ck_argmax(const float *x, size_t n);

/// Attention of `group` query heads that share one key-value head, over some cached positions of a sequence,
/// [0, count): sum_p exp(s_p - largest) * value_p of each head, where s_p = softcap(scale * dot(query, key_p)).
/// ck_attend_merge makes of such parts, which may be computed by different threads, the attention over all of them.
void ck_attend(ck_type kv_type,      // CK_F32 or CK_F16
               const float *queries, // [group, head_dim]
               size_t group,
               const void *keys,   // [count, head_dim], kv_stride elements from one position to the next
               const void *values, // [count, head_dim], as keys
               size_t kv_stride, size_t count, size_t head_dim, float scale,
               float cap,    // scores are soft-capped if it is above 0
               float *part); // [group, head_dim + 2]: a head's sums, its largest score, the sum of its powers

/// Floats of a part.
size_t ck_attend_floats(size_t group, size_t head_dim);

/// out_g = sum_p softmax_p(s_p) * value_p over the positions of `count` parts, which lie one after the other.
void ck_attend_merge(const float *parts, size_t count, size_t group, size_t head_dim,
                     float *out); // [group, head_dim]; zeros if there are no positions

/// What ck_attend_block does: causal attention of `tokens` tokens of one sequence, for the `group` query heads that
/// share a key-value head. The token at index t is at position + t and sees the `window` positions that end with it.
typedef struct ck_attention {
    ck_type kv_type;      // CK_F32 or CK_F16
    const float *queries; // [tokens, group, head_dim], query_stride elements from one token to the next
    size_t query_stride;
    size_t tokens, group;
    const void *keys;   // [position + tokens, head_dim], kv_stride elements from one position to the next
    const void *values; // as keys
    size_t kv_stride;
    size_t position;
    size_t window; // 0: all positions up to its own
    size_t head_dim;
    float scale, cap; // as in ck_attend
    float *out;       // [tokens, group, head_dim], out_stride elements from one token to the next
    size_t out_stride;
} ck_attention;

/// As ck_attend for each token, in one pass over the cache for all of them.
void ck_attend_block(const ck_attention *attention,
                     float *scratch); // [ck_attend_block_floats(attention)]

/// Floats of scratch that ck_attend_block needs; more tokens, heads or positions never need less.
size_t ck_attend_block_floats(const ck_attention *attention);

/// Chooses the form of all kernels for the calling thread: "scalar", "avx2", "avx512", or NULL for the best
/// here, as without a call. For tests only. Returns the name of what is now in force, or NULL (and changes
/// nothing) if this CPU does not have it.
const char *ck_select(const char *name);

/// Reads all of the memory but less than 256 bytes at its end, as fast as it goes; returns the bits' parity, so that
/// nothing is left out. For measuring bandwidth.
uint64_t ck_read_all(const void *memory, size_t bytes);

/// Multiplies bytes and sums up the products, in registers where the CPU has instructions for it, as fast as it goes;
/// returns how many products that were. For measuring the most that a product of matrices can reach.
uint64_t ck_multiply_bytes(size_t rounds, int32_t *out); // out: the sum, so that nothing is left out

/// A fork-join pool of threads. Its workers spin for some 40 microseconds after their last work and then
/// sleep.
typedef struct ck_pool ck_pool;

/// Starts `threads - 1` workers; the caller of ck_pool_run is the thread with number 0. With 0 or 1 there are
/// none. NULL if memory or threads cannot be had.
ck_pool *ck_pool_create(size_t threads);

/// Calls `work` once on each thread, with its number and their count, and returns when all have returned.
/// Never to be called from two threads at once, nor from `work`.
void ck_pool_run(ck_pool *pool, void (*work)(void *context, size_t thread, size_t threads), void *context);

/// How many threads take part in a run; at least 1.
size_t ck_pool_threads(const ck_pool *pool);

/// Ends the workers and frees the pool. NULL is allowed.
void ck_pool_destroy(ck_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
