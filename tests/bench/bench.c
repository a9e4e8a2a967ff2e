/* SPDX-License-Identifier: MIT */
/* What minting, verifying and loading keys cost. Every operation gets a slice
 * in every round; the figures are medians over the rounds. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ivs/error.h>
#include <ivs/key.h>

#include "report.h"

static const char usage[] =
    "usage: bench [--rounds N] [--ms N] [--json] [--quick]\n"
    "  --rounds N  rounds, 1 to 101 (default 15)\n"
    "  --ms N      milliseconds a slice (default 40)\n"
    "  --json      figures as JSON\n"
    "  --quick     one short round, to see that it works\n";

struct options {
    int rounds;
    int ms;
    bool json;
};

struct bench {
    struct options opt;
    bench_subject subjects[BENCH_ENGINES];
    bench_lane lanes[BENCH_ENGINES][BENCH_THREADS];
    bench_run run;
};

static bool
number(const char *text, int max, int *ret)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (end == text || *end != '\0' || n < 1 || n > max)
        return false;
    *ret = (int)n;
    return true;
}

/* False for what the usage does not know. */
static bool
read_options(int argc, char **argv, struct options *opt)
{
    static const struct option known[] = {
        {"rounds", required_argument, NULL, 'r'},
        {"ms", required_argument, NULL, 'm'},
        {"json", no_argument, NULL, 'j'},
        {"quick", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;

    *opt = (struct options){.rounds = 15, .ms = 40};
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'r' && number(optarg, BENCH_ROUNDS_MAX, &opt->rounds))
            continue;
        if (c == 'm' && number(optarg, 10000, &opt->ms))
            continue;
        if (c == 'h') {
            (void)fputs(usage, stdout);
            exit(0);
        }
        if (c != 'j' && c != 'q')
            return false;
        if (c == 'j')
            opt->json = true;
        else
            opt->rounds = opt->ms = 1;
    }
    return optind == argc;
}

static bool
open_engine(struct bench *b, int engine, const char *pem, size_t pem_len)
{
    if (!bench_subject_init(&b->subjects[engine], engine, pem, pem_len))
        return false;
    for (int t = 0; t < BENCH_THREADS; t++)
        if (!bench_lane_init(&b->lanes[engine][t], &b->subjects[engine]))
            return false;
    b->run.has_engine[engine] = true;
    return true;
}

/* One new key for all of them. */
static bool
open_engines(struct bench *b)
{
    ivs_error err = {0};
    ivs_key *key = NULL;
    char *pem = NULL;
    size_t len = 0;
    bool ok = false;

    if (ivs_key_generate(NULL, &key, &err) != IVS_OK ||
        ivs_key_export(key, IVS_KEY_PKCS8, NULL, &pem, &len, &err) != IVS_OK)
        (void)fprintf(stderr, "bench: %s\n", err.message);
    else
        ok = open_engine(b, BENCH_STUB, pem, len) &&
             open_engine(b, BENCH_OPENSSL, pem, len);
#ifdef IVS_HAVE_GNUTLS
    if (ok && !open_engine(b, BENCH_GNUTLS, pem, len))
        (void)fprintf(stderr, "bench: going on without GnuTLS\n");
#endif
    ivs_free_secret(pem, len);
    ivs_key_free(key);
    return ok;
}

static void
close_engines(struct bench *b)
{
    for (int e = 0; e < BENCH_ENGINES; e++) {
        for (int t = 0; t < BENCH_THREADS; t++)
            bench_lane_clear(&b->lanes[e][t]);
        bench_subject_clear(&b->subjects[e]);
    }
}

static bool
run_round(struct bench *b, int round)
{
    bench_run *run = &b->run;

    for (int e = 0; e < BENCH_ENGINES; e++) {
        for (int k = 0; k < BENCH_KINDS; k++) {
            for (int t = 0; t < run->threads; t++) {
                if (!run->has_engine[e] || !bench_has(e, k))
                    continue;
                if (bench_slice_run(b->lanes[e], t + 1, k,
                                    (int64_t)b->opt.ms * 1000000,
                                    &run->slices[e][k][t][round]))
                    continue;
                (void)fprintf(stderr, "bench: %s %s failed\n",
                              bench_engine_names[e], bench_kind_names[k]);
                return false;
            }
        }
    }
    return true;
}

int
main(int argc, char **argv)
{
    struct bench *b = calloc(1, sizeof *b);
    bool ok;

    if (b == NULL) {
        (void)fputs("bench: out of memory\n", stderr);
        return 1;
    }
    if (!read_options(argc, argv, &b->opt)) {
        (void)fputs(usage, stderr);
        free(b);
        return 2;
    }
    b->run.rounds = b->opt.rounds;
    b->run.threads =
        sysconf(_SC_NPROCESSORS_ONLN) >= BENCH_THREADS ? BENCH_THREADS : 1;
    ok = open_engines(b);
    for (int i = 0; ok && i < b->run.rounds; i++)
        ok = run_round(b, i);
    if (ok && b->opt.json)
        bench_report_json(&b->run);
    else if (ok)
        bench_report_table(&b->run);
    close_engines(b);
    free(b);
    return ok ? 0 : 1;
}
