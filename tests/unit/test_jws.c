/* SPDX-License-Identifier: MIT */
/* jws, through verify and both engines: segments, base64url, header, JSON. */

#include "support/test.h"

#include <string.h>

#include "support/judge.h"

#define PAYLOAD "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}"

static void
header_rules_hold_under_a_good_signature(void **state)
{
    static const struct {
        const char *name, *header;
        ivs_reject_reason reason;
    } rows[] = {
        {"as minted", FORGE_HEADER, IVS_REJECT_NONE},
        {"no typ", "{\"alg\":\"ES384\"}", IVS_REJECT_NONE},
        {"typ in another case", "{\"typ\":\"jWt\",\"alg\":\"ES384\"}",
         IVS_REJECT_NONE},
        {"key hints are ignored",
         "{\"alg\":\"ES384\",\"kid\":\"../../etc/passwd\",\"jku\":"
         "\"http://127.0.0.1/\",\"x5u\":\"x\",\"x5c\":[1],\"jwk\":{}}",
         IVS_REJECT_NONE},
        {"alg none", "{\"alg\":\"none\"}", IVS_REJECT_ALG},
        {"alg ES256", "{\"alg\":\"ES256\"}", IVS_REJECT_ALG},
        {"alg ES512", "{\"alg\":\"ES512\"}", IVS_REJECT_ALG},
        {"alg in lower case", "{\"alg\":\"es384\"}", IVS_REJECT_ALG},
        {"alg and a space", "{\"alg\":\"ES384 \"}", IVS_REJECT_ALG},
        {"alg is a prefix", "{\"alg\":\"ES38\"}", IVS_REJECT_ALG},
        {"alg by number", "{\"alg\":384}", IVS_REJECT_ALG},
        {"alg in an array", "{\"alg\":[\"ES384\"]}", IVS_REJECT_ALG},
        {"alg null", "{\"alg\":null}", IVS_REJECT_ALG},
        {"no alg", "{\"typ\":\"JWT\"}", IVS_REJECT_ALG},
        {"Alg", "{\"Alg\":\"ES384\"}", IVS_REJECT_ALG},
        {"alg by escape", "{\"\\u0061lg\":\"ES384\"}", IVS_REJECT_NONE},
        {"typ of access tokens", "{\"alg\":\"ES384\",\"typ\":\"at+jwt\"}",
         IVS_REJECT_TYP},
        {"typ null", "{\"alg\":\"ES384\",\"typ\":null}", IVS_REJECT_TYP},
        {"typ empty", "{\"alg\":\"ES384\",\"typ\":\"\"}", IVS_REJECT_TYP},
        {"crit", "{\"alg\":\"ES384\",\"crit\":[\"exp\"]}",
         IVS_REJECT_HEADER_MEMBER},
        {"crit null", "{\"alg\":\"ES384\",\"crit\":null}",
         IVS_REJECT_HEADER_MEMBER},
        {"b64", "{\"alg\":\"ES384\",\"b64\":true}", IVS_REJECT_HEADER_MEMBER},
        {"enc", "{\"alg\":\"ES384\",\"enc\":\"A128GCM\"}",
         IVS_REJECT_HEADER_MEMBER},
        {"zip", "{\"alg\":\"ES384\",\"zip\":\"DEF\"}",
         IVS_REJECT_HEADER_MEMBER},
        {"duplicate alg", "{\"alg\":\"none\",\"alg\":\"ES384\"}",
         IVS_REJECT_JSON_DUPLICATE},
        {"duplicate alg by escape",
         "{\"alg\":\"ES384\",\"\\u0061lg\":\"none\"}",
         IVS_REJECT_JSON_DUPLICATE},
        {"array", "[]", IVS_REJECT_JSON},
        {"string", "\"ES384\"", IVS_REJECT_JSON},
        {"empty", "", IVS_REJECT_JSON},
        {"two values", FORGE_HEADER "{}", IVS_REJECT_JSON},
        {"byte order mark", "\xef\xbb\xbf" FORGE_HEADER, IVS_REJECT_JSON},
        {"escaped NUL", "{\"alg\":\"ES384\\u0000\"}", IVS_REJECT_JSON},
        {"lone surrogate", "{\"alg\":\"ES384\",\"a\":\"\\udc00\"}",
         IVS_REJECT_JSON},
        {"overlong UTF-8", "{\"alg\":\"ES384\",\"a\":\"\xc0\xaf\"}",
         IVS_REJECT_UTF8},
        {"deep", "{\"alg\":\"ES384\",\"a\":[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]}",
         IVS_REJECT_JSON_DEPTH},
        {"big integer", "{\"alg\":\"ES384\",\"a\":9223372036854775808}",
         IVS_REJECT_JSON_NUMBER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_token(judge_key, rows[i].header, PAYLOAD);

        judge_expect(rows[i].name, token, strlen(token), NULL, rows[i].reason);
        free(token);
    }
}

static void
payload_is_strict_json_under_a_good_signature(void **state)
{
    static const struct {
        const char *name, *payload;
        size_t len;
        ivs_reject_reason reason;
    } rows[] = {
#define ROW(name, text, reason) {name, text, sizeof(text) - 1, reason}
#define OPEN                    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060"
        ROW("good", OPEN "}", IVS_REJECT_NONE),
        ROW("white space", " " OPEN " }\n", IVS_REJECT_NONE),
        ROW("empty", "", IVS_REJECT_JSON),
        ROW("array", "[]", IVS_REJECT_JSON),
        ROW("open", OPEN, IVS_REJECT_JSON),
        ROW("trailing NUL", OPEN "}\0", IVS_REJECT_JSON),
        ROW("NUL in a string", OPEN ",\"a\":\"\0\"}", IVS_REJECT_JSON),
        ROW("escaped NUL", OPEN ",\"a\":\"\\u0000\"}", IVS_REJECT_JSON),
        ROW("duplicate", OPEN ",\"exp\":1700000061}",
            IVS_REJECT_JSON_DUPLICATE),
        ROW("duplicate by escape", OPEN ",\"\\u0065xp\":1}",
            IVS_REJECT_JSON_DUPLICATE),
        ROW("duplicate deep inside", OPEN ",\"a\":[{\"b\":1,\"b\":1}]}",
            IVS_REJECT_JSON_DUPLICATE),
        ROW("lone surrogate", OPEN ",\"a\":\"\\ud83d\"}", IVS_REJECT_JSON),
        ROW("bytes of a surrogate", OPEN ",\"a\":\"\xed\xa0\x80\"}",
            IVS_REJECT_UTF8),
        ROW("deep", OPEN ",\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}",
            IVS_REJECT_JSON_DEPTH),
        ROW("beyond double", OPEN ",\"a\":1e999}", IVS_REJECT_JSON_NUMBER),
        ROW("Infinity", OPEN ",\"a\":Infinity}", IVS_REJECT_JSON),
#undef OPEN
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_bytes(judge_key, FORGE_HEADER, strlen(FORGE_HEADER),
                                  rows[i].payload, rows[i].len);

        judge_expect(rows[i].name, token, strlen(token), NULL, rows[i].reason);
        free(token);
    }
}

/* A template in which H, P and S stand for the segments of a token. */
static size_t
expand(const char *form, char *const part[3], char ret[2048])
{
    static const char letters[] = "HPS";
    size_t n = 0;

    for (; *form != '\0'; form++) {
        const char *letter = strchr(letters, *form);

        if (letter == NULL) {
            ret[n++] = *form;
            continue;
        }
        strcpy(ret + n, part[letter - letters]);
        n += strlen(ret + n);
    }
    ret[n] = '\0';
    return n;
}

static void
text_around_the_segments_is_refused(void **state)
{
    static const struct {
        const char *name, *form;
        ivs_reject_reason reason;
    } rows[] = {
        {"as it is", "H.P.S", IVS_REJECT_NONE},
        {"two segments", "H.P", IVS_REJECT_SEGMENTS},
        {"four segments", "H.P.S.", IVS_REJECT_SEGMENTS},
        {"JWE", "H.P.S.P.H", IVS_REJECT_SEGMENTS},
        {"one segment", "H", IVS_REJECT_SEGMENTS},
        {"empty", "", IVS_REJECT_SEGMENTS},
        {"URL", "https://a.b/m3u8?token=H.P.S", IVS_REJECT_SEGMENTS},
        {"URL with two dots", "http://a/m3u8?token=HPS..", IVS_REJECT_SEGMENTS},
        {"empty header", ".P.S", IVS_REJECT_JSON},
        {"empty payload", "H..S", IVS_REJECT_JSON},
        {"empty signature", "H.P.", IVS_REJECT_SIGNATURE_FORMAT},
        {"trailing newline", "H.P.S\n", IVS_REJECT_BASE64URL},
        {"leading space", " H.P.S", IVS_REJECT_BASE64URL},
        {"space inside", "H.P .S", IVS_REJECT_BASE64URL},
        {"padding", "H.P=.S", IVS_REJECT_BASE64URL},
        {"padded signature", "H.P.S==", IVS_REJECT_BASE64URL},
        {"loose bits", "H.PAB.S", IVS_REJECT_BASE64URL},
        {"impossible length", "H.P.SA", IVS_REJECT_BASE64URL},
        {"97-byte signature", "H.P.SAA", IVS_REJECT_SIGNATURE_FORMAT},
        {"signature twice", "H.P.SS", IVS_REJECT_SIGNATURE_FORMAT},
        {"header and payload swapped", "P.H.S", IVS_REJECT_ALG},
        {"payload twice", "H.PP.S", IVS_REJECT_JSON},
    };
    char *token = forge_token(judge_key, FORGE_HEADER, PAYLOAD "  "), *part[3];
    char text[2048];

    (void)state;
    assert_int_equal(strlen(PAYLOAD "  ") % 3, 0);
    part[0] = token;
    part[1] = strchr(token, '.') + 1;
    part[2] = strchr(part[1], '.') + 1;
    part[1][-1] = part[2][-1] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        judge_expect(rows[i].name, text, expand(rows[i].form, part, text), NULL,
                     rows[i].reason);
    free(token);
}

static void
plain_base64_is_refused(void **state)
{
    char *token =
        forge_token(judge_key, FORGE_HEADER,
                    "{\"a\":\"??????\",\"aws:channel-arn\":\"" FORGE_CHANNEL
                    "\",\"exp\":1700000060}");
    char *c = strchr(token, '_');

    (void)state;
    judge_expect("url alphabet", token, strlen(token), NULL, IVS_REJECT_NONE);
    assert_non_null(c);
    *c = '/';
    judge_expect("plain alphabet", token, strlen(token), NULL,
                 IVS_REJECT_BASE64URL);
    *c = '\0';
    judge_expect("NUL", token, strlen(token) + 1 + strlen(c + 1), NULL,
                 IVS_REJECT_BASE64URL);
    free(token);
}

static void
length_is_judged_before_anything_else(void **state)
{
    static const size_t sizes[] = {IVS_TOKEN_MAX + 1, 1u << 20, 10u << 20};
    static const char open[] =
        "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}";
    size_t len = 12163; /* with base64url's 16218 characters: the limit */
    char *payload = malloc(len), *token;

    (void)state;
    assert_non_null(payload);
    memset(payload, ' ', len);
    memcpy(payload, open, strlen(open));
    token = forge_bytes(judge_key, FORGE_HEADER, strlen(FORGE_HEADER), payload,
                        len);
    assert_int_equal(strlen(token), IVS_TOKEN_MAX);
    judge_expect("longest", token, IVS_TOKEN_MAX, NULL, IVS_REJECT_NONE);
    free(token);
    free(payload);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = malloc(sizes[i]);

        assert_non_null(text);
        memset(text, i == 1 ? '.' : 'A', sizes[i]);
        judge_expect("too long", text, sizes[i], NULL, IVS_REJECT_TOO_LONG);
        memset(text, '.', sizes[i]);
        judge_expect("dots", text, IVS_TOKEN_MAX, NULL, IVS_REJECT_SEGMENTS);
        free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_rules_hold_under_a_good_signature),
        cmocka_unit_test(payload_is_strict_json_under_a_good_signature),
        cmocka_unit_test(text_around_the_segments_is_refused),
        cmocka_unit_test(plain_base64_is_refused),
        cmocka_unit_test(length_is_judged_before_anything_else),
    };

    return judge_run(tests);
}
