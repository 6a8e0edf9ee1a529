// The loops, written once and compiled for each CPU path by a compiler that vectorises them. gradients.c includes this
// file once for each path, with CG_NAME set.

static void CG_NAME(rmsnorm_backward)(float *dx, const float *x, const float *weight, const float *dy, size_t n,
                                      float epsilon, bool adds) {
    float squares = 0, products = 0;
    {
#pragma clang fp reassociate(on) contract(fast)
        for (size_t i = 0; i < n; i++) {
            squares += x[i] * x[i];
            products += x[i] * weight[i] * dy[i];
        }
    }
    // y = r x w with r = (mean(x^2) + epsilon)^-1/2, so dr/dx = -r^3 x / n.
    float r = 1 / sqrtf(squares / (float)n + epsilon);
    float pull = r * r * r * products / (float)n;
    if (adds)
#pragma clang loop vectorize(assume_safety)
        for (size_t i = 0; i < n; i++) dx[i] += r * weight[i] * dy[i] - pull * x[i];
    else
#pragma clang loop vectorize(assume_safety)
        for (size_t i = 0; i < n; i++) dx[i] = r * weight[i] * dy[i] - pull * x[i];
}

// e^x by e^r * 2^n with r in +-ln(2)/2; the polynomial is that of Cephes' expf (S. Moshier). Below -87 it is e^-87.
CG_INLINE float CG_NAME(exponential)(float x) {
    x = x < -87 ? -87 : x > 88 ? 88 : x;
    const float magic = 12582912; // 1.5 * 2^23: after adding this, the last bits are the nearest whole number
    float shifted = x * 1.44269504088896341f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1;
    uint32_t bits;
    memcpy(&bits, &shifted, 4);
    bits = (bits << 23) + 0x3F800000u; // use the low bits of the sum as an exponent
    float power;
    memcpy(&power, &bits, 4);
    return p * power;
}

static void CG_NAME(geglu_backward)(float *dgate, float *dup, const float *gate, const float *up, const float *dy,
                                    size_t n) {
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < n; i++) {
        // 0.5 g (1 + tanh u) with u = c (g + k g^3) is g s with s = 1 / (1 + exp(-2u)).
        float g = gate[i], h = up[i], d = dy[i];
        const float c = 0.79788456080286536f, k = 0.044715f;
        float s = 1 / (1 + CG_NAME(exponential)(-2 * c * (g + k * g * g * g)));
        float slope = s + g * s * (1 - s) * 2 * c * (1 + 3 * k * g * g);
        dgate[i] = d * h * slope;
        dup[i] = d * g * s;
    }
}

static float CG_NAME(softmax)(float *x, size_t n) {
    float lanes[16], sum = 0;
    for (size_t lane = 0; lane < 16; lane++) lanes[lane] = x[0];
    size_t whole = n / 16 * 16;
    for (size_t i = 0; i < whole; i += 16)
        for (size_t lane = 0; lane < 16; lane++)
            lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    float largest = lanes[0];
    for (size_t lane = 1; lane < 16; lane++) largest = lanes[lane] > largest ? lanes[lane] : largest;
    for (size_t i = whole; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    {
#pragma clang fp reassociate(on)
        for (size_t i = 0; i < n; i++) sum += x[i] = CG_NAME(exponential)(x[i] - largest);
    }
    float scale = 1 / sum;
    for (size_t i = 0; i < n; i++) x[i] *= scale;
    return largest + logf(sum);
}

static void CG_NAME(softmax_again)(float *x, size_t n, float shift) {
    for (size_t i = 0; i < n; i++) x[i] = CG_NAME(exponential)(x[i] - shift);
}

static void CG_NAME(softmax_backward)(float *dp, const float *p, size_t n, float delta) {
    for (size_t i = 0; i < n; i++) dp[i] = p[i] * (dp[i] - delta);
}

static void CG_NAME(softcap_backward)(float *dx, const float *y, size_t n, float cap) {
    float inverse = 1 / cap;
    for (size_t i = 0; i < n; i++) {
        float share = y[i] * inverse;
        dx[i] *= 1 - share * share;
    }
}

static void CG_NAME(dropout)(float *y, const float *x, size_t n, uint64_t key, uint32_t threshold, float scale) {
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < n; i++) {
        // Two rounds of a multiply-and-shift mixer (the constants are those of C. Wellons' hash search).
        uint32_t h = (uint32_t)i * 0x9E3779B1u + low;
        h = (h ^ (h >> 16)) * 0x21F0AAADu;
        h = (h ^ (h >> 15) ^ high) * 0x735A2D97u;
        h ^= h >> 15;
        y[i] = h >= threshold ? x[i] * scale : 0;
    }
}

static void CG_NAME(adamw)(float *weights, const float *gradient, float *first, float *second, size_t n,
                           float gradient_scale, float beta1, float beta2, float step_size, float correction,
                           float epsilon, float keep) {
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i] * gradient_scale;
        float m = beta1 * first[i] + (1 - beta1) * g;
        float v = beta2 * second[i] + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        weights[i] = weights[i] * keep - step_size * m / (CG_SQRT(v) * correction + epsilon);
    }
}

static double CG_NAME(square_sum)(const float *x, size_t n) {
    double sum = 0;
    {
#pragma clang fp reassociate(on)
        for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    }
    return sum;
}

static const cg_loops CG_NAME(loops) = {
    .rmsnorm_backward = CG_NAME(rmsnorm_backward),
    .geglu_backward = CG_NAME(geglu_backward),
    .softmax = CG_NAME(softmax),
    .softmax_again = CG_NAME(softmax_again),
    .softmax_backward = CG_NAME(softmax_backward),
    .softcap_backward = CG_NAME(softcap_backward),
    .dropout = CG_NAME(dropout),
    .adamw = CG_NAME(adamw),
    .square_sum = CG_NAME(square_sum),
};
