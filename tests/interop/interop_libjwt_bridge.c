/* SPDX-License-Identifier: MIT */
/* The bridge to libjwt: what libjwt signs after it is a good token, and what
 * mint refuses it refuses. interop_libjwt_bridge.sh runs the same program with
 * the other build of libjwt. */

#include "support/test.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include <ivs/libjwt.h>

#include "base/b64url.h"
#include "support/judge.h"
#include "support/limitalloc.h"

static const char *const sites[] = {"https://example.com",
                                    "capacitor://localhost"};

static void
start(ivs_claims *c)
{
    ivs_claims_init(c, sizeof *c);
    c->channel_arn = FORGE_CHANNEL;
    c->ttl_s = 60;
}

static void
fill(ivs_claims *c)
{
    start(c);
    c->viewer_id = "viewer \"\\\xc3\xa9";
    c->has_viewer_session_version = true;
    c->viewer_session_version = INT64_MAX;
    c->origins = sites;
    c->norigins = 2;
    c->strict_origin_enforcement = true;
    c->single_use_uuid = FORGE_UUID;
    c->maximum_resolution = IVS_RESOLUTION_FULL_HD;
    c->extra_json = "{\"jti\":\"a\\u00e9/b\",\"n\":[1.10,null,{}]}";
}

static jwt_t *
new_jwt(void)
{
    jwt_t *jwt = NULL;

    assert_int_equal(jwt_new(&jwt), 0);
    return jwt;
}

static void
expect_grants(jwt_t *jwt, const char *expected)
{
    char *json = jwt_get_grants_json(jwt, NULL);

    assert_string_equal(json, expected);
    free(json);
}

/* libjwt 1.10.2 on GnuTLS writes r and s of ES384 as wide as those of ES512: 66
 * bytes for 48. Nobody who reads RFC 7518 takes that, nor do we; with the zeros
 * taken out, the claims can be judged. */
static void
narrow(char *token)
{
    char *text = strrchr(token, '.') + 1;
    unsigned char sig[132], r_s[96];
    size_t n = 0;

    assert_string_equal(getenv("IVS_LIBJWT_ENGINE"), "gnutls");
    judge_expect("132 bytes", token, strlen(token), NULL,
                 strlen(token) > IVS_TOKEN_MAX ? IVS_REJECT_TOO_LONG
                                               : IVS_REJECT_SIGNATURE_FORMAT);
    assert_true(ivs_b64url_decode(text, strlen(text), sig, sizeof sig, &n));
    assert_int_equal(n, 132);
    for (size_t i = 0; i < 18; i++)
        assert_true(sig[i] == 0 && sig[66 + i] == 0);
    memcpy(r_s, sig + 18, 48);
    memcpy(r_s + 48, sig + 84, 48);
    ivs_b64url_encode(r_s, sizeof r_s, text);
    text[IVS_B64URL_LEN(96)] = '\0';
}

static char *
sign(jwt_t *jwt)
{
    size_t len = 0;
    char *pem = NULL, *token;

    assert_int_equal(
        ivs_key_export(judge_key, IVS_KEY_PKCS8, NULL, &pem, &len, NULL),
        IVS_OK);
    assert_int_equal(
        jwt_set_alg(jwt, JWT_ALG_ES384, (unsigned char *)pem, (int)len), 0);
    token = jwt_encode_str(jwt);
    assert_non_null(token);
    ivs_free_secret(pem, len);
    if (strlen(strrchr(token, '.') + 1) != 128)
        narrow(token);
    return token;
}

