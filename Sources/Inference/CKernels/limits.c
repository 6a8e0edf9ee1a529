// Measures the machine's own limits, for benchmarks to compare their figures with: how fast memory can be read, and
// how fast products of bytes can be added up when nothing has to be loaded.

#include "kernels.h"

#include <string.h>

#if CK_X86
#include <immintrin.h>
#elif CK_ARM64
#include <arm_neon.h>
#endif

uint64_t ck_read_all(const void *memory, size_t bytes) {
    enum { words = 32 }; // independent sums, which do not wait for each other
    uint64_t sums[words] = {0};
    const char *next = memory;
    for (size_t i = 0; i < bytes / sizeof sums; i++, next += sizeof sums) {
        uint64_t line[words];
        memcpy(line, next, sizeof line);
        for (int j = 0; j < words; j++) sums[j] ^= line[j];
    }
    uint64_t all = 0;
    for (int j = 0; j < words; j++) all ^= sums[j];
    return all;
}

// How many vector sums a round updates; they are independent, so none waits for another.
enum { independent_sums = 12 };

#if CK_X86

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
static size_t multiply_avx512(size_t rounds, int32_t *out) {
    __m512i sums[independent_sums], a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(-2);
    for (int j = 0; j < independent_sums; j++) sums[j] = _mm512_setzero_si512();
    for (size_t i = 0; i < rounds; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < independent_sums; j++) sums[j] = _mm512_dpbusd_epi32(sums[j], a, b);
    }
    for (int j = 1; j < independent_sums; j++) sums[0] = _mm512_add_epi32(sums[0], sums[j]);
    *out = _mm512_reduce_add_epi32(sums[0]);
    return rounds * independent_sums * 64;
}

// Without VNNI it takes three instructions to do what one does with it. The empty assembly hides that the operands are
// constant; otherwise the compiler would move the products out of the loop.
__attribute__((target("avx2")))
static size_t multiply_avx2(size_t rounds, int32_t *out) {
    __m256i sums[independent_sums], a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(-2);
    const __m256i ones = _mm256_set1_epi16(1);
    for (int j = 0; j < independent_sums; j++) sums[j] = _mm256_setzero_si256();
    for (size_t i = 0; i < rounds; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < independent_sums; j++) {
            __asm__ volatile("" : "+x"(a));
            __m256i pairs = _mm256_maddubs_epi16(a, b);
            sums[j] = _mm256_add_epi32(sums[j], _mm256_madd_epi16(pairs, ones));
        }
    }
    for (int j = 1; j < independent_sums; j++) sums[0] = _mm256_add_epi32(sums[0], sums[j]);
    int32_t lanes[8];
    _mm256_storeu_si256((__m256i *)lanes, sums[0]);
    *out = 0;
    for (int j = 0; j < 8; j++) *out += lanes[j];
    return rounds * independent_sums * 32;
}

#endif

#if CK_ARM64

// One copy for each instruction. The empty assembly hides that the operands are constant; otherwise the compiler would
// work the products out beforehand.
#define CK_MULTIPLY(NAME, TARGET, INSTRUCTION, PRODUCTS)                                                     \
    __attribute__((target(TARGET))) static size_t NAME(size_t rounds, int32_t *out) {                        \
        int32x4_t sums[independent_sums];                                                                    \
        int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(-2);                                                     \
        for (int j = 0; j < independent_sums; j++) sums[j] = vdupq_n_s32(0);                                 \
        for (size_t i = 0; i < rounds; i++) {                                                                \
            __asm__ volatile("" : "+w"(a), "+w"(b));                                                         \
            _Pragma("clang loop unroll(full)")                                                               \
            for (int j = 0; j < independent_sums; j++) sums[j] = INSTRUCTION(sums[j], a, b);                 \
        }                                                                                                    \
        for (int j = 1; j < independent_sums; j++) sums[0] = vaddq_s32(sums[0], sums[j]);                    \
        *out = vaddvq_s32(sums[0]);                                                                          \
        return rounds * independent_sums * PRODUCTS;                                                         \
    }

CK_MULTIPLY(multiply_dotprod, "dotprod", vdotq_s32, 16)
CK_MULTIPLY(multiply_i8mm, "i8mm", vmmlaq_s32, 32)

#endif

// Whatever the compiler makes of a plain loop for the architecture's base instruction set.
static size_t multiply_scalar(size_t rounds, int32_t *out) {
    enum { columns = 1024 };
    static const int8_t zeros[columns];
    const int8_t *a = zeros, *b = zeros;
    int32_t sum = 0;
    for (size_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+r"(a), "+r"(b));
        for (int j = 0; j < columns; j++) sum += a[j] * b[j];
    }
    *out = sum;
    return rounds * columns;
}

uint64_t ck_multiply_bytes(size_t rounds, int32_t *out) {
#if CK_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        return multiply_avx512(rounds, out);
    if (__builtin_cpu_supports("avx2")) return multiply_avx2(rounds, out);
#elif CK_ARM64
    if (ck_has_i8mm()) return multiply_i8mm(rounds, out);
    if (ck_has_dotprod()) return multiply_dotprod(rounds, out);
#endif
    return multiply_scalar(rounds, out);
}
