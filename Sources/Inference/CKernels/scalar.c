// The portable form of every kernel. It is the reference for testing the other forms, and runs where there is no other.
// The reductions are written so that the compiler can vectorise them for the base instruction set.

#include "blocks.h"
#include "kernels.h"

#include <math.h>

// MARK: Unpacking: each function writes one block

static void unpack_q4_0(const ck_block_q4_0 *block, float *out) {
    float d = ck_float_from_half(block->d);
    for (size_t i = 0; i < 16; i++) {
        out[i] = d * (float)((block->qs[i] & 15) - 8);
        out[i + 16] = d * (float)((block->qs[i] >> 4) - 8);
    }
}

static void unpack_q5_0(const ck_block_q5_0 *block, float *out) {
    float d = ck_float_from_half(block->d);
    uint32_t high;
    memcpy(&high, block->qh, sizeof high);
    for (size_t i = 0; i < 16; i++) {
        int low = (block->qs[i] & 15) | (int)(high >> i & 1) << 4;
        int upper = block->qs[i] >> 4 | (int)(high >> (i + 16) & 1) << 4;
        out[i] = d * (float)(low - 16);
        out[i + 16] = d * (float)(upper - 16);
    }
}

static void unpack_q8_0(const ck_block_q8_0 *block, float *out) {
    float d = ck_float_from_half(block->d);
    for (size_t i = 0; i < 32; i++) out[i] = d * (float)block->qs[i];
}

static void unpack_q4_k(const ck_block_q4_k *block, float *out) {
#pragma clang fp contract(off)
    float d = ck_float_from_half(block->d), dmin = ck_float_from_half(block->dmin);
    for (size_t g = 0; g < 8; g++) {
        uint8_t scale, minimum;
        ck_k_scale(block->scales, g, &scale, &minimum);
        float step = d * (float)scale, base = dmin * (float)minimum;
        const uint8_t *qs = block->qs + 32 * (g / 2);
        for (size_t i = 0; i < 32; i++) out[32 * g + i] = step * (float)(qs[i] >> 4 * (g & 1) & 15) - base;
    }
}

static void unpack_q5_k(const ck_block_q5_k *block, float *out) {
#pragma clang fp contract(off)
    float d = ck_float_from_half(block->d), dmin = ck_float_from_half(block->dmin);
    for (size_t g = 0; g < 8; g++) {
        uint8_t scale, minimum;
        ck_k_scale(block->scales, g, &scale, &minimum);
        float step = d * (float)scale, base = dmin * (float)minimum;
        const uint8_t *qs = block->qs + 32 * (g / 2);
        for (size_t i = 0; i < 32; i++) {
            int q = (qs[i] >> 4 * (g & 1) & 15) | (block->qh[i] >> g & 1) << 4;
            out[32 * g + i] = step * (float)q - base;
        }
    }
}

// Each half of the block has 128 elements in four groups of 32. Group g has its low four bits in the low (g < 2) or
// high (g >= 2) halves of 32 bytes of ql, and its high two bits at bit 2g of 32 bytes of qh.
static void unpack_q6_k(const ck_block_q6_k *block, float *out) {
    float d = ck_float_from_half(block->d);
    for (size_t group = 0; group < 8; group++) {
        size_t half = group / 4, g = group % 4;
        const uint8_t *ql = block->ql + 64 * half + 32 * (g & 1), *qh = block->qh + 32 * half;
        for (size_t i = 0; i < 32; i++) {
            int q = (ql[i] >> 4 * (g / 2) & 15) | (qh[i] >> 2 * g & 3) << 4;
            float step = d * (float)block->scales[2 * group + i / 16];
            out[32 * group + i] = step * (float)(q - 32);
        }
    }
}

// Unpacks `count` elements from element `first` on; both must be multiples of the block's size.
static void unpack(ck_type type, const uint8_t *row, size_t first, float *out, size_t count) {
    switch (type) {
    case CK_F32: memcpy(out, row + 4 * first, 4 * count); return;
    case CK_F16:
        for (size_t i = 0; i < count; i++) out[i] = ck_float_from_half(ck_load_u16(row + 2 * (first + i)));
        return;
    case CK_BF16:
        for (size_t i = 0; i < count; i++) out[i] = ck_float_from_bf16(ck_load_u16(row + 2 * (first + i)));
        return;
#define CK_BLOCKS(TYPE, STRUCT, UNPACK, ELEMENTS)                                                            \
    case TYPE:                                                                                               \
        for (size_t i = 0; i < count; i += ELEMENTS)                                                         \
            UNPACK((const STRUCT *)row + (first + i) / ELEMENTS, out + i);                                   \
        return;
    CK_BLOCKS(CK_Q4_0, ck_block_q4_0, unpack_q4_0, 32)
    CK_BLOCKS(CK_Q5_0, ck_block_q5_0, unpack_q5_0, 32)
    CK_BLOCKS(CK_Q8_0, ck_block_q8_0, unpack_q8_0, 32)
    CK_BLOCKS(CK_Q4_K, ck_block_q4_k, unpack_q4_k, 256)
    CK_BLOCKS(CK_Q5_K, ck_block_q5_k, unpack_q5_k, 256)
    CK_BLOCKS(CK_Q6_K, ck_block_q6_k, unpack_q6_k, 256)
#undef CK_BLOCKS
    }
}

