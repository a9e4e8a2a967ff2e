/* SPDX-License-Identifier: MIT */
/* The revocation engine with its threads: calls beside each other, callbacks on
 * one thread, and a server that breaks off in the middle of everything. */

#include "support/real.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "support/ledger.h"

static ledger l;
static struct fixture f;

/* ---- calls beside each other ---- */

static struct {
    atomic_int now, most, sent;
    pthread_t loop;
    atomic_bool refuse; /* nothing may be sent any more */
} calls;

static ivs_status
slow_send(const ivs_http_request *request, const ivs_http_sink *sink,
          int *ret_status, void *user, ivs_error *err)
{
    const struct timespec nap = {.tv_nsec = 300000000};
    int now = atomic_fetch_add(&calls.now, 1) + 1;
    int most = atomic_load(&calls.most);

    (void)request;
    (void)user;
    (void)err;
    assert_false(atomic_load(&calls.refuse));
    assert_false(pthread_equal(pthread_self(), calls.loop));
    while (now > most && !atomic_compare_exchange_weak(&calls.most, &most, now))
        continue;
    (void)nanosleep(&nap, NULL);
    (void)sink->body("{}", 2, sink->user);
    *ret_status = 200;
    (void)atomic_fetch_sub(&calls.now, 1);
    (void)atomic_fetch_add(&calls.sent, 1);
    return IVS_OK;
}

static ivs_revoke_options opt;
static ivs_status (*ledger_pull)(const char *const *busy, size_t nbusy,
                                 ivs_revoke_row *ret, size_t cap, size_t *ret_n,
                                 void *user, ivs_error *err);
static ivs_status (*ledger_settle)(const ivs_revoke_settled *settled, size_t n,
                                   void *user, ivs_error *err);

static ivs_status
pull_here(const char *const *busy, size_t nbusy, ivs_revoke_row *ret,
          size_t cap, size_t *ret_n, void *user, ivs_error *err)
{
    assert_true(pthread_equal(pthread_self(), calls.loop));
    return ledger_pull(busy, nbusy, ret, cap, ret_n, user, err);
}

static ivs_status
settle_here(const ivs_revoke_settled *settled, size_t n, void *user,
            ivs_error *err)
{
    ivs_status s;

    assert_true(pthread_equal(pthread_self(), calls.loop));
    s = ledger_settle(settled, n, user, err);
    if (s != IVS_OK)
        atomic_store(&calls.refuse, true);
    return s;
}

static void
open_slow(size_t rows)
{
    static const struct reply unused = {.status = 500};
    ivs_client_options client;

    open_script(&f, &unused, 1);
    ivs_client_free(f.client);
    script_options(&f.script, &client);
    client.max_attempts = 1;
    client.credentials = f.credentials;
    client.transport = (ivs_transport){.send = slow_send};
    client.debug = NULL;
    assert_int_equal(ivs_client_new(&client, &f.client, NULL), IVS_OK);
    memset(&l, 0, sizeof l);
    memset(&calls, 0, sizeof calls);
    calls.loop = pthread_self();
    l.rows = rows;
    ledger_options(&l, &opt);
    ledger_pull = opt.pull;
    ledger_settle = opt.settle;
    opt.pull = pull_here;
    opt.settle = settle_here;
    opt.client = f.client;
    opt.lane = IVS_REVOKE_LANE_SINGLE;
}

static void
calls_go_beside_each_other_and_callbacks_do_not(void **state)
{
    (void)state;
    open_slow(15);
    assert_int_equal(ivs_revoke(&opt, &f.err), IVS_OK);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 15);
    assert_int_equal(calls.sent, 15);
    assert_in_range(calls.most, 2, 16);
    assert_true(l.last.ended);
    assert_true(l.told >= 2);
    close_script(&f);
}

static void
nothing_is_sent_once_a_callback_has_failed(void **state)
{
    (void)state;
    open_slow(30);
    l.fail_settle = 3;
    assert_int_equal(ivs_revoke(&opt, &f.err), IVS_E_IO);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 2);
    assert_true(calls.sent >= 3 && calls.sent < 15);
    assert_int_equal(calls.now, 0); /* all were waited for */
    close_script(&f);
}

static bool
after_five(void *user)
{
    (void)user;
    return atomic_load(&calls.sent) >= 5;
}

static void
cancelled_run_ends_with_what_is_in_flight(void **state)
{
    (void)state;
    open_slow(60);
    opt.cancelled = after_five;
    assert_int_equal(ivs_revoke(&opt, &f.err), IVS_E_CANCELLED);
    assert_int_equal(calls.now, 0);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), calls.sent);
    assert_in_range(calls.sent, 5, 20);
    assert_int_equal(l.last.not_done + l.last.acknowledged, l.last.pulled);
    close_script(&f);
}

static void
cancelled_client_ends_the_run(void **state)
{
    (void)state;
    open_slow(60);
    ivs_client_cancel(f.client);
    assert_int_equal(ivs_revoke(&opt, &f.err), IVS_E_CANCELLED);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 0);
    close_script(&f);
}

/* ---- options ---- */

static ivs_status
no_client(const char *region, ivs_client **ret, void *user, ivs_error *err)
{
    (void)ret;
    (void)user;
    return ivs_fail(err, IVS_E_CREDENTIALS, "no client for %s", region);
}

