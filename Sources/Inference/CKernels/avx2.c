// The kernels for CPUs with AVX2. The target attribute is on every function here and on no function elsewhere, so that
// no AVX2 instruction runs before dispatch.c has asked whether the CPU supports it.

#include "kernels.h"

#if CK_X86

// Included outside the attribute, which must not be put on the functions of these headers.
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "vector_avx2.h"

#include "x86_blocks.h"

#include "rows.h"

#include "vectors.h"

#include "combination.h"

#include "attention.h"

#include "attention_block.h"

#include "tiles_avx2.h"

const ck_kernels ck_avx2_kernels = CK_KERNELS("avx2", multiply_tiles);

#pragma clang attribute pop

#endif
