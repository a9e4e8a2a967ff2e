/* SPDX-License-Identifier: MIT */
/* token mint --batch: reads, reports, ends. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "batch.h"

#define PROGRESS_NS 250000000

struct run {
    struct cli *c;
    struct batch_defaults defaults;
    struct batch_input in;
    struct batch_pool pool;
    char channel[IVS_ARN_MAX + 1];
    size_t lines; /* read */
    /* Of the thread that writes, until it has ended: */
    size_t rows;
    size_t failed;
    bool terminal;
    int64_t started_ns;
    int64_t shown_ns;
};

/* ---- defaults ---- */

/* What no row could be minted with is a mistake of the command line. */
static int
check_defaults(struct cli *c, const struct batch_defaults *d)
{
    char *extra = d->extra != NULL ? mint_claims_text(d->extra) : NULL;
    ivs_claims probe = d->claims;
    ivs_error err = {0};
    char *text = NULL;
    int code = CLI_OK;

    if (probe.channel_arn == NULL)
        probe.channel_arn = "arn:aws:ivs:us-east-1:123456789012:channel/a";
    if (probe.viewer_id == NULL)
        probe.has_viewer_session_version = false;
    if (probe.norigins == 0)
        probe.strict_origin_enforcement = false;
    if (d->single_use)
        probe.single_use_uuid = "00000000-0000-4000-8000-000000000000";
    probe.extra_json = extra;
    if (ivs_claims_encode(&probe, value_now(&d->now), &text, NULL, &err) !=
        IVS_OK)
        code = fail_error(c, &err);
    ivs_free(text);
    free(extra);
    return code;
}

static int
fill_defaults(struct cli *c, const struct mint_opts *opts, struct run *r)
{
    struct batch_defaults *d = &r->defaults;
    ivs_claims *claims = &d->claims;
    int code;

    ivs_claims_init(claims, sizeof *claims);
    if (opts->single_use != NULL && opts->single_use[0] != '\0')
        return usage(c, "--single-use=UUID would give every row the same UUID; "
                        "without one each gets its own");
    if ((opts->channel != NULL || opts->playback_url != NULL) &&
        (code = mint_channel(c, opts, r->channel, &claims->channel_arn)) !=
            CLI_OK)
        return code;
    if ((code = mint_expiry(c, opts, claims)) != CLI_OK ||
        (code = mint_extra_claims(c, &opts->claims, &d->extra)) != CLI_OK)
        return code;
    claims->viewer_id = opts->viewer_id;
    claims->has_viewer_session_version = opts->viewer_version.given;
    claims->viewer_session_version = opts->viewer_version.value;
    claims->origins = opts->origins.v;
    claims->norigins = opts->origins.n;
    claims->strict_origin_enforcement = opts->strict_origin;
    claims->maximum_resolution = opts->resolution;
    d->version_now = opts->viewer_version.now;
    d->single_use = opts->single_use != NULL;
    d->playback_url = opts->playback_url;
    d->region = c->g.region;
    d->now = opts->now;
    return check_defaults(c, d);
}

/* ---- writing ---- */

static int64_t
now_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
show_progress(struct run *r, const char *end)
{
    int64_t now = now_ns(), passed = now - r->started_ns;
    double rate = passed > 0 ? (double)r->rows * 1e9 / (double)passed : 0;

    r->shown_ns = now;
    (void)fprintf(stderr, "\rivs-token: %zu rows, %.0f/s, %zu failed   %s",
                  r->rows, rate, r->failed, end);
    (void)fflush(stderr);
}

static bool
deliver(void *user, const struct batch_chunk *chunk)
{
    struct run *r = user;

    out_bytes(r->c, chunk->out.data, chunk->out.len);
    if (r->c->out_errno != 0)
        return false;
    r->rows += chunk->done;
    r->failed += chunk->failed;
    if (r->terminal && now_ns() - r->shown_ns >= PROGRESS_NS)
        show_progress(r, "");
    return true;
}

/* ---- reading ---- */

static void
add_line(struct batch_chunk *chunk, const char *line, size_t len, bool too_long)
{
    if (!too_long)
        memcpy(chunk->text + chunk->len, line, len);
    chunk->len += len;
    chunk->too_long[chunk->n] = too_long;
    chunk->end[chunk->n++] = chunk->len;
}

enum more { MORE, MORE_LATER, MORE_NEVER };

/* Read on, waiting for input or for the end of the run if there is nothing
 * better to do. */
static enum more
read_more(struct run *r, bool wait, int *ret_errno)
{
    struct pollfd fds[] = {{.fd = r->in.fd, .events = POLLIN},
                           {.fd = r->pool.wake[0], .events = POLLIN}};
    int n = poll(fds, 2, wait ? -1 : 0);

    if (atomic_load(&r->pool.stop))
        return MORE_NEVER;
    if (n == 0)
        return MORE_LATER;
    if (n < 0)
        return MORE; /* a signal that was not for us */
    *ret_errno = batch_input_read(&r->in);
    return *ret_errno == 0 ? MORE : MORE_NEVER;
}

