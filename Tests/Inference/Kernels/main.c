// Checks the kernels without Swift, so that this also runs where only an emulator is: every kernel on every path that
// this CPU supports, against its formula in double precision, and, where CKernels.h promises the same bits on every
// path, against the portable path.
//
// Prints one line for each kernel and path: PATH everywhere|order KERNEL DIGEST. Runs on different CPUs must agree in
// all digests of the first kind. Those of the second kind agree between paths that add up in the order of AVX2.

#include "checks.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>

size_t complaints;

void complain(const char *format, ...) {
    if (complaints++ >= 20) return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void report(const char *path, bool everywhere, const char *kernel, digest sum) {
    printf("%s %s %s %016llx\n", path, everywhere ? "everywhere" : "order", kernel, (unsigned long long)sum.value);
}

const ck_type all_row_types[row_types] = {CK_F32,  CK_F16,  CK_BF16, CK_Q4_0, CK_Q5_0,
                                          CK_Q8_0, CK_Q4_K, CK_Q5_K, CK_Q6_K};

uint8_t *new_rows(generator *random, ck_type type, size_t count, size_t columns) {
    size_t bytes = count * ck_row_bytes(type, columns), block = ck_row_bytes(type, ck_block_elements(type));
    uint8_t *rows = NEW(uint8_t, bytes);
    for (size_t i = 0; i < bytes; i++) rows[i] = (uint8_t)next_bits(random);
    for (size_t at = 0; at < bytes; at += block) {
        float scales[2] = {next_float(random, 0.05f), next_float(random, 0.05f)};
        uint16_t halves[2];
        ck_f32_to_f16(scales, halves, 2);
        if (type == CK_F32) {
            memcpy(rows + at, scales, 4);
        } else if (type == CK_BF16) {
            uint32_t bits;
            memcpy(&bits, scales, 4);
            halves[0] = (uint16_t)(bits >> 16);
            memcpy(rows + at, halves, 2);
        } else if (type == CK_Q6_K) {
            memcpy(rows + at + 208, halves, 2);
        } else {
            memcpy(rows + at, halves, type == CK_Q4_K || type == CK_Q5_K ? 4 : 2);
        }
    }
    return rows;
}

// MARK: Threads and limits

static void count_up(void *context, size_t thread, size_t threads) {
    (void)threads;
    ((size_t *)context)[16 * thread]++;
}

void check_pool(void) {
    enum { rounds = 600 };
    const size_t counts[] = {0, 1, 2, 5};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t threads = counts[c] == 0 ? 1 : counts[c];
        ck_pool *pool = ck_pool_create(counts[c]);
        if (!pool) {
            complain("no pool of %zu threads can be made", threads);
            continue;
        }
        CHECK(ck_pool_threads(pool) == threads, "a pool of %zu threads has %zu", threads, ck_pool_threads(pool));
        size_t *calls = NEW(size_t, 16 * threads);
        for (int round = 0; round < rounds; round++) {
            ck_pool_run(pool, count_up, calls);
            // Long enough for the workers to fall asleep.
            if (round % 100 == 0) nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        }
        for (size_t i = 0; i < threads; i++)
            CHECK(calls[16 * i] == rounds, "thread %zu of %zu ran %zu of %d times", i, threads, calls[16 * i], rounds);
        ck_pool_destroy(pool);
        free(calls);
    }
    CHECK(!ck_pool_create(1025), "a pool of more threads than may be");
    ck_pool_destroy(NULL);
}

void check_limits(void) {
    generator random = {20};
    uint64_t words[96], all = 0;
    for (size_t i = 0; i < 96; i++) words[i] = next_bits(&random);
    for (size_t i = 0; i < 96; i++) all ^= words[i];
    CHECK(ck_read_all(words, sizeof words) == all, "not all words were read");
    int32_t sum = 1;
    uint64_t products = ck_multiply_bytes(100, &sum);
    CHECK(products > 0 && (sum == 0 || sum == -6 * (int32_t)products), "%llu products of 3 and -2 add up to %d",
          (unsigned long long)products, sum);
}

int main(void) {
    const char *paths[] = {"scalar", "avx2", "avx512", "neon", "dotprod", "i8mm"};
    CHECK(!ck_select("no such path"), "an unknown path was chosen");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (!ck_select(paths[i])) continue;
        check_rows(paths[i]);
        check_halves(paths[i]);
        check_tiles(paths[i]);
        check_vectors(paths[i]);
        check_attention(paths[i]);
    }
    printf("best %s\n", ck_select(NULL));
    check_pool();
    check_limits();
    if (complaints > 0) fprintf(stderr, "%zu complaints\n", complaints);
    return complaints > 0;
}
