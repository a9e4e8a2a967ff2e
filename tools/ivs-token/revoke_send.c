/* SPDX-License-Identifier: MIT */
/* A job through the revocation engine: clients, callbacks, signals. */

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "revoke.h"

#define CLIENTS_MAX  16
#define REPORTED_MAX 20
/* What is in flight when a signal comes has so long to end by itself. */
#define GRACE_S 5

struct sending {
    struct cli *c;
    struct job *job;
    struct job_totals *totals;
    struct progress progress;
    ivs_client *clients[CLIENTS_MAX];
    size_t nclients;
    size_t reported;
    int code; /* of a failure that was said already */
    struct timespec signalled;
    bool grace;
};

int64_t
revoke_rate(const struct batch_opts *opts)
{
    const int64_t batch =
        (int64_t)IVS_REVOKE_BATCH_PER_S * IVS_REVOKE_BATCH_MAX;
    int64_t most = batch;

    if (opts->lane == IVS_REVOKE_LANE_SINGLE)
        most = IVS_REVOKE_SINGLE_PER_S;
    else if (opts->lane == IVS_REVOKE_LANE_BOTH)
        most = batch + IVS_REVOKE_SINGLE_PER_S;
    return opts->rate.given && opts->rate.value < most ? opts->rate.value
                                                       : most;
}

/* ---- signals ---- */

/* The engine asks signals_got(); nothing else is to be done in the handler. */
static void
note_signal(void *unused)
{
    (void)unused;
}

static const struct canceller canceller = {note_signal, NULL};

static bool
cancelled(void *user)
{
    (void)user;
    return signals_got() != 0;
}

static void
end_grace(struct sending *s)
{
    struct timespec now;

    if (signals_got() == 0)
        return;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (!s->grace)
        s->signalled = now;
    s->grace = true;
    if (now.tv_sec - s->signalled.tv_sec >= GRACE_S)
        for (size_t i = 0; i < s->nclients; i++)
            ivs_client_cancel(s->clients[i]);
}

/* ---- clients ---- */

static int
open_client(struct sending *s, const ivs_arn *arn, ivs_client **ret)
{
    ivs_client *client = NULL;
    int code = service_open(s->c, arn, &client);

    /* It has made signals cancel the client. */
    signals_cancel(&canceller);
    if (code != CLI_OK)
        return code;
    if (s->nclients == CLIENTS_MAX) {
        ivs_client_free(client);
        return fail(s->c, CLI_FAILED, "found more than %d regions",
                    CLIENTS_MAX);
    }
    s->clients[s->nclients++] = client;
    *ret = client;
    return CLI_OK;
}

/* The client of an ARN's region, whatever the environment says. */
static int
open_any(struct sending *s, const char *region, ivs_client **ret)
{
    const char *given = s->c->g.region;
    int code;

    for (size_t i = 0; i < s->nclients; i++)
        if (strcmp(ivs_client_region(s->clients[i]), region) == 0) {
            *ret = s->clients[i];
            return CLI_OK;
        }
    s->c->g.region = region;
    code = open_client(s, NULL, ret);
    s->c->g.region = given;
    return code;
}

static ivs_status
client_of(const char *region, ivs_client **ret, void *user, ivs_error *err)
{
    struct sending *s = user;

    s->code = open_any(s, region, ret);
    if (s->code == CLI_OK)
        return IVS_OK;
    err->code = IVS_E_CREDENTIALS;
    return err->code;
}

/* ---- pairs ---- */

static ivs_status
pull(const char *const *busy, size_t nbusy, ivs_revoke_row *ret, size_t cap,
     size_t *ret_n, void *user, ivs_error *err)
{
    return job_pull(busy, nbusy, ret, cap, ret_n, ((struct sending *)user)->job,
                    err);
}

static int
report_failure(void *user, const struct job_pair *pair)
{
    struct sending *s = user;

    progress_clear(&s->progress);
    return fail(s->c, CLI_OK, "line %zu: viewer %s of %s: %s%s%s",
                pair->row.line, pair->row.viewer_id, pair->row.channel_arn,
                pair->code, pair->message[0] != '\0' ? ": " : "",
                pair->message);
}

