// The arithmetic of the inference engine: products with rows of weights, operations on vectors of activations,
// attention over a key-value cache, and the thread pool that runs them. Called by `Weights`, `Gemma` and `Training`.
//
// Except for ck_pool_create, nothing here allocates memory, does I/O or reports errors; the caller must have checked
// the shapes. Every kernel has a portable form; those that matter for speed also have others: AVX2 and AVX-512 on
// x86-64; NEON, alone or with the dot product or matrix instructions for bytes, on arm64. The first call chooses the
// best one that the CPU supports. Pointers need no alignment beyond that of their type; `void *` pointers need none at
// all. All data is little-endian. Several threads may call functions at the same time as long as their outputs do not
// overlap.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How the elements of a row are stored; the numbers are ggml's type ids, as used in GGUF files.
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

/// The number of elements in a block: 1, 32 or 256; 0 if the type is not one of the above.
size_t ck_block_elements(ck_type type);

/// The number of bytes in a row of `columns` elements; 0 if the row is not a whole number of blocks.
size_t ck_row_bytes(ck_type type, size_t columns);

/// Unpacks one row to floats; the result is bit for bit the same on every CPU.
void ck_dequantize(ck_type type,
                   const void *row, // ck_row_bytes(type, columns) bytes
                   float *out,      // [columns]
                   size_t columns);

/// y[j * y_stride + r] = dot(row r, x_j), with f32 activations and f32 accumulation.
/// Each row is unpacked once for every eight vectors of x.
void ck_gemv(ck_type type,
             const void *rows, // [row_count, columns], rows packed one after the other
             size_t row_count, size_t columns,
             const float *x, // [x_count, columns], x_stride elements from one to the next
             size_t x_count, size_t x_stride,
             float *y, // [x_count, row_count], y_stride elements from one to the next
             size_t y_stride);

/// y_j[i] += the sum over k of factors_j[k] * rows[k][i]. Each y_j is bit for bit the same however many y there are.
void ck_add_combination(ck_type type,     // CK_F32 or CK_F16
                        const void *rows, // [row_count, columns], row_stride elements from one to the next
                        size_t row_stride, size_t row_count, size_t columns,
                        const float *factors, // [y_count, row_count], factor_stride elements from one to the next
                        size_t factor_stride,
                        float *y, // [y_count, columns], y_stride elements from one to the next
                        size_t y_count, size_t y_stride);

/// The formats of tiles: 16 rows of weights each, repacked for integer arithmetic.
typedef enum ck_tile_format {
    CK_TILE_NONE = 0, // the type has no integer form
    CK_TILE_8 = 1,    // 8 bits, a scale for every 32 columns: Q8_0, Q5_0
    CK_TILE_6X2 = 2,  // 6 bits, a scale for every 16 columns: Q6_K
    CK_TILE_8M = 3,   // 8 bits, a scale and a minimum for every 32 columns: Q5_K
    CK_TILE_4 = 4,    // 4 bits, a scale for every 32 columns: Q4_0
    CK_TILE_4M = 5,   // 4 bits, a scale and a minimum for every 32 columns: Q4_K
} ck_tile_format;

/// The number of rows in a tile.
enum { CK_TILE_ROWS = 16 };

/// The format in which rows of this type are packed.
ck_tile_format ck_tile_format_of(ck_type type);

/// The number of bytes in a tile; 0 if the format is CK_TILE_NONE or `columns` is not a multiple of 32.
size_t ck_tile_bytes(ck_tile_format format, size_t columns);

/// Packs rows into one tile of ck_tile_format_of(type). The only loss is that scales and minima that are products of
/// two numbers are rounded to f16 (and that -128 becomes -127 in Q8_0, where no quantiser writes it).
void ck_tile_pack(ck_type type,
                  const void *rows, // [row_count, columns], rows packed one after the other
                  size_t row_count, // 1...16; missing rows become zeros
                  size_t columns,   // a multiple of 32
                  void *tile);      // ck_tile_bytes(format, columns) bytes

/// The number of bytes that `count` quantised activation vectors take.
size_t ck_quantized_bytes(size_t columns, size_t count);

/// Rounds activations to 8 bits, with a scale of max(|x|) / 127 for every 32 columns of each vector.
void ck_quantize(const float *x, // [count, columns], x_stride elements from one to the next
                 size_t count, size_t x_stride,
                 size_t columns, // a multiple of 32
                 void *out);     // ck_quantized_bytes(columns, count) bytes

/// y[j * y_stride + r] = dot(row r, x_j), summed in integers within groups of 32 columns and in f32 over the groups.
/// The result is bit for bit the same on every CPU.
void ck_tile_multiply(ck_tile_format format,
                      const void *tiles, // tiles one after the other, for row_count rows
                      size_t row_count, size_t columns,
                      const void *quantized, // by ck_quantize
                      size_t x_count,
                      float *y, // [x_count, row_count], y_stride elements from one to the next
                      size_t y_stride);

