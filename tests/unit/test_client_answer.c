/* SPDX-License-Identifier: MIT */
/* service: what the client makes of an answer, and what it keeps to itself. */

#include "support/script.h"

#include "service/client_impl.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"

static struct fixture f;

struct answer_case {
    const char *name;
    struct reply reply;
    ivs_status status;
    const char *aws_code;
    const char *message;
};

static const struct answer_case answers[] = {
    {"object", {.status = 200, .body = "{\"channel\":{}}"}, IVS_OK, NULL, NULL},
    {"empty 200",
     {.status = 200},
     IVS_E_SERVICE,
     "",
     "the answer to GetChannel is empty, expected a JSON object"},
    {"empty 204", {.status = 204}, IVS_E_SERVICE, "", "is empty"},
    {"without the channel",
     {.status = 200, .body = "{\"Channel\":{}}"},
     IVS_E_SERVICE,
     "",
     "the answer to GetChannel has no channel, expected an object"},
    {"null for the channel",
     {.status = 200, .body = "{\"channel\":null}"},
     IVS_E_SERVICE,
     "",
     "has no channel"},
    {"text for the channel",
     {.status = 200, .body = "{\"channel\":\"c\"}"},
     IVS_E_SERVICE,
     "",
     "has no channel"},
    {"unknown member beyond int64",
     {.status = 200,
      .body = "{\"channel\":{\"n\":123456789012345678901234567890}}"},
     IVS_OK,
     NULL,
     NULL},
    {"HTML",
     {.status = 200,
      .headers = {{"Content-Type", "text/html"}},
      .body = "<html>"},
     IVS_E_SERVICE,
     "",
     "the server at ivs.us-west-2.amazonaws.com answered 200 with text/html, "
     "not JSON: is that the endpoint?"},
    {"malformed JSON",
     {.status = 200,
      .headers = {{"content-type", "application/json"}},
      .body = "{\"a\":"},
     IVS_E_SERVICE,
     "",
     "its body is not one JSON object"},
    {"array", {.status = 200, .body = "[]"}, IVS_E_SERVICE, "", "not one JSON"},
    {"byte order mark",
     {.status = 200, .body = "\xef\xbb\xbf{}"},
     IVS_E_SERVICE,
     "",
     "not one JSON"},
    {"two objects",
     {.status = 200, .body = "{}{}"},
     IVS_E_SERVICE,
     "",
     "not one JSON"},
    {"NUL behind the object",
     {.status = 200, .body = "{}\0", .body_len = 3},
     IVS_E_SERVICE,
     "",
     "not one JSON"},
    {"other success",
     {.status = 202, .body = "{}"},
     IVS_E_SERVICE,
     "",
     "answered GetChannel with 202, expected 200"},
    {"redirect",
     {.status = 307, .headers = {{"Location", "https://evil.example/"}}},
     IVS_E_SERVICE,
     "",
     "a redirect (307), which is never followed"},
    {"status of no class", {.status = 999}, IVS_E_SERVICE, "", "with 999"},
    {"code in the header",
     {.status = 404,
      .headers = {{"X-Amzn-ErrorType", "ResourceNotFoundException"}},
      .body = "{\"exceptionMessage\":\"no such channel\",\"message\":\"m\"}"},
     IVS_E_SERVICE,
     "ResourceNotFoundException",
     "GetChannel: 404 ResourceNotFoundException: no such channel"},
    {"message of several lines",
     {.status = 403, .body = "{\"code\":\"X\",\"message\":\"one\\ntwo\"}"},
     IVS_E_SERVICE,
     "X",
     "GetChannel: 403 X: one"},
    {"code with a URL behind it",
     {.status = 400,
      .headers = {{"x-amzn-errortype", "ValidationException:http://x/"}}},
     IVS_E_SERVICE,
     "ValidationException",
     "400 ValidationException"},
    {"code with a list behind it",
     {.status = 400, .headers = {{"x-amzn-errortype", "A,B"}}},
     IVS_E_SERVICE,
     "A",
     "400 A"},
    {"code in the body",
     {.status = 402, .body = "{\"code\":\"ServiceQuotaExceededException\"}"},
     IVS_E_SERVICE,
     "ServiceQuotaExceededException",
     "402 ServiceQuotaExceededException"},
    {"code of a namespace in the body",
     {.status = 400,
      .body = "{\"__type\":\"com.amazonaws#ValidationException\","
              "\"Message\":\"bad\"}"},
     IVS_E_SERVICE,
     "ValidationException",
     "ValidationException: bad"},
    {"code with control bytes",
     {.status = 400, .headers = {{"x-amzn-errortype", "A\x1b[31m"}}},
     IVS_E_SERVICE,
     "",
     "answered GetChannel with 400 and no AWS error (no content type)"},
    {"message with control bytes",
     {.status = 400,
      .headers = {{"x-amzn-errortype", "A"}},
      .body = "{\"message\":\"red \\u001b[31m\"}"},
     IVS_E_SERVICE,
     "A",
     "red \\x1b[31m"},
    {"message of another type",
     {.status = 400,
      .headers = {{"x-amzn-errortype", "A"}},
      .body = "{\"message\":{}}"},
     IVS_E_SERVICE,
     "A",
     "GetChannel: 400 A"},
    {"message that repeats the session token",
     {.status = 403,
      .headers = {{"x-amzn-errortype", "A"}},
      .body = "{\"message\":\"x-amz-security-token:" SCRIPT_TOKEN "\"}"},
     IVS_E_SERVICE,
     "A",
     "(not shown: it repeats credentials)"},
    {"message that repeats the secret key",
     {.status = 403,
      .headers = {{"x-amzn-errortype", "A"}},
      .body = "{\"message\":\"" SCRIPT_SECRET "\"}"},
     IVS_E_SERVICE,
     "A",
     "(not shown: it repeats credentials)"},
    {"code that repeats the session token",
     {.status = 403,
      .headers = {{"x-amzn-errortype", SCRIPT_TOKEN}},
      .body = "{\"message\":\"no\"}"},
     IVS_E_SERVICE,
     "",
     "GetChannel: 403 : no"},
    {"code in the body that repeats the secret key",
     {.status = 403, .body = "{\"code\":\"" SCRIPT_SECRET "\"}"},
     IVS_E_SERVICE,
     "",
     "GetChannel with 403 and no AWS error"},
    {"code too long to be one, perhaps the head of a secret",
     {.status = 403,
      .headers =
          {{"x-amzn-errortype",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            "AAAA"}}},
     IVS_E_SERVICE,
     "",
     "GetChannel with 403 and no AWS error"},
    {"content type that repeats the session token",
     {.status = 403, .headers = {{"content-type", SCRIPT_TOKEN}}},
     IVS_E_SERVICE,
     "",
     "GetChannel with 403 and no AWS error (no content type)"},
    {"expired credentials",
     {.status = 403,
      .headers = {{"x-amzn-errortype", "ExpiredTokenException"}}},
     IVS_E_SERVICE,
     "ExpiredTokenException",
     "403 ExpiredTokenException"},
};

