/* SPDX-License-Identifier: MIT */
/* mint: what is written, and what is refused (mint's column of the rules in
 * test_rules.c). */

#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "base/b64url.h"
#include "support/judge.h"
#include "token/key_object.h"

#define NOW FORGE_NOW

static const char *const site[] = {"https://example.com"};
static char token[IVS_TOKEN_MAX + 8];

/* A change to claims that are good: 60 s, no viewer id. */
typedef void (*change)(ivs_claims *c);

static void
start(ivs_claims *c)
{
    strcpy(token, "untouched");
    ivs_claims_init(c, sizeof *c);
    c->channel_arn = FORGE_CHANNEL;
    c->ttl_s = 60;
}

/* ---- what is written ---- */

static void
payload_has_the_members_in_order(void **state)
{
    static const char *const origins[] = {"https://example.com",
                                          "https://*.example.com:8443"};
    static const char expected[] =
        "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\","
        "\"aws:access-control-allow-origin\":"
        "\"https://example.com,https://*.example.com:8443\","
        "\"aws:strict-origin-enforcement\":true,"
        "\"aws:single-use-uuid\":\"" FORGE_UUID "\","
        "\"aws:viewer-id\":\"v \\\"\\\\\xc3\xa9\","
        "\"aws:viewer-session-version\":9223372036854775807,"
        "\"aws:maximum-resolution\":\"FULL_HD\","
        "\"jti\":\"a \\\"} b\",\"n\":[1.10,{\"x\":1e5}],\"exp\":1700000600}";
    char payload[1024];
    ivs_claims c;
    size_t len = 0, n = 0;
    char *text = NULL, *dot;

    (void)state;
    start(&c);
    c.ttl_s = 0;
    c.expires_at_s = NOW + 600;
    c.origins = origins;
    c.norigins = 2;
    c.strict_origin_enforcement = true;
    c.single_use_uuid = FORGE_UUID;
    c.viewer_id = "v \"\\\xc3\xa9";
    c.has_viewer_session_version = true;
    c.viewer_session_version = INT64_MAX;
    c.maximum_resolution = IVS_RESOLUTION_FULL_HD;
    c.extra_json =
        " { \"jti\" : \"a \\\"} b\",\n\t\"n\":[1.10, {\"x\":1e5}] }\r";
    assert_int_equal(ivs_claims_encode(&c, NOW, &text, &len, NULL), IVS_OK);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
    ivs_free(text);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL),
        IVS_OK);
    assert_int_equal(len, strlen(token));
    /* printf '{"alg":"ES384","typ":"JWT"}' | basenc --base64url */
    assert_memory_equal(token, "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.", 37);
    dot = strrchr(token, '.');
    assert_int_equal(strlen(dot + 1), 128);
    assert_true(ivs_b64url_decode(token + 37, (size_t)(dot - token) - 37,
                                  payload, sizeof payload, &n));
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(payload, expected, n);
}

static void
minimal_payload_has_two_members(void **state)
{
    ivs_claims c;
    char *text = NULL;
    size_t len;

    (void)state;
    start(&c);
    c.extra_json = " {\n} ";
    assert_int_equal(ivs_claims_encode(&c, NOW, &text, &len, NULL), IVS_OK);
    assert_string_equal(text, "{\"aws:channel-arn\":\"" FORGE_CHANNEL
                              "\",\"exp\":1700000060}");
    ivs_free(text);
}

static void
minted_token_verifies(void **state)
{
    ivs_claims c;
    size_t len;

    (void)state;
    start(&c);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL),
        IVS_OK);
    judge_expect("minted", token, len, NULL, IVS_REJECT_NONE);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, NULL, NULL),
        IVS_OK);
}

static void
payload_of_any_size_is_written_the_same(void **state)
{
    static char extra[9000];
    ivs_claims c;
    size_t len;

    (void)state;
    start(&c);
    c.extra_json = extra;
    /* Across the border between stack and heap. */
    for (size_t n = 1000; n < 8900; n += n < 1300 ? 1 : 997) {
        memset(extra, 'x', sizeof extra);
        memcpy(extra, "{\"x\":\"", 6);
        memcpy(extra + 6 + n, "\"}", 3);
        assert_int_equal(
            ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL),
            IVS_OK);
        if (n % 10 == 0 || n > 1300)
            judge_expect("sized", token, len, NULL, IVS_REJECT_NONE);
        else
            assert_int_equal(strlen(token), len);
    }
}

