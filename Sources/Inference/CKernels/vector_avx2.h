// A vector of eight floats, which the files that avx2.c includes after this one are written in terms of.

#ifndef CK_VECTOR_AVX2_H
#define CK_VECTOR_AVX2_H

#include "blocks.h"

#include <immintrin.h>

#define LANES 8

typedef __m256 vec;

CK_INLINE vec v_set1(float x) { return _mm256_set1_ps(x); }
CK_INLINE vec v_load(const void *at) { return _mm256_loadu_ps((const float *)at); }
CK_INLINE void v_store(float *at, vec x) { _mm256_storeu_ps(at, x); }
CK_INLINE vec v_add(vec a, vec b) { return _mm256_add_ps(a, b); }
CK_INLINE vec v_sub(vec a, vec b) { return _mm256_sub_ps(a, b); }
CK_INLINE vec v_mul(vec a, vec b) { return _mm256_mul_ps(a, b); }
CK_INLINE vec v_div(vec a, vec b) { return _mm256_div_ps(a, b); }
CK_INLINE vec v_fma(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
CK_INLINE vec v_round(vec a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

// The larger of both; if one is NaN, b.
CK_INLINE vec v_max(vec a, vec b) { return _mm256_max_ps(a, b); }
CK_INLINE vec v_min(vec a, vec b) { return _mm256_min_ps(a, b); }

CK_INLINE vec v_absolute(vec a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

// a with the sign of b; a must not be negative.
CK_INLINE vec v_with_sign(vec a, vec b) { return _mm256_or_ps(a, _mm256_and_ps(_mm256_set1_ps(-0.0f), b)); }

// a < b ? yes : no
CK_INLINE vec v_where_less(vec a, vec b, vec yes, vec no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

// A mask with one bit set for each lane in which a equals b.
CK_INLINE uint32_t v_equal(vec a, vec b) {
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ));
}

// a * 2^n for whole n in -126...127.
CK_INLINE vec v_scale_exponent(vec a, vec n) {
    __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(a, _mm256_castsi256_ps(bits));
}

CK_INLINE float v_sum(vec a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

CK_INLINE float v_largest(vec a) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

CK_INLINE vec v_load_f16(const void *at) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)at)); }

// One half in all lanes. It is broadcast before it is converted: with _cvtsh_ss the compiler inserts it into some
// register, and if that holds a sum, each block waits for the last one (which halved the speed of q8_0).
CK_INLINE vec v_set1_half(uint16_t half) { return _mm256_cvtph_ps(_mm_set1_epi16((short)half)); }

CK_INLINE void v_store_f16(uint16_t *at, vec x) {
    _mm_storeu_si128((__m128i *)at, _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}

CK_INLINE vec v_load_bf16(const void *at) {
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)at));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}

CK_INLINE __m256i v_part(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

// Loads the first n < LANES elements; the other lanes are 0.
CK_INLINE vec v_load_part(const void *at, size_t n) { return _mm256_maskload_ps((const float *)at,
                                                                                v_part(n)); }
CK_INLINE void v_store_part(float *at, vec x, size_t n) { _mm256_maskstore_ps(at, v_part(n), x); }

CK_INLINE vec v_load_f16_part(const void *at, size_t n) {
    uint16_t whole[8] = {0};
    memcpy(whole, at, 2 * n);
    return v_load_f16(whole);
}

CK_INLINE vec v_load_bf16_part(const void *at, size_t n) {
    uint16_t whole[8] = {0};
    memcpy(whole, at, 2 * n);
    return v_load_bf16(whole);
}

CK_INLINE void v_store_f16_part(uint16_t *at, vec x, size_t n) {
    uint16_t whole[8];
    v_store_f16(whole, x);
    memcpy(at, whole, 2 * n);
}

// Makes lane k of row j lane j of row k: exchanges single lanes, then pairs, then the halves of the registers.
CK_INLINE void v_transpose(vec rows[8]) {
    __m256d twos[8];
    for (size_t k = 0; k < 8; k += 2) {
        twos[k] = _mm256_castps_pd(_mm256_unpacklo_ps(rows[k], rows[k + 1]));
        twos[k + 1] = _mm256_castps_pd(_mm256_unpackhi_ps(rows[k], rows[k + 1]));
    }
    vec fours[8];
    for (size_t k = 0; k < 8; k += 4) {
        fours[k] = _mm256_castpd_ps(_mm256_unpacklo_pd(twos[k], twos[k + 2]));
        fours[k + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(twos[k], twos[k + 2]));
        fours[k + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(twos[k + 1], twos[k + 3]));
        fours[k + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(twos[k + 1], twos[k + 3]));
    }
    for (size_t k = 0; k < 4; k++) {
        rows[k] = _mm256_permute2f128_ps(fours[k], fours[k + 4], 0x20);
        rows[k + 4] = _mm256_permute2f128_ps(fours[k], fours[k + 4], 0x31);
    }
}

// Converts 32 signed bytes to floats.
CK_INLINE void v_from_bytes(__m256i bytes, vec out[4]) {
    __m128i low = _mm256_castsi256_si128(bytes), high = _mm256_extracti128_si256(bytes, 1);
    out[0] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(low));
    out[1] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(low, 8)));
    out[2] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(high));
    out[3] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(high, 8)));
}

// 0xff in each byte whose bit is set.
CK_INLINE __m256i v_bytes_from_bits(uint32_t bits) {
    const __m256i which = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
    __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), which);
    return _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
}

#endif
