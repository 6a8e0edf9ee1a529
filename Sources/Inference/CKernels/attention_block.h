// Attention of many tokens, in terms of the vector type of vector_avx2.h, vector_avx512.h or vector_neon.h.
//
// The query rows of a key-value head, those of all tokens, are multiplied with one tile of positions after the other.
// Each row has a running maximum and sum; when a larger maximum comes up, what was summed before is scaled down. A tile
// is unpacked to floats once: its keys transposed, so that lanes are positions, and its values as they are, so that
// lanes are dimensions. Both products keep their sums, a few rows by two vectors, in registers.

#ifndef CK_ATTENTION_BLOCK_H
#define CK_ATTENTION_BLOCK_H

enum {
    // The sums fit in registers together with the operands: 12 x 2 of 32 registers. With 8 lanes they are 6 x 2 of 16
    // registers, or of 32 where two make a vector.
    step_rows = LANES == 16 ? 12 : 6,
    pair_lanes = 2 * LANES,
    tile_pairs = CK_ATTEND_TILE / pair_lanes,
};

// The parts of the scratch memory, and what decides which positions a row may see.
typedef struct {
    size_t tokens, group, rows, head_dim;
    size_t padded_rows; // rows, rounded up to step_rows
    size_t padded_dim;  // head_dim, rounded up to pair_lanes
    size_t position, window;
    float *queries;  // [padded_rows, head_dim], scaled
    float *mixed;    // [padded_rows, padded_dim]
    float *maximum;  // [padded_rows]
    float *sum;      // [padded_rows]
    float *decay;    // [padded_rows]: the factor by which the tile's maximum scales the row down
    float *scores;   // [padded_rows, CK_ATTEND_TILE]
    float *keys;     // [tile_pairs, head_dim, pair_lanes]
    float *values;   // [CK_ATTEND_TILE, padded_dim]
} attend_state;

// Adds to `sums` the product of `a`, [step_rows, count], with `b`, [count, two vectors].
CK_INLINE void add_products(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t count,
                            vec sums[step_rows][2]) {
    for (size_t i = 0; i < count; i++) {
        vec first = v_load(b + i * b_stride), second = v_load(b + i * b_stride + LANES);
        UNROLL for (size_t r = 0; r < step_rows; r++) {
            vec factor = v_set1(a[r * a_stride + i]);
            sums[r][0] = v_fma(factor, first, sums[r][0]);
            sums[r][1] = v_fma(factor, second, sums[r][1]);
        }
    }
}

// Computes the scores of step_rows rows at pair_lanes positions.
CK_INLINE void score_step(const float *queries, const float *keys, size_t head_dim, float *scores) {
    vec sums[step_rows][2];
    UNROLL for (size_t r = 0; r < step_rows; r++) sums[r][0] = sums[r][1] = v_set1(0);
    add_products(queries, head_dim, keys, pair_lanes, head_dim, sums);
    UNROLL for (size_t r = 0; r < step_rows; r++) {
        v_store(scores + r * CK_ATTEND_TILE, sums[r][0]);
        v_store(scores + r * CK_ATTEND_TILE + LANES, sums[r][1]);
    }
}

// Scales pair_lanes dimensions of step_rows rows by `decay` and adds the tile's weighted values.
CK_INLINE void mix_step(const float *weights, const float *values, size_t padded_dim, size_t positions,
                        const float *decay, float *mixed) {
    vec sums[step_rows][2];
    UNROLL for (size_t r = 0; r < step_rows; r++) {
        vec rest = v_set1(decay[r]);
        sums[r][0] = v_mul(rest, v_load(mixed + r * padded_dim));
        sums[r][1] = v_mul(rest, v_load(mixed + r * padded_dim + LANES));
    }
    add_products(weights, CK_ATTEND_TILE, values, padded_dim, positions, sums);
    UNROLL for (size_t r = 0; r < step_rows; r++) {
        v_store(mixed + r * padded_dim, sums[r][0]);
        v_store(mixed + r * padded_dim + LANES, sums[r][1]);
    }
}

