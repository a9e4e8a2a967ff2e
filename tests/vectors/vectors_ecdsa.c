/* SPDX-License-Identifier: MIT */
/* NIST CAVP and RFC 6979 vectors for P-384 through the key checks and through
 * signing and verifying by every engine of the build. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include "base/digest.h"
#include "support/keys.h"
#include "token/key.h"
#include "token/key_object.h"

#define SIG IVS_ES384_SIGNATURE_BYTES

static ivs_engine built[2];
static size_t nbuilt;
static json_t *nist, *rfc6979;

static bool
unhex(const char *hex, uint8_t *ret, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    if (hex == NULL || strlen(hex) != 2 * len)
        return false;
    for (size_t i = 0; i < 2 * len; i++) {
        const char *digit = strchr(digits, hex[i]);

        if (digit == NULL)
            return false;
        ret[i / 2] = (uint8_t)(ret[i / 2] << 4 | (digit - digits));
    }
    return true;
}

static const char *
text(const json_t *row, const char *name)
{
    const char *value = json_string_value(json_object_get(row, name));

    if (value == NULL)
        fail_msg("the vectors have no %s", name);
    return value;
}

static void
bytes(const json_t *row, const char *name, uint8_t *ret, size_t len)
{
    if (!unhex(text(row, name), ret, len))
        fail_msg("%s is not %zu bytes", name, len);
}

static ivs_status
make_key(const json_t *row, bool with_d, ivs_engine engine, ivs_key **ret)
{
    uint8_t point[IVS_P384_POINT_BYTES] = {4}, d[IVS_P384_BYTES];

    bytes(row, "x", point + 1, IVS_P384_BYTES);
    bytes(row, "y", point + 1 + IVS_P384_BYTES, IVS_P384_BYTES);
    if (with_d)
        bytes(row, "d", d, sizeof d);
    return ivs_key_from_numbers(point, with_d ? d : NULL, engine, ret, NULL);
}

static void
sha384_of_hex(const char *hex, uint8_t ret[IVS_SHA384_SIZE])
{
    size_t len = strlen(hex) / 2;
    uint8_t *message = malloc(len + 1);

    assert_non_null(message);
    assert_true(unhex(hex, message, len));
    assert_true(ivs_sha384(message, len, ret));
    free(message);
}

/* One row by one engine, over the SHA-384 of its message. */
static void
check_verdict(const json_t *row, size_t i, ivs_engine engine)
{
    bool expected = strcmp(text(row, "expect_ES384"), "accept") == 0;
    uint8_t digest[IVS_SHA384_SIZE], sig[SIG];
    ivs_key *key = NULL;
    bool good = false;

    sha384_of_hex(text(row, "msg"), digest);
    bytes(row, "sig", sig, sizeof sig);
    if (make_key(row, false, engine, &key) != IVS_OK) {
        /* A changed Q may have left the curve. */
        if (expected)
            fail_msg("row %zu: a good key was refused", i);
        return;
    }
    assert_int_equal(ivs_key_verify_digest(key, digest, sig, &good, NULL),
                     IVS_OK);
    if (good != expected)
        fail_msg("row %zu, %s: %s", i, ivs_key_engine(key),
                 good ? "accepted" : "rejected");
    ivs_key_free(key);
}

static void
check_verdicts(const char *name, size_t accepted)
{
    const json_t *rows = json_object_get(nist, name), *row;
    size_t i, count = 0;

    assert_true(json_array_size(rows) > 0);
    json_array_foreach(rows, i, row)
    {
        count += strcmp(text(row, "expect_ES384"), "accept") == 0;
        for (size_t e = 0; e < nbuilt; e++)
            check_verdict(row, i, built[e]);
    }
    assert_true(count >= accepted);
}

static void
nist_sigver_gets_the_expected_verdict(void **state)
{
    (void)state;
    check_verdicts("sigver", 1);
}

static void
nist_siggen_gets_the_expected_verdict(void **state)
{
    (void)state;
    check_verdicts("siggen", 15);
}

/* SPKI with whatever the vector calls a point: out of range takes 49 bytes. */
static size_t
spki_of(const json_t *row, uint8_t ret[160])
{
    static const uint8_t algorithm[] = {
        0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
    };
    static const char *const names[] = {"x", "y"};
    uint8_t *at = ret + 2;

    memcpy(at, algorithm, sizeof algorithm);
    at += sizeof algorithm + 4;
    for (size_t i = 0; i < 2; i++) {
        const char *hex = text(row, names[i]);
        char even[120];

        (void)snprintf(even, sizeof even, "%s%s",
                       strlen(hex) % 2 == 0 ? "" : "0", hex);
        assert_true(unhex(even, at, strlen(even) / 2));
        at += strlen(even) / 2;
    }
    ret[0] = 0x30;
    ret[1] = (uint8_t)(at - ret - 2);
    ret[2 + sizeof algorithm] = 0x03;
    ret[3 + sizeof algorithm] =
        (uint8_t)((size_t)(at - ret) - 4 - sizeof algorithm);
    ret[4 + sizeof algorithm] = 0;
    ret[5 + sizeof algorithm] = 4;
    return (size_t)(at - ret);
}

