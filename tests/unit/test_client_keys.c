/* SPDX-License-Identifier: MIT */
/* service: credentials that the service calls expired. Linked with --wrap for
 * the two functions of a source, so that this file is the source. */

#include "support/script.h"

#include "service/client_impl.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"

ivs_status __wrap_ivs_credentials_get(ivs_credentials *credentials,
                                      const ivs_cancel *cancel,
                                      ivs_credentials_keys *ret,
                                      ivs_error *err);
void __wrap_ivs_credentials_expire(ivs_credentials *credentials,
                                   const ivs_credentials_keys *refused);

static struct {
    const char *key_id; /* NULL: the source fails */
    const char *next;   /* after a refresh */
    int refreshed;
    char refused[32];
} source;

static struct fixture f;

ivs_status
__wrap_ivs_credentials_get(ivs_credentials *credentials,
                           const ivs_cancel *cancel, ivs_credentials_keys *ret,
                           ivs_error *err)
{
    (void)credentials, (void)cancel;
    if (source.key_id == NULL)
        return ivs_fail(err, IVS_E_NETWORK, "the source is silent");
    *ret =
        (ivs_credentials_keys){IVS_BUF_SECRET, IVS_BUF_SECRET, IVS_BUF_SECRET};
    ivs_buf_puts(&ret->access_key_id, source.key_id);
    ivs_buf_puts(&ret->secret_access_key, SCRIPT_SECRET);
    ivs_buf_puts(&ret->session_token, SCRIPT_TOKEN);
    return IVS_OK;
}

void
__wrap_ivs_credentials_expire(ivs_credentials *credentials,
                              const ivs_credentials_keys *refused)
{
    (void)credentials;
    source.refreshed++;
    (void)snprintf(source.refused, sizeof source.refused, "%s",
                   refused->access_key_id.data);
    source.key_id = source.next;
}

static const struct reply ok = {.status = 200, .body = "{\"channel\":{}}"};

#define REFUSED(code)                                                          \
    {                                                                          \
        .status = 403, .headers = { {"x-amzn-ErrorType", code} }               \
    }

static const struct reply expired = REFUSED("ExpiredTokenException");

static void
open_source(const struct reply *replies, size_t n, const char *next)
{
    open_script(&f, replies, n);
    memset(&source, 0, sizeof source);
    source.key_id = "AKIDOLD";
    source.next = next;
}

static void
expired_keys_are_renewed_and_the_call_goes_on(void **state)
{
    static const char *const codes[] = {
        "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException",
        "InvalidClientTokenId", "TokenRefreshRequired"};

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const struct reply replies[] = {REFUSED(codes[i]), ok};

        print_message("  %s\n", codes[i]);
        open_source(replies, 2, "AKIDNEW");
        assert_int_equal(call(&f, "CreateChannel", "{}"), IVS_OK);
        assert_int_equal(f.script.sent, 2);
        assert_int_equal(source.refreshed, 1);
        assert_string_equal(source.refused, "AKIDOLD");
        assert_non_null(strstr(script_header(&f.script, "authorization"),
                               "Credential=AKIDNEW/"));
        assert_int_equal(script_elapsed_ms(&f.script), 0);
        close_script(&f);
    }
}

static void
keys_are_renewed_once_a_call(void **state)
{
    (void)state;
    open_source(&expired, 1, "AKIDNEW");
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 2);
    assert_int_equal(source.refreshed, 1);
    assert_string_equal(f.err.aws_code, "ExpiredTokenException");
    assert_string_equal(f.err.message,
                        "after 2 attempts: credentials from static: "
                        "GetChannel: 403 ExpiredTokenException");
    source.next = "AKIDTHIRD";
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(source.refreshed, 2);
    close_script(&f);
}

static void
keys_that_stay_the_same_are_not_sent_again(void **state)
{
    (void)state;
    open_source(&expired, 1, "AKIDOLD");
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 1);
    assert_string_equal(f.err.message, "credentials from static: GetChannel: "
                                       "403 ExpiredTokenException");
    close_script(&f);
}

static void
source_that_fails_ends_the_call_with_its_reason(void **state)
{
    (void)state;
    open_source(&expired, 1, NULL);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_NETWORK);
    assert_int_equal(f.script.sent, 1);
    assert_int_equal(f.err.unanswered, 0);
    assert_string_equal(f.err.message,
                        "credentials from static: the source is silent");
    /* and so it does before anything is sent; it has retries of its own */
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_NETWORK);
    assert_int_equal(f.script.sent, 1);
    assert_int_equal(f.err.unanswered, 0);
    assert_string_equal(f.err.message, "the source is silent");
    close_script(&f);
}

static void
request_expired_may_be_the_time_or_the_keys(void **state)
{
    static const struct reply replies[] = {
        REFUSED("RequestExpired"),
        REFUSED("RequestExpired"),
        {.status = 200, .body = "{\"channel\":{}}"}};

    (void)state;
    open_source(replies, 3, "AKIDNEW");
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_int_equal(f.script.sent, 3);
    assert_int_equal(source.refreshed, 1);
    close_script(&f);
}

static void
last_attempt_renews_for_the_next_call(void **state)
{
    static const struct reply replies[] = {
        {.status = 500},
        {.status = 500},
        REFUSED("ExpiredToken"),
        {.status = 200, .body = "{\"channel\":{}}"}};

    (void)state;
    open_source(replies, 4, "AKIDNEW");
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 3);
    assert_int_equal(source.refreshed, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_int_equal(source.refreshed, 1);
    close_script(&f);
}

static void
other_refusals_leave_the_keys_alone(void **state)
{
    static const struct reply replies[] = {
        REFUSED("AccessDeniedException"),
        REFUSED("PendingVerification"),
        {.status = 400, .headers = {{"x-amzn-ErrorType", "Throttling"}}},
        {.status = 503, .headers = {{"x-amzn-ErrorType", "ExpiredToken"}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        open_source(&replies[i], 1, "AKIDNEW");
        assert_int_not_equal(call(&f, "GetChannel", ARN), IVS_OK);
        assert_int_equal(source.refreshed, 0);
        close_script(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expired_keys_are_renewed_and_the_call_goes_on),
        cmocka_unit_test(keys_are_renewed_once_a_call),
        cmocka_unit_test(keys_that_stay_the_same_are_not_sent_again),
        cmocka_unit_test(source_that_fails_ends_the_call_with_its_reason),
        cmocka_unit_test(request_expired_may_be_the_time_or_the_keys),
        cmocka_unit_test(last_attempt_renews_for_the_next_call),
        cmocka_unit_test(other_refusals_leave_the_keys_alone),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
