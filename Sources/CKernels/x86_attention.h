// Attention on x86, written on the vector type of vector_avx2.h or vector_avx512.h. Scores are taken for
// four, two or one query heads and two positions at a time, so that a key is loaded once for all of these
// heads; the sums over values go through the positions in runs that stay in the first-level cache.

#ifndef CK_X86_ATTENTION_H
#define CK_X86_ATTENTION_H

enum { run_positions = 32, prefetch_positions = 32 };

// A vector of a key or value, and the rest of one.
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

// Scores of `heads` heads at `positions` positions from p on: scores[g * count + p].
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
        UNROLL for (size_t k = 0; k < positions; k++) scores[g * kv->count + p + k] = v_sum(sums[g][k]);
}

// Adds the values of positions first..<last, by weight, to the outputs of `heads` heads.
CK_INLINE void mix(const int f16, const size_t heads, const ck_cached *kv, const float *weights, size_t first,
                   size_t last, float *out) {
    size_t i = 0;
    for (; i + LANES <= kv->head_dim; i += LANES) {
        vec sums[4];
        UNROLL for (size_t g = 0; g < heads; g++) sums[g] = v_load(out + g * kv->head_dim + i);
        for (size_t p = first; p < last; p++) {
            vec value = v_load_kv(f16, kv->values + p * kv->kv_bytes, i);
            UNROLL for (size_t g = 0; g < heads; g++) {
                sums[g] = v_fma(v_set1(weights[g * kv->count + p]), value, sums[g]);
            }
        }
        UNROLL for (size_t g = 0; g < heads; g++) v_store(out + g * kv->head_dim + i, sums[g]);
    }
    size_t part = kv->head_dim - i;
    if (part == 0) return;
    UNROLL for (size_t g = 0; g < heads; g++) {
        vec sum = v_load_part(out + g * kv->head_dim + i, part);
        for (size_t p = first; p < last; p++) {
            vec value = v_load_kv_part(f16, kv->values + p * kv->kv_bytes, i, part);
            sum = v_fma(v_set1(weights[g * kv->count + p]), value, sum);
        }
        v_store_part(out + g * kv->head_dim + i, sum, part);
    }
}

// Asks for positions that will be needed: a long cache comes from memory, and the processor does not foresee the order.
CK_INLINE void prefetch(const ck_cached *kv, const uint8_t *rows, size_t first, size_t positions) {
    if (first + positions > kv->count) return;
    const uint8_t *at = rows + first * kv->kv_bytes, *end = at + positions * kv->kv_bytes;
    for (; at < end; at += 64) __builtin_prefetch(at, 0, 2);
}

CK_INLINE void attend_heads(const int f16, const size_t heads, const ck_cached *kv, const float *queries,
                            float score_scale, float cap, float *out, float *scores) {
    size_t p = 0;
    for (; p + 2 <= kv->count; p += 2) {
        prefetch(kv, kv->keys, p + prefetch_positions, 2);
        score(f16, heads, 2, kv, queries, p, scores);
    }
    if (p < kv->count) score(f16, heads, 1, kv, queries, p, scores);
    scale(scores, score_scale, heads * kv->count);
    if (cap > 0) softcap(scores, heads * kv->count, cap);
    for (size_t g = 0; g < heads; g++) softmax(scores + g * kv->count, kv->count);
    for (size_t first = 0; first < kv->count; first += run_positions) {
        size_t last = kv->count - first < run_positions ? kv->count : first + run_positions;
        prefetch(kv, kv->values, last, run_positions);
        mix(f16, heads, kv, scores, first, last, out);
    }
}

// One copy for each type and count of heads.
#define ATTEND(NAME, F16, HEADS)                                                                             \
    static void NAME(const ck_cached *kv, const float *queries, float score_scale, float cap, float *out,    \
                     float *scores) {                                                                        \
        attend_heads(F16, HEADS, kv, queries, score_scale, cap, out, scores);                                \
    }
ATTEND(attend_f32_1, 0, 1)
ATTEND(attend_f32_2, 0, 2)
ATTEND(attend_f32_4, 0, 4)
ATTEND(attend_f16_1, 1, 1)
ATTEND(attend_f16_2, 1, 2)
ATTEND(attend_f16_4, 1, 4)

static void attend(ck_type kv_type, const float *queries, size_t group, const void *keys, const void *values,
                   size_t kv_stride, size_t count, size_t head_dim, float score_scale, float cap, float *out,
                   float *scratch) {
    memset(out, 0, group * head_dim * sizeof *out);
    if (count == 0) return;
    int f16 = kv_type == CK_F16;
    ck_cached kv = {keys, values, kv_stride * (f16 ? 2 : 4), count, head_dim};
    for (size_t g = 0; g < group;) {
        const float *q = queries + g * head_dim;
        float *o = out + g * head_dim, *s = scratch + g * count;
        if (group - g >= 4) {
            (f16 ? attend_f16_4 : attend_f32_4)(&kv, q, score_scale, cap, o, s);
            g += 4;
        } else if (group - g >= 2) {
            (f16 ? attend_f16_2 : attend_f32_2)(&kv, q, score_scale, cap, o, s);
            g += 2;
        } else {
            (f16 ? attend_f16_1 : attend_f32_1)(&kv, q, score_scale, cap, o, s);
            g += 1;
        }
    }
}

#endif
