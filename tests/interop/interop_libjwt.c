/* SPDX-License-Identifier: MIT */
/* libjwt, a second opinion in C: it verifies what we mint, we verify what it
 * signs, and what it is known to let through does not get through here. */

#include "support/test.h"

#include <jwt.h>
#include <string.h>

#include "support/judge.h"

#define CLAIMS                                                                 \
    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"aws:viewer-id\":\"v\","      \
    "\"exp\":1700000060}"

static char *export(ivs_key_format format, size_t *ret_len)
{
    char *pem = NULL;

    assert_int_equal(
        ivs_key_export(judge_key, format, NULL, &pem, ret_len, NULL), IVS_OK);
    return pem;
}

static void
libjwt_verifies_what_we_mint(void **state)
{
    static char token[IVS_TOKEN_MAX];
    size_t pem_len, len;
    char *pem = export(IVS_KEY_SPKI, &pem_len), *last;
    ivs_claims c;

    (void)state;
    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.viewer_id = "viewer-\xc3\xa9";
    c.has_viewer_session_version = true;
    c.viewer_session_version = INT64_C(1700000000);
    c.ttl_s = 60;
    /* Enough of them to meet r and s with leading zero bytes. */
    for (int64_t i = 0; i < 600; i++) {
        jwt_t *jwt = NULL;

        assert_int_equal(ivs_token_mint(judge_key, &c, FORGE_NOW + i, token,
                                        sizeof token, &len, NULL),
                         IVS_OK);
        assert_int_equal(
            jwt_decode(&jwt, token, (const unsigned char *)pem, (int)pem_len),
            0);
        assert_int_equal(jwt_get_alg(jwt), JWT_ALG_ES384);
        assert_string_equal(jwt_get_header(jwt, "typ"), "JWT");
        assert_string_equal(jwt_get_grant(jwt, "aws:channel-arn"),
                            FORGE_CHANNEL);
        assert_string_equal(jwt_get_grant(jwt, "aws:viewer-id"),
                            "viewer-\xc3\xa9");
        assert_true(jwt_get_grant_int(jwt, "exp") == FORGE_NOW + i + 60);
        jwt_free(jwt);
    }
    last = token + len - 8;
    *last = *last == 'A' ? 'B' : 'A';
    {
        jwt_t *jwt = NULL;

        assert_int_not_equal(
            jwt_decode(&jwt, token, (const unsigned char *)pem, (int)pem_len),
            0);
    }
    ivs_free(pem);
}

static char *
sign_with_libjwt(jwt_alg_t alg, const char *pem, size_t pem_len)
{
    jwt_t *jwt = NULL;
    char *token;

    assert_int_equal(jwt_new(&jwt), 0);
    assert_int_equal(jwt_add_grants_json(jwt, CLAIMS), 0);
    assert_int_equal(
        jwt_set_alg(jwt, alg, (const unsigned char *)pem, (int)pem_len), 0);
    token = jwt_encode_str(jwt);
    assert_non_null(token);
    jwt_free(jwt);
    return token;
}

static void
we_verify_what_libjwt_signs(void **state)
{
    static const ivs_key_format formats[] = {IVS_KEY_PKCS8, IVS_KEY_SEC1};

    (void)state;
    for (size_t i = 0; i < 60; i++) {
        size_t len;
        char *pem = export(formats[i % 2], &len);
        char *token = sign_with_libjwt(JWT_ALG_ES384, pem, len);

        judge_expect("signed by libjwt", token, strlen(token), NULL,
                     IVS_REJECT_NONE);
        free(token);
        ivs_free_secret(pem, len);
    }
}

static void
mac_that_libjwt_makes_with_our_public_key_is_refused(void **state)
{
    size_t len;
    char *pem = export(IVS_KEY_SPKI, &len);
    char *token = sign_with_libjwt(JWT_ALG_HS384, pem, len);

    (void)state;
    judge_expect("HS384", token, strlen(token), NULL, IVS_REJECT_ALG);
    free(token);
    token = sign_with_libjwt(JWT_ALG_NONE, NULL, 0);
    judge_expect("none", token, strlen(token), NULL, IVS_REJECT_ALG);
    free(token);
    ivs_free(pem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libjwt_verifies_what_we_mint),
        cmocka_unit_test(we_verify_what_libjwt_signs),
        cmocka_unit_test(mac_that_libjwt_makes_with_our_public_key_is_refused),
    };

    return judge_run(tests);
}
