// Products of tiles with NEON. Four rows by four columns of a tile are one register. What multiplies the bytes differs
// between CPUs, so there are three forms, each in a file that defines CK_NEON_FORM before it includes this one:
//   1   products of 16 bits, whose pairs are added in 32; every CPU has these
//   2   dot products of four bytes
//   3   products of a 2 x 8 with an 8 x 2 matrix of bytes, for two tokens at once
// Weights of 8 bits are made signed again, those of fewer bits are small enough to be used as they are stored.

#include "quantize.h"

#include <arm_neon.h>

// Adds to `sums`, one for each token, the products of four lines of four rows with 16 columns of `tokens` tokens, which
// is 1 or 2.
#if CK_NEON_FORM == 1

CK_INLINE void add_byte_products(const size_t tokens, const int8x16_t w[4], const int8_t *x, int32x4_t sums[2]) {
#pragma clang loop unroll(full)
    for (size_t t = 0; t < tokens; t++) {
        int8x16_t columns = vld1q_s8(x + CK_GROUP * t);
        // Each lane has the sum of two columns of a row.
        int32x4_t first = vdupq_n_s32(0), last = vdupq_n_s32(0);
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 4; k += 2) {
            // Two products of at most 127 * 127 fit in 16 bits.
            int8x16_t a = vreinterpretq_s8_s32(vdupq_n_s32(vreinterpretq_s32_s8(columns)[k]));
            int8x16_t b = vreinterpretq_s8_s32(vdupq_n_s32(vreinterpretq_s32_s8(columns)[k + 1]));
            int16x8_t low = vmull_s8(vget_low_s8(w[k]), vget_low_s8(a)), high = vmull_high_s8(w[k], a);
            low = vmlal_s8(low, vget_low_s8(w[k + 1]), vget_low_s8(b));
            high = vmlal_high_s8(high, w[k + 1], b);
            first = vpadalq_s16(first, low);
            last = vpadalq_s16(last, high);
        }
        sums[t] = vaddq_s32(sums[t], vpaddq_s32(first, last));
    }
}

#else

CK_INLINE void add_dot_products(const int8x16_t w[4], const int8_t *x, int32x4_t *sum) {
    int8x16_t columns = vld1q_s8(x);
    *sum = vdotq_laneq_s32(*sum, w[0], columns, 0);
    *sum = vdotq_laneq_s32(*sum, w[1], columns, 1);
    *sum = vdotq_laneq_s32(*sum, w[2], columns, 2);
    *sum = vdotq_laneq_s32(*sum, w[3], columns, 3);
}

CK_INLINE void add_byte_products(const size_t tokens, const int8x16_t w[4], const int8_t *x, int32x4_t sums[2]) {
#if CK_NEON_FORM == 3
    if (tokens == 2) {
        // Of the rows 0 and 1, and of the rows 2 and 3: the sums of the first token, then of the second.
        int32x4_t low = vdupq_n_s32(0), high = low;
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 4; k += 2) {
            int8x16_t columns = vcombine_s8(vld1_s8(x + 4 * k), vld1_s8(x + CK_GROUP + 4 * k));
            int32x4_t even = vreinterpretq_s32_s8(w[k]), odd = vreinterpretq_s32_s8(w[k + 1]);
            low = vmmlaq_s32(low, columns, vreinterpretq_s8_s32(vzip1q_s32(even, odd)));
            high = vmmlaq_s32(high, columns, vreinterpretq_s8_s32(vzip2q_s32(even, odd)));
        }
        int64x2_t rows01 = vreinterpretq_s64_s32(low), rows23 = vreinterpretq_s64_s32(high);
        sums[0] = vaddq_s32(sums[0], vreinterpretq_s32_s64(vzip1q_s64(rows01, rows23)));
        sums[1] = vaddq_s32(sums[1], vreinterpretq_s32_s64(vzip2q_s64(rows01, rows23)));
        return;
    }
#endif
#pragma clang loop unroll(full)
    for (size_t t = 0; t < tokens; t++) add_dot_products(w, x + CK_GROUP * t, &sums[t]);
}

#endif

// The eight lines of a group's weights, for the four rows from 4 * quarter on.
CK_INLINE void unpack_lines(ck_tile_format format, const uint8_t *tile, size_t quarter, int8x16_t w[8]) {
    tile += 16 * quarter;
    if (!ck_is_4bit(format) && format != CK_TILE_6X2) {
        // Turns q + 128 back into q.
        const uint8x16_t flip = vdupq_n_u8(format == CK_TILE_8 ? 0x80 : 0);
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 8; k++) w[k] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(tile + 64 * k), flip));
        return;
    }
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 8; k += 2) {
        uint8x16_t both = vld1q_u8(tile + 64 * (k / 2));
        uint8x16_t even = vandq_u8(both, vdupq_n_u8(15)), odd = vshrq_n_u8(both, 4);
        if (format == CK_TILE_6X2) {
            const uint8x16_t bits = vdupq_n_u8(0x30);
            uint8x16_t high = vld1q_u8(tile + 256 + 64 * (k / 4));
            uint8x16_t first = k % 4 == 0 ? vshlq_n_u8(high, 4) : high;
            uint8x16_t second = k % 4 == 0 ? vshlq_n_u8(high, 2) : vshrq_n_u8(high, 2);
            even = vorrq_u8(even, vandq_u8(first, bits));
            odd = vorrq_u8(odd, vandq_u8(second, bits));
        }
        w[k] = vreinterpretq_s8_u8(even);
        w[k + 1] = vreinterpretq_s8_u8(odd);
    }
}

