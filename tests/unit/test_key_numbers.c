/* SPDX-License-Identifier: MIT */
/* ivs_key_parse(): keys with wrong numbers, and odd DER. */

#include "support/key_input.h"

struct numbers {
    uint8_t d[IVS_P384_BYTES];
    uint8_t point[IVS_P384_POINT_BYTES];
};

static void
unb64(const char *text, uint8_t ret[IVS_P384_BYTES])
{
    size_t n;

    assert_true(ivs_b64url_decode(text, strlen(text), ret, IVS_P384_BYTES, &n));
    assert_int_equal(n, IVS_P384_BYTES);
}

static void
numbers_of_a(struct numbers *ret)
{
    unb64(KEY_A_D, ret->d);
    ret->point[0] = 4;
    unb64(KEY_A_X, ret->point + 1);
    unb64(KEY_A_Y, ret->point + 1 + IVS_P384_BYTES);
}

/* RFC 5915: version, d, [0] the curve, [1] the point. */
static void
make_sec1(const struct numbers *n)
{
    input.len = 0;
    put("\x30\x81\xa4\x02\x01\x01\x04\x30", 8);
    put(n->d, sizeof n->d);
    put("\xa0\x07\x06\x05\x2b\x81\x04\x00\x22\xa1\x64\x03\x62\x00", 14);
    put(n->point, sizeof n->point);
}

