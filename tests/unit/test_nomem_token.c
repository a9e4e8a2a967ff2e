/* SPDX-License-Identifier: MIT */
/* Every allocation of our own code in keys and tokens failing in turn. */

#include "support/test.h"

#include <string.h>

#include <ivs/token.h>

#include "support/failalloc.h"
#include "support/forge.h"
#include "support/keys.h"

#define PAYLOAD                                                                \
    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060,"           \
    "\"aws:access-control-allow-origin\":\"https://a.example, *\","            \
    "\"x\":\"a text that is longer than the sixty-four bytes of a first "      \
    "block, so that it has to grow\"}"

static ivs_status
parse(const char *text, size_t len)
{
    ivs_error err = {0};
    ivs_key *key = NULL;
    ivs_key_options opt;
    ivs_status s;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    s = ivs_key_parse(text, len, &opt, &key, &err);
    assert_true((s == IVS_OK) == (key != NULL));
    ivs_key_free(key);
    return s;
}

static void
keys(void **state)
{
    static const struct {
        const char *name, *text;
        size_t least;
        ivs_status end;
    } rows[] = {
        {"PKCS#8", KEY_A_PKCS8, 4, IVS_OK},
        {"SPKI", KEY_A_SPKI, 4, IVS_OK},
        {"nothing known", "bm90aGluZyBrbm93bg==", 3, IVS_E_FORMAT},
        {"JWK",
         "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X
         "\",\"y\":\"" KEY_A_Y "\",\"d\":\"" KEY_A_D "\"}",
         2, IVS_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        ivs_status s;

        do {
            failalloc_left = ++n;
            s = parse(rows[i].text, strlen(rows[i].text));
            if (failalloc_left == 0 && s != IVS_E_NOMEM)
                fail_msg("%s: %zu: %s", rows[i].name, n, ivs_status_name(s));
        } while (failalloc_left == 0);
        failalloc_left = 0;
        assert_int_equal(s, rows[i].end);
        if (n <= rows[i].least)
            fail_msg("%s: %zu allocations", rows[i].name, n);
    }
}

static void
claims(void **state)
{
    ivs_claims *claims = NULL;
    ivs_error err = {0};
    char *text = NULL;

    (void)state;
    FAILALLOC_EACH(3, ivs_claims_parse(PAYLOAD, strlen(PAYLOAD), &claims, &err),
                   &err);
    FAILALLOC_EACH(2, ivs_claims_encode(claims, FORGE_NOW, &text, NULL, &err),
                   &err);
    ivs_claims_free(claims);
    ivs_free(text);
    text = NULL;
    FAILALLOC_EACH(
        3,
        ivs_claims_lint("{\"aws:access-control-allow-origin\":\"a\"}", 39,
                        FORGE_NOW, &text, &err),
        &err);
    assert_non_null(strstr(text, "origin_malformed"));
    ivs_free(text);
}

static void
tokens(void **state)
{
    ivs_key *key = forge_key(IVS_ENGINE_OPENSSL);
    const ivs_key *const keys[] = {key};
    char *token = forge_token(key, "{\"alg\":\"ES384\"}", PAYLOAD);
    static char buf[IVS_TOKEN_MAX], large[2001] = "{\"x\":\"";
    ivs_verified *verified = NULL;
    ivs_error err = {0};
    char *report = NULL;
    ivs_claims c;

    (void)state;
    FAILALLOC_EACH(3,
                   ivs_token_verify(keys, 1, token, strlen(token), NULL,
                                    FORGE_NOW, &verified, &err),
                   &err);
    assert_non_null(verified);
    ivs_verified_free(verified);
    FAILALLOC_EACH(
        3, ivs_token_inspect(token, strlen(token), FORGE_NOW, &report, &err),
        &err);
    ivs_free(report);
    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.ttl_s = 60;
    memset(large + 6, 'x', sizeof large - 9);
    memcpy(large + sizeof large - 3, "\"}", 3);
    c.extra_json = large;
    FAILALLOC_EACH(
        3,
        (assert_string_equal(buf, ""),
         ivs_token_mint(key, &c, FORGE_NOW, buf, sizeof buf, NULL, &err)),
        &err);
    assert_memory_equal(buf, "eyJ", 3);
    free(token);
    ivs_key_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),
        cmocka_unit_test(claims),
        cmocka_unit_test(tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
