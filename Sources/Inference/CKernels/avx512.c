// The kernels for CPUs with AVX-512 and its VNNI extension. The target attribute is on every function here and on no
// function elsewhere, so that no such instruction runs before dispatch.c has asked whether the CPU supports it.

#include "kernels.h"

#if CK_X86

// Included outside the attribute, which must not be put on the functions of these headers.
#include <immintrin.h>
#include <string.h>

#define CK_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni"
#pragma clang attribute push(__attribute__((target(CK_TARGET))), apply_to = function)

#include "vector_avx512.h"

#include "x86_blocks.h"

#include "rows.h"

#include "vectors.h"

#include "combination.h"

#include "attention.h"

#include "attention_block.h"

#include "tiles_vnni.h"

const ck_kernels ck_avx512_kernels = CK_KERNELS("avx512", multiply_tiles);

#pragma clang attribute pop

#endif
