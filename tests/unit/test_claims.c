/* SPDX-License-Identifier: MIT */
/* claims: reading, writing, releasing, and what lint says beyond the rules of
 * test_rules.c. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include <ivs/token.h>

#include "support/forge.h"

#define CH "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\""

static ivs_claims *
parse(const char *text)
{
    ivs_claims *c = NULL;
    ivs_error err = {0};

    if (ivs_claims_parse(text, strlen(text), &c, &err) != IVS_OK)
        fail_msg("%s: %s", text, err.message);
    return c;
}

static void
init_sets_every_member_to_absent(void **state)
{
    ivs_claims c;

    (void)state;
    memset(&c, 0xff, sizeof c);
    ivs_claims_init(&c, sizeof c);
    assert_int_equal(c.size, sizeof c);
    assert_null(c.channel_arn);
    assert_null(c.viewer_id);
    assert_false(c.has_viewer_session_version);
    assert_null(c.origins);
    assert_int_equal(c.norigins, 0);
    assert_int_equal(c.maximum_resolution, IVS_RESOLUTION_ANY);
    assert_null(c.extra_json);
}

static void
every_claim_is_read(void **state)
{
    ivs_claims *c = parse(
        "{\"exp\":1,\"x\":{\"y\":[null,true]},\"aws:viewer-session-version\":0,"
        "\"aws:maximum-resolution\":\"SD\",\"aws:viewer-id\":\"\\u00e9\","
        "\"aws:single-use-uuid\":\"" FORGE_UUID "\","
        "\"aws:strict-origin-enforcement\":false,"
        "\"aws:access-control-allow-origin\":\"  *  , https://a.b \","
        "\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"q\\\"\":1}");

    (void)state;
    assert_string_equal(c->channel_arn, FORGE_CHANNEL);
    assert_string_equal(c->viewer_id, "\xc3\xa9");
    assert_true(c->has_viewer_session_version);
    assert_int_equal(c->viewer_session_version, 0);
    assert_int_equal(c->maximum_resolution, IVS_RESOLUTION_SD);
    assert_string_equal(c->single_use_uuid, FORGE_UUID);
    assert_false(c->strict_origin_enforcement);
    assert_int_equal(c->norigins, 2);
    assert_string_equal(c->origins[0], "*");
    assert_string_equal(c->origins[1], "https://a.b");
    assert_int_equal(c->expires_at_s, 1);
    assert_int_equal(c->ttl_s, 0);
    assert_string_equal(c->extra_json,
                        "{\"x\":{\"y\":[null,true]},\"q\\\"\":1}");
    ivs_claims_free(c);
    c = parse(CH "}");
    assert_int_equal(c->expires_at_s, 0);
    assert_int_equal(c->norigins, 0);
    assert_null(c->extra_json);
    ivs_claims_free(c);
    ivs_claims_free(NULL);
}

static void
what_is_read_is_written_back(void **state)
{
    static const char text[] =
        CH ",\"aws:access-control-allow-origin\":\"https://a.b,*\","
           "\"aws:strict-origin-enforcement\":true,"
           "\"aws:single-use-uuid\":\"" FORGE_UUID "\","
           "\"aws:viewer-id\":\"v\",\"aws:viewer-session-version\":4,"
           "\"aws:maximum-resolution\":\"HD\",\"jti\":\"j\","
           "\"exp\":1700000060}";
    ivs_claims *c = parse(text);
    char *out = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(ivs_claims_encode(c, FORGE_NOW, &out, &len, NULL), IVS_OK);
    assert_string_equal(out, text);
    assert_int_equal(len, sizeof text - 1);
    ivs_free(out);
    assert_int_equal(ivs_claims_encode(c, FORGE_NOW, &out, NULL, NULL), IVS_OK);
    ivs_free(out);
    ivs_claims_free(c);
}

static void
failure_says_why_and_leaves_the_output_untouched(void **state)
{
    static const struct {
        const char *name, *text;
        ivs_reject_reason reason;
        const char *member;
    } rows[] = {
        {"not JSON", "{", IVS_REJECT_JSON, ""},
        {"array", "[]", IVS_REJECT_JSON, ""},
        {"no UTF-8", "{\"\xff\":1}", IVS_REJECT_UTF8, ""},
        {"no channel", "{}", IVS_REJECT_CHANNEL_ARN, "aws:channel-arn"},
        {"second claim bad", CH ",\"aws:viewer-id\":1}", IVS_REJECT_VIEWER_ID,
         "aws:viewer-id"},
        {"last claim bad", CH ",\"a\":1,\"exp\":\"1\"}", IVS_REJECT_EXP_TYPE,
         "exp"},
        {"service would take it", CH ",\"exp\":1.5}", IVS_REJECT_EXP_TYPE,
         "exp"},
        {"second origin bad",
         CH ",\"aws:access-control-allow-origin\":\"*,b\"}",
         IVS_REJECT_ORIGIN_LIST, "aws:access-control-allow-origin"},
    };
    char mark, *out = &mark;
    ivs_claims *c = (ivs_claims *)(void *)&mark;
    static char large[IVS_TOKEN_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_error err = {0};

        if (ivs_claims_parse(rows[i].text, strlen(rows[i].text), &c, &err) !=
                IVS_E_TOKEN ||
            err.reason != rows[i].reason || err.code != IVS_E_TOKEN ||
            strcmp(err.member, rows[i].member) != 0)
            fail_msg("%s: %s %s", rows[i].name, err.member, err.message);
        assert_ptr_equal(c, &mark);
    }
    assert_int_equal(ivs_claims_parse(large, sizeof large, &c, NULL),
                     IVS_E_TOKEN);
    assert_int_equal(ivs_claims_parse(NULL, 0, &c, NULL), IVS_E_ARG);
    assert_int_equal(ivs_claims_parse("{}", 2, NULL, NULL), IVS_E_ARG);
    assert_int_equal(ivs_claims_encode(NULL, 0, &out, NULL, NULL), IVS_E_ARG);
    assert_int_equal(ivs_claims_lint(NULL, 0, 0, &out, NULL), IVS_E_ARG);
    assert_int_equal(ivs_claims_lint("{}", 2, 0, NULL, NULL), IVS_E_ARG);
    assert_ptr_equal(out, &mark);
}

/* ---- lint ---- */

