/* SPDX-License-Identifier: MIT */
/* service: the heart of the revocation engine on a virtual clock. Invariants
 * I1 to I6 hold whatever the service answers. */

#include "support/script.h"

#include "service/client_impl.h"
#include "support/ledger.h"

#define ROWS_MAX 400

static struct fixture f;
static ledger l;
static sim s;

/* What the service of a test knows and does. */
static struct world {
    unsigned sends[ROWS_MAX]; /* calls that named it */
    bool proven[ROWS_MAX];    /* an answer that acknowledges it was given */
    bool condemned[ROWS_MAX]; /* an answer that fails it for good was */
    bool poisoned[ROWS_MAX];  /* a call with it is malformed */
    bool durable[ROWS_MAX];   /* acknowledged before this run */
    int64_t begun[2][20000];  /* when calls of each lane began */
    size_t ncalls[2];
    unsigned faults; /* in a thousand calls */
    unsigned fatal;  /* the same */
} w;

static void
answer_ok(ivs_revoke_request *q)
{
    q->status = IVS_OK;
    for (size_t i = 0; i < q->npairs; i++)
        q->outcomes[i] = (ivs_revoke_outcome){.state = IVS_REVOKE_ACKNOWLEDGED};
}

static void
answer_error(ivs_revoke_request *q, ivs_status status, int http,
             const char *code)
{
    q->status = ivs_fail(&q->err, status, "scripted %d", http);
    q->err.http_status = http;
    (void)snprintf(q->err.aws_code, sizeof q->err.aws_code, "%s", code);
}

