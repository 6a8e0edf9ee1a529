// Operations on vectors of activations, in terms of the vector type of vector_avx2.h, vector_avx512.h or vector_neon.h.

#ifndef CK_VECTORS_H
#define CK_VECTORS_H

// Runs BODY for i in steps of LANES. In it, LOAD(pointer) and STORE(pointer, value) handle whole vectors, and in the
// last round the elements that are left.
#define EACH_VECTOR(N, BODY)                                                                                 \
    {                                                                                                        \
        size_t i = 0;                                                                                        \
        for (; i + LANES <= (N); i += LANES) {                                                               \
            BODY(v_load, v_store)                                                                            \
        }                                                                                                    \
        size_t part = (N) - i;                                                                               \
        if (part > 0) {                                                                                      \
            BODY(LOAD_REST, STORE_REST)                                                                      \
        }                                                                                                    \
    }
#define LOAD_REST(AT) v_load_part(AT, part)
#define STORE_REST(AT, X) v_store_part(AT, X, part)

// MARK: exp and tanh

// e^x by e^r * 2^n with r in +-ln(2)/2; the polynomial is that of Cephes' expf (S. Moshier), relative error
// about 1e-7. Below -87.3 it gives 0, above 88 it stays at e^88; NaN stays NaN.
CK_INLINE vec v_exp(vec x) {
    const vec lowest = v_set1(-87.3f);
    vec inside = v_max(lowest, v_min(v_set1(88.0f), x));
    vec n = v_round(v_mul(inside, v_set1(1.44269504088896341f)));
    vec r = v_fma(n, v_set1(-0.693359375f), inside);
    r = v_fma(n, v_set1(2.12194440e-4f), r);
    vec p = v_set1(1.9875691500e-4f);
    p = v_fma(p, r, v_set1(1.3981999507e-3f));
    p = v_fma(p, r, v_set1(8.3334519073e-3f));
    p = v_fma(p, r, v_set1(4.1665795894e-2f));
    p = v_fma(p, r, v_set1(1.6666665459e-1f));
    p = v_fma(p, r, v_set1(5.0000001201e-1f));
    vec power = v_fma(v_mul(r, r), p, v_add(r, v_set1(1)));
    return v_where_less(x, lowest, v_set1(0), v_scale_exponent(power, n));
}

// Near 0 this uses an odd polynomial (Cephes' tanhf), since 1 - 2 / (e^2x + 1) loses relative precision there.
CK_INLINE vec v_tanh(vec x) {
    vec z = v_mul(x, x);
    vec p = v_set1(-5.70498872745e-3f);
    p = v_fma(p, z, v_set1(2.06390887954e-2f));
    p = v_fma(p, z, v_set1(-5.37397155531e-2f));
    p = v_fma(p, z, v_set1(1.33314422036e-1f));
    p = v_fma(p, z, v_set1(-3.33332819422e-1f));
    vec near = v_fma(v_mul(p, z), x, x);
    vec size = v_absolute(x);
    vec power = v_exp(v_add(size, size));
    vec far = v_sub(v_set1(1), v_div(v_set1(2), v_add(power, v_set1(1))));
    return v_where_less(size, v_set1(0.625f), near, v_with_sign(far, x));
}

// MARK: Element by element

static float dot(const float *a, const float *b, size_t n) {
    vec sums[4] = {v_set1(0), v_set1(0), v_set1(0), v_set1(0)};
    size_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        UNROLL for (size_t k = 0; k < 4; k++) {
            sums[k] = v_fma(v_load(a + i + k * LANES), v_load(b + i + k * LANES), sums[k]);
        }
    for (; i + LANES <= n; i += LANES) sums[0] = v_fma(v_load(a + i), v_load(b + i), sums[0]);
    if (i < n) sums[1] = v_fma(v_load_part(a + i, n - i), v_load_part(b + i, n - i), sums[1]);
    return v_sum(v_add(v_add(sums[0], sums[1]), v_add(sums[2], sums[3])));
}

