/* SPDX-License-Identifier: MIT */
/* The revocation engine as callers see it: pairs in, outcomes out. */

#include "service/revoke_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/client_impl.h"
#include "service/revoke_meter.h"

/* How soon a cancel is seen, and how often progress is told. */
#define LOOK_MS     100
#define PROGRESS_MS 1000
/* The rate that is told follows soon; what is foretold by it shall not jump
 * with each batch, so that comes from all that the meter knows. */
#define RATE_S 10

struct run {
    const ivs_revoke_options *opt;
    const ivs_revoke_host *host;
    ivs_revoke_core *core;
    ivs_revoke_meter meter;
    int64_t told_ms;
    bool lost; /* a callback failed: none is called again */
    ivs_revoke_row rows[IVS_REVOKE_PULL_MAX];
    ivs_revoke_settled settled[IVS_REVOKE_BATCH_MAX];
};

static int64_t
now(const struct run *run)
{
    return run->host->now_ms(run->host->user);
}

static void
stop(struct run *run, const ivs_error *why)
{
    ivs_revoke_core_stop(run->core, why);
    run->host->halt(run->host->user);
}

/* A callback failed. Its caller gets its error, whatever it has put there. */
static void
lose(struct run *run, ivs_status s, ivs_error *err)
{
    if (err->message[0] == '\0')
        (void)ivs_fail(err, s, "the caller's callback failed");
    err->code = s;
    run->lost = true;
    /* It outranks every reason that there was before. */
    run->core->stopped = run->core->failed_early = false;
    stop(run, err);
}

/* ---- outcomes ---- */

static void
settle(struct run *run, size_t n)
{
    ivs_error err = {0};
    ivs_status s;

    if (n == 0 || run->lost)
        return;
    s = run->opt->settle(run->settled, n, run->opt->user, &err);
    if (s != IVS_OK)
        lose(run, s, &err);
    else
        ivs_revoke_meter_add(&run->meter, n, now(run));
}

/* ---- pairs ---- */

static ivs_status
find_region(struct run *run, const ivs_revocation *pair, size_t *ret,
            ivs_error *err)
{
    ivs_client *client = run->opt->client;
    ivs_arn arn;
    ivs_status s;

    if ((s = ivs_arn_parse(pair->channel_arn, strlen(pair->channel_arn), &arn,
                           err)) != IVS_OK)
        return s;
    *ret = ivs_revoke_core_region(run->core, arn.region);
    if (*ret != SIZE_MAX)
        return IVS_OK;
    if (run->opt->client_of != NULL &&
        (s = run->opt->client_of(arn.region, &client, run->opt->user, err)) !=
            IVS_OK)
        return s;
    if (client->config.max_attempts != 1)
        return ivs_fail_member(err, IVS_E_ARG, "max_attempts",
                               "the client for %s repeats calls by itself, "
                               "expected one made with max_attempts 1",
                               arn.region);
    *ret = run->core->nregions;
    return ivs_revoke_core_add_region(run->core, arn.region, client, now(run),
                                      err);
}

/* The pair cannot be sent. */
static void
refuse(struct run *run, int64_t id, const ivs_error *err)
{
    ivs_revoke_settled *to = &run->settled[0];

    *to =
        (ivs_revoke_settled){.id = id, .outcome = {.state = IVS_REVOKE_FAILED}};
    ivs_revoke_copy(to->outcome.code, sizeof to->outcome.code,
                    IVS_REVOKE_CODE_INVALID);
    ivs_revoke_copy(to->outcome.message, sizeof to->outcome.message,
                    err->message);
    run->core->pulled++;
    run->core->failed++;
    settle(run, 1);
}