/* RFC 5958, and inside it RFC 5915 with a curve of its own where oid says. */
static void
make_pkcs8(const struct numbers *n, const char *oid)
{
    size_t more = oid == NULL ? 0 : 9;
    const uint8_t outer[] = {0x30, 0x81, (uint8_t)(0xb6 + more)};
    const uint8_t octets[] = {0x04, 0x81, (uint8_t)(0x9e + more)};
    const uint8_t inner[] = {0x30, 0x81, (uint8_t)(0x9b + more)};

    input.len = 0;
    put(outer, sizeof outer);
    put("\x02\x01\x00\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 14);
    put("\x06\x05\x2b\x81\x04\x00\x22", 7);
    put(octets, sizeof octets);
    put(inner, sizeof inner);
    put("\x02\x01\x01\x04\x30", 5);
    put(n->d, sizeof n->d);
    if (oid != NULL) {
        put("\xa0\x07\x06\x05", 4);
        put(oid, 5);
    }
    put("\xa1\x64\x03\x62\x00", 5);
    put(n->point, sizeof n->point);
}

static void
make_spki(const struct numbers *n)
{
    input.len = 0;
    put("\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 13);
    put("\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00", 10);
    put(n->point, sizeof n->point);
}

static void
good_numbers_are_accepted_in_each_structure(void **state)
{
    struct numbers n;

    (void)state;
    numbers_of_a(&n);
    make_sec1(&n);
    expect_key("SEC1", true);
    make_pkcs8(&n, NULL);
    expect_key("PKCS#8", true);
    make_pkcs8(&n, "\x2b\x81\x04\x00\x22");
    expect_key("PKCS#8 that names the curve twice", true);
    make_spki(&n);
    expect_key("SPKI", false);
}

static void
private_number_outside_1_to_n_minus_1_is_refused(void **state)
{
    static const char n_order[] =
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf"
        "\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73";
    static const char words[] = "a P-384 key whose private number is outside";
    struct numbers n;

    (void)state;
    numbers_of_a(&n);
    memset(n.d, 0, sizeof n.d);
    make_sec1(&n);
    expect_refusal("d = 0", true, IVS_E_KEY, words);
    memcpy(n.d, n_order, sizeof n.d);
    make_pkcs8(&n, NULL);
    expect_refusal("d = n", true, IVS_E_KEY, words);
    n.d[47]++;
    make_sec1(&n);
    expect_refusal("d = n + 1", true, IVS_E_KEY, words);
    memset(n.d, 0xff, sizeof n.d);
    make_sec1(&n);
    expect_refusal("d = 2^384 - 1", true, IVS_E_KEY, words);
}

static void
halves_that_do_not_match_are_refused(void **state)
{
    static const char words[] = "private and public halves do not match";
    struct numbers n;

    (void)state;
    numbers_of_a(&n);
    unb64(KEY_B_D, n.d);
    make_sec1(&n);
    expect_refusal("SEC1", true, IVS_E_KEY, words);
    make_pkcs8(&n, NULL);
    expect_refusal("PKCS#8", true, IVS_E_KEY, words);
    numbers_of_a(&n);
    n.d[47] ^= 1;
    make_pkcs8(&n, NULL);
    expect_refusal("one bit", true, IVS_E_KEY, words);
}

static void
point_off_the_curve_is_refused(void **state)
{
    static const char words[] = "public point is not on the curve";
    struct numbers n;

    (void)state;
    numbers_of_a(&n);
    n.point[96] ^= 1;
    make_spki(&n);
    expect_refusal("SPKI", true, IVS_E_KEY, words);
    make_sec1(&n);
    expect_refusal("SEC1", true, IVS_E_KEY, words);
    make_pkcs8(&n, NULL);
    expect_refusal("PKCS#8", true, IVS_E_KEY, words);
    memset(n.point + 1, 0, 96);
    make_spki(&n);
    expect_refusal("0, 0", true, IVS_E_KEY, words);
    memset(n.point + 1, 0xff, 96);
    make_spki(&n);
    expect_refusal("not below p", true, IVS_E_KEY, words);
    numbers_of_a(&n);
    n.point[0] = 5;
    make_spki(&n);
    expect_refusal("no such encoding", true, IVS_E_KEY, words);
    /* The point at infinity is one zero byte. */
    input.len = 0;
    put("\x30\x16\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 13);
    put("\x06\x05\x2b\x81\x04\x00\x22\x03\x02\x00\x00", 11);
    expect_refusal("infinity", true, IVS_E_KEY, "public point");
}

static void
curve_inside_pkcs8_cannot_differ_from_the_one_outside(void **state)
{
    struct numbers n;

    (void)state;
    numbers_of_a(&n);
    make_pkcs8(&n, "\x2b\x81\x04\x00\x23"); /* secp521r1 */
    expect_refusal("P-521", true, IVS_E_KEY, "a damaged P-384 key");
}

/* Wrap the SEC1 key in input into PKCS#8 that names P-384. */
static void
wrap_in_p384(void)
{
    uint8_t sec1[1024], head[4] = {0x30, 0x82};
    size_t len = input.len, outer = 3 + 18 + 4 + len;

    assert_true(len <= sizeof sec1);
    memcpy(sec1, input.data, len);
    head[2] = (uint8_t)(outer >> 8);
    head[3] = (uint8_t)outer;
    input.len = 0;
    put(head, sizeof head);
    put("\x02\x01\x00\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 14);
    put("\x06\x05\x2b\x81\x04\x00\x22", 7);
    head[0] = 0x04;
    head[2] = (uint8_t)(len >> 8);
    head[3] = (uint8_t)len;
    put(head, sizeof head);
    put(sec1, len);
}

static void
pkcs8_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    run("openssl ec -in a.pem -outform DER 2>&-");
    wrap_in_p384();
    expect_key("no contradiction", true);
    run("openssl ec -in a.pem -param_enc explicit -outform DER 2>&-");
    wrap_in_p384();
    expect_refusal("explicit", true, IVS_E_KEY,
                   "explicit curve parameters where the named curve P-384");
    run("openssl ecparam -name prime256v1 -genkey -noout -outform DER");
    wrap_in_p384();
    expect_refusal("P-256", true, IVS_E_KEY,
                   "curve prime256v1 (P-256) where P-384 was expected");
}

/* Every prefix, and every byte changed: refused, or still key A. */
static void
no_damage_is_taken_for_another_key(void **state)
{
    struct numbers n;

    (void)state;
    numbers_of_a(&n);
    make_spki(&n);
    for (size_t i = 0, whole = input.len; i < whole; i++) {
        char fingerprint[IVS_FINGERPRINT_SIZE];
        ivs_key *key = NULL;

        input.len = i;
        assert_int_equal(parse(true, &key, NULL), IVS_E_FORMAT);
        input.len = whole;
        input.data[i] ^= 0x10;
        if (parse(true, &key, NULL) == IVS_OK) {
            assert_int_equal(ivs_key_fingerprint(key, fingerprint, NULL),
                             IVS_OK);
            assert_string_equal(fingerprint, KEY_A_FINGERPRINT);
            ivs_key_free(key);
        }
        input.data[i] ^= 0x10;
    }
}

static void
der_that_names_no_usable_algorithm_is_refused(void **state)
{
    static const struct {
        const char *name;
        const char *der;
        size_t len;
        ivs_status status;
        const char *message;
    } cases[] = {
        {"empty sequence", "\x30\x00", 2, IVS_E_FORMAT,
         "DER data of another kind"},
        {"indefinite length", "\x30\x80\x02\x01\x00\x00\x00", 7, IVS_E_FORMAT,
         "binary data"},
        {"length of lengths", "\x30\x84\x00\x00\x00\x00", 6, IVS_E_FORMAT,
         "binary data"},
        {"integers", "\x30\x06\x02\x01\x00\x02\x01\x00", 8, IVS_E_FORMAT,
         "an RSA or DSA key"},
        {"integer and text", "\x30\x06\x02\x01\x00\x0c\x01\x00", 8,
         IVS_E_FORMAT, "DER data of another kind"},
        {"object identifier", "\x30\x06\x06\x01\x2a\x02\x01\x00", 8,
         IVS_E_FORMAT, "a PKCS#7 file"},
        {"SPKI of no parameters",
         "\x30\x0d\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x03\x00", 15,
         IVS_E_KEY, "an EC key that names no curve"},
        {"SPKI of an unknown algorithm",
         "\x30\x08\x30\x04\x06\x02\x2a\x03\x03\x00", 10, IVS_E_KEY,
         "a key of algorithm 1.2.3 where"},
        {"SPKI of a malformed algorithm",
         "\x30\x08\x30\x04\x06\x02\x80\x80\x03\x00", 10, IVS_E_KEY,
         "a key of algorithm unknown where"},
        {"PKCS#8 without an algorithm", "\x30\x05\x02\x01\x00\x30\x00", 7,
         IVS_E_FORMAT, "a damaged key: it names no algorithm"},
        {"SEC1 without a curve", "\x30\x06\x02\x01\x01\x04\x01\x07", 8,
         IVS_E_KEY, "an EC key that names no curve"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        input.len = 0;
        put(cases[i].der, cases[i].len);
        expect_refusal(cases[i].name, true, cases[i].status, cases[i].message);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_numbers_are_accepted_in_each_structure),
        cmocka_unit_test(private_number_outside_1_to_n_minus_1_is_refused),
        cmocka_unit_test(halves_that_do_not_match_are_refused),
        cmocka_unit_test(point_off_the_curve_is_refused),
        cmocka_unit_test(curve_inside_pkcs8_cannot_differ_from_the_one_outside),
        cmocka_unit_test(pkcs8_that_contradicts_itself_is_refused),
        cmocka_unit_test(no_damage_is_taken_for_another_key),
        cmocka_unit_test(der_that_names_no_usable_algorithm_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
