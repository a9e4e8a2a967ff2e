/* SPDX-License-Identifier: MIT */
/* How far a revocation is: a live line on a terminal, or an event a line. */

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "revoke.h"

/* A line shorter than the one before it must cover that. */
#define LINE_WIDTH 79

void
progress_time(int64_t s, char ret[PROGRESS_TIME_SIZE])
{
    if (s < 0)
        (void)snprintf(ret, PROGRESS_TIME_SIZE, "unknown");
    else
        (void)snprintf(ret, PROGRESS_TIME_SIZE,
                       "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600,
                       s / 60 % 60, s % 60);
}

static void
event(json_t *doc)
{
    char *text =
        doc != NULL ? json_dumps(doc, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

    if (text != NULL)
        (void)fprintf(stderr, "%s\n", text);
    free(text);
    json_decref(doc);
}

static json_t *
counts(const struct progress *p, const char *name)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I}", "event", name, "pairs",
                     (json_int_t)p->pairs, "acknowledged",
                     (json_int_t)p->acknowledged, "failed",
                     (json_int_t)p->failed, "left",
                     (json_int_t)(p->pairs - p->acknowledged - p->failed));
}

void
progress_begin(struct progress *p)
{
    p->terminal = !p->json && isatty(STDERR_FILENO) != 0;
    if (p->json)
        event(counts(p, "start"));
}

static void
show_event(const struct progress *p, const ivs_revoke_progress *now)
{
    json_t *doc = counts(p, "progress");

    if (doc != NULL) {
        (void)json_object_set_new(doc, "pairs_per_s",
                                  json_real(now->pairs_per_s));
        (void)json_object_set_new(doc, "throttled",
                                  json_integer((json_int_t)now->throttled));
        (void)json_object_set_new(doc, "eta_s",
                                  now->eta_s >= 0
                                      ? json_integer((json_int_t)now->eta_s)
                                      : json_null());
    }
    event(doc);
}

void
progress_show(struct progress *p, const ivs_revoke_progress *now)
{
    char left[PROGRESS_TIME_SIZE], line[256];

    if (p->json)
        show_event(p, now);
    if (!p->terminal)
        return;
    progress_time(now->eta_s, left);
    (void)snprintf(line, sizeof line,
                   "ivs-token: %" PRId64 " of %" PRId64 ", %" PRId64
                   " failed, %.1f/s, %" PRIu64 " throttled, %s left",
                   p->acknowledged + p->failed, p->pairs, p->failed,
                   now->pairs_per_s, now->throttled, left);
    (void)fprintf(stderr, "\r%-*.*s", LINE_WIDTH, LINE_WIDTH, line);
    (void)fflush(stderr);
    p->shown = true;
}

void
progress_clear(struct progress *p)
{
    if (p->shown)
        (void)fprintf(stderr, "\r%*s\r", LINE_WIDTH, "");
    p->shown = false;
}

void
progress_end(const struct job_totals *totals, int code)
{
    const struct progress p = {.pairs = totals->pairs,
                               .acknowledged = totals->acknowledged,
                               .failed = totals->failed};
    json_t *doc = counts(&p, "end");

    if (doc != NULL)
        (void)json_object_set_new(doc, "exit_code", json_integer(code));
    event(doc);
}
