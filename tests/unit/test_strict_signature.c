/* SPDX-License-Identifier: MIT */
/* Signatures of every size and with every number at the edges, and exp of every
 * kind, through verify and both engines. */

#include "support/test.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "base/b64url.h"
#include "support/judge.h"
#include "token/key_object.h"

#define OPEN    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\""
#define PAYLOAD OPEN ",\"exp\":1700000060}"

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
good_signature(uint8_t ret[96])
{
    char *token = forge_token(judge_key, FORGE_HEADER, PAYLOAD);
    size_t n = 0;

    assert_true(ivs_b64url_decode(strrchr(token, '.') + 1, 128, ret, 96, &n));
    assert_int_equal(n, 96);
    free(token);
}

static void
only_96_bytes_are_a_signature(void **state)
{
    static uint8_t many[16000];
    uint8_t signature[96];
    char name[32];

    (void)state;
    good_signature(signature);
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = signature[i % 96];
    for (size_t len = 0; len <= 300; len++) {
        (void)snprintf(name, sizeof name, "%zu bytes", len);
        expect_signature(name, many, len,
                         len == 96 ? IVS_REJECT_NONE
                                   : IVS_REJECT_SIGNATURE_FORMAT);
    }
    expect_signature("11000 bytes", many, 11000, IVS_REJECT_SIGNATURE_FORMAT);
    /* 21830 characters overflowed HAProxy's conversion to DER in 2026. */
    expect_signature("21830 characters", many, 16000, IVS_REJECT_TOO_LONG);
}

/* Whole, cut at each byte, and with a byte more. */
static void
der_of_a_good_signature_is_refused(void **state)
{
    char *input = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), PAYLOAD,
                             strlen(PAYLOAD), "", 0);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t der[160] = {0};
    size_t len = sizeof der;
    ivs_error err;
    char *token;

    (void)state;
    assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, "SHA384", NULL, NULL,
                                           judge_key->pkey, NULL),
                     1);
    assert_int_equal(EVP_DigestSign(ctx, der, &len,
                                    (const unsigned char *)input,
                                    strlen(input) - 1),
                     1);
    EVP_MD_CTX_free(ctx);
    free(input);
    assert_true(len > 97);
    token = forge_join(FORGE_HEADER, strlen(FORGE_HEADER), PAYLOAD,
                       strlen(PAYLOAD), der, len);
    assert_int_equal(judge(token, strlen(token), NULL, &err), IVS_E_TOKEN);
    assert_int_equal(err.reason, IVS_REJECT_SIGNATURE_FORMAT);
    assert_non_null(strstr(err.message, "DER signature"));
    free(token);
    for (size_t n = 0; n <= len + 1; n++)
        expect_signature("part of DER", der, n,
                         n == 96 ? IVS_REJECT_SIGNATURE
                                 : IVS_REJECT_SIGNATURE_FORMAT);
}

/* Numbers of P-384: FIPS 186-4 D.1.2.4. */
static const struct {
    const char *name, *hex;
    bool in_range;
} numbers[] = {
    {"0", "0", false},
    {"1", "1", true},
    {"2", "2", true},
    {"2^383",
     "8000000000000000000000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000",
     true},
    {"n - 1",
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
     "581A0DB248B0A77AECEC196ACCC52972",
     true},
    {"n",
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
     "581A0DB248B0A77AECEC196ACCC52973",
     false},
    {"n + 1",
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
     "581A0DB248B0A77AECEC196ACCC52974",
     false},
    {"p - n",
     "000000000000000000000000000000000000000000000000389CB27E0BC8D21F"
     "A7E5F24CB74F58851313E696333AD68C",
     true},
    {"p",
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE"
     "FFFFFFFF0000000000000000FFFFFFFF",
     false},
    {"2^384 - 1",
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
     false},
};
#define NUMBERS (sizeof numbers / sizeof *numbers)
#define N       5 /* of numbers: the order */

static void
number(size_t i, uint8_t ret[48])
{
    BIGNUM *bn = NULL;

    assert_true(BN_hex2bn(&bn, numbers[i].hex) > 0);
    assert_int_equal(BN_bn2binpad(bn, ret, 48), 48);
    BN_free(bn);
}

static void
no_pair_of_edge_numbers_is_a_signature(void **state)
{
    uint8_t good[96], bad[96];
    char name[64];

    (void)state;
    good_signature(good);
    for (size_t r = 0; r <= NUMBERS; r++) {
        for (size_t s = 0; s <= NUMBERS; s++) {
            bool in_range = (r == NUMBERS || numbers[r].in_range) &&
                            (s == NUMBERS || numbers[s].in_range);

            if (r == NUMBERS && s == NUMBERS)
                continue;
            memcpy(bad, good, 96);
            if (r < NUMBERS)
                number(r, bad);
            if (s < NUMBERS)
                number(s, bad + 48);
            (void)snprintf(name, sizeof name, "r = %s, s = %s",
                           r < NUMBERS ? numbers[r].name : "as signed",
                           s < NUMBERS ? numbers[s].name : "as signed");
            expect_signature(name, bad, 96,
                             in_range ? IVS_REJECT_SIGNATURE
                                      : IVS_REJECT_SIGNATURE_FORMAT);
        }
    }
}

