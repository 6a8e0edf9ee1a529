// What the checks of the kernels share: random numbers that are the same on every machine, complaints, and digests.

#ifndef CHECKS_H
#define CHECKS_H

#include "CKernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Counts a complaint, and prints it if it is one of the first.
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern size_t complaints;

#define CHECK(CONDITION, ...)                                                                                \
    do {                                                                                                     \
        if (!(CONDITION)) complain(__VA_ARGS__);                                                             \
    } while (0)

typedef struct {
    uint64_t state;
} generator;

// SplitMix64.
static inline uint64_t next_bits(generator *random) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

// A whole number in low...high.
static inline size_t next_in(generator *random, size_t low, size_t high) {
    return low + (size_t)(next_bits(random) % (high - low + 1));
}

// A multiple of 2^-23 in -1..<1, times `size`.
static inline float next_float(generator *random, float size) {
    return ((float)(next_bits(random) >> 40) * 0x1p-23f - 1) * size;
}

// Memory for `count` elements, or the end of the program.
static inline void *memory_for(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (!memory) abort();
    return memory;
}

#define NEW(TYPE, COUNT) ((TYPE *)memory_for(COUNT, sizeof(TYPE)))

static inline float *new_floats(generator *random, size_t count, float size) {
    float *x = NEW(float, count);
    for (size_t i = 0; i < count; i++) x[i] = next_float(random, size);
    return x;
}

// Written after the end of an output, to detect writes past it.
static const float canary = -12345.5f;

// `count` floats that are all `value`, and the canary.
static inline float *new_output(size_t count, float value) {
    float *y = NEW(float, count);
    for (size_t i = 0; i < count; i++) y[i] = value;
    y[count] = canary;
    return y;
}

// FNV-1a. What is added to it is always of one size, so that its result depends on the values alone.
typedef struct {
    uint64_t value;
} digest;

static inline void add_bytes(digest *sum, const void *bytes, size_t count) {
    if (sum->value == 0) sum->value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++) sum->value = (sum->value ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
}

// All NaNs count as the same.
static inline void add_floats(digest *sum, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float value = isnan(x[i]) ? NAN : x[i];
        add_bytes(sum, &value, sizeof value);
    }
}

// Whether all bits are the same; all NaNs count as the same.
static inline bool same_floats(const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(isnan(a[i]) && isnan(b[i])) && memcmp(a + i, b + i, sizeof *a) != 0) return false;
    return true;
}

// Makes `path` the one in use; it has to be there.
static inline void use(const char *path) {
    if (!ck_select(path)) abort();
}

enum { row_types = 9 };
extern const ck_type all_row_types[row_types];

// Rows of random bytes, except that all their scales are finite and small.
uint8_t *new_rows(generator *random, ck_type type, size_t count, size_t columns);

// One line of output: a digest that has to be the same on every path (`everywhere`) or on all that add up in the order
// of AVX2.
void report(const char *path, bool everywhere, const char *kernel, digest sum);

void check_rows(const char *path);
void check_halves(const char *path);
void check_tiles(const char *path);
void check_vectors(const char *path);
void check_attention(const char *path);
void check_pool(void);
void check_limits(void);

#endif