/* ---- what is refused ---- */

#define CHANGE(name, ...)                                                      \
    static void name(ivs_claims *c)                                            \
    {                                                                          \
        __VA_ARGS__                                                            \
    }

/* clang-format off */
CHANGE(no_channel, c->channel_arn = NULL;)
CHANGE(bad_channel, c->channel_arn = "arn:aws:ivs:us-west-2:1:channel/a b";)
CHANGE(no_channel_type, c->channel_arn = "arn:aws:ivs:us-west-2:1:stream-key/a";)
CHANGE(no_life, c->ttl_s = 0;)
CHANGE(negative_life, c->ttl_s = -1;)
CHANGE(endless_life, c->ttl_s = INT64_MAX;)
CHANGE(two_expiries, c->expires_at_s = NOW + 60;)
CHANGE(past, c->ttl_s = 0; c->expires_at_s = NOW - 1;)
CHANGE(at_now, c->ttl_s = 0; c->expires_at_s = NOW;)
CHANGE(milliseconds, c->ttl_s = 0; c->expires_at_s = (NOW + 60) * 1000;)
CHANGE(long_viewer, c->viewer_id = "v"; c->ttl_s = 601;)
CHANGE(long_uuid, c->single_use_uuid = FORGE_UUID; c->ttl_s = 601;)
CHANGE(empty_viewer, c->viewer_id = "";)
CHANGE(big_viewer, c->viewer_id = "0123456789012345678901234567890123456789x";)
CHANGE(bad_utf8, c->viewer_id = "\xff";)
CHANGE(negative_version, c->viewer_id = "v"; c->viewer_session_version = -1;
       c->has_viewer_session_version = true;)
CHANGE(lone_version, c->has_viewer_session_version = true;)
CHANGE(bad_uuid, c->single_use_uuid = "123e4567";)
CHANGE(bad_resolution, c->maximum_resolution = (ivs_resolution)4;)
CHANGE(negative_resolution, c->maximum_resolution = (ivs_resolution)-1;)
CHANGE(bad_origin, static const char *const o[] = {"*", "https://a/"};
       c->origins = o; c->norigins = 2;)
CHANGE(joined_origins, static const char *const o[] = {"https://a,https://b"};
       c->origins = o; c->norigins = 1;)
CHANGE(null_origin, static const char *const o[] = {NULL};
       c->origins = o; c->norigins = 1;)
CHANGE(null_origins, c->norigins = 1;)
CHANGE(strict_none, c->strict_origin_enforcement = true;)
CHANGE(strict_six,
       static const char *const o[] = {"*", "*", "*", "*", "*", "*"};
       c->origins = o; c->norigins = 6; c->strict_origin_enforcement = true;)
CHANGE(extra_array, c->extra_json = "[]";)
CHANGE(extra_broken, c->extra_json = "{\"a\":}";)
CHANGE(extra_twice, c->extra_json = "{\"a\":1,\"a\":1}";)
CHANGE(extra_aws, c->extra_json = "{\"aws:new\":1}";)
CHANGE(extra_aws_escaped, c->extra_json = "{\"\\u0061ws:viewer-id\":1}";)
CHANGE(extra_exp, c->extra_json = "{\"exp\":1}";)
CHANGE(extra_big, c->extra_json = "{\"n\":9223372036854775808}";)
CHANGE(unknown_size, c->size = 8;)
CHANGE(ten_minutes, c->viewer_id = "v"; c->ttl_s = 600;)
CHANGE(a_year, c->ttl_s = 31536000;)
CHANGE(last_second, c->ttl_s = 0; c->expires_at_s = INT64_C(100000000000);)
CHANGE(beyond_int32, c->viewer_id = "v"; c->has_viewer_session_version = true;
       c->viewer_session_version = INT64_C(2147483648);)
CHANGE(eleven_origins, static const char *const o[] = {
       "*", "*", "*", "*", "*", "*", "*", "*", "*", "*", "*"};
       c->origins = o; c->norigins = 11;)
CHANGE(future_nbf, c->extra_json = "{\"nbf\":1700000050,\"iat\":1700000050}";)
/* clang-format on */

