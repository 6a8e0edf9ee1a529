// Products with rows of weights, in terms of a vector type and of the functions of x86_blocks.h or neon_blocks.h, which
// prepare a block and unpack a group of 32 elements into registers. Macros build dequantize and gemv from them.

#ifndef CK_ROWS_H
#define CK_ROWS_H

// A pass multiplies ROWS(N) rows with N vectors of x and keeps SUMS(N) vectors of partial sums for each pair, few
// enough to leave registers for the weights. Two rows at a time halve the reads of x, which with many columns does not
// fit in the first-level cache.
#if LANES == 16
#define ROWS(N) ((N) >= 3 ? 2 : 1)
#define SUMS(N) ((N) >= 4 ? 1 : 2)
#else
#define ROWS(N) 1
#define SUMS(N) ((N) == 1 ? 4 : (N) == 2 ? 2 : 1)
#endif

enum { sums_limit = 16 };

CK_INLINE void clear_sums(const size_t count, vec sums[sums_limit]) {
    UNROLL for (size_t i = 0; i < count; i++) sums[i] = v_set1(0);
}

CK_INLINE void store_sums(const size_t n, const size_t m, const vec sums[sums_limit], float *y,
                          size_t y_stride) {
    UNROLL for (size_t k = 0; k < m; k++)
        UNROLL for (size_t j = 0; j < n; j++) {
            const vec *parts = sums + (k * n + j) * SUMS(n);
            vec sum = parts[0];
            UNROLL for (size_t i = 1; i < SUMS(n); i++) sum = v_add(sum, parts[i]);
            y[j * y_stride + k] = v_sum(sum);
        }
}

// Adds the products of one group of 32 elements of m rows with n vectors of x.
CK_INLINE void multiply_group(const size_t n, const size_t m, vec w[2][VECTORS], const float *x,
                              size_t x_stride,
                              vec sums[sums_limit]) {
    UNROLL for (size_t j = 0; j < n; j++)
        UNROLL for (size_t v = 0; v < VECTORS; v++) {
            vec part = v_load(x + j * x_stride + v * LANES);
            UNROLL for (size_t k = 0; k < m; k++) {
                vec *sum = &sums[(k * n + j) * SUMS(n) + v % SUMS(n)];
                *sum = v_fma(w[k][v], part, *sum);
            }
        }
}

// Defines for a format `dequantize_NAME`, and `rows_NAME`, which multiplies m rows with n vectors of x.
#define BLOCK_FORMAT(NAME, GROUPS)                                                                           \
    static void dequantize_##NAME(const void *row, float *out, size_t columns) {                             \
        const ck_block_##NAME *block = row, *end = block + columns / (32 * GROUPS);                          \
        for (; block < end; block++) {                                                                       \
            ck_scales s;                                                                                     \
            prepare_##NAME(block, &s);                                                                       \
            UNROLL for (size_t g = 0; g < GROUPS; g++, out += 32) {                                          \
                vec w[VECTORS];                                                                              \
                unpack_##NAME(block, &s, g, w);                                                              \
                UNROLL for (size_t v = 0; v < VECTORS; v++) v_store(out + v * LANES, w[v]);                  \
            }                                                                                                \
        }                                                                                                    \
    }                                                                                                        \
                                                                                                             \
    CK_INLINE void rows_##NAME(const size_t n, const size_t m, const uint8_t *rows, size_t columns,          \
                               const float *x, size_t x_stride, float *y, size_t y_stride) {                 \
        const ck_block_##NAME *block = (const ck_block_##NAME *)rows;                                        \
        size_t blocks = columns / (32 * GROUPS);                                                             \
        vec sums[sums_limit];                                                                                \
        clear_sums(n * m * SUMS(n), sums);                                                                   \
        for (const float *at = x, *end = x + columns; at < end; at += 32 * GROUPS, block++) {                \
            ck_scales s[2];                                                                                  \
            UNROLL for (size_t k = 0; k < m; k++) prepare_##NAME(block + k * blocks, &s[k]);                 \
            UNROLL for (size_t g = 0; g < GROUPS; g++) {                                                     \
                vec w[2][VECTORS];                                                                           \
                UNROLL for (size_t k = 0; k < m; k++) unpack_##NAME(block + k * blocks, &s[k], g, w[k]);     \
                multiply_group(n, m, w, at + 32 * g, x_stride, sums);                                        \
            }                                                                                                \
        }                                                                                                    \
        store_sums(n, m, sums, y, y_stride);                                                                 \
    }                                                                                                        \
    GEMV(NAME)

