/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_MUTATE_DATA_H
#define IVS_TEST_MUTATE_DATA_H

/* What mutate.c puts tokens together from. */

#include "support/forge.h"

struct piece {
    const char *data;
    size_t len;
};
#define P(text)                                                                \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }

/* What is put into JSON at any place. */
static const struct piece json_pieces[] = {
    P("\\u0000"),
    P("\0"),
    P("\\ud800"),
    P("\\udc00"),
    P("\\ud83d\\ude00"),
    P("\xff"),
    P("\xc0\x80"),
    P("\xed\xa0\x80"),
    P("\xef\xbb\xbf"),
    P("\xf4\x90\x80\x80"),
    P("\"exp\":1,"),
    P("\"exp\":1700000060,"),
    P("\"\\u0065xp\":1700000060,"),
    P("\"alg\":\"none\","),
    P("\"aws:channel-arn\":\"x\","),
    P(","),
    P(":"),
    P("{"),
    P("}"),
    P("["),
    P("]"),
    P("\""),
    P("\\"),
    P("/"),
    P("null"),
    P("true"),
    P("0"),
    P("-"),
    P("."),
    P("e9"),
    P("1e999"),
    P("9223372036854775808"),
    P("1.5"),
    P(" "),
    P("\n"),
    P("\t"),
    P("\v"),
    P("\x01"),
    P("\x7f"),
    P("'"),
    P("//"),
    P("[[[[[[[[[[[[[[[[[[[["),
    P("{\"a\":{\"a\":1,\"a\":2}}"),
    P("\xe2\x80\xa8"),
};

struct claim {
    const char *name;
    const char *good[4];
    const char *hostile[14];
};

#define ARN   "arn:aws:ivs:us-west-2:123456789012:channel/"
#define FORTY "0123456789012345678901234567890123456789"

static const struct claim claims[] = {
    {"aws:channel-arn",
     {"\"" FORGE_CHANNEL "\"", "\"" ARN "b\"", "\"" ARN "A-9\"",
      "\"arn:aws:ivs:eu-west-1:210987654321:channel\\/zz\""},
     {"\"" ARN "\"", "\"" ARN "a b\"", "\"" ARN "a\\n\"", "\"" ARN "a_b\"",
      "\"arn:aws-cn:ivs:us-west-2:1:channel/a\"",
      "\"arn:aws:ivs:us-west-2:1:stage/a\"", "\"*\"", "[\"" ARN "a\"]",
      "\"" ARN "\\u0000a\"", "\"" ARN "\xc3\xa9\"", "\" " ARN "a\"",
      "\"" ARN FORTY FORTY FORTY "\"", "\"ARN:aws:ivs:us-west-2:1:channel/a\"",
      "{}"}},
    {"exp",
     {"1700000060", "1700000001", "1700000600", "1700000300"},
     {"1700000000", "1699999999", "0", "-1", "1700000060.5", "17e8",
      "\"1700000060\"", "1700000060000", "9223372036854775807",
      "9223372036854775808", "-9223372036854775809", "[1700000060]",
      "1700000601", "1700000060.0"}},
    {"aws:viewer-id",
     {"\"v\"", "\"viewer-\xc3\xa9\"", "\"" FORTY "\"", "\"\\ud83d\\ude00\""},
     {"\"\"", "\"" FORTY "x\"", "7", "[\"v\"]", "\"a\\u0000b\"", "\"\\ud800\"",
      "\"\xff\"", "{\"v\":1}", "\"\\u0000\"", "\"\xed\xa0\xbd\xed\xb8\x80\"",
      "\"\n\"", "\"" FORTY "\xc3\xa9\"", "1.5", "\"v"}},
    {"aws:viewer-session-version",
     {"0", "1", "2147483648", "9223372036854775807"},
     {"-1", "1.0", "1e3", "\"1\"", "9223372036854775808", "[]",
      "18446744073709551616", "\"\"", "-0.0", "1e999", "01", "+1", "0x1",
      "1.5"}},
    {"aws:single-use-uuid",
     {"\"" FORGE_UUID "\"", "\"00000000-0000-0000-0000-000000000000\"",
      "\"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\"", "\"" FORGE_UUID "\""},
     {"\"\"", "\"123e4567e89b42d3a456426614174000\"", "\"{" FORGE_UUID "}\"",
      "\"" FORGE_UUID " \"", "\"123e4567-e89b-42d3-a456-42661417400g\"", "1",
      "[]", "\"urn:uuid:" FORGE_UUID "\"", "\"" FORGE_UUID "\\n\"", "\"x\"",
      "{}", "1.5", "\"123e4567-e89b-42d3-a456-42661417400\"", "\"\\u0000\""}},
    {"aws:maximum-resolution",
     {"\"SD\"", "\"HD\"", "\"FULL_HD\"", "\"\\u0053D\""},
     {"\"sd\"", "\"4K\"", "\"\"", "720", "[\"SD\"]", "\"SD \"", "\"FULL-HD\"",
      "{}", "\"HD\\u0000\"", "\"ANY\"", "\"FULLHD\"", "\"SD,HD\"", "1.5",
      "\"\xff\""}},
    {"aws:access-control-allow-origin",
     {"\"*\"", "\"https://example.com\"", "\"https://a.b, https://*.c.d:8443\"",
      "\"capacitor://localhost\""},
     {"\"\"", "\"https://example.com/\"", "\"example.com\"", "\"null\"",
      "[\"*\"]", "\"https://*\"", "\"*,\"", "\",\"", "\"https://a b\"",
      "\"https://u@a.b\"", "\"https://a.b?x\"", "\"https://a.*.b\"", "1",
      "\"https://a.b:65536\""}},
    {"aws:strict-origin-enforcement",
     {"false", "false", "false", "false"},
     {"\"true\"", "1", "0", "[]", "\"\"", "{}", "true", "\"false\"", "1.5",
      "-1", "\"TRUE\"", "[true]", "1e999", "\"\\u0000\""}},
    {"nbf",
     {"0", "1700000000", "1699999999.5", "-1"},
     {"1700000001", "\"0\"", "[]", "1e300", "1700000000.5", "{}", "\"\"",
      "9223372036854775808", "9223372036854775807", "-1e999", "\"x\"",
      "1800000000", "1e10", "[0]"}},
    {"iat",
     {"0", "1700000000", "1600000000", "1.5"},
     {"1700000001", "\"0\"", "[]", "1e300", "1700000000.5", "{}", "\"\"",
      "9223372036854775808", "9223372036854775807", "1e999", "\"x\"",
      "1700000000000", "1e10", "[0]"}},
};

