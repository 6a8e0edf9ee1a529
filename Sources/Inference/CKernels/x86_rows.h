// Unpacking of and products with rows of weights on x86, in terms of the vector type of vector_avx2.h or
// vector_avx512.h. Each format has one function that prepares a block (its scales) and one that unpacks a group of 32
// elements into registers; macros build dequantize and gemv from them. Unpacking rounds exactly as scalar.c does.

#ifndef CK_X86_ROWS_H
#define CK_X86_ROWS_H

#define VECTORS (32 / LANES) // vectors in a group
#define UNROLL _Pragma("clang loop unroll(full)")

// What is prepared to unpack a block of 256: a weight is step[i] * q - base[i].
typedef struct {
    float step[16];
    float base[8];
} ck_scales;

CK_INLINE __m256i low_halves(__m256i bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi8(15)); }

CK_INLINE __m256i high_halves(__m256i bytes) { return low_halves(_mm256_srli_epi16(bytes, 4)); }

// Expands 16 bytes to 32 values: the low halves of all bytes, then the high halves.
CK_INLINE __m256i halves_of_16(const uint8_t *at) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)at);
    return low_halves(_mm256_set_m128i(_mm_srli_epi16(bytes, 4), bytes));
}

CK_INLINE __m256i load_bytes(const void *at) { return _mm256_loadu_si256((const __m256i *)at); }

// w = values * step
CK_INLINE void spread(__m256i values, vec step, vec w[VECTORS]) {
    v_from_bytes(values, w);
    UNROLL for (size_t v = 0; v < VECTORS; v++) w[v] = v_mul(w[v], step);
}

// w = values * step - base
CK_INLINE void spread_from(__m256i values, vec step, vec base, vec w[VECTORS]) {
    spread(values, step, w);
    UNROLL for (size_t v = 0; v < VECTORS; v++) w[v] = v_sub(w[v], base);
}

// MARK: Blocks of 32

#define prepare_q4_0(BLOCK, SCALES) ((void)(SCALES))
#define prepare_q5_0(BLOCK, SCALES) ((void)(SCALES))
#define prepare_q8_0(BLOCK, SCALES) ((void)(SCALES))

CK_INLINE void unpack_q4_0(const ck_block_q4_0 *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    (void)s, (void)g;
#if LANES == 16
    // A block can hold only sixteen different floats, so compute these once and look them up.
    vec table = v_mul(v_from_0_to_15(-8), v_set1_half(block->d));
    __m512i index = v_index(block->qs);
    w[0] = v_look_up(table, index);
    w[1] = v_look_up(table, _mm512_srli_epi32(index, 4));
#else
    spread(_mm256_sub_epi8(halves_of_16(block->qs), _mm256_set1_epi8(8)), v_set1_half(block->d), w);
#endif
}

CK_INLINE void unpack_q5_0(const ck_block_q5_0 *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    (void)s, (void)g;
    uint32_t high;
    memcpy(&high, block->qh, sizeof high);
    // Subtracting 16 leaves the low four bits as they are where the fifth bit is set; elsewhere it sets all upper bits.
    __m256i upper = _mm256_andnot_si256(v_bytes_from_bits(high), _mm256_set1_epi8((char)0xf0));
    spread(_mm256_or_si256(halves_of_16(block->qs), upper), v_set1_half(block->d), w);
}

CK_INLINE void unpack_q8_0(const ck_block_q8_0 *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    (void)s, (void)g;
    spread(load_bytes(block->qs), v_set1_half(block->d), w);
}

// MARK: Blocks of 256

CK_INLINE __m256 set1_half_256(uint16_t half) { return _mm256_cvtph_ps(_mm_set1_epi16((short)half)); }

