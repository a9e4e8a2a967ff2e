/* SPDX-License-Identifier: MIT */
/* verify, through both engines: signatures and who made them. The envelope is
 * in test_jws.c, rules on claims in test_rules.c, requests and stores in
 * test_request.c. */

#include "support/test.h"

#include <string.h>

#include <ivs/token.h>

#include "base/digest.h"
#include "support/judge.h"
#include "token/key.h"

#define NOW     FORGE_NOW
#define PAYLOAD "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}"
#define BOUND                                                                  \
    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"aws:viewer-id\":\"v\","      \
    "\"aws:single-use-uuid\":\"" FORGE_UUID "\",\"exp\":1700000060}"

/* Made with node's jose 5 and the key of RFC 6979 A.2.6:
 *   new SignJWT({'aws:channel-arn': ..., exp: 1700000300})
 *     .setProtectedHeader({typ: 'JWT', alg: 'ES384'}).sign(judge_key) */
static const char jose_token[] =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzM4NCJ9."
    "eyJhd3M6Y2hhbm5lbC1hcm4iOiJhcm46YXdzOml2czp1cy13ZXN0LTI6MTIzNDU2Nzg5MDEy"
    "OmNoYW5uZWwvYWJjZEFCQ0RlZmdoIiwiYXdzOmFjY2Vzcy1jb250cm9sLWFsbG93LW9yaWdp"
    "biI6Imh0dHBzOi8vZXhhbXBsZS5jb20sIGh0dHBzOi8vKi5leGFtcGxlLmNvbSIsImF3czpz"
    "dHJpY3Qtb3JpZ2luLWVuZm9yY2VtZW50Ijp0cnVlLCJhd3M6c2luZ2xlLXVzZS11dWlkIjoi"
    "MTIzZTQ1NjctZTg5Yi00MmQzLWE0NTYtNDI2NjE0MTc0MDAwIiwiYXdzOnZpZXdlci1pZCI6"
    "InZpZXdlci3DqSIsImF3czp2aWV3ZXItc2Vzc2lvbi12ZXJzaW9uIjo3LCJhd3M6bWF4aW11"
    "bS1yZXNvbHV0aW9uIjoiSEQiLCJqdGkiOiJqMSIsImV4cCI6MTcwMDAwMDMwMH0."
    "1KZg3FXSVvabQEIiejfHxgJwUn_Quu-bn9dZPyJrPEzz-w_Xjr-L6D-0yuxw8zLMxVtUdYS_"
    "SfyQzNDaEEanCnjlcUzjprIhEXIUu-iTJ5r0dsp1LQye1UE-CJ0Y3v_i";

static void
token_of_another_implementation_is_read_whole(void **state)
{
    ivs_key *other = NULL, *public = forge_public_key(IVS_ENGINE_DEFAULT);
    const ivs_claims *c;
    ivs_verify_options opt;
    ivs_verified *v = NULL;

    (void)state;
    assert_int_equal(ivs_key_generate(NULL, &other, NULL), IVS_OK);
    ivs_verify_options_init(&opt, sizeof opt);
    opt.origin = "https://www.example.com";
    assert_int_equal(
        ivs_token_verify((const ivs_key *const[]){other, judge_key, judge_key},
                         3, jose_token, strlen(jose_token), &opt, NOW, &v,
                         NULL),
        IVS_OK);
    assert_int_equal(ivs_verified_key_index(v), 1);
    c = ivs_verified_claims(v);
    assert_int_equal(c->size, sizeof *c);
    assert_string_equal(c->channel_arn, FORGE_CHANNEL);
    assert_string_equal(c->viewer_id, "viewer-\xc3\xa9");
    assert_true(c->has_viewer_session_version);
    assert_int_equal(c->viewer_session_version, 7);
    assert_int_equal(c->norigins, 2);
    assert_string_equal(c->origins[0], "https://example.com");
    assert_string_equal(c->origins[1], "https://*.example.com");
    assert_true(c->strict_origin_enforcement);
    assert_string_equal(c->single_use_uuid, FORGE_UUID);
    assert_int_equal(c->maximum_resolution, IVS_RESOLUTION_HD);
    assert_int_equal(c->ttl_s, 0);
    assert_int_equal(c->expires_at_s, 1700000300);
    assert_string_equal(c->extra_json, "{\"jti\":\"j1\"}");
    ivs_verified_free(v);
    assert_int_equal(ivs_token_verify((const ivs_key *const[]){public}, 1,
                                      jose_token, strlen(jose_token), &opt, NOW,
                                      NULL, NULL),
                     IVS_OK);
    ivs_verified_free(NULL);
    ivs_key_free(other);
    ivs_key_free(public);
}

/* ---- signature ---- */

