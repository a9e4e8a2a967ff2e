/* SPDX-License-Identifier: MIT */
/* service: what the revocation engine makes of a service that misbehaves. Each
 * case has the name it has in the table of tests/README.md. Calls go through a
 * client with a scripted transport, on a clock of the test. */

#include "support/script.h"

#include "service/client_impl.h"
#include "support/ledger.h"

#define OK                                                                     \
    {                                                                          \
        .status = 200, .body = "{}"                                            \
    }
#define ERRORS(entries)                                                        \
    {                                                                          \
        .status = 200, .body = "{\"errors\":[" entries "]}"                    \
    }
#define NAMED(viewer, code)                                                    \
    "{\"channelArn\":\"" LEDGER_CHANNEL "\",\"viewerId\":\"" viewer            \
    "\",\"code\":\"" code "\"}"
#define TYPED(number, code)                                                    \
    {                                                                          \
        .status = (number), .headers = { {"x-amzn-ErrorType", code} }          \
    }
#define THROTTLED TYPED(429, "ThrottlingException")
#define LOST                                                                   \
    {                                                                          \
        .fails = IVS_E_NETWORK                                                 \
    }
#define HTML(number)                                                           \
    {                                                                          \
        .status = (number), .headers = {{"Content-Type", "text/html"}},        \
        .body = "<h1>no</h1>"                                                  \
    }
#define AFTER(name, value)                                                     \
    {                                                                          \
        .status = 429, .headers = { {(name), (value)} }                        \
    }
#define BODY(text)                                                             \
    {                                                                          \
        .status = 200, .body = (text)                                          \
    }

struct fault {
    const char *name;
    struct reply replies[5]; /* the last one for ever */
    size_t nreplies;
    size_t rows;
    ivs_status status;
    size_t acknowledged, failed, not_done;
    size_t least, most;  /* calls */
    int64_t slowest_ms;  /* that the run may take */
    const char *code;    /* of the first pair that is not acknowledged */
    const char *message; /* in its message, or in the error of the run */
};

#define N(...)                                                                 \
    {__VA_ARGS__}, sizeof((struct reply[]){__VA_ARGS__}) / sizeof(struct reply)
#define STOPPED_EARLY IVS_REVOKE_FIRST_FAILURES
#define E_SERVICE     IVS_E_SERVICE

