/* SPDX-License-Identifier: MIT */
/* Documents with secrets: JSON without a copying parser, answers of AWS STS. */

#include "support/test.h"

#include <string.h>

#include "aws/credentials_document.h"
#include "aws/secret_json.h"
#include "aws/sts_xml.h"

struct text_case {
    const char *text;  /* the value of member "a" */
    const char *value; /* NULL: no text */
};

/* As RFC 8259 section 7 has them. */
static const struct text_case text_cases[] = {
    {"\"\"", ""},
    {"\"b\"", "b"},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
    {"\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac"},
    {"\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80"},
    {"\"},{\\\"\"", "},{\""},
    {"\"\\u0000\"", NULL},
    {"\"\\ud83d\\ude00\"", NULL},
    {"\"\\u12\"", NULL},
    {"\"\\u12g4\"", NULL},
    {"\"\\x\"", NULL},
    {"\"\n\"", NULL},
    {"1", NULL},
    {"null", NULL},
    {"[\"b\"]", NULL},
    {"{\"a\": \"b\"}", NULL},
};

static void
strings_are_read_in_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof text_cases / sizeof *text_cases; i++) {
        const struct text_case *c = &text_cases[i];
        ivs_buf text = IVS_BUF_INIT, value = IVS_BUF_INIT;
        ivs_json_slice object, found;

        ivs_buf_printf(&text, " {\"x\" : {\"a\":[]} ,\"a\":\t%s , \"b\": 1 } ",
                       c->text);
        assert_int_equal(ivs_secret_json_check(text.data, text.len, "it", NULL),
                         IVS_OK);
        object = (ivs_json_slice){text.data, text.len};
        found = ivs_secret_json_get(&object, "a");
        assert_int_equal(found.len, strlen(c->text));
        assert_memory_equal(found.at, c->text, found.len);
        assert_int_equal(ivs_secret_json_text(&found, &value),
                         c->value != NULL);
        if (c->value != NULL)
            assert_string_equal(value.data, c->value);
        found = ivs_secret_json_get(&object, "none");
        assert_null(found.at);
        ivs_buf_free(&text);
        ivs_buf_free(&value);
    }
}

static void
integers_are_whole(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {{"0", true, 0},
                 {"-1", true, -1},
                 {"1440941760999", true, 1440941760999},
                 {"9223372036854775807", true, INT64_MAX},
                 {"9223372036854775808", false, 0},
                 {"1.0", false, 0},
                 {"1e3", false, 0},
                 {"\"1\"", false, 0},
                 {"true", false, 0},
                 {"123456789012345678901234567890", false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ivs_json_slice value = {cases[i].text, strlen(cases[i].text)};
        int64_t number = 0;

        assert_int_equal(ivs_secret_json_integer(&value, &number), cases[i].ok);
        if (cases[i].ok)
            assert_true(number == cases[i].value);
    }
}

static void
malformed_documents_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "[]",
        "\"a\"",
        "{",
        "{\"a",
        "{\"a\":\"b}",
        "{\"a\":\"b\"}x",
        "{\"a\":\"b\"},{}",
        "{\"a\":\"b\",}",
        "{\"a\":\"b\",\"a\":\"c\"}",
        "{\"a\":\"b\",\"\\u0061\":\"c\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ivs_error err = {0};

        print_message("%s\n", cases[i]);
        assert_int_equal(ivs_secret_json_check(cases[i], strlen(cases[i]),
                                               "the answer", &err),
                         IVS_E_FORMAT);
        assert_memory_equal(err.message, "the answer ", 11);
    }
}

/* ---- AWS STS ---- */

#define ANSWER(inner)                                                          \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AssumeRoleResponse "         \
    "xmlns=\"x\"><AssumeRoleResult><Credentials>" inner                        \
    "</Credentials></AssumeRoleResult><ResponseMetadata><RequestId>r"          \
    "</RequestId></ResponseMetadata></AssumeRoleResponse>"

