/* SPDX-License-Identifier: MIT */
/* service: several regions in one revocation. Each has its own pace and its own
 * end; none waits for another. */

#include "support/script.h"

#include "service/client_impl.h"
#include "support/ledger.h"

#define ROWS 2000

static const char *const regions[] = {"us-west-2", "eu-west-1", "us-east-1"};

static struct fixture f;
static sim s;

/* The rows of a test: the first of them are of region 0, and so on. */
enum { GOOD, THROTTLED, DENIED, BROKEN };

static struct world {
    size_t rows[3];
    size_t next[3];
    bool ignores_busy;
    char text[IVS_REVOKE_PULL_MAX][2][100];
    int64_t ended_ms[3]; /* when the last of a region was acknowledged */
    size_t by[3][3];     /* region, state */
    /* Of region 0: */
    unsigned fault;
    uint64_t calls[3];
} w;

static size_t
region_of(const ivs_revoke_request *q)
{
    for (size_t i = 0; i < 3; i++)
        if (strstr(q->pairs[0].channel_arn, regions[i]) != NULL)
            return i;
    fail_msg("a foreign region");
    return 0;
}

static void
fail_call(ivs_revoke_request *q, ivs_status status, int http, const char *code)
{
    q->status = ivs_fail(&q->err, status, "scripted %d", http);
    q->err.http_status = http;
    (void)snprintf(q->err.aws_code, sizeof q->err.aws_code, "%s", code);
}

static void
serve(ivs_revoke_request *q, sim *unused)
{
    size_t region = region_of(q);

    (void)unused;
    w.calls[region]++;
    for (size_t i = 0; i < q->npairs; i++)
        q->outcomes[i] = (ivs_revoke_outcome){.state = IVS_REVOKE_ACKNOWLEDGED};
    if (region == 0 && w.fault == THROTTLED)
        fail_call(q, IVS_E_THROTTLED, 429, "ThrottlingException");
    if (region == 0 && w.fault == DENIED)
        fail_call(q, IVS_E_SERVICE, 403, "AccessDeniedException");
    if (region == 0 && w.fault == BROKEN)
        fail_call(q, IVS_E_NETWORK, 0, "");
}

static bool
is_busy(const char *const *busy, size_t nbusy, const char *region)
{
    for (size_t i = 0; i < nbusy; i++)
        if (strcmp(busy[i], region) == 0)
            return true;
    return false;
}

/* The regions one after the other, as a job that is sorted has them. */
static ivs_status
pull(const char *const *busy, size_t nbusy, ivs_revoke_row *ret, size_t cap,
     size_t *ret_n, void *user, ivs_error *err)
{
    (void)user;
    (void)err;
    *ret_n = 0;
    for (size_t r = 0; r < 3; r++)
        for (; *ret_n < cap && w.next[r] < w.rows[r] &&
               (w.ignores_busy || !is_busy(busy, nbusy, regions[r]));
             w.next[r]++, (*ret_n)++) {
            char(*text)[100] = w.text[*ret_n];

            (void)snprintf(text[0], sizeof text[0],
                           "arn:aws:ivs:%s:123456789012:channel/abcdABCDefgh",
                           regions[r]);
            (void)snprintf(text[1], sizeof text[1], "v%zu", w.next[r]);
            ret[*ret_n] = (ivs_revoke_row){
                .id = (int64_t)(r * ROWS + w.next[r]),
                .pair = {.channel_arn = text[0], .viewer_id = text[1]}};
        }
    return IVS_OK;
}

static ivs_status
settle(const ivs_revoke_settled *settled, size_t n, void *user, ivs_error *err)
{
    (void)user;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        size_t region = (size_t)settled[i].id / ROWS;

        w.by[region][settled[i].outcome.state]++;
        if (settled[i].outcome.state == IVS_REVOKE_ACKNOWLEDGED)
            w.ended_ms[region] = s.now_ms;
    }
    return IVS_OK;
}

static ivs_status
client_of(const char *region, ivs_client **ret, void *user, ivs_error *err)
{
    (void)region;
    (void)user;
    (void)err;
    *ret = f.client; /* which the simulation does not ask */
    return IVS_OK;
}

static ivs_status
run(void)
{
    static const struct reply unused = {.status = 500};
    ivs_revoke_options opt;
    ivs_revoke_host host;
    ivs_status status;

    open_script(&f, &unused, 1);
    f.client->config.max_attempts = 1;
    sim_init(&s, 1);
    s.serve = serve;
    host = sim_host(&s);
    ivs_revoke_options_init(&opt, sizeof opt);
    opt.pull = pull;
    opt.settle = settle;
    opt.client_of = client_of;
    status = ivs_revoke_drive(&opt, &host, &f.err);
    close_script(&f);
    return status;
}

/* All of a region acknowledged, in the time that its quota takes. */
static void
check_undisturbed(size_t region)
{
    int64_t least = (int64_t)w.rows[region] / 40 * 1000;

    assert_int_equal(w.by[region][IVS_REVOKE_ACKNOWLEDGED], w.rows[region]);
    assert_int_equal(w.calls[region], w.rows[region] / 20);
    assert_in_range(w.ended_ms[region] - 1000, least - 1000, least + 1000);
}

static void
begin(unsigned fault)
{
    static const size_t rows[] = {ROWS, 800, 400};

    memset(&w, 0, sizeof w);
    memcpy(w.rows, rows, sizeof w.rows);
    w.fault = fault;
}

static void
regions_go_side_by_side_at_their_quotas(void **state)
{
    (void)state;
    begin(GOOD);
    assert_int_equal(run(), IVS_OK);
    for (size_t i = 0; i < 3; i++)
        check_undisturbed(i);
}

/* Whatever is wrong with the first region, the others do not wait for it. */
static void
region_that_is_given_up_ends_alone(void **state)
{
    static const struct {
        unsigned fault;
        ivs_status status;
        uint64_t most; /* calls there */
        const char *text;
    } cases[] = {
        {THROTTLED, IVS_E_THROTTLED, 60, "region us-west-2: scripted 429"},
        {DENIED, IVS_E_SERVICE, 1, "region us-west-2: scripted 403"},
        {BROKEN, IVS_E_NETWORK, 12, "region us-west-2: scripted 0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].fault);
        assert_int_equal(run(), cases[i].status);
        assert_string_equal(f.err.message, cases[i].text);
        check_undisturbed(1);
        check_undisturbed(2);
        assert_in_range(w.calls[0], 1, cases[i].most);
        assert_int_equal(w.by[0][IVS_REVOKE_ACKNOWLEDGED], 0);
        assert_int_equal(w.by[0][IVS_REVOKE_FAILED], 0);
        /* What was pulled has its end, and the rest was left. */
        assert_int_equal(w.by[0][IVS_REVOKE_NOT_DONE], w.next[0]);
        assert_true(w.next[0] < 500);
    }
}

static void
rows_of_a_busy_region_are_refused_before_memory_ends(void **state)
{
    (void)state;
    begin(THROTTLED);
    w.ignores_busy = true;
    assert_int_equal(run(), IVS_E_ARG);
    assert_non_null(strstr(f.err.message, "us-west-2, which was busy"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_go_side_by_side_at_their_quotas),
        cmocka_unit_test(region_that_is_given_up_ends_alone),
        cmocka_unit_test(rows_of_a_busy_region_are_refused_before_memory_ends),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
