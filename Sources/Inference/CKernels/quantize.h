// Rounds activations, in plain C that the compiler vectorises for the CPU path of the file that includes it. The
// result has the same bits on every path: no operation is contracted or reassociated, and the maximum is taken over
// bit patterns.

#ifndef CK_QUANTIZE_H
#define CK_QUANTIZE_H

#include "tiles.h"

// Computes the products of a tile with a block of n tokens; defined by the file that includes this one.
static void tile_times_block(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block, size_t n,
                             float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]);

// Quantises one group of one token: writes q and the sums of its two halves, returns the scale.
CK_INLINE float quantize_group(const float *x, int8_t *q, int32_t sums[2]) {
#pragma clang fp contract(off)
    uint32_t largest = 0;
    for (size_t i = 0; i < CK_GROUP; i++) {
        uint32_t magnitude = ck_bits_from_float(x[i]) & 0x7fffffffu;
        largest = magnitude > largest ? magnitude : largest;
    }
    sums[0] = sums[1] = 0;
    if (largest == 0 || largest >= 0x7f800000u) {
        memset(q, 0, CK_GROUP);
        // An infinity or NaN makes every product with this group NaN, much as it would in f32.
        return largest == 0 ? 0 : ck_float_from_bits(0x7fc00000u);
    }
    float scale = ck_float_from_bits(largest) / 127, inverse = 127 / ck_float_from_bits(largest);
    // For a largest magnitude near the subnormals, the reciprocal would overflow: round everything to 0.
    if (inverse > 0x1p126f) {
        memset(q, 0, CK_GROUP);
        return 0;
    }
    for (size_t half = 0; half < 2; half++) {
        int32_t sum = 0;
        for (size_t i = 16 * half; i < 16 * half + 16; i++) {
            int32_t value = (int32_t)__builtin_rintf(x[i] * inverse);
            q[i] = (int8_t)value;
            sum += value;
        }
        sums[half] = sum;
    }
    return scale;
}

// Not used where a file has only the products.
__attribute__((unused)) static void quantize(const float *x, size_t count, size_t x_stride, size_t columns, void *out) {
    uint8_t *at = out;
    for (size_t first = 0; first < count;) {
        size_t n = ck_block_tokens(count - first), used = count - first < n ? count - first : n;
        ck_group_layout_t layout = ck_group_layout(n);
        for (size_t g = 0; g < columns / CK_GROUP; g++, at += layout.bytes) {
            if (used < n) memset(at, 0, layout.bytes);
            for (size_t j = 0; j < used; j++) {
                int32_t sums[2];
                float scale = quantize_group(
                    x + (first + j) * x_stride + g * CK_GROUP, (int8_t *)at + CK_GROUP * j, sums);
                int32_t sum = sums[0] + sums[1];
                ((float *)(at + layout.scale))[j] = scale;
                ((int32_t *)(at + layout.sum128))[j] = -128 * sum;
                ((int32_t *)(at + layout.half0))[j] = -32 * sums[0];
                ((int32_t *)(at + layout.half1))[j] = -32 * sums[1];
                ((int32_t *)(at + layout.sum8))[j] = -8 * sum;
                ((float *)(at + layout.minimum))[j] = scale * (float)sum;
            }
        }
        first += used;
    }
}

// Calls tile_times_block for each block and each tile; a block's activations stay in the cache while all tiles are
// multiplied with it.
static void multiply_tiles(ck_tile_format format, const void *tiles, size_t row_count, size_t columns,
                           const void *quantized, size_t x_count, float *y, size_t y_stride) {
    size_t groups = columns / CK_GROUP, tile_bytes = groups * ck_group_bytes(format);
    const uint8_t *block = quantized;
    for (size_t first = 0; first < x_count;) {
        size_t n = ck_block_tokens(x_count - first), used = x_count - first < n ? x_count - first : n;
        for (size_t row = 0; row < row_count; row += CK_TILE_ROWS) {
            const uint8_t *tile = (const uint8_t *)tiles + row / CK_TILE_ROWS * tile_bytes;
            size_t rows = row_count - row < CK_TILE_ROWS ? row_count - row : CK_TILE_ROWS;
            float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS];
            tile_times_block(format, tile, groups, block, n, sums);
            for (size_t j = 0; j < used; j++) {
                float *to = y + (first + j) * y_stride + row;
                // A copy of constant size takes one instruction.
                if (rows == CK_TILE_ROWS) memcpy(to, sums[j], sizeof sums[j]);
                else memcpy(to, sums[j], rows * sizeof(float));
            }
        }
        block += groups * ck_group_layout(n).bytes;
        first += used;
    }
}

#endif
