// Packs rows of weights into tiles. This happens once, when a model is loaded, so portable C is fast enough.

#include "tiles.h"

#include <assert.h>

// One group of one row: 32 unsigned weights, with the scales and the minimum that turn them into numbers.
typedef struct {
    uint8_t q[CK_GROUP];
    float scale[2]; // for each half
    float minimum;
} group_t;

static void group_q4_0(const uint8_t *row, size_t g, group_t *out) {
    const ck_block_q4_0 *block = (const ck_block_q4_0 *)row + g;
    for (size_t i = 0; i < 16; i++) {
        out->q[i] = block->qs[i] & 15;
        out->q[i + 16] = block->qs[i] >> 4;
    }
    out->scale[0] = out->scale[1] = ck_float_from_half(block->d);
}

static void group_q5_0(const uint8_t *row, size_t g, group_t *out) {
    const ck_block_q5_0 *block = (const ck_block_q5_0 *)row + g;
    uint32_t high;
    memcpy(&high, block->qh, sizeof high);
    for (size_t i = 0; i < 16; i++) {
        out->q[i] = (uint8_t)(128 - 16 + ((block->qs[i] & 15) | (high >> i & 1) << 4));
        out->q[i + 16] = (uint8_t)(128 - 16 + (block->qs[i] >> 4 | (high >> (i + 16) & 1) << 4));
    }
    out->scale[0] = out->scale[1] = ck_float_from_half(block->d);
}

static void group_q8_0(const uint8_t *row, size_t g, group_t *out) {
    const ck_block_q8_0 *block = (const ck_block_q8_0 *)row + g;
    for (size_t i = 0; i < 32; i++) {
        // The AVX2 form moves signs to the activations, which does not work for -128, and the NEON form adds two
        // products in 16 bits, where they would not fit. No quantiser writes -128.
        int q = block->qs[i] < -127 ? -127 : block->qs[i];
        out->q[i] = (uint8_t)(q + 128);
    }
    out->scale[0] = out->scale[1] = ck_float_from_half(block->d);
}

static void k_scales(const uint8_t scales[12], uint16_t d, uint16_t dmin, size_t g, group_t *out) {
    uint8_t scale, minimum;
    ck_k_scale(scales, g, &scale, &minimum);
    out->scale[0] = out->scale[1] = ck_float_from_half(d) * (float)scale;
    out->minimum = ck_float_from_half(dmin) * (float)minimum;
}

static void group_q4_k(const uint8_t *row, size_t g, group_t *out) {
    const ck_block_q4_k *block = (const ck_block_q4_k *)row + g / 8;
    size_t i8 = g % 8;
    const uint8_t *qs = block->qs + 32 * (i8 / 2);
    for (size_t i = 0; i < 32; i++) out->q[i] = qs[i] >> 4 * (i8 & 1) & 15;
    k_scales(block->scales, block->d, block->dmin, i8, out);
}

static void group_q5_k(const uint8_t *row, size_t g, group_t *out) {
    const ck_block_q5_k *block = (const ck_block_q5_k *)row + g / 8;
    size_t i8 = g % 8;
    const uint8_t *qs = block->qs + 32 * (i8 / 2);
    for (size_t i = 0; i < 32; i++)
        out->q[i] = (uint8_t)((qs[i] >> 4 * (i8 & 1) & 15) | (block->qh[i] >> i8 & 1) << 4);
    k_scales(block->scales, block->d, block->dmin, i8, out);
}

static void group_q6_k(const uint8_t *row, size_t g, group_t *out) {
    const ck_block_q6_k *block = (const ck_block_q6_k *)row + g / 8;
    size_t half = g % 8 / 4, part = g % 4;
    const uint8_t *ql = block->ql + 64 * half + 32 * (part & 1), *qh = block->qh + 32 * half;
    for (size_t i = 0; i < 32; i++) {
        int q = (ql[i] >> 4 * (part / 2) & 15) | (qh[i] >> 2 * part & 3) << 4;
        out->q[i] = (uint8_t)q;
    }
    float d = ck_float_from_half(block->d);
    for (size_t i = 0; i < 2; i++) out->scale[i] = d * (float)block->scales[2 * (g % 8) + i];
}

