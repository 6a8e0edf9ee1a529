// The kernels for arm64: every such CPU has NEON. CPUs with better instructions for products of bytes have the same
// kernels, except for the products of tiles, which are in neon_dotprod.c and neon_i8mm.c.

#include "kernels.h"

#if CK_ARM64

#include <string.h>

#include "vector_neon.h"

#include "neon_blocks.h"

#include "rows.h"

#include "vectors.h"

#include "combination.h"

#include "attention.h"

#include "attention_block.h"

#define CK_NEON_FORM 1
#include "tiles_neon.h"

const ck_kernels ck_neon_kernels = CK_KERNELS("neon", multiply_tiles);
const ck_kernels ck_dotprod_kernels = CK_KERNELS("dotprod", ck_multiply_tiles_dotprod);
const ck_kernels ck_i8mm_kernels = CK_KERNELS("i8mm", ck_multiply_tiles_i8mm);

#endif