static void
what_libjwt_signs_verifies_with_every_claim(void **state)
{
    const ivs_key *const keys[] = {judge_key};
    ivs_verify_options opt;
    ivs_claims c;

    (void)state;
    ivs_verify_options_init(&opt, sizeof opt);
    opt.origin = "https://example.com";
    fill(&c);
    /* Enough of them to meet r and s with leading zero bytes. */
    for (int64_t i = 0; i < 300; i++) {
        jwt_t *jwt = new_jwt();
        ivs_verified *v = NULL;
        const ivs_claims *got;
        char *token;

        assert_int_equal(ivs_jwt_set_claims(jwt, &c, FORGE_NOW + i, NULL),
                         IVS_OK);
        token = sign(jwt);
        assert_int_equal(ivs_token_verify(keys, 1, token, strlen(token), &opt,
                                          FORGE_NOW + i, &v, NULL),
                         IVS_OK);
        got = ivs_verified_claims(v);
        assert_string_equal(got->channel_arn, c.channel_arn);
        assert_string_equal(got->viewer_id, c.viewer_id);
        assert_true(got->viewer_session_version == INT64_MAX);
        assert_int_equal(got->norigins, 2);
        assert_string_equal(got->origins[1], sites[1]);
        assert_true(got->strict_origin_enforcement);
        assert_string_equal(got->single_use_uuid, FORGE_UUID);
        assert_int_equal(got->maximum_resolution, IVS_RESOLUTION_FULL_HD);
        assert_true(got->expires_at_s == FORGE_NOW + i + 60);
        assert_non_null(strstr(got->extra_json, "\"jti\""));
        ivs_verified_free(v);
        free(token);
        jwt_free(jwt);
    }
}

static void
grants_are_those_of_the_claims_alone(void **state)
{
    jwt_t *jwt = new_jwt();
    ivs_claims c;

    (void)state;
    start(&c);
    c.extra_json = "{\"iss\":\"me\"}";
    assert_int_equal(ivs_jwt_set_claims(jwt, &c, FORGE_NOW, NULL), IVS_OK);
    expect_grants(jwt, "{\"aws:channel-arn\":\"" FORGE_CHANNEL
                       "\",\"exp\":1700000060,\"iss\":\"me\"}");
    jwt_free(jwt);
}

/* ---- what is refused ---- */

static const char *const bare_site[] = {"example.com"};
static const char *const six[] = {"*", "*", "*", "*", "*", "*"};
static const char *const nothing[] = {NULL};

/* clang-format off */
#define REFUSALS(X)                                                            \
    X("no channel",               c->channel_arn = NULL)                       \
    X("no channel ARN",           c->channel_arn = "arn:aws:ivs")              \
    X("no expiry",                c->ttl_s = 0)                                \
    X("two expiries",             c->expires_at_s = FORGE_NOW + 60)            \
    X("ttl below zero",           c->ttl_s = -1)                               \
    X("already expired",          c->ttl_s = 0; c->expires_at_s = FORGE_NOW)   \
    X("milliseconds",             c->ttl_s = 0;                                \
                                  c->expires_at_s = FORGE_NOW * 1000)          \
    X("viewer for over 600 s",    c->viewer_id = "v"; c->ttl_s = 601)          \
    X("uuid for over 600 s",      c->single_use_uuid = FORGE_UUID;             \
                                  c->ttl_s = 601)                              \
    X("empty viewer id",          c->viewer_id = "")                           \
    X("viewer id too long",       c->viewer_id =                               \
                                  "12345678901234567890123456789012345678901") \
    X("viewer id not UTF-8",      c->viewer_id = "\xff")                       \
    X("version without viewer",   c->has_viewer_session_version = true)        \
    X("version below zero",       c->viewer_id = "v";                          \
                                  c->has_viewer_session_version = true;        \
                                  c->viewer_session_version = -1)              \
    X("malformed uuid",           c->single_use_uuid = "1")                    \
    X("unknown resolution",       c->maximum_resolution = (ivs_resolution)4)   \
    X("malformed origin",         c->origins = bare_site; c->norigins = 1)     \
    X("NULL origin",              c->origins = nothing; c->norigins = 1)       \
    X("NULL origins",             c->norigins = 1)                             \
    X("strict without origin",    c->strict_origin_enforcement = true)         \
    X("strict with six origins",  c->strict_origin_enforcement = true;         \
                                  c->origins = six; c->norigins = 6)           \
    X("extra is no JSON",         c->extra_json = "{")                         \
    X("extra is no object",       c->extra_json = "[]")                        \
    X("extra with duplicates",    c->extra_json = "{\"a\":1,\"a\":2}")         \
    X("extra with NUL",           c->extra_json = "{\"a\":\"\\u0000\"}")       \
    X("extra exp",                c->extra_json = "{\"exp\":1}")               \
    X("extra of ours",            c->extra_json = "{\"aws:x\":1}")             \
    X("extra of ours, escaped",   c->extra_json = "{\"\\u0061ws:x\":1}")       \
    X("never initialised",        c->size = 0)
