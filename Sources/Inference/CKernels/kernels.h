// Each CPU path has one table of functions; dispatch.c picks the table to use.

#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "CKernels.h"

#if defined(__x86_64__) && defined(__clang__)
#define CK_X86 1
#else
#define CK_X86 0
#endif

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

// The table of the file that uses this macro; every form gives its functions the same names.
#define CK_KERNELS(NAME) \
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
        .multiply_tiles = multiply_tiles, \
    }

extern const ck_kernels ck_scalar_kernels;
#if CK_X86
extern const ck_kernels ck_avx2_kernels;
extern const ck_kernels ck_avx512_kernels;
#endif

#endif
