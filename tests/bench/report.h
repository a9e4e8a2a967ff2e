/* SPDX-License-Identifier: MIT */
#ifndef IVS_BENCH_REPORT_H
#define IVS_BENCH_REPORT_H

/* The figures of a run and what is printed of them. */

#include "slice.h"
#include "subject.h"

#define BENCH_ROUNDS_MAX 101

typedef struct bench_run {
    int rounds;
    int threads; /* 1, or BENCH_THREADS where there are so many cores */
    bool has_engine[BENCH_ENGINES];
    bench_slice slices[BENCH_ENGINES][BENCH_KINDS][BENCH_THREADS]
                      [BENCH_ROUNDS_MAX];
} bench_run;

void bench_report_table(const bench_run *run);
void bench_report_json(const bench_run *run);

#endif
