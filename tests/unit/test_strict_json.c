/* SPDX-License-Identifier: MIT */
/* UTF-8 and JSON that other readers forgive, through verify and both engines,
 * under good signatures. */

#include "support/test.h"

#include <string.h>

#include "support/judge.h"

#define OPEN    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060"
#define PAYLOAD OPEN "}"

/* ---- UTF-8 ---- */

/* In a value and in a name, of the header and of the payload. */
static void
expect_text(const char *text, ivs_reject_reason reason)
{
    static const char *const forms[] = {"\"v\":\"%s\"", "\"n%s\":0",
                                        "\"a\":[{\"%s\":\"b\"}]"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char member[256], json[512], *token;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(member, sizeof member, forms[i], text);
#pragma GCC diagnostic pop
        (void)snprintf(json, sizeof json, "{\"alg\":\"ES384\",%s}", member);
        token = forge_token(judge_key, json, PAYLOAD);
        judge_expect(json, token, strlen(token), NULL, reason);
        free(token);
        (void)snprintf(json, sizeof json, OPEN ",%s}", member);
        judge_expect_payload(json, json, NULL, reason);
    }
}

static void
utf8_is_strict_wherever_text_stands(void **state)
{
    static const char *const wrong[] = {
        "\xc0\x80",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf8\x88\x80\x80\x80",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xed\xa0\xbd\xed\xb8\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\x80",
        "\xbf",
        "\xc3",
        "\xc3x",
        "\xe2\x82",
        "\xe2\x82x",
        "\xf0\x9f\x98",
        "\xf0\x9f\x98x",
        "\xfe",
        "\xff",
        "caf\xe9",
    };
    static const char *const right[] = {
        "\x7f",         "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",     "\xef\xbb\xbf",
        "\xe2\x80\xae", "\xe2\x80\xa8", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_text(wrong[i], IVS_REJECT_UTF8);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        expect_text(right[i], IVS_REJECT_NONE);
}

static void
escapes_make_characters_or_nothing(void **state)
{
    static const char *const wrong[] = {"\\u0000",
                                        "a\\u0000b",
                                        "\\ud800",
                                        "\\udbff",
                                        "\\udc00",
                                        "\\udfff",
                                        "\\ud800\\ud800",
                                        "\\udc00\\ud800",
                                        "\\ud800x",
                                        "\\ud800\\n",
                                        "\\ud83d\\u0041",
                                        "\\ud83d \\ude00",
                                        "\\x41",
                                        "\\'",
                                        "\\u12",
                                        "\\u12g4",
                                        "\\U0041",
                                        "\\u{41}",
                                        "\\0",
                                        "\\a",
                                        "\x01",
                                        "\n",
                                        "\t",
                                        "\x1f"};
    static const char *const right[] = {"\\ud83d\\ude00",
                                        "\\uD83D\\uDE00",
                                        "\\uffff",
                                        "\\u0001",
                                        "\\u007f",
                                        "\\\\u0000",
                                        "\\/\\b\\f\\n\\r\\t\\\""};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_text(wrong[i], IVS_REJECT_JSON);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        expect_text(right[i], IVS_REJECT_NONE);
}

/* ---- JSON ---- */

static void
duplicates_are_found_however_they_are_spelled(void **state)
{
    static const struct {
        const char *name, *more;
        ivs_reject_reason reason;
    } rows[] = {
#define DUP(name, more) {name, more, IVS_REJECT_JSON_DUPLICATE}
        DUP("plain", "\"exp\":1700000060"),
        DUP("one letter by escape", "\"\\u0065xp\":1"),
        DUP("all letters by escape", "\"\\u0065\\u0078\\u0070\":1"),
        DUP("hex in upper case", "\"a\\u003a\":1,\"a\\u003A\":1"),
        DUP("colon by escape", "\"aws\\u003achannel-arn\":\"x\""),
        DUP("channel with the same value",
            "\"aws:channel-arn\":\"" FORGE_CHANNEL "\""),
        DUP("slash with and without backslash", "\"a/b\":1,\"a\\/b\":2"),
        DUP("quote as \\u0022", "\"a\\\"\":1,\"a\\u0022\":2"),
        DUP("backslash as \\u005c", "\"a\\\\\":1,\"a\\u005c\":2"),
        DUP("tab as \\t and \\u0009", "\"\\t\":1,\"\\u0009\":2"),
        DUP("pair of surrogates and bytes",
            "\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2"),
        DUP("two bytes and escape", "\"\xc3\xa9\":1,\"\\u00e9\":2"),
        DUP("empty names", "\"\":1,\"\":2"),
        DUP("two levels down", "\"a\":{\"b\":{\"c\":1,\"\\u0063\":1}}"),
        DUP("in an array", "\"a\":[0,{\"b\":1,\"b\":1}]"),
        DUP("third of three", "\"a\":1,\"b\":1,\"c\":1,\"a\":1"),
        DUP("of null", "\"a\":null,\"a\":null"),
#undef DUP
        {"another case is another name", "\"EXP\":1,\"Exp\":1",
         IVS_REJECT_NONE},
        {"another composition is another name",
         "\"\xc3\xa9\":1,\"e\xcc\x81\":2", IVS_REJECT_NONE},
        {"escaped backslash is no escape", "\"\\\\u0065xp\":1",
         IVS_REJECT_NONE},
        {"same name at another level", "\"a\":{\"exp\":1,\"a\":{\"exp\":1}}",
         IVS_REJECT_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[512];

        (void)snprintf(payload, sizeof payload, OPEN ",%s}", rows[i].more);
        judge_expect_payload(rows[i].name, payload, NULL, rows[i].reason);
    }
}

static void
sixteen_levels_and_no_more(void **state)
{
    static const struct {
        const char *name, *open, *close, *inner;
    } rows[] = {{"arrays", "[", "]", ""},
                {"objects", "{\"a\":", "}", "0"},
                {"both", "[{\"a\":", "}]", "[]"}};
    static char deep[12001];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t step = i == 2 ? 2 : 1, most = i == 2 ? 7 : 15;

        for (size_t n = most; n <= most + 1; n++) {
            char payload[512] = OPEN ",\"a\":";

            for (size_t k = 0; k < n; k++)
                strcat(payload, rows[i].open);
            strcat(payload, rows[i].inner);
            for (size_t k = 0; k < n; k++)
                strcat(payload, rows[i].close);
            strcat(payload, "}");
            judge_expect_payload(rows[i].name, payload, NULL,
                                 n == most ? IVS_REJECT_NONE
                                           : IVS_REJECT_JSON_DEPTH);
        }
        assert_true(1 + step * most + (i == 2) == 16);
    }
    judge_expect_payload("brackets in a string",
                         OPEN ",\"a\":\"[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"}", NULL,
                         IVS_REJECT_NONE);
    memset(deep, '[', sizeof deep - 1);
    judge_expect_payload("never closed", deep, NULL, IVS_REJECT_JSON_DEPTH);
    memset(deep, '{', sizeof deep - 1);
    judge_expect_payload("objects without names", deep, NULL,
                         IVS_REJECT_JSON_DEPTH);
}