static void
expect_lint(const char *name, const char *payload, size_t len,
            const char *expected)
{
    json_t *findings, *f;
    char codes[512] = "", *text = NULL;
    size_t i;

    assert_int_equal(ivs_claims_lint(payload, len, FORGE_NOW, &text, NULL),
                     IVS_OK);
    findings = json_loads(text, 0, NULL);
    if (!json_is_array(findings))
        fail_msg("%s: %s", name, text);
    json_array_foreach(findings, i, f)
    {
        strcat(codes, i > 0 ? " " : "");
        strcat(codes, json_string_value(json_object_get(f, "code")));
    }
    if (strcmp(codes, expected) != 0)
        fail_msg("%s: %s", name, text);
    json_decref(findings);
    ivs_free(text);
}

static void
lint_says_all_there_is_to_say_and_no_more(void **state)
{
    static const struct {
        const char *name, *payload, *codes;
    } rows[] = {
        {"nothing to say",
         CH ",\"aws:viewer-id\":\"v\",\"exp\":1700000060,\"jti\":\"j\"}", ""},
        {"the sample of AWS", CH ",\"exp\":1700000060000}",
         "no_viewer_id exp_milliseconds"},
        {"everything wrong",
         "{\"aws:channel-arn\":1,\"aws:viewer-id\":\"\","
         "\"aws:viewer-session-version\":\"9999999999\","
         "\"aws:single-use-uuid\":\"x\",\"aws:maximum-resolution\":\"4K\","
         "\"aws:access-control-allow-origin\":\"a,*,b,*,c,*\","
         "\"aws:strict-origin-enforcement\":true,\"exp\":1600000000.5,"
         "\"nbf\":1800000000,\"iat\":\"x\",\"aws:Viewer-Id\":1}",
         "channel_arn viewer_id version_string single_use_uuid resolution "
         "origin_malformed origin_malformed origin_malformed "
         "strict_too_many_origins exp_float version_not_revocable expired "
         "nbf_future iat_type unknown_aws_member"},
        {"empty object", "{}", "channel_arn no_viewer_id exp_missing"},
        {"big integer",
         CH ",\"aws:viewer-id\":\"v\",\"exp\":1700000060,"
            "\"n\":99999999999999999999}",
         "json_number"},
        {"beyond double too", CH ",\"n\":1e999}", "json_number"},
        {"no JSON", "exp", "json"},
        {"deep", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "json_depth"},
        {"no UTF-8", "\xc0\x80", "utf8"},
        {"duplicate", "{\"a\":1,\"a\":1}", "json_duplicate"},
        {"array", "[]", "json"},
        {"empty", "", "json"},
    };
    static char large[IVS_TOKEN_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_lint(rows[i].name, rows[i].payload, strlen(rows[i].payload),
                    rows[i].codes);
    expect_lint("too long", large, sizeof large, "too_long");
}

static void
lint_counts_the_bytes_of_the_whole_token(void **state)
{
    static const char open[] =
        CH ",\"aws:viewer-id\":\"v\",\"exp\":1700000060}";
    char payload[1500];

    (void)state;
    memset(payload, ' ', sizeof payload);
    memcpy(payload, open, sizeof open - 1);
    /* 36 + 1 + 1882 + 1 + 128 = 2048; the next payload takes 2050 */
    expect_lint("2048 bytes", payload, 1411, "");
    expect_lint("over 2 KB", payload, 1413, "token_over_2kb");
}

/* The table of verification's last check stands in test_verify.c; what matters
 * here is that an expired token's claims can be asked, too. */
static void
origin_is_checked_by_itself(void **state)
{
    static const char open[] = CH ",\"exp\":1}";
    static const char strict[] =
        CH ",\"aws:access-control-allow-origin\":\"https://*.example.com\","
           "\"aws:strict-origin-enforcement\":true,\"exp\":1}";
    ivs_claims *claims = NULL, none = {0};
    ivs_error err = {0};

    (void)state;
    assert_int_equal(ivs_claims_parse(open, sizeof open - 1, &claims, NULL),
                     IVS_OK);
    assert_int_equal(ivs_claims_check_origin(claims, NULL, NULL), IVS_OK);
    assert_int_equal(ivs_claims_check_origin(claims, "https://a.org", NULL),
                     IVS_OK);
    ivs_claims_free(claims);
    assert_int_equal(ivs_claims_parse(strict, sizeof strict - 1, &claims, NULL),
                     IVS_OK);
    assert_int_equal(
        ivs_claims_check_origin(claims, "https://www.example.com", NULL),
        IVS_OK);
    assert_int_equal(
        ivs_claims_check_origin(claims, "https://example.com", &err),
        IVS_E_TOKEN);
    assert_int_equal(err.reason, IVS_REJECT_ORIGIN_MISMATCH);
    assert_int_equal(ivs_claims_check_origin(claims, NULL, &err), IVS_E_TOKEN);
    assert_int_equal(err.reason, IVS_REJECT_ORIGIN_MISSING);
    assert_int_equal(ivs_claims_check_origin(claims, "", &err), IVS_E_TOKEN);
    ivs_claims_free(claims);
    assert_int_equal(ivs_claims_check_origin(NULL, NULL, &err), IVS_E_ARG);
    assert_int_equal(ivs_claims_check_origin(&none, NULL, &err), IVS_E_ARG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_sets_every_member_to_absent),
        cmocka_unit_test(every_claim_is_read),
        cmocka_unit_test(what_is_read_is_written_back),
        cmocka_unit_test(failure_says_why_and_leaves_the_output_untouched),
        cmocka_unit_test(lint_says_all_there_is_to_say_and_no_more),
        cmocka_unit_test(lint_counts_the_bytes_of_the_whole_token),
        cmocka_unit_test(origin_is_checked_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
