/* SPDX-License-Identifier: MIT */
/* ivs_key_parse(): JSON Web Keys that cannot serve; arguments. */

#include "support/key_input.h"

/* ---- JWK ---- */

#define EC384 "{\"kty\":\"EC\",\"crv\":\"P-384\","
#define XY    "\"x\":\"" KEY_A_X "\",\"y\":\"" KEY_A_Y "\""
#define D     ",\"d\":\"" KEY_A_D "\""

static const struct {
    const char *name;
    const char *json;
    ivs_status status;
    const char *message;
} bad_jwk[] = {
    {"cut short", EC384 XY ",\"d\":\"" KEY_A_D, IVS_E_FORMAT,
     "cut short in a string"},
    {"cut short in an escape", "{\"d\":\"" KEY_A_D "\\", IVS_E_FORMAT,
     "cut short in a string"},
    {"not closed", EC384 XY D, IVS_E_FORMAT, "is not well-formed JSON"},
    {"two values", EC384 XY D "}{}", IVS_E_FORMAT, "is not well-formed JSON"},
    {"d twice", EC384 XY D D "}", IVS_E_FORMAT, "has the member \"d\" twice"},
    {"x twice", EC384 XY "," XY D "}", IVS_E_FORMAT,
     "has the member \"x\" twice"},
    {"d spelled with an escape", EC384 XY ",\"\\u0064\":\"" KEY_A_D "\"}",
     IVS_E_KEY, "whose d is not 48 bytes"},
    {"d spelled both ways", EC384 XY D ",\"\\u0064\":\"" KEY_A_D "\"}",
     IVS_E_FORMAT, "has the member \"\\u0064\" twice"},
    {"d is a number", EC384 XY ",\"d\":5}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"d is null", EC384 XY ",\"d\":null}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"d is a list", EC384 XY ",\"d\":[\"" KEY_A_D "\"]}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"d is empty", EC384 XY ",\"d\":\"\"}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"d is longer", EC384 XY ",\"d\":\"" KEY_A_D "AAAA\"}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"d with padding", EC384 XY ",\"d\":\"" KEY_A_D "=\"}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"d of another key", EC384 XY ",\"d\":\"" KEY_B_D "\"}", IVS_E_KEY,
     "private and public halves do not match"},
    {"d = 0",
     EC384 XY
     ",\"d\":"
     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
     IVS_E_KEY, "private number is outside"},
    {"d = n",
     EC384 XY ",\"d\":\"________________________________"
              "x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz\"}",
     IVS_E_KEY, "private number is outside"},
    {"d = n + 1",
     EC384 XY ",\"d\":\"________________________________"
              "x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSl0\"}",
     IVS_E_KEY, "private number is outside"},
    {"d = 2^384 - 1",
     EC384 XY ",\"d\":\"_______________________________________________________"
              "_________\"}",
     IVS_E_KEY, "private number is outside"},
    {"y of another key",
     EC384 "\"x\":\"" KEY_A_X "\",\"y\":\"" KEY_B_Y "\"" D "}", IVS_E_KEY,
     "public point is not on the curve"},
    {"no x", EC384 "\"y\":\"" KEY_A_Y "\"" D "}", IVS_E_KEY,
     "whose x is not 48 bytes"},
    {"no y", EC384 "\"x\":\"" KEY_A_X "\"" D "}", IVS_E_KEY,
     "whose y is not 48 bytes"},
    {"short x", EC384 "\"x\":\"AAAA\",\"y\":\"" KEY_A_Y "\"}", IVS_E_KEY,
     "whose x is not 48 bytes"},
    {"x in plain base64",
     EC384 "\"x\":\"////" KEY_A_X "\",\"y\":\"" KEY_A_Y "\"}", IVS_E_KEY,
     "whose x is not 48 bytes"},
    {"RSA", "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"" D "}", IVS_E_KEY,
     "an RSA key" EXPECTED},
    {"symmetric", "{\"kty\":\"oct\",\"k\":\"" KEY_A_D "\"}", IVS_E_KEY,
     "a symmetric key" EXPECTED},
    {"OKP", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", IVS_E_KEY,
     "a key of kty OKP where EC was expected"},
    {"kty is a number", "{\"kty\":7" D "}", IVS_E_FORMAT,
     "JSON without kty where a JSON Web Key was expected"},
    {"empty", "{}", IVS_E_FORMAT, "JSON without kty"},
    {"P-256", "{\"kty\":\"EC\",\"crv\":\"P-256\"," XY D "}", IVS_E_KEY,
     "curve P-256 where P-384 was expected"},
    {"P-521", "{\"kty\":\"EC\",\"crv\":\"P-521\"," XY D "}", IVS_E_KEY,
     "curve P-521 where P-384 was expected"},
    {"secp256k1", "{\"kty\":\"EC\",\"crv\":\"secp256k1\"," XY D "}", IVS_E_KEY,
     "curve secp256k1 where P-384 was expected"},
    {"P-384 in lower case", "{\"kty\":\"EC\",\"crv\":\"p-384\"," XY D "}",
     IVS_E_KEY, "curve p-384 where P-384 was expected"},
    {"no curve", "{\"kty\":\"EC\"," XY D "}", IVS_E_KEY,
     "curve (none) where P-384 was expected"},
    {"ES256", EC384 "\"alg\":\"ES256\"," XY D "}", IVS_E_KEY,
     "for another algorithm than ES384"},
    {"alg is a list", EC384 "\"alg\":[\"ES384\"]," XY D "}", IVS_E_KEY,
     "for another algorithm than ES384"},
    {"a set", "{\"keys\":[" EC384 XY D "}]}", IVS_E_FORMAT,
     "a set of JSON Web Keys where one was expected"},
    {"JSON list", "[" EC384 XY D "}]", IVS_E_FORMAT, "a JSON array"},
    {"brackets the wrong way", "{]]]]\"d\":\"" KEY_A_D "\"", IVS_E_FORMAT,
     "is not well-formed JSON"},
    {"not UTF-8", EC384 XY D ",\"kid\":\"\xff\"}", IVS_E_FORMAT,
     "is not valid UTF-8"},
    {"not UTF-8 in d", EC384 XY ",\"d\":\"\xff\"}", IVS_E_KEY,
     "whose d is not 48 bytes"},
    {"not UTF-8 in d, spelled with an escape",
     EC384 XY ",\"\\u0064\":\"\xff\"}", IVS_E_FORMAT, "is not valid UTF-8"},
    {"not UTF-8 in a name", EC384 XY D ",\"\xff\":\"\"}", IVS_E_FORMAT,
     "is not valid UTF-8"},
};

