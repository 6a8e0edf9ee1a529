// The public functions, each of which calls the loops compiled for the best path that this CPU supports.

#include "CGradients.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef struct cg_loops {
    void (*rmsnorm_backward)(float *, const float *, const float *, const float *, size_t, float, bool);
    void (*geglu_backward)(float *, float *, const float *, const float *, const float *, size_t);
    float (*softmax)(float *, size_t);
    void (*softmax_again)(float *, size_t, float);
    void (*softmax_backward)(float *, const float *, size_t, float);
    void (*softcap_backward)(float *, const float *, size_t, float);
    void (*dropout)(float *, const float *, size_t, uint64_t, uint32_t, float);
    void (*adamw)(float *, const float *, float *, float *, size_t, float, float, float, float, float, float, float);
    double (*square_sum)(const float *, size_t);
} cg_loops;

#define CG_INLINE static inline __attribute__((always_inline))

// sqrtf may set errno, which keeps the compiler from vectorising a loop.
#if defined(__has_builtin) && __has_builtin(__builtin_elementwise_sqrt)
#define CG_SQRT(x) __builtin_elementwise_sqrt(x)
#else
#define CG_SQRT(x) sqrtf(x)
#endif

#define CG_NAME(name) name##_portable
#include "loops.h"
#undef CG_NAME

#if defined(__x86_64__) && defined(__clang__)
#define CG_X86 1

#define CG_NAME(name) name##_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "loops.h"
#pragma clang attribute pop
#undef CG_NAME

#define CG_NAME(name) name##_avx512
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"), \
                                            min_vector_width(512))), apply_to = function)
#include "loops.h"
#pragma clang attribute pop
#undef CG_NAME
#endif

static _Atomic(const cg_loops *) chosen;

// If two threads both find that nothing is chosen yet, both store the same path.
static const cg_loops *loops(void) {
    const cg_loops *best = atomic_load_explicit(&chosen, memory_order_acquire);
    if (__builtin_expect(best != NULL, 1)) return best;
    best = &loops_portable;
#ifdef CG_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        best = &loops_avx2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
            best = &loops_avx512;
    }
#endif
    atomic_store_explicit(&chosen, best, memory_order_release);
    return best;
}

void cg_rmsnorm_backward(float *dx, const float *x, const float *weight, const float *dy, size_t n, float epsilon,
                         bool adds) {
    loops()->rmsnorm_backward(dx, x, weight, dy, n, epsilon, adds);
}

void cg_geglu_backward(float *dgate, float *dup, const float *gate, const float *up, const float *dy, size_t n) {
    loops()->geglu_backward(dgate, dup, gate, up, dy, n);
}

float cg_softmax(float *x, size_t n) { return loops()->softmax(x, n); }

void cg_softmax_again(float *x, size_t n, float shift) { loops()->softmax_again(x, n, shift); }

void cg_softmax_backward(float *dp, const float *p, size_t n, float delta) {
    loops()->softmax_backward(dp, p, n, delta);
}

void cg_softcap_backward(float *dx, const float *y, size_t n, float cap) {
    loops()->softcap_backward(dx, y, n, cap);
}

void cg_dropout(float *y, const float *x, size_t n, uint64_t key, uint32_t threshold, float scale) {
    loops()->dropout(y, x, n, key, threshold, scale);
}

void cg_adamw(float *weights, const float *gradient, float *first, float *second, size_t n, float gradient_scale,
              float beta1, float beta2, float step_size, float correction, float epsilon, float keep) {
    loops()->adamw(weights, gradient, first, second, n, gradient_scale, beta1, beta2, step_size, correction, epsilon,
                   keep);
}

double cg_square_sum(const float *x, size_t n) { return loops()->square_sum(x, n); }