static void
add(struct run *run, const ivs_revoke_row *row)
{
    const char *only =
        run->opt->client != NULL ? ivs_client_region(run->opt->client) : NULL;
    ivs_error err = {0};
    size_t region;

    if (ivs_revoke_check_pair(only, &row->pair, &err) != IVS_OK)
        refuse(run, row->id, &err);
    else if (find_region(run, &row->pair, &region, &err) != IVS_OK)
        stop(run, &err);
    else if (!ivs_revoke_core_add(run->core, row->id, &row->pair, region,
                                  now(run))) {
        (void)ivs_fail(&err, IVS_E_ARG,
                       "pull gave pairs of region %s, which was busy",
                       run->core->regions[region].name);
        lose(run, IVS_E_ARG, &err);
    }
}

static void
pull(struct run *run, uint32_t busy)
{
    const size_t room = IVS_REVOKE_PULL_MAX;
    const char *names[IVS_REVOKE_REGIONS] = {NULL};
    ivs_error err = {0};
    size_t nnames = 0, n = 0;
    ivs_status s;

    for (size_t i = 0; i < run->core->nregions; i++)
        if ((busy & UINT32_C(1) << i) != 0)
            names[nnames++] = run->core->regions[i].name;
    s = run->opt->pull(names, nnames, run->rows, room, &n, run->opt->user,
                       &err);
    if (s != IVS_OK) {
        lose(run, s, &err);
        return;
    }
    if (n > room) {
        (void)ivs_fail(&err, IVS_E_ARG,
                       "pull gave %zu rows, expected %zu at most", n, room);
        lose(run, IVS_E_ARG, &err);
        return;
    }
    if (n == 0)
        ivs_revoke_core_drained(run->core, busy);
    for (size_t i = 0; i < n && !run->core->stopped; i++)
        add(run, &run->rows[i]);
}

/* ---- calls ---- */

void
ivs_revoke_carry_out(ivs_revoke_request *q)
{
    memset(&q->err, 0, sizeof q->err);
    if (q->single)
        q->status = ivs_revoke_viewer(q->client, &q->pairs[0], &q->err);
    else
        q->status = ivs_revoke_batch(q->client, q->pairs, q->npairs,
                                     q->outcomes, &q->err);
}

static void
send(struct run *run, ivs_revoke_request *q)
{
    ivs_error err = {0};

    if (run->host->send(q, run->host->user, &err) == IVS_OK)
        return;
    q->unsent = true;
    (void)ivs_revoke_core_answer(run->core, q, now(run), 0, run->settled);
    stop(run, &err);
}

static void
wait_for(struct run *run, int64_t until_ms)
{
    int64_t look = now(run) + LOOK_MS;
    ivs_revoke_request *q;

    q = run->host->wait(until_ms < look ? until_ms : look, run->host->user);
    if (q == NULL)
        return;
    settle(run, ivs_revoke_core_answer(run->core, q, now(run),
                                       run->host->random(run->host->user),
                                       run->settled));
    if (run->core->stopped)
        run->host->halt(run->host->user);
}

/* ---- telling ---- */

static void
tell(struct run *run, bool ended)
{
    const ivs_revoke_core *core = run->core;
    ivs_revoke_progress p = {.size = sizeof p,
                             .pulled = core->pulled,
                             .acknowledged = core->acknowledged,
                             .failed = core->failed,
                             .not_done = core->not_done,
                             .calls = core->calls,
                             .throttled = core->throttled,
                             .eta_s = -1,
                             .ended = ended};
    uint64_t done = p.acknowledged + p.failed + p.not_done;
    double steady;

    if (run->opt->progress == NULL)
        return;
    p.pairs_per_s = ivs_revoke_meter_rate(&run->meter, RATE_S, now(run));
    steady = ivs_revoke_meter_rate(&run->meter, IVS_REVOKE_METER_S, now(run));
    if (run->opt->total >= done && run->opt->total > 0 && steady > 0)
        p.eta_s = (int64_t)((double)(run->opt->total - done) / steady + 0.5);
    run->opt->progress(&p, run->opt->user);
    run->told_ms = now(run);
}