static const struct {
    const char *name;
    change change;
    const char *member; /* NULL: minted */
} cases[] = {
    {"channel missing", no_channel, "aws:channel-arn"},
    {"channel off the pattern", bad_channel, "aws:channel-arn"},
    {"channel of another type", no_channel_type, "aws:channel-arn"},
    {"neither ttl nor expiry", no_life, "exp"},
    {"ttl negative", negative_life, "exp"},
    {"ttl without end", endless_life, "exp"},
    {"both ttl and expiry", two_expiries, "exp"},
    {"expiry past", past, "exp"},
    {"expiry now", at_now, "exp"},
    {"expiry in milliseconds", milliseconds, "exp"},
    {"601 s with a viewer id", long_viewer, "exp"},
    {"601 s with a uuid", long_uuid, "exp"},
    {"viewer id empty", empty_viewer, "aws:viewer-id"},
    {"viewer id of 41 characters", big_viewer, "aws:viewer-id"},
    {"viewer id no UTF-8", bad_utf8, "aws:viewer-id"},
    {"version negative", negative_version, "aws:viewer-session-version"},
    {"version without viewer id", lone_version, "aws:viewer-session-version"},
    {"uuid malformed", bad_uuid, "aws:single-use-uuid"},
    {"resolution unknown", bad_resolution, "aws:maximum-resolution"},
    {"resolution negative", negative_resolution, "aws:maximum-resolution"},
    {"origin malformed", bad_origin, "aws:access-control-allow-origin"},
    {"origins in one entry", joined_origins, "aws:access-control-allow-origin"},
    {"origin NULL", null_origin, ""},
    {"origins NULL", null_origins, ""},
    {"strict without origins", strict_none, "aws:strict-origin-enforcement"},
    {"strict with 6 origins", strict_six, "aws:strict-origin-enforcement"},
    {"extra no object", extra_array, ""},
    {"extra malformed", extra_broken, ""},
    {"extra with a duplicate", extra_twice, ""},
    {"extra with an aws: member", extra_aws, "aws:new"},
    {"extra with an escaped aws: member", extra_aws_escaped, "aws:viewer-id"},
    {"extra with exp", extra_exp, "exp"},
    {"extra with an integer outside int64", extra_big, ""},
    {"struct never initialised", unknown_size, ""},
    {"600 s with a viewer id", ten_minutes, NULL},
    {"a year without viewer id", a_year, NULL},
    {"last expiry that is no milliseconds", last_second, NULL},
    {"version beyond the API's int32", beyond_int32, NULL},
    {"eleven origins, not strict", eleven_origins, NULL},
    {"nbf and iat in extra", future_nbf, NULL},
};

static void
rules_of_mint_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        size_t len = 77, text_len = 77;
        ivs_error err = {0};
        ivs_claims c;
        ivs_status s, want = cases[i].member == NULL ? IVS_OK : IVS_E_ARG;

        start(&c);
        cases[i].change(&c);
        s = ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, &err);
        if (s != want || err.code != s || err.reason != IVS_REJECT_NONE)
            fail_msg("%s: %s %s", cases[i].name, ivs_status_name(s),
                     err.message);
        assert_int_equal(
            ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL),
            want);
        assert_int_equal(ivs_claims_encode(&c, NOW, &text, &text_len, NULL),
                         want);
        ivs_free(text);
        if (want == IVS_OK)
            continue;
        if (strcmp(err.member, cases[i].member) != 0)
            fail_msg("%s: %s", cases[i].name, err.member);
        assert_string_equal(token, "untouched");
        assert_int_equal(len, 77);
        assert_null(text);
        assert_int_equal(text_len, 77);
    }
}

static void
clock_at_the_ends_of_its_range_does_not_wrap(void **state)
{
    ivs_claims c;

    (void)state;
    start(&c);
    assert_int_equal(ivs_token_mint(judge_key, &c, INT64_MAX, token,
                                    sizeof token, NULL, NULL),
                     IVS_E_ARG);
    c.viewer_id = "v";
    c.ttl_s = 0;
    c.expires_at_s = 1;
    assert_int_equal(ivs_token_mint(judge_key, &c, INT64_MIN, token,
                                    sizeof token, NULL, NULL),
                     IVS_E_ARG);
}