/* The order of P-384 (FIPS 186-4 D.1.2.4). */
static const uint8_t order[48] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
    0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

static void
expect_signature(const char *name, const uint8_t *signature, size_t len,
                 ivs_reject_reason reason)
{
    char *token = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), PAYLOAD,
                             strlen(PAYLOAD), signature, len);

    judge_expect(name, token, strlen(token), NULL, reason);
    free(token);
}

static void
sign_payload(uint8_t ret[96])
{
    uint8_t digest[48];
    char *input = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), PAYLOAD,
                             strlen(PAYLOAD), "", 0);

    assert_true(ivs_sha384(input, strlen(input) - 1, digest));
    assert_int_equal(ivs_key_sign_digest(judge_key, digest, ret, NULL), IVS_OK);
    free(input);
}

static void
signature_numbers_must_be_in_range(void **state)
{
    static const struct {
        const char *name;
        int r, s; /* -1: as signed; 0: zero; 1: n; 2: n - 1; 3: all ones */
        ivs_reject_reason reason;
    } rows[] = {
        {"as signed", -1, -1, IVS_REJECT_NONE},
        {"r = 0", 0, -1, IVS_REJECT_SIGNATURE_FORMAT},
        {"s = 0", -1, 0, IVS_REJECT_SIGNATURE_FORMAT},
        {"r = s = 0", 0, 0, IVS_REJECT_SIGNATURE_FORMAT},
        {"r = n", 1, -1, IVS_REJECT_SIGNATURE_FORMAT},
        {"s = n", -1, 1, IVS_REJECT_SIGNATURE_FORMAT},
        {"r = s = n", 1, 1, IVS_REJECT_SIGNATURE_FORMAT},
        {"r = n - 1", 2, -1, IVS_REJECT_SIGNATURE},
        {"s = n - 1", -1, 2, IVS_REJECT_SIGNATURE},
        {"all ones", 3, 3, IVS_REJECT_SIGNATURE_FORMAT},
    };
    uint8_t value[4][48] = {{0}}, good[96], bad[96];

    (void)state;
    memcpy(value[1], order, 48);
    memcpy(value[2], order, 48);
    value[2][47]--;
    memset(value[3], 0xff, 48);
    sign_payload(good);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(bad, good, 96);
        if (rows[i].r >= 0)
            memcpy(bad, value[rows[i].r], 48);
        if (rows[i].s >= 0)
            memcpy(bad + 48, value[rows[i].s], 48);
        expect_signature(rows[i].name, bad, 96, rows[i].reason);
    }
}

static void
signature_of_another_size_is_refused(void **state)
{
    uint8_t good[96], other[2048] = {0}, der[104] = {0x30, 102};
    ivs_error err;
    char *token;

    (void)state;
    sign_payload(good);
    memcpy(other, good, 96);
    expect_signature("95 bytes", other, 95, IVS_REJECT_SIGNATURE_FORMAT);
    expect_signature("97 bytes", other, 97, IVS_REJECT_SIGNATURE_FORMAT);
    expect_signature("ES256", other, 64, IVS_REJECT_SIGNATURE_FORMAT);
    expect_signature("ES512", other, 132, IVS_REJECT_SIGNATURE_FORMAT);
    expect_signature("2 KB", other, sizeof other, IVS_REJECT_SIGNATURE_FORMAT);
    for (size_t i = 0; i < 2; i++) {
        der[2 + 51 * i] = 0x02;
        der[3 + 51 * i] = 49;
        memcpy(der + 5 + 51 * i, good + 48 * i, 48);
    }
    token = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), PAYLOAD,
                       strlen(PAYLOAD), der, sizeof der);
    assert_int_equal(judge(token, strlen(token), NULL, &err), IVS_E_TOKEN);
    assert_int_equal(err.reason, IVS_REJECT_SIGNATURE_FORMAT);
    assert_non_null(strstr(err.message, "DER signature of 104 bytes"));
    free(token);
}

/* RFC 2104 with SHA-384. */
static void
hmac_sha384(const void *secret, size_t secret_len, const char *text,
            uint8_t ret[48])
{
    uint8_t block[128 + 1024] = {0}, inner[48], outer[128 + 48] = {0};
    size_t len = strlen(text);

    assert_true(secret_len > 128 && len <= 1024);
    assert_true(ivs_sha384(secret, secret_len, block));
    memcpy(outer, block, 48);
    for (size_t i = 0; i < 128; i++) {
        block[i] ^= 0x36;
        outer[i] ^= 0x5c;
    }
    memcpy(block + 128, text, len);
    assert_true(ivs_sha384(block, 128 + len, inner));
    memcpy(outer + 128, inner, 48);
    assert_true(ivs_sha384(outer, sizeof outer, ret));
}

