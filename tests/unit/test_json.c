/* SPDX-License-Identifier: MIT */
/* json: RFC 8259, and the strictness that tokens need on top of it. */

#include "support/test.h"

#include <string.h>

#include "support/limitalloc.h"

#include "base/json.h"

static void
json_is_strict_and_says_why(void **state)
{
    static const struct {
        const char *name, *text;
        size_t len;
        unsigned flags;
        ivs_reject_reason reason; /* NONE: accepted */
    } rows[] = {
#define ROW(name, text, flags, reason)                                         \
    {name, text, sizeof(text) - 1, flags, reason}
        ROW("object", "{\"a\":[1,2.5,null,true]}", 0, IVS_REJECT_NONE),
        ROW("surrounding space", " {} \n", 0, IVS_REJECT_NONE),
        ROW("array", "[]", 0, IVS_REJECT_NONE),
        ROW("array for object", "[]", IVS_JSON_OBJECT, IVS_REJECT_JSON),
        ROW("empty", "", 0, IVS_REJECT_JSON),
        ROW("trailing", "{} x", 0, IVS_REJECT_JSON),
        ROW("two values", "{}{}", 0, IVS_REJECT_JSON),
        ROW("two values and a comma", "{},{}", 0, IVS_REJECT_JSON),
        ROW("comma after", "{},", 0, IVS_REJECT_JSON),
        ROW("comma before", ",{}", 0, IVS_REJECT_JSON),
        ROW("bracket before", "]", 0, IVS_REJECT_JSON),
        ROW("bracket after", "1]", 0, IVS_REJECT_JSON),
        ROW("brackets around a comma", "1],[1", 0, IVS_REJECT_JSON),
        ROW("long string", "\"0123456789012345678901234567890123456789\"", 0,
            IVS_REJECT_NONE),
        ROW("comment", "{/**/}", 0, IVS_REJECT_JSON),
        ROW("trailing comma", "{\"a\":1,}", 0, IVS_REJECT_JSON),
        ROW("byte order mark", "\xef\xbb\xbf{}", 0, IVS_REJECT_JSON),
        ROW("duplicate", "{\"a\":1,\"a\":1}", 0, IVS_REJECT_JSON_DUPLICATE),
        ROW("duplicate by escape", "{\"exp\":1,\"\\u0065xp\":2}", 0,
            IVS_REJECT_JSON_DUPLICATE),
        ROW("nested duplicate", "{\"a\":[{\"b\":1,\"b\":2}]}", 0,
            IVS_REJECT_JSON_DUPLICATE),
        ROW("overlong", "{\"a\":\"\xc0\xaf\"}", 0, IVS_REJECT_UTF8),
        ROW("escaped NUL", "{\"a\":\"x\\u0000y\"}", 0, IVS_REJECT_JSON),
        ROW("escaped backslash before u0000", "{\"a\":\"\\\\u0000\"}", 0,
            IVS_REJECT_NONE),
        ROW("raw NUL", "{\"a\":\"x\0y\"}", 0, IVS_REJECT_JSON),
        ROW("NUL after the end", "{}\0", 0, IVS_REJECT_JSON),
        ROW("lone surrogate", "{\"a\":\"\\ud800\"}", 0, IVS_REJECT_JSON),
        ROW("int64 maximum", "{\"a\":9223372036854775807}", 0, IVS_REJECT_NONE),
        ROW("int64 minimum", "{\"a\":-9223372036854775808}", 0,
            IVS_REJECT_NONE),
        ROW("beyond int64", "{\"a\":9223372036854775808}", 0,
            IVS_REJECT_JSON_NUMBER),
        ROW("beyond int64, allowed", "{\"a\":9223372036854775808}",
            IVS_JSON_BIG_INTEGERS, IVS_REJECT_NONE),
        ROW("beyond double", "{\"a\":1e999}", IVS_JSON_BIG_INTEGERS,
            IVS_REJECT_JSON_NUMBER),
        ROW("16 levels", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", 0,
            IVS_REJECT_NONE),
        ROW("17 levels", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", 0,
            IVS_REJECT_JSON_DEPTH),
        ROW("brackets in a string", "[\"[[[[[[[[[[[[[[[[[[\\\"[\"]", 0,
            IVS_REJECT_NONE),
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_reject_reason reason = IVS_REJECT_NONE;
        json_t *value = NULL;
        ivs_error err;
        ivs_status s = ivs_json_parse(rows[i].text, rows[i].len, rows[i].flags,
                                      "text", &value, &reason, &err);

        if (s != (rows[i].reason ? IVS_E_FORMAT : IVS_OK) ||
            reason != rows[i].reason)
            fail_msg("%s: %s %s", rows[i].name, ivs_status_name(s),
                     ivs_reject_reason_name(reason));
        if (s != IVS_OK) {
            assert_null(value);
            assert_int_equal(err.reason, IVS_REJECT_NONE);
            assert_memory_equal(err.message, "text ", 5);
        }
        json_decref(value);
    }
}

