/* SPDX-License-Identifier: MIT */
/* Medians, ratios and floors, as a table or as JSON. */

#include "report.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct summary {
    double median, low, high; /* the quartiles */
} summary;

/* A promise of the design: a figure and the bound it has to keep. */
typedef struct promise {
    const char *what;
    int engine;
    int kind;
    int base; /* kind the figure is relative to; SELF: one thread */
    double bound;
} promise;

#define ALONE (-1)
#define SELF  (-2)

static const promise promises[] = {
    {"own code per mint, us", BENCH_STUB, BENCH_MINT, ALONE, 3},
    {"own code per verify, us", BENCH_STUB, BENCH_VERIFY, ALONE, 6},
    {"mint / library sign", BENCH_OPENSSL, BENCH_MINT, BENCH_LIBRARY_SIGN,
     0.95},
    {"verify / library verify", BENCH_OPENSSL, BENCH_VERIFY,
     BENCH_LIBRARY_VERIFY, 0.95},
    {"mint, two threads / one", BENCH_OPENSSL, BENCH_MINT, SELF, 1.9},
    {"verify, two threads / one", BENCH_OPENSSL, BENCH_VERIFY, SELF, 1.9},
    {"mint / library sign", BENCH_GNUTLS, BENCH_MINT, BENCH_LIBRARY_SIGN, 0.95},
    {"verify / library verify", BENCH_GNUTLS, BENCH_VERIFY,
     BENCH_LIBRARY_VERIFY, 0.95},
    {"mint, two threads / one", BENCH_GNUTLS, BENCH_MINT, SELF, 1.9},
    {"verify, two threads / one", BENCH_GNUTLS, BENCH_VERIFY, SELF, 1.9},
};

#define NPROMISES (sizeof promises / sizeof promises[0])

static int
compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static summary
summarize(const double *values, int n)
{
    double sorted[BENCH_ROUNDS_MAX];
    summary s;

    for (int i = 0; i < n; i++)
        sorted[i] = values[i];
    qsort(sorted, (size_t)n, sizeof sorted[0], compare);
    s.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    s.low = sorted[(n - 1) / 4];
    s.high = sorted[n - 1 - (n - 1) / 4];
    return s;
}

static summary
times(const bench_run *run, int engine, int kind, int threads)
{
    const bench_slice *slices = run->slices[engine][kind][threads - 1];
    double ns[BENCH_ROUNDS_MAX];

    for (int i = 0; i < run->rounds; i++)
        ns[i] = slices[i].ns_per_op;
    return summarize(ns, run->rounds);
}

/* Each round gives one ratio, so that what slows a whole round cancels out. */
static summary
figure(const bench_run *run, const promise *p)
{
    const bench_slice *of = run->slices[p->engine][p->kind][0], *by = NULL;
    double values[BENCH_ROUNDS_MAX];

    if (p->base == SELF) {
        by = of;
        of = run->slices[p->engine][p->kind][BENCH_THREADS - 1];
    } else if (p->base != ALONE) {
        by = run->slices[p->engine][p->base][0];
    }
    for (int i = 0; i < run->rounds; i++)
        values[i] = by == NULL ? of[i].ns_per_op / 1000
                               : by[i].ns_per_op / of[i].ns_per_op;
    return summarize(values, run->rounds);
}

static bool
applies(const bench_run *run, const promise *p)
{
    return run->has_engine[p->engine] &&
           (p->base != SELF || run->threads == BENCH_THREADS);
}

static bool
is_met(const promise *p, double value)
{
    return p->base == ALONE ? value <= p->bound : value >= p->bound;
}

static double
waited(const bench_run *run)
{
    double sum = 0;
    int n = 0;

    for (int e = 0; e < BENCH_ENGINES; e++)
        for (int k = 0; k < BENCH_KINDS; k++)
            for (int t = 0; t < run->threads; t++)
                for (int i = 0; i < run->rounds; i++)
                    if (run->has_engine[e] && bench_has(e, k)) {
                        sum += run->slices[e][k][t][i].waited;
                        n++;
                    }
    return n > 0 ? sum / n : 0;
}

