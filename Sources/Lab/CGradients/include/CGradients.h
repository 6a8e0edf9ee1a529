// The arithmetic that training needs in addition to that of inference: backward forms, dropout, AdamW and products in
// bfloat16. Called only by `Training`.
//
// Nothing here allocates memory, does I/O or reports errors; the caller must have checked the shapes. Every function on
// rows has a portable form; on x86-64 the same loops are also compiled for AVX2 and AVX-512, and the first call chooses
// the best form that the CPU supports. Pointers need no alignment beyond that of their type. Several threads may call
// functions at the same time as long as their outputs do not overlap.

#ifndef CGRADIENTS_H
#define CGRADIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The gradient of y = x / sqrt(mean(x^2) + epsilon) * weight with respect to x. dx may be the same memory as dy.
void cg_rmsnorm_backward(float *dx,           // [n]
                         const float *x,      // [n]
                         const float *weight, // [n]
                         const float *dy,     // [n]
                         size_t n, float epsilon,
                         bool adds); // whether the gradient is added to dx instead of replacing it

/// The gradients of y = gelu_tanh(gate) * up. dgate may be the same memory as gate, and dup as up.
void cg_geglu_backward(float *dgate,      // [n]
                       float *dup,        // [n]
                       const float *gate, // [n]
                       const float *up,   // [n]
                       const float *dy,   // [n]
                       size_t n);

/// x = exp(x - max(x)) / sum. Returns the logarithm of the sum of exp(x).
float cg_softmax(float *x, // [n], n > 0
                 size_t n);

/// x = exp(x - shift): computes the same softmax again, with the logarithm that cg_softmax returned as the shift.
void cg_softmax_again(float *x, size_t n, float shift);

/// dp = p * (dp - delta), the gradient of a softmax; delta is the sum of p * dp.
void cg_softmax_backward(float *dp, const float *p, size_t n, float delta);

/// dx *= 1 - (y / cap)^2, the gradient of y = cap * tanh(x / cap).
void cg_softcap_backward(float *dx, const float *y, size_t n, float cap);

/// y = x * scale where a hash of key and index is at least `threshold`, else 0. y may be the same memory as x. The
/// result is bit for bit the same on every CPU.
void cg_dropout(float *y, const float *x, size_t n, uint64_t key,
                uint32_t threshold, // 2^32 times the share that is dropped
                float scale);

/// One step of AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization". All vectors are [n].
void cg_adamw(float *weights, const float *gradient, float *first, float *second, size_t n,
              float gradient_scale, // the gradient is multiplied by this, for clipping
              float beta1, float beta2,
              float step_size, // learning rate / (1 - beta1^t)
              float correction, // 1 / sqrt(1 - beta2^t)
              float epsilon,
              float keep); // 1 - learning rate * weight decay

/// The sum of x^2 in double precision.
double cg_square_sum(const float *x, size_t n);

/// Whether this CPU has instructions for bfloat16; otherwise the functions below must not be called.
bool cg_bf16_is_available(void);

/// The number of bytes of a matrix packed for cg_bf16_multiply.
size_t cg_bf16_packed_bytes(size_t rows, size_t columns);

/// Rounds some rows of a matrix to bfloat16 and stores them in the order that cg_bf16_multiply needs.
/// All of `packed` must be zero before the first call.
void cg_bf16_pack(uint16_t *packed,  // cg_bf16_packed_bytes(all rows, columns)
                  const float *rows, // [count, columns], one after the other
                  size_t first,      // the index of the first of these rows
                  size_t count, size_t columns);

/// Does the same for the transposed matrix, of which `rows` are columns.
void cg_bf16_pack_transposed(uint16_t *packed,  // cg_bf16_packed_bytes(row_length, all columns)
                             const float *rows, // [count, row_length]
                             size_t first,      // the index of the first of these columns
                             size_t count, size_t row_length,
                             size_t columns); // all columns of the packed matrix

/// y[t, r] = dot(x[t], row r of the packed matrix), with x rounded to bfloat16 and sums in f32.
void cg_bf16_multiply(float *y, // [count, rows], y_stride from one to the next
                      size_t y_stride,
                      const float *x, // [count, columns], x_stride from one to the next
                      size_t x_stride, size_t count,
                      const uint16_t *packed, // at the first row and column to use, see cg_bf16_offset
                      size_t rows,
                      size_t columns,     // even, unless these are the last columns
                      size_t all_columns, // of the packed matrix
                      void *scratch);     // cg_bf16_scratch_bytes() bytes

/// The offset of a part of a packed matrix, in elements; the row must be a multiple of 32, the column of 2.
size_t cg_bf16_offset(size_t row, size_t column, size_t all_columns);

/// The number of bytes of scratch memory that cg_bf16_multiply needs.
size_t cg_bf16_scratch_bytes(void);

#endif
