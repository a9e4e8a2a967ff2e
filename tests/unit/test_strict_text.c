/* SPDX-License-Identifier: MIT */
/* Text that other readers forgive, through verify and both engines: around the
 * segments and in base64url, under good signatures over exactly that text, so
 * that only the rule named can refuse it. */

#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "support/judge.h"

#define OPEN    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060"
#define PAYLOAD OPEN "}"

/* ---- segments and what surrounds them ---- */

static char *part[3];
static size_t part_len;
static char *good;

/* A good token, and its segments; free(part[0]) and free(good). */
static void
take_apart(void)
{
    good = forge_token(judge_key, FORGE_HEADER, PAYLOAD "  ");
    part[0] = forge_token(judge_key, FORGE_HEADER, PAYLOAD "  ");
    part[1] = strchr(part[0], '.') + 1;
    part[2] = strchr(part[1], '.') + 1;
    part[1][-1] = part[2][-1] = '\0';
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(strlen(part[i]) % 4, 0);
    part_len = strlen(part[1]);
}

/* Put bytes into a segment and sign header and payload as they then are. */
static void
expect_inside(const char *name, int segment, size_t at, const char *bytes,
              ivs_reject_reason reason)
{
    char text[3][512];
    char input[1600], *token;

    for (int i = 0; i < 3; i++)
        strcpy(text[i], part[i]);
    memmove(text[segment] + at + strlen(bytes), text[segment] + at,
            strlen(text[segment] + at) + 1);
    memcpy(text[segment] + at, bytes, strlen(bytes));
    (void)snprintf(input, sizeof input, "%s.%s", text[0], text[1]);
    token = forge_over(judge_key, input);
    if (segment == 2)
        (void)snprintf(input + strlen(input), sizeof input - strlen(input),
                       ".%s", text[2]);
    judge_expect(name, segment == 2 ? input : token,
                 strlen(segment == 2 ? input : token), NULL, reason);
    free(token);
}

static void
base64url_has_one_spelling_in_every_segment(void **state)
{
    static const char *const bytes[] = {
        "=",     "==",   "===",  "====",     " ",
        "\n",    "\r\n", "\t",   "\v",       "+",
        "/",     "+/",   "%3D",  ",",        "~",
        "*",     "'",    "\"",   "\\",       "\x01",
        "\x7f",  "\x80", "\xff", "\xc3\xa9", "\xef\xbb\xbf",
        "AAAA=", "!!!!"};

    (void)state;
    take_apart();
    for (int segment = 0; segment < 3; segment++) {
        size_t len = strlen(part[segment]);
        const size_t places[] = {0, 1, len / 2, len - 1, len};

        for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
            for (size_t p = 0; p < sizeof places / sizeof *places; p++)
                expect_inside(bytes[i], segment, places[p], bytes[i],
                              IVS_REJECT_BASE64URL);
        expect_inside("no bytes encode to this length", segment, len, "A",
                      IVS_REJECT_BASE64URL);
        expect_inside("four loose bits", segment, len, "AB",
                      IVS_REJECT_BASE64URL);
        expect_inside("all loose bits", segment, len, "A_",
                      IVS_REJECT_BASE64URL);
        expect_inside("two loose bits", segment, len, "AAB",
                      IVS_REJECT_BASE64URL);
    }
    free(part[0]);
    free(good);
}

