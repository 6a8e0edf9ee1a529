// A vector of sixteen floats, which the files that avx512.c includes after this one are written in terms of.

#ifndef CK_VECTOR_AVX512_H
#define CK_VECTOR_AVX512_H

#include "blocks.h"

#include <immintrin.h>

#define LANES 16

typedef __m512 vec;

CK_INLINE vec v_set1(float x) { return _mm512_set1_ps(x); }
CK_INLINE vec v_load(const void *at) { return _mm512_loadu_ps(at); }
CK_INLINE void v_store(float *at, vec x) { _mm512_storeu_ps(at, x); }
CK_INLINE vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
CK_INLINE vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
CK_INLINE vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
CK_INLINE vec v_div(vec a, vec b) { return _mm512_div_ps(a, b); }
CK_INLINE vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
CK_INLINE vec v_round(vec a) { return _mm512_roundscale_ps(a,
                                                           _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

// The larger of both; if one is NaN, b.
CK_INLINE vec v_max(vec a, vec b) { return _mm512_max_ps(a, b); }
CK_INLINE vec v_min(vec a, vec b) { return _mm512_min_ps(a, b); }

CK_INLINE vec v_absolute(vec a) { return _mm512_abs_ps(a); }

// a with the sign of b; a must not be negative.
CK_INLINE vec v_with_sign(vec a, vec b) {
    __m512i sign = _mm512_and_epi32(_mm512_castps_si512(b), _mm512_set1_epi32((int)0x80000000));
    return _mm512_castsi512_ps(_mm512_or_epi32(_mm512_castps_si512(a), sign));
}

// a < b ? yes : no
CK_INLINE vec v_where_less(vec a, vec b, vec yes, vec no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), no, yes);
}

// A mask with one bit set for each lane in which a equals b.
CK_INLINE uint32_t v_equal(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }

// a * 2^n for whole n in -126...127.
CK_INLINE vec v_scale_exponent(vec a, vec n) { return _mm512_scalef_ps(a, n); }

CK_INLINE float v_sum(vec a) { return _mm512_reduce_add_ps(a); }
CK_INLINE float v_largest(vec a) { return _mm512_reduce_max_ps(a); }

CK_INLINE vec v_load_f16(const void *at) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)at)); }

// One half in all lanes. It is broadcast before it is converted: with _cvtsh_ss the compiler inserts it into some
// register, and if that holds a sum, each block waits for the last one (which halved the speed of q8_0).
CK_INLINE vec v_set1_half(uint16_t half) { return _mm512_cvtph_ps(_mm256_set1_epi16((short)half)); }

CK_INLINE void v_store_f16(uint16_t *at, vec x) {
    _mm256_storeu_si256((__m256i *)at, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}

CK_INLINE vec v_widen_bf16(__m256i halves) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

CK_INLINE vec v_load_bf16(const void *at) { return v_widen_bf16(_mm256_loadu_si256((const __m256i *)at)); }

CK_INLINE __mmask16 v_part(size_t n) { return (__mmask16)((1u << n) - 1); }

// Loads the first n < LANES elements; the other lanes are 0.
CK_INLINE vec v_load_part(const void *at, size_t n) { return _mm512_maskz_loadu_ps(v_part(n), at); }
CK_INLINE void v_store_part(float *at, vec x, size_t n) { _mm512_mask_storeu_ps(at, v_part(n), x); }

CK_INLINE vec v_load_f16_part(const void *at, size_t n) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(v_part(n), at));
}

CK_INLINE vec v_load_bf16_part(const void *at, size_t n) {
    return v_widen_bf16(_mm256_maskz_loadu_epi16(v_part(n), at));
}

CK_INLINE void v_store_f16_part(uint16_t *at, vec x, size_t n) {
    _mm256_mask_storeu_epi16(at, v_part(n), _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}

// Makes lane k of row j lane j of row k: exchanges single lanes, then pairs, then the quarters of the registers.
CK_INLINE void v_transpose(vec rows[16]) {
    __m512d twos[16];
    for (size_t k = 0; k < 16; k += 2) {
        twos[k] = _mm512_castps_pd(_mm512_unpacklo_ps(rows[k], rows[k + 1]));
        twos[k + 1] = _mm512_castps_pd(_mm512_unpackhi_ps(rows[k], rows[k + 1]));
    }
    vec fours[16];
    for (size_t k = 0; k < 16; k += 4) {
        fours[k] = _mm512_castpd_ps(_mm512_unpacklo_pd(twos[k], twos[k + 2]));
        fours[k + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(twos[k], twos[k + 2]));
        fours[k + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(twos[k + 1], twos[k + 3]));
        fours[k + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(twos[k + 1], twos[k + 3]));
    }
    for (size_t k = 0; k < 4; k++) {
        vec even01 = _mm512_shuffle_f32x4(fours[k], fours[k + 4], 0x88);
        vec odd01 = _mm512_shuffle_f32x4(fours[k], fours[k + 4], 0xdd);
        vec even23 = _mm512_shuffle_f32x4(fours[k + 8], fours[k + 12], 0x88);
        vec odd23 = _mm512_shuffle_f32x4(fours[k + 8], fours[k + 12], 0xdd);
        rows[k] = _mm512_shuffle_f32x4(even01, even23, 0x88);
        rows[k + 4] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
        rows[k + 8] = _mm512_shuffle_f32x4(even01, even23, 0xdd);
        rows[k + 12] = _mm512_shuffle_f32x4(odd01, odd23, 0xdd);
    }
}

// Converts 32 signed bytes to floats.
CK_INLINE void v_from_bytes(__m256i bytes, vec out[2]) {
    out[0] = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(bytes)));
    out[1] = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(bytes, 1)));
}

// first, first + 1, ... first + 15
CK_INLINE vec v_from_0_to_15(int first) {
    const __m512i steps = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_cvtepi32_ps(_mm512_add_epi32(steps, _mm512_set1_epi32(first)));
}

// Loads 16 bytes as indices for v_look_up.
CK_INLINE __m512i v_index(const void *at) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)at));
}

// table[index & 15] in each lane.
CK_INLINE vec v_look_up(vec table, __m512i index) { return _mm512_permutexvar_ps(index, table); }

// 0xff in each byte whose bit is set.
CK_INLINE __m256i v_bytes_from_bits(uint32_t bits) { return _mm256_movm_epi8(bits); }

#endif
