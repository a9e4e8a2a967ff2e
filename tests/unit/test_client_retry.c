/* SPDX-License-Identifier: MIT */
/* service: which calls of a client are tried again, when, and how they end. */

#include "support/script.h"

#include "service/client_impl.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"

#define OPEN(f, replies)                                                       \
    open_script((f), (replies), sizeof(replies) / sizeof *(replies))

static struct fixture f;

static const struct reply ok = {.status = 200, .body = "{\"channel\":{}}"};

static const struct reply throttled = {
    .status = 429, .headers = {{"x-amzn-errortype", "ThrottlingException"}}};
static const struct reply broken = {.status = 503,
                                    .headers = {{"content-type", "text/html"}},
                                    .body = "<h1>busy</h1>"};
static const struct reply cut = {.fails = IVS_E_NETWORK};
static const struct reply refused = {.fails = IVS_E_NETWORK, .unsent = true};

struct retry_case {
    const char *name;
    const char *operation;
    struct reply first;
    size_t sent; /* when that answer comes every time */
    ivs_status status;
};

#define GET  "GetChannel"
#define MAKE "CreateStreamKey"

static const struct retry_case retries[] = {
    {"throttled read", GET, {.status = 429}, 3, IVS_E_THROTTLED},
    {"throttled write", MAKE, {.status = 429}, 3, IVS_E_THROTTLED},
    {"throttled by code",
     MAKE,
     {.status = 400, .headers = {{"x-amzn-errortype", "Throttling"}}},
     3,
     IVS_E_THROTTLED},
    {"throttled with 503",
     MAKE,
     {.status = 503, .headers = {{"x-amzn-errortype", "SlowDown"}}},
     3,
     IVS_E_THROTTLED},
    {"500 on a read", GET, {.status = 500}, 3, IVS_E_SERVICE},
    {"502 on a read", GET, {.status = 502}, 3, IVS_E_SERVICE},
    {"503 on a read", GET, {.status = 503}, 3, IVS_E_SERVICE},
    {"504 on a read", GET, {.status = 504}, 3, IVS_E_SERVICE},
    {"501 on a read", GET, {.status = 501}, 1, IVS_E_SERVICE},
    {"500 on a write", MAKE, {.status = 500}, 1, IVS_E_SERVICE},
    {"server gave up waiting",
     GET,
     {.status = 400, .headers = {{"x-amzn-errortype", "RequestTimeout"}}},
     3,
     IVS_E_SERVICE},
    {"lost answer to a read", GET, {.fails = IVS_E_NETWORK}, 3, IVS_E_NETWORK},
    {"lost answer to a write",
     MAKE,
     {.fails = IVS_E_NETWORK},
     1,
     IVS_E_NETWORK},
    {"no connection for a write",
     MAKE,
     {.fails = IVS_E_NETWORK, .unsent = true},
     3,
     IVS_E_NETWORK},
    {"certificate that is not accepted",
     GET,
     {.fails = IVS_E_NETWORK, .unsent = true, .hopeless = true},
     1,
     IVS_E_NETWORK},
    {"out of memory", GET, {.fails = IVS_E_NOMEM}, 1, IVS_E_NOMEM},
    {"quota",
     GET,
     {.status = 402,
      .headers = {{"x-amzn-errortype", "ServiceQuotaExceededException"}}},
     1,
     IVS_E_SERVICE},
    {"conflict", GET, {.status = 409}, 1, IVS_E_SERVICE},
    {"denied", GET, {.status = 403}, 1, IVS_E_SERVICE},
    {"malformed success", GET, {.status = 200, .body = "x"}, 1, IVS_E_SERVICE},
};