/* clang-format on */

static void
expect_as_mint(const char *name, const ivs_claims *c)
{
    ivs_error err = {0}, of_mint = {0};
    char token[64] = "untouched";
    jwt_t *jwt = new_jwt();
    ivs_status s = ivs_jwt_set_claims(jwt, c, FORGE_NOW, &err);

    if (s != IVS_E_ARG ||
        ivs_token_mint(judge_key, c, FORGE_NOW, token, sizeof token, NULL,
                       &of_mint) != s ||
        err.code != s || strcmp(err.member, of_mint.member) != 0 ||
        strcmp(err.message, of_mint.message) != 0)
        fail_msg("%s: %s (%s), mint: (%s)", name, ivs_status_name(s),
                 err.message, of_mint.message);
    expect_grants(jwt, "{}");
    assert_int_equal(ivs_jwt_set_claims(jwt, c, FORGE_NOW, NULL), s);
    jwt_free(jwt);
}

static void
what_mint_refuses_is_refused(void **state)
{
    ivs_claims claims, *c = &claims;

    (void)state;
#define X(name, ...)                                                           \
    start(c);                                                                  \
    __VA_ARGS__;                                                               \
    expect_as_mint(name, c);
    REFUSALS(X)
#undef X
}

static void
claims_that_libjwt_spells_too_long_are_refused(void **state)
{
    static char extra[12400];
    ivs_error err = {0};
    jwt_t *jwt = new_jwt();
    size_t len = 0;
    ivs_claims c;

    (void)state;
    start(&c);
    strcpy(extra, "{\"n\":[1e9");
    for (size_t i = 0; i < 1500; i++)
        strcat(extra, ",1e9");
    strcat(extra, "]}");
    c.extra_json = extra;
    assert_int_equal(ivs_jwt_set_claims(jwt, &c, FORGE_NOW, &err), IVS_E_ARG);
    assert_non_null(strstr(err.message, "too long"));
    expect_grants(jwt, "{}");
    /* The longest that is let through makes a token that verifies. */
    for (size_t n = 12300;; n--) {
        memset(extra, 'x', sizeof extra);
        memcpy(extra, "{\"x\":\"", 6);
        memcpy(extra + 6 + n, "\"}", 3);
        if (ivs_jwt_set_claims(jwt, &c, FORGE_NOW, &err) == IVS_OK)
            break;
        assert_int_equal(err.code, IVS_E_ARG);
    }
    {
        char *token = sign(jwt);

        len = strlen(token);
        judge_expect("longest", token, len, NULL, IVS_REJECT_NONE);
        free(token);
    }
    assert_in_range(len, IVS_TOKEN_MAX - 4, IVS_TOKEN_MAX - 1);
    jwt_free(jwt);
}

static void
grants_that_are_there_are_not_mixed_with_claims(void **state)
{
    static const char mine[] = "{\"aws:viewer-id\":\"other\"}";
    ivs_error err = {0};
    jwt_t *jwt = new_jwt();
    ivs_claims c;

    (void)state;
    start(&c);
    assert_int_equal(jwt_add_grants_json(jwt, mine), 0);
    assert_int_equal(ivs_jwt_set_claims(jwt, &c, FORGE_NOW, &err), IVS_E_STATE);
    assert_int_equal(err.code, IVS_E_STATE);
    assert_non_null(strstr(err.message, "extra_json"));
    expect_grants(jwt, mine);
    assert_int_equal(jwt_del_grants(jwt, NULL), 0);
    assert_int_equal(ivs_jwt_set_claims(jwt, &c, FORGE_NOW, &err), IVS_OK);
    assert_null(jwt_get_grant(jwt, "aws:viewer-id"));
    jwt_free(jwt);
}

