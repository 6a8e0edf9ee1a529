// Rows of weights: unpacked, multiplied as they are, and multiplied as tiles.

#include "checks.h"

// MARK: Unpacking

static void check_unpacking(const char *path, digest *sum) {
    generator random = {1};
    const size_t block_counts[] = {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33};
    for (size_t t = 0; t < row_types; t++) {
        ck_type type = all_row_types[t];
        for (size_t b = 0; b < sizeof block_counts / sizeof *block_counts; b++) {
            size_t columns = block_counts[b] * ck_block_elements(type), bytes = ck_row_bytes(type, columns);
            // Every second time all bytes are random: with scales that are infinite or no numbers.
            uint8_t *row = new_rows(&random, type, 1, columns), *odd = NEW(uint8_t, bytes + 1);
            if (b % 2)
                for (size_t i = 0; i < bytes; i++) row[i] = (uint8_t)next_bits(&random);
            memcpy(odd + 1, row, bytes);
            float *found = new_output(columns, 7), *expected = new_output(columns, 7);
            use("scalar");
            ck_dequantize(type, row, expected, columns);
            use(path);
            ck_dequantize(type, odd + 1, found, columns);
            CHECK(same_floats(found, expected, columns + 1), "%s: %zu elements of type %d unpack to other bits", path,
                  columns, (int)type);
            add_floats(sum, found, columns);
            free(row), free(odd), free(found), free(expected);
        }
    }
}

static void check_products(const char *path, ck_type type, size_t rows, size_t columns, size_t x_count,
                           generator *random, digest *sum) {
    uint8_t *weights = new_rows(random, type, rows, columns);
    size_t x_stride = columns + 3, y_stride = rows + 2, row_bytes = ck_row_bytes(type, columns);
    float *x = new_floats(random, x_count * x_stride, 1), *y = new_output(x_count * y_stride, canary);
    float *row = NEW(float, columns);
    ck_gemv(type, weights, rows, columns, x, x_count, x_stride, y, y_stride);
    for (size_t r = 0; r < rows; r++) {
        ck_dequantize(type, weights + r * row_bytes, row, columns);
        for (size_t j = 0; j < x_count; j++) {
            double expected = 0, size = 0;
            for (size_t i = 0; i < columns; i++) {
                double term = (double)row[i] * (double)x[j * x_stride + i];
                expected += term, size += fabs(term);
            }
            double found = (double)y[j * y_stride + r];
            CHECK(fabs(found - expected) <= 2e-6 * size + 1e-30, "%s: type %d, %zu elements: product %g, not %g", path,
                  (int)type, columns, found, expected);
        }
    }
    for (size_t j = 0; j < x_count; j++)
        CHECK(y[j * y_stride + rows] == canary && y[j * y_stride + rows + 1] == canary, "%s: gemv wrote too far", path);
    CHECK(y[x_count * y_stride] == canary, "%s: gemv wrote too far", path);
    add_floats(sum, y, x_count * y_stride);
    free(weights), free(x), free(y), free(row);
}

static void check_combination(const char *path, ck_type type, size_t columns, generator *random, digest *sum) {
    size_t rows = next_in(random, 0, 9), count = next_in(random, 1, 9);
    size_t row_stride = columns + 5, factor_stride = rows + 2, y_stride = columns + 3;
    uint8_t *weights = new_rows(random, type, rows, row_stride);
    float *factors = new_floats(random, count * factor_stride, 1), *start = new_floats(random, count * y_stride, 1);
    float *y = new_output(count * y_stride, 0), *single = new_output(count * y_stride, 0);
    float *row = NEW(float, row_stride);
    double *expected = NEW(double, count * y_stride);
    memcpy(y, start, count * y_stride * sizeof *y);
    memcpy(single, start, count * y_stride * sizeof *y);
    for (size_t i = 0; i < count * y_stride; i++) expected[i] = (double)start[i];
    for (size_t k = 0; k < rows; k++) {
        ck_dequantize(type, weights + k * ck_row_bytes(type, row_stride), row, row_stride);
        for (size_t j = 0; j < count; j++)
            for (size_t i = 0; i < columns; i++)
                expected[j * y_stride + i] += (double)factors[j * factor_stride + k] * (double)row[i];
    }
    ck_add_combination(type, weights, row_stride, rows, columns, factors, factor_stride, y, count, y_stride);
    for (size_t j = 0; j < count; j++)
        ck_add_combination(type, weights, row_stride, rows, columns, factors + j * factor_stride, factor_stride,
                           single + j * y_stride, 1, y_stride);
    for (size_t i = 0; i < count * y_stride; i++)
        CHECK(fabs((double)y[i] - expected[i]) < 1e-5, "%s: a combination is %g, not %g", path, (double)y[i],
              expected[i]);
    CHECK(same_floats(y, single, count * y_stride), "%s: a combination depends on its neighbours", path);
    CHECK(y[count * y_stride] == canary, "%s: a combination was written too far", path);
    add_floats(sum, y, count * y_stride);
    free(weights), free(factors), free(start), free(y), free(single), free(row), free(expected);
}