// Unpacks the eight scales and minima of a q4_K or q5_K block as ck_k_scale does, but four at a time.
CK_INLINE void prepare_k(uint16_t d, uint16_t dmin, const uint8_t scales[12], ck_scales *s) {
    uint32_t a, b, c;
    memcpy(&a, scales, 4);
    memcpy(&b, scales + 4, 4);
    memcpy(&c, scales + 8, 4);
    uint64_t steps = (a & 0x3f3f3f3fu) | (uint64_t)((c & 0x0f0f0f0fu) | (a >> 2 & 0x30303030u)) << 32;
    uint64_t bases = (b & 0x3f3f3f3fu) | (uint64_t)((c >> 4 & 0x0f0f0f0fu) | (b >> 2 & 0x30303030u)) << 32;
    __m256 step = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)steps)));
    __m256 base = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)bases)));
    _mm256_storeu_ps(s->step, _mm256_mul_ps(step, set1_half_256(d)));
    _mm256_storeu_ps(s->base, _mm256_mul_ps(base, set1_half_256(dmin)));
}

CK_INLINE __m256i k_halves(const uint8_t *qs, size_t g) {
    __m256i bytes = load_bytes(qs + 32 * (g / 2));
    return g & 1 ? high_halves(bytes) : low_halves(bytes);
}

CK_INLINE void prepare_q4_k(const ck_block_q4_k *block, ck_scales *s) {
    prepare_k(block->d, block->dmin, block->scales, s);
}

CK_INLINE void unpack_q4_k(const ck_block_q4_k *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
#if LANES == 16
    vec table = v_sub(v_mul(v_from_0_to_15(0), v_set1(s->step[g])), v_set1(s->base[g]));
    UNROLL for (size_t v = 0; v < 2; v++) {
        __m512i index = v_index(block->qs + 32 * (g / 2) + 16 * v);
        w[v] = v_look_up(table, g & 1 ? _mm512_srli_epi32(index, 4) : index);
    }
#else
    spread_from(k_halves(block->qs, g), v_set1(s->step[g]), v_set1(s->base[g]), w);
#endif
}

CK_INLINE void prepare_q5_k(const ck_block_q5_k *block, ck_scales *s) {
    prepare_k(block->d, block->dmin, block->scales, s);
}

CK_INLINE void unpack_q5_k(const ck_block_q5_k *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    // The shifts move bits across byte boundaries; the mask removes them.
    __m256i high = _mm256_srl_epi16(load_bytes(block->qh), _mm_cvtsi32_si128((int)g));
    high = _mm256_slli_epi16(_mm256_and_si256(high, _mm256_set1_epi8(1)), 4);
    __m256i values = _mm256_or_si256(k_halves(block->qs, g), high);
    spread_from(values, v_set1(s->step[g]), v_set1(s->base[g]), w);
}

CK_INLINE void prepare_q6_k(const ck_block_q6_k *block, ck_scales *s) {
    __m128i scales = _mm_loadu_si128((const __m128i *)block->scales);
    __m256 d = set1_half_256(block->d);
    __m256 low = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(scales));
    __m256 high = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(scales, 8)));
    _mm256_storeu_ps(s->step, _mm256_mul_ps(low, d));
    _mm256_storeu_ps(s->step + 8, _mm256_mul_ps(high, d));
}

CK_INLINE void unpack_q6_k(const ck_block_q6_k *block, const ck_scales *s, size_t group, vec w[VECTORS]) {
    size_t half = group / 4, g = group % 4;
    __m256i low = load_bytes(block->ql + 64 * half + 32 * (g & 1));
    low = g < 2 ? low_halves(low) : high_halves(low);
    __m256i high = _mm256_srl_epi16(load_bytes(block->qh + 32 * half), _mm_cvtsi32_si128(2 * (int)g));
    high = _mm256_slli_epi16(_mm256_and_si256(high, _mm256_set1_epi8(3)), 4);
    v_from_bytes(_mm256_sub_epi8(_mm256_or_si256(low, high), _mm256_set1_epi8(32)), w);
    UNROLL for (size_t v = 0; v < VECTORS; v++) {
        w[v] = v_mul(w[v], v_set1(s->step[2 * group + v * LANES / 16]));
    }
}

// MARK: Whole rows

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