static void
answer_decides_status_code_and_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer_case *c = &answers[i];

        print_message("  %s\n", c->name);
        open_script(&f, &c->reply, 1);
        assert_int_equal(call(&f, "GetChannel", ARN), c->status);
        assert_int_equal(f.script.sent, 1);
        if (c->status != IVS_OK) {
            assert_null(f.result);
            assert_int_equal(f.err.code, c->status);
            assert_int_equal(f.err.http_status, c->reply.status);
            assert_string_equal(f.err.aws_code, c->aws_code);
            if (strstr(f.err.message, c->message) == NULL)
                fail_msg("'%s' does not say '%s'", f.err.message, c->message);
        }
        close_script(&f);
    }
}

static void
request_id_is_kept_unless_it_is_odd(void **state)
{
    static const struct reply plain = {
        .status = 400,
        .headers = {{"x-amzn-requestid", "1b2c-3d"},
                    {"x-amzn-errortype", "A"}}};
    static const struct reply odd[] = {
        {.status = 400,
         .headers = {{"x-amzn-requestid", "a\x1b[0m"},
                     {"x-amzn-errortype", "A"}}},
        {.status = 400,
         .headers = {{"x-amzn-requestid", SCRIPT_TOKEN},
                     {"x-amzn-errortype", "A"}}},
        {.status = 400,
         .headers = {{"x-amzn-requestid",
                      "0123456789abcdef0123456789abcdef0123456789abcdef0123456"
                      "789abcdef"},
                     {"x-amzn-errortype", "A"}}},
    };

    (void)state;
    open_script(&f, &plain, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_string_equal(f.err.request_id, "1b2c-3d");
    close_script(&f);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        open_script(&f, &odd[i], 1);
        assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
        assert_string_equal(f.err.request_id, "");
        close_script(&f);
    }
}

