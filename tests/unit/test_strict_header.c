/* SPDX-License-Identifier: MIT */
/* Headers that other readers fall for (RFC 8725 sections 3.1, 3.10 and 3.11),
 * through verify and both engines, under good signatures. */

#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "support/judge.h"

#define PAYLOAD "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}"

/* Judge a token of this header and the plain payload with any signature. */
static void
expect_signed(const char *name, const char *header, const void *signature,
              size_t len, ivs_reject_reason reason)
{
    char *token = forge_join(header, strlen(header), PAYLOAD, strlen(PAYLOAD),
                             signature, len);

    judge_expect(name, token, strlen(token), NULL, reason);
    free(token);
}

static void
expect_header(const char *name, const char *header, ivs_reject_reason reason)
{
    char *token = forge_token(judge_key, header, PAYLOAD);

    judge_expect(name, token, strlen(token), NULL, reason);
    free(token);
}

/* ---- spellings and types of alg ---- */

/* All ways to write a word in upper and lower case. */
static void
expect_cases(const char *word)
{
    size_t len = strlen(word);

    for (unsigned bits = 0; bits < 1u << len; bits++) {
        char header[64], name[16] = "";

        for (size_t i = 0; i < len; i++) {
            bool letter = word[i] >= 'a' && word[i] <= 'z';

            name[i] =
                (char)(letter && (bits >> i & 1) != 0 ? word[i] - 32 : word[i]);
        }
        (void)snprintf(header, sizeof header, "{\"alg\":\"%s\"}", name);
        expect_header(name, header,
                      strcmp(name, "ES384") == 0 ? IVS_REJECT_NONE
                                                 : IVS_REJECT_ALG);
        if (strcmp(name, "ES384") != 0)
            expect_signed(name, header, "", 0, IVS_REJECT_ALG);
    }
}

static void
every_case_of_none_and_es384_is_refused_but_one(void **state)
{
    (void)state;
    expect_cases("none");
    expect_cases("es384");
}

#define ALG(value) "{\"alg\":" value ",\"typ\":\"JWT\"}"
static const struct {
    const char *name, *header;
    ivs_reject_reason reason;
} alg_rows[] = {
    {"the string", ALG("\"ES384\""), IVS_REJECT_NONE},
    {"the string by escapes", ALG("\"\\u0045\\u00533\\u00384\""),
     IVS_REJECT_NONE},
    {"empty", ALG("\"\""), IVS_REJECT_ALG},
    {"space after", ALG("\"ES384 \""), IVS_REJECT_ALG},
    {"space before", ALG("\" ES384\""), IVS_REJECT_ALG},
    {"newline after", ALG("\"ES384\\n\""), IVS_REJECT_ALG},
    {"tab after", ALG("\"ES384\\t\""), IVS_REJECT_ALG},
    {"NUL after", ALG("\"ES384\\u0000\""), IVS_REJECT_JSON},
    {"NUL and another after", ALG("\"ES384\\u0000none\""), IVS_REJECT_JSON},
    {"soft hyphen inside", ALG("\"ES\\u00ad384\""), IVS_REJECT_ALG},
    {"wide letters", ALG("\"\\uff25\\uff33\\uff13\\uff18\\uff14\""),
     IVS_REJECT_ALG},
    {"Cyrillic S", ALG("\"E\\u0405384\""), IVS_REJECT_ALG},
    {"longer", ALG("\"ES3840\""), IVS_REJECT_ALG},
    {"twice", ALG("\"ES384ES384\""), IVS_REJECT_ALG},
    {"list in a string", ALG("\"ES384,none\""), IVS_REJECT_ALG},
    {"array", ALG("[\"ES384\"]"), IVS_REJECT_ALG},
    {"array of two", ALG("[\"none\",\"ES384\"]"), IVS_REJECT_ALG},
    {"empty array", ALG("[]"), IVS_REJECT_ALG},
    {"object", ALG("{\"ES384\":1}"), IVS_REJECT_ALG},
    {"object that prints so", ALG("{\"toString\":\"ES384\"}"), IVS_REJECT_ALG},
    {"number", ALG("384"), IVS_REJECT_ALG},
    {"COSE number of ES384", ALG("-35"), IVS_REJECT_ALG},
    {"real", ALG("38.4e1"), IVS_REJECT_ALG},
    {"true", ALG("true"), IVS_REJECT_ALG},
    {"false", ALG("false"), IVS_REJECT_ALG},
    {"null", ALG("null"), IVS_REJECT_ALG},
    {"XML signature's name",
     ALG("\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384\""),
     IVS_REJECT_ALG},
    {"Java's name", ALG("\"SHA384withECDSA\""), IVS_REJECT_ALG},
    {"key agreement", ALG("\"ECDH-ES\""), IVS_REJECT_ALG},
    {"direct encryption", ALG("\"dir\""), IVS_REJECT_ALG},
    {"password with work",
     "{\"alg\":\"PBES2-HS256+A128KW\",\"p2c\":"
     "2147483647,\"p2s\":\"AAAA\",\"typ\":\"JWT\"}",
     IVS_REJECT_ALG},
    {"twice, good last", "{\"alg\":\"none\",\"alg\":\"ES384\"}",
     IVS_REJECT_JSON_DUPLICATE},
    {"twice, good first", "{\"alg\":\"ES384\",\"alg\":\"none\"}",
     IVS_REJECT_JSON_DUPLICATE},
    {"twice, one by escape", "{\"alg\":\"ES384\",\"al\\u0067\":\"none\"}",
     IVS_REJECT_JSON_DUPLICATE},
    {"twice, all by escape",
     "{\"\\u0061\\u006c\\u0067\":\"ES384\",\"\\u0061\\u006C\\u0067\":"
     "\"ES384\"}",
     IVS_REJECT_JSON_DUPLICATE},
    {"inside another member", "{\"a\":{\"alg\":\"ES384\"}}", IVS_REJECT_ALG},
    {"beside another case", "{\"ALG\":\"none\",\"alg\":\"ES384\"}",
     IVS_REJECT_NONE},
};
#undef ALG