static void
print_row(const bench_run *run, int engine, int kind)
{
    summary one = times(run, engine, kind, 1);

    printf("%-9s %-17s %9.0f  %9.0f..%-9.0f %8.0f", bench_engine_names[engine],
           bench_kind_names[kind], one.median, one.low, one.high,
           1e9 / one.median);
    if (run->threads == BENCH_THREADS) {
        summary two = times(run, engine, kind, BENCH_THREADS);
        promise scale = {NULL, engine, kind, SELF, 0};

        printf(" %8.0f  %5.2f", 1e9 / two.median, figure(run, &scale).median);
    }
    printf("\n");
}

void
bench_report_table(const bench_run *run)
{
    printf("%-9s %-17s %9s  %20s %8s", "engine", "what", "ns", "middle half",
           "per s");
    if (run->threads == BENCH_THREADS)
        printf(" %8s  %5s", "2 thr./s", "x");
    printf("\n");
    for (int e = 0; e < BENCH_ENGINES; e++)
        for (int k = 0; k < BENCH_KINDS; k++)
            if (run->has_engine[e] && bench_has(e, k))
                print_row(run, e, k);
    printf("\n%-9s %-26s %6s  %14s  %7s\n", "engine", "floor", "found",
           "middle half", "bound");
    for (size_t i = 0; i < NPROMISES; i++) {
        const promise *p = &promises[i];
        summary s;

        if (!applies(run, p))
            continue;
        s = figure(run, p);
        printf("%-9s %-26s %6.3f  %6.3f..%-6.3f  %s %4.2f  %s\n",
               bench_engine_names[p->engine], p->what, s.median, s.low, s.high,
               p->base == ALONE ? "<=" : ">=", p->bound,
               is_met(p, s.median) ? "met" : "missed");
    }
    printf("\n%d rounds; %.0f %% of the time no core was free (not counted)\n",
           run->rounds, 100 * waited(run));
#ifndef __OPTIMIZE__
    printf("This build is not optimised: its figures mean nothing.\n");
#endif
}

static void
json_row(const bench_run *run, int engine, int kind, int threads)
{
    summary s = times(run, engine, kind, threads);

    printf("%s{\"ns\": %.1f, \"low\": %.1f, \"high\": %.1f}",
           threads == 1 ? "" : ", ", s.median, s.low, s.high);
}

void
bench_report_json(const bench_run *run)
{
    const char *comma = "";

    printf("{\"rounds\": %d, \"waited\": %.3f, \"rows\": [", run->rounds,
           waited(run));
    for (int e = 0; e < BENCH_ENGINES; e++) {
        for (int k = 0; k < BENCH_KINDS; k++) {
            if (!run->has_engine[e] || !bench_has(e, k))
                continue;
            printf("%s\n  {\"engine\": \"%s\", \"what\": \"%s\", \"threads\": ",
                   comma, bench_engine_names[e], bench_kind_names[k]);
            printf("[");
            for (int t = 1; t <= run->threads; t++)
                json_row(run, e, k, t);
            printf("]}");
            comma = ",";
        }
    }
    printf("\n], \"floors\": [");
    comma = "";
    for (size_t i = 0; i < NPROMISES; i++) {
        const promise *p = &promises[i];
        summary s;

        if (!applies(run, p))
            continue;
        s = figure(run, p);
        printf("%s\n  {\"engine\": \"%s\", \"floor\": \"%s\", \"found\": %.4f, "
               "\"low\": %.4f, \"high\": %.4f, \"bound\": %.2f, \"met\": %s}",
               comma, bench_engine_names[p->engine], p->what, s.median, s.low,
               s.high, p->bound, is_met(p, s.median) ? "true" : "false");
        comma = ",";
    }
    printf("\n]}\n");
}
