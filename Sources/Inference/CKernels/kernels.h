// Each CPU path has one table of functions; dispatch.c picks the table to use.

#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "CKernels.h"

#if defined(__x86_64__) && defined(__clang__)
#define CK_X86 1
#else
#define CK_X86 0
#endif

#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__clang__) && defined(__linux__) \
    && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CK_ARM64 1
#else
#define CK_ARM64 0
#endif

// The most paths that one architecture has.
enum { CK_PATHS = 4 };

// How many positions ck_attend_block handles at a time.
enum { CK_ATTEND_TILE = 64 };

typedef struct ck_kernels {
    const char *name;
    void (*dequantize)(ck_type, const void *, float *, size_t);
    // Here x_count is 1...8.
    void (*gemv)(ck_type, const void *, size_t, size_t, const float *, size_t, size_t, float *, size_t);
    void (*add_combination)(ck_type, const void *, size_t, size_t, size_t, const float *, size_t, float *, size_t,
                            size_t);
    void (*rmsnorm)(float *, const float *, const float *, size_t, float, float);
    void (*rope)(float *, size_t, size_t, const float *, const float *);
    void (*geglu)(float *, const float *, size_t);
    void (*add)(float *, const float *, size_t);
    void (*scale)(float *, float, size_t);
    void (*softcap)(float *, size_t, float);
    void (*softmax)(float *, size_t);
    void (*f32_to_f16)(const float *, uint16_t *, size_t);
    float (*dot)(const float *, const float *, size_t);
    size_t (*argmax)(const float *, size_t);
    void (*attend)(ck_type, const float *, size_t, const void *, const void *, size_t, size_t, size_t, float,
                   float, float *);
    void (*attend_block)(const ck_attention *, float *);
    void (*quantize)(const float *, size_t, size_t, size_t, void *);
    void (*multiply_tiles)(ck_tile_format, const void *, size_t, size_t, const void *, size_t, float *, size_t);
} ck_kernels;

// The table of the file that uses this macro; every form gives its functions the same names. Forms that differ only in
// the products of tiles share the rest.
#define CK_KERNELS(NAME, MULTIPLY_TILES) \
    { \
        .name = NAME, \
        .dequantize = dequantize, \
        .gemv = gemv, \
        .add_combination = add_combination, \
        .rmsnorm = rmsnorm, \
        .rope = rope, \
        .geglu = geglu, \
        .add = add, \
        .scale = scale, \
        .softcap = softcap, \
        .softmax = softmax, \
        .f32_to_f16 = f32_to_f16, \
        .dot = dot, \
        .argmax = argmax, \
        .attend = attend, \
        .attend_block = attend_block, \
        .quantize = quantize, \
        .multiply_tiles = MULTIPLY_TILES, \
    }

extern const ck_kernels ck_scalar_kernels;
#if CK_X86
extern const ck_kernels ck_avx2_kernels;
extern const ck_kernels ck_avx512_kernels;
#endif
#if CK_ARM64
extern const ck_kernels ck_neon_kernels;
extern const ck_kernels ck_dotprod_kernels;
extern const ck_kernels ck_i8mm_kernels;

void ck_multiply_tiles_dotprod(ck_tile_format, const void *, size_t, size_t, const void *, size_t, float *, size_t);
void ck_multiply_tiles_i8mm(ck_tile_format, const void *, size_t, size_t, const void *, size_t, float *, size_t);

// Whether this CPU has the instructions that the second and the third of these forms need.
int ck_has_dotprod(void);
int ck_has_i8mm(void);
#endif

#endif
