/* SPDX-License-Identifier: MIT */
/* service: a process that is stopped (SIGSTOP) in the middle of a revocation.
 * Time goes on without it, and who it talked to has closed the connections. */

#include "support/script.h"

#include "service/client_impl.h"
#include "support/ledger.h"

#define ROWS    400
#define STOP_MS (INT64_C(10) * 60 * 1000)

static struct fixture f;
static ledger l;
static sim s;

static struct world {
    uint64_t first_lost, nlost; /* calls that get no answer */
    uint64_t stops[3];          /* calls after which it is stopped; 0: none */
    uint64_t calls;
    int64_t begun[200]; /* when each began */
} w;

static void
serve(ivs_revoke_request *q, sim *unused)
{
    uint64_t call = ++w.calls;

    (void)unused;
    assert_true(call < sizeof w.begun / sizeof *w.begun);
    w.begun[call] = q->begun_ms;
    for (size_t i = 0; i < q->npairs; i++)
        q->outcomes[i] = (ivs_revoke_outcome){.state = IVS_REVOKE_ACKNOWLEDGED};
    if (call >= w.first_lost && call < w.first_lost + w.nlost)
        q->status = ivs_fail(&q->err, IVS_E_NETWORK, "closed the connection");
    for (size_t i = 0; i < sizeof w.stops / sizeof *w.stops; i++)
        if (call == w.stops[i])
            s.now_ms += STOP_MS;
}

static void
run(void)
{
    static const struct reply unused = {.status = 500};
    ivs_revoke_host host = sim_host(&s);
    ivs_revoke_options opt;

    open_script(&f, &unused, 1);
    f.client->config.max_attempts = 1;
    memset(&l, 0, sizeof l);
    l.rows = ROWS;
    sim_init(&s, 1);
    s.serve = serve;
    l.clock = &s;
    ledger_options(&l, &opt);
    opt.client = f.client;
    assert_int_equal(ivs_revoke_drive(&opt, &host, &f.err), IVS_OK);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), ROWS);
    close_script(&f);
}

/* Ten minutes' worth of calls is not made up for. */
static void
check_pace(void)
{
    for (uint64_t i = 2; i <= w.calls; i++)
        assert_true(w.begun[i] - w.begun[i - 1] >= 500);
}

static void
stopped_process_goes_on_at_its_pace(void **state)
{
    (void)state;
    w = (struct world){.stops = {5}};
    run();
    assert_int_equal(w.calls, ROWS / 20);
    check_pace();
    assert_in_range(s.now_ms, STOP_MS, STOP_MS + 15000);
}

/* Whatever was in flight and whatever comes next fails: that is one outage, and
 * it has only begun. */
static void
connections_that_were_closed_meanwhile_do_not_end_the_run(void **state)
{
    (void)state;
    for (uint64_t lost = 1; lost <= 4; lost++) {
        w = (struct world){.stops = {5}, .first_lost = 5, .nlost = lost};
        run();
        assert_int_equal(w.calls, ROWS / 20 + lost);
        check_pace();
    }
}

static void
time_between_failures_is_not_time_of_failures(void **state)
{
    (void)state;
    w = (struct world){.stops = {5, 6, 7}, .first_lost = 5, .nlost = 4};
    run();
    assert_int_equal(w.calls, ROWS / 20 + 4);
    check_pace();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopped_process_goes_on_at_its_pace),
        cmocka_unit_test(
            connections_that_were_closed_meanwhile_do_not_end_the_run),
        cmocka_unit_test(time_between_failures_is_not_time_of_failures),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