// Unpacks the keys and values of `count` positions; the tile's keys past them become zeros.
CK_INLINE void unpack_tile(const int f16, const attend_state *s, const uint8_t *keys, const uint8_t *values,
                           size_t kv_bytes, size_t count) {
    const size_t head_dim = s->head_dim;
    for (size_t p = 0; p < CK_ATTEND_TILE; p += LANES) {
        float *across = s->keys + p / pair_lanes * head_dim * pair_lanes + p % pair_lanes;
        for (size_t i = 0; i < head_dim; i += LANES) {
            size_t part = head_dim - i < LANES ? head_dim - i : LANES;
            vec block[LANES];
            for (size_t k = 0; k < LANES; k++) {
                const uint8_t *at = keys + (p + k) * kv_bytes;
                block[k] = p + k >= count   ? v_set1(0)
                           : part == LANES ? v_load_kv(f16, at, i)
                                           : v_load_kv_part(f16, at, i, part);
            }
            v_transpose(block);
            for (size_t k = 0; k < part; k++) v_store(across + (i + k) * pair_lanes, block[k]);
        }
    }
    for (size_t p = 0; p < count; p++) {
        const uint8_t *at = values + p * kv_bytes;
        float *row = s->values + p * s->padded_dim;
        size_t i = 0;
        for (; i + LANES <= head_dim; i += LANES) v_store(row + i, v_load_kv(f16, at, i));
        if (i < head_dim) v_store(row + i, v_load_kv_part(f16, at, i, head_dim - i));
        for (i += i < head_dim ? LANES : 0; i < s->padded_dim; i += LANES) v_store(row + i, v_set1(0));
    }
}

// Turns a row's scores in the tile that begins at position `first` into weights, and sets the row's decay.
CK_INLINE void weigh_row(const attend_state *s, size_t row, size_t first, size_t count, float cap) {
    float *scores = s->scores + row * CK_ATTEND_TILE;
    size_t position = s->position + row / s->group;
    // The row sees the tile's positions from ..< to.
    size_t start = s->window && position + 1 > s->window ? position + 1 - s->window : 0;
    size_t from = start > first ? start - first : 0, to = position + 1 > first ? position + 1 - first : 0;
    if (to > count) to = count;
    if (row >= s->rows || from >= to) {
        memset(scores, 0, CK_ATTEND_TILE * sizeof *scores);
        s->decay[row] = 1;
        return;
    }
    if (cap > 0) softcap(scores, CK_ATTEND_TILE, cap);
    for (size_t p = 0; p < from; p++) scores[p] = -__builtin_inff();
    for (size_t p = to; p < CK_ATTEND_TILE; p++) scores[p] = -__builtin_inff();
    float before = s->maximum[row], now = largest_of(scores, CK_ATTEND_TILE);
    if (before > now) now = before;
    vec maximum = v_set1(now), sums = v_set1(0);
    UNROLL for (size_t p = 0; p < CK_ATTEND_TILE; p += LANES) {
        vec power = v_exp(v_sub(v_load(scores + p), maximum));
        v_store(scores + p, power);
        sums = v_add(sums, power);
    }
    float decay = before == now ? 1 : __builtin_expf(before - now);
    s->decay[row] = decay;
    s->maximum[row] = now;
    s->sum[row] = s->sum[row] * decay + v_sum(sums);
}

