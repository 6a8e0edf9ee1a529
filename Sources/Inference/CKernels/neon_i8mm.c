// Products of tiles for arm64 CPUs that have instructions for products of matrices of bytes. The target attribute is on
// every function here and on no function elsewhere, so that no such instruction runs before dispatch.c has asked
// whether the CPU supports it.

#include "kernels.h"

#if CK_ARM64

// Included outside the attribute, which must not be put on the functions of these headers.
#include <arm_neon.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#define CK_NEON_FORM 3
#include "tiles_neon.h"

void ck_multiply_tiles_i8mm(ck_tile_format format, const void *tiles, size_t row_count, size_t columns,
                       const void *quantized, size_t x_count, float *y, size_t y_stride) {
    multiply_tiles(format, tiles, row_count, columns, quantized, x_count, y, y_stride);
}

#pragma clang attribute pop

#endif