/// y = x / sqrt(mean(x^2) + epsilon) * (weight_offset + weight); y may be the same memory as x.
void ck_rmsnorm(float *y,            // [n]
                const float *x,      // [n]
                const float *weight, // [n], or NULL for no weight
                size_t n, float epsilon,
                float weight_offset); // 1 for weights as Hugging Face stores Gemma's, 0 for GGUF

/// Rotates each head's pairs (i, i + head_dim / 2) by the given angles: the half-split (NeoX) form of RoPE.
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

/// x = exp(x - max(x)) / sum. As in the formula, an element of +inf or NaN makes the result NaN; -inf gives 0.
void ck_softmax(float *x, size_t n);

/// Rounds to the nearest f16, ties to even; numbers that are too large become infinite.
void ck_f32_to_f16(const float *in, uint16_t *out, size_t n);

/// The sum of a[i] * b[i] over all i.
float ck_dot(const float *a, const float *b, size_t n);

/// The index of the largest element, the first one if several are equal. NaNs are ignored; 0 if all are NaN.
size_t ck_argmax(const float *x, size_t n);

/// Partial attention of the `group` query heads that share one key-value head, over `count` cached positions of a
/// sequence: for each head sum_p exp(s_p - largest) * value_p, where s_p = softcap(scale * dot(query, key_p)).
/// ck_attend_merge combines such parts, which different threads may compute, into the attention over all positions.
void ck_attend(ck_type kv_type,      // CK_F32 or CK_F16
               const float *queries, // [group, head_dim]
               size_t group,
               const void *keys,   // [count, head_dim], kv_stride elements from one position to the next
               const void *values, // [count, head_dim], as keys
               size_t kv_stride, size_t count, size_t head_dim, float scale,
               float cap,    // soft cap of the scores; 0 for none
               float *part); // [group, head_dim + 2]: a head's weighted sums, its largest score, the sum of its weights

/// The number of floats in a part.
size_t ck_attend_floats(size_t group, size_t head_dim);

/// out_g = sum_p softmax_p(s_p) * value_p over the positions of all `count` parts, which are stored consecutively.
void ck_attend_merge(const float *parts, size_t count, size_t group, size_t head_dim,
                     float *out); // [group, head_dim]; zeros if there are no positions

/// The arguments of ck_attend_block: causal attention of `tokens` tokens of one sequence, for the `group` query heads
/// that share a key-value head. Token t is at position + t and sees the `window` positions that end with its own.
typedef struct ck_attention {
    ck_type kv_type;      // CK_F32 or CK_F16
    const float *queries; // [tokens, group, head_dim], query_stride elements from one token to the next
    size_t query_stride;
    size_t tokens, group;
    const void *keys;   // [position + tokens, head_dim], kv_stride elements from one position to the next
    const void *values; // as keys
    size_t kv_stride;
    size_t position;
    size_t window; // 0: a token sees all positions up to its own
    size_t head_dim;
    float scale, cap; // as in ck_attend
    float *out;       // [tokens, group, head_dim], out_stride elements from one token to the next
    size_t out_stride;
} ck_attention;

/// Computes the attention of all tokens in one pass over the cache.
void ck_attend_block(const ck_attention *attention,
                     float *scratch); // [ck_attend_block_floats(attention)]

/// The number of floats that ck_attend_block needs as scratch memory. It never falls if tokens, heads or dimensions
/// are added.
size_t ck_attend_block_floats(const ck_attention *attention);

/// Makes the calling thread use one form of all kernels: "scalar"; "avx2", "avx512"; "neon", "dotprod", "i8mm"; or NULL
/// for the best that the CPU supports, which is the default. For tests only. Returns the name of the form that is now
/// in use, or NULL, without any change, if this CPU does not support it.
const char *ck_select(const char *name);

/// Reads the memory as fast as possible, for measuring bandwidth; up to 255 bytes at its end are left out. Returns the
/// XOR of all words, so that the compiler cannot drop the reads.
uint64_t ck_read_all(const void *memory, size_t bytes);

/// Multiplies bytes and adds up the products as fast as possible, in registers where the CPU has instructions for it.
/// Returns how many products that were. For measuring the upper limit of a matrix product's speed.
uint64_t ck_multiply_bytes(size_t rounds, int32_t *out); // out: the sum, so that the compiler cannot drop the work

/// A fork-join pool of threads. Its workers spin for about 40 microseconds after their last work, then sleep.
typedef struct ck_pool ck_pool;

/// Starts `threads - 1` workers, or none if `threads` is 0 or 1; the caller of ck_pool_run is thread number 0.
/// Returns NULL if there is not enough memory, if threads cannot be started, or if more than 1024 are asked for.
ck_pool *ck_pool_create(size_t threads);

/// Calls `work` once on each thread, with the thread's number and their count, and returns when all calls have
/// returned. It must not be called from two threads at once, nor from within `work`.
void ck_pool_run(ck_pool *pool, void (*work)(void *context, size_t thread, size_t threads), void *context);

/// The number of threads that take part in a run, the caller included; at least 1.
size_t ck_pool_threads(const ck_pool *pool);

/// Ends the workers and frees the pool, which may be NULL.
void ck_pool_destroy(ck_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
