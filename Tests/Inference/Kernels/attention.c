// Attention, of single tokens in parts and of many tokens at once, against its formula in double precision.

#include "checks.h"

typedef struct {
    ck_type type;
    size_t group, count, head_dim, stride;
    float scale, cap;
    float *queries; // [tokens, group, head_dim]
    void *keys, *values; // [count, stride] of the type
    float *wide_keys, *wide_values; // the same numbers
} cached;

static const size_t dimensions[] = {1, 5, 8, 16, 20, 31, 64, 100, 256};

static void *stored(ck_type type, float *x, size_t count) {
    if (type == CK_F32) {
        float *copy = NEW(float, count);
        memcpy(copy, x, count * sizeof *x);
        return copy;
    }
    uint16_t *halves = NEW(uint16_t, count);
    ck_f32_to_f16(x, halves, count);
    ck_dequantize(CK_F16, halves, x, count);
    return halves;
}

static cached new_cached(generator *random, size_t round, size_t tokens, size_t group, size_t count) {
    cached c = {.type = round % 2 ? CK_F16 : CK_F32, .group = group, .count = count, .head_dim = dimensions[round % 9]};
    c.stride = c.head_dim + next_in(random, 0, 9);
    c.scale = 1 / sqrtf((float)c.head_dim);
    c.cap = round % 3 == 0 ? 2 : 0;
    c.queries = new_floats(random, tokens * group * c.head_dim, 2);
    c.wide_keys = new_floats(random, count * c.stride, 1);
    c.wide_values = new_floats(random, count * c.stride, 1);
    c.keys = stored(c.type, c.wide_keys, count * c.stride);
    c.values = stored(c.type, c.wide_values, count * c.stride);
    return c;
}

static void delete_cached(cached *c) {
    free(c->queries), free(c->keys), free(c->values), free(c->wide_keys), free(c->wide_values);
}

// Compares out, [head_dim], with the attention of one query over the positions first ..< end.
static void compare(const char *path, const cached *c, const float *query, size_t first, size_t end, const float *out) {
    double *weights = NEW(double, end), largest = -INFINITY, sum = 0;
    for (size_t p = first; p < end; p++) {
        double score = 0;
        for (size_t i = 0; i < c->head_dim; i++) score += (double)query[i] * (double)c->wide_keys[p * c->stride + i];
        score *= (double)c->scale;
        if (c->cap > 0) score = (double)c->cap * tanh(score / (double)c->cap);
        weights[p] = score;
        largest = fmax(largest, score);
    }
    for (size_t p = first; p < end; p++) sum += weights[p] = exp(weights[p] - largest);
    for (size_t i = 0; i < c->head_dim; i++) {
        double expected = 0;
        for (size_t p = first; p < end; p++) expected += weights[p] / sum * (double)c->wide_values[p * c->stride + i];
        CHECK(fabs((double)out[i] - expected) < 4e-6, "%s: attention of %zu over %zu...%zu is %g, not %g", path,
              c->head_dim, first, end, (double)out[i], expected);
    }
    free(weights);
}

static void check_parts(const char *path, digest *sum) {
    generator random = {11};
    for (size_t round = 0; round < 54; round++) {
        size_t group = next_in(&random, 1, 9), parts = 1 + round % 4;
        cached c = new_cached(&random, round, 1, group, next_in(&random, 0, 150));
        size_t floats = ck_attend_floats(group, c.head_dim), element = c.type == CK_F16 ? 2 : 4;
        float *results = new_output(parts * floats, NAN), *out = new_output(group * c.head_dim, 7);
        for (size_t k = 0; k < parts; k++) {
            size_t first = c.count * k / parts, last = c.count * (k + 1) / parts, at = first * c.stride * element;
            ck_attend(c.type, c.queries, group, (char *)c.keys + at, (char *)c.values + at, c.stride, last - first,
                      c.head_dim, c.scale, c.cap, results + k * floats);
        }
        ck_attend_merge(results, parts, group, c.head_dim, out);
        CHECK(results[parts * floats] == canary && out[group * c.head_dim] == canary, "%s: attention wrote too far",
              path);
        for (size_t g = 0; g < group; g++)
            compare(path, &c, c.queries + g * c.head_dim, 0, c.count, out + g * c.head_dim);
        add_floats(sum, results, parts * floats);
        delete_cached(&c);
        free(results), free(out);
    }
}

static void check_block(const char *path, digest *sum) {
    generator random = {12};
    for (size_t round = 0; round < 54; round++) {
        size_t tokens = next_in(&random, 1, 40), group = next_in(&random, 1, 9), position = next_in(&random, 0, 150);
        size_t window = round % 3 == 0 ? next_in(&random, 1, 90) : 0;
        cached c = new_cached(&random, round, tokens, group, position + tokens);
        size_t row = group * c.head_dim;
        float *out = new_output(tokens * row, 7);
        ck_attention block = {c.type,   c.queries, row,    tokens,     group,   c.keys, c.values, c.stride,
                              position, window,    c.head_dim, c.scale, c.cap, out,    row};
        size_t floats = ck_attend_block_floats(&block);
        float *scratch = new_output(floats, NAN);
        ck_attend_block(&block, scratch);
        CHECK(scratch[floats] == canary && out[tokens * row] == canary, "%s: a block of attention wrote too far", path);
        for (size_t token = 0; token < tokens; token++) {
            size_t end = position + token + 1, first = window && end > window ? end - window : 0;
            for (size_t g = 0; g < group; g++) {
                size_t at = token * row + g * c.head_dim;
                compare(path, &c, c.queries + at, first, end, out + at);
            }
        }
        add_floats(sum, out, tokens * row);
        delete_cached(&c);
        free(out), free(scratch);
    }
}

void check_attention(const char *path) {
    use(path);
    digest parts = {0}, block = {0};
    check_parts(path, &parts);
    report(path, false, "attend", parts);
    check_block(path, &block);
    report(path, false, "attend_block", block);
}