static void
alg_is_the_very_string(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof alg_rows / sizeof *alg_rows; i++)
        expect_header(alg_rows[i].name, alg_rows[i].header, alg_rows[i].reason);
}

static void
typ_of_other_tokens_is_refused(void **state)
{
    static const char *const types[] = {"at+jwt",
                                        "application/at+jwt",
                                        "application/jwt",
                                        "JWE",
                                        "JOSE",
                                        "JOSE+JSON",
                                        "JWT ",
                                        " JWT",
                                        "JW",
                                        "JWTT",
                                        "dpop+jwt",
                                        "logout+jwt",
                                        "secevent+jwt",
                                        "kb+jwt",
                                        "entity-statement+jwt",
                                        "none",
                                        "J\\u212aT",
                                        "ivs:stage",
                                        "ivs-chat",
                                        "ivs-stage"};

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char header[96];

        (void)snprintf(header, sizeof header,
                       "{\"alg\":\"ES384\",\"typ\":\"%s\"}", types[i]);
        expect_header(types[i], header, IVS_REJECT_TYP);
    }
    expect_header("array", "{\"alg\":\"ES384\",\"typ\":[\"JWT\"]}",
                  IVS_REJECT_TYP);
    expect_header("number", "{\"alg\":\"ES384\",\"typ\":0}", IVS_REJECT_TYP);
}

/* ---- members of the header ---- */

static void
members_that_change_the_meaning_are_refused_in_any_form(void **state)
{
    static const char *const names[] = {"crit", "b64",        "enc",
                                        "zip",  "\\u0063rit", "b\\u00364"};
    static const char *const values[] = {
        "[]",    "[\"exp\"]", "[\"b64\"]", "\"\"",  "\"DEF\"", "\"A256GCM\"",
        "null",  "true",      "false",     "0",     "{}",      "[[]]",
        "-1e99", "\"b64\"",   "[null]",    "[\"\"]"};

    (void)state;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            char header[128];

            (void)snprintf(header, sizeof header,
                           "{\"%s\":%s,\"exp\":1,\"alg\":\"ES384\"}", names[n],
                           values[v]);
            expect_header(header, header, IVS_REJECT_HEADER_MEMBER);
        }
    }
}

/* A key of the forger's own, offered in every way there is. */
static void
keys_in_the_token_are_never_used(void **state)
{
    static const char *const hints[] = {"\"jwk\":%s",
                                        "\"jwk\":{\"keys\":[%s]}",
                                        "\"jwks\":{\"keys\":[%s]}",
                                        "\"x5c\":[\"MIIB\"],\"jwk\":%s",
                                        "\"kid\":%s",
                                        "\"x5u\":%s",
                                        "\"jku\":%s",
                                        "\"x5t\":%s",
                                        "\"x5t#S256\":%s",
                                        "\"epk\":%s"};
    ivs_key *stranger = NULL;
    char *jwk = NULL;
    size_t len;

    (void)state;
    assert_int_equal(ivs_key_generate(NULL, &stranger, NULL), IVS_OK);
    assert_int_equal(
        ivs_key_export(stranger, IVS_KEY_JWK, NULL, &jwk, &len, NULL), IVS_OK);
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        char header[1024];
        char *token;
        int n = snprintf(header, sizeof header, "{\"alg\":\"ES384\",");

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        n += snprintf(header + n, sizeof header - (size_t)n, hints[i], jwk);
#pragma GCC diagnostic pop
        (void)snprintf(header + n, sizeof header - (size_t)n, "}");
        token = forge_token(stranger, header, PAYLOAD);
        judge_expect(hints[i], token, strlen(token), NULL,
                     IVS_REJECT_SIGNATURE);
        free(token);
        expect_header(hints[i], header, IVS_REJECT_NONE);
    }
    ivs_free_secret(jwk, len);
    ivs_key_free(stranger);
}

static void
hints_at_files_and_servers_are_not_followed(void **state)
{
    static const char *const hints[] = {"\"kid\":\"../../../../dev/random\"",
                                        "\"kid\":\"/proc/self/environ\"",
                                        "\"kid\":\"'; DROP TABLE keys; --\"",
                                        "\"kid\":\"|/bin/sleep 100\"",
                                        "\"kid\":null",
                                        "\"kid\":[\"a\",\"b\"]",
                                        "\"jku\":\"file:///dev/random\"",
                                        "\"jku\":\"http://127.0.0.1:1/keys\"",
                                        "\"x5u\":\"http://[::1]:1/cert\"",
                                        "\"x5c\":{}",
                                        "\"x5c\":\"MIIB\"",
                                        "\"jwk\":1",
                                        "\"cty\":\"JWT\""};

    (void)state;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        char header[128];

        (void)snprintf(header, sizeof header, "{\"alg\":\"ES384\",%s}",
                       hints[i]);
        expect_header(hints[i], header, IVS_REJECT_NONE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_none_and_es384_is_refused_but_one),
        cmocka_unit_test(alg_is_the_very_string),
        cmocka_unit_test(typ_of_other_tokens_is_refused),
        cmocka_unit_test(
            members_that_change_the_meaning_are_refused_in_any_form),
        cmocka_unit_test(keys_in_the_token_are_never_used),
        cmocka_unit_test(hints_at_files_and_servers_are_not_followed),
    };

    return judge_run(tests);
}