static void
only_what_may_help_is_tried_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof retries / sizeof *retries; i++) {
        const struct retry_case *c = &retries[i];
        const char *input = strcmp(c->operation, MAKE) == 0
                                ? "{\"channelArn\":\"" CHANNEL "\"}"
                                : ARN;

        print_message("  %s\n", c->name);
        open_script(&f, &c->first, 1);
        assert_int_equal(call(&f, c->operation, input), c->status);
        assert_int_equal(f.script.sent, c->sent);
        assert_int_equal(f.script.once, strcmp(c->operation, MAKE) == 0);
        if (c->sent > 1)
            assert_memory_equal(f.err.message, "after 3 attempts: ", 18);
        close_script(&f);
    }
}

static void
retry_succeeds_with_the_same_invocation(void **state)
{
    const struct reply replies[] = {throttled, broken, ok};
    char first[64];

    (void)state;
    OPEN(&f, replies);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_int_equal(ivs_result_attempts(f.result), 3);
    assert_int_equal(f.script.sent, 3);
    assert_string_equal(script_header(&f.script, "amz-sdk-request"),
                        "attempt=3; max=3");
    assert_string_equal(ivs_result_body(f.result, NULL), ok.body);
    assert_true(f.script.slept_ms[1] < 1000);
    assert_true(f.script.slept_ms[2] < 100);
    assert_true(f.script.longest_nap_ms <= 100);
    (void)snprintf(first, sizeof first, "%s",
                   script_header(&f.script, "amz-sdk-invocation-id"));
    f.script.sent = 0;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_string_not_equal(first,
                            script_header(&f.script, "amz-sdk-invocation-id"));
    close_script(&f);
}

static void
success_after_a_failed_attempt_leaves_the_error_untouched(void **state)
{
    const struct reply replies[] = {broken, cut, ok};
    ivs_error before;

    (void)state;
    OPEN(&f, replies);
    memset(&f.err, 0x5a, sizeof f.err);
    before = f.err;
    assert_int_equal(ivs_client_call(f.client, "GetChannel", ARN, strlen(ARN),
                                     &f.result, &f.err),
                     IVS_OK);
    assert_memory_equal(&f.err, &before, sizeof before);
    memset(&f.err, 0, sizeof f.err);
    close_script(&f);
}

static void
refused_connection_is_tried_again(void **state)
{
    const struct reply replies[] = {refused, cut, ok};

    (void)state;
    OPEN(&f, replies);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_int_equal(f.script.sent, 3);
    close_script(&f);
}

static void
server_can_ask_for_a_longer_pause(void **state)
{
    static const struct {
        const char *value;
        int64_t least, most;
    } cases[] = {
        {"3000", 3000, 3000},
        {"999999999", 5000, 5999},
        {"1234567890", 5000, 5999},
        {"-1", 0, 999},
        {"3000.5", 0, 999},
        {"soon", 0, 999},
        {"", 0, 999},
        {"0", 0, 999},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct reply replies[] = {
            {.status = 429, .headers = {{"x-amz-retry-after", cases[i].value}}},
            ok,
        };

        print_message("  '%s'\n", cases[i].value);
        OPEN(&f, replies);
        assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
        assert_in_range(f.script.slept_ms[1], (uint64_t)cases[i].least,
                        (uint64_t)cases[i].most);
        close_script(&f);
    }
}

static void
pause_grows_with_full_jitter_to_its_cap(void **state)
{
    (void)state;
    assert_int_equal(ivs_retry_delay_ms(0, false, 0, -1), 0);
    assert_int_equal(ivs_retry_delay_ms(0, false, UINT32_MAX, -1), 49);
    assert_int_equal(ivs_retry_delay_ms(0, false, 1U << 31, -1), 25);
    assert_int_equal(ivs_retry_delay_ms(3, false, UINT32_MAX, -1), 399);
    assert_int_equal(ivs_retry_delay_ms(0, true, UINT32_MAX, -1), 999);
    assert_int_equal(ivs_retry_delay_ms(4, true, 1U << 31, -1), 8000);
    assert_int_equal(ivs_retry_delay_ms(9, true, UINT32_MAX, -1), 19999);
    assert_int_equal(ivs_retry_delay_ms(1000, false, UINT32_MAX, -1), 19999);
    /* delay = max(t, min(asked, t + 5 s)) */
    assert_int_equal(ivs_retry_delay_ms(0, true, 1U << 31, 400), 500);
    assert_int_equal(ivs_retry_delay_ms(0, true, 1U << 31, 501), 501);
    assert_int_equal(ivs_retry_delay_ms(0, true, 1U << 31, 5500), 5500);
    assert_int_equal(ivs_retry_delay_ms(0, true, 1U << 31, 9999), 5500);
}