static void
record(const ivs_revoke_request *q)
{
    /* Nothing is sent once a callback has failed. */
    assert_true(l.fail_settle == 0 || l.settles < l.fail_settle);
    assert_true(l.fail_pull == 0 || l.pulls < l.fail_pull);
    assert_true(q->npairs >= 1 && q->npairs <= (q->single ? 1u : 20u));
    assert_true(w.ncalls[q->single] < 20000);
    w.begun[q->single][w.ncalls[q->single]++] = q->begun_ms;
    for (size_t i = 0; i < q->npairs; i++) {
        size_t id = ledger_id(q->pairs[i].viewer_id);

        w.sends[id]++;
        /* I3: what is known to be acknowledged is not sent again. */
        assert_false(w.durable[id]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(q->pairs[i].viewer_id,
                                    q->pairs[k].viewer_id);
    }
}

static bool
is_poisoned(const ivs_revoke_request *q)
{
    for (size_t i = 0; i < q->npairs; i++)
        if (w.poisoned[ledger_id(q->pairs[i].viewer_id)])
            return true;
    return false;
}

static void
name_some(ivs_revoke_request *q, const char *code)
{
    for (size_t i = 0; i < q->npairs; i++)
        if (sim_below(&s, 3) == 0) {
            q->outcomes[i].state = IVS_REVOKE_FAILED;
            (void)snprintf(q->outcomes[i].code, 64, "%s", code);
        }
}

static void
fault(ivs_revoke_request *q)
{
    switch (sim_below(&s, q->single ? 5 : 8)) {
    case 0:
        answer_error(q, IVS_E_THROTTLED, 429, "ThrottlingException");
        q->err.retry_after_ms = (int)sim_below(&s, 1000000000);
        break;
    case 1:
        answer_error(q, IVS_E_NETWORK, 0, "");
        break;
    case 2:
        answer_error(q, IVS_E_SERVICE, 500, "InternalServerException");
        break;
    case 3:
        answer_error(q, IVS_E_SERVICE, 503, "");
        break;
    case 4:
        answer_error(q, IVS_E_SERVICE, 200, "");
        break;
    case 5:
        name_some(q, "429");
        break;
    case 6:
        name_some(q, "InternalServerException");
        break;
    default:
        name_some(q, "404");
        break;
    }
}

/* What the answer proves, whoever reads it. */
static void
note_proof(const ivs_revoke_request *q)
{
    for (size_t i = 0; i < q->npairs; i++) {
        size_t id = ledger_id(q->pairs[i].viewer_id);
        const ivs_revoke_outcome *o = &q->outcomes[i];

        if (q->status == IVS_OK && o->state == IVS_REVOKE_ACKNOWLEDGED)
            w.proven[id] = true;
        if (q->status == IVS_OK && strcmp(o->code, "404") == 0)
            w.condemned[id] = true;
        if (q->err.http_status == 400 && q->npairs == 1)
            w.condemned[id] = true;
    }
}

static void
serve(ivs_revoke_request *q, sim *unused)
{
    (void)unused;
    record(q);
    answer_ok(q);
    if (sim_below(&s, 1000) < w.fatal)
        answer_error(q, IVS_E_SERVICE, 403, "AccessDeniedException");
    else if (sim_below(&s, 1000) < w.faults)
        fault(q);
    else if (is_poisoned(q))
        answer_error(q, IVS_E_SERVICE, 400, "ValidationException");
    note_proof(q);
}

static int64_t
latency(sim *unused)
{
    (void)unused;
    return 20 + sim_below(&s, sim_below(&s, 10) == 0 ? 30000 : 600);
}

static ivs_status
run(ivs_revoke_lane lane, int pairs_per_s)
{
    ivs_revoke_host host = sim_host(&s);
    ivs_revoke_options opt;

    ledger_options(&l, &opt);
    opt.client = f.client;
    opt.lane = lane;
    opt.pairs_per_s = pairs_per_s;
    l.clock = &s;
    memset(&f.err, 0, sizeof f.err);
    return ivs_revoke_drive(&opt, &host, &f.err);
}

static void
begin(uint64_t seed, size_t rows)
{
    static const struct reply unused = {.status = 500};

    open_script(&f, &unused, 1);
    f.client->config.max_attempts = 1;
    memset(&l, 0, sizeof l);
    memset(&w, 0, sizeof w);
    sim_init(&s, seed);
    s.serve = serve;
    l.rows = rows;
}

/* I4: in any second, and the spacing that a burst of one means. */
static void
check_rate(size_t lane, size_t quota)
{
    for (size_t i = quota; i < w.ncalls[lane]; i++)
        assert_true(w.begun[lane][i] - w.begun[lane][i - quota] >= 1000);
    for (size_t i = 1; i < w.ncalls[lane]; i++)
        assert_true(w.begun[lane][i] - w.begun[lane][i - 1] >=
                    1000 / (int64_t)quota);
}

/* I1 and I2. */
static void
check_accounts(void)
{
    size_t pulled = 0, by[3] = {0};

    for (size_t i = 0; i < l.rows; i++) {
        pulled += l.settled[i];
        assert_true(l.settled[i] <= 1);
        assert_true(w.sends[i] <= 200); /* I6 */
        if (l.settled[i] == 0)
            continue;
        by[l.state[i]]++;
        if (l.state[i] == IVS_REVOKE_ACKNOWLEDGED)
            assert_true(w.proven[i]);
        if (l.state[i] == IVS_REVOKE_FAILED)
            assert_true(w.condemned[i]);
    }
    assert_int_equal(l.last.pulled, pulled);
    assert_int_equal(l.last.acknowledged, by[IVS_REVOKE_ACKNOWLEDGED]);
    assert_int_equal(l.last.failed, by[IVS_REVOKE_FAILED]);
    assert_int_equal(l.last.not_done, by[IVS_REVOKE_NOT_DONE]);
    assert_int_equal(l.last.calls, w.ncalls[0] + w.ncalls[1]);
    assert_true(l.last.ended);
    check_rate(0, IVS_REVOKE_BATCH_PER_S);
    check_rate(1, IVS_REVOKE_SINGLE_PER_S);
}

/* ---- without faults ---- */

static void
lanes_reach_their_quotas(void **state)
{
    static const struct {
        ivs_revoke_lane lane;
        int rate;
        int64_t least_ms, most_ms; /* for 400 pairs */
    } cases[] = {
        {IVS_REVOKE_LANE_BATCH, 0, 9500, 9900},    /* 20 calls */
        {IVS_REVOKE_LANE_SINGLE, 0, 39900, 40300}, /* 400 calls */
        {IVS_REVOKE_LANE_BOTH, 0, 7500, 8300},
        {IVS_REVOKE_LANE_BATCH, 20, 19000, 19400},
        {IVS_REVOKE_LANE_SINGLE, 5, 79800, 80200},
        {IVS_REVOKE_LANE_BOTH, 1000, 7500, 8300},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t took;

        begin(1, ROWS_MAX);
        assert_int_equal(run(cases[i].lane, cases[i].rate), IVS_OK);
        check_accounts();
        assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), ROWS_MAX);
        took = s.now_ms - 1000;
        print_message("  case %zu: %d ms\n", i, (int)took);
        assert_in_range(took, cases[i].least_ms, cases[i].most_ms);
        for (size_t n = 0; n < ROWS_MAX; n++)
            assert_int_equal(w.sends[n], 1);
        close_script(&f);
    }
}

static int64_t
slow(sim *unused)
{
    (void)unused;
    return 3000;
}

static void
slow_answers_do_not_lower_the_rate(void **state)
{
    (void)state;
    begin(1, ROWS_MAX);
    s.latency_ms = slow;
    assert_int_equal(run(IVS_REVOKE_LANE_BATCH, 0), IVS_OK);
    assert_in_range(s.now_ms - 1000, 12500, 12900);
    check_accounts();
    close_script(&f);
}