static void
a_member_that_is_there_twice_is_named_as_it_is_written(void **state)
{
    static const struct {
        const char *text;
        unsigned flags;
        const char *message;
    } rows[] = {
        {"{\"a\":1,\"a\":2}", 0,
         "text has the member \"a\" twice, at line 1, column 10"},
        {"{\"\":1, \"\" :2}", 0,
         "text has the member \"\" twice, at line 1, column 9"},
        {"[{\"b\\\"c\\\\\":\"x\",\n\"b\\\"c\\\\\":2}]", 0,
         "text has the member \"b\\\"c\\\\\" twice, at line 2, column 8"},
        {"{\"exp\":1,\"\\u0065xp\":2}", 0,
         "text has the member \"\\u0065xp\" twice, at line 1, column 19"},
        {"{\"n\":99999999999999999999,\"a\":1,\"a\":2}", IVS_JSON_BIG_INTEGERS,
         "text has the member \"a\" twice"},
        {"{\"a\033\":1,\"a\033\":2}", 0,
         "text is not well-formed JSON at line 1, column 3"},
        {"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":"
         "1,"
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":"
         "2}",
         0,
         "text has the member "
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaa\" twice, at line 1, column 134"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *value = NULL;
        ivs_error err = {0};

        assert_int_equal(ivs_json_parse(rows[i].text, strlen(rows[i].text),
                                        rows[i].flags, "text", &value, NULL,
                                        &err),
                         IVS_E_FORMAT);
        assert_string_equal(err.message, rows[i].message);
    }
}

static void
mistakes_are_told_with_their_place_and_not_quoted(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"{\"name\":", "is not well-formed JSON at line 1, column 8"},
        {"{\n\"arn\":}", "is not well-formed JSON at line 2, column 7"},
        {"{\n\n", "is not well-formed JSON at line 3, column 1"},
        {"", "is not well-formed JSON at line 1, column 1"},
        {"[1,\n 2 3]", "is not well-formed JSON at line 2, column 4"},
        {"[\"\u00e9\u20ac\",]", "is not well-formed JSON at line 1, column 7"},
        {"{},\n{}", "is not well-formed JSON at line 1, column 3"},
        {"{\"key\":sk_secret}", "is not well-formed JSON at line 1, column 9"},
        {"[1,\n\"\\u0000\"]", "holds a NUL character at line 2, column 7"},
        {"[\"\xff\"]", "is not valid UTF-8 at line 1, column 3"},
        {"[\"\u00e9\x80\"]", "is not valid UTF-8 at line 1, column 4"},
        {"[\n99999999999999999999]",
         "has a number that is too large at line 2, column 20"},
        {"[[[[[[[[[[[[[[[[\n[]]]]]]]]]]]]]]]]]",
         "nests deeper than 16 levels at line 2, column 1"},
        {"7", "is not a JSON object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *value = NULL;
        ivs_error err = {0};

        assert_int_equal(ivs_json_parse(rows[i].text, strlen(rows[i].text),
                                        IVS_JSON_OBJECT, "text", &value, NULL,
                                        &err),
                         IVS_E_FORMAT);
        assert_memory_equal(err.message, "text ", 5);
        assert_string_equal(err.message + 5, rows[i].message);
    }
}

static void
only_the_big_integer_becomes_a_real(void **state)
{
    static const char text[] =
        "{\"big\":-9223372036854775809,\"exact\":9007199254740993,"
        "\"t\":\"\\\"99999999999999999999\",\"longer\":"
        "123456789012345678901234567890}";
    json_t *value = NULL;

    (void)state;
    assert_int_equal(ivs_json_parse(text, strlen(text), IVS_JSON_BIG_INTEGERS,
                                    "text", &value, NULL, NULL),
                     IVS_OK);
    assert_true(json_is_real(json_object_get(value, "big")));
    assert_true(json_is_real(json_object_get(value, "longer")));
    assert_true(json_integer_value(json_object_get(value, "exact")) ==
                INT64_C(9007199254740993));
    assert_string_equal(json_string_value(json_object_get(value, "t")),
                        "\"99999999999999999999");
    json_decref(value);
}