static void
pause_asked_for_is_read_from_either_header(void **state)
{
    static const struct {
        const char *amz, *plain;
        int64_t ms;
    } cases[] = {
        {"", "", -1},
        {"250", "", 250},
        {"0", "", 0},
        {"250", "3", 250},
        {"soon", "3", 3000},
        {"-1", "", -1},
        {"1.5", "", -1},
        {" 1", "", -1},
        {"99999999999999999999999", "", 1000000},
        {"", "7", 7000},
        {"", "-7", -1},
        {"", "99999999999999999999999", 1000000},
        {"", "Sun, 06 Nov 1994 08:49:40 GMT", 3000},
        {"", "Sun, 06 Nov 1994 08:49:30 GMT", 0},
        {"", "Mon, 06 Nov 2094 08:49:30 GMT", 1000000},
        {"", "Sun, 06 Nov 1994 08:49:40", -1},
        {"Sun, 06 Nov 1994 08:49:40 GMT", "", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  '%s' '%s'\n", cases[i].amz, cases[i].plain);
        assert_int_equal(
            ivs_retry_asked_ms(cases[i].amz, cases[i].plain, 784111777),
            cases[i].ms);
    }
}

static void
outage_uses_up_the_retry_quota(void **state)
{
    size_t before;

    (void)state;
    open_script(&f, &broken, 1);
    /* 500 tokens pay for 35 retries of 14: 17 calls with two, one with one. */
    for (int i = 0; i < 17; i++) {
        f.script.sent = 0;
        assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
        assert_int_equal(f.script.sent, 3);
    }
    f.script.sent = 0;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 2);
    f.script.sent = 0;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 1);
    /* Four good calls and the rest (10) make 14: one retry again. */
    f.script.replies = &ok;
    before = 4;
    while (before-- > 0)
        assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    f.script.replies = &broken;
    f.script.sent = 0;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 2);
    close_script(&f);
}

static void
success_gives_back_what_its_retry_cost(void **state)
{
    ivs_retry_quota q;

    (void)state;
    ivs_retry_quota_init(&q);
    assert_int_equal(ivs_retry_quota_take(&q, false), 14);
    assert_int_equal(q.tokens, 486);
    ivs_retry_quota_return(&q, 14);
    assert_int_equal(q.tokens, 500);
    ivs_retry_quota_return(&q, 0);
    assert_int_equal(q.tokens, 500);
    assert_int_equal(ivs_retry_quota_take(&q, true), 5);
    assert_int_equal(q.tokens, 495);
    ivs_retry_quota_return(&q, 0);
    assert_int_equal(q.tokens, 496);
    q.tokens = 4;
    assert_int_equal(ivs_retry_quota_take(&q, true), 0);
    assert_int_equal(q.tokens, 4);
}

/* ---- a Delete whose answer was lost ---- */

#define GONE                                                                   \
    {                                                                          \
        .status = 404,                                                         \
        .headers = {{"x-amzn-errortype", "ResourceNotFoundException"},         \
                    {"x-amzn-requestid", "gone-1"}},                           \
        .body = "{\"exceptionMessage\":\"no such\"}"                           \
    }

