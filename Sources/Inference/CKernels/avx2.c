// The kernels for CPUs with AVX2. The target attribute goes on every function here, and on none elsewhere, so
// that nothing of it runs before dispatch.c has asked the CPU.

#include "kernels.h"

#if CK_X86

// Included outside the attribute: their own functions must stay as they are.
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "vector_avx2.h"

#include "x86_rows.h"

#include "x86_vectors.h"

#include "x86_combination.h"

#include "x86_attention.h"

#include "x86_attention_block.h"

#include "tiles_avx2.h"

const ck_kernels ck_avx2_kernels = CK_KERNELS("avx2");

#pragma clang attribute pop

#endif