static void
small_buffer_and_large_token_are_refused(void **state)
{
    static char extra[IVS_TOKEN_MAX + 100];
    ivs_status s = IVS_OK;
    char *text = NULL;
    ivs_claims c;
    size_t len = 0;

    (void)state;
    start(&c);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL),
        IVS_OK);
    token[0] = 'u';
    assert_int_equal(ivs_token_mint(judge_key, &c, NOW, token, len, NULL, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_token_mint(judge_key, &c, NOW, token, 0, NULL, NULL),
                     IVS_E_ARG);
    assert_int_equal(token[0], 'u');
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, len + 1, NULL, NULL), IVS_OK);
    memset(extra, 'x', sizeof extra);
    memcpy(extra, "{\"x\":\"", 6);
    c.extra_json = extra;
    memcpy(extra + 13000, "\"}", 3);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, NULL, NULL),
        IVS_E_ARG);
    assert_int_equal(ivs_claims_encode(&c, NOW, &text, &len, NULL), IVS_E_ARG);
    for (size_t n = 12000; s == IVS_OK; n++) { /* both end at one length */
        memset(extra, 'x', sizeof extra);
        memcpy(extra, "{\"x\":\"", 6);
        memcpy(extra + n, "\"}", 3);
        s = ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL);
        assert_int_equal(ivs_claims_encode(&c, NOW, &text, NULL, NULL), s);
        ivs_free(text);
        text = NULL;
    }
    assert_int_equal(len, IVS_TOKEN_MAX - 2);
    memset(extra, 'x', sizeof extra);
    memcpy(extra, "{\"x\":\"", 6);
    memcpy(extra + sizeof extra - 3, "\"}", 3);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, NULL, NULL),
        IVS_E_ARG);
}

/* ---- keys and engines ---- */

static ivs_status
broken_sign(const void *state, const uint8_t digest[48], uint8_t ret[96],
            ivs_error *err)
{
    (void)state;
    (void)digest;
    (void)err;
    memset(ret, 1, 96);
    return IVS_E_CRYPTO;
}

static ivs_status
broken_verify(const void *state, const uint8_t digest[48],
              const uint8_t signature[96], bool *ret_good, ivs_error *err)
{
    (void)state;
    (void)digest;
    (void)signature;
    (void)err;
    *ret_good = true;
    return IVS_E_CRYPTO;
}

static void
failing_engine_fails_closed(void **state)
{
    static const ivs_ecdsa_engine engine = {"broken", broken_sign,
                                            broken_verify, NULL};
    const ivs_key broken = {.has_private = true, .ecdsa = {&engine, NULL}};
    const ivs_key *keys[] = {&broken, judge_key};
    ivs_verified *v = NULL;
    ivs_claims c;
    size_t len = 77;

    (void)state;
    start(&c);
    assert_int_equal(
        ivs_token_mint(&broken, &c, NOW, token, sizeof token, &len, NULL),
        IVS_E_CRYPTO);
    assert_string_equal(token, "untouched");
    assert_int_equal(len, 77);
    assert_int_equal(
        ivs_token_mint(judge_key, &c, NOW, token, sizeof token, &len, NULL),
        IVS_OK);
    assert_int_equal(ivs_token_verify(keys, 2, token, len, NULL, NOW, &v, NULL),
                     IVS_E_CRYPTO);
    assert_null(v);
}

static void
public_key_and_null_cannot_mint(void **state)
{
    ivs_key *public = forge_public_key(IVS_ENGINE_DEFAULT);
    ivs_error err = {0};
    ivs_claims c;

    (void)state;
    start(&c);
    c.origins = site;
    c.norigins = 1;
    assert_int_equal(
        ivs_token_mint(public, &c, NOW, token, sizeof token, NULL, &err),
        IVS_E_KEY);
    assert_int_equal(err.code, IVS_E_KEY);
    assert_int_equal(
        ivs_token_mint(NULL, &c, NOW, token, sizeof token, NULL, NULL),
        IVS_E_ARG);
    assert_int_equal(
        ivs_token_mint(judge_key, NULL, NOW, token, sizeof token, NULL, NULL),
        IVS_E_ARG);
    assert_int_equal(ivs_token_mint(judge_key, &c, NOW, NULL, 0, NULL, NULL),
                     IVS_E_ARG);
    assert_string_equal(token, "untouched");
    ivs_key_free(public);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_has_the_members_in_order),
        cmocka_unit_test(minimal_payload_has_two_members),
        cmocka_unit_test(minted_token_verifies),
        cmocka_unit_test(payload_of_any_size_is_written_the_same),
        cmocka_unit_test(rules_of_mint_hold),
        cmocka_unit_test(clock_at_the_ends_of_its_range_does_not_wrap),
        cmocka_unit_test(small_buffer_and_large_token_are_refused),
        cmocka_unit_test(failing_engine_fails_closed),
        cmocka_unit_test(public_key_and_null_cannot_mint),
    };

    return judge_run(tests);
}
