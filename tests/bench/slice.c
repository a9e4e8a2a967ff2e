/* SPDX-License-Identifier: MIT */
/* Timing. */

#include "slice.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The clock is read once for so much work. */
#define BATCH_NS 100000

struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    bench_lane *lane;
    int kind;
    int64_t ns;
    int64_t ops;
    int64_t wall_ns;
    int64_t waited_ns;
    bool ok;
};

static int64_t
now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* How long this thread has been ready without a core; 0 where the kernel does
 * not tell. */
static int64_t
waited_ns(void)
{
    char text[128] = "", *end;
    int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    if (n <= 0)
        return 0;
    (void)strtoll(text, &end, 10);
    return strtoll(end, NULL, 10);
}

static bool
repeat(bench_lane *lane, int kind, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!bench_do(lane, kind))
            return false;
    return true;
}

/* Operations that take about BATCH_NS; warms up, too. */
static bool
calibrate(bench_lane *lane, int kind, int64_t *ret)
{
    int64_t start, n = 1;

    for (;; n *= 2) {
        start = now_ns();
        if (!repeat(lane, kind, n))
            return false;
        if (now_ns() - start >= BATCH_NS / 2)
            break;
    }
    *ret = n;
    return true;
}

static void *
work(void *arg)
{
    struct worker *w = arg;
    int64_t batch = 1, start, waited;

    w->ok = calibrate(w->lane, w->kind, &batch);
    (void)pthread_barrier_wait(w->start);
    /* The waiting is taken inside the wall clock, never more than it. */
    start = now_ns();
    waited = waited_ns();
    /* Once at least: a thread may lose its core for longer than a slice. */
    while (w->ok && (w->ops == 0 || now_ns() - start < w->ns)) {
        w->ok = repeat(w->lane, w->kind, batch);
        w->ops += batch;
    }
    w->waited_ns = waited_ns() - waited;
    w->wall_ns = now_ns() - start;
    return NULL;
}

static bool
sum_up(const struct worker *w, int n, bench_slice *ret)
{
    double rate = 0, wall = 0, waited = 0;

    for (int i = 0; i < n; i++) {
        int64_t busy = w[i].wall_ns - w[i].waited_ns;

        if (!w[i].ok)
            return false;
        /* The two clocks differ by their steps. */
        if (busy <= 0)
            busy = w[i].wall_ns;
        rate += (double)w[i].ops / (double)busy;
        wall += (double)w[i].wall_ns;
        waited += (double)w[i].waited_ns;
    }
    ret->ns_per_op = 1 / rate;
    ret->waited = waited / wall;
    return true;
}

bool
bench_slice_run(bench_lane *lanes, int nthreads, int kind, int64_t ns,
                bench_slice *ret)
{
    struct worker w[BENCH_THREADS] = {0};
    pthread_barrier_t start;

    if (pthread_barrier_init(&start, NULL, (unsigned)nthreads) != 0)
        return false;
    for (int i = 0; i < nthreads; i++) {
        w[i] = (struct worker){
            .start = &start, .lane = &lanes[i], .kind = kind, .ns = ns};
        if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0) {
            (void)fprintf(stderr, "bench: cannot start a thread\n");
            exit(1); /* the others wait at the barrier */
        }
    }
    for (int i = 0; i < nthreads; i++)
        (void)pthread_join(w[i].thread, NULL);
    (void)pthread_barrier_destroy(&start);
    return sum_up(w, nthreads, ret);
}
