// The public functions, each of which calls the chosen CPU path.

#include "blocks.h"
#include "kernels.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>

#if CK_ARM64
#include <asm/hwcap.h>
#include <sys/auxv.h>

// The bits by which the kernel says what the CPU has; older headers lack their names.
#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1 << 20)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1 << 13)
#endif

int ck_has_dotprod(void) { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

// The i8mm form uses dot products too, for a token that is left over.
int ck_has_i8mm(void) { return ck_has_dotprod() && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }
#endif

static _Atomic(const ck_kernels *) chosen;

// The paths this CPU can run, best first; NULL-terminated.
static void available(const ck_kernels *paths[CK_PATHS + 1]) {
    size_t count = 0;
#if CK_X86
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
        && __builtin_cpu_supports("f16c");
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        paths[count++] = &ck_avx512_kernels;
    if (avx2) paths[count++] = &ck_avx2_kernels;
#endif
#if CK_ARM64
    if (ck_has_i8mm()) paths[count++] = &ck_i8mm_kernels;
    if (ck_has_dotprod()) paths[count++] = &ck_dotprod_kernels;
    paths[count++] = &ck_neon_kernels;
#endif
    paths[count++] = &ck_scalar_kernels;
    paths[count] = NULL;
}

// Set by ck_select, for one thread only, so that a test of one path does not change the results of another test.
static _Thread_local const ck_kernels *override;

const char *ck_select(const char *name) {
    const ck_kernels *paths[CK_PATHS + 1];
    available(paths);
    for (size_t i = 0; paths[i]; i++) {
        if (name && strcmp(name, paths[i]->name) != 0) continue;
        override = name ? paths[i] : NULL;
        return paths[i]->name;
    }
    return NULL;
}

// If two threads both find that nothing is chosen yet, both store the same path.
static inline const ck_kernels *kernels(void) {
    if (__builtin_expect(override != NULL, 0)) return override;
    const ck_kernels *best = atomic_load_explicit(&chosen, memory_order_acquire);
    if (__builtin_expect(best != NULL, 1)) return best;
    const ck_kernels *paths[CK_PATHS + 1];
    available(paths);
    atomic_store_explicit(&chosen, paths[0], memory_order_release);
    return paths[0];
}

size_t ck_block_elements(ck_type type) {
    switch (type) {
    case CK_F32: case CK_F16: case CK_BF16: return 1;
    case CK_Q4_0: case CK_Q5_0: case CK_Q8_0: return 32;
    case CK_Q4_K: case CK_Q5_K: case CK_Q6_K: return 256;
    }
    return 0;
}

static size_t block_bytes(ck_type type) {
    switch (type) {
    case CK_F32: return 4;
    case CK_F16: case CK_BF16: return 2;
    case CK_Q4_0: return sizeof(ck_block_q4_0);
    case CK_Q5_0: return sizeof(ck_block_q5_0);
    case CK_Q8_0: return sizeof(ck_block_q8_0);
    case CK_Q4_K: return sizeof(ck_block_q4_k);
    case CK_Q5_K: return sizeof(ck_block_q5_k);
    case CK_Q6_K: return sizeof(ck_block_q6_k);
    }
    return 0;
}

size_t ck_row_bytes(ck_type type, size_t columns) {
    size_t elements = ck_block_elements(type);
    if (elements == 0 || columns % elements != 0) return 0;
    size_t bytes = 0;
    if (__builtin_mul_overflow(columns / elements, block_bytes(type), &bytes)) return 0;
    return bytes;
}

void ck_dequantize(ck_type type, const void *row, float *out, size_t columns) {
    assert(columns == 0 || ck_row_bytes(type, columns) != 0);
    kernels()->dequantize(type, row, out, columns);
}

void ck_gemv(ck_type type, const void *rows, size_t row_count, size_t columns, const float *x, size_t x_count,
             size_t x_stride, float *y, size_t y_stride) {
    assert(columns == 0 || ck_row_bytes(type, columns) != 0);
    assert(x_count <= 1 || (x_stride >= columns && y_stride >= row_count));
    for (size_t j = 0; j < x_count; j += 8) {
        size_t count = x_count - j < 8 ? x_count - j : 8;
        kernels()->gemv(type, rows, row_count, columns, x + j * x_stride, count, x_stride, y + j * y_stride,
                        y_stride);
    }
}

void ck_add_combination(ck_type type, const void *rows, size_t row_stride, size_t row_count, size_t columns,
                        const float *factors, size_t factor_stride, float *y, size_t y_count, size_t y_stride) {
    assert(type == CK_F32 || type == CK_F16);
    assert(row_count <= 1 || row_stride >= columns);
    assert(y_count <= 1 || (y_stride >= columns && factor_stride >= row_count));
    kernels()->add_combination(type, rows, row_stride, row_count, columns, factors, factor_stride, y, y_count,
                               y_stride);
}

void ck_rmsnorm(float *y, const float *x, const float *weight, size_t n, float epsilon, float weight_offset) {
    kernels()->rmsnorm(y, x, weight, n, epsilon, weight_offset);
}

void ck_rope(float *heads, size_t head_count, size_t head_dim, const float *cosines, const float *sines) {
    assert(head_dim % 2 == 0);
    kernels()->rope(heads, head_count, head_dim, cosines, sines);
}

void ck_geglu(float *gate, const float *up, size_t n) { kernels()->geglu(gate, up, n); }

void ck_add(float *y, const float *x, size_t n) { kernels()->add(y, x, n); }

void ck_scale(float *y, float s, size_t n) { kernels()->scale(y, s, n); }

void ck_softcap(float *x, size_t n, float cap) {
    assert(cap > 0);
    kernels()->softcap(x, n, cap);
}

void ck_softmax(float *x, size_t n) { kernels()->softmax(x, n); }

void ck_f32_to_f16(const float *in, uint16_t *out, size_t n) { kernels()->f32_to_f16(in, out, n); }

float ck_dot(const float *a, const float *b, size_t n) { return kernels()->dot(a, b, n); }

size_t ck_argmax(const float *x, size_t n) { return kernels()->argmax(x, n); }

void ck_attend(ck_type kv_type, const float *queries, size_t group, const void *keys, const void *values,
               size_t kv_stride, size_t count, size_t head_dim, float scale, float cap, float *part) {
    assert(kv_type == CK_F32 || kv_type == CK_F16);
    assert(count <= 1 || kv_stride >= head_dim);
    kernels()->attend(kv_type, queries, group, keys, values, kv_stride, count, head_dim, scale, cap, part);
}

size_t ck_attend_floats(size_t group, size_t head_dim) { return group * (head_dim + 2); }

// This is so little work compared with ck_attend that the portable form is enough.
void ck_attend_merge(const float *parts, size_t count, size_t group, size_t head_dim, float *out) {
    size_t part_floats = ck_attend_floats(group, head_dim);
    memset(out, 0, group * head_dim * sizeof *out);
    for (size_t g = 0; g < group; g++) {
        const float *first = parts + g * (head_dim + 2);
        float largest = -INFINITY, sum = 0, *sums = out + g * head_dim;
        for (size_t k = 0; k < count; k++) largest = fmaxf(largest, first[k * part_floats + head_dim]);
        for (size_t k = 0; k < count; k++) {
            const float *part = first + k * part_floats;
            if (part[head_dim + 1] == 0) continue; // no positions, or none with any weight
            float weight = expf(part[head_dim] - largest);
            sum += weight * part[head_dim + 1];
            for (size_t i = 0; i < head_dim; i++) sums[i] += weight * part[i];
        }
        if (sum == 0) continue;
        for (size_t i = 0; i < head_dim; i++) sums[i] /= sum;
    }
}

// Rows and dimensions leave room for rounding up to what the widest form handles at once.
size_t ck_attend_block_floats(const ck_attention *a) {
    size_t rows = a->tokens * a->group + 16, dimensions = a->head_dim + 32;
    return rows * (a->head_dim + dimensions + CK_ATTEND_TILE + 3) + CK_ATTEND_TILE * (a->head_dim + dimensions);
}

void ck_attend_block(const ck_attention *a, float *scratch) {
    assert(a->kv_type == CK_F32 || a->kv_type == CK_F16);
    assert(a->kv_stride >= a->head_dim && a->query_stride >= a->group * a->head_dim);
    kernels()->attend_block(a, scratch);
}

void ck_quantize(const float *x, size_t count, size_t x_stride, size_t columns, void *out) {
    assert(columns % 32 == 0 && (count <= 1 || x_stride >= columns));
    kernels()->quantize(x, count, x_stride, columns, out);
}

void ck_tile_multiply(ck_tile_format format, const void *tiles, size_t row_count, size_t columns,
                      const void *quantized, size_t x_count, float *y, size_t y_stride) {
    assert(ck_tile_bytes(format, columns) != 0 && (x_count <= 1 || y_stride >= row_count));
    kernels()->multiply_tiles(format, tiles, row_count, columns, quantized, x_count, y, y_stride);
}