CK_INLINE int32x4_t set_i32(const uint8_t *at) {
    int32_t value;
    memcpy(&value, at, sizeof value);
    return vdupq_n_s32(value);
}

CK_INLINE float32x4_t load_scales(const uint8_t *at) { return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(at))); }

// The products of the four rows from 4 * quarter on with n tokens. Every caller passes constants for `format` and `n`,
// so that the sums stay in registers and the loops unroll.
CK_INLINE void neon_quarter(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block,
                            const size_t n, size_t quarter, float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]) {
    const ck_group_layout_t layout = ck_group_layout(n);
    const size_t stride = ck_group_bytes(format), scales_at = ck_scales_offset(format) + 8 * quarter;
    const size_t tokens = n == 1 ? 1 : 2;
    float32x4_t acc[CK_BLOCK_TOKENS];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < n; j++) acc[j] = vdupq_n_f32(0);
    for (size_t g = 0; g < groups; g++, tile += stride, block += layout.bytes) {
        int8x16_t w[8];
        unpack_lines(format, tile, quarter, w);
        float32x4_t scale = load_scales(tile + scales_at), second = vdupq_n_f32(0);
        if (format == CK_TILE_6X2 || ck_has_minima(format)) second = load_scales(tile + scales_at + 32);
#pragma clang loop unroll(full)
        for (size_t j = 0; j < n; j += tokens) {
            const int8_t *x = (const int8_t *)block + CK_GROUP * j;
            float32x4_t x_scale[2];
            int32x4_t sum[2];
#pragma clang loop unroll(full)
            for (size_t t = 0; t < tokens; t++) {
                size_t at = 4 * (j + t);
                x_scale[t] = vdupq_n_f32(ck_load_f32(block + layout.scale + at));
                sum[t] = format == CK_TILE_6X2 ? set_i32(block + layout.half0 + at)
                         : format == CK_TILE_4 ? set_i32(block + layout.sum8 + at)
                                               : vdupq_n_s32(0);
            }
            add_byte_products(tokens, w, x, sum);
            if (format == CK_TILE_6X2) {
#pragma clang loop unroll(full)
                for (size_t t = 0; t < tokens; t++) {
                    acc[j + t] = vfmaq_f32(acc[j + t], vcvtq_f32_s32(sum[t]), vmulq_f32(scale, x_scale[t]));
                    sum[t] = set_i32(block + layout.half1 + 4 * (j + t));
                }
            }
            add_byte_products(tokens, w + 4, x + 16, sum);
            float32x4_t last = format == CK_TILE_6X2 ? second : scale;
#pragma clang loop unroll(full)
            for (size_t t = 0; t < tokens; t++) {
                acc[j + t] = vfmaq_f32(acc[j + t], vcvtq_f32_s32(sum[t]), vmulq_f32(last, x_scale[t]));
                if (ck_has_minima(format))
                    acc[j + t] = vfmsq_f32(
                        acc[j + t], second, vdupq_n_f32(ck_load_f32(block + layout.minimum + 4 * (j + t))));
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t j = 0; j < n; j++) vst1q_f32(sums[j] + 4 * quarter, acc[j]);
}

#define CK_TOKENS(FORMAT, N)                                                                                 \
    for (size_t quarter = 0; quarter < 4; quarter++)                                                         \
        neon_quarter(FORMAT, tile, groups, block, N, quarter, sums);                                         \
    return;

#define CK_BLOCK(FORMAT)                                                                                     \
    switch (n) {                                                                                             \
    case 1: CK_TOKENS(FORMAT, 1)                                                                             \
    case 2: CK_TOKENS(FORMAT, 2)                                                                             \
    case 4: CK_TOKENS(FORMAT, 4)                                                                             \
    case 8: CK_TOKENS(FORMAT, 8)                                                                             \
    default: CK_TOKENS(FORMAT, 16)                                                                           \
    }

static void tile_times_block(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block, size_t n,
                             float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]) {
    switch (format) {
    case CK_TILE_8: CK_BLOCK(CK_TILE_8)
    case CK_TILE_6X2: CK_BLOCK(CK_TILE_6X2)
    case CK_TILE_8M: CK_BLOCK(CK_TILE_8M)
    case CK_TILE_4: CK_BLOCK(CK_TILE_4)
    case CK_TILE_4M: CK_BLOCK(CK_TILE_4M)
    case CK_TILE_NONE: return;
    }
}

#undef CK_BLOCK
#undef CK_TOKENS