#define FLOAT_FORMAT(NAME, SIZE, LOAD, LOAD_PART)                                                            \
    static void dequantize_##NAME(const void *row, float *out, size_t columns) {                             \
        const uint8_t *at = row;                                                                             \
        size_t i = 0;                                                                                        \
        for (; i + LANES <= columns; i += LANES) v_store(out + i, LOAD(at + SIZE * i));                      \
        if (i < columns) v_store_part(out + i, LOAD_PART(at + SIZE * i, columns - i), columns - i);          \
    }                                                                                                        \
                                                                                                             \
    CK_INLINE void rows_##NAME(const size_t n, const size_t m, const uint8_t *rows, size_t columns,          \
                               const float *x, size_t x_stride, float *y, size_t y_stride) {                 \
        vec sums[sums_limit];                                                                                \
        clear_sums(n * m * SUMS(n), sums);                                                                   \
        size_t i = 0;                                                                                        \
        for (; i + 32 <= columns; i += 32) {                                                                 \
            vec w[2][VECTORS];                                                                               \
            UNROLL for (size_t k = 0; k < m; k++)                                                            \
                UNROLL for (size_t v = 0; v < VECTORS; v++)                                                  \
                    w[k][v] = LOAD(rows + SIZE * (k * columns + i + v * LANES));                             \
            multiply_group(n, m, w, x + i, x_stride, sums);                                                  \
        }                                                                                                    \
        for (; i < columns; i += LANES) {                                                                    \
            size_t part = columns - i < LANES ? columns - i : LANES;                                         \
            UNROLL for (size_t k = 0; k < m; k++) {                                                          \
                const uint8_t *at = rows + SIZE * (k * columns + i);                                         \
                vec w = part == LANES ? LOAD(at) : LOAD_PART(at, part);                                      \
                UNROLL for (size_t j = 0; j < n; j++) {                                                      \
                    const float *xj = x + j * x_stride + i;                                                  \
                    vec *sum = &sums[(k * n + j) * SUMS(n)];                                                 \
                    *sum = v_fma(w, part == LANES ? v_load(xj) : v_load_part(xj, part), *sum);               \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
        store_sums(n, m, sums, y, y_stride);                                                                 \
    }                                                                                                        \
    GEMV(NAME)

// One copy of the loop for each count of vectors, so that the sums stay in registers.
#define GEMV_CASE(NAME, N)                                                                                   \
    case N:                                                                                                  \
        for (; r + ROWS(N) <= row_count; r += ROWS(N))                                                       \
            rows_##NAME(N, ROWS(N), at + r * row_bytes, columns, x, x_stride, y + r, y_stride);              \
        if (ROWS(N) > 1 && r < row_count)                                                                    \
            rows_##NAME(N, 1, at + r * row_bytes, columns, x, x_stride, y + r, y_stride);                    \
        return;

#define GEMV(NAME)                                                                                           \
    static void gemv_##NAME(const uint8_t *at, size_t row_bytes, size_t row_count, size_t columns,           \
                            const float *x, size_t x_count, size_t x_stride, float *y, size_t y_stride) {    \
        size_t r = 0;                                                                                        \
        switch (x_count) {                                                                                   \
            GEMV_CASE(NAME, 1) GEMV_CASE(NAME, 2) GEMV_CASE(NAME, 3) GEMV_CASE(NAME, 4)                      \
            GEMV_CASE(NAME, 5) GEMV_CASE(NAME, 6) GEMV_CASE(NAME, 7) GEMV_CASE(NAME, 8)                      \
        }                                                                                                    \
    }

FLOAT_FORMAT(f32, 4, v_load, v_load_part)
FLOAT_FORMAT(f16, 2, v_load_f16, v_load_f16_part)
FLOAT_FORMAT(bf16, 2, v_load_bf16, v_load_bf16_part)
BLOCK_FORMAT(q4_0, 1)
BLOCK_FORMAT(q5_0, 1)
BLOCK_FORMAT(q8_0, 1)
BLOCK_FORMAT(q4_k, 8)
BLOCK_FORMAT(q5_k, 8)
BLOCK_FORMAT(q6_k, 8)

#define EACH_FORMAT(CASE)                                                                                    \
    CASE(CK_F32, f32) CASE(CK_F16, f16) CASE(CK_BF16, bf16) CASE(CK_Q4_0, q4_0) CASE(CK_Q5_0, q5_0)          \
    CASE(CK_Q8_0, q8_0) CASE(CK_Q4_K, q4_k) CASE(CK_Q5_K, q5_k) CASE(CK_Q6_K, q6_k)

static void dequantize(ck_type type, const void *row, float *out, size_t columns) {
    switch (type) {
#define CASE(TYPE, NAME)                                                                                     \
    case TYPE: dequantize_##NAME(row, out, columns); return;
        EACH_FORMAT(CASE)
#undef CASE
    }
}

static void gemv(ck_type type, const void *rows, size_t row_count, size_t columns, const float *x,
                 size_t x_count, size_t x_stride, float *y, size_t y_stride) {
    size_t row_bytes = ck_row_bytes(type, columns);
    switch (type) {
#define CASE(TYPE, NAME)                                                                                     \
    case TYPE: gemv_##NAME(rows, row_bytes, row_count, columns, x, x_count, x_stride, y, y_stride); return;
        EACH_FORMAT(CASE)
#undef CASE
    }
}

#endif
