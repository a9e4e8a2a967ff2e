/* SPDX-License-Identifier: MIT */
/* The rules on claims, one row a case: what verify says, what the edge (verify
 * like the service) says, and what lint says. Mint's column is in test_mint.c.
 * Every row also proves that lint reports an error where, and only where,
 * verify refuses. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include "support/judge.h"

#define CH   "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\""
#define EXP  ",\"exp\":1700000060"
#define ID   ",\"aws:viewer-id\":\"v\""
#define UUID ",\"aws:single-use-uuid\":\"" FORGE_UUID "\""
#define VER  ",\"aws:viewer-session-version\":"
#define ORG  ",\"aws:access-control-allow-origin\":"
#define ON   ",\"aws:strict-origin-enforcement\":true"
#define E    "https://example.com"
#define FORTY                                                                  \
    "0123456789012345678901234567890123456"                                    \
    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"

struct row {
    const char *name, *payload;
    ivs_reject_reason verify, edge;
    const char *lint; /* a code that is said, or "-x" for one that is not */
};

#define BOTH(reason) IVS_REJECT_##reason, IVS_REJECT_##reason
#define GOOD         BOTH(NONE)
#define NONE         IVS_REJECT_NONE

static const struct row rows[] = {
    {"bare minimum", CH EXP "}", GOOD, "no_viewer_id"},
    {"every claim",
     CH EXP ID UUID VER "3" ORG "\"" E "\"" ON
                        ",\"aws:maximum-resolution\":\"FULL_HD\"}",
     GOOD, "-no_viewer_id"},

    {"no channel", "{\"exp\":1700000060}", BOTH(CHANNEL_ARN), "channel_arn"},
    {"channel of another type", "{\"aws:channel-arn\":5" EXP "}",
     BOTH(CHANNEL_ARN), "channel_arn"},
    {"channel null", "{\"aws:channel-arn\":null" EXP "}", BOTH(CHANNEL_ARN),
     "channel_arn"},
    {"channel off the pattern",
     "{\"aws:channel-arn\":\"arn:aws:ivs:us-west-2:1:channel/a_b\"" EXP "}",
     BOTH(CHANNEL_ARN), "channel_arn"},
    {"channel with a newline",
     "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\\n\"" EXP "}", BOTH(CHANNEL_ARN),
     "channel_arn"},
    {"channel over 128 bytes",
     "{\"aws:channel-arn\":\"arn:aws:ivs:us-west-2:1:channel/"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aa"
     "aaaaaaaaaaaaaaaaaaaaaaaaa\"" EXP "}",
     BOTH(CHANNEL_ARN), "channel_arn"},
    {"another kind of resource",
     "{\"aws:channel-arn\":\"arn:aws:ivs:us-west-2:1:playback-key/a\"" EXP "}",
     BOTH(CHANNEL_ARN), "channel_arn"},
    {"token for a stage",
     "{\"resource\":\"arn:aws:ivs:us-west-2:1:stage/a\"" EXP "}",
     BOTH(CHANNEL_ARN), "channel_arn"},

    {"exp missing", CH "}", BOTH(EXP_MISSING), "exp_missing"},
    {"exp past", CH ",\"exp\":1699999999}", BOTH(EXPIRED), "expired"},
    {"exp now", CH ",\"exp\":1700000000}", BOTH(EXPIRED), "expired"},
    {"exp in a second", CH ",\"exp\":1700000001}", GOOD, "-expired"},
    {"exp 0", CH ",\"exp\":0}", BOTH(EXPIRED), "expired"},
    {"exp negative", CH ",\"exp\":-1700000060}", BOTH(EXPIRED), "expired"},
    {"exp a string", CH ",\"exp\":\"1700000060\"}", BOTH(EXP_TYPE), "exp_type"},
    {"exp null", CH ",\"exp\":null}", BOTH(EXP_TYPE), "exp_type"},
    {"exp a float", CH ",\"exp\":1700000060.25}", IVS_REJECT_EXP_TYPE, NONE,
     "exp_float"},
    {"exp a whole float", CH ",\"exp\":1700000060.0}", IVS_REJECT_EXP_TYPE,
     NONE, "exp_float"},
    {"exp a past float", CH ",\"exp\":1699999999.9}", IVS_REJECT_EXP_TYPE,
     IVS_REJECT_EXPIRED, "exp_float"},
    {"exp a huge float", CH ",\"exp\":1e300}", IVS_REJECT_EXP_TYPE, NONE,
     "exp_milliseconds"},
    {"exp a huge negative float", CH ",\"exp\":-1e300}", IVS_REJECT_EXP_TYPE,
     IVS_REJECT_EXPIRED, "expired"},
    {"exp beyond int64", CH ",\"exp\":9223372036854775808}",
     IVS_REJECT_JSON_NUMBER, NONE, "json_number"},
    {"exp in milliseconds", CH ",\"exp\":1700000060000}", GOOD,
     "exp_milliseconds"},
    {"exp the last that is no milliseconds", CH ",\"exp\":100000000000}", GOOD,
     "-exp_milliseconds"},
    {"exp the largest", CH ",\"exp\":9223372036854775807}", GOOD,
     "exp_milliseconds"},
    {"exp in milliseconds with a viewer id", CH ID ",\"exp\":1700000060000}",
     BOTH(EXP_TOO_FAR), "exp_too_far"},
    {"exp in milliseconds with a uuid", CH UUID ",\"exp\":1700000060000}",
     BOTH(EXP_TOO_FAR), "exp_milliseconds"},
    {"exp 600 s ahead with a viewer id", CH ID ",\"exp\":1700000600}", GOOD,
     "clock_skew_margin"},
    {"exp 590 s ahead with a viewer id", CH ID ",\"exp\":1700000590}", GOOD,
     "-clock_skew_margin"},
    {"exp 601 s ahead with a viewer id", CH ID ",\"exp\":1700000601}",
     BOTH(EXP_TOO_FAR), "exp_too_far"},
    {"exp 601 s ahead with a uuid", CH UUID ",\"exp\":1700000601}",
     BOTH(EXP_TOO_FAR), "exp_too_far"},
    {"exp an hour ahead without either", CH ",\"exp\":1700003600}", GOOD,
     "-long_life"},
    {"exp over an hour ahead without either", CH ",\"exp\":1700003601}", GOOD,
     "long_life"},

    {"viewer id empty", CH EXP ",\"aws:viewer-id\":\"\"}", BOTH(VIEWER_ID),
     "viewer_id"},
    {"viewer id of 40 characters", CH EXP ",\"aws:viewer-id\":\"" FORTY "\"}",
     GOOD, "-viewer_id"},
    {"viewer id of 41 characters", CH EXP ",\"aws:viewer-id\":\"" FORTY "x\"}",
     BOTH(VIEWER_ID), "viewer_id"},
    {"viewer id a number", CH EXP ",\"aws:viewer-id\":7}", BOTH(VIEWER_ID),
     "viewer_id"},
    {"viewer id null", CH EXP ",\"aws:viewer-id\":null}", BOTH(VIEWER_ID),
     "viewer_id"},

    {"version 0", CH EXP ID VER "0}", GOOD, "-viewer_session_version"},
    {"version negative", CH EXP ID VER "-1}", BOTH(VIEWER_VERSION),
     "viewer_session_version"},
    {"version a float", CH EXP ID VER "1.0}", BOTH(VIEWER_VERSION),
     "viewer_session_version"},
    {"version a boolean", CH EXP ID VER "true}", BOTH(VIEWER_VERSION),
     "viewer_session_version"},
    {"version beyond int64", CH EXP ID VER "9223372036854775808}",
     IVS_REJECT_JSON_NUMBER, IVS_REJECT_VIEWER_VERSION, "json_number"},
    {"version the largest", CH EXP ID VER "9223372036854775807}", GOOD,
     "version_not_revocable"},
    {"version of the API's int32", CH EXP ID VER "2147483647}", GOOD,
     "-version_not_revocable"},
    {"version beyond the API's int32", CH EXP ID VER "2147483648}", GOOD,
     "version_not_revocable"},
    {"version quoted", CH EXP ID VER "\"12\"}", IVS_REJECT_VIEWER_VERSION, NONE,
     "version_string"},
    {"version quoted, the largest", CH EXP ID VER "\"9223372036854775807\"}",
     IVS_REJECT_VIEWER_VERSION, NONE, "version_not_revocable"},
    {"version quoted beyond int64", CH EXP ID VER "\"9223372036854775808\"}",
     BOTH(VIEWER_VERSION), "viewer_session_version"},
    {"version quoted with a sign", CH EXP ID VER "\"-1\"}",
     BOTH(VIEWER_VERSION), "viewer_session_version"},
    {"version quoted and empty", CH EXP ID VER "\"\"}", BOTH(VIEWER_VERSION),
     "viewer_session_version"},
    {"version quoted text", CH EXP ID VER "\"1x\"}", BOTH(VIEWER_VERSION),
     "viewer_session_version"},
    {"version without viewer id", CH EXP VER "1}", GOOD,
     "version_without_viewer_id"},

    {"uuid in upper case",
     CH EXP
     ",\"aws:single-use-uuid\":\"123E4567-E89B-42D3-A456-426614174000\"}",
     GOOD, "-single_use_uuid"},
    {"uuid without dashes",
     CH EXP ",\"aws:single-use-uuid\":\"123e4567e89b42d3a456426614174000\"}",
     BOTH(SINGLE_USE_UUID), "single_use_uuid"},
    {"uuid in braces", CH EXP ",\"aws:single-use-uuid\":\"{" FORGE_UUID "}\"}",
     BOTH(SINGLE_USE_UUID), "single_use_uuid"},
    {"uuid with a letter beyond f",
     CH EXP
     ",\"aws:single-use-uuid\":\"123e4567-e89b-42d3-a456-42661417400g\"}",
     BOTH(SINGLE_USE_UUID), "single_use_uuid"},
    {"uuid empty", CH EXP ",\"aws:single-use-uuid\":\"\"}",
     BOTH(SINGLE_USE_UUID), "single_use_uuid"},
    {"uuid true", CH EXP ",\"aws:single-use-uuid\":true}",
     BOTH(SINGLE_USE_UUID), "single_use_uuid"},

    {"resolution SD", CH EXP ",\"aws:maximum-resolution\":\"SD\"}", GOOD,
     "-resolution"},
    {"resolution in lower case", CH EXP ",\"aws:maximum-resolution\":\"hd\"}",
     BOTH(RESOLUTION), "resolution"},
    {"resolution unknown", CH EXP ",\"aws:maximum-resolution\":\"1080p\"}",
     BOTH(RESOLUTION), "resolution"},
    {"resolution a number", CH EXP ",\"aws:maximum-resolution\":720}",
     BOTH(RESOLUTION), "resolution"},

    {"origins an array", CH EXP ORG "[\"" E "\"]}", BOTH(ORIGIN_LIST),
     "origin_list"},
    {"origin malformed beside a good one", CH EXP ORG "\"https://x/," E "\"}",
     IVS_REJECT_ORIGIN_LIST, NONE, "origin_malformed"},
    {"origin malformed alone", CH EXP ORG "\"" E "/\"}", IVS_REJECT_ORIGIN_LIST,
     IVS_REJECT_ORIGIN_MISMATCH, "origin_malformed"},
    {"origin list empty", CH EXP ORG "\"\"}", IVS_REJECT_ORIGIN_LIST,
     IVS_REJECT_ORIGIN_MISMATCH, "origin_malformed"},
    {"origin list with a last comma", CH EXP ORG "\"" E ",\"}",
     IVS_REJECT_ORIGIN_LIST, NONE, "origin_malformed"},
    {"origins with spaces around", CH EXP ORG "\" https://a.b ,  " E " \"}",
     GOOD, "-origin_malformed"},
    {"origins: eleven, not strict", CH EXP ORG "\"*,*,*,*,*,*,*,*,*,*," E "\"}",
     GOOD, "-origin_malformed"},

    {"strict with an origin", CH EXP ORG "\"" E "\"" ON "}", GOOD,
     "-strict_without_origins"},
    {"strict with 5 origins", CH EXP ORG "\"*,*,*,*," E "\"" ON "}", GOOD,
     "-strict_too_many_origins"},
    {"strict with 6 origins", CH EXP ORG "\"*,*,*,*,*," E "\"" ON "}",
     BOTH(STRICT_ORIGIN), "strict_too_many_origins"},
    {"strict without origins", CH EXP ON "}", IVS_REJECT_STRICT_ORIGIN, NONE,
     "strict_without_origins"},
    {"strict a string", CH EXP ",\"aws:strict-origin-enforcement\":\"true\"}",
     BOTH(STRICT_ORIGIN), "strict_origin"},
    {"strict a number", CH EXP ",\"aws:strict-origin-enforcement\":1}",
     BOTH(STRICT_ORIGIN), "strict_origin"},

    {"nbf now", CH EXP ",\"nbf\":1700000000}", GOOD, "-nbf_future"},
    {"nbf in the future", CH EXP ",\"nbf\":1700000001}", BOTH(NOT_YET_VALID),
     "nbf_future"},
    {"nbf a past float", CH EXP ",\"nbf\":1699999999.5}", GOOD, "-nbf_type"},
    {"nbf half a second ahead", CH EXP ",\"nbf\":1700000000.5}",
     BOTH(NOT_YET_VALID), "nbf_future"},
    {"nbf a huge float", CH EXP ",\"nbf\":1e300}", BOTH(NOT_YET_VALID),
     "nbf_future"},
    {"nbf a huge negative float", CH EXP ",\"nbf\":-1e300}", GOOD,
     "-nbf_future"},
    {"iat half a second ahead", CH EXP ",\"iat\":1700000000.5}",
     BOTH(NOT_YET_VALID), "iat_future"},
    {"nbf a string", CH EXP ",\"nbf\":\"0\"}", BOTH(NOT_YET_VALID), "nbf_type"},
    {"iat in the future", CH EXP ",\"iat\":1700000001}", BOTH(NOT_YET_VALID),
     "iat_future"},
    {"iat in milliseconds", CH EXP ",\"iat\":1700000000000}",
     BOTH(NOT_YET_VALID), "iat_future"},
    {"iat a boolean", CH EXP ",\"iat\":false}", BOTH(NOT_YET_VALID),
     "iat_type"},

    {"unknown member", CH EXP ",\"sub\":\"me\"}", GOOD, "-unknown_aws_member"},
    {"unknown aws: member", CH EXP ",\"aws:viewerid\":\"me\"}", GOOD,
     "unknown_aws_member"},
    {"unknown integer outside int64", CH EXP ",\"n\":-9223372036854775809}",
     IVS_REJECT_JSON_NUMBER, NONE, "json_number"},
    {"known values stay exact beside a big integer",
     CH EXP ID ",\"n\":9223372036854775808" VER "1.0}", IVS_REJECT_JSON_NUMBER,
     IVS_REJECT_VIEWER_VERSION, "json_number"},
    {"not JSON", "{", BOTH(JSON), "json"},
    {"duplicate", CH EXP EXP "}", BOTH(JSON_DUPLICATE), "json_duplicate"},
};