static void
null_arguments_are_refused(void **state)
{
    jwt_t *jwt = new_jwt();
    ivs_error err = {0};
    char *json = NULL;
    ivs_claims c;

    (void)state;
    start(&c);
    assert_int_equal(ivs_jwt_set_claims(NULL, &c, FORGE_NOW, &err), IVS_E_ARG);
    assert_int_equal(ivs_jwt_set_claims(jwt, NULL, FORGE_NOW, &err), IVS_E_ARG);
    assert_int_equal(ivs_jwt_lint(NULL, FORGE_NOW, &json, &err), IVS_E_ARG);
    assert_int_equal(ivs_jwt_lint(jwt, FORGE_NOW, NULL, NULL), IVS_E_ARG);
    assert_int_equal(err.code, IVS_E_ARG);
    assert_null(json);
    jwt_free(jwt);
}

/* ---- lint ---- */

static void
lint_says_what_claims_lint_says_of_the_grants(void **state)
{
    static const char *const rows[] = {
        "{}",
        "{\"aws:channel-arn\":\"x\",\"exp\":1700000060000}",
        "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}",
        "{\"aws:channel-arn\":\"" FORGE_CHANNEL
        "\",\"aws:viewer-session-version\":\"1\",\"exp\":1700000060.5}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *said = NULL, *expected = NULL;
        jwt_t *jwt = new_jwt();

        assert_int_equal(jwt_add_grants_json(jwt, rows[i]), 0);
        assert_int_equal(ivs_jwt_lint(jwt, FORGE_NOW, &said, NULL), IVS_OK);
        assert_int_equal(ivs_claims_lint(rows[i], strlen(rows[i]), FORGE_NOW,
                                         &expected, NULL),
                         IVS_OK);
        assert_string_equal(said, expected);
        if (i == 1)
            assert_non_null(strstr(said, "\"error\""));
        expect_grants(jwt, rows[i]);
        ivs_free(said);
        ivs_free(expected);
        jwt_free(jwt);
    }
}

/* ---- no memory: jansson's, which is libjwt's and ours ---- */

static void
no_memory_leaves_no_grants(void **state)
{
    jwt_t *jwt;
    ivs_claims c;
    ivs_status s = IVS_E_NOMEM;
    ivs_error err;
    size_t n;

    (void)state;
    fill(&c);
    json_set_alloc_funcs(limited_malloc, free);
    jwt = new_jwt();
    for (n = 0; s != IVS_OK; n++) {
        memset(&err, 0, sizeof err);
        allocations_left = n;
        s = ivs_jwt_set_claims(jwt, &c, FORGE_NOW, &err);
        allocations_left = SIZE_MAX;
        assert_int_equal(err.code, s);
        if (s != IVS_OK) {
            if (s != IVS_E_NOMEM)
                fail_msg("%zu: %s", n, err.message);
            expect_grants(jwt, "{}");
        }
        assert_true(n < 1000);
    }
    assert_true(n > 10);
    assert_non_null(jwt_get_grant(jwt, "aws:channel-arn"));
    jwt_free(jwt);
}

static void
no_memory_to_lint_says_so(void **state)
{
    char *json = NULL;
    jwt_t *jwt;
    ivs_status s = IVS_E_NOMEM;
    ivs_error err;
    size_t n;

    (void)state;
    jwt = new_jwt();
    assert_int_equal(jwt_add_grants_json(jwt, "{\"exp\":1,\"x\":[{}]}"), 0);
    for (n = 0; s != IVS_OK; n++) {
        memset(&err, 0, sizeof err);
        allocations_left = n;
        s = ivs_jwt_lint(jwt, FORGE_NOW, &json, &err);
        allocations_left = SIZE_MAX;
        assert_int_equal(err.code, s);
        assert_true(s == IVS_OK || (s == IVS_E_NOMEM && json == NULL));
        assert_true(n < 1000);
    }
    assert_true(n > 5);
    ivs_free(json);
    jwt_free(jwt);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_libjwt_signs_verifies_with_every_claim),
        cmocka_unit_test(grants_are_those_of_the_claims_alone),
        cmocka_unit_test(what_mint_refuses_is_refused),
        cmocka_unit_test(claims_that_libjwt_spells_too_long_are_refused),
        cmocka_unit_test(grants_that_are_there_are_not_mixed_with_claims),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(lint_says_what_claims_lint_says_of_the_grants),
        cmocka_unit_test(no_memory_leaves_no_grants),
        cmocka_unit_test(no_memory_to_lint_says_so),
    };

    return judge_run(tests);
}
