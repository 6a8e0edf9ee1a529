// Unpacks blocks of weights on x86, in terms of the vector type of vector_avx2.h or vector_avx512.h. Each format has
// one function that prepares a block (its scales) and one that unpacks a group of 32 elements into registers. Unpacking
// rounds exactly as scalar.c does.

#ifndef CK_X86_BLOCKS_H
#define CK_X86_BLOCKS_H

#include "unpacking.h"

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

CK_INLINE void prepare_k(uint16_t d, uint16_t dmin, const uint8_t scales[12], ck_scales *s) {
    uint64_t steps, bases;
    ck_k_scales(scales, &steps, &bases);
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

#endif