static void
delete_that_finds_nothing_after_a_lost_answer_is_done(void **state)
{
    static const struct {
        const char *name, *operation;
        struct reply first, second;
        ivs_status status;
        int http_status; /* of the result */
    } deletes[] = {
        {"lost", "DeleteChannel", {.fails = IVS_E_NETWORK}, GONE, IVS_OK, 204},
        {"lost, 200 in the model",
         "DeletePlaybackKeyPair",
         {.fails = IVS_E_NETWORK},
         GONE,
         IVS_OK,
         200},
        {"carried out, then 500",
         "DeleteStreamKey",
         {.status = 500},
         GONE,
         IVS_OK,
         204},
        {"never sent",
         "DeleteChannel",
         {.fails = IVS_E_NETWORK, .unsent = true},
         GONE,
         IVS_E_SERVICE,
         0},
        {"throttled", "DeleteChannel", {.status = 429}, GONE, IVS_E_SERVICE, 0},
        {"at once", "DeleteChannel", GONE, GONE, IVS_E_SERVICE, 0},
        {"404 of another server",
         "DeleteChannel",
         {.fails = IVS_E_NETWORK},
         {.status = 404, .body = "<html>"},
         IVS_E_SERVICE,
         0},
        {"no Delete",
         "GetChannel",
         {.fails = IVS_E_NETWORK},
         GONE,
         IVS_E_SERVICE,
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof deletes / sizeof *deletes; i++) {
        const struct reply replies[] = {deletes[i].first, deletes[i].second};
        char input[96];

        print_message("  %s\n", deletes[i].name);
        OPEN(&f, replies);
        (void)snprintf(
            input, sizeof input, "{\"arn\":\"arn:aws:ivs:us-west-2:1:%s/aa\"}",
            strstr(deletes[i].operation, "Channel") != NULL ? "channel"
            : strstr(deletes[i].operation, "StreamKey") != NULL
                ? "stream-key"
                : "playback-key");
        assert_int_equal(call(&f, deletes[i].operation, input),
                         deletes[i].status);
        if (deletes[i].status == IVS_OK) {
            assert_int_equal(ivs_result_status(f.result),
                             deletes[i].http_status);
            assert_string_equal(ivs_result_body(f.result, NULL), "");
            assert_string_equal(ivs_result_request_id(f.result), "gone-1");
            assert_int_equal(ivs_result_attempts(f.result), 2);
        } else {
            assert_int_equal(f.err.http_status, 404);
        }
        close_script(&f);
    }
}

/* ---- cancelling ---- */

static void
cancel_ends_a_pause(void **state)
{
    static const struct reply slow = {
        .status = 429, .headers = {{"x-amz-retry-after", "4000"}}};

    (void)state;
    open_script(&f, &slow, 1);
    f.script.cancel_in_sleep = f.client;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_CANCELLED);
    assert_int_equal(f.script.sent, 1);
    assert_true(f.script.slept_ms[1] <= 100);
    close_script(&f);
}

static void
cancel_ends_the_transfer_and_every_later_call(void **state)
{
    (void)state;
    open_script(&f, &ok, 1);
    f.script.cancel_in_send = f.client;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_CANCELLED);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_CANCELLED);
    assert_int_equal(f.script.sent, 1);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_may_help_is_tried_again),
        cmocka_unit_test(retry_succeeds_with_the_same_invocation),
        cmocka_unit_test(
            success_after_a_failed_attempt_leaves_the_error_untouched),
        cmocka_unit_test(refused_connection_is_tried_again),
        cmocka_unit_test(server_can_ask_for_a_longer_pause),
        cmocka_unit_test(pause_grows_with_full_jitter_to_its_cap),
        cmocka_unit_test(pause_asked_for_is_read_from_either_header),
        cmocka_unit_test(outage_uses_up_the_retry_quota),
        cmocka_unit_test(success_gives_back_what_its_retry_cost),
        cmocka_unit_test(delete_that_finds_nothing_after_a_lost_answer_is_done),
        cmocka_unit_test(cancel_ends_a_pause),
        cmocka_unit_test(cancel_ends_the_transfer_and_every_later_call),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