/* jansson reads by the kilobyte. */
static void
text_of_any_length_is_read_whole(void **state)
{
    static char text[5000];

    (void)state;
    for (size_t len = 0; len + 3 < sizeof text; len += len < 40 ? 1 : 97) {
        json_t *value = NULL;

        text[0] = text[len + 1] = '"';
        memset(text + 1, 'a', len);
        assert_int_equal(
            ivs_json_parse(text, len + 2, 0, "text", &value, NULL, NULL),
            IVS_OK);
        assert_int_equal(json_string_length(value), len);
        json_decref(value);
    }
}

static void
json_text_survives_writing_and_reading(void **state)
{
    static const char text[] = "q\" b\\ \x01\x1f é </script>";
    ivs_buf b = IVS_BUF_INIT;
    json_t *value = NULL;

    (void)state;
    ivs_json_quote(&b, text, strlen(text));
    assert_int_equal(
        ivs_json_parse(b.data, b.len, 0, "text", &value, NULL, NULL), IVS_OK);
    assert_string_equal(json_string_value(value), text);
    json_decref(value);
    ivs_buf_free(&b);
    value = json_pack("{s:i}", "a", 1);
    ivs_json_append(&b, value, false);
    assert_string_equal(b.data, "{\"a\":1}");
    json_decref(value);
    ivs_buf_free(&b);
}

static void
string_out_of_place_is_malformed(void **state)
{
    static const char *const rows[] = {
        "{\"a\" \"b\"}",  "{\"a\":\"b\" \"c\":1}",
        "[\"a\"\"b\"]",   "{}\"a\"",
        "\"a\"\"b\"",     "{\"a\":tru\"b\"}",
        "{1\"a\":1}",     "[\"\\x\"]",
        "{\"a\":,\"b\"}", "{,\"a\":1}",
        "[\"a",           "{\"a\":1,\"b\"}",
        "[\"a\",'\"b\"]"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_reject_reason reason = IVS_REJECT_NONE;
        json_t *value = NULL;
        ivs_status s = ivs_json_parse(rows[i], strlen(rows[i]), 0, "it", &value,
                                      &reason, NULL);

        if (s != IVS_E_FORMAT || reason != IVS_REJECT_JSON)
            fail_msg("%s: %s", rows[i], ivs_status_name(s));
    }
}

static void
no_memory_is_never_called_malformed(void **state)
{
    static const char *const rows[] = {
        "\"text\"", "{\"name\":\"text\",\"a string of over 20 bytes\":1}",
        "[\"\\u00e9\",\"a string of over 20 bytes\",1.5,{\"a\":[[\"b\"]]}]",
        "{\"a\":12345678901234567890,\"b\":\"c\"}"};

    (void)state;
    json_set_alloc_funcs(limited_malloc, free);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_status s = IVS_E_NOMEM;
        json_t *value = NULL;
        ivs_error err;
        size_t n;

        for (n = 0; s != IVS_OK; n++) {
            allocations_left = n;
            s = ivs_json_parse(rows[i], strlen(rows[i]), IVS_JSON_BIG_INTEGERS,
                               "it", &value, NULL, &err);
            allocations_left = SIZE_MAX;
            if (s != IVS_OK && (s != IVS_E_NOMEM || value != NULL))
                fail_msg("%s: %zu: %s", rows[i], n, err.message);
        }
        assert_true(n > 5);
        json_decref(value);
    }
    json_set_alloc_funcs(malloc, free);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_strict_and_says_why),
        cmocka_unit_test(
            a_member_that_is_there_twice_is_named_as_it_is_written),
        cmocka_unit_test(mistakes_are_told_with_their_place_and_not_quoted),
        cmocka_unit_test(only_the_big_integer_becomes_a_real),
        cmocka_unit_test(text_of_any_length_is_read_whole),
        cmocka_unit_test(json_text_survives_writing_and_reading),
        cmocka_unit_test(string_out_of_place_is_malformed),
        cmocka_unit_test(no_memory_is_never_called_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