/* clang-format off */
static const struct fault faults[] = {
    /* 1, 2: slower, again; no failure */
    {"throttle", N(THROTTLED, THROTTLED, OK), 40, IVS_OK, 40, 0, 0, 4, 4, 6000, NULL, NULL},
    {"throttle for ever", N(THROTTLED), 40, IVS_E_THROTTLED, 0, 0, 40, 10, 60, 400000, "ThrottlingException", "429"},
    {"throttle-400", N(TYPED(400, "ThrottlingException"), OK), 40, IVS_OK, 40, 0, 0, 3, 3, 4000, NULL, NULL},
    {"throttle-html", N(HTML(429), OK), 40, IVS_OK, 40, 0, 0, 3, 3, 4000, NULL, NULL},
    {"throttle-retry-after", N(AFTER("Retry-After", "4"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 6000, NULL, NULL},
    {"throttle-amz-retry-after", N(AFTER("x-amz-retry-after", "4000"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 6000, NULL, NULL},
    {"retry-after, huge", N(AFTER("Retry-After", "99999999999999999999"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 7000, NULL, NULL},
    {"retry-after, negative", N(AFTER("Retry-After", "-5"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 2500, NULL, NULL},
    {"retry-after, text", N(AFTER("x-amz-retry-after", "soon"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 2500, NULL, NULL},
    /* 3: to the limit, then not done */
    {"500", N(TYPED(500, "InternalServerException"), OK), 40, IVS_OK, 40, 0, 0, 3, 3, 3000, NULL, NULL},
    {"500 for ever", N(TYPED(500, "InternalServerException")), 40, E_SERVICE, 0, 0, 40, STOPPED_EARLY, STOPPED_EARLY + 8, 20000, "InternalServerException", "500"},
    {"502-html", N(HTML(502), OK), 40, IVS_OK, 40, 0, 0, 3, 3, 3000, NULL, NULL},
    {"502-html for ever", N(HTML(502)), 40, E_SERVICE, 0, 0, 40, STOPPED_EARLY, STOPPED_EARLY + 8, 20000, "502", "502"},
    {"503", N(TYPED(503, "ServiceUnavailable"), OK), 40, IVS_OK, 40, 0, 0, 3, 3, 3000, NULL, NULL},
    {"503-empty", N({.status = 503}, OK), 40, IVS_OK, 40, 0, 0, 3, 3, 3000, NULL, NULL},
    {"504", N({.status = 504}, {.status = 504}, OK), 40, IVS_OK, 40, 0, 0, 4, 4, 3000, NULL, NULL},
    /* 4, 5, 12: nobody knows, so again */
    {"500-applied", N(TYPED(500, "InternalServerException"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    {"reset-applied, hang-applied", N(LOST, LOST, OK), 20, IVS_OK, 20, 0, 0, 3, 3, 3000, NULL, NULL},
    {"reset, fin, hang for ever", N(LOST), 40, IVS_E_NETWORK, 0, 0, 40, STOPPED_EARLY, STOPPED_EARLY + 8, 20000, "network failure", "scripted failure"},
    {"lost after a success", N(OK, LOST, LOST, LOST, OK), 60, IVS_OK, 60, 0, 0, 6, 6, 9000, NULL, NULL},
    /* 7: only those that were named go again */
    {"partial", N(ERRORS(NAMED("v3", "InternalServerException")), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    {"partial-throttle", N(ERRORS(NAMED("v3", "ThrottlingException") "," NAMED("v4", "429")), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 4000, NULL, NULL},
    {"partial-all", N(ERRORS(NAMED("v0", "500") "," NAMED("v1", "503")), OK), 2, IVS_OK, 2, 0, 0, 2, 2, 3000, NULL, NULL},
    {"partial for ever", N(ERRORS(NAMED("v3", "ServiceUnavailable"))), 20, IVS_OK, 19, 0, 1, IVS_REVOKE_TRIES_MAX, IVS_REVOKE_TRIES_MAX, 120000, "ServiceUnavailable", ""},
    /* 8 */
    {"partial-permanent", N(ERRORS(NAMED("v3", "404")), OK), 40, IVS_OK, 39, 1, 0, 2, 2, 3000, "404", ""},
    /* 9 */
    {"partial-no-code", N(ERRORS("{\"channelArn\":\"" LEDGER_CHANNEL "\",\"viewerId\":\"v3\"}"), OK), 40, IVS_OK, 39, 1, 0, 2, 2, 3000, "unknown", ""},
    {"partial-foreign-pair", N(ERRORS(NAMED("w3", "404"))), 20, IVS_OK, 20, 0, 0, 1, 1, 3000, NULL, NULL},
    {"partial-duplicate", N(ERRORS(NAMED("v3", "404") "," NAMED("v3", "500"))), 20, IVS_OK, 19, 1, 0, 1, 1, 3000, "404", ""},
    {"partial-wrong-type", N(BODY("{\"errors\":{}}"), BODY("{\"errors\":[1]}"), OK), 20, IVS_OK, 20, 0, 0, 3, 3, 3000, NULL, NULL},
    {"ok-null-errors", N(BODY("{\"errors\":null}")), 20, IVS_OK, 20, 0, 0, 1, 1, 3000, NULL, NULL},
    {"ok-empty-body", N({.status = 200}, OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    {"ok-204", N({.status = 204}, OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    /* 10, 11 */
    {"bad-json", N(BODY("{\"errors\":["), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    {"not-json", N(BODY("OK"), BODY("null"), BODY("[]"), OK), 20, IVS_OK, 20, 0, 0, 4, 4, 3000, NULL, NULL},
    {"bom-json", N(BODY("\xef\xbb\xbf{}"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    {"status-999", N({.status = 999}, {.status = 101}, OK), 20, IVS_OK, 20, 0, 0, 3, 3, 3000, NULL, NULL},
    {"not-json for ever", N(HTML(200)), 20, E_SERVICE, 0, 0, 20, STOPPED_EARLY, STOPPED_EARLY + 8, 20000, "200", "not JSON"},
    /* 14 */
    {"denied pair by pair", N(ERRORS(NAMED("v0", "403"))), 1, E_SERVICE, 0, 0, 1, STOPPED_EARLY, STOPPED_EARLY, 20000, "403", "every viewer of a call was refused: 403"},
    {"denied pair by pair, once", N(ERRORS(NAMED("v0", "AccessDeniedException")), OK), 1, IVS_OK, 1, 0, 0, 2, 2, 3000, NULL, NULL},
    {"pair denied after a success", N(OK, ERRORS(NAMED("v20", "403"))), 21, IVS_OK, 20, 1, 0, 2, 2, 2000, "403", ""},
    {"403-denied", N(TYPED(403, "AccessDeniedException")), 60, E_SERVICE, 0, 0, 60, 1, 1, 1000, "AccessDeniedException", "403"},
    {"403-pending", N(TYPED(403, "PendingVerification")), 60, E_SERVICE, 0, 0, 60, 1, 1, 1000, "PendingVerification", "403"},
    {"402-quota", N(TYPED(402, "ServiceQuotaExceededException")), 60, E_SERVICE, 0, 0, 60, 1, 1, 1000, "ServiceQuotaExceededException", "402"},
    {"403-bad-token", N(TYPED(403, "UnrecognizedClientException")), 60, E_SERVICE, 0, 0, 60, 2, 2, 2000, "UnrecognizedClientException", "403"},
    {"401 of a proxy", N(HTML(401)), 60, E_SERVICE, 0, 0, 60, 1, 1, 1000, "401", "401"},
    {"denied after a success", N(OK, TYPED(403, "AccessDeniedException")), 60, E_SERVICE, 20, 0, 40, 2, 2, 2000, "AccessDeniedException", "403"},
    /* 15, 16: once more with other keys or another time */
    {"403-expired", N(OK, TYPED(403, "ExpiredTokenException"), OK), 60, IVS_OK, 60, 0, 0, 4, 4, 4000, NULL, NULL},
    {"403-expired for ever", N(OK, TYPED(403, "ExpiredTokenException")), 60, E_SERVICE, 20, 0, 40, 3, 3, 4000, "ExpiredTokenException", "403"},
    {"403-skew", N(TYPED(403, "RequestTimeTooSkewed"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    {"403-sig", N(TYPED(403, "SignatureDoesNotMatch"), OK), 20, IVS_OK, 20, 0, 0, 2, 2, 3000, NULL, NULL},
    /* 17 */
    {"301, 307-evil", N({.status = 301, .headers = {{"Location", "http://evil.example/"}}}), 20, E_SERVICE, 0, 0, 20, STOPPED_EARLY, STOPPED_EARLY + 8, 20000, "301", "redirect"},
    {"404 of no service", N(HTML(404)), 20, E_SERVICE, 0, 0, 20, STOPPED_EARLY, STOPPED_EARLY + 8, 20000, "404", "no AWS error"},
    /* 19 */
    {"ansi-message", N(ERRORS("{\"channelArn\":\"" LEDGER_CHANNEL "\",\"viewerId\":\"v0\",\"code\":\"\\u001b[2J\"}")), 1, IVS_OK, 0, 1, 0, 1, 1, 1000, "\\x1b[2J", ""},
    {"secret-echo", N(ERRORS("{\"channelArn\":\"" LEDGER_CHANNEL "\",\"viewerId\":\"v0\",\"code\":\"x\",\"message\":\"" SCRIPT_TOKEN "\"}")), 1, IVS_OK, 0, 1, 0, 1, 1, 1000, "x", "not shown"},
};
/* clang-format on */

static struct fixture f;
static ledger l;
static sim s;

static void
serve(ivs_revoke_request *q, sim *unused)
{
    (void)unused;
    ivs_revoke_carry_out(q);
}

static void
begin(const struct reply *replies, size_t n, size_t rows)
{
    open_script(&f, replies, n);
    f.client->config.max_attempts = 1;
    memset(&l, 0, sizeof l);
    sim_init(&s, 1);
    s.serve = serve;
    l.rows = rows;
    l.clock = &s;
}

static ivs_status
run(ivs_revoke_lane lane)
{
    ivs_revoke_host host = sim_host(&s);
    ivs_revoke_options opt;

    ledger_options(&l, &opt);
    opt.client = f.client;
    opt.lane = lane;
    return ivs_revoke_drive(&opt, &host, &f.err);
}

static void
check_first(const struct fault *fault)
{
    size_t i = 0;

    while (l.state[i] == IVS_REVOKE_ACKNOWLEDGED)
        i++;
    assert_string_equal(l.code[i], fault->code);
    assert_non_null(strstr(l.message[i], fault->message));
    if (fault->status != IVS_OK)
        assert_non_null(strstr(f.err.message, fault->message));
}

static void
fault_ends_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault *c = &faults[i];

        print_message("  %s\n", c->name);
        begin(c->replies, c->nreplies, c->rows);
        assert_int_equal(run(IVS_REVOKE_LANE_BATCH), c->status);
        assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED),
                         c->acknowledged);
        assert_int_equal(ledger_count(&l, IVS_REVOKE_FAILED), c->failed);
        assert_int_equal(ledger_count(&l, IVS_REVOKE_NOT_DONE), c->not_done);
        assert_in_range(f.script.sent, c->least, c->most);
        assert_in_range(s.now_ms - 1000, 0, c->slowest_ms);
        for (size_t row = 0; row < l.rows; row++)
            assert_int_equal(l.settled[row], 1);
        if (c->code != NULL)
            check_first(c);
        close_script(&f);
    }
}

/* What retry-after asks for is waited for, and not for ever. */
static void
asked_pause_is_kept(void **state)
{
    static const struct reply replies[] = {AFTER("Retry-After", "4"), OK};

    (void)state;
    begin(replies, 2, 20);
    assert_int_equal(run(IVS_REVOKE_LANE_BATCH), IVS_OK);
    assert_in_range(s.now_ms - 1000, 4000, 5000);
    close_script(&f);
}

/* 13: a batch with a malformed pair is cut until that one is alone. */
static size_t bad_id;

static void
serve_bisection(ivs_revoke_request *q, sim *unused)
{
    (void)unused;
    q->status = IVS_OK;
    for (size_t i = 0; i < q->npairs; i++) {
        q->outcomes[i] = (ivs_revoke_outcome){.state = IVS_REVOKE_ACKNOWLEDGED};
        if (ledger_id(q->pairs[i].viewer_id) == bad_id) {
            q->status = ivs_fail(&q->err, IVS_E_SERVICE, "bad pair");
            q->err.http_status = 400;
            (void)snprintf(q->err.aws_code, sizeof q->err.aws_code,
                           "ValidationException");
        }
    }
}

static void
one_malformed_pair_fails_alone(void **state)
{
    static const struct reply unused = OK;

    (void)state;
    for (bad_id = 0; bad_id < 20; bad_id++) {
        begin(&unused, 1, 40);
        s.serve = serve_bisection;
        assert_int_equal(run(IVS_REVOKE_LANE_BATCH), IVS_OK);
        assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 39);
        assert_int_equal(l.state[bad_id], IVS_REVOKE_FAILED);
        assert_string_equal(l.code[bad_id], "ValidationException");
        assert_string_equal(l.message[bad_id], "bad pair");
        assert_true(s.sent <= 12); /* 1 + 2 * ceil(log2 20), and the others */
        close_script(&f);
    }
}

/* A server that breaks over one pair does not keep the others from it. */
static void
serve_poison(ivs_revoke_request *q, sim *unused)
{
    serve_bisection(q, unused);
    if (q->status != IVS_OK) {
        q->err.http_status = 500;
        q->err.aws_code[0] = '\0';
    }
}

static void
one_pair_that_breaks_the_server_is_not_done(void **state)
{
    static const struct reply unused = OK;

    (void)state;
    bad_id = 7;
    begin(&unused, 1, 200);
    s.serve = serve_poison;
    (void)run(IVS_REVOKE_LANE_BATCH);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 199);
    assert_int_equal(l.state[7], IVS_REVOKE_NOT_DONE);
    assert_string_equal(l.code[7], "500");
    close_script(&f);
}

/* 9: in the single lane an empty 200 is the documented answer. */
static void
single_lane_takes_empty_answers(void **state)
{
    static const struct reply empty = {.status = 200};
    static const struct reply refused[] = {
        {.status = 204},
        TYPED(404, "ResourceNotFoundException"),
        {.status = 200}};

    (void)state;
    begin(&empty, 1, 5);
    assert_int_equal(run(IVS_REVOKE_LANE_SINGLE), IVS_OK);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 5);
    close_script(&f);
    begin(refused, 3, 5);
    assert_int_equal(run(IVS_REVOKE_LANE_SINGLE), IVS_OK);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 4);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_FAILED), 1);
    close_script(&f);
}

/* 24, 25, 26: rows that no call may carry. */
static void
make_bad_row(size_t id, ivs_revocation *ret)
{
    static const ivs_revocation bad[] = {
        {.channel_arn = "arn", .viewer_id = "a"},
        {.channel_arn = "arn:aws:ivs:us-west-2:1:channel/../../x",
         .viewer_id = "a"},
        {.channel_arn = "arn:aws:ivs:eu-west-1:1:channel/a", .viewer_id = "a"},
        {.channel_arn = LEDGER_CHANNEL, .viewer_id = ""},
        {.channel_arn = LEDGER_CHANNEL,
         .viewer_id = "01234567890123456789012345678901234567890"},
        {.channel_arn = LEDGER_CHANNEL, .viewer_id = "a\x80"},
        {.channel_arn = NULL, .viewer_id = "a"},
        {.channel_arn = LEDGER_CHANNEL, .viewer_id = NULL},
        {.channel_arn = LEDGER_CHANNEL,
         .viewer_id = "a",
         .has_version = true,
         .up_to_version = INT64_C(2147483648)},
        {.channel_arn = LEDGER_CHANNEL,
         .viewer_id = "a",
         .has_version = true,
         .up_to_version = INT64_MAX},
        {.channel_arn = LEDGER_CHANNEL,
         .viewer_id = "a",
         .has_version = true,
         .up_to_version = -1},
        /* these are well */
        {.channel_arn = LEDGER_CHANNEL, .viewer_id = "../../x"},
        {.channel_arn = LEDGER_CHANNEL, .viewer_id = "=1+1\"\n"},
    };

    *ret = bad[id];
}

static void
malformed_rows_fail_without_a_call(void **state)
{
    static const struct reply ok = OK;

    (void)state;
    begin(&ok, 1, 13);
    l.row = make_bad_row;
    assert_int_equal(run(IVS_REVOKE_LANE_BATCH), IVS_OK);
    assert_int_equal(f.script.sent, 1);
    assert_non_null(strstr(f.script.body, "\"=1+1\\\"\\n\""));
    for (size_t i = 0; i < 11; i++) {
        assert_int_equal(l.state[i], IVS_REVOKE_FAILED);
        assert_string_equal(l.code[i], IVS_REVOKE_CODE_INVALID);
        assert_true(l.message[i][0] != '\0');
    }
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 2);
    close_script(&f);
}

/* The same pair twice goes into two calls, for one call may not have both. */
static void
make_same_row(size_t id, ivs_revocation *ret)
{
    ret->viewer_id = "same";
    ret->has_version = true;
    ret->up_to_version = (int64_t)id;
}

static void
same_pair_twice_goes_twice(void **state)
{
    static const struct reply ok = OK;

    (void)state;
    begin(&ok, 1, 3);
    l.row = make_same_row;
    assert_int_equal(run(IVS_REVOKE_LANE_BATCH), IVS_OK);
    assert_int_equal(f.script.sent, 3);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 3);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_ends_as_it_should),
        cmocka_unit_test(asked_pause_is_kept),
        cmocka_unit_test(one_malformed_pair_fails_alone),
        cmocka_unit_test(one_pair_that_breaks_the_server_is_not_done),
        cmocka_unit_test(single_lane_takes_empty_answers),
        cmocka_unit_test(malformed_rows_fail_without_a_call),
        cmocka_unit_test(same_pair_twice_goes_twice),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