static void
numbers_are_those_of_json_and_fit(void **state)
{
    static char digits[] =
        "1111111111111111111111111111111111111111111111111111111111111111111111"
        "1111111111111111111111111111111111111111111111111111111111111111111111"
        "1111111111111111111111111111111111111111111111111111111111111111111111"
        "1111111111111111111111111111111111111111111111111111111111111111111111"
        "111111111111111111111111111111111111111111111111111111111111111111111";
    const struct {
        const char *number;
        ivs_reject_reason reason;
    } rows[] = {
        {"9223372036854775807", IVS_REJECT_NONE},
        {"-9223372036854775808", IVS_REJECT_NONE},
        {"9223372036854775808", IVS_REJECT_JSON_NUMBER},
        {"-9223372036854775809", IVS_REJECT_JSON_NUMBER},
        {"18446744073709551616", IVS_REJECT_JSON_NUMBER},
        {"340282366920938463463374607431768211456", IVS_REJECT_JSON_NUMBER},
        {digits, IVS_REJECT_JSON_NUMBER},
        {"1e308", IVS_REJECT_NONE},
        {"1e309", IVS_REJECT_JSON_NUMBER},
        {"-1e309", IVS_REJECT_JSON_NUMBER},
        {"1e999999999999999999999", IVS_REJECT_JSON_NUMBER},
        {"1e-999", IVS_REJECT_NONE},
        {"9223372036854775808.0", IVS_REJECT_NONE},
        {"-0", IVS_REJECT_NONE},
        {"1E+2", IVS_REJECT_NONE},
        {"01", IVS_REJECT_JSON},
        {"-01", IVS_REJECT_JSON},
        {"+1", IVS_REJECT_JSON},
        {".5", IVS_REJECT_JSON},
        {"1.", IVS_REJECT_JSON},
        {"1.e1", IVS_REJECT_JSON},
        {"1e", IVS_REJECT_JSON},
        {"1e+", IVS_REJECT_JSON},
        {"-", IVS_REJECT_JSON},
        {"--1", IVS_REJECT_JSON},
        {"0x10", IVS_REJECT_JSON},
        {"1_000", IVS_REJECT_JSON},
        {"1n", IVS_REJECT_JSON},
        {"NaN", IVS_REJECT_JSON},
        {"-Infinity", IVS_REJECT_JSON},
        {"1,5", IVS_REJECT_JSON},
        {"1 2", IVS_REJECT_JSON},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char payload[1024];

        (void)snprintf(payload, sizeof payload, OPEN ",\"n\":%s}",
                       rows[i].number);
        judge_expect_payload(rows[i].number, payload, NULL, rows[i].reason);
    }
}

static void
json_of_other_dialects_is_refused(void **state)
{
    static const char *const payloads[] = {
        OPEN ",}",
        OPEN "} ;",
        OPEN "}}",
        OPEN "},{}",
        OPEN "}\v",
        "/**/" PAYLOAD,
        OPEN "} // end",
        OPEN ",'a':1}",
        OPEN ",a:1}",
        OPEN ",\"a\":True}",
        OPEN ",\"a\":undefined}",
        OPEN ",\"a\":[1,]}",
        OPEN ",\"a\"=1}",
        "\xef\xbb\xbf" PAYLOAD,
        "\xc2\xa0" PAYLOAD,
        "(" PAYLOAD ")",
        ")]}'\n" PAYLOAD,
        "\x1e" PAYLOAD,
        "null",
        "\"\"",
        "1",
        "true",
        "[" PAYLOAD "]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
        judge_expect_payload(payloads[i], payloads[i], NULL, IVS_REJECT_JSON);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_strict_wherever_text_stands),
        cmocka_unit_test(escapes_make_characters_or_nothing),
        cmocka_unit_test(duplicates_are_found_however_they_are_spelled),
        cmocka_unit_test(sixteen_levels_and_no_more),
        cmocka_unit_test(numbers_are_those_of_json_and_fit),
        cmocka_unit_test(json_of_other_dialects_is_refused),
    };

    return judge_run(tests);
}