static void
an_answer_is_read_by_its_paths(void **state)
{
    static const char text[] = ANSWER(
        "<!-- <AccessKeyId>no</AccessKeyId> --> <AccessKeyId>A&amp;&#66;"
        "</AccessKeyId><SecretAccessKey><![CDATA[s<s]]></SecretAccessKey>"
        "<Other><SessionToken>no</SessionToken></Other><Expiration/>");
    ivs_sts_answer a = {0};

    (void)state;
    assert_int_equal(
        ivs_sts_answer_parse("AssumeRole", text, strlen(text), &a, NULL),
        IVS_OK);
    assert_string_equal(a.access_key_id.data, "A&B");
    assert_string_equal(a.secret_access_key.data, "s<s");
    assert_int_equal(a.session_token.len, 0);
    assert_int_equal(a.expiration.len, 0);
    assert_int_equal(a.code.len, 0);
    ivs_sts_answer_free(&a);
    /* of another action */
    assert_int_equal(ivs_sts_answer_parse("AssumeRoleWithWebIdentity", text,
                                          strlen(text), &a, NULL),
                     IVS_E_FORMAT);
}

static void
an_error_has_a_code_and_a_message(void **state)
{
    static const char text[] =
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId"
        "</Code><Message>no</Message></Error><RequestId>r</RequestId>"
        "</ErrorResponse>";
    ivs_sts_answer a = {0};

    (void)state;
    assert_int_equal(
        ivs_sts_answer_parse("AssumeRole", text, strlen(text), &a, NULL),
        IVS_OK);
    assert_string_equal(a.code.data, "InvalidClientTokenId");
    assert_string_equal(a.message.data, "no");
    assert_int_equal(a.access_key_id.len, 0);
    ivs_sts_answer_free(&a);
}

static void
hostile_answers_are_refused(void **state)
{
    static char deep[4096];
    const struct {
        const char *text, *message;
    } cases[] = {
        {"", "not well-formed XML"},
        {"{}", "not well-formed XML"},
        {"<html><body>no</body></html>", "another document element"},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><AssumeRoleResponse/>",
         "a document type"},
        {"<!DOCTYPE a SYSTEM \"http://127.0.0.1/\"><AssumeRoleResponse/>",
         "a document type"},
        {"<AssumeRoleResponse>&b;</AssumeRoleResponse>", "not well-formed"},
        {ANSWER("<AccessKeyId>a</AccessKeyId><AccessKeyId>b</AccessKeyId>"),
         "the same element twice"},
        {ANSWER("<AccessKeyId/><AccessKeyId>b</AccessKeyId>"),
         "the same element twice"},
        {ANSWER("<AccessKeyId>a<b>c</b></AccessKeyId>"),
         "an element within a value"},
        {ANSWER("<AccessKeyId>\xff</AccessKeyId>"), "not well-formed"},
        {deep, "too many nested elements"},
    };

    (void)state;
    (void)strcpy(deep, "<AssumeRoleResponse>");
    for (size_t i = 0; i < 20; i++)
        (void)strcat(deep, "<a>");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ivs_sts_answer a = {0};
        ivs_error err = {0};

        print_message("%s\n", cases[i].text);
        assert_int_equal(ivs_sts_answer_parse("AssumeRole", cases[i].text,
                                              strlen(cases[i].text), &a, &err),
                         IVS_E_FORMAT);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("%s\nhas no %s", err.message, cases[i].message);
        assert_null(a.access_key_id.data);
    }
}

static void
a_value_without_end_is_refused(void **state)
{
    ivs_buf text = IVS_BUF_INIT;
    ivs_sts_answer a = {0};
    ivs_error err = {0};

    (void)state;
    ivs_buf_puts(&text, "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
                        "<SessionToken>");
    for (size_t i = 0; i < 40 * 1024; i++)
        ivs_buf_putc(&text, 'a');
    assert_int_equal(
        ivs_sts_answer_parse("AssumeRole", text.data, text.len, &a, &err),
        IVS_E_FORMAT);
    assert_non_null(strstr(err.message, "a value without end"));
    ivs_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_read_in_place),
        cmocka_unit_test(integers_are_whole),
        cmocka_unit_test(malformed_documents_are_refused),
        cmocka_unit_test(an_answer_is_read_by_its_paths),
        cmocka_unit_test(an_error_has_a_code_and_a_message),
        cmocka_unit_test(hostile_answers_are_refused),
        cmocka_unit_test(a_value_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
