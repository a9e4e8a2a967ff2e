/* SPDX-License-Identifier: MIT */
/* service: the client against a scripted server and a clock that stands. */

#include "support/script.h"

#include "service/client_impl.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"

static struct fixture f;

static const struct reply ok = {.status = 200,
                                .headers = {{"x-amzn-RequestId", "req-1"}},
                                .body = "{\"channel\":{}}"};
static const struct reply list = {.status = 200,
                                  .body = "{\"channels\":[],\"tags\":{}}"};

/* ---- requests ---- */

static void
request_has_body_path_and_headers(void **state)
{
    (void)state;
    open_script(&f, &ok, 1);
    assert_int_equal(call(&f, "GetChannel", " " ARN), IVS_OK);
    assert_string_equal(f.script.method, "POST");
    assert_string_equal(f.script.url,
                        "https://ivs.us-west-2.amazonaws.com/GetChannel");
    assert_string_equal(f.script.body, ARN);
    assert_string_equal(script_header(&f.script, "host"),
                        "ivs.us-west-2.amazonaws.com");
    assert_string_equal(script_header(&f.script, "content-type"),
                        "application/json");
    assert_string_equal(script_header(&f.script, "x-amz-date"),
                        "20150830T123600Z");
    assert_string_equal(script_header(&f.script, "x-amz-security-token"),
                        SCRIPT_TOKEN);
    assert_string_equal(script_header(&f.script, "amz-sdk-request"),
                        "attempt=1; max=3");
    assert_memory_equal(script_header(&f.script, "user-agent"),
                        "ivs-token/0.1.0 ua/2.1 os/linux#", 32);
    assert_int_equal(strlen(script_header(&f.script, "amz-sdk-invocation-id")),
                     36);
    /* The signatures here and below are botocore 1.43.11's. */
    assert_string_equal(
        script_header(&f.script, "authorization"),
        "AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-west-2/ivs/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        "Signature="
        "a1e43ecc4c5ce1487a29e6fe40e11f47104feaa021b4cd37086bdf6f0fdbbf29");
    assert_int_equal(f.script.connect_timeout_ms, 5000);
    assert_int_equal(f.script.first_byte_timeout_ms, 15000);
    assert_int_equal(f.script.idle_timeout_ms, 10000);
    assert_int_equal(f.script.total_timeout_ms, 30000);
    assert_false(f.script.once);
    assert_int_equal(ivs_result_status(f.result), 200);
    assert_int_equal(ivs_result_attempts(f.result), 1);
    assert_string_equal(ivs_result_request_id(f.result), "req-1");
    assert_string_equal(ivs_result_body(f.result, NULL), "{\"channel\":{}}");
    close_script(&f);
}

static void
user_agent_names_the_application(void **state)
{
    static const char fixed[] = " lang/c#11 cfg/retry-mode#standard";
    ivs_buf plain = IVS_BUF_INIT, named = IVS_BUF_INIT;

    (void)state;
    ivs_user_agent_append(NULL, &plain);
    ivs_user_agent_append("my-app", &named);
    assert_non_null(strstr(plain.data, " os/linux#"));
    assert_non_null(strstr(plain.data, " md/arch#"));
    assert_string_equal(plain.data + plain.len - strlen(fixed), fixed);
    assert_memory_equal(named.data, plain.data, plain.len);
    assert_string_equal(named.data + plain.len, " app/my-app");
    ivs_buf_free(&plain);
    ivs_buf_free(&named);
}

static void
members_go_to_path_and_query(void **state)
{
    (void)state;
    open_script(&f, &list, 1);
    assert_int_equal(call(&f, "UntagResource",
                          "{\"tagKeys\":[\"a b\",\"c&d\",\"é\"],"
                          "\"resourceArn\":\"" CHANNEL "\"}"),
                     IVS_OK);
    assert_string_equal(f.script.method, "DELETE");
    assert_string_equal(
        f.script.url,
        "https://ivs.us-west-2.amazonaws.com/tags/"
        "arn%3Aaws%3Aivs%3Aus-west-2%3A123456789012%3Achannel%2FabcdABCDefgh"
        "?tagKeys=a%20b&tagKeys=c%26d&tagKeys=%C3%A9");
    assert_string_equal(
        script_header(&f.script, "authorization"),
        "AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-west-2/ivs/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
        "48f7d81b32f7ad0620ad0a1bf2091c562a33600bea949792e53ff064fcfd7e16");
    assert_string_equal(f.script.body, "");
    assert_null(script_header(&f.script, "content-type"));
    assert_int_equal(call(&f, "TagResource",
                          "{\"resourceArn\":\"" CHANNEL
                          "\",\"tags\":{\"k\":\"v\"}}"),
                     IVS_OK);
    assert_string_equal(f.script.method, "POST");
    assert_string_equal(f.script.body, "{\"tags\":{\"k\":\"v\"}}");
    assert_int_equal(
        call(&f, "ListTagsForResource", "{\"resourceArn\":\"" CHANNEL "\"}"),
        IVS_OK);
    assert_string_equal(f.script.method, "GET");
    assert_string_equal(f.script.body, "");
    close_script(&f);
}

