/* SPDX-License-Identifier: MIT */
/* service: the faults of a service that are answers of HTTP. Each case has the
 * name it has in the table of tests/README.md, and says how many requests are
 * sent, how the call ends and how much time of the clock it takes. */

#include "support/script.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"

#define TYPE(code)                                                             \
    {                                                                          \
        "x-amzn-ErrorType", code                                               \
    }
#define AS_HTML                                                                \
    {                                                                          \
        "Content-Type", "text/html"                                            \
    }

static struct fixture f;

static const struct reply ok = {.status = 200, .body = "{\"channel\":{}}"};

struct fault {
    const char *name;
    struct reply reply;
    size_t times; /* then a good answer; 0: every time */
    size_t sent;
    ivs_status status;
    const char *code, *message;
    int64_t least_ms, most_ms; /* what the pauses take */
};

static const struct fault faults[] = {
    /* 1 */
    {"throttle",
     {.status = 429, .headers = {TYPE("ThrottlingException")}},
     2,
     3,
     IVS_OK,
     NULL,
     NULL,
     0,
     3000},
    {"throttle",
     {.status = 429, .headers = {TYPE("ThrottlingException")}},
     0,
     3,
     IVS_E_THROTTLED,
     "ThrottlingException",
     "after 3 attempts: GetChannel: 429 ThrottlingException",
     0,
     3000},
    {"throttle-400",
     {.status = 400, .headers = {TYPE("ThrottlingException")}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     0,
     1000},
    {"throttle-html",
     {.status = 429, .headers = {AS_HTML}, .body = "<h1>Slow down</h1>"},
     0,
     3,
     IVS_E_THROTTLED,
     "",
     "with 429 and no AWS error (text/html)",
     0,
     3000},
    /* 2: at most 5 s beyond the pause that it would be */
    {"throttle-retry-after",
     {.status = 429, .headers = {{"Retry-After", "3"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     3000,
     3000},
    {"throttle-retry-after, a date",
     {.status = 429,
      .headers = {{"Retry-After", "Sun, 30 Aug 2015 12:36:04 GMT"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     4000,
     4000},
    {"throttle-retry-after, a date by the service's clock",
     {.status = 429,
      .headers = {{"Retry-After", "Sun, 30 Aug 2015 13:36:04 GMT"},
                  {"Date", "Sun, 30 Aug 2015 13:36:00 GMT"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     4000,
     4000},
    {"throttle-amz-retry-after",
     {.status = 429, .headers = {{"x-amz-retry-after", "2500"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     2500,
     2500},
    {"throttle-amz-retry-after, huge",
     {.status = 429, .headers = {{"x-amz-retry-after", "99999999999999999"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     5000,
     5999},
    {"throttle-retry-after, huge",
     {.status = 429, .headers = {{"Retry-After", "31536000"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     5000,
     5999},
    {"throttle-amz-retry-after, negative",
     {.status = 429, .headers = {{"x-amz-retry-after", "-5000"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     0,
     999},
    {"throttle-retry-after, text",
     {.status = 429, .headers = {{"Retry-After", "later"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     0,
     999},
    /* 3 */
    {"500", {.status = 500}, 2, 3, IVS_OK, NULL, NULL, 0, 150},
    {"502-html",
     {.status = 502, .headers = {AS_HTML}, .body = "<h1>Bad</h1>"},
     2,
     3,
     IVS_OK,
     NULL,
     NULL,
     0,
     150},
    {"503",
     {.status = 503, .headers = {TYPE("ServiceUnavailable")}},
     2,
     3,
     IVS_OK,
     NULL,
     NULL,
     0,
     150},
    {"503-empty", {.status = 503}, 0, 3, IVS_E_SERVICE, "", "503", 0, 150},
    {"504", {.status = 504}, 0, 3, IVS_E_SERVICE, "", "504", 0, 150},
    /* 4 */
    {"500-applied", {.status = 500}, 1, 2, IVS_OK, NULL, NULL, 0, 50},
    {"reset-applied",
     {.fails = IVS_E_NETWORK},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     0,
     50},
    {"hang-applied",
     {.fails = IVS_E_NETWORK},
     0,
     3,
     IVS_E_NETWORK,
     "",
     "after 3 attempts: scripted failure",
     0,
     150},
    /* 14 */
    {"403-denied",
     {.status = 403,
      .headers = {TYPE("AccessDeniedException")},
      .body = "{\"message\":\"not authorized to perform: ivs:GetChannel\"}"},
     0,
     1,
     IVS_E_SERVICE,
     "AccessDeniedException",
     "not authorized to perform: ivs:GetChannel",
     0,
     0},
    {"403-pending",
     {.status = 403, .headers = {TYPE("PendingVerification")}},
     0,
     1,
     IVS_E_SERVICE,
     "PendingVerification",
     "403 PendingVerification",
     0,
     0},
    {"402-quota",
     {.status = 402, .headers = {TYPE("ServiceQuotaExceededException")}},
     0,
     1,
     IVS_E_SERVICE,
     "ServiceQuotaExceededException",
     "402 ServiceQuotaExceededException",
     0,
     0},
    {"403-bad-token",
     {.status = 403, .headers = {TYPE("UnrecognizedClientException")}},
     0,
     1,
     IVS_E_SERVICE,
     "UnrecognizedClientException",
     "credentials from static: GetChannel: 403 UnrecognizedClientException",
     0,
     0},
    /* 15 with keys that nothing can renew; test_client_keys has the others */
    {"403-expired",
     {.status = 403, .headers = {TYPE("ExpiredTokenException")}},
     0,
     1,
     IVS_E_SERVICE,
     "ExpiredTokenException",
     "credentials from static: GetChannel: 403 ExpiredTokenException",
     0,
     0},
    /* 16; test_client_clock has the others */
    {"403-skew",
     {.status = 403,
      .headers = {TYPE("RequestTimeTooSkewed"),
                  {"Date", "Sun, 30 Aug 2015 13:36:00 GMT"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     0,
     0},
    {"403-sig",
     {.status = 403,
      .headers = {TYPE("InvalidSignatureException"),
                  {"Date", "Sun, 30 Aug 2015 13:36:00 GMT"}}},
     1,
     2,
     IVS_OK,
     NULL,
     NULL,
     0,
     0},
    /* 17 */
    {"301",
     {.status = 301, .headers = {{"Location", "https://evil.example/"}}},
     0,
     1,
     IVS_E_SERVICE,
     "",
     "a redirect (301), which is never followed",
     0,
     0},
    {"307-evil",
     {.status = 307, .headers = {{"Location", "https://evil.example/"}}},
     0,
     1,
     IVS_E_SERVICE,
     "",
     "a redirect (307), which is never followed",
     0,
     0},
    /* 19 */
    {"ansi-message",
     {.status = 400,
      .headers = {TYPE("ValidationException")},
      .body = "{\"message\":\"\\u001b[31mred\\u0007\\r\\n\"}"},
     0,
     1,
     IVS_E_SERVICE,
     "ValidationException",
     "\\x1b[31mred\\x07",
     0,
     0},
    {"secret-echo",
     {.status = 403,
      .headers = {TYPE("AccessDeniedException")},
      .body = "{\"message\":\"you sent " SCRIPT_TOKEN "\"}"},
     0,
     1,
     IVS_E_SERVICE,
     "AccessDeniedException",
     "(not shown: it repeats credentials)",
     0,
     0},
};

static void
check_message(const char *part)
{
    if (strstr(f.err.message, part) == NULL)
        fail_msg("'%s' does not say '%s'", f.err.message, part);
}

static void
each_fault_ends_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault *c = &faults[i];
        const struct reply replies[] = {c->reply, c->times == 1 ? ok : c->reply,
                                        ok};

        print_message("  %s\n", c->name);
        open_script(&f, replies, c->times == 0 ? 1 : 3);
        assert_int_equal(call(&f, "GetChannel", ARN), c->status);
        assert_int_equal(f.script.sent, c->sent);
        assert_in_range(script_elapsed_ms(&f.script), (uint64_t)c->least_ms,
                        (uint64_t)c->most_ms);
        if (c->status != IVS_OK) {
            assert_string_equal(f.err.aws_code, c->code);
            check_message(c->message);
        }
        close_script(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_ends_as_the_table_says),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