void check_rows(const char *path) {
    use(path);
    digest unpacked = {0}, products = {0}, combinations = {0};
    check_unpacking(path, &unpacked);
    report(path, true, "dequantize", unpacked);
    generator random = {2};
    for (size_t t = 0; t < row_types; t++) {
        ck_type type = all_row_types[t];
        for (size_t x_count = 1; x_count <= 9; x_count++) {
            size_t elements = ck_block_elements(type);
            size_t columns = elements == 1 ? next_in(&random, 1, 150) : next_in(&random, 1, 4) * elements;
            check_products(path, type, next_in(&random, 0, 5), columns, x_count, &random, &products);
        }
    }
    report(path, false, "gemv", products);
    const size_t widths[] = {0, 1, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 200, 640};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        check_combination(path, CK_F32, widths[i], &random, &combinations);
        check_combination(path, CK_F16, widths[i], &random, &combinations);
    }
    report(path, false, "add_combination", combinations);
}

// MARK: Halves

void check_halves(const char *path) {
    use(path);
    enum { all = 1 << 16, tried = 200000 };
    uint16_t *halves = NEW(uint16_t, all), *back = NEW(uint16_t, all);
    float *wide = NEW(float, all);
    for (size_t i = 0; i < all; i++) halves[i] = (uint16_t)i;
    ck_dequantize(CK_F16, halves, wide, all);
    ck_f32_to_f16(wide, back, all);
    for (size_t i = 0; i < all; i++) {
        unsigned exponent = i >> 10 & 31, fraction = i & 1023;
        if (exponent == 31 && fraction > 0) {
            CHECK(isnan(wide[i]) && (back[i] & 0x7fffu) > 0x7c00u, "%s: half %zx is a NaN", path, i);
            continue;
        }
        float size = exponent == 31 ? INFINITY : exponent == 0 ? ldexpf((float)fraction, -24)
                                                               : ldexpf((float)(1024 + fraction), (int)exponent - 25);
        CHECK(wide[i] == (i >> 15 ? -size : size) && !signbit(wide[i]) == !(i >> 15) && back[i] == i,
              "%s: half %zx becomes %g, and then %x", path, i, (double)wide[i], back[i]);
    }
    free(halves), free(back), free(wide);

    generator random = {10};
    float *x = NEW(float, tried + 16);
    for (size_t i = 0; i < tried; i++) {
        uint32_t bits = (uint32_t)next_bits(&random);
        if (i % 2) x[i] = next_float(&random, i % 4 == 1 ? 2 : 1e-4f);
        else memcpy(x + i, &bits, 4);
    }
    // Ties, and numbers next to infinity and to the limits of subnormals.
    const float edges[16] = {
        65504,      65519.996f, 65520,      -65520, 0x1p-14f,        0x1.ffcp-15f, 0x1p-24f,    0x1p-25f,
        0x1.8p-25f, 0x1.002p0f, 0x1.006p0f, -0.0f,  0x1.000002p-25f, 0x1p-149f,    -0x1.8p-24f, INFINITY,
    };
    memcpy(x + tried, edges, sizeof edges);
    uint16_t *found = NEW(uint16_t, tried + 16), *expected = NEW(uint16_t, tried + 16);
    use("scalar");
    ck_f32_to_f16(x, expected, tried + 16);
    use(path);
    ck_f32_to_f16(x, found, tried + 16);
    digest sum = {0};
    for (size_t i = 0; i < tried + 16; i++) {
        CHECK(found[i] == expected[i], "%s: %a is rounded to %x, not %x", path, (double)x[i], found[i], expected[i]);
        add_bytes(&sum, found + i, 2);
    }
    for (size_t n = 0; n <= 35; n++) {
        uint16_t part[36];
        part[n] = 0x1234;
        ck_f32_to_f16(x, part, n);
        CHECK(memcmp(part, expected, 2 * n) == 0 && part[n] == 0x1234, "%s: %zu halves are wrong", path, n);
    }
    report(path, true, "f32_to_f16", sum);
    free(x), free(found), free(expected);
}

// MARK: Tiles

// The products of `rows`, packed as tiles, with x, quantised: [count, row_count], and the canary. Adds the quantised
// bytes to `quantized_sum`.
static float *tile_products(const char *path, ck_type type, const uint8_t *rows, size_t row_count, size_t columns,
                            const float *x, size_t count, digest *quantized_sum) {
    use(path);
    ck_tile_format format = ck_tile_format_of(type);
    size_t tile_bytes = ck_tile_bytes(format, columns), bytes = ck_quantized_bytes(columns, count);
    uint8_t *tiles = NEW(uint8_t, (row_count + 15) / 16 * tile_bytes), *quantized = NEW(uint8_t, bytes);
    for (size_t first = 0; first < row_count; first += CK_TILE_ROWS)
        ck_tile_pack(type, rows + first * ck_row_bytes(type, columns),
                     row_count - first < CK_TILE_ROWS ? row_count - first : CK_TILE_ROWS, columns,
                     tiles + first / CK_TILE_ROWS * tile_bytes);
    quantized[bytes] = 0x5c;
    ck_quantize(x, count, columns, columns, quantized);
    CHECK(quantized[bytes] == 0x5c, "%s: quantised too far", path);
    add_bytes(quantized_sum, quantized, bytes);
    float *y = new_output(count * row_count, 7);
    ck_tile_multiply(format, tiles, row_count, columns, quantized, count, y, row_count);
    CHECK(y[count * row_count] == canary, "%s: products were written too far", path);
    free(tiles), free(quantized);
    return y;
}

