// Adds up a few rows, each times a factor, as the second product of an adapter needs it. In terms of the vector type of
// vector_avx2.h, vector_avx512.h or vector_neon.h.

#ifndef CK_COMBINATION_H
#define CK_COMBINATION_H

// How many y are handled at once, and how many vectors of each are in registers at a time.
enum { combination_vectors = 4, combination_ys = 4 };

// Handles m vectors of n y at once; the sums run over the rows in order, so n and m do not affect the result.
#define COMBINATION(NAME, SIZE, LOAD, LOAD_PART)                                                             \
    CK_INLINE void combine_##NAME(const size_t n, const size_t m, const uint8_t *rows, size_t row_bytes,     \
                                  size_t row_count, const float *factors, size_t factor_stride, float *y,    \
                                  size_t y_stride) {                                                         \
        vec sums[combination_ys][combination_vectors];                                                       \
        UNROLL for (size_t j = 0; j < n; j++)                                                                \
            UNROLL for (size_t v = 0; v < m; v++) sums[j][v] = v_load(y + j * y_stride + v * LANES);         \
        for (size_t k = 0; k < row_count; k++) {                                                             \
            vec w[combination_vectors];                                                                      \
            UNROLL for (size_t v = 0; v < m; v++) w[v] = LOAD(rows + k * row_bytes + SIZE * v * LANES);      \
            UNROLL for (size_t j = 0; j < n; j++) {                                                          \
                vec factor = v_set1(factors[j * factor_stride + k]);                                         \
                UNROLL for (size_t v = 0; v < m; v++) sums[j][v] = v_fma(w[v], factor, sums[j][v]);          \
            }                                                                                                \
        }                                                                                                    \
        UNROLL for (size_t j = 0; j < n; j++)                                                                \
            UNROLL for (size_t v = 0; v < m; v++) v_store(y + j * y_stride + v * LANES, sums[j][v]);         \
    }                                                                                                        \
                                                                                                             \
    static void add_combination_##NAME(const uint8_t *rows, size_t row_bytes, size_t row_count,              \
                                       size_t columns, const float *factors, size_t factor_stride, float *y, \
                                       size_t y_count, size_t y_stride) {                                    \
        const size_t step = combination_vectors * LANES;                                                     \
        size_t i = 0;                                                                                        \
        for (; i + step <= columns; i += step) {                                                             \
            const uint8_t *at = rows + SIZE * i;                                                             \
            size_t j = 0;                                                                                    \
            for (; j + combination_ys <= y_count; j += combination_ys)                                       \
                combine_##NAME(combination_ys, combination_vectors, at, row_bytes, row_count,                \
                               factors + j * factor_stride, factor_stride, y + j * y_stride + i, y_stride);  \
            for (; j < y_count; j++)                                                                         \
                combine_##NAME(1, combination_vectors, at, row_bytes, row_count, factors + j * factor_stride, \
                               factor_stride, y + j * y_stride + i, y_stride);                               \
        }                                                                                                    \
        for (; i < columns; i += LANES) {                                                                    \
            size_t part = columns - i;                                                                       \
            for (size_t j = 0; j < y_count; j++) {                                                           \
                const float *f = factors + j * factor_stride;                                                \
                float *at = y + j * y_stride + i;                                                            \
                if (part >= LANES) {                                                                         \
                    combine_##NAME(1, 1, rows + SIZE * i, row_bytes, row_count, f, factor_stride, at,        \
                                   y_stride);                                                                \
                    continue;                                                                                \
                }                                                                                            \
                vec sum = v_load_part(at, part);                                                             \
                for (size_t k = 0; k < row_count; k++)                                                       \
                    sum = v_fma(LOAD_PART(rows + k * row_bytes + SIZE * i, part), v_set1(f[k]), sum);        \
                v_store_part(at, sum, part);                                                                 \
            }                                                                                                \
        }                                                                                                    \
    }

COMBINATION(f32, 4, v_load, v_load_part)
COMBINATION(f16, 2, v_load_f16, v_load_f16_part)

static void add_combination(ck_type type, const void *rows, size_t row_stride, size_t row_count,
                            size_t columns, const float *factors, size_t factor_stride, float *y,
                            size_t y_count, size_t y_stride) {
    if (type == CK_F32)
        add_combination_f32(rows, 4 * row_stride, row_count, columns, factors, factor_stride, y, y_count,
                            y_stride);
    else
        add_combination_f16(rows, 2 * row_stride, row_count, columns, factors, factor_stride, y, y_count,
                            y_stride);
}

#endif