/* As many lines as a chunk takes, or as there are now. False: no more. */
static bool
fill_chunk(struct run *r, struct batch_chunk *chunk, int *ret_errno)
{
    enum more more = MORE;

    chunk->first_line = r->lines + 1;
    while (chunk->n < BATCH_ROWS && chunk->len <= BATCH_LINE_MAX) {
        const char *line = NULL;
        size_t len = 0;

        switch (batch_input_next(&r->in, &line, &len)) {
        case BATCH_LINE:
            add_line(chunk, line, len, false);
            r->lines++;
            break;
        case BATCH_LINE_TOO_LONG:
            add_line(chunk, NULL, 0, true);
            r->lines++;
            break;
        case BATCH_LINE_PARTLY:
            more = read_more(r, chunk->n == 0, ret_errno);
            if (more != MORE)
                return more == MORE_LATER;
            break;
        case BATCH_LINE_NONE:
            return false;
        }
    }
    return true;
}

/* 0 or errno of the input. */
static int
read_all(struct run *r)
{
    struct batch_chunk *chunk;
    bool more = true;
    int rc = 0;

    while (more && (chunk = batch_pool_room(&r->pool)) != NULL) {
        more = fill_chunk(r, chunk, &rc);
        if (chunk->n > 0)
            batch_pool_put(&r->pool);
    }
    return rc;
}

/* ---- the run ---- */

static void
cancel(void *user)
{
    batch_pool_stop(user);
}

/* What it comes to. `rc` is errno of the input. */
static int
conclude(struct run *r, int rc)
{
    struct cli *c = r->c;

    if (r->terminal)
        show_progress(r, "\n");
    if (signals_got() != 0)
        return fail(c, CLI_SIGNAL + signals_got(),
                    "interrupted; the first %zu rows are done", r->rows);
    if (c->out_errno != 0) { /* out_finish() says it */
        out_done(c, "the first %zu rows are done", r->rows);
        return CLI_OK;
    }
    if (r->pool.no_memory)
        return fail(c, CLI_FAILED, "out of memory; the first %zu rows are done",
                    r->rows);
    if (rc != 0)
        return fail(c, CLI_FAILED,
                    "cannot read %s: %s; the first %zu rows are done",
                    r->in.name, strerror(rc), r->rows);
    if (r->rows == 0)
        notice(c, "found no rows in %s, so there are no tokens", r->in.name);
    if (r->failed > 0)
        return fail(c, CLI_PARTLY,
                    "%zu of %zu rows failed; their answers say "
                    "why",
                    r->failed, r->rows);
    return CLI_OK;
}

static size_t
count_jobs(const struct number *jobs)
{
    long online =
        jobs->given ? (long)jobs->value : sysconf(_SC_NPROCESSORS_ONLN);

    return online < 1               ? 1
           : online > MINT_JOBS_MAX ? MINT_JOBS_MAX
                                    : (size_t)online;
}

static int
run(struct run *r, size_t jobs)
{
    struct canceller canceller = {cancel, &r->pool};
    int rc;

    r->pool.defaults = &r->defaults;
    r->pool.deliver = deliver;
    r->pool.user = r;
    r->terminal = isatty(STDERR_FILENO) != 0;
    r->started_ns = r->shown_ns = now_ns();
    json_object_seed(0); /* before there are threads */
    rc = batch_pool_start(&r->pool, jobs);
    if (rc != 0)
        return fail(r->c, CLI_FAILED, "cannot start %zu threads: %s", jobs,
                    strerror(rc));
    signals_cancel(&canceller);
    rc = read_all(r);
    batch_pool_finish(&r->pool);
    signals_cancel(NULL);
    batch_pool_free(&r->pool);
    return conclude(r, rc);
}

int
token_mint_batch(struct cli *c, const struct mint_opts *opts)
{
    struct run r = {.c = c, .in = {.fd = -1}};
    ivs_key *key = NULL;
    int code = fill_defaults(c, opts, &r);

    if (code == CLI_OK)
        code = input_private_key(c, opts->key, &key);
    if (code == CLI_OK)
        code = input_open(c, opts->batch, "--batch", &r.in.fd);
    r.defaults.key = key;
    r.in.name = strcmp(opts->batch, "-") == 0 ? "standard input" : opts->batch;
    if (code == CLI_OK && !batch_input_new(&r.in))
        code = fail(c, CLI_FAILED, "out of memory");
    if (code == CLI_OK)
        code = run(&r, count_jobs(&opts->jobs));
    if (r.in.fd > STDIN_FILENO)
        (void)close(r.in.fd);
    free(r.in.buf);
    json_decref(r.defaults.extra);
    ivs_key_free(key);
    return code;
}