static void rmsnorm(float *y, const float *x, const float *weight, size_t n, float epsilon,
                    float weight_offset) {
    vec factor = v_set1(1 / __builtin_sqrtf(dot(x, x, n) / (float)n + epsilon));
    vec offset = v_set1(weight_offset);
    if (weight) {
#define BODY(LOAD, STORE) STORE(y + i, v_mul(v_mul(LOAD(x + i), factor), v_add(offset, LOAD(weight + i))));
        EACH_VECTOR(n, BODY)
#undef BODY
    } else {
#define BODY(LOAD, STORE) STORE(y + i, v_mul(LOAD(x + i), factor));
        EACH_VECTOR(n, BODY)
#undef BODY
    }
}

static void rope(float *heads, size_t head_count, size_t head_dim, const float *cosines, const float *sines) {
    size_t half = head_dim / 2;
    for (size_t h = 0; h < head_count; h++) {
        float *first = heads + h * head_dim, *second = first + half;
#define BODY(LOAD, STORE)                                                                                    \
    vec a = LOAD(first + i), b = LOAD(second + i), c = LOAD(cosines + i), s = LOAD(sines + i);               \
    STORE(first + i, v_sub(v_mul(a, c), v_mul(b, s)));                                                       \
    STORE(second + i, v_fma(a, s, v_mul(b, c)));
        EACH_VECTOR(half, BODY)
#undef BODY
    }
}

// Uses the same formula as scalar.c: g / (1 + exp(-2u)).
static void geglu(float *gate, const float *up, size_t n) {
    const vec one = v_set1(1), cubic = v_set1(0.044715f), factor = v_set1(-2 * 0.7978845608f);
#define BODY(LOAD, STORE)                                                                                    \
    vec g = LOAD(gate + i);                                                                                  \
    vec u = v_mul(v_mul(factor, g), v_fma(v_mul(cubic, g), g, one));                                         \
    STORE(gate + i, v_mul(v_div(g, v_add(one, v_exp(u))), LOAD(up + i)));
    EACH_VECTOR(n, BODY)
#undef BODY
}

static void add(float *y, const float *x, size_t n) {
#define BODY(LOAD, STORE) STORE(y + i, v_add(LOAD(y + i), LOAD(x + i)));
    EACH_VECTOR(n, BODY)
#undef BODY
}

static void scale(float *y, float s, size_t n) {
    vec factor = v_set1(s);
#define BODY(LOAD, STORE) STORE(y + i, v_mul(LOAD(y + i), factor));
    EACH_VECTOR(n, BODY)
#undef BODY
}

static void softcap(float *x, size_t n, float cap) {
    vec limit = v_set1(cap);
#define BODY(LOAD, STORE) STORE(x + i, v_mul(limit, v_tanh(v_div(LOAD(x + i), limit))));
    EACH_VECTOR(n, BODY)
#undef BODY
}

// The largest element that is not NaN; -infinity if there is none.
CK_INLINE float largest_of(const float *x, size_t n) {
    vec largest = v_set1(-__builtin_inff());
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) largest = v_max(v_load(x + i), largest);
    float result = v_largest(largest);
    for (; i < n; i++) result = x[i] > result ? x[i] : result;
    return result;
}

static void softmax(float *x, size_t n) {
    vec largest = v_set1(largest_of(x, n));
    vec sums = v_set1(0);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vec power = v_exp(v_sub(v_load(x + i), largest));
        v_store(x + i, power);
        sums = v_add(sums, power);
    }
    float sum = v_sum(sums);
    if (i < n) {
        v_store_part(x + i, v_exp(v_sub(v_load_part(x + i, n - i), largest)), n - i);
        for (; i < n; i++) sum += x[i];
    }
    scale(x, 1 / sum, n);
}

static void f32_to_f16(const float *in, uint16_t *out, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) v_store_f16(out + i, v_load(in + i));
    if (i < n) v_store_f16_part(out + i, v_load_part(in + i, n - i), n - i);
}

static size_t argmax(const float *x, size_t n) {
    float largest = largest_of(x, n);
    vec wanted = v_set1(largest);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        uint32_t found = v_equal(v_load(x + i), wanted);
        if (found) return i + (size_t)__builtin_ctz(found);
    }
    for (; i < n; i++)
        if (x[i] == largest) return i;
    return 0;
}

#endif