static const char *const everywhere[] = {"null", "true", "false", "[]", "{}"};
static const char *const unknown[] = {"\"sub\":\"me\"",
                                      "\"n\":[1,2.5,null]",
                                      "\"n\":9223372036854775808",
                                      "\"n\":1e999",
                                      "\"n\":{\"a\":1,\"a\":2}",
                                      "\"n\":\"\\u0000\"",
                                      "\"n\":\"\\ud800\"",
                                      "\"aws:viewerid\":\"x\"",
                                      "\"\":0",
                                      "\"\":0,\"\":1",
                                      "\"n\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
                                      "\"__proto__\":{\"exp\":1}",
                                      "\"n\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]",
                                      "\"iss\":1",
                                      "\"aud\":[\"x\"]",
                                      "\"jti\":null",
                                      "\"n\":\"\xc0\xaf\"",
                                      "\"n\":-9223372036854775809",
                                      "\"e\\u0078p\":1700000060",
                                      "\"n\":1e-999",
                                      "\"constructor\":1"};

static const char *const headers[] = {
    "{\"alg\":\"ES384\"}",
    "{\"typ\":\"jwt\",\"alg\":\"ES384\",\"kid\":\"a\"}",
    "{\"alg\":\"none\"}",
    "{\"alg\":\"es384\"}",
    "{\"alg\":\"ES256\"}",
    "{\"alg\":\"ES512\"}",
    "{\"alg\":\"ES256K\"}",
    "{\"alg\":\"RS384\"}",
    "{\"alg\":\"PS384\"}",
    "{\"alg\":\"EdDSA\"}",
    "{\"alg\":\"HS384\"}",
    "{\"alg\":[\"ES384\"]}",
    "{\"alg\":null}",
    "{\"typ\":\"JWT\"}",
    "{\"alg\":\"ES384 \"}",
    "{\"alg\":\"ES384\\u0000\"}",
    "{\"alg\":\"ES384\",\"typ\":\"at+jwt\"}",
    "{\"alg\":\"ES384\",\"typ\":1}",
    "{\"alg\":\"ES384\",\"typ\":\"JOSE\"}",
    "{\"alg\":\"ES384\",\"crit\":[\"exp\"],\"exp\":1}",
    "{\"alg\":\"ES384\",\"crit\":[]}",
    "{\"alg\":\"ES384\",\"crit\":[\"b64\"],\"b64\":true}",
    "{\"alg\":\"ES384\",\"crit\":[\"b64\"],\"b64\":false}",
    "{\"alg\":\"ES384\",\"b64\":true}",
    "{\"alg\":\"ES384\",\"zip\":\"DEF\"}",
    "{\"alg\":\"ES384\",\"enc\":\"A128GCM\"}",
    "{\"alg\":\"ES384\",\"alg\":\"ES384\"}",
    "{\"alg\":\"none\",\"alg\":\"ES384\"}",
    "{\"alg\":\"ES384\",\"al\\u0067\":\"ES384\"}",
    "{\"alg\":\"ES384\",\"jwk\":{},\"x5c\":[],\"jku\":\"x\"}",
    "{\"alg\":\"ES384\",\"n\":9223372036854775808}",
    "{\"alg\":\"ES384\",\"n\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}",
    "{\"alg\":\"ES384\",\"n\":\"\xff\"}",
    "{\"alg\":\"ES384\",\"n\":\"\\ud800\"}",
    "\xef\xbb\xbf{\"alg\":\"ES384\"}",
    "{\"alg\":\"ES384\"}{}",
    "[\"ES384\"]",
    "null",
    "",
};

#endif