static void
nothing_to_do_is_done(void **state)
{
    (void)state;
    begin(1, 0);
    assert_int_equal(run(IVS_REVOKE_LANE_BOTH, 0), IVS_OK);
    assert_int_equal(s.sent, 0);
    assert_int_equal(l.told, 1);
    check_accounts();
    close_script(&f);
}

/* ---- with faults ---- */

static void
accounts_are_right_whatever_is_answered(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        ivs_status status;

        begin(seed, 0);
        l.rows = 1 + sim_below(&s, ROWS_MAX);
        s.latency_ms = latency;
        w.faults = sim_below(&s, 700);
        w.fatal = sim_below(&s, 4) == 0 ? 20 : 0;
        for (size_t i = 0; i < l.rows; i++)
            w.poisoned[i] = sim_below(&s, 100) == 0;
        if (sim_below(&s, 4) == 0)
            l.cancel_ms = 1000 + sim_below(&s, 20000);
        status = run((ivs_revoke_lane)sim_below(&s, 3), 0);
        check_accounts();
        /* I6: five minutes without a success end any run. */
        assert_true(s.now_ms < INT64_C(12) * 3600 * 1000);
        if (status == IVS_OK)
            assert_int_equal(l.last.pulled, l.rows);
        close_script(&f);
    }
}

/* The store fails at a random moment, as in a crash; reruns finish the job. */
static void
reruns_finish_what_a_crash_left(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        size_t runs = 0;

        begin(seed, 300);
        s.latency_ms = latency;
        w.faults = 200;
        do {
            size_t in_flight = 0;
            ivs_status status;

            for (size_t i = 0; i < l.rows; i++) {
                w.durable[i] = l.state[i] == IVS_REVOKE_ACKNOWLEDGED;
                w.sends[i] = 0;
            }
            ledger_rerun(&l);
            l.fail_settle = runs < 8 ? 1 + sim_below(&s, 10) : 0;
            w.ncalls[0] = w.ncalls[1] = 0;
            status = run(IVS_REVOKE_LANE_BOTH, 0);
            if (l.settles == l.fail_settle && l.fail_settle != 0)
                assert_int_equal(status, IVS_E_IO);
            /* Proven to the engine and not to the ledger: only what was in
             * flight when it failed. */
            for (size_t i = 0; i < l.rows; i++)
                in_flight += w.proven[i] && l.state[i] == IVS_REVOKE_NOT_DONE;
            assert_true(in_flight <= 8 * 20 + 16);
            assert_true(++runs < 100);
        } while (ledger_count(&l, IVS_REVOKE_NOT_DONE) > 0);
        close_script(&f);
    }
}

static void
nothing_is_sent_after_a_callback_failed(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 10; n++) {
        begin(n, 300);
        s.latency_ms = latency;
        l.fail_settle = n;
        assert_int_equal(run(IVS_REVOKE_LANE_BOTH, 0), IVS_E_IO);
        assert_string_equal(f.err.message, "scripted failure of a settle");
        assert_int_equal(l.settles, n); /* nor is it called again */
        assert_true(s.halts > 0);
        close_script(&f);

        begin(n, 300);
        l.fail_pull = n;
        assert_int_equal(run(IVS_REVOKE_LANE_BATCH, 0),
                         n <= 4 ? IVS_E_IO : IVS_OK);
        close_script(&f);
    }
}

static void
cancelled_run_waits_for_what_is_in_flight(void **state)
{
    (void)state;
    begin(1, 300);
    s.latency_ms = slow;
    l.cancel_ms = 1000 + 2100; /* five batches are in flight */
    assert_int_equal(run(IVS_REVOKE_LANE_BATCH, 0), IVS_E_CANCELLED);
    check_accounts();
    assert_int_equal(s.sent, 5);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 100);
    assert_int_equal(l.last.not_done, 200);
    close_script(&f);
}

static void
call_that_cannot_begin_ends_the_run(void **state)
{
    (void)state;
    begin(1, 60);
    s.fails = IVS_E_NOMEM;
    assert_int_equal(run(IVS_REVOKE_LANE_BATCH, 0), IVS_E_NOMEM);
    assert_int_equal(l.last.not_done, 60);
    assert_int_equal(s.sent, 0);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_reach_their_quotas),
        cmocka_unit_test(slow_answers_do_not_lower_the_rate),
        cmocka_unit_test(nothing_to_do_is_done),
        cmocka_unit_test(accounts_are_right_whatever_is_answered),
        cmocka_unit_test(reruns_finish_what_a_crash_left),
        cmocka_unit_test(nothing_is_sent_after_a_callback_failed),
        cmocka_unit_test(cancelled_run_waits_for_what_is_in_flight),
        cmocka_unit_test(call_that_cannot_begin_ends_the_run),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