static void
empty_input_is_an_empty_object(void **state)
{
    (void)state;
    open_script(&f, &list, 1);
    assert_int_equal(call(&f, "ListChannels", ""), IVS_OK);
    assert_string_equal(f.script.body, "{}");
    assert_int_equal(
        ivs_client_call(f.client, "ListChannels", NULL, 0, NULL, NULL), IVS_OK);
    assert_string_equal(f.script.body, "{}");
    close_script(&f);
}

static void
wrong_input_sends_nothing(void **state)
{
    static const struct {
        const char *operation, *input;
        ivs_status status;
    } cases[] = {
        {"GetChanel", ARN, IVS_E_ARG},
        {"GetChannel", "{}", IVS_E_ARG},
        {"GetChannel", "{\"arn\":1}", IVS_E_ARG},
        {"GetChannel", "[]", IVS_E_FORMAT},
        {"GetChannel", "{\"arn\":\"a\",\"arn\":\"a\"}", IVS_E_FORMAT},
        {"GetChannel", "{", IVS_E_FORMAT},
        {"GetChannel", ARN "x", IVS_E_FORMAT},
    };

    (void)state;
    open_script(&f, &ok, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(call(&f, cases[i].operation, cases[i].input),
                         cases[i].status);
        assert_int_equal(f.err.code, cases[i].status);
        assert_null(f.result);
    }
    assert_int_equal(
        ivs_client_call(NULL, "GetChannel", ARN, strlen(ARN), NULL, NULL),
        IVS_E_ARG);
    assert_int_equal(ivs_client_call(f.client, NULL, "", 0, NULL, NULL),
                     IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

static void
endpoint_with_base_path_is_kept(void **state)
{
    ivs_client_options opt;

    (void)state;
    memset(&f, 0, sizeof f);
    f.script.replies = &list;
    f.script.nreplies = 1;
    script_options(&f.script, &opt);
    assert_int_equal(ivs_credentials_static("AKID", SCRIPT_SECRET, NULL,
                                            &f.credentials, NULL),
                     IVS_OK);
    opt.credentials = f.credentials;
    opt.endpoint_url = "http://127.0.0.1:4566/base/";
    opt.connect_timeout_ms = 7;
    opt.total_timeout_ms = 8;
    opt.first_byte_timeout_ms = 9;
    opt.idle_timeout_ms = 10;
    opt.max_attempts = 1;
    assert_int_equal(ivs_client_new(&opt, &f.client, NULL), IVS_OK);
    assert_int_equal(call(&f, "ListChannels", "{}"), IVS_OK);
    assert_string_equal(f.script.url,
                        "http://127.0.0.1:4566/base/ListChannels");
    assert_string_equal(script_header(&f.script, "host"), "127.0.0.1:4566");
    assert_null(script_header(&f.script, "x-amz-security-token"));
    assert_string_equal(script_header(&f.script, "amz-sdk-request"),
                        "attempt=1; max=1");
    assert_int_equal(f.script.connect_timeout_ms, 7);
    assert_int_equal(f.script.total_timeout_ms, 8);
    assert_int_equal(f.script.first_byte_timeout_ms, 9);
    assert_int_equal(f.script.idle_timeout_ms, 10);
    assert_string_equal(ivs_client_region(f.client), "us-west-2");
    assert_non_null(ivs_client_credentials_source(f.client));
    close_script(&f);
}

static void
debug_lines_show_what_was_signed_without_secrets(void **state)
{
    (void)state;
    open_script(&f, &ok, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_non_null(strstr(f.script.log, "canonical request| /GetChannel\n"));
    assert_non_null(strstr(
        f.script.log, "canonical request| x-amz-security-token:[redacted]\n"));
    assert_non_null(strstr(f.script.log, "string to sign| AWS4-HMAC-SHA256\n"));
    assert_non_null(strstr(f.script.log,
                           "string to sign| 20150830/us-west-2/ivs/"
                           "aws4_request\n"));
    assert_non_null(strstr(f.script.log,
                           "request| POST "
                           "https://ivs.us-west-2.amazonaws.com/GetChannel, "
                           "attempt 1 of 3\n"));
    assert_non_null(
        strstr(f.script.log, "answer| 200, 14 bytes, request id req-1\n"));
    close_script(&f);
}

/* ---- calls without an answer ---- */

static const struct reply lost = {.fails = IVS_E_NETWORK};
static const struct reply no_memory = {.fails = IVS_E_NOMEM};
static const struct reply unsent = {.fails = IVS_E_NETWORK, .unsent = true};
static const struct reply refused = {
    .status = 404,
    .headers = {{"x-amzn-ErrorType", "ResourceNotFoundException"}},
    .body = "{}"};

static void
what_may_have_been_carried_out_is_marked(void **state)
{
    const struct reply lost_then_refused[] = {lost, refused};
    const struct {
        const char *name, *operation, *input;
        const struct reply *replies;
        size_t n;
        bool cancel;
        ivs_status status;
        int unanswered;
    } cases[] = {
        {"lost", "CreateChannel", "{}", &lost, 1, false, IVS_E_NETWORK, 1},
        {"no memory for it", "CreateChannel", "{}", &no_memory, 1, false,
         IVS_E_NOMEM, 1},
        {"unsent", "CreateChannel", "{}", &unsent, 1, false, IVS_E_NETWORK, 0},
        {"cancelled", "CreateChannel", "{}", &ok, 1, true, IVS_E_CANCELLED, 1},
        {"refused", "GetChannel", ARN, &refused, 1, false, IVS_E_SERVICE, 0},
        {"lost, then refused", "GetChannel", ARN, lost_then_refused, 2, false,
         IVS_E_SERVICE, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  %s\n", cases[i].name);
        open_script(&f, cases[i].replies, cases[i].n);
        if (cases[i].cancel)
            f.script.cancel_in_send = f.client;
        assert_int_equal(call(&f, cases[i].operation, cases[i].input),
                         cases[i].status);
        assert_int_equal(f.err.unanswered, cases[i].unanswered);
        /* Cancelled before anything is sent. */
        ivs_client_cancel(f.client);
        assert_int_equal(call(&f, cases[i].operation, cases[i].input),
                         IVS_E_CANCELLED);
        assert_int_equal(f.err.unanswered, 0);
        close_script(&f);
    }
}

/* ---- making a client ---- */

static void
bad_options_make_no_client(void **state)
{
    ivs_client *client = NULL;
    ivs_credentials *credentials = NULL;
    ivs_client_options opt;
    ivs_error err;

    (void)state;
    assert_int_equal(
        ivs_credentials_static("AKID", SCRIPT_SECRET, NULL, &credentials, NULL),
        IVS_OK);
#define REFUSED(expected, change)                                              \
    do {                                                                       \
        script_options(&f.script, &opt);                                       \
        opt.credentials = credentials;                                         \
        change;                                                                \
        assert_int_equal(ivs_client_new(&opt, &client, &err), expected);       \
        assert_int_equal(err.code, expected);                                  \
        assert_null(client);                                                   \
    } while (0)
    REFUSED(IVS_E_ARG, opt.size = 0);
    REFUSED(IVS_E_ARG, opt.max_attempts = 11);
    REFUSED(IVS_E_ARG, opt.max_attempts = -1);
    REFUSED(IVS_E_ARG, opt.connect_timeout_ms = -1);
    REFUSED(IVS_E_ARG, opt.first_byte_timeout_ms = -1);
    REFUSED(IVS_E_ARG, opt.idle_timeout_ms = 86400001);
    REFUSED(IVS_E_ARG, opt.total_timeout_ms = INT64_MAX);
    REFUSED(IVS_E_ARG, opt.clock.sleep_ms = NULL);
    REFUSED(IVS_E_CREDENTIALS, opt.region = NULL);
    REFUSED(IVS_E_CREDENTIALS, opt.region = "us west");
    REFUSED(IVS_E_CREDENTIALS, opt.endpoint_url = "http://example.com");
    REFUSED(IVS_E_CREDENTIALS, opt.endpoint_url = "ftp://127.0.0.1");
    REFUSED(IVS_E_CREDENTIALS, opt.credentials = NULL);
    REFUSED(IVS_E_CREDENTIALS,
            (opt.ca_bundle = "/nonexistent/ca.pem", opt.transport.send = NULL));
#undef REFUSED
    assert_int_equal(ivs_client_new(NULL, NULL, &err), IVS_E_ARG);
    ivs_credentials_free(credentials);
    ivs_client_free(NULL);
    ivs_result_free(NULL);
}

static void
clock_beyond_the_calendar_is_an_error(void **state)
{
    (void)state;
    open_script(&f, &ok, 1);
    f.script.now_s = INT64_C(253402300800); /* 10000-01-01 */
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_STATE);
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_has_body_path_and_headers),
        cmocka_unit_test(user_agent_names_the_application),
        cmocka_unit_test(members_go_to_path_and_query),
        cmocka_unit_test(empty_input_is_an_empty_object),
        cmocka_unit_test(wrong_input_sends_nothing),
        cmocka_unit_test(endpoint_with_base_path_is_kept),
        cmocka_unit_test(debug_lines_show_what_was_signed_without_secrets),
        cmocka_unit_test(what_may_have_been_carried_out_is_marked),
        cmocka_unit_test(bad_options_make_no_client),
        cmocka_unit_test(clock_beyond_the_calendar_is_an_error),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