// Attention to one tile, the positions first ..< first + count.
CK_INLINE void attend_tile(const attend_state *s, size_t first, size_t count, float cap) {
    // The tokens that see part of the tile, then the steps of rows that contain them.
    size_t begin = first > s->position ? first - s->position : 0, end = s->tokens;
    size_t last = first + count - 1;
    if (s->window && last + s->window < s->position + s->tokens) end = last + s->window - s->position;
    begin = begin * s->group / step_rows * step_rows;
    end = (end * s->group + step_rows - 1) / step_rows * step_rows;
    for (size_t pair = 0; pair < tile_pairs && pair * pair_lanes < count; pair++) {
        const float *keys = s->keys + pair * s->head_dim * pair_lanes;
        for (size_t row = begin; row < end; row += step_rows)
            score_step(s->queries + row * s->head_dim, keys, s->head_dim,
                       s->scores + row * CK_ATTEND_TILE + pair * pair_lanes);
    }
    for (size_t row = begin; row < end; row++) weigh_row(s, row, first, count, cap);
    for (size_t i = 0; i < s->padded_dim; i += pair_lanes)
        for (size_t row = begin; row < end; row += step_rows)
            mix_step(s->scores + row * CK_ATTEND_TILE, s->values + i, s->padded_dim, count, s->decay + row,
                     s->mixed + row * s->padded_dim + i);
}

static void attend_block(const ck_attention *a, float *scratch) {
    attend_state s = {
        .tokens = a->tokens, .group = a->group, .rows = a->tokens * a->group, .head_dim = a->head_dim,
        .position = a->position, .window = a->window};
    s.padded_rows = (s.rows + step_rows - 1) / step_rows * step_rows;
    s.padded_dim = (s.head_dim + pair_lanes - 1) / pair_lanes * pair_lanes;
    float *next = scratch;
#define TAKE(COUNT) (next += (COUNT), next - (COUNT))
    s.queries = TAKE(s.padded_rows * s.head_dim);
    s.mixed = TAKE(s.padded_rows * s.padded_dim);
    s.maximum = TAKE(s.padded_rows);
    s.sum = TAKE(s.padded_rows);
    s.decay = TAKE(s.padded_rows);
    s.scores = TAKE(s.padded_rows * CK_ATTEND_TILE);
    s.keys = TAKE(CK_ATTEND_TILE * s.head_dim);
    s.values = TAKE(CK_ATTEND_TILE * s.padded_dim);
#undef TAKE
    memset(s.queries, 0, s.padded_rows * s.head_dim * sizeof(float));
    memset(s.mixed, 0, s.padded_rows * s.padded_dim * sizeof(float));
    memset(s.sum, 0, s.padded_rows * sizeof(float));
    for (size_t row = 0; row < s.padded_rows; row++) s.maximum[row] = -__builtin_inff();
    size_t token_floats = s.group * s.head_dim;
    for (size_t token = 0; token < s.tokens; token++)
        memcpy(s.queries + token * token_floats, a->queries + token * a->query_stride, token_floats * sizeof(float));
    scale(s.queries, a->scale, s.rows * s.head_dim);

    size_t kv_bytes = a->kv_stride * (a->kv_type == CK_F16 ? 2 : 4);
    size_t first = s.window && s.position + 1 > s.window ? s.position + 1 - s.window : 0;
    for (size_t end = s.position + s.tokens; first < end; first += CK_ATTEND_TILE) {
        size_t count = end - first < CK_ATTEND_TILE ? end - first : CK_ATTEND_TILE;
        const uint8_t *keys = (const uint8_t *)a->keys + first * kv_bytes;
        const uint8_t *values = (const uint8_t *)a->values + first * kv_bytes;
        if (a->kv_type == CK_F16) unpack_tile(1, &s, keys, values, kv_bytes, count);
        else unpack_tile(0, &s, keys, values, kv_bytes, count);
        attend_tile(&s, first, count, a->cap);
    }
    for (size_t row = 0; row < s.rows; row++) {
        float *out = a->out + row / s.group * a->out_stride + row % s.group * s.head_dim;
        memcpy(out, s.mixed + row * s.padded_dim, s.head_dim * sizeof(float));
        scale(out, 1 / s.sum[row], s.head_dim);
    }
}

#endif