// The activations after rounding to 8 bits, in double precision.
static double *rounded(const float *x, size_t count) {
    double *result = NEW(double, count);
    for (size_t start = 0; start < count; start += 32) {
        float largest = 0;
        for (size_t i = start; i < start + 32; i++) largest = fmaxf(largest, fabsf(x[i]));
        if (largest == 0) continue;
        float inverse = 127 / largest;
        for (size_t i = start; i < start + 32; i++)
            result[i] = (double)rintf(x[i] * inverse) * (double)(largest / 127);
    }
    return result;
}

static void check_tile(const char *path, ck_type type, size_t row_count, size_t columns, size_t count,
                       generator *random, digest *products, digest *quantized) {
    uint8_t *rows = new_rows(random, type, row_count, columns);
    float *x = new_floats(random, count * columns, 3), *weights = NEW(float, columns);
    digest ignored = {0}, own = {0};
    float *expected = tile_products("scalar", type, rows, row_count, columns, x, count, &ignored);
    float *found = tile_products(path, type, rows, row_count, columns, x, count, &own);
    CHECK(own.value == ignored.value, "%s: %zu tokens are quantised to other bits", path, count);
    CHECK(same_floats(found, expected, count * row_count), "%s: type %d, %zu rows, %zu columns, %zu tokens: other bits",
          path, (int)type, row_count, columns, count);
    double *exact = rounded(x, count * columns);
    for (size_t r = 0; r < row_count; r++) {
        ck_dequantize(type, rows + r * ck_row_bytes(type, columns), weights, columns);
        for (size_t j = 0; j < count; j++) {
            double sum = 0, size = 0;
            for (size_t i = 0; i < columns; i++) {
                double term = (double)weights[i] * exact[j * columns + i];
                sum += term, size += fabs(term);
            }
            // Scales and minima are rounded to f16, which changes each group's sum by at most 2^-11 of it.
            CHECK(fabs((double)found[j * row_count + r] - sum) <= 2e-3 * size + 1e-5, "%s: type %d: %g, not %g", path,
                  (int)type, (double)found[j * row_count + r], sum);
        }
    }
    add_floats(products, found, count * row_count);
    add_bytes(quantized, &own.value, sizeof own.value);
    free(rows), free(x), free(weights), free(expected), free(found), free(exact);
}

void check_tiles(const char *path) {
    generator random = {5};
    digest products = {0}, quantized = {0};
    const size_t counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 21, 37}, rows[] = {1, 15, 16, 17, 33, 40};
    for (size_t t = 3; t < row_types; t++) {
        ck_type type = all_row_types[t];
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            size_t blocks = next_in(&random, 1, ck_block_elements(type) == 256 ? 3 : 9);
            check_tile(path, type, rows[c % 6], blocks * ck_block_elements(type), counts[c], &random, &products,
                       &quantized);
        }
    }
    // The largest weights and activations, with the signs that add up most; and activations that are no numbers.
    for (size_t round = 0; round < 8; round++) {
        enum { columns = 256, count = 3 };
        ck_type type = all_row_types[3 + round % 6];
        uint8_t *rows_of_type = new_rows(&random, type, 16, columns);
        size_t bytes = ck_row_bytes(type, columns), block = ck_row_bytes(type, ck_block_elements(type));
        uint16_t half = 0x3800;
        for (size_t at = 0; at < 16 * bytes; at += block) {
            memset(rows_of_type + at, round % 2 ? 0x80 : 0xff, block);
            if (type == CK_Q8_0) memset(rows_of_type + at, round % 2 ? 0x80 : 0x7f, block);
            memcpy(rows_of_type + at + (type == CK_Q6_K ? 208 : 0), &half, 2);
            if (type == CK_Q4_K || type == CK_Q5_K) memcpy(rows_of_type + at + 2, &half, 2);
        }
        float *x = NEW(float, count * columns);
        for (size_t i = 0; i < count * columns; i++) x[i] = round % 4 < 2 ? 1 : -1;
        if (round >= 6) x[40] = round == 6 ? NAN : INFINITY, x[columns + 70] = 0x1p-149f;
        digest first = {0}, second = {0};
        float *expected = tile_products("scalar", type, rows_of_type, 16, columns, x, count, &first);
        float *found = tile_products(path, type, rows_of_type, 16, columns, x, count, &second);
        CHECK(first.value == second.value && same_floats(found, expected, count * 16), "%s: extremes give other bits",
              path);
        CHECK(round < 6 || isnan(found[0]), "%s: an activation that is no number is hidden", path);
        add_floats(&products, found, count * 16);
        free(rows_of_type), free(x), free(expected), free(found);
    }
    report(path, true, "quantize", quantized);
    report(path, true, "tile_multiply", products);
}
