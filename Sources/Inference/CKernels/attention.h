// Attention of single tokens, in terms of the vector type of vector_avx2.h, vector_avx512.h or vector_neon.h. Positions
// are handled in runs whose keys and values stay in the first-level cache while all query heads use them. Scores are
// computed for four, two or one heads and two positions at a time, so that a key is loaded once for all these heads.

#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

enum { run_positions = 32 };

// Load a whole vector of a key or value, or the last n elements of one.
CK_INLINE vec v_load_kv(const int f16, const void *at, size_t i) {
    return f16 ? v_load_f16((const uint16_t *)at + i) : v_load((const float *)at + i);
}

CK_INLINE vec v_load_kv_part(const int f16, const void *at, size_t i, size_t n) {
    return f16 ? v_load_f16_part((const uint16_t *)at + i, n) : v_load_part((const float *)at + i, n);
}

typedef struct {
    const uint8_t *keys, *values;
    size_t kv_bytes; // from one position to the next
    size_t count, head_dim;
} ck_cached;

// Computes the scores of `heads` heads at `positions` positions from p on, as scores[g * run_positions + p].
CK_INLINE void score(const int f16, const size_t heads, const size_t positions, const ck_cached *kv,
                     const float *queries, size_t p, float *scores) {
    vec sums[4][2];
    UNROLL for (size_t g = 0; g < heads; g++)
        UNROLL for (size_t k = 0; k < positions; k++) sums[g][k] = v_set1(0);
    const uint8_t *at = kv->keys + p * kv->kv_bytes;
    size_t i = 0;
    for (; i + LANES <= kv->head_dim; i += LANES) {
        vec key[2];
        UNROLL for (size_t k = 0; k < positions; k++) key[k] = v_load_kv(f16, at + k * kv->kv_bytes, i);
        UNROLL for (size_t g = 0; g < heads; g++) {
            vec query = v_load(queries + g * kv->head_dim + i);
            UNROLL for (size_t k = 0; k < positions; k++) sums[g][k] = v_fma(query, key[k], sums[g][k]);
        }
    }
    size_t part = kv->head_dim - i;
    if (part > 0)
        UNROLL for (size_t k = 0; k < positions; k++) {
            vec key = v_load_kv_part(f16, at + k * kv->kv_bytes, i, part);
            UNROLL for (size_t g = 0; g < heads; g++) {
                sums[g][k] = v_fma(v_load_part(queries + g * kv->head_dim + i, part), key, sums[g][k]);
            }
        }
    UNROLL for (size_t g = 0; g < heads; g++)
        UNROLL for (size_t k = 0; k < positions; k++) scores[g * run_positions + p + k] = v_sum(sums[g][k]);
}

// Turns a head's scores at `count` positions into weights, and updates its largest score and the sum of its weights.
// Returns the factor by which what was summed before has to be scaled down.
CK_INLINE float weigh(float *scores, size_t count, float *largest, float *sum) {
    float before = *largest, now = largest_of(scores, count);
    if (before > now) now = before;
    vec maximum = v_set1(now), sums = v_set1(0);
    for (size_t p = count; p < run_positions; p++) scores[p] = -__builtin_inff();
    UNROLL for (size_t p = 0; p < run_positions; p += LANES) {
        vec power = v_exp(v_sub(v_load(scores + p), maximum));
        v_store(scores + p, power);
        sums = v_add(sums, power);
    }
    float left = before == now ? 1 : __builtin_expf(before - now);
    *largest = now;
    *sum = *sum * left + v_sum(sums);
    return left;
}

// Scales the sums of `heads` heads, which are `stride` apart, by `left` and adds the weighted values of `count`
// positions.
CK_INLINE void mix(const int f16, const size_t heads, const ck_cached *kv, const float *weights, const float *left,
                   size_t count, float *mixed, size_t stride) {
    size_t i = 0;
    for (; i + LANES <= kv->head_dim; i += LANES) {
        vec sums[4];
        UNROLL for (size_t g = 0; g < heads; g++) sums[g] = v_mul(v_set1(left[g]), v_load(mixed + g * stride + i));
        for (size_t p = 0; p < count; p++) {
            vec value = v_load_kv(f16, kv->values + p * kv->kv_bytes, i);
            UNROLL for (size_t g = 0; g < heads; g++) {
                sums[g] = v_fma(v_set1(weights[g * run_positions + p]), value, sums[g]);
            }
        }
        UNROLL for (size_t g = 0; g < heads; g++) v_store(mixed + g * stride + i, sums[g]);
    }
    size_t part = kv->head_dim - i;
    if (part == 0) return;
    UNROLL for (size_t g = 0; g < heads; g++) {
        vec sum = v_mul(v_set1(left[g]), v_load_part(mixed + g * stride + i, part));
        for (size_t p = 0; p < count; p++) {
            vec value = v_load_kv_part(f16, kv->values + p * kv->kv_bytes, i, part);
            sum = v_fma(v_set1(weights[g * run_positions + p]), value, sum);
        }
        v_store_part(mixed + g * stride + i, sum, part);
    }
}