static void
mac_keyed_with_the_public_key_is_refused(void **state)
{
    static const struct {
        const char *header;
        ivs_reject_reason reason;
    } rows[] = {
        {"{\"alg\":\"HS384\",\"typ\":\"JWT\"}", IVS_REJECT_ALG},
        {FORGE_HEADER, IVS_REJECT_SIGNATURE_FORMAT},
    };
    char *pem = NULL;
    size_t pem_len;

    (void)state;
    assert_int_equal(
        ivs_key_export(judge_key, IVS_KEY_SPKI, NULL, &pem, &pem_len, NULL),
        IVS_OK);
    for (size_t i = 0; i < 2; i++) {
        const char *header = rows[i].header;
        char *text =
            forge_join(header, strlen(header), PAYLOAD, strlen(PAYLOAD), "", 0);
        uint8_t mac[48];

        text[strlen(text) - 1] = '\0';
        hmac_sha384(pem, pem_len, text, mac);
        free(text);
        text = forge_join(header, strlen(header), PAYLOAD, strlen(PAYLOAD), mac,
                          sizeof mac);
        judge_expect(header, text, strlen(text), NULL, rows[i].reason);
        free(text);
    }
    ivs_free(pem);
}

static void
no_changed_character_verifies(void **state)
{
    char *token = forge_token(judge_key, FORGE_HEADER, PAYLOAD);
    size_t len = strlen(token);

    (void)state;
    for (size_t i = 0; i < len; i++) {
        char was = token[i];
        ivs_error err;

        token[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(judge(token, len, NULL, &err), IVS_E_TOKEN);
        token[i] = was;
    }
    judge_expect("restored", token, len, NULL, IVS_REJECT_NONE);
    judge_expect("cut", token, len - 4, NULL, IVS_REJECT_SIGNATURE_FORMAT);
    free(token);
}

static void
key_of_another_pair_verifies_nothing(void **state)
{
    ivs_key *other[2] = {NULL, NULL};
    char *token = forge_token(judge_key, FORGE_HEADER, BOUND);
    ivs_error err = {0};

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ivs_key_generate(NULL, &other[i], NULL), IVS_OK);
    assert_int_equal(
        ivs_token_verify((const ivs_key *const[]){other[0], other[1]}, 2, token,
                         strlen(token), NULL, NOW, NULL, &err),
        IVS_E_TOKEN);
    assert_int_equal(err.reason, IVS_REJECT_SIGNATURE);
    ivs_key_free(other[0]);
    ivs_key_free(other[1]);
    free(token);
}

static void
bad_signature_tells_nothing_of_the_claims(void **state)
{
    static const uint8_t one[96] = {[47] = 1, [95] = 1};
    static const char expired[] = "{\"exp\":1}";
    char *token = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), expired,
                             strlen(expired), one, sizeof one);

    (void)state;
    judge_expect("forged", token, strlen(token), NULL, IVS_REJECT_SIGNATURE);
    free(token);
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
        {CLAIMS("\"aws:viewer-id\":\"v\",\"exp\":1700000601"),
         "exp 2023-11-14T22:23:21Z (1700000601) is more than 600 s after now, "
         "2023-11-14T22:13:20Z (1700000000): the limit with a viewer id or "
         "single-use UUID"},
        {CLAIMS("\"aws:viewer-id\":\"v\",\"exp\":1700000601000"),
         "exp 1700000601000 is more than 600 s after now, "
         "2023-11-14T22:13:20Z (1700000000): the limit with a viewer id or "
         "single-use UUID"},
        {CLAIMS("\"exp\":1700000060,\"nbf\":1700000001"),
         "nbf 2023-11-14T22:13:21Z (1700000001) is after now, "
         "2023-11-14T22:13:20Z (1700000000)"},
    };
#undef CLAIMS

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_token(judge_key, FORGE_HEADER, rows[i].payload);
        ivs_error err;

        assert_int_equal(ivs_token_verify((const ivs_key *const[]){judge_key},
                                          1, token, strlen(token), NULL, NOW,
                                          NULL, &err),
                         IVS_E_TOKEN);
        assert_string_equal(err.message, rows[i].message);
        free(token);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_of_another_implementation_is_read_whole),
        cmocka_unit_test(signature_numbers_must_be_in_range),
        cmocka_unit_test(signature_of_another_size_is_refused),
        cmocka_unit_test(mac_keyed_with_the_public_key_is_refused),
        cmocka_unit_test(no_changed_character_verifies),
        cmocka_unit_test(key_of_another_pair_verifies_nothing),
        cmocka_unit_test(bad_signature_tells_nothing_of_the_claims),
        cmocka_unit_test(times_are_said_in_words_and_numbers),
    };

    return judge_run(tests);
}
