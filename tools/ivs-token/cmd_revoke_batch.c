/* SPDX-License-Identifier: MIT */
/* revoke batch: rows into a job, the job through the engine, a report. */

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "revoke.h"

#define FAILURES_MAX 1000

struct batch {
    struct cli *c;
    const struct batch_opts *opts;
    struct number version; /* of rows without one */
    struct job *job;
    struct job_totals totals;
};

static int
read_version(struct batch *b)
{
    const struct version *v = &b->opts->up_to;

    b->version.given = v->given;
    b->version.value = v->now ? value_now(&b->opts->now) : v->value;
    if (!v->given)
        b->version.value = 0;
    if (b->version.value > IVS_REVOKE_VERSION_MAX)
        return usage(b->c,
                     "--up-to-version: found %" PRId64 ", expected 0 to %d, "
                     "the highest that the service can revoke",
                     b->version.value, IVS_REVOKE_VERSION_MAX);
    return CLI_OK;
}

/* ---- rows into a job ---- */

/* Rows of this run; `take` gets each of them. */
static int
read_rows(struct batch *b, int (*take)(void *user, const struct row *row),
          struct rows *ret)
{
    *ret = (struct rows){.any_region = b->opts->any_region,
                         .version = b->version,
                         .take = take,
                         .user = b};
    if (!ret->any_region)
        ret->region = service_region(b->c, &ret->whose);
    return rows_read(b->c, b->opts->file, ret);
}

static int
take_nothing(void *user, const struct row *row)
{
    (void)user;
    (void)row;
    return CLI_OK;
}

static void
note_unversioned(struct cli *c, const char *what, int64_t n)
{
    if (n > 0)
        notice(c,
               "%" PRId64 " %s%s without a version: tokens that carry one "
               "above 0 stay valid; see --up-to-version",
               n, what, plural((size_t)n));
}

static int
validate(struct batch *b)
{
    struct rows rows;
    int code = read_rows(b, take_nothing, &rows);

    if (code != CLI_OK)
        return code;
    note_unversioned(b->c, "row", (int64_t)rows.unversioned);
    (void)fprintf(stderr, "ivs-token: %zu row%s, all valid; nothing was sent\n",
                  rows.read, plural(rows.read));
    if (!b->c->g.json)
        return CLI_OK;
    return out_json(b->c,
                    json_pack("{s:I, s:I}", "rows", (json_int_t)rows.read,
                              "unversioned", (json_int_t)rows.unversioned));
}

static int
take_row(void *user, const struct row *row)
{
    struct batch *b = user;

    return job_load_row(b->c, b->job, row);
}

static int
load(struct batch *b)
{
    struct rows rows;
    struct job_id id = {.version = b->version};
    int code = job_load_begin(b->c, b->job);

    if (code == CLI_OK)
        code = read_rows(b, take_row, &rows);
    if (code != CLI_OK)
        return code;
    memcpy(id.input, rows.hash, sizeof id.input);
    (void)snprintf(id.account, sizeof id.account, "%s", rows.channel.account);
    (void)snprintf(id.region, sizeof id.region, "%s",
                   b->opts->any_region ? JOB_REGION_ANY : rows.channel.region);
    id.rows = (int64_t)rows.read;
    return job_load_end(b->c, b->job, &id);
}

/* The job was loaded by an earlier run: does all of it fit this one? */
static int
compare(struct batch *b)
{
    const struct job_id *id = job_id(b->job);
    const struct version *v = &b->opts->up_to;
    char hash[ROWS_HASH_SIZE];
    int code = rows_hash(b->c, b->opts->file, hash);

    if (code != CLI_OK)
        return code;
    if (strcmp(hash, id->input) != 0)
        return fail(b->c, CLI_FAILED,
                    "the job file %s belongs to other rows than those of %s "
                    "(SHA-256 %.16s..., not %.16s...); give the rows it was "
                    "made from, or another --job FILE",
                    b->opts->job, rows_name(b->opts->file), id->input, hash);
    /* "now" was another number then, and that one counts. */
    if (v->given != id->version.given ||
        (v->given && !v->now && v->value != id->version.value))
        return fail(b->c, CLI_FAILED,
                    "the job file %s was made with another --up-to-version; "
                    "give the same, or another --job FILE",
                    b->opts->job);
    if (b->opts->any_region != (strcmp(id->region, JOB_REGION_ANY) == 0))
        return fail(b->c, CLI_FAILED,
                    "the job file %s was made %s --region-from-arn; do the "
                    "same, or give another --job FILE",
                    b->opts->job, b->opts->any_region ? "without" : "with");
    return CLI_OK;
}

static int
open_job(struct batch *b)
{
    const char *path = b->opts->job;
    bool resumed;
    int code;

    /* A dry run leaves no file behind. */
    if (b->opts->dry_run && path != NULL && access(path, F_OK) != 0)
        path = NULL;
    if ((code = job_open(b->c, path, JOB_RUN, &b->job)) != CLI_OK)
        return code;
    resumed = job_loaded(b->job);
    code = resumed ? compare(b) : load(b);
    if (code == CLI_OK)
        code = job_check(b->c, b->job, &b->totals);
    if (code == CLI_OK && resumed)
        notice(b->c, "%s has %" PRId64 " of %" PRId64 " pairs done already",
               path, b->totals.acknowledged + b->totals.failed,
               b->totals.pairs);
    if (code == CLI_OK && b->opts->job == NULL && !b->opts->dry_run &&
        b->totals.pairs > UNKEPT_MAX)
        code =
            usage(b->c,
                  "%" PRId64 " pairs take %" PRId64 " minutes; give --job "
                  "FILE, so that a run that ends early can be resumed",
                  b->totals.pairs, b->totals.pairs / revoke_rate(b->opts) / 60);
    return code;
}