ck_tile_format ck_tile_format_of(ck_type type) {
    switch (type) {
    case CK_Q8_0: case CK_Q5_0: return CK_TILE_8;
    case CK_Q6_K: return CK_TILE_6X2;
    case CK_Q5_K: return CK_TILE_8M;
    case CK_Q4_0: return CK_TILE_4;
    case CK_Q4_K: return CK_TILE_4M;
    case CK_F32: case CK_F16: case CK_BF16: return CK_TILE_NONE;
    }
    return CK_TILE_NONE;
}

static void group(ck_type type, const uint8_t *row, size_t g, group_t *out) {
    switch (type) {
    case CK_Q4_0: group_q4_0(row, g, out); return;
    case CK_Q5_0: group_q5_0(row, g, out); return;
    case CK_Q8_0: group_q8_0(row, g, out); return;
    case CK_Q4_K: group_q4_k(row, g, out); return;
    case CK_Q5_K: group_q5_k(row, g, out); return;
    case CK_Q6_K: group_q6_k(row, g, out); return;
    case CK_F32: case CK_F16: case CK_BF16: return;
    }
}

size_t ck_tile_bytes(ck_tile_format format, size_t columns) {
    size_t bytes = 0;
    if (columns % CK_GROUP != 0) return 0;
    if (__builtin_mul_overflow(columns / CK_GROUP, ck_group_bytes(format), &bytes)) return 0;
    return bytes;
}

void ck_tile_pack(ck_type type, const void *rows, size_t row_count, size_t columns, void *tile) {
    ck_tile_format format = ck_tile_format_of(type);
    size_t stride = ck_group_bytes(format), row_bytes = ck_row_bytes(type, columns);
    assert(row_count <= CK_TILE_ROWS && stride != 0 && row_bytes != 0 && columns % CK_GROUP == 0);
    memset(tile, 0, ck_tile_bytes(format, columns));
    for (size_t g = 0; g < columns / CK_GROUP; g++) {
        uint8_t *lines = (uint8_t *)tile + g * stride;
        uint8_t *scales = lines + ck_scales_offset(format);
        for (size_t r = 0; r < row_count; r++) {
            group_t values = {{0}};
            group(type, (const uint8_t *)rows + r * row_bytes, g, &values);
            for (size_t i = 0; i < CK_GROUP; i++) {
                size_t k = i / 4, at = 4 * r + i % 4;
                if (ck_is_4bit(format)) {
                    lines[64 * (k / 2) + at] |= (uint8_t)(values.q[i] << 4 * (k & 1));
                } else if (format == CK_TILE_6X2) {
                    lines[64 * (k / 2) + at] |= (uint8_t)((values.q[i] & 15) << 4 * (k & 1));
                    lines[256 + 64 * (k / 4) + at] |= (uint8_t)(values.q[i] >> 4 << 2 * (k & 3));
                } else {
                    lines[64 * k + at] = values.q[i];
                }
            }
            uint16_t first = ck_half_from_float(values.scale[0]), second = 0;
            if (format == CK_TILE_6X2) second = ck_half_from_float(values.scale[1]);
            if (ck_has_minima(format)) second = ck_half_from_float(values.minimum);
            memcpy(scales + 2 * r, &first, 2);
            if (stride > (size_t)(scales - lines) + 32) memcpy(scales + 32 + 2 * r, &second, 2);
        }
    }
}

size_t ck_quantized_bytes(size_t columns, size_t count) {
    size_t full = count / CK_BLOCK_TOKENS * CK_BLOCK_TOKENS;
    return columns / CK_GROUP * ck_group_layout(full + ck_block_tokens(count - full)).bytes;
}