static void
halves_exchanged_and_repeated_are_refused(void **state)
{
    uint8_t good[96], bad[96];

    (void)state;
    good_signature(good);
    memcpy(bad, good + 48, 48);
    memcpy(bad + 48, good, 48);
    expect_signature("s, r", bad, 96, IVS_REJECT_SIGNATURE);
    memcpy(bad, good, 48);
    expect_signature("r, r", bad, 96, IVS_REJECT_SIGNATURE);
    memcpy(bad, good + 48, 48);
    memcpy(bad + 48, good + 48, 48);
    expect_signature("s, s", bad, 96, IVS_REJECT_SIGNATURE);
    for (size_t i = 0; i < 96; i++)
        bad[i] = good[95 - i];
    expect_signature("little-endian", bad, 96, IVS_REJECT_SIGNATURE);
}

/* r, n - s is the other signature of the same message (SEC 1 section 4.1.3): a
 * token is not named by its signature. */
static void
both_signatures_of_ecdsa_are_good(void **state)
{
    uint8_t signature[96], order[48];
    BIGNUM *s, *n;

    (void)state;
    good_signature(signature);
    number(N, order);
    s = BN_bin2bn(signature + 48, 48, NULL);
    n = BN_bin2bn(order, 48, NULL);
    assert_int_equal(BN_sub(s, n, s), 1);
    assert_int_equal(BN_bn2binpad(s, signature + 48, 48), 48);
    expect_signature("n - s", signature, 96, IVS_REJECT_NONE);
    BN_free(s);
    BN_free(n);
}

/* ---- exp ---- */

static void
exp_is_an_integer_in_its_range(void **state)
{
    static const struct {
        const char *exp;
        ivs_reject_reason plain, bound; /* bound: with a viewer id */
    } rows[] = {
#define BOTH(exp, reason) {exp, IVS_REJECT_##reason, IVS_REJECT_##reason}
        BOTH("1700000060", NONE),
        BOTH("1700000600", NONE),
        BOTH("1700000001", NONE),
        BOTH("1700000000", EXPIRED),
        BOTH("0", EXPIRED),
        BOTH("-0", EXPIRED),
        BOTH("-1", EXPIRED),
        BOTH("-1700000060", EXPIRED),
        BOTH("-9223372036854775808", EXPIRED),
        {"1700000601", IVS_REJECT_NONE, IVS_REJECT_EXP_TOO_FAR},
        {"4294967296", IVS_REJECT_NONE, IVS_REJECT_EXP_TOO_FAR},
        {"1700000060000", IVS_REJECT_NONE, IVS_REJECT_EXP_TOO_FAR},
        {"9223372036854775807", IVS_REJECT_NONE, IVS_REJECT_EXP_TOO_FAR},
        BOTH("9223372036854775808", JSON_NUMBER),
        BOTH("-9223372036854775809", JSON_NUMBER),
        BOTH("18446744075409551676", JSON_NUMBER), /* 2^64 more */
        BOTH("1e400", JSON_NUMBER),
        BOTH("1700000060.0", EXP_TYPE),
        BOTH("1700000060.5", EXP_TYPE),
        BOTH("1700000060e0", EXP_TYPE),
        BOTH("17000000600E-1", EXP_TYPE),
        BOTH("1.7e9", EXP_TYPE),
        BOTH("1e300", EXP_TYPE),
        BOTH("-0.0", EXP_TYPE),
        BOTH("\"1700000060\"", EXP_TYPE),
        BOTH("\"\"", EXP_TYPE),
        BOTH("\"2100-01-01T00:00:00Z\"", EXP_TYPE),
        BOTH("true", EXP_TYPE),
        BOTH("false", EXP_TYPE),
        BOTH("null", EXP_TYPE),
        BOTH("[1700000060]", EXP_TYPE),
        BOTH("{\"$numberLong\":\"1700000060\"}", EXP_TYPE),
        BOTH("01700000060", JSON),
        BOTH("0x65536", JSON),
        BOTH("+1700000060", JSON),
        BOTH("NaN", JSON),
        BOTH("Infinity", JSON),
#undef BOTH
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[512];

        (void)snprintf(payload, sizeof payload, OPEN ",\"exp\":%s}",
                       rows[i].exp);
        judge_expect_payload(rows[i].exp, payload, NULL, rows[i].plain);
        (void)snprintf(payload, sizeof payload,
                       OPEN ",\"aws:viewer-id\":\"v\",\"exp\":%s}",
                       rows[i].exp);
        judge_expect_payload(rows[i].exp, payload, NULL, rows[i].bound);
        (void)snprintf(payload, sizeof payload,
                       OPEN ",\"aws:single-use-uuid\":\"" FORGE_UUID
                            "\",\"exp\":%s}",
                       rows[i].exp);
        judge_expect_payload(rows[i].exp, payload, NULL, rows[i].bound);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_96_bytes_are_a_signature),
        cmocka_unit_test(der_of_a_good_signature_is_refused),
        cmocka_unit_test(no_pair_of_edge_numbers_is_a_signature),
        cmocka_unit_test(halves_exchanged_and_repeated_are_refused),
        cmocka_unit_test(both_signatures_of_ecdsa_are_good),
        cmocka_unit_test(exp_is_an_integer_in_its_range),
    };

    return judge_run(tests);
}