static bool
in_alphabet(unsigned c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static void
every_byte_in_a_place_of_another_is_judged(void **state)
{
    size_t len, places[3];

    (void)state;
    take_apart();
    len = strlen(good);
    places[0] = 5;
    places[1] = strlen(part[0]) + 1 + part_len / 2;
    places[2] = len - 5;
    for (size_t p = 0; p < 3; p++) {
        char was = good[places[p]];

        for (unsigned c = 0; c < 256; c++) {
            ivs_error err;

            good[places[p]] = (char)c;
            if (in_alphabet(c))
                assert_int_equal(judge(good, len, NULL, &err),
                                 (char)c == was ? IVS_OK : IVS_E_TOKEN);
            else
                judge_expect("byte", good, len, NULL,
                             c == '.' ? IVS_REJECT_SEGMENTS
                                      : IVS_REJECT_BASE64URL);
        }
        good[places[p]] = was;
    }
    judge_expect("restored", good, len, NULL, IVS_REJECT_NONE);
    free(part[0]);
    free(good);
}

static void
no_byte_may_stand_before_or_after(void **state)
{
    char text[1024];
    size_t len;

    (void)state;
    take_apart();
    len = strlen(good);
    for (unsigned c = 0; c < 256; c++) {
        ivs_reject_reason reason =
            c == '.' ? IVS_REJECT_SEGMENTS : IVS_REJECT_BASE64URL;

        memcpy(text, good, len);
        text[len] = (char)c;
        judge_expect("after", text, len + 1, NULL, reason);
        memmove(text + 1, good, len);
        text[0] = (char)c;
        judge_expect("before", text, len + 1, NULL, reason);
    }
    free(part[0]);
    free(good);
}

static void
only_three_segments_are_a_token(void **state)
{
    static const struct {
        const char *name, *text;
        ivs_reject_reason reason;
    } rows[] = {
        {"empty", "", IVS_REJECT_SEGMENTS},
        {"a dot", ".", IVS_REJECT_SEGMENTS},
        {"two dots", "..", IVS_REJECT_JSON},
        {"three dots", "...", IVS_REJECT_SEGMENTS},
        {"an encrypted token", "e30.AA.AA.AA.AA", IVS_REJECT_SEGMENTS},
        {"an encrypted token, direct", "e30..AA.AA.AA", IVS_REJECT_SEGMENTS},
        {"six segments", "e30.e30.e30.e30.e30.e30", IVS_REJECT_SEGMENTS},
        {"JSON serialization",
         "{\"protected\":\"e30\",\"payload\":\"e30\",\"signature\":\"AA\"}",
         IVS_REJECT_SEGMENTS},
        {"with its scheme", "Bearer e30.e30.AA", IVS_REJECT_BASE64URL},
        {"in quotes", "\"e30.e30.AA\"", IVS_REJECT_BASE64URL},
        {"selective disclosure", "e30.e30.AA~WyJhIl0~", IVS_REJECT_BASE64URL},
    };
    char many[100];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        judge_expect(rows[i].name, rows[i].text, strlen(rows[i].text), NULL,
                     rows[i].reason);
    memset(many, '.', sizeof many);
    for (size_t n = 3; n <= sizeof many; n++)
        judge_expect("dots", many, n, NULL, IVS_REJECT_SEGMENTS);
}

static void
token_inside_a_token_is_refused(void **state)
{
    char *inner = forge_token(judge_key, FORGE_HEADER, PAYLOAD);
    char *outer =
        forge_token(judge_key, "{\"alg\":\"ES384\",\"cty\":\"JWT\"}", inner);

    (void)state;
    judge_expect("nested", outer, strlen(outer), NULL, IVS_REJECT_JSON);
    free(outer);
    free(inner);
}

static void
payload_that_is_not_encoded_is_refused(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"ES384\",\"b64\":false,\"crit\":[\"b64\"]}", FORGE_HEADER};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char input[1024], *head = forge_token(judge_key, headers[i], ""),
                          *token;

        *strchr(head, '.') = '\0';
        (void)snprintf(input, sizeof input, "%s.%s", head, PAYLOAD);
        token = forge_over(judge_key, input);
        judge_expect(headers[i], token, strlen(token), NULL,
                     IVS_REJECT_BASE64URL);
        free(token);
        free(head);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_has_one_spelling_in_every_segment),
        cmocka_unit_test(every_byte_in_a_place_of_another_is_judged),
        cmocka_unit_test(no_byte_may_stand_before_or_after),
        cmocka_unit_test(only_three_segments_are_a_token),
        cmocka_unit_test(token_inside_a_token_is_refused),
        cmocka_unit_test(payload_that_is_not_encoded_is_refused),
    };

    return judge_run(tests);
}
