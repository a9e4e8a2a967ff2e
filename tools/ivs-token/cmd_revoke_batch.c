/* SPDX-License-Identifier: MIT */
/* revoke batch: chunks of 20, every pair accounted for. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "opts_service.h"

/* BatchStartViewerSessionRevocation: 2 calls a second (Amazon IVS service
 * quotas). Other callers of the account use the same quota. */
#define SPACING_NS INT64_C(500000000)
#define ATTEMPTS   10

struct tally {
    size_t acknowledged;
    size_t failed;
    size_t done; /* rows of v before the first that is not done */
    json_t *failures;
    ivs_revoke_outcome *outcomes; /* of one call */
};

static int
default_version(struct cli *c, const struct batch_opts *opts, struct rows *rows)
{
    int64_t value = opts->up_to.now ? value_now(&opts->now) : opts->up_to.value;

    if (!opts->up_to.given)
        return CLI_OK;
    if (value > IVS_REVOKE_VERSION_MAX)
        return usage(c,
                     "--up-to-version: found %" PRId64 ", expected at most "
                     "%d, the highest that the service can revoke",
                     value, IVS_REVOKE_VERSION_MAX);
    for (size_t i = 0; i < rows->n; i++)
        if (!rows->v[i].has_version) {
            rows->v[i].has_version = true;
            rows->v[i].version = value;
        }
    rows->unversioned = 0;
    return CLI_OK;
}

/* ---- sending ---- */

static void
count_failure(struct cli *c, struct tally *t, const struct row *row,
              const ivs_revoke_outcome *outcome)
{
    t->failed++;
    (void)fail(c, CLI_PARTLY, "line %zu: viewer %s of %s: %s%s%s", row->line,
               row->viewer_id, row->channel_arn, outcome->code,
               outcome->message[0] != '\0' ? ": " : "", outcome->message);
    (void)json_array_append_new(
        t->failures,
        json_pack("{s:I, s:s, s:s, s:o, s:o}", "line", (json_int_t)row->line,
                  "channelArn", row->channel_arn, "viewerId", row->viewer_id,
                  "code", text_json(outcome->code), "message",
                  text_json(outcome->message)));
}

/* One call. Rows are counted only after its answer. */
static int
send_chunk(struct cli *c, ivs_client *client, const struct row *rows, size_t n,
           struct tally *t)
{
    ivs_revocation pairs[IVS_REVOKE_BATCH_MAX];
    ivs_error err = {0};

    for (size_t i = 0; i < n; i++)
        pairs[i] = (ivs_revocation){rows[i].channel_arn, rows[i].viewer_id,
                                    rows[i].has_version, rows[i].version};
    if (ivs_revoke_batch(client, pairs, n, t->outcomes, &err) != IVS_OK) {
        int code = fail_error(c, &err);

        return code == CLI_USAGE ? CLI_FAILED : code;
    }
    for (size_t i = 0; i < n; i++) {
        const ivs_revoke_outcome *outcome = &t->outcomes[i];

        if (outcome->state == IVS_REVOKE_FAILED)
            count_failure(c, t, &rows[i], outcome);
        else if (outcome->state == IVS_REVOKE_ACKNOWLEDGED)
            t->acknowledged++;
    }
    t->done += n;
    return CLI_OK;
}

/* Wait until a call may follow the one that was begun at *start; a signal ends
 * the wait. Then *start is now. */
static void
pace(struct timespec *start)
{
    struct timespec next = *start;

    next.tv_nsec += SPACING_NS;
    next.tv_sec += next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    while (signals_got() == 0 && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
                                                 &next, NULL) == EINTR)
        continue;
    (void)clock_gettime(CLOCK_MONOTONIC, start);
}

static int
send_all(struct cli *c, ivs_client *client, const struct rows *rows,
         struct tally *t)
{
    struct timespec start;
    int code = CLI_OK;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    while (code == CLI_OK && t->done < rows->n) {
        size_t n = rows->n - t->done;

        if (n > IVS_REVOKE_BATCH_MAX)
            n = IVS_REVOKE_BATCH_MAX;
        if (t->done > 0)
            pace(&start);
        code = send_chunk(c, client, &rows->v[t->done], n, t);
    }
    return code;
}

/* ---- report ---- */

static int
report(struct cli *c, const struct rows *rows, const struct tally *t,
       bool dry_run)
{
    size_t duplicates = rows->read - rows->n;
    size_t not_done = rows->n - t->acknowledged - t->failed;

    (void)fprintf(stderr,
                  "ivs-token: %zu row%s, %zu duplicate%s, %zu pair%s: %zu "
                  "acknowledged, %zu failed, %zu not done%s\n",
                  rows->read, plural(rows->read), duplicates,
                  plural(duplicates), rows->n, plural(rows->n), t->acknowledged,
                  t->failed, not_done, dry_run ? " (dry run)" : "");
    if (!dry_run && t->done < rows->n)
        hint("pairs first named in line %zu and later may not have arrived; "
             "send them again",
             rows->v[t->done].line);
    if (!c->g.json)
        return CLI_OK;
    return out_json(
        c, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:O}", "rows",
                     (json_int_t)rows->read, "duplicates",
                     (json_int_t)duplicates, "pairs", (json_int_t)rows->n,
                     "acknowledged", (json_int_t)t->acknowledged, "failed",
                     (json_int_t)t->failed, "not_done", (json_int_t)not_done,
                     "dry_run", dry_run, "failures", t->failures));
}

/* What the run comes to; `code` is that of the call that ended it. */
static int
conclude(int code, const struct rows *rows, const struct tally *t)
{
    if (code > CLI_SIGNAL)
        return code;
    if (code != CLI_OK)
        return t->acknowledged > 0 ? CLI_PARTLY : code;
    if (t->acknowledged == rows->n)
        return CLI_OK;
    return t->acknowledged > 0 ? CLI_PARTLY : CLI_REFUSED;
}

static void
note_unversioned(struct cli *c, const struct rows *rows)
{
    if (rows->unversioned > 0)
        notice(c,
               "%zu pair%s without a version: tokens that carry one above 0 "
               "stay valid; see --up-to-version",
               rows->unversioned, plural(rows->unversioned));
}

static int
run(struct cli *c, const struct batch_opts *opts, const struct rows *rows,
    struct tally *t)
{
    ivs_client *client = NULL;
    int code, reported;

    if (opts->dry_run) {
        note_unversioned(c, rows);
        return report(c, rows, t, true);
    }
    if (!environment_has("AWS_MAX_ATTEMPTS"))
        c->max_attempts = ATTEMPTS;
    if ((code = service_open(c, &rows->channel, &client)) != CLI_OK)
        return code;
    note_unversioned(c, rows);
    code = conclude(send_all(c, client, rows, t), rows, t);
    service_close(client);
    reported = report(c, rows, t, false);
    return code != CLI_OK ? code : reported;
}

int
revoke_batch(struct cli *c, const void *values)
{
    const struct batch_opts *opts = values;
    struct tally t = {.failures = json_array()};
    struct rows rows = {0};
    int code = rows_read(c, opts->file, &rows);

    t.outcomes = calloc(IVS_REVOKE_BATCH_MAX, sizeof *t.outcomes);
    if (code == CLI_OK && (t.outcomes == NULL || t.failures == NULL))
        code = fail(c, CLI_FAILED, "out of memory");
    if (code == CLI_OK)
        code = default_version(c, opts, &rows);
    if (code == CLI_OK)
        code = run(c, opts, &rows, &t);
    rows_free(&rows);
    json_decref(t.failures);
    free(t.outcomes);
    return code;
}