static void
look_around(struct run *run)
{
    ivs_error err = {0};

    if (!run->core->stopped && run->opt->cancelled != NULL &&
        run->opt->cancelled(run->opt->user)) {
        (void)ivs_fail(&err, IVS_E_CANCELLED, "the revocation was cancelled");
        stop(run, &err);
    }
    if (now(run) - run->told_ms >= PROGRESS_MS)
        tell(run, false);
}

static void
loop(struct run *run)
{
    for (;;) {
        ivs_revoke_todo todo;

        look_around(run);
        todo = ivs_revoke_core_next(run->core, now(run));
        switch (todo.step) {
        case IVS_REVOKE_STEP_PULL:
            pull(run, todo.busy);
            break;
        case IVS_REVOKE_STEP_SEND:
            send(run, todo.request);
            break;
        case IVS_REVOKE_STEP_WAIT:
            wait_for(run, todo.until_ms);
            break;
        case IVS_REVOKE_STEP_END:
            return;
        }
    }
}

ivs_status
ivs_revoke_drive(const ivs_revoke_options *opt, const ivs_revoke_host *host,
                 ivs_error *err)
{
    struct run *run = calloc(1, sizeof *run);
    ivs_status s;
    size_t n;

    if (run == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a revocation");
    run->opt = opt;
    run->host = host;
    s = ivs_revoke_core_new(opt->lane, opt->pairs_per_s, &run->core, err);
    if (s != IVS_OK)
        goto out;
    run->core->one_region = opt->client != NULL;
    ivs_revoke_meter_init(&run->meter, now(run));
    run->told_ms = now(run);
    loop(run);
    while ((n = ivs_revoke_core_rest(run->core, run->settled,
                                     IVS_REVOKE_BATCH_MAX)) > 0)
        settle(run, n);
    tell(run, true);
    if (run->core->failed_early) {
        s = run->core->why.code;
        if (err != NULL)
            *err = run->core->why;
    }
out:
    ivs_revoke_core_free(run->core);
    free(run);
    return s;
}

/* ---- the public function ---- */

void
ivs_revoke_options_init(ivs_revoke_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

static ivs_status
check_options(const ivs_revoke_options *opt, ivs_error *err)
{
    if (opt->pull == NULL || opt->settle == NULL)
        return ivs_fail_member(err, IVS_E_ARG, "pull",
                               "pull or settle is NULL");
    if ((opt->client == NULL) == (opt->client_of == NULL))
        return ivs_fail_member(err, IVS_E_ARG, "client",
                               "expected one of client and client_of");
    if (opt->lane != IVS_REVOKE_LANE_BATCH &&
        opt->lane != IVS_REVOKE_LANE_SINGLE &&
        opt->lane != IVS_REVOKE_LANE_BOTH)
        return ivs_fail_member(err, IVS_E_ARG, "lane",
                               "lane is %d, expected an ivs_revoke_lane",
                               (int)opt->lane);
    if (opt->pairs_per_s < 0)
        return ivs_fail_member(err, IVS_E_ARG, "pairs_per_s",
                               "pairs_per_s is %d, expected 0 or more",
                               opt->pairs_per_s);
    return IVS_OK;
}

ivs_status
ivs_revoke(const ivs_revoke_options *opt, ivs_error *err)
{
    ivs_revoke_threads *threads = NULL;
    ivs_revoke_options o;
    ivs_revoke_host host;
    ivs_status s;

    if (opt == NULL)
        return ivs_fail(err, IVS_E_ARG, "opt is NULL");
    if ((s = ivs_options_copy(&o, sizeof o, opt, err)) != IVS_OK ||
        (s = check_options(&o, err)) != IVS_OK ||
        (s = ivs_revoke_threads_new(&threads, err)) != IVS_OK)
        return s;
    host = ivs_revoke_threads_host(threads);
    s = ivs_revoke_drive(&o, &host, err);
    ivs_revoke_threads_free(threads);
    return s;
}