static void dequantize(ck_type type, const void *row, float *out, size_t columns) {
    unpack(type, row, 0, out, columns);
}

// MARK: Products

static float dot(const float *a, const float *b, size_t n) {
#pragma clang fp reassociate(on) contract(fast)
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void gemv(ck_type type, const void *rows, size_t row_count, size_t columns, const float *x,
                 size_t x_count, size_t x_stride, float *y, size_t y_stride) {
    size_t row_bytes = ck_row_bytes(type, columns);
    for (size_t r = 0; r < row_count; r++) {
        const uint8_t *row = (const uint8_t *)rows + r * row_bytes;
        float sums[8] = {0}, w[256];
        for (size_t first = 0; first < columns; first += 256) {
            size_t count = columns - first < 256 ? columns - first : 256;
            unpack(type, row, first, w, count);
            for (size_t j = 0; j < x_count; j++) sums[j] += dot(w, x + j * x_stride + first, count);
        }
        for (size_t j = 0; j < x_count; j++) y[j * y_stride + r] = sums[j];
    }
}

static void add_combination(ck_type type, const void *rows, size_t row_stride, size_t row_count,
                            size_t columns, const float *factors, size_t factor_stride, float *y,
                            size_t y_count, size_t y_stride) {
    size_t row_bytes = ck_row_bytes(type, row_stride);
    for (size_t k = 0; k < row_count; k++) {
        float w[256];
        for (size_t first = 0; first < columns; first += 256) {
            size_t count = columns - first < 256 ? columns - first : 256;
            unpack(type, (const uint8_t *)rows + k * row_bytes, first, w, count);
            for (size_t j = 0; j < y_count; j++)
                for (size_t i = 0; i < count; i++)
                    y[j * y_stride + first + i] += factors[j * factor_stride + k] * w[i];
        }
    }
}

// MARK: Element by element

static void rmsnorm(float *y, const float *x, const float *weight, size_t n, float epsilon,
                    float weight_offset) {
    float factor = 1 / sqrtf(dot(x, x, n) / (float)n + epsilon);
    if (weight)
        for (size_t i = 0; i < n; i++) y[i] = x[i] * factor * (weight_offset + weight[i]);
    else
        for (size_t i = 0; i < n; i++) y[i] = x[i] * factor;
}

static void rope(float *heads, size_t head_count, size_t head_dim, const float *cosines, const float *sines) {
    size_t half = head_dim / 2;
    for (size_t h = 0; h < head_count; h++) {
        float *head = heads + h * head_dim;
        for (size_t i = 0; i < half; i++) {
            float a = head[i], b = head[i + half];
            head[i] = a * cosines[i] - b * sines[i];
            head[i + half] = a * sines[i] + b * cosines[i];
        }
    }
}

// 0.5 g (1 + tanh u) with u = sqrt(2 / pi) (g + 0.044715 g^3) is g / (1 + exp(-2u)), which does not cancel
// for negative g.
static void geglu(float *gate, const float *up, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = gate[i];
        float u = 0.7978845608f * g * (1 + 0.044715f * g * g);
        gate[i] = g / (1 + expf(-2 * u)) * up[i];
    }
}

static void add(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

static void scale(float *y, float s, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] *= s;
}

