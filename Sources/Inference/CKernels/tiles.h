// The memory layout of tiles and of quantised activations. pack.c and quantize.h write it; every form of
// multiply_tiles reads it.
//
// A tile holds 16 rows. Its columns are stored in groups of 32, one after the other. A group consists of
//   the weights   8-bit formats: eight lines of 64 bytes. Line k holds the columns 4k ... 4k + 3 of row 0, then
//                 of row 1, and so on, which one VNNI instruction multiplies with four broadcast activations.
//                 4-bit formats: four lines. Line j holds line 2j of the above in the low halves of its bytes
//                 and line 2j + 1 in the high halves.
//                 CK_TILE_6X2: four such lines with the low 4 bits, then two with the high 2 bits. Line h of these
//                 holds those of line 4h in bits 0 and 1 of its bytes, of line 4h + 1 in bits 2 and 3, and so on.
//   the scales    16 x f16, one for each row. CK_TILE_6X2: twice, for the columns 0 ... 15 and 16 ... 31.
//   the minima    16 x f16, only in CK_TILE_8M and CK_TILE_4M.
// Weights are stored unsigned: CK_TILE_8 as q + 128, CK_TILE_6X2 as q + 32, CK_TILE_4 as q + 8. A weight is scale * q,
// or scale * q - minimum in the M formats.
//
// Activations are stored in blocks of 16 tokens; the last tokens are in a block for 1, 2, 4, 8 or 16 tokens, whichever
// is the smallest that holds them. A block has one ck_group_layout for each group of 32 columns.

#ifndef CK_TILES_H
#define CK_TILES_H

#include "blocks.h"
#include "kernels.h"

enum { CK_GROUP = 32, CK_BLOCK_TOKENS = 16 };

// The number of bytes in one group of a tile; 0 for CK_TILE_NONE.
CK_INLINE size_t ck_group_bytes(ck_tile_format format) {
    switch (format) {
    case CK_TILE_NONE: return 0;
    case CK_TILE_8: return 512 + 32;
    case CK_TILE_6X2: return 384 + 64;
    case CK_TILE_8M: return 512 + 64;
    case CK_TILE_4: return 256 + 32;
    case CK_TILE_4M: return 256 + 64;
    }
    return 0;
}

// The offset of a group's scales, which follow its weights.
CK_INLINE size_t ck_scales_offset(ck_tile_format format) {
    switch (format) {
    case CK_TILE_NONE: return 0;
    case CK_TILE_8: case CK_TILE_8M: return 512;
    case CK_TILE_6X2: return 384;
    case CK_TILE_4: case CK_TILE_4M: return 256;
    }
    return 0;
}

CK_INLINE int ck_is_4bit(ck_tile_format format) { return format == CK_TILE_4 || format == CK_TILE_4M; }

CK_INLINE int ck_has_minima(ck_tile_format format) { return format == CK_TILE_8M || format == CK_TILE_4M; }

// The offsets of the parts of a group of n quantised tokens, in bytes from its beginning, where the values q are.
typedef struct {
    size_t scale;  // [n] f32: an activation is scale * q
    size_t sum128; // [n] i32: -128 * sum of q
    size_t half0;  // [n] i32: -32 * sum of the first 16 q
    size_t half1;  // [n] i32: -32 * sum of the last 16 q
    size_t sum8;   // [n] i32: -8 * sum of q
    size_t minimum; // [n] f32: scale * sum of q
    size_t bytes;
} ck_group_layout_t;

CK_INLINE ck_group_layout_t ck_group_layout(size_t n) {
    return (ck_group_layout_t){
        .scale = 32 * n, .sum128 = 36 * n, .half0 = 40 * n, .half1 = 44 * n, .sum8 = 48 * n, .minimum = 52 * n,
        .bytes = 56 * n};
}

// The size, in tokens, of the block that holds the next of `count` remaining tokens.
CK_INLINE size_t ck_block_tokens(size_t count) {
    return count > 8 ? 16 : count > 4 ? 8 : count > 2 ? 4 : count;
}

#endif
