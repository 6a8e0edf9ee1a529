// The fork-join pool. The caller publishes a run by incrementing `round`; a worker that sees a new round does its part
// and decrements `pending`. Both sides first spin, since the next run of a forward pass comes within microseconds, and
// then sleep, so that an idle engine uses no CPU.
//
// No wake-up is lost: a thread that is about to sleep first announces it (`sleepers`, `caller_sleeps`) and then checks
// the condition again, while a thread that changes the condition does so first and then checks the announcement. All
// these accesses are sequentially consistent, so at least one of the two threads sees what the other has written.

#define _POSIX_C_SOURCE 200809L // clock_gettime and pthread_sigmask, which plain C11 hides

#include "CKernels.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { spin_nanoseconds = 40000 };

typedef struct {
    ck_pool *pool;
    size_t number;
    pthread_t thread;
} worker;

struct ck_pool {
    size_t threads;
    void (*work)(void *, size_t, size_t); // of the current round; written only while no worker is in a round
    void *context;
    // Each on its own cache line: workers poll the first while others write the second.
    _Alignas(64) atomic_uint round;
    _Alignas(64) atomic_size_t pending; // workers that have not finished the round
    _Alignas(64) atomic_size_t sleepers;
    atomic_bool caller_sleeps;
    atomic_bool ending;
    pthread_mutex_t mutex;
    pthread_cond_t started, finished;
    worker workers[];
};

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static long long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Spins until `round` differs from `seen`; returns false if that takes too long.
static bool spin_for_round(ck_pool *pool, unsigned seen) {
    long long end = nanoseconds() + spin_nanoseconds;
    do {
        for (int i = 0; i < 32; i++) {
            if (atomic_load_explicit(&pool->round, memory_order_acquire) != seen) return true;
            pause_briefly();
        }
    } while (nanoseconds() < end);
    return false;
}

static bool spin_for_finish(ck_pool *pool) {
    long long end = nanoseconds() + spin_nanoseconds;
    do {
        for (int i = 0; i < 32; i++) {
            if (atomic_load_explicit(&pool->pending, memory_order_acquire) == 0) return true;
            pause_briefly();
        }
    } while (nanoseconds() < end);
    return false;
}

static void sleep_for_round(ck_pool *pool, unsigned seen) {
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (atomic_load(&pool->round) == seen) pthread_cond_wait(&pool->started, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void sleep_for_finish(ck_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (atomic_load(&pool->pending) != 0) pthread_cond_wait(&pool->finished, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}

static void start_round(ck_pool *pool) {
    atomic_fetch_add(&pool->round, 1);
    if (atomic_load(&pool->sleepers) == 0) return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->started);
    pthread_mutex_unlock(&pool->mutex);
}

static void *work_in_rounds(void *argument) {
    worker *self = argument;
    ck_pool *pool = self->pool;
    unsigned seen = 0;
    for (;;) {
        if (!spin_for_round(pool, seen)) sleep_for_round(pool, seen);
        seen++;
        if (atomic_load(&pool->ending)) return NULL;
        pool->work(pool->context, self->number, pool->threads);
        if (atomic_fetch_sub(&pool->pending, 1) == 1 && atomic_load(&pool->caller_sleeps)) {
            pthread_mutex_lock(&pool->mutex);
            pthread_cond_signal(&pool->finished);
            pthread_mutex_unlock(&pool->mutex);
        }
    }
}

// Ends the first `count` workers and frees everything.
static void end(ck_pool *pool, size_t count) {
    atomic_store(&pool->ending, true);
    start_round(pool);
    for (size_t i = 0; i < count; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->started);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

ck_pool *ck_pool_create(size_t threads) {
    if (threads == 0) threads = 1;
    if (threads > 1024) return NULL;
    size_t bytes = sizeof(ck_pool) + (threads - 1) * sizeof(worker);
    ck_pool *pool = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!pool) return NULL;
    pool->threads = threads;
    pool->work = NULL;
    pool->context = NULL;
    atomic_init(&pool->round, 0);
    atomic_init(&pool->pending, 0);
    atomic_init(&pool->sleepers, 0);
    atomic_init(&pool->caller_sleeps, false);
    atomic_init(&pool->ending, false);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->started, NULL);
    pthread_cond_init(&pool->finished, NULL);

    // Workers block all signals, so that the program's own threads receive them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    for (; started < threads - 1; started++) {
        worker *next = &pool->workers[started];
        next->pool = pool;
        next->number = started + 1;
        if (pthread_create(&next->thread, NULL, work_in_rounds, next) != 0) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started == threads - 1) return pool;
    end(pool, started);
    return NULL;
}

size_t ck_pool_threads(const ck_pool *pool) { return pool->threads; }

void ck_pool_run(ck_pool *pool, void (*work)(void *context, size_t thread, size_t threads), void *context) {
    if (pool->threads > 1) {
        pool->work = work;
        pool->context = context;
        atomic_store(&pool->pending, pool->threads - 1);
        start_round(pool);
    }
    work(context, 0, pool->threads);
    if (pool->threads > 1 && !spin_for_finish(pool)) sleep_for_finish(pool);
}

void ck_pool_destroy(ck_pool *pool) {
    if (pool) end(pool, pool->threads - 1);
}
