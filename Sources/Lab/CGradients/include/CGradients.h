// The arithmetic on rows that training needs beyond that of inference: backward forms, and dropout. Called by
// `Training` only.
//
// Nothing here allocates, does I/O or reports errors: whoever calls has checked the shapes. Every function has a
// portable form and, on x86-64, AVX2 and AVX-512 forms of the same loops, chosen at the first call by what the CPU
// offers. Pointers need no alignment beyond that of their type. Functions are safe to call from several threads on
// disjoint outputs.

#ifndef CGRADIENTS_H
#define CGRADIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The gradient of y = x / sqrt(mean(x^2) + epsilon) * weight with respect to x. dx may be dy.
void cg_rmsnorm_backward(float *dx,           // [n]
                         const float *x,      // [n]
                         const float *weight, // [n]
                         const float *dy,     // [n]
                         size_t n, float epsilon,
                         bool adds); // whether the gradient is added to what stands in dx

/// The gradients of y = gelu_tanh(gate) * up. dgate may be gate, dup may be up.
void cg_geglu_backward(float *dgate,      // [n]
                       float *dup,        // [n]
                       const float *gate, // [n]
                       const float *up,   // [n]
                       const float *dy,   // [n]
                       size_t n);

/// x = exp(x - max(x)) / sum. Returns the logarithm of the sum of exp(x).
float cg_softmax(float *x, // [n], n > 0
                 size_t n);

/// x = exp(x - shift): the softmax again, with the logarithm that cg_softmax returned.
void cg_softmax_again(float *x, size_t n, float shift);

/// dp = p * (dp - delta), the gradient of a softmax; delta is the sum of p * dp.
void cg_softmax_backward(float *dp, const float *p, size_t n, float delta);

/// dx *= 1 - (y / cap)^2, the gradient of y = cap * tanh(x / cap).
void cg_softcap_backward(float *dx, const float *y, size_t n, float cap);

/// y = x * scale where a hash of key and index is at least `threshold`, else 0; y may be x. The same bits on every CPU.
void cg_dropout(float *y, const float *x, size_t n, uint64_t key,
                uint32_t threshold, // 2^32 times the share that is dropped
                float scale);

/// One step of AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization". All vectors are [n].
void cg_adamw(float *weights, const float *gradient, float *first, float *second, size_t n,
              float gradient_scale, // the gradient is multiplied by it, for clipping
              float beta1, float beta2,
              float step_size, // learning rate / (1 - beta1^t)
              float correction, // 1 / sqrt(1 - beta2^t)
              float epsilon,
              float keep); // 1 - learning rate * weight decay

/// Sum of x^2 in double precision.
double cg_square_sum(const float *x, size_t n);

/// Whether this CPU multiplies pairs of bfloat16 numbers; without it, the functions below must not be called.
bool cg_bf16_is_available(void);

/// Bytes of a matrix packed for cg_bf16_multiply.
size_t cg_bf16_packed_bytes(size_t rows, size_t columns);

/// Rounds some rows of a matrix to bfloat16 and puts them where cg_bf16_multiply looks for them.
/// The whole of `packed` has to be zero before the first call.
void cg_bf16_pack(uint16_t *packed,  // cg_bf16_packed_bytes(all rows, columns)
                  const float *rows, // [count, columns], one after the other
                  size_t first,      // number of the first of these rows
                  size_t count, size_t columns);

/// The same, for the transposed matrix: `rows` are its columns.
void cg_bf16_pack_transposed(uint16_t *packed,  // cg_bf16_packed_bytes(row_length, all columns)
                             const float *rows, // [count, row_length]
                             size_t first,      // number of the first of these columns
                             size_t count, size_t row_length,
                             size_t columns); // all columns of the packed matrix

/// y[t, r] = dot(x[t], row r of the packed matrix), of x rounded to bfloat16, with sums in f32.
void cg_bf16_multiply(float *y, // [count, rows], y_stride from one to the next
                      size_t y_stride,
                      const float *x, // [count, columns], x_stride from one to the next
                      size_t x_stride, size_t count,
                      const uint16_t *packed, // at the first of the columns, see cg_bf16_offset
                      size_t rows,
                      size_t columns,     // an even number, or all that are left
                      size_t all_columns, // of the packed matrix
                      void *scratch);     // cg_bf16_scratch_bytes() bytes

/// Where a part of a packed matrix begins, in elements of it: from a row that is a multiple of 32 on, and a column that
/// is a multiple of 2.
size_t cg_bf16_offset(size_t row, size_t column, size_t all_columns);

/// Bytes that cg_bf16_multiply needs for itself.
size_t cg_bf16_scratch_bytes(void);

#endif