static void
answer_beyond_its_cap_is_refused_once(void **state)
{
    size_t len = IVS_ANSWER_BODY_MAX + 1;
    char *big = malloc(len), *value = malloc(IVS_ANSWER_HEADER_MAX + 1);
    struct reply body = {.status = 200, .body = big, .body_len = len};
    struct reply header = {.status = 200, .headers = {{"x", value}}};

    (void)state;
    assert_true(big != NULL && value != NULL);
    memset(big, ' ', len);
    memset(value, 'v', IVS_ANSWER_HEADER_MAX);
    value[IVS_ANSWER_HEADER_MAX] = '\0';
    open_script(&f, &body, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_non_null(strstr(f.err.message, "more than 1024 KiB"));
    assert_int_equal(f.err.unanswered, 1);
    assert_int_equal(f.script.sent, 1);
    close_script(&f);
    open_script(&f, &header, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 1);
    close_script(&f);
    /* One byte less is only malformed. */
    body.body_len = IVS_ANSWER_BODY_MAX;
    memcpy(big, "{\"channel\":{}", 13);
    big[IVS_ANSWER_BODY_MAX - 1] = '}';
    open_script(&f, &body, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    close_script(&f);
    free(value);
    free(big);
}

/* The operations that are documented to answer without a body; of the others
 * an empty answer tells nothing. */
static void
empty_answer_counts_where_it_is_documented(void **state)
{
    static const char *const empty[] = {
        "DeleteAdConfiguration",
        "DeleteChannel",
        "DeletePlaybackKeyPair",
        "DeletePlaybackRestrictionPolicy",
        "DeleteRecordingConfiguration",
        "DeleteStreamKey",
        "PutMetadata",
        "StartViewerSessionRevocation",
        "StopStream",
        "TagResource",
        "UntagResource",
    };
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < ivs_operation_count(); i++) {
        const ivs_operation *op = ivs_operation_find(ivs_operation_name(i));
        json_t *object = json_object();
        ivs_error err;

        if (ivs_operation_check_answer(op, NULL, &err) == IVS_OK)
            assert_string_equal(op->name, empty[n++]);
        else
            assert_non_null(strstr(err.message, op->name));
        assert_int_equal(ivs_operation_check_answer(op, object, NULL),
                         op->result == NULL ? IVS_OK : IVS_E_SERVICE);
        json_decref(object);
    }
    assert_int_equal(n, sizeof empty / sizeof *empty);
}

static void
page_needs_its_list(void **state)
{
    static const struct reply replies[] = {
        {.status = 200, .body = "{\"channels\":{}}"},
        {.status = 200, .body = "{\"channels\":[]}"},
    };

    (void)state;
    open_script(&f, replies, 2);
    assert_int_equal(call(&f, "ListChannels", "{}"), IVS_E_SERVICE);
    assert_string_equal(f.err.member, "channels");
    assert_non_null(strstr(f.err.message,
                           "the answer to ListChannels has no array channels"));
    assert_int_equal(call(&f, "ListChannels", "{}"), IVS_OK);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_decides_status_code_and_message),
        cmocka_unit_test(empty_answer_counts_where_it_is_documented),
        cmocka_unit_test(page_needs_its_list),
        cmocka_unit_test(request_id_is_kept_unless_it_is_odd),
        cmocka_unit_test(answer_beyond_its_cap_is_refused_once),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
