/* SPDX-License-Identifier: MIT */
/* The grammar of the shared files beyond what the SDKs' suite has. */

#include "support/test.h"

#include <string.h>

#include "aws/ini.h"

#define MARK "wJalrXUtnFEMI/K7MDENG+SECRET"

static ivs_status
parse(ivs_ini *ini, const char *text, ivs_ini_file file, ivs_error *err)
{
    return ivs_ini_parse(ini, text, strlen(text), file, "FILE", err);
}

struct lookup {
    const char *name, *text;
    ivs_ini_type type;
    const char *section, *key;
    const char *want; /* NULL: not there */
};

static const struct lookup lookups[] = {
    {"services section", "[services dev]\nivs =\n  endpoint_url = http://l\n",
     IVS_INI_SERVICES, "dev", "ivs", "\nendpoint_url = http://l"},
    {"types do not mix", "[services dev]\na = 1\n", IVS_INI_PROFILE, "dev", "a",
     NULL},
    {"quoted name with blanks", "[profile \"my own\"]\na=1", IVS_INI_PROFILE,
     "my own", "a", "1"},
    {"name in single quotes", "[profile 'ops']\na=1", IVS_INI_PROFILE, "ops",
     "a", "1"},
    {"quotes that do not pair", "[profile \"ops']\na=1", IVS_INI_PROFILE, "ops",
     "a", NULL},
    {"empty quotes", "[profile \"\"]\na=1", IVS_INI_PROFILE, "", "a", NULL},
    {"byte order mark", "\xef\xbb\xbf[default]\na=1", IVS_INI_PROFILE,
     "default", "a", "1"},
    {"indented comment in a block", "[default]\ns3 =\n  # why\n  a = 1\n",
     IVS_INI_PROFILE, "default", "s3", "\na = 1"},
    {"indented comment before everything", "  ; why\n[default]\na=1",
     IVS_INI_PROFILE, "default", "a", "1"},
    {"# inside a value", "[default]\nsso_start_url = https://x/#/\n",
     IVS_INI_PROFILE, "default", "sso_start_url", "https://x/#/"},
    {"section of another kind", "[plugins]\na = 1\n[default]\nb = 2\n",
     IVS_INI_PROFILE, "default", "b", "2"},
    {"block of a skipped key", "[default]\no o =\n  a = 1\nb = 2\n",
     IVS_INI_PROFILE, "default", "b", "2"},
    {"keys are lower case", "[default]\nAWS_Key = 1\n", IVS_INI_PROFILE,
     "default", "aws_key", "1"},
    {"names are not", "[profile Ops]\na = 1\n", IVS_INI_PROFILE, "ops", "a",
     NULL},
    {"no line end at the end", "[default]\na = 1", IVS_INI_PROFILE, "default",
     "a", "1"},
};

static void
values_are_found_where_they_belong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        const struct lookup *c = &lookups[i];
        const ivs_ini_property *p;
        ivs_ini ini = {0};

        print_message("%s\n", c->name);
        assert_int_equal(parse(&ini, c->text, IVS_INI_CONFIG, NULL), IVS_OK);
        p = ivs_ini_get(&ini, c->type, c->section, c->key);
        if (c->want == NULL) {
            assert_null(p);
        } else {
            assert_non_null(p);
            assert_string_equal(p->value.data, c->want);
            assert_true(ivs_ini_has(&ini, c->type, c->section));
        }
        ivs_ini_free(&ini);
    }
}

struct broken {
    const char *name, *text, *message;
};

/* Every line at fault holds the mark. */
static const struct broken broken[] = {
    {"no section", "\n\naws_secret_access_key = " MARK, "FILE:3: "},
    {"indented without section", " " MARK, "FILE:1: "},
    {"no equals sign", "[default]\r\n" MARK "\r\n", "FILE:2: "},
    {"no name", "[default]\n= " MARK, "FILE:2: "},
    {"open bracket", "[default " MARK, "FILE:1: "},
    {"bracket alone", "# " MARK "\n[", "FILE:2: "},
    {"text behind the bracket", "[default] " MARK, "FILE:1: "},
    {"continuation of nothing", "[default]\n # a comment\n " MARK, "FILE:3: "},
    {"no equals sign in a block", "[default]\ns3 =\n " MARK, "FILE:3: "},
    {"no name in a block", "[default]\ns3 =\n = " MARK, "FILE:3: "},
};

