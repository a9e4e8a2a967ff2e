/* SPDX-License-Identifier: MIT */
/* A day of revocations at the quotas of the service, on a clock that only the
 * simulation moves: the engine in its lanes beside a loop of single calls as
 * the AWS SDKs make them. Prints a table, and draws the day as SVG where a file
 * is named. Everything follows from the seed. */

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/ratelimit.h"
#include "service/client_impl.h"
#include "support/sim.h"

#define DAY_MS  (INT64_C(24) * 3600 * 1000)
#define STEP_MS (INT64_C(10) * 60 * 1000)
#define STEPS   (DAY_MS / STEP_MS)
#define HOUR_S  3600
/* The job whose ETA is looked at: what the batch lane does in a day, nearly. */
#define JOB     3000000
#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"

/* What the service does in the course of the day. */
static const struct episode {
    int from_min, to_min;
    const char *what;
    int batch_milli, single_milli; /* calls a second that are left for us */
    bool down;
} episodes[] = {
    {6 * 60, 6 * 60 + 4, "no answers but 503", 0, 0, true},
    {8 * 60, 11 * 60, "others use half of the quotas", 1000, 5000, false},
    {15 * 60, 16 * 60, "an eighth of the quotas is left", 250, 1250, false},
};
#define EPISODES (sizeof episodes / sizeof *episodes)

struct day {
    const char *name;
    sim clock;
    ivs_ratelimit batch, single;
    int64_t next_id;
    uint64_t acknowledged, failed, not_done, calls, throttled;
    uint64_t at[STEPS + 1]; /* acknowledged at the end of each step */
    int64_t begun[2][16];   /* the last calls of each kind */
    uint64_t n[2];
    unsigned most[2];       /* in any second */
    int64_t said_end_s[24]; /* of the job, by the ETA at each full hour */
    int64_t end_s;          /* when it was */
    char names[IVS_REVOKE_PULL_MAX][24];
};

static int64_t
time_of_day(const struct day *d)
{
    return d->clock.now_ms - 1000;
}

static const struct episode *
episode(const struct day *d)
{
    int64_t minute = time_of_day(d) / 60000;

    for (size_t i = 0; i < EPISODES; i++)
        if (minute >= episodes[i].from_min && minute < episodes[i].to_min)
            return &episodes[i];
    return NULL;
}

static void
note_progress(struct day *d)
{
    int64_t step = time_of_day(d) / STEP_MS + 1;

    if (step <= STEPS)
        d->at[step] = d->acknowledged;
}

/* How many calls of a kind began within the last second. */
static void
note_call(struct day *d, bool single)
{
    unsigned within = 0;

    d->calls++;
    d->begun[single][d->n[single]++ % 16] = d->clock.now_ms;
    for (size_t i = 0; i < 16 && i < d->n[single]; i++)
        within += d->clock.now_ms - d->begun[single][i] < 1000;
    if (within > d->most[single])
        d->most[single] = within;
}

enum answer { GOOD, BUSY, DOWN, LOST };

static enum answer
answer(struct day *d, bool single)
{
    const struct episode *e = episode(d);
    ivs_ratelimit *limit = single ? &d->single : &d->batch;
    int64_t quota = single ? INT64_C(10000) : 2000;

    note_call(d, single);
    if (e != NULL && !e->down)
        quota = single ? e->single_milli : e->batch_milli;
    ivs_ratelimit_set_rate(limit, quota, d->clock.now_ms);
    if (e != NULL && e->down)
        return DOWN;
    if (!ivs_ratelimit_take(limit, d->clock.now_ms)) {
        d->throttled++;
        return BUSY;
    }
    return sim_below(&d->clock, 1000) == 0 ? LOST : GOOD;
}

static int64_t
latency(sim *clock)
{
    return 120 + sim_below(clock, 400);
}

/* ---- the engine ---- */

static void
serve(ivs_revoke_request *q, sim *clock)
{
    struct day *d = clock->user;

    q->status = IVS_OK;
    for (size_t i = 0; i < q->npairs; i++)
        q->outcomes[i] = (ivs_revoke_outcome){.state = IVS_REVOKE_ACKNOWLEDGED};
    switch (answer(d, q->single)) {
    case BUSY:
        q->status = ivs_fail(&q->err, IVS_E_THROTTLED, "throttled");
        q->err.http_status = 429;
        break;
    case DOWN:
        q->status = ivs_fail(&q->err, IVS_E_SERVICE, "down");
        q->err.http_status = 503;
        break;
    case LOST:
        q->status = ivs_fail(&q->err, IVS_E_NETWORK, "lost");
        break;
    case GOOD:
        break;
    }
}