static void
options(ivs_verify_options *opt, unsigned flags)
{
    ivs_verify_options_init(opt, sizeof *opt);
    opt->origin = E;
    opt->flags = flags;
}

static void
verify_follows_the_documented_rules(void **state)
{
    ivs_verify_options opt;

    (void)state;
    options(&opt, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        judge_expect_payload(rows[i].name, rows[i].payload, &opt,
                             rows[i].verify);
}

static void
edge_does_as_the_service(void **state)
{
    ivs_verify_options opt;

    (void)state;
    options(&opt, IVS_VERIFY_LIKE_SERVICE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        judge_expect_payload(rows[i].name, rows[i].payload, &opt, rows[i].edge);
}

static void
check_findings(const struct row *row, const char *text)
{
    const char *code = row->lint[0] == '-' ? row->lint + 1 : row->lint;
    json_t *findings = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *f;
    size_t i, errors = 0, said = 0;

    if (!json_is_array(findings))
        fail_msg("%s: %s", row->name, text);
    json_array_foreach(findings, i, f)
    {
        const char *severity =
            json_string_value(json_object_get(f, "severity"));

        assert_int_equal(json_object_size(f), 4);
        assert_true(json_string_length(json_object_get(f, "message")) > 0);
        assert_true(json_is_string(json_object_get(f, "member")));
        errors += strcmp(severity, "error") == 0;
        if (strcmp(severity, "error") != 0 && strcmp(severity, "warning") != 0)
            assert_string_equal(severity, "info");
        said +=
            strcmp(json_string_value(json_object_get(f, "code")), code) == 0;
    }
    if ((said > 0) != (row->lint[0] != '-'))
        fail_msg("%s: %s: %s", row->name, row->lint, text);
    if ((errors > 0) != (row->verify != NONE))
        fail_msg("%s: errors of lint are not those of verify: %s", row->name,
                 text);
    json_decref(findings);
}

static void
lint_names_every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;

        assert_int_equal(ivs_claims_lint(rows[i].payload,
                                         strlen(rows[i].payload), FORGE_NOW,
                                         &text, NULL),
                         IVS_OK);
        check_findings(&rows[i], text);
        ivs_free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_follows_the_documented_rules),
        cmocka_unit_test(edge_does_as_the_service),
        cmocka_unit_test(lint_names_every_case),
    };

    return judge_run(tests);
}
