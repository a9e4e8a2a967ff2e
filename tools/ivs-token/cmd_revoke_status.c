/* SPDX-License-Identifier: MIT */
/* revoke status: what a job file says, also while a run writes it. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "revoke.h"

#define VERSION_NAME "viewerSessionVersionsLessThanOrEqualTo"

/* ---- failed rows as input of the next run ---- */

struct rows_out {
    struct cli *c;
    bool json;
    bool quoted; /* an apostrophe before each viewer id */
};

static void
put_json(struct rows_out *o, const struct row *row)
{
    json_t *doc = json_pack("{s:s, s:s}", "channelArn", row->channel_arn,
                            "viewerId", row->viewer_id);
    char *text;

    if (doc != NULL && row->has_version)
        (void)json_object_set_new(doc, VERSION_NAME,
                                  json_integer((json_int_t)row->version));
    text =
        doc != NULL ? json_dumps(doc, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(doc);
    if (text != NULL)
        out_line(o->c, text);
    else
        o->c->out_errno = o->c->out_errno != 0 ? o->c->out_errno : 12;
    free(text);
}

/* RFC 4180: every viewer id in quotes, quotes doubled. */
static void
put_csv(struct rows_out *o, const struct row *row)
{
    char line[IVS_ARN_MAX + 2 * 4 * IVS_VIEWER_ID_MAX + 64];
    size_t n = 0;

    n += (size_t)snprintf(line, sizeof line, "%s,\"%s", row->channel_arn,
                          o->quoted ? "'" : "");
    for (const char *at = row->viewer_id; *at != '\0'; at++) {
        if (*at == '"')
            line[n++] = '"';
        line[n++] = *at;
    }
    line[n++] = '"';
    line[n++] = ',';
    line[n] = '\0';
    if (row->has_version)
        (void)snprintf(line + n, sizeof line - n, "%" PRId64, row->version);
    out_line(o->c, line);
}

static int
put_row(void *user, const struct job_pair *pair)
{
    struct rows_out *o = user;

    if (o->json)
        put_json(o, &pair->row);
    else
        put_csv(o, &pair->row);
    return o->c->out_errno == 0 ? CLI_OK : CLI_FAILED;
}

static int
print_failed(struct cli *c, struct job *job)
{
    struct rows_out o = {.c = c, .json = c->g.json};
    int code = o.json ? CLI_OK : job_has_formulas(c, job, &o.quoted);

    if (code != CLI_OK)
        return code;
    if (!o.json)
        out_line(c, o.quoted ? "channel_arn,'viewer_id,version"
                             : "channel_arn,viewer_id,version");
    return job_each_failed(c, job, put_row, &o);
}

/* ---- totals ---- */

struct view {
    struct cli *c;
    struct job *job;
    struct job_totals totals;
    double pairs_per_s; /* of the run, or the quota of batch calls */
    int64_t eta_s;      /* -1: unknown */
    json_t *codes;
};

static void
estimate(struct view *v)
{
    int64_t when_s;

    v->pairs_per_s = (double)IVS_REVOKE_BATCH_PER_S * IVS_REVOKE_BATCH_MAX;
    if (job_in_use(v->job) && !job_rate(v->job, &when_s, &v->pairs_per_s))
        v->pairs_per_s = 0;
    v->eta_s = v->pairs_per_s > 0
                   ? (int64_t)((double)v->totals.left / v->pairs_per_s + 0.5)
                   : -1;
}

static int
print_json(struct view *v)
{
    const struct job_id *id = job_id(v->job);

    return out_json(
        v->c,
        json_pack(
            "{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:O,"
            " s:b, s:f, s:o}",
            "input_sha256", id->input, "account", id->account, "region",
            id->region, "endpoint", id->endpoint, "rows", (json_int_t)id->rows,
            "duplicates", (json_int_t)(id->rows - id->pairs), "pairs",
            (json_int_t)v->totals.pairs, "acknowledged",
            (json_int_t)v->totals.acknowledged, "failed",
            (json_int_t)v->totals.failed, "left", (json_int_t)v->totals.left,
            "failures_by_code", v->codes, "running", job_in_use(v->job),
            "pairs_per_s", v->pairs_per_s, "eta_s",
            v->eta_s >= 0 ? json_integer((json_int_t)v->eta_s) : json_null()));
}

static void
print_text(struct view *v)
{
    const struct job_totals *t = &v->totals;
    char left[PROGRESS_TIME_SIZE];
    const char *code;
    json_t *n;

    (void)printf("pairs         %" PRId64 "\nacknowledged  %" PRId64
                 "\nfailed        %" PRId64 "\nleft          %" PRId64 "\n",
                 t->pairs, t->acknowledged, t->failed, t->left);
    json_object_foreach(v->codes, code, n)
    {
        (void)printf("failed with   ");
        text_print(stdout, code, strlen(code));
        (void)printf(": %" JSON_INTEGER_FORMAT "\n", json_integer_value(n));
    }
    (void)printf("running       %s\n", job_in_use(v->job) ? "yes" : "no");
    if (t->left == 0)
        return;
    progress_time(v->eta_s, left);
    (void)printf("time left     %s at %.1f pairs a second\n", left,
                 v->pairs_per_s);
}

static int
print_totals(struct cli *c, struct job *job)
{
    struct view v = {.c = c, .job = job};
    int code = job_check(c, job, &v.totals);

    if (code != CLI_OK)
        return code;
    if ((v.codes = job_failure_codes(c, job)) == NULL)
        return CLI_FAILED;
    estimate(&v);
    if (c->g.json)
        code = print_json(&v);
    else
        print_text(&v);
    json_decref(v.codes);
    return code;
}

int
revoke_status(struct cli *c, const void *values)
{
    const struct status_opts *opts = values;
    struct job *job = NULL;
    int code = job_open(c, opts->job, JOB_LOOK, &job);

    if (code == CLI_OK && !job_loaded(job))
        code = fail(c, CLI_FAILED,
                    job_in_use(job)
                        ? "the job file %s has no rows yet: they are being read"
                        : "the job file %s is empty: no rows were ever read "
                          "into it; revoke batch --job does that",
                    opts->job);
    if (code == CLI_OK)
        code = opts->failed ? print_failed(c, job) : print_totals(c, job);
    job_close(job);
    return code;
}