static void
nist_pkv_points_pass_or_fail_as_told(void **state)
{
    const json_t *row;
    size_t i, good = 0;

    (void)state;
    json_array_foreach(json_object_get(nist, "pkv"), i, row)
    {
        bool expected = text(row, "result")[0] == 'P';
        uint8_t spki[160];
        size_t len = spki_of(row, spki);
        ivs_key *key = NULL;
        ivs_status s;

        s = ivs_key_parse(spki, len, NULL, &key, NULL);
        if (s != (expected ? IVS_OK : IVS_E_KEY))
            fail_msg("row %zu, %s: %s", i, text(row, "result"),
                     ivs_status_name(s));
        good += expected;
        ivs_key_free(key);
    }
    assert_true(i > 0 && good > 0 && good < i);
}

static void
nist_key_pairs_match_and_sign(void **state)
{
    const json_t *rows = json_object_get(nist, "keypair"), *row;
    size_t i;

    (void)state;
    json_array_foreach(rows, i, row)
    {
        for (size_t e = 0; e < nbuilt; e++) {
            ivs_key *key = NULL;

            assert_int_equal(make_key(row, true, built[e], &key), IVS_OK);
            assert_true(ivs_key_has_private(key));
            ivs_key_free(key);
        }
    }
    assert_true(i > 1);
}

static void
nist_private_keys_do_not_match_their_neighbours(void **state)
{
    const json_t *rows = json_object_get(nist, "keypair"), *row;
    size_t i, n = json_array_size(rows);

    (void)state;
    json_array_foreach(rows, i, row)
    {
        json_t *mixed = json_copy(json_array_get(rows, i));
        const json_t *neighbour = json_array_get(rows, (i + 1) % n);
        ivs_key *key = NULL;

        assert_int_equal(
            json_object_set(mixed, "d", json_object_get(neighbour, "d")), 0);
        assert_int_equal(make_key(mixed, true, IVS_ENGINE_DEFAULT, &key),
                         IVS_E_KEY);
        assert_null(key);
        json_decref(mixed);
    }
}

/* A.2.6: our digest is always SHA-384, so the other rows must not verify. */
static void
rfc6979_signatures_verify_and_gnutls_makes_the_same(void **state)
{
    const json_t *row;
    size_t i, equal = 0;

    (void)state;
    json_array_foreach(json_object_get(rfc6979, "vectors"), i, row)
    {
        bool expected = strcmp(text(row, "expect_ES384_verify"), "accept") == 0;
        const char *message = text(row, "msg");
        uint8_t digest[IVS_SHA384_SIZE], sig[SIG], made[SIG];

        bytes(row, "p1363", sig, sizeof sig);
        assert_true(ivs_sha384(message, strlen(message), digest));
        for (size_t e = 0; e < nbuilt; e++) {
            ivs_key *key = NULL;
            bool good = false;

            assert_int_equal(make_key(rfc6979, true, built[e], &key), IVS_OK);
            assert_int_equal(
                ivs_key_verify_digest(key, digest, sig, &good, NULL), IVS_OK);
            assert_int_equal(good, expected);
            if (expected && built[e] == IVS_ENGINE_GNUTLS) {
                assert_int_equal(ivs_key_sign_digest(key, digest, made, NULL),
                                 IVS_OK);
                assert_memory_equal(made, sig, SIG);
                equal++;
            }
            ivs_key_free(key);
        }
    }
    assert_int_equal(equal, nbuilt == 2 ? 2 : 0);
}

static json_t *
load(const char *folder, const char *name)
{
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/ecdsa/%s", folder, name);
    return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nist_sigver_gets_the_expected_verdict),
        cmocka_unit_test(nist_siggen_gets_the_expected_verdict),
        cmocka_unit_test(nist_pkv_points_pass_or_fail_as_told),
        cmocka_unit_test(nist_key_pairs_match_and_sign),
        cmocka_unit_test(nist_private_keys_do_not_match_their_neighbours),
        cmocka_unit_test(rfc6979_signatures_verify_and_gnutls_makes_the_same),
    };
    const char *folder = getenv("IVS_VECTORS");
    int failed;

    if (folder != NULL) {
        nist = load(folder, "nist_p384.json");
        rfc6979 = load(folder, "rfc6979_p384.json");
    }
    if (nist == NULL || rfc6979 == NULL)
        return 77;
    nbuilt = engines_built(built);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(nist);
    json_decref(rfc6979);
    return failed;
}
