// Operations on vectors, for sizes that are no multiple of a register, against their formulas in double precision.

#include "checks.h"

typedef struct {
    const char *path, *kernel;
    digest sum;
} run;

// Compares and adds to the digest; y has the canary at its end.
static void compare(run *of, const float *y, const double *expected, size_t n, double relative, double absolute) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)y[i] - expected[i]) <= relative * fabs(expected[i]) + absolute)) {
            complain("%s: %s of %zu at %zu: %g, not %g", of->path, of->kernel, n, i, (double)y[i], expected[i]);
            break;
        }
    CHECK(y[n] == canary, "%s: %s wrote too far", of->path, of->kernel);
    add_floats(&of->sum, y, n);
}

static void finish(const run *of) { report(of->path, false, of->kernel, of->sum); }

static float *copy_of(const float *x, size_t n) {
    float *y = new_output(n, 0);
    memcpy(y, x, n * sizeof *y);
    return y;
}

enum { size_count = 44 };

static size_t size_at(size_t i) {
    const size_t larger[] = {63, 64, 65, 100, 127, 255, 257, 1000};
    return i < 36 ? i : larger[i - 36];
}

static void check_sums(const char *path) {
    run adding = {path, "add", {0}}, scaling = {path, "scale", {0}}, dots = {path, "dot", {0}};
    generator random = {3};
    for (size_t s = 0; s < size_count; s++) {
        size_t n = size_at(s);
        float *a = new_floats(&random, n, 1), *b = new_floats(&random, n, 1);
        float *sums = copy_of(a, n), *scaled = copy_of(a, n);
        double *expected = NEW(double, n), dot = 0, size = 0;
        ck_add(sums, b, n);
        for (size_t i = 0; i < n; i++) expected[i] = (double)(a[i] + b[i]);
        compare(&adding, sums, expected, n, 0, 0);
        ck_scale(scaled, 0.3f, n);
        for (size_t i = 0; i < n; i++) expected[i] = (double)(a[i] * 0.3f);
        compare(&scaling, scaled, expected, n, 0, 0);
        for (size_t i = 0; i < n; i++) dot += (double)a[i] * (double)b[i], size += fabs((double)a[i] * (double)b[i]);
        float found = ck_dot(a, b, n);
        CHECK(fabs((double)found - dot) <= 1e-6 * size, "%s: dot of %zu is %g, not %g", path, n, (double)found, dot);
        add_floats(&dots.sum, &found, 1);
        free(a), free(b), free(sums), free(scaled), free(expected);
    }
    finish(&adding), finish(&scaling), finish(&dots);
}

static void check_rmsnorm(const char *path) {
    run of = {path, "rmsnorm", {0}};
    generator random = {4};
    for (size_t s = 1; s < size_count; s++) {
        size_t n = size_at(s);
        float *x = new_floats(&random, n, 3), *weight = new_floats(&random, n, 1);
        double *expected = NEW(double, n), mean = 0;
        for (size_t i = 0; i < n; i++) mean += (double)x[i] * (double)x[i] / (double)n;
        for (int form = 0; form < 3; form++) {
            float *y = copy_of(x, n);
            for (size_t i = 0; i < n; i++)
                expected[i] = (double)x[i] / sqrt(mean + 1e-6) * (form == 2 ? 1 : (double)((float)form + weight[i]));
            // The output may be the same memory as the input.
            ck_rmsnorm(y, form == 1 ? y : x, form == 2 ? NULL : weight, n, 1e-6f, (float)form);
            compare(&of, y, expected, n, 2e-6, 1e-37);
            free(y);
        }
        free(x), free(weight), free(expected);
    }
    finish(&of);
}

static void check_rope(const char *path) {
    run of = {path, "rope", {0}};
    generator random = {5};
    const size_t halves[] = {1, 2, 7, 8, 9, 16, 17, 32, 48, 128};
    for (size_t k = 0; k < sizeof halves / sizeof *halves; k++) {
        size_t half = halves[k], heads = k % 4, n = heads * 2 * half;
        // Not angles, but numbers that no machine has to compute; rotation is linear in them.
        float *cosines = new_floats(&random, half, 1), *sines = new_floats(&random, half, 1);
        float *x = new_floats(&random, n, 1), *y = copy_of(x, n);
        double *expected = NEW(double, n);
        for (size_t h = 0; h < heads; h++)
            for (size_t i = 0; i < half; i++) {
                size_t first = h * 2 * half + i;
                double a = (double)x[first], b = (double)x[first + half];
                expected[first] = a * (double)cosines[i] - b * (double)sines[i];
                expected[first + half] = a * (double)sines[i] + b * (double)cosines[i];
            }
        ck_rope(y, heads, 2 * half, cosines, sines);
        compare(&of, y, expected, n, 0, 3e-7);
        free(cosines), free(sines), free(x), free(y), free(expected);
    }
    finish(&of);
}

