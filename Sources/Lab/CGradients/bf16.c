// Products with matrices that never change, in bfloat16 with sums in f32. The matrices are packed once, so that later
// only the activations have to be rearranged.
//
// A packed matrix is a sequence of blocks of 32 rows. A block stores one pair of columns after the other. Each pair has
// two numbers for each of the 32 rows: two vectors, in which each lane is a row.

#include "CGradients.h"

#include <string.h>

enum {
    BLOCK_ROWS = 32,     // two vectors
    TILE_TOKENS = 12,    // with two vectors of sums each, they take 24 of the 32 registers
    PANEL_TOKENS = 240,  // the activations of a panel fit the second-level cache
    PANEL_COLUMNS = 1024,
};

static size_t pairs(size_t columns) { return (columns + 1) / 2; }

static uint16_t rounded(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

size_t cg_bf16_packed_bytes(size_t rows, size_t columns) {
    return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS * pairs(columns) * 4;
}

size_t cg_bf16_offset(size_t row, size_t column, size_t all_columns) {
    return row / BLOCK_ROWS * BLOCK_ROWS * 2 * pairs(all_columns) + column * BLOCK_ROWS;
}

size_t cg_bf16_scratch_bytes(void) { return PANEL_TOKENS * PANEL_COLUMNS * 2; }

void cg_bf16_pack(uint16_t *packed, const float *rows, size_t first, size_t count, size_t columns) {
    for (size_t i = 0; i < count; i++) {
        size_t row = first + i;
        uint16_t *block = packed + row / BLOCK_ROWS * BLOCK_ROWS * 2 * pairs(columns) + row % BLOCK_ROWS * 2;
        for (size_t c = 0; c < columns; c++)
            block[c / 2 * BLOCK_ROWS * 2 + c % 2] = rounded(rows[i * columns + c]);
    }
}

void cg_bf16_pack_transposed(uint16_t *packed, const float *rows, size_t first, size_t count, size_t row_length,
                             size_t columns) {
    size_t block_size = BLOCK_ROWS * 2 * pairs(columns);
    for (size_t i = 0; i < count; i++) {
        size_t column = first + i;
        uint16_t *lane = packed + column / 2 * BLOCK_ROWS * 2 + column % 2;
        for (size_t r = 0; r < row_length; r++)
            lane[r / BLOCK_ROWS * block_size + r % BLOCK_ROWS * 2] = rounded(rows[i * row_length + r]);
    }
}

#if defined(__x86_64__) && defined(__clang__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))), apply_to = function)

// Converts x, [tokens, columns], to bfloat16, [tokens, stride], with a zero after an odd number of columns.
static void convert(uint16_t *out, size_t stride, const float *x, size_t x_stride, size_t tokens, size_t columns) {
    for (size_t t = 0; t < tokens; t++) {
        const float *row = x + t * x_stride;
        uint16_t *to = out + t * stride;
        size_t c = 0;
        for (; c + 32 <= columns; c += 32)
            _mm512_storeu_si512(to + c, (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(row + c + 16),
                                                                     _mm512_loadu_ps(row + c)));
        for (; c < columns; c++) to[c] = rounded(row[c]);
        if (columns % 2) to[columns] = 0;
    }
}

// Computes one tile, `tokens` times 32 rows, over `count` pairs of columns; writes the sums to y or adds them to it.
static inline __attribute__((always_inline)) void tile(
    size_t tokens, const uint16_t *x, size_t x_stride, const uint16_t *block, size_t count, float *y,
    size_t y_stride, __mmask16 low, __mmask16 high, bool adds) {
    __m512 sums[TILE_TOKENS][2];
    for (size_t t = 0; t < tokens; t++) sums[t][0] = sums[t][1] = _mm512_setzero_ps();
    for (size_t pair = 0; pair < count; pair++) {
        __m512bh first = (__m512bh)_mm512_loadu_si512(block + pair * BLOCK_ROWS * 2);
        __m512bh second = (__m512bh)_mm512_loadu_si512(block + pair * BLOCK_ROWS * 2 + 32);
#pragma clang loop unroll(full)
        for (size_t t = 0; t < tokens; t++) {
            int32_t two;
            memcpy(&two, x + t * x_stride + pair * 2, 4);
            __m512bh both = (__m512bh)_mm512_set1_epi32(two);
            sums[t][0] = _mm512_dpbf16_ps(sums[t][0], first, both);
            sums[t][1] = _mm512_dpbf16_ps(sums[t][1], second, both);
        }
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < tokens; t++) {
        float *row = y + t * y_stride;
        if (adds) {
            sums[t][0] = _mm512_add_ps(sums[t][0], _mm512_maskz_loadu_ps(low, row));
            sums[t][1] = _mm512_add_ps(sums[t][1], _mm512_maskz_loadu_ps(high, row + 16));
        }
        _mm512_mask_storeu_ps(row, low, sums[t][0]);
        _mm512_mask_storeu_ps(row + 16, high, sums[t][1]);
    }
}

static void some_tokens(size_t tokens, const uint16_t *x, size_t x_stride, const uint16_t *block, size_t count,
                        float *y, size_t y_stride, __mmask16 low, __mmask16 high, bool adds) {
    switch (tokens) {
#define CASE(N) \
    case N: tile(N, x, x_stride, block, count, y, y_stride, low, high, adds); break
        CASE(1);
        CASE(2);
        CASE(3);
        CASE(4);
        CASE(5);
        CASE(6);
        CASE(7);
        CASE(8);
        CASE(9);
        CASE(10);
        CASE(11);
        CASE(12);
#undef CASE
    }
}

static __mmask16 mask_of(size_t count) { return count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1); }