static ivs_status
settle(const ivs_revoke_settled *settled, size_t n, void *user, ivs_error *err)
{
    struct sending *s = user;
    ivs_status status = job_settle(settled, n, s->job, err);

    if (status != IVS_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        ivs_revoke_state state = settled[i].outcome.state;

        s->totals->acknowledged += state == IVS_REVOKE_ACKNOWLEDGED;
        s->totals->failed += state == IVS_REVOKE_FAILED;
        s->totals->left -= state != IVS_REVOKE_NOT_DONE;
        if (state == IVS_REVOKE_FAILED && s->reported++ < REPORTED_MAX)
            (void)job_get(s->c, s->job, settled[i].id, report_failure, s);
    }
    s->progress.acknowledged = s->totals->acknowledged;
    s->progress.failed = s->totals->failed;
    return IVS_OK;
}

static void
progress(const ivs_revoke_progress *now, void *user)
{
    struct sending *s = user;

    job_note_rate(s->job, now->pairs_per_s);
    progress_show(&s->progress, now);
    end_grace(s);
}

/* ---- the run ---- */

static bool
is_about_credentials(const ivs_error *err)
{
    return strcmp(err->aws_code, "ExpiredToken") == 0 ||
           strcmp(err->aws_code, "ExpiredTokenException") == 0 ||
           strcmp(err->aws_code, "RequestExpired") == 0;
}

/* Say why the run ended early. */
static int
say_why(struct sending *s, const ivs_error *err)
{
    int code = s->code;

    if (code == CLI_OK && signals_got() != 0)
        return fail(s->c, CLI_SIGNAL + signals_got(), "interrupted");
    if (code == CLI_OK)
        code = fail_error(s->c, err);
    if (is_about_credentials(err))
        code = CLI_CONFIG;
    /* Whatever it was, the command line was not at fault. */
    return code == CLI_USAGE && s->code == CLI_OK ? CLI_FAILED : code;
}

static int
run(struct sending *s, const struct batch_opts *opts, ivs_client *client)
{
    ivs_revoke_options o;
    ivs_error err = {0};
    ivs_status status;
    int code = CLI_OK;

    ivs_revoke_options_init(&o, sizeof o);
    o.pull = pull;
    o.settle = settle;
    o.cancelled = cancelled;
    o.progress = progress;
    o.user = s;
    if (opts->any_region)
        o.client_of = client_of;
    else
        o.client = client;
    o.lane = opts->lane;
    o.pairs_per_s = (int)revoke_rate(opts);
    o.total = (uint64_t)s->totals->left;
    status = ivs_revoke(&o, &err);
    progress_clear(&s->progress);
    if (s->reported > REPORTED_MAX)
        (void)fail(s->c, CLI_OK, "%zu more failed", s->reported - REPORTED_MAX);
    if (status != IVS_OK)
        code = say_why(s, &err);
    return code;
}

int
revoke_send(struct cli *c, const struct batch_opts *opts, struct job *job,
            struct job_totals *totals, bool *ret_begun)
{
    struct sending s = {.c = c,
                        .job = job,
                        .totals = totals,
                        .progress = {.c = c,
                                     .json = opts->progress != NULL,
                                     .pairs = totals->pairs,
                                     .acknowledged = totals->acknowledged,
                                     .failed = totals->failed}};
    ivs_client *client = NULL;
    ivs_arn arn;
    int code = job_channel(c, job, &arn);

    /* The engine repeats calls itself. */
    c->max_attempts = 1;
    if (code == CLI_OK)
        code = opts->any_region ? open_any(&s, arn.region, &client)
                                : open_client(&s, &arn, &client);
    if (code == CLI_OK)
        code = job_bind(c, job, ivs_client_endpoint(client));
    *ret_begun = code == CLI_OK;
    if (code == CLI_OK)
        progress_begin(&s.progress);
    if (code == CLI_OK && totals->left > 0)
        code = run(&s, opts, client);
    signals_cancel(NULL);
    for (size_t i = 0; i < s.nclients; i++)
        ivs_client_free(s.clients[i]);
    return code;
}