static void
options_are_checked_before_anything_is_pulled(void **state)
{
    ivs_revoke_options bad;

    (void)state;
    open_slow(3);
    assert_int_equal(ivs_revoke(NULL, &f.err), IVS_E_ARG);
    bad = opt;
    bad.pull = NULL;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    bad = opt;
    bad.settle = NULL;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    bad = opt;
    bad.client = NULL;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    bad = opt;
    bad.client_of = no_client;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    bad = opt;
    bad.lane = (ivs_revoke_lane)3;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    bad = opt;
    bad.pairs_per_s = -1;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    bad = opt;
    bad.size = 8;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_ARG);
    assert_int_equal(l.pulls, 0);
    bad = opt;
    bad.client = NULL;
    bad.client_of = no_client;
    assert_int_equal(ivs_revoke(&bad, &f.err), IVS_E_CREDENTIALS);
    assert_string_equal(f.err.message, "no client for us-west-2");
    assert_int_equal(calls.sent, 0);
    close_script(&f);
}

static void
client_that_repeats_by_itself_is_refused(void **state)
{
    static const struct reply unused = {.status = 500};

    (void)state;
    open_script(&f, &unused, 1); /* three attempts */
    memset(&l, 0, sizeof l);
    l.rows = 3;
    ledger_options(&l, &opt);
    opt.client = f.client;
    assert_int_equal(ivs_revoke(&opt, &f.err), IVS_E_ARG);
    assert_string_equal(f.err.member, "max_attempts");
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

/* ---- a server that breaks off ---- */

#define OK_HEAD "HTTP/1.1 200 OK" CRLF

/* Each fault is followed by a good answer: faults 4, 5, 6, 10, 11 and 12. */
static const bad_step faults[] = {
    {.bytes = GOOD, .end = BAD_KEEP},
    {.end = BAD_RESET},
    {.bytes = GOOD, .end = BAD_KEEP},
    {.end = BAD_CLOSE},
    {.bytes = GOOD, .end = BAD_KEEP},
    {.bytes = OK_HEAD "Content-Length: 9" CRLF CRLF "{", .end = BAD_RESET},
    {.bytes = GOOD, .end = BAD_RESET}, /* ok-then-rst */
    {.bytes = OK_HEAD "Content-Length: 9" CRLF CRLF "{"},
    {.bytes = GOOD, .end = BAD_CLOSE}, /* ok-then-fin */
    {.bytes = OK_HEAD "Content-Length: 1" CRLF CRLF "{}", .end = BAD_KEEP},
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.bytes = GOOD GOOD, .end = BAD_CLOSE}, /* extra-response */
    {.bytes = OK_HEAD "Transfer-Encoding: chunked" CRLF CRLF "zz" CRLF},
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.bytes =
         OK_HEAD "Content-Length: 2" CRLF "Content-Length: 3" CRLF CRLF "{}"},
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.bytes = OK_HEAD "Content-Length: 2" CRLF
                      "Transfer-Encoding: chunked" CRLF CRLF "{}"},
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.bytes = "\x16\x03\x01 garbage" CRLF CRLF},
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.bytes = OK_HEAD "X: y" CRLF, .times = 20000}, /* endless-headers */
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.bytes = OK_HEAD "Content-Length: 9" CRLF CRLF "{", .end = BAD_HANG},
    {.bytes = GOOD, .end = BAD_CLOSE},
    {.end = BAD_HANG},
    {.bytes = GOOD, .end = BAD_CLOSE},
};

static void
every_pair_is_acknowledged_by_an_answer_of_its_own(void **state)
{
    const size_t rows = 13; /* good answers, but for the one in the middle */
    ivs_client_options client;

    (void)state;
    memset(&r, 0, sizeof r);
    r.server = bad_server_start(faults, sizeof faults / sizeof *faults);
    ivs_client_options_init(&client, sizeof client);
    client.max_attempts = 1;
    client.first_byte_timeout_ms = 500;
    client.idle_timeout_ms = 500;
    open_client("http", bad_server_port(r.server), &client);
    memset(&l, 0, sizeof l);
    l.rows = rows;
    ledger_options(&l, &opt);
    opt.client = r.client;
    opt.lane = IVS_REVOKE_LANE_SINGLE;
    opt.pairs_per_s = 2;
    assert_int_equal(ivs_revoke(&opt, &r.err), IVS_OK);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), rows);
    print_message("  %d requests\n", (int)bad_server_requests(r.server));
    assert_in_range(bad_server_requests(r.server), 22,
                    sizeof faults / sizeof *faults);
    close_real();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_go_beside_each_other_and_callbacks_do_not),
        cmocka_unit_test(nothing_is_sent_once_a_callback_has_failed),
        cmocka_unit_test(cancelled_run_ends_with_what_is_in_flight),
        cmocka_unit_test(cancelled_client_ends_the_run),
        cmocka_unit_test(options_are_checked_before_anything_is_pulled),
        cmocka_unit_test(client_that_repeats_by_itself_is_refused),
        cmocka_unit_test(every_pair_is_acknowledged_by_an_answer_of_its_own),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