static void check_geglu(const char *path) {
    run of = {path, "geglu", {0}};
    generator random = {6};
    for (size_t s = 0; s < size_count; s++) {
        size_t n = size_at(s);
        float *gate = new_floats(&random, n, 12), *ones = new_output(n, 1), *y = copy_of(gate, n);
        ck_geglu(y, ones, n);
        for (size_t i = 0; i < n; i++) {
            double g = (double)gate[i], u = sqrt(2 / 3.14159265358979323846) * (g + 0.044715 * g * g * g);
            double expected = g / (1 + exp(-2 * u)), size = fmax(fabs(expected), 1e-3 * fabs(g));
            CHECK(fabs((double)y[i] - expected) <= 1e-6 * size, "%s: gelu(%g) is %g, not %g", path, g, (double)y[i],
                  expected);
        }
        CHECK(y[n] == canary, "%s: geglu wrote too far", path);
        add_floats(&of.sum, y, n);
        free(gate), free(ones), free(y);
    }
    float extremes[7] = {0, -0.0f, 1e-30f, -100, 100, 1e4f, canary};
    const float ones[6] = {1, 1, 1, 1, 1, 1};
    const double expected[6] = {0, 0, 5e-31, 0, 100, 1e4};
    ck_geglu(extremes, ones, 6);
    compare(&of, extremes, expected, 6, 1e-6, 1e-35);
    finish(&of);
}

static void check_softcap(const char *path) {
    run of = {path, "softcap", {0}};
    generator random = {7};
    const float ranges[3][2] = {{200, 50}, {0.9f, 1}, {1e-3f, 30}};
    for (size_t s = 0; s < size_count; s++)
        for (size_t k = 0; k < 3; k++) {
            size_t n = size_at(s);
            float cap = ranges[k][1], *x = new_floats(&random, n, ranges[k][0]), *y = copy_of(x, n);
            double *expected = NEW(double, n);
            for (size_t i = 0; i < n; i++) expected[i] = (double)cap * tanh((double)x[i] / (double)cap);
            ck_softcap(y, n, cap);
            compare(&of, y, expected, n, 1e-6, 1e-37);
            free(x), free(y), free(expected);
        }
    float edges[6] = {INFINITY, -INFINITY, 3e38f, -3e38f, 0, canary};
    const double expected[5] = {30, -30, 30, -30, 0};
    ck_softcap(edges, 5, 30);
    compare(&of, edges, expected, 5, 0, 0);
    float *nothing = new_output(19, NAN);
    ck_softcap(nothing, 19, 30);
    for (size_t i = 0; i < 19; i++) CHECK(isnan(nothing[i]), "%s: softcap hides a NaN", path);
    free(nothing);
    finish(&of);
}

static void check_softmax(const char *path) {
    run of = {path, "softmax", {0}};
    generator random = {8};
    const float shifts[3] = {0, 1e4f, -1e4f};
    for (size_t s = 1; s < size_count; s++) {
        size_t n = size_at(s);
        for (size_t k = 0; k < 3; k++) {
            float *x = new_floats(&random, n, 20), largest = -INFINITY;
            for (size_t i = 0; i < n; i++) largest = fmaxf(largest, x[i] += shifts[k]);
            double *expected = NEW(double, n), sum = 0;
            for (size_t i = 0; i < n; i++) sum += expected[i] = exp((double)x[i] - (double)largest);
            for (size_t i = 0; i < n; i++) expected[i] /= sum;
            float *y = copy_of(x, n);
            ck_softmax(y, n);
            compare(&of, y, expected, n, 3e-6, 1e-37);
            free(x), free(expected), free(y);
        }
        float *masked = new_floats(&random, n, 1), *y = copy_of(masked, n), *holed = copy_of(masked, n);
        y[n / 2] = -INFINITY;
        if (n > 1) {
            ck_softmax(y, n);
            CHECK(y[n / 2] == 0, "%s: softmax of -inf is %g", path, (double)y[n / 2]);
        }
        holed[n / 2] = NAN;
        ck_softmax(holed, n);
        for (size_t i = 0; i < n; i++) CHECK(isnan(holed[i]), "%s: softmax hides a NaN", path);
        free(masked), free(y), free(holed);
    }
    finish(&of);
}

static void check_argmax(const char *path) {
    run of = {path, "argmax", {0}};
    generator random = {9};
    for (size_t s = 1; s < size_count; s++) {
        size_t n = size_at(s);
        float *x = NEW(float, n);
        for (size_t i = 0; i < n; i++) x[i] = (float)next_in(&random, 0, 6) - 3;
        for (int holed = 0; holed < 2; holed++) {
            if (holed) x[n / 3] = NAN;
            size_t expected = n, found = ck_argmax(x, n);
            for (size_t i = 0; i < n; i++)
                if (!isnan(x[i]) && (expected == n || x[i] > x[expected])) expected = i;
            if (expected == n) expected = 0;
            CHECK(found == expected, "%s: argmax of %zu is %zu, not %zu", path, n, found, expected);
            float index = (float)found;
            add_floats(&of.sum, &index, 1);
        }
        for (size_t i = 0; i < n; i++) x[i] = -INFINITY;
        CHECK(ck_argmax(x, n) == 0, "%s: argmax of -inf is not 0", path);
        for (size_t i = 0; i < n; i++) x[i] = NAN;
        CHECK(ck_argmax(x, n) == 0, "%s: argmax of NaN is not 0", path);
        free(x);
    }
    finish(&of);
}

void check_vectors(const char *path) {
    use(path);
    check_sums(path);
    check_rmsnorm(path);
    check_rope(path);
    check_geglu(path);
    check_softcap(path);
    check_softmax(path);
    check_argmax(path);
}