static ivs_status
pull(const char *const *busy, size_t nbusy, ivs_revoke_row *ret, size_t cap,
     size_t *ret_n, void *user, ivs_error *err)
{
    struct day *d = user;

    (void)busy;
    (void)nbusy;
    (void)err;
    for (size_t i = 0; i < cap; i++) {
        (void)snprintf(d->names[i], sizeof d->names[i], "v%" PRId64,
                       d->next_id);
        ret[i] = (ivs_revoke_row){
            .id = d->next_id++,
            .pair = {.channel_arn = CHANNEL, .viewer_id = d->names[i]}};
    }
    *ret_n = cap;
    return IVS_OK;
}

static ivs_status
settle(const ivs_revoke_settled *settled, size_t n, void *user, ivs_error *err)
{
    struct day *d = user;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        d->acknowledged += settled[i].outcome.state == IVS_REVOKE_ACKNOWLEDGED;
        d->failed += settled[i].outcome.state == IVS_REVOKE_FAILED;
    }
    if (d->end_s == 0 && d->acknowledged >= JOB)
        d->end_s = time_of_day(d) / 1000;
    note_progress(d);
    return IVS_OK;
}

/* What an operator is told at each full hour. */
static void
note_eta(const ivs_revoke_progress *p, void *user)
{
    struct day *d = user;
    int64_t now_s = time_of_day(d) / 1000, hour = now_s / HOUR_S;

    if (d->end_s == 0 && hour > 0 && hour < 24 && d->said_end_s[hour] == 0)
        d->said_end_s[hour] = p->eta_s < 0 ? -1 : now_s + p->eta_s;
}

static bool
is_over(void *user)
{
    return time_of_day(user) >= DAY_MS;
}

static void
begin(struct day *d, const char *name)
{
    memset(d, 0, sizeof *d);
    d->name = name;
    sim_init(&d->clock, 1);
    d->clock.user = d;
    d->clock.serve = serve;
    d->clock.latency_ms = latency;
    ivs_ratelimit_init(&d->batch, 2, 2, d->clock.now_ms);
    ivs_ratelimit_init(&d->single, 10, 10, d->clock.now_ms);
}

static void
run_engine(struct day *d, const char *name, ivs_revoke_lane lane,
           ivs_client *client)
{
    ivs_revoke_options opt;
    ivs_revoke_host host;
    ivs_error err = {0};

    begin(d, name);
    host = sim_host(&d->clock);
    ivs_revoke_options_init(&opt, sizeof opt);
    opt.pull = pull;
    opt.settle = settle;
    opt.cancelled = is_over;
    opt.progress = note_eta;
    opt.total = JOB;
    opt.user = d;
    opt.client = client;
    opt.lane = lane;
    if (ivs_revoke_drive(&opt, &host, &err) != IVS_E_CANCELLED)
        (void)fprintf(stderr, "%s ended early: %s\n", name, err.message);
}

/* ---- a loop of single calls ---- */

/* Three attempts, with the pauses of the SDKs; then the loop goes on. */
static void
run_loop(struct day *d)
{
    begin(d, "a loop of single calls");
    while (time_of_day(d) < DAY_MS) {
        enum answer a = BUSY;

        for (int attempt = 0; attempt < 3 && a != GOOD; attempt++) {
            if (attempt > 0)
                d->clock.now_ms += ivs_retry_delay_ms(
                    attempt - 1, a == BUSY, sim_random(&d->clock), -1);
            a = answer(d, true);
            d->clock.now_ms += latency(&d->clock);
        }
        if (a == GOOD)
            d->acknowledged++;
        else
            d->not_done++;
        note_progress(d);
    }
}

/* ---- what is printed and drawn ---- */

static void
print_day(const struct day *d)
{
    (void)printf("| %s | %" PRIu64 " | %.1f | %" PRIu64 " | %" PRIu64
                 " | %u, %u | %" PRIu64 " |\n",
                 d->name, d->acknowledged, (double)d->acknowledged / 86400,
                 d->calls, d->throttled, d->most[0], d->most[1], d->not_done);
}

/* How the ETA of a job held: the end it foretold beside the end there was. */
static void
print_eta(const struct day *d)
{
    (void)printf("\n%d pairs, %s: done after %.2f h\n\n"
                 "| after | said to end after | off by |\n|--:|--:|--:|\n",
                 JOB, d->name, (double)d->end_s / HOUR_S);
    for (int hour = 1; hour < 24; hour++)
        if (d->said_end_s[hour] > 0)
            (void)printf("| %d h | %.2f h | %+.2f h |\n", hour,
                         (double)d->said_end_s[hour] / HOUR_S,
                         (double)(d->said_end_s[hour] - d->end_s) / HOUR_S);
}