static void softcap(float *x, size_t n, float cap) {
    for (size_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

static void softmax(float *x, size_t n) {
    float largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    for (size_t i = 0; i < n; i++) sum += x[i] = expf(x[i] - largest);
    scale(x, 1 / sum, n);
}

static void f32_to_f16(const float *in, uint16_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = ck_half_from_float(in[i]);
}

static size_t argmax(const float *x, size_t n) {
    float largest = -INFINITY;
    size_t at = n;
    for (size_t i = 0; i < n; i++)
        if (x[i] > largest || (at == n && x[i] == largest)) {
            largest = x[i];
            at = i;
        }
    return at == n ? 0 : at;
}

// MARK: Attention

static void attend(ck_type kv_type, const float *queries, size_t group, const void *keys, const void *values,
                   size_t kv_stride, size_t count, size_t head_dim, float score_scale, float cap, float *part) {
    size_t size = kv_type == CK_F16 ? 2 : 4;
    float row[64];
    for (size_t g = 0; g < group; g++) {
        const float *query = queries + g * head_dim;
        float *sums = part + g * (head_dim + 2), *largest = sums + head_dim, *sum = largest + 1;
        memset(sums, 0, (head_dim + 2) * sizeof *sums);
        *largest = -INFINITY;
        for (size_t p = 0; p < count; p++) {
            const uint8_t *key = (const uint8_t *)keys + p * kv_stride * size;
            const uint8_t *value = (const uint8_t *)values + p * kv_stride * size;
            float score = 0;
            for (size_t first = 0; first < head_dim; first += 64) {
                size_t width = head_dim - first < 64 ? head_dim - first : 64;
                unpack(kv_type, key, first, row, width);
                score += dot(query + first, row, width);
            }
            score *= score_scale;
            if (cap > 0) softcap(&score, 1, cap);
            if (score > *largest) {
                float left = expf(*largest - score);
                scale(sums, left, head_dim);
                *sum *= left;
                *largest = score;
            }
            float weight = expf(score - *largest);
            *sum += weight;
            for (size_t first = 0; first < head_dim; first += 64) {
                size_t width = head_dim - first < 64 ? head_dim - first : 64;
                unpack(kv_type, value, first, row, width);
                for (size_t i = 0; i < width; i++) sums[first + i] += weight * row[i];
            }
        }
    }
}

static void attend_block(const ck_attention *a, float *scratch) {
    size_t size = a->kv_type == CK_F16 ? 2 : 4;
    for (size_t token = 0; token < a->tokens; token++) {
        size_t end = a->position + token + 1, first = a->window && end > a->window ? end - a->window : 0;
        size_t skipped = first * a->kv_stride * size;
        attend(a->kv_type, a->queries + token * a->query_stride, a->group, (const uint8_t *)a->keys + skipped,
               (const uint8_t *)a->values + skipped, a->kv_stride, end - first, a->head_dim, a->scale, a->cap,
               scratch);
        ck_attend_merge(scratch, 1, a->group, a->head_dim, a->out + token * a->out_stride);
    }
}

// MARK: Tiles

#include "quantize.h"

// The integer weight q in a row and column of a group.
static int tile_weight(ck_tile_format format, const uint8_t *group, size_t row, size_t column) {
    size_t k = column / 4, at = 4 * row + column % 4;
    if (ck_is_4bit(format)) {
        int q = group[64 * (k / 2) + at] >> 4 * (k & 1) & 15;
        return format == CK_TILE_4 ? q - 8 : q;
    }
    if (format == CK_TILE_6X2) {
        int low = group[64 * (k / 2) + at] >> 4 * (k & 1) & 15;
        int high = group[256 + 64 * (k / 4) + at] >> 2 * (k & 3) & 3;
        return (low | high << 4) - 32;
    }
    return format == CK_TILE_8M ? group[64 * k + at] : group[64 * k + at] - 128;
}

static void tile_times_block(ck_tile_format format, const uint8_t *tile, size_t groups, const uint8_t *block, size_t n,
                             float sums[CK_BLOCK_TOKENS][CK_TILE_ROWS]) {
#pragma clang fp contract(off)
    ck_group_layout_t layout = ck_group_layout(n);
    memset(sums, 0, n * sizeof sums[0]);
    for (size_t g = 0; g < groups; g++, tile += ck_group_bytes(format), block += layout.bytes) {
        const uint8_t *scales = tile + ck_scales_offset(format);
        for (size_t j = 0; j < n; j++) {
            const int8_t *x = (const int8_t *)block + CK_GROUP * j;
            float x_scale = ck_load_f32(block + layout.scale + 4 * j);
            for (size_t r = 0; r < CK_TILE_ROWS; r++) {
                int parts[2] = {0, 0};
                for (size_t i = 0; i < CK_GROUP; i++) parts[i / 16] += tile_weight(format, tile, r, i) * x[i];
                float scale = ck_float_from_half(ck_load_u16(scales + 2 * r)), acc = sums[j][r];
                if (format == CK_TILE_6X2) {
                    float second = ck_float_from_half(ck_load_u16(scales + 32 + 2 * r));
                    acc = fmaf((float)parts[0], scale * x_scale, acc);
                    acc = fmaf((float)parts[1], second * x_scale, acc);
                } else {
                    acc = fmaf((float)(parts[0] + parts[1]), scale * x_scale, acc);
                }
                if (ck_has_minima(format)) {
                    float minimum = ck_float_from_half(ck_load_u16(scales + 32 + 2 * r));
                    acc = fmaf(-minimum, ck_load_f32(block + layout.minimum + 4 * j), acc);
                }
                sums[j][r] = acc;
            }
        }
    }
}

const ck_kernels ck_scalar_kernels = CK_KERNELS("scalar", multiply_tiles);