/* ---- report ---- */

static int
add_failure(void *user, const struct job_pair *pair)
{
    json_t *failures = user;

    if (json_array_size(failures) < FAILURES_MAX)
        (void)json_array_append_new(
            failures,
            json_pack("{s:I, s:s, s:s, s:o, s:o}", "line",
                      (json_int_t)pair->row.line, "channelArn",
                      pair->row.channel_arn, "viewerId", pair->row.viewer_id,
                      "code", text_json(pair->code), "message",
                      text_json(pair->message)));
    return CLI_OK;
}

static int
report_json(const struct batch *b)
{
    const struct job_totals *t = &b->totals;
    const struct job_id *id = job_id(b->job);
    json_t *failures = json_array();
    int code = job_each_failed(b->c, b->job, add_failure, failures);

    if (code != CLI_OK) {
        json_decref(failures);
        return code;
    }
    return out_json(b->c, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}",
                                    "rows", (json_int_t)id->rows, "duplicates",
                                    (json_int_t)(id->rows - t->pairs), "pairs",
                                    (json_int_t)t->pairs, "acknowledged",
                                    (json_int_t)t->acknowledged, "failed",
                                    (json_int_t)t->failed, "not_done",
                                    (json_int_t)t->left, "dry_run",
                                    b->opts->dry_run, "failures", failures));
}

static void
hint_left(const struct batch *b)
{
    struct job_totals now;
    char left[PROGRESS_TIME_SIZE];

    if (b->totals.left == 0)
        return;
    progress_time((b->totals.left + revoke_rate(b->opts) - 1) /
                      revoke_rate(b->opts),
                  left);
    if (b->opts->dry_run)
        hint("at %" PRId64 " pairs a second it would take %s",
             revoke_rate(b->opts), left);
    else if (b->opts->job != NULL)
        hint("the same command goes on with what is not done");
    else if (job_check(b->c, b->job, &now) == CLI_OK)
        hint("pairs first named in line %" PRId64 " and later may not have "
             "arrived; send them again",
             now.first_left);
}

static void
hint_failed(const struct batch *b)
{
    if (b->totals.failed > 0 && b->opts->job != NULL && !b->opts->dry_run)
        hint("those that failed are not sent again: ivs-token revoke status "
             "--failed --job %s prints them as input",
             b->opts->job);
}

static int
report(const struct batch *b)
{
    const struct job_totals *t = &b->totals;
    size_t rows = (size_t)job_id(b->job)->rows;
    size_t pairs = (size_t)t->pairs, duplicates = rows - pairs;

    (void)fprintf(stderr,
                  "ivs-token: %zu row%s, %zu duplicate%s, %zu pair%s: %" PRId64
                  " acknowledged, %" PRId64 " failed, %" PRId64 " not done%s\n",
                  rows, plural(rows), duplicates, plural(duplicates), pairs,
                  plural(pairs), t->acknowledged, t->failed, t->left,
                  b->opts->dry_run ? " (dry run)" : "");
    hint_left(b);
    hint_failed(b);
    return b->c->g.json ? report_json(b) : CLI_OK;
}

/* What the run comes to; `code` is that of its early end. */
static int
conclude(int code, const struct job_totals *t)
{
    if (code > CLI_SIGNAL)
        return code;
    if (t->acknowledged == t->pairs)
        return code;
    if (t->acknowledged > 0)
        return CLI_PARTLY;
    return code != CLI_OK ? code : t->left > 0 ? CLI_FAILED : CLI_REFUSED;
}

static int
run(struct batch *b)
{
    int code = open_job(b), reported;
    bool begun = false;

    if (code != CLI_OK)
        return code;
    note_unversioned(b->c, "pair", b->totals.unversioned);
    if (b->opts->dry_run)
        return report(b);
    code = revoke_send(b->c, b->opts, b->job, &b->totals, &begun);
    if (!begun)
        return code;
    code = conclude(code, &b->totals);
    reported = report(b);
    code = code != CLI_OK ? code : reported;
    if (b->opts->progress != NULL)
        progress_end(&b->totals, code);
    return code;
}

int
revoke_batch(struct cli *c, const void *values)
{
    struct batch b = {.c = c, .opts = values};
    int code = read_version(&b);

    if (code == CLI_OK && b.opts->job != NULL && strcmp(b.opts->job, "-") == 0)
        code = usage(c, "--job: expected a file; a job is written to and read "
                        "again");
    if (code == CLI_OK && b.opts->any_region && c->g.region != NULL)
        code = usage(c, "--region-from-arn excludes --region");
    if (code == CLI_OK)
        code = b.opts->validate_only ? validate(&b) : run(&b);
    job_close(b.job);
    return code;
}