static void
jwk_that_is_no_p384_key_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_jwk / sizeof bad_jwk[0]; i++) {
        input.len = 0;
        put(bad_jwk[i].json, strlen(bad_jwk[i].json));
        expect_refusal(bad_jwk[i].name, true, bad_jwk[i].status,
                       bad_jwk[i].message);
    }
}

/* ---- size and arguments ---- */

static void
empty_and_oversized_input_is_refused(void **state)
{
    (void)state;
    input.len = 0;
    expect_refusal("empty", true, IVS_E_FORMAT, "nothing" EXPECTED);
    input.data[0] = '0';
    input.len = 1;
    expect_refusal("one byte", true, IVS_E_FORMAT, "text in no known form");
    memset(input.data, ' ', sizeof input.data);
    memcpy(input.data, KEY_A_PKCS8, strlen(KEY_A_PKCS8));
    input.len = IVS_KEY_INPUT_MAX;
    expect_key("the largest input", true);
    input.len++;
    expect_refusal("one more", true, IVS_E_FORMAT,
                   "65537 bytes where a key of at most 65536 was expected");
}

static void
arguments_are_checked(void **state)
{
    ivs_key *key = NULL;
    ivs_key_options opt;
    ivs_error err;

    (void)state;
    assert_int_equal(ivs_key_parse(NULL, 1, NULL, &key, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_parse("x", 1, NULL, NULL, &err), IVS_E_ARG);
    memset(&opt, 0, sizeof opt);
    assert_int_equal(ivs_key_parse("x", 1, &opt, &key, &err), IVS_E_ARG);
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = (ivs_engine)3;
    assert_int_equal(ivs_key_parse("x", 1, &opt, &key, &err), IVS_E_ARG);
    assert_string_equal(err.message, "there is no ECDSA engine number 3");
    ivs_key_options_init(&opt, sizeof opt);
    opt.passphrase_len = 1;
    assert_int_equal(ivs_key_parse("x", 1, &opt, &key, &err), IVS_E_ARG);
    opt.passphrase = "x";
    opt.passphrase_len = (size_t)1 << 40;
    assert_int_equal(ivs_key_parse("x", 1, &opt, &key, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_parse("x", 1, NULL, &key, NULL), IVS_E_FORMAT);
    assert_null(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jwk_that_is_no_p384_key_is_refused),
        cmocka_unit_test(empty_and_oversized_input_is_refused),
        cmocka_unit_test(arguments_are_checked),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