static void
syntax_errors_name_the_line_and_never_quote_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        const struct broken *c = &broken[i];
        ivs_error err = {0};
        ivs_ini ini = {0};

        print_message("%s\n", c->name);
        assert_int_equal(parse(&ini, c->text, IVS_INI_CREDENTIALS, &err),
                         IVS_E_CREDENTIALS);
        assert_memory_equal(err.message, c->message, strlen(c->message));
        assert_null(strstr(err.message, MARK));
        ivs_ini_free(&ini);
    }
}

static void
nul_byte_is_refused(void **state)
{
    static const char text[] = "[default]\na = b\0c\n";
    ivs_error err = {0};
    ivs_ini ini = {0};

    (void)state;
    assert_int_equal(ivs_ini_parse(&ini, text, sizeof text - 1, IVS_INI_CONFIG,
                                   "FILE", &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "FILE:2: NUL byte"));
    ivs_ini_free(&ini);
}

static void
long_lines_come_whole(void **state)
{
    const size_t n = 300000;
    ivs_buf text = IVS_BUF_INIT;
    const ivs_ini_property *p;
    ivs_ini ini = {0};

    (void)state;
    ivs_buf_puts(&text, "[default]\naws_session_token = ");
    for (size_t i = 0; i < n; i++)
        ivs_buf_putc(&text, (char)('a' + i % 26));
    assert_int_equal(
        ivs_ini_parse(&ini, text.data, text.len, IVS_INI_CONFIG, "FILE", NULL),
        IVS_OK);
    p = ivs_ini_get(&ini, IVS_INI_PROFILE, "default", "aws_session_token");
    assert_non_null(p);
    assert_int_equal(p->value.len, n);
    assert_int_equal(p->value.data[n - 1], 'a' + (n - 1) % 26);
    assert_true(p->value.secret);
    ivs_ini_free(&ini);
    ivs_buf_free(&text);
}

static void
file_of_a_property_is_known(void **state)
{
    const ivs_ini_property *a, *b;
    ivs_ini ini = {0};

    (void)state;
    assert_int_equal(
        parse(&ini, "[profile x]\na = 1\nb = 1\n", IVS_INI_CONFIG, NULL),
        IVS_OK);
    assert_int_equal(parse(&ini, "[x]\nb = 2\n", IVS_INI_CREDENTIALS, NULL),
                     IVS_OK);
    a = ivs_ini_get(&ini, IVS_INI_PROFILE, "x", "a");
    b = ivs_ini_get(&ini, IVS_INI_PROFILE, "x", "b");
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a->file, IVS_INI_CONFIG);
    assert_int_equal(b->file, IVS_INI_CREDENTIALS);
    assert_string_equal(b->value.data, "2");
    ivs_ini_free(&ini);
}

struct block {
    const char *name, *text, *key, *want;
};

static const struct block blocks[] = {
    {"one", "ivs =\n  endpoint_url = http://a", "endpoint_url", "http://a"},
    {"second", "ivs =\n x = 1\n endpoint_url=http://a", "endpoint_url",
     "http://a"},
    {"last wins", "ivs =\n a = 1\n a = 2", "a", "2"},
    {"comment behind it", "ivs =\n a = 1 # why", "a", "1"},
    {"other case", "ivs =\n A = 1", "a", NULL},
    {"no such name", "ivs =\n aa = 1", "a", NULL},
    {"value that is no block", "ivs = a = 1", "a", NULL},
    {"continued value", "ivs = x\n a = 1", "a", NULL},
    {"empty block", "ivs =", "a", NULL},
    {"empty value", "ivs =\n a =", "a", ""},
};

static void
blocks_are_read_one_level_deep(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        const struct block *c = &blocks[i];
        ivs_buf out = IVS_BUF_INIT;
        const ivs_ini_property *p;
        char text[256];
        ivs_ini ini = {0};

        print_message("%s\n", c->name);
        (void)snprintf(text, sizeof text, "[services s]\n%s\n", c->text);
        assert_int_equal(parse(&ini, text, IVS_INI_CONFIG, NULL), IVS_OK);
        p = ivs_ini_get(&ini, IVS_INI_SERVICES, "s", "ivs");
        assert_non_null(p);
        assert_int_equal(ivs_ini_block_get(p, c->key, &out), c->want != NULL);
        if (c->want != NULL)
            assert_string_equal(out.data, c->want);
        else
            assert_int_equal(out.len, 0);
        ivs_buf_free(&out);
        ivs_ini_free(&ini);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_where_they_belong),
        cmocka_unit_test(syntax_errors_name_the_line_and_never_quote_it),
        cmocka_unit_test(nul_byte_is_refused),
        cmocka_unit_test(long_lines_come_whole),
        cmocka_unit_test(file_of_a_property_is_known),
        cmocka_unit_test(blocks_are_read_one_level_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