#define WIDTH  760
#define HEIGHT 420
#define LEFT   70
#define RIGHT  170
#define TOP    20
#define BOTTOM 50

static double
x_of(double step)
{
    return LEFT + step / STEPS * (WIDTH - LEFT - RIGHT);
}

static double
y_of(double pairs, double most)
{
    return HEIGHT - BOTTOM - pairs / most * (HEIGHT - TOP - BOTTOM);
}

static void
draw_frame(FILE *f, double most)
{
    (void)fprintf(f,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
                  "height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                  WIDTH, HEIGHT);
    for (size_t i = 0; i < EPISODES; i++)
        (void)fprintf(f,
                      "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
                      "fill=\"#eee\"><title>%s</title></rect>\n",
                      x_of(episodes[i].from_min / 10.0), TOP,
                      x_of(episodes[i].to_min / 10.0) -
                          x_of(episodes[i].from_min / 10.0),
                      HEIGHT - TOP - BOTTOM, episodes[i].what);
    for (int i = 0; i <= 4; i++)
        (void)fprintf(f,
                      "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
                      "stroke=\"#ccc\"/><text x=\"%d\" y=\"%.1f\" "
                      "text-anchor=\"end\">%d million</text>\n",
                      LEFT, WIDTH - RIGHT, y_of(i * 1e6, most),
                      y_of(i * 1e6, most), LEFT - 6, y_of(i * 1e6, most) + 4,
                      i);
    for (int hour = 0; hour <= 24; hour += 4)
        (void)fprintf(f,
                      "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d h"
                      "</text>\n",
                      x_of(hour * 6), HEIGHT - BOTTOM + 18, hour);
    (void)fprintf(
        f,
        "<text x=\"%d\" y=\"%d\">pairs acknowledged over a day; grey: "
        "503, then half and an eighth of the quota</text>\n",
        LEFT, HEIGHT - 8);
}

static void
draw_day(FILE *f, const struct day *d, const char *color, double most)
{
    (void)fprintf(f,
                  "<polyline fill=\"none\" stroke=\"%s\" "
                  "stroke-width=\"2\" points=\"",
                  color);
    for (int i = 0; i <= STEPS; i++)
        (void)fprintf(f, "%.1f,%.1f ", x_of(i), y_of((double)d->at[i], most));
    (void)fprintf(f, "\"/><text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>\n",
                  WIDTH - RIGHT + 6, y_of((double)d->at[STEPS], most) + 4,
                  color, d->name);
}

/* Steps in which nothing ended. */
static void
fill_gaps(struct day *d)
{
    for (size_t i = 1; i <= STEPS; i++)
        if (d->at[i] == 0)
            d->at[i] = d->at[i - 1];
}

static int
draw(const char *path, struct day *days)
{
    static const char *const colors[] = {"#1b6ca8", "#0a7d3c", "#7a4fa3",
                                         "#b03a2e"};
    FILE *f = fopen(path, "w");

    if (f == NULL) {
        perror(path);
        return 1;
    }
    draw_frame(f, 4.2e6);
    for (size_t i = 0; i < 4; i++) {
        fill_gaps(&days[i]);
        draw_day(f, &days[i], colors[i], 4.2e6);
    }
    (void)fprintf(f, "</svg>\n");
    return fclose(f) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
    static struct day days[4];
    ivs_client_options opt;
    ivs_credentials *credentials = NULL;
    ivs_client *client = NULL;
    ivs_error err = {0};
    int code;

    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "http://127.0.0.1:1"; /* never asked */
    opt.max_attempts = 1;
    if (ivs_credentials_static("key", "secret", NULL, &credentials, &err) !=
        IVS_OK)
        return 1;
    opt.credentials = credentials;
    if (ivs_client_new(&opt, &client, &err) != IVS_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    run_engine(&days[0], "batch lane", IVS_REVOKE_LANE_BATCH, client);
    run_engine(&days[1], "both lanes", IVS_REVOKE_LANE_BOTH, client);
    run_engine(&days[2], "single lane", IVS_REVOKE_LANE_SINGLE, client);
    run_loop(&days[3]);
    (void)printf("| | acknowledged | a second | calls | throttled | most in a "
                 "second: batch, single | given up |\n"
                 "|---|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < 4; i++)
        print_day(&days[i]);
    print_eta(&days[0]);
    code = argc > 1 ? draw(argv[1], days) : 0;
    ivs_client_free(client);
    ivs_credentials_free(credentials);
    return code;
}
