// Products of tiles with AVX2, which multiplies unsigned with signed bytes and adds pairs of products in 16 bits. The
// pairs must not overflow: those of weights of up to 6 bits never do; 8-bit weights are made signed again and their
// signs are moved to the activations. Included only by avx2.c.

#include "quantize.h"

#include <immintrin.h>

// Adds to `sum` the products of four columns of eight rows with four activations of a token.
CK_INLINE __m256i multiply_add(__m256i sum, __m256i weights, __m256i x, int is_signed) {
    __m256i pairs = is_signed
        ? _mm256_maddubs_epi16(_mm256_sign_epi8(weights, weights), _mm256_sign_epi8(x, weights))
        : _mm256_maddubs_epi16(weights, x);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

CK_INLINE __m256i four(const uint8_t *at) {
    int32_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return _mm256_set1_epi32(bytes);
}

CK_INLINE __m256 load_scales(const uint8_t *at) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)at)); }

// Line k of a group's weights, for the eight rows from 8 * half on.
CK_INLINE __m256i line(ck_tile_format format, const uint8_t *tile, size_t k, size_t half) {
    if (ck_is_4bit(format)) {
        __m256i both = _mm256_loadu_si256((const __m256i *)(tile + 64 * (k / 2) + 32 * half));
        if (k & 1) both = _mm256_srli_epi16(both, 4);
        return _mm256_and_si256(both, _mm256_set1_epi8(15));
    }
    if (format == CK_TILE_6X2) {
        __m256i both = _mm256_loadu_si256((const __m256i *)(tile + 64 * (k / 2) + 32 * half));
        __m256i high = _mm256_loadu_si256((const __m256i *)(tile + 256 + 64 * (k / 4) + 32 * half));
        if (k & 1) both = _mm256_srli_epi16(both, 4);
        int shift = 4 - 2 * (int)(k % 4);
        high = shift > 0 ? _mm256_slli_epi16(high, shift) : _mm256_srli_epi16(high, -shift);
        return _mm256_or_si256(_mm256_and_si256(both, _mm256_set1_epi8(15)),
                               _mm256_and_si256(high, _mm256_set1_epi8(0x30)));
    }
    __m256i unsigned_bytes = _mm256_loadu_si256((const __m256i *)(tile + 64 * k + 32 * half));
    // Turns q + 128 back into q.
    return format == CK_TILE_8M ? unsigned_bytes : _mm256_xor_si256(unsigned_bytes, _mm256_set1_epi8((char)0x80));
}

CK_INLINE void avx2_half(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block, size_t n,
                         size_t j, size_t half, float *sums) {
    const ck_group_layout_t layout = ck_group_layout(n);
    const size_t stride = ck_group_bytes(format), scales_at = ck_scales_offset(format) + 16 * half;
    const int is_signed = format == CK_TILE_8;
    __m256 acc = _mm256_setzero_ps();
    for (size_t g = 0; g < groups; g++, tile += stride, block += layout.bytes) {
        const uint8_t *x = block + CK_GROUP * j;
        __m256 x_scale = _mm256_set1_ps(ck_load_f32(block + layout.scale + 4 * j));
        __m256 scale = load_scales(tile + scales_at), second = _mm256_setzero_ps();
        if (format == CK_TILE_6X2 || ck_has_minima(format)) second = load_scales(tile + scales_at + 32);
        __m256i sum = _mm256_setzero_si256();
        if (format == CK_TILE_4) sum = four(block + layout.sum8 + 4 * j);
        if (format == CK_TILE_6X2) sum = four(block + layout.half0 + 4 * j);
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 4; k++)
            sum = multiply_add(sum, line(format, tile, k, half), four(x + 4 * k), is_signed);
        if (format == CK_TILE_6X2) {
            acc = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_mul_ps(scale, x_scale), acc);
            sum = four(block + layout.half1 + 4 * j);
        }
#pragma clang loop unroll(full)
        for (size_t k = 4; k < 8; k++)
            sum = multiply_add(sum, line(format, tile, k, half), four(x + 4 * k), is_signed);
        __m256 last = format == CK_TILE_6X2 ? second : scale;
        acc = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_mul_ps(last, x_scale), acc);
        if (ck_has_minima(format))
            acc = _mm256_fnmadd_ps(second, _mm256_set1_ps(ck_load_f32(block + layout.minimum + 4 * j)), acc);
    }
    _mm256_storeu_ps(sums, acc);
}

#define CK_HALVES(FORMAT)                                                                                    \
    for (size_t j = 0; j < n; j++)                                                                           \
        for (size_t half = 0; half < 2; half++)                                                              \
            avx2_half(FORMAT, tile, groups, block, n, j, half, sums[j] + 8 * half);                          \
    return;

static void tile_times_block(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block, size_t n,
                             float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]) {
    switch (format) {
    case CK_TILE_8: CK_HALVES(CK_TILE_8)
    case CK_TILE_6X2: CK_HALVES(CK_TILE_6X2)
    case CK_TILE_8M: CK_HALVES(CK_TILE_8M)
    case CK_TILE_4: CK_HALVES(CK_TILE_4)
    case CK_TILE_4M: CK_HALVES(CK_TILE_4M)
    case CK_TILE_NONE: return;
    }
}

#undef CK_HALVES
