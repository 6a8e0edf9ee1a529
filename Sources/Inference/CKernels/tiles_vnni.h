// Products of tiles with AVX-512 VNNI: one instruction multiplies four columns of 16 rows with four activations of a
// token. Included only by avx512.c.

#include "quantize.h"

#include <immintrin.h>

// Four activations of a token, repeated in all lanes.
CK_INLINE __m512i four(const uint8_t *at) {
    int32_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return _mm512_set1_epi32(bytes);
}

CK_INLINE __m512i set_i32(const uint8_t *at) { return four(at); }

CK_INLINE __m512 set_f32(const uint8_t *at) { return _mm512_set1_ps(ck_load_f32(at)); }

CK_INLINE __m512 load_scales(const uint8_t *at) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)at));
}

// Unpacks a group's weights to eight lines of unsigned bytes.
CK_INLINE void unpack_lines(ck_tile_format format, const uint8_t *tile, __m512i q[8]) {
    if (!ck_is_4bit(format) && format != CK_TILE_6X2) {
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 8; k++) q[k] = _mm512_loadu_si512(tile + 64 * k);
        return;
    }
    const __m512i low = _mm512_set1_epi8(15);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; k++) {
        __m512i both = _mm512_loadu_si512(tile + 64 * k);
        q[2 * k] = _mm512_and_si512(both, low);
        q[2 * k + 1] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
    }
    if (format != CK_TILE_6X2) return;
    const __m512i bits = _mm512_set1_epi8(0x30);
#pragma clang loop unroll(full)
    for (size_t h = 0; h < 2; h++) {
        __m512i high = _mm512_loadu_si512(tile + 256 + 64 * h);
        __m512i *line = q + 4 * h;
        line[0] = _mm512_or_si512(line[0], _mm512_and_si512(_mm512_slli_epi16(high, 4), bits));
        line[1] = _mm512_or_si512(line[1], _mm512_and_si512(_mm512_slli_epi16(high, 2), bits));
        line[2] = _mm512_or_si512(line[2], _mm512_and_si512(high, bits));
        line[3] = _mm512_or_si512(line[3], _mm512_and_si512(_mm512_srli_epi16(high, 2), bits));
    }
}

// Every caller passes constants for `format` and `n`, so that the sums stay in registers and the loops unroll.
CK_INLINE void vnni_block(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block,
                          const size_t n, float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]) {
    const ck_group_layout_t layout = ck_group_layout(n);
    const size_t stride = ck_group_bytes(format), scales_at = ck_scales_offset(format);
    __m512 acc[CK_BLOCK_TOKENS];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < n; j++) acc[j] = _mm512_setzero_ps();
    for (size_t g = 0; g < groups; g++, tile += stride, block += layout.bytes) {
        __m512i q[8];
        unpack_lines(format, tile, q);
        __m512 scale = load_scales(tile + scales_at), second = _mm512_setzero_ps();
        if (format == CK_TILE_6X2 || ck_has_minima(format)) second = load_scales(tile + scales_at + 32);
#pragma clang loop unroll(full)
        for (size_t j = 0; j < n; j++) {
            const uint8_t *x = block + CK_GROUP * j;
            __m512 x_scale = set_f32(block + layout.scale + 4 * j);
            __m512i sum = format == CK_TILE_8     ? set_i32(block + layout.sum128 + 4 * j)
                          : format == CK_TILE_6X2 ? set_i32(block + layout.half0 + 4 * j)
                          : format == CK_TILE_4   ? set_i32(block + layout.sum8 + 4 * j)
                                                  : _mm512_setzero_si512();
#pragma clang loop unroll(full)
            for (size_t k = 0; k < 4; k++) sum = _mm512_dpbusd_epi32(sum, q[k], four(x + 4 * k));
            if (format == CK_TILE_6X2) {
                acc[j] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), _mm512_mul_ps(scale, x_scale), acc[j]);
                sum = set_i32(block + layout.half1 + 4 * j);
            }
#pragma clang loop unroll(full)
            for (size_t k = 4; k < 8; k++) sum = _mm512_dpbusd_epi32(sum, q[k], four(x + 4 * k));
            __m512 last = format == CK_TILE_6X2 ? second : scale;
            acc[j] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), _mm512_mul_ps(last, x_scale), acc[j]);
            if (ck_has_minima(format))
                acc[j] = _mm512_fnmadd_ps(second, set_f32(block + layout.minimum + 4 * j), acc[j]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t j = 0; j < n; j++) _mm512_storeu_ps(sums[j], acc[j]);
}

#define CK_TOKENS(FORMAT)                                                                                    \
    switch (n) {                                                                                             \
    case 1: vnni_block(FORMAT, tile, groups, block, 1, sums); return;                                        \
    case 2: vnni_block(FORMAT, tile, groups, block, 2, sums); return;                                        \
    case 4: vnni_block(FORMAT, tile, groups, block, 4, sums); return;                                        \
    case 8: vnni_block(FORMAT, tile, groups, block, 8, sums); return;                                        \
    default: vnni_block(FORMAT, tile, groups, block, 16, sums); return;                                      \
    }

static void tile_times_block(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block, size_t n,
                             float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]) {
    switch (format) {
    case CK_TILE_8: CK_TOKENS(CK_TILE_8)
    case CK_TILE_6X2: CK_TOKENS(CK_TILE_6X2)
    case CK_TILE_8M: CK_TOKENS(CK_TILE_8M)
    case CK_TILE_4: CK_TOKENS(CK_TILE_4)
    case CK_TILE_4M: CK_TOKENS(CK_TILE_4M)
    case CK_TILE_NONE: return;
    }
}

#undef CK_TOKENS