static void multiply(float *y, size_t y_stride, const float *x, size_t x_stride, size_t count,
                     const uint16_t *packed, size_t rows, size_t columns, size_t all_columns, uint16_t *scratch) {
    size_t block_size = BLOCK_ROWS * 2 * pairs(all_columns);
    for (size_t token = 0; token < count; token += PANEL_TOKENS) {
        size_t tokens = count - token < PANEL_TOKENS ? count - token : PANEL_TOKENS;
        // Uses tiles of nearly the same size instead of full ones and a small rest.
        size_t tiles = (tokens + TILE_TOKENS - 1) / TILE_TOKENS;
        for (size_t column = 0; column < columns; column += PANEL_COLUMNS) {
            size_t width = columns - column < PANEL_COLUMNS ? columns - column : PANEL_COLUMNS;
            size_t stride = pairs(width) * 2;
            convert(scratch, stride, x + token * x_stride + column, x_stride, tokens, width);
            for (size_t row = 0; row < rows; row += BLOCK_ROWS) {
                const uint16_t *block = packed + row / BLOCK_ROWS * block_size + column * BLOCK_ROWS;
                __mmask16 low = mask_of(rows - row), high = rows - row > 16 ? mask_of(rows - row - 16) : 0;
                for (size_t t = 0; t < tiles; t++) {
                    size_t from = tokens * t / tiles, to = tokens * (t + 1) / tiles;
                    some_tokens(to - from, scratch + from * stride, stride, block, pairs(width),
                                y + (token + from) * y_stride + row, y_stride, low, high, column > 0);
                }
            }
        }
    }
}

#pragma clang attribute pop

bool cg_bf16_is_available(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}

void cg_bf16_multiply(float *y, size_t y_stride, const float *x, size_t x_stride, size_t count,
                      const uint16_t *packed, size_t rows, size_t columns, size_t all_columns, void *scratch) {
    multiply(y, y_stride, x, x_stride, count, packed, rows, columns, all_columns, scratch);
}

#else

bool cg_bf16_is_available(void) { return false; }

void cg_bf16_multiply(float *y, size_t y_stride, const float *x, size_t x_stride, size_t count,
                      const uint16_t *packed, size_t rows, size_t columns, size_t all_columns, void *scratch) {
    (void)y, (void)y_stride, (void)x, (void)x_stride, (void)count, (void)packed, (void)rows, (void)columns;
    (void)all_columns, (void)scratch;
}

#endif