// Prefetches positions that will be needed soon: a long cache is not in any processor cache, and the processor does not
// predict the order in which it is read.
CK_INLINE void prefetch(const uint8_t *rows, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(rows + i, 0, 2);
}

// Attention over one run, the positions of kv. The next `ahead` positions after them are prefetched.
CK_INLINE void attend_run(const int f16, const size_t heads, const ck_cached *kv, size_t ahead, const float *queries,
                          float score_scale, float cap, float *part) {
    float scores[4 * run_positions], left[4];
    size_t stride = kv->head_dim + 2, p = 0;
    for (; p + 2 <= kv->count; p += 2) {
        if (p < ahead) {
            size_t bytes = (ahead - p < 2 ? 1 : 2) * kv->kv_bytes;
            prefetch(kv->keys + (kv->count + p) * kv->kv_bytes, bytes);
            prefetch(kv->values + (kv->count + p) * kv->kv_bytes, bytes);
        }
        score(f16, heads, 2, kv, queries, p, scores);
    }
    if (p < kv->count) score(f16, heads, 1, kv, queries, p, scores);
    UNROLL for (size_t g = 0; g < heads; g++) {
        float *head = part + g * stride + kv->head_dim;
        scale(scores + g * run_positions, score_scale, kv->count);
        if (cap > 0) softcap(scores + g * run_positions, kv->count, cap);
        left[g] = weigh(scores + g * run_positions, kv->count, head, head + 1);
    }
    mix(f16, heads, kv, scores, left, kv->count, part, stride);
}

// One copy for each element type and count of heads.
#define ATTEND_RUN(NAME, F16, HEADS)                                                                         \
    static void NAME(const ck_cached *kv, size_t ahead, const float *queries, float score_scale, float cap,  \
                     float *part) {                                                                          \
        attend_run(F16, HEADS, kv, ahead, queries, score_scale, cap, part);                                  \
    }
ATTEND_RUN(attend_run_f32_1, 0, 1)
ATTEND_RUN(attend_run_f32_2, 0, 2)
ATTEND_RUN(attend_run_f32_4, 0, 4)
ATTEND_RUN(attend_run_f16_1, 1, 1)
ATTEND_RUN(attend_run_f16_2, 1, 2)
ATTEND_RUN(attend_run_f16_4, 1, 4)

static void attend(ck_type kv_type, const float *queries, size_t group, const void *keys, const void *values,
                   size_t kv_stride, size_t count, size_t head_dim, float score_scale, float cap, float *part) {
    int f16 = kv_type == CK_F16;
    size_t kv_bytes = kv_stride * (f16 ? 2 : 4), stride = head_dim + 2;
    memset(part, 0, group * stride * sizeof *part);
    for (size_t g = 0; g < group; g++) part[g * stride + head_dim] = -__builtin_inff();
    for (size_t first = 0; first < count; first += run_positions) {
        size_t left = count - first, length = left < run_positions ? left : run_positions;
        ck_cached kv = {(const uint8_t *)keys + first * kv_bytes, (const uint8_t *)values + first * kv_bytes, kv_bytes,
                        length, head_dim};
        size_t ahead = left - length < run_positions ? left - length : run_positions;
        for (size_t g = 0; g < group;) {
            const float *q = queries + g * head_dim;
            float *o = part + g * stride;
            if (group - g >= 4) {
                (f16 ? attend_run_f16_4 : attend_run_f32_4)(&kv, ahead, q, score_scale, cap, o);
                g += 4;
            } else if (group - g >= 2) {
                (f16 ? attend_run_f16_2 : attend_run_f32_2)(&kv, ahead, q, score_scale, cap, o);
                g += 2;
            } else {
                (f16 ? attend_run_f16_1 : attend_run_f32_1)(&kv, ahead, q, score_scale, cap, o);
                g += 1;
            }
            ahead = 0; // already prefetched
        }
    }
}

#endif
