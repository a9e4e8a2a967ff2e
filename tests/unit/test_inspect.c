/* SPDX-License-Identifier: MIT */
/* inspect: explains anything, vouches for nothing. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include "support/judge.h"

#define PAYLOAD                                                                \
    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"aws:viewer-id\":\"v\","      \
    "\"exp\":1700000060}"

static json_t *
inspect(const char *token, size_t len)
{
    char *text = NULL;
    json_t *report;

    assert_int_equal(ivs_token_inspect(token, len, FORGE_NOW, &text, NULL),
                     IVS_OK);
    report = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(report))
        fail_msg("%s", text);
    ivs_free(text);
    assert_int_equal(json_object_size(report), 5);
    assert_true(json_is_false(json_object_get(report, "verified")));
    assert_true(json_is_array(json_object_get(report, "findings")));
    return report;
}

static void
expect_codes(const char *name, const char *token, size_t len,
             const char *expected)
{
    json_t *report = inspect(token, len), *f;
    char codes[1024] = "";
    size_t i;

    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        strcat(codes, i > 0 ? " " : "");
        strcat(codes, json_string_value(json_object_get(f, "code")));
        assert_int_equal(json_object_size(f), 4);
    }
    if (strcmp(codes, expected) != 0)
        fail_msg("%s: %s", name, codes);
    json_decref(report);
}

static void
good_token_is_shown_and_not_vouched_for(void **state)
{
    char *token = forge_token(judge_key, FORGE_HEADER, PAYLOAD);
    json_t *report = inspect(token, strlen(token)), *part;

    (void)state;
    part = json_object_get(report, "header");
    assert_string_equal(json_string_value(json_object_get(part, "alg")),
                        "ES384");
    part = json_object_get(report, "claims");
    assert_string_equal(
        json_string_value(json_object_get(part, "aws:channel-arn")),
        FORGE_CHANNEL);
    assert_int_equal(json_integer_value(json_object_get(part, "exp")),
                     1700000060);
    part = json_object_get(report, "signature");
    assert_int_equal(json_integer_value(json_object_get(part, "bytes")), 96);
    assert_string_equal(json_string_value(json_object_get(part, "form")),
                        "p1363");
    assert_int_equal(json_array_size(json_object_get(report, "findings")), 0);
    json_decref(report);
    free(token);
}

static void
envelope_is_explained(void **state)
{
    static const struct {
        const char *name, *header, *codes;
    } rows[] = {
        {"good", FORGE_HEADER, ""},
        {"alg none", "{\"alg\":\"none\"}", "alg"},
        {"no alg, another typ", "{\"typ\":\"JOSE\"}", "alg typ"},
        {"zip", "{\"alg\":\"ES384\",\"zip\":\"DEF\"}", "header_member"},
        {"hints", "{\"alg\":\"ES384\",\"kid\":\"a\",\"jwk\":{}}",
         "kid_ignored kid_ignored"},
        {"not JSON", "{", "header_json"},
        {"duplicate", "{\"alg\":\"ES384\",\"alg\":\"ES384\"}", "header_json"},
        {"array", "[]", "header_json"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_token(judge_key, rows[i].header, PAYLOAD);

        expect_codes(rows[i].name, token, strlen(token), rows[i].codes);
        free(token);
    }
}

static void
envelope_comes_before_claims(void **state)
{
    char *token = forge_token(judge_key, "{\"alg\":\"HS384\"}", "{}");

    (void)state;
    expect_codes("both", token, strlen(token),
                 "alg channel_arn no_viewer_id exp_missing");
    free(token);
}

static void
what_people_get_wrong_is_named(void **state)
{
#define CH "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\""
#define ID ",\"aws:viewer-id\":\"v\""
    static const struct {
        const char *name, *payload, *codes;
    } rows[] = {
        {"milliseconds in exp", CH ",\"exp\":1700000060000}",
         "no_viewer_id exp_milliseconds"},
        {"milliseconds in exp with a viewer id",
         CH ID ",\"exp\":1700000060000}", "exp_milliseconds exp_too_far"},
        {"viewer id without the 10-minute rule", CH ID ",\"exp\":1700000601}",
         "exp_too_far"},
        {"single use without the 10-minute rule",
         CH ID ",\"aws:single-use-uuid\":\"" FORGE_UUID
               "\",\"exp\":1700003600}",
         "exp_too_far"},
        {"version as a string",
         CH ID ",\"aws:viewer-session-version\":\"1\",\"exp\":1700000060}",
         "version_string"},
        {"origin with a path",
         CH ID ",\"aws:access-control-allow-origin\":"
               "\"https://example.com/watch\",\"exp\":1700000060}",
         "origin_malformed"},
        {"origin with a slash",
         CH ID ",\"aws:access-control-allow-origin\":"
               "\"https://example.com/\",\"exp\":1700000060}",
         "origin_malformed"},
        {"no viewer id", CH ",\"exp\":1700000060}", "no_viewer_id"},
        {"lifetime longer than needed", CH ",\"exp\":1700086400}",
         "no_viewer_id long_life"},
        {"float of time.time()", CH ID ",\"exp\":1700000060.25}", "exp_float"},
        {"nothing wrong", CH ID ",\"exp\":1700000300}", ""},
    };
#undef CH
#undef ID

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_token(judge_key, FORGE_HEADER, rows[i].payload);

        expect_codes(rows[i].name, token, strlen(token), rows[i].codes);
        free(token);
    }
}

static void
members_that_are_not_ours_are_shown(void **state)
{
    static const char payload[] =
        "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060,"
        "\"aws:viewer-id\":\"v\",\"sub\":\"me\",\"aws:new\":[1],"
        "\"n\":9223372036854775808}";
    char *token = forge_token(judge_key, FORGE_HEADER, payload);
    json_t *report = inspect(token, strlen(token));
    const json_t *claims = json_object_get(report, "claims"), *list;

    (void)state;
    assert_int_equal(json_object_size(claims), 6);
    assert_string_equal(json_string_value(json_object_get(claims, "sub")),
                        "me");
    list = json_object_get(claims, "aws:new");
    assert_int_equal(json_integer_value(json_array_get(list, 0)), 1);
    assert_true(json_number_value(json_object_get(claims, "n")) ==
                9223372036854775808.0);
    expect_codes(payload, token, strlen(token),
                 "json_number unknown_aws_member");
    json_decref(report);
    free(token);
}

static void
signature_is_explained(void **state)
{
    static const uint8_t zero[96], der[8] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    static const struct {
        const char *name;
        const uint8_t *bytes;
        size_t len;
        const char *form, *code;
    } rows[] = {
        {"none", zero, 0, "unknown", "signature_length"},
        {"64 bytes", zero, 64, "unknown", "signature_length"},
        {"zero", zero, 96, "p1363", "signature_range"},
        {"DER", der, 8, "der", "signature_der"},
        {"DER, cut", der, 7, "unknown", "signature_length"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), PAYLOAD,
                                 strlen(PAYLOAD), rows[i].bytes, rows[i].len);
        json_t *report = inspect(token, strlen(token)), *part;

        part = json_object_get(report, "signature");
        assert_int_equal(json_integer_value(json_object_get(part, "bytes")),
                         rows[i].len);
        assert_string_equal(json_string_value(json_object_get(part, "form")),
                            rows[i].form);
        json_decref(report);
        expect_codes(rows[i].name, token, strlen(token), rows[i].code);
        free(token);
    }
}

static void
garbage_is_explained_too(void **state)
{
    static const struct {
        const char *name, *text, *codes;
    } rows[] = {
        {"empty", "", "segments header_json"},
        {"dots", "..", "header_json signature_length json"},
        {"many dots", ".....", "segments header_json signature_length json"},
        {"text", "hello world", "segments base64url"},
        {"newline", "\n", "segments base64url"},
        {"bytes", "\x01\x80\xff.\xfe.\x02", "base64url base64url base64url"},
        {"header alone", "e30", "segments alg"},
        {"a playback URL",
         "https://x.us-west-2.playback.live-video.net/api/video/v1/"
         "us-west-2.1.channel.a.m3u8?token=e30.e30.AA",
         "segments"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_codes(rows[i].name, rows[i].text, strlen(rows[i].text),
                     rows[i].codes);
}

static void
only_the_beginning_of_a_long_text_is_looked_at(void **state)
{
    char *token = forge_token(judge_key, FORGE_HEADER, PAYLOAD);
    size_t len = 10u << 20;
    char *text = malloc(len);
    json_t *report;

    (void)state;
    assert_non_null(text);
    memset(text, 'A', len);
    memcpy(text, token, strlen(token));
    report = inspect(text, len);
    assert_true(json_is_object(json_object_get(report, "header")));
    assert_true(json_is_object(json_object_get(report, "claims")));
    json_decref(report);
    expect_codes("good start", text, len, "too_long token_over_2kb");
    memset(text, '.', len);
    expect_codes("dots", text, len,
                 "too_long header_json signature_length json");
    memset(text, '\0', len);
    expect_codes("NULs", text, len, "too_long");
    free(text);
    free(token);
}

static void
bad_arguments_are_refused(void **state)
{
    char *text = NULL;
    ivs_error err = {0};

    (void)state;
    assert_int_equal(ivs_token_inspect(NULL, 0, 0, &text, &err), IVS_E_ARG);
    assert_int_equal(err.code, IVS_E_ARG);
    assert_int_equal(ivs_token_inspect("", 0, 0, NULL, NULL), IVS_E_ARG);
    assert_null(text);
}

/* The texts of the times are those of date -u. */
static void
times_are_said_in_words_and_numbers(void **state)
{
#define CLAIMS(rest) "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\"," rest "}"
    static const struct {
        const char *payload, *message;
    } rows[] = {
        {CLAIMS("\"exp\":1699999999"),
         "the token expired at 2023-11-14T22:13:19Z (1699999999); now is "
         "2023-11-14T22:13:20Z (1700000000)"},
        {CLAIMS("\"exp\":1700000060,\"iat\":1700000001"),
         "iat 2023-11-14T22:13:21Z (1700000001) is after now, "
         "2023-11-14T22:13:20Z (1700000000)"},
        {CLAIMS("\"exp\":1700000060000"),
         "exp 1700000060000 reads as milliseconds; taken as seconds, as it "
         "is, the token practically never expires; expected "
         "2023-11-14T22:14:20Z (1700000060)"},
    };
#undef CLAIMS

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;

        assert_int_equal(ivs_claims_lint(rows[i].payload,
                                         strlen(rows[i].payload), FORGE_NOW,
                                         &text, NULL),
                         IVS_OK);
        if (strstr(text, rows[i].message) == NULL)
            fail_msg("%s", text);
        ivs_free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_token_is_shown_and_not_vouched_for),
        cmocka_unit_test(envelope_is_explained),
        cmocka_unit_test(envelope_comes_before_claims),
        cmocka_unit_test(what_people_get_wrong_is_named),
        cmocka_unit_test(members_that_are_not_ours_are_shown),
        cmocka_unit_test(signature_is_explained),
        cmocka_unit_test(garbage_is_explained_too),
        cmocka_unit_test(only_the_beginning_of_a_long_text_is_looked_at),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(times_are_said_in_words_and_numbers),
    };

    return cmocka_run_group_tests(tests, judge_with_default_engine,
                                  judge_drop_key);
}
