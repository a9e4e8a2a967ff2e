/* SPDX-License-Identifier: MIT */
#ifndef IVS_BENCH_SLICE_H
#define IVS_BENCH_SLICE_H

/*
 * A slice: one operation over and over for a moment, on one or two threads.
 * Time a thread was ready to run and had no core is not counted, so that a busy
 * machine changes the figures little; time it slept, as on a lock, is.
 */

#include "subject.h"

#define BENCH_THREADS 2

typedef struct bench_slice {
    double ns_per_op; /* wall clock less waiting, all threads together */
    double waited;    /* share of the time spent waiting for a core */
} bench_slice;

/* lanes: one a thread. False when an operation failed. */
bool bench_slice_run(bench_lane *lanes, int nthreads, int kind, int64_t ns,
                     bench_slice *ret);

#endif
