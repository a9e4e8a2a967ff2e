/* SPDX-License-Identifier: MIT */
/* service: tags, and whether a channel is private, against a script. */

#include "support/script.h"

#include <ivs/channel.h>
#include <ivs/tags.h>

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"

static struct fixture f;

static const struct reply empty = {.status = 200};

/* ---- tags ---- */

static void
tags_are_listed_in_order(void **state)
{
    static const struct reply reply = {
        .status = 200, .body = "{\"tags\":{\"z\":\"1\",\"a b\":\"\"}}"};
    ivs_tags *tags = NULL;

    (void)state;
    open_script(&f, &reply, 1);
    assert_int_equal(ivs_tags_list(f.client, CHANNEL, &tags, &f.err), IVS_OK);
    assert_string_equal(f.script.method, "GET");
    assert_non_null(strstr(f.script.url, "/tags/arn%3Aaws%3Aivs%3A"));
    assert_int_equal(ivs_tags_count(tags), 2);
    assert_string_equal(ivs_tags_at(tags, 0).key, "z");
    assert_string_equal(ivs_tags_at(tags, 0).value, "1");
    assert_string_equal(ivs_tags_at(tags, 1).key, "a b");
    assert_string_equal(ivs_tags_at(tags, 1).value, "");
    assert_null(ivs_tags_at(tags, 2).key);
    assert_null(ivs_tags_at(tags, 2).value);
    ivs_tags_free(tags);
    ivs_tags_free(NULL);
    close_script(&f);
}

static void
tags_that_are_no_text_are_refused(void **state)
{
    static const struct reply bad[] = {
        {.status = 200, .body = "{\"tags\":{\"a\":1}}"},
        {.status = 200, .body = "{\"tags\":{\"a\":\"b\",\"c\":null}}"},
        {.status = 200, .body = "{\"tags\":[]}"},
        {.status = 200, .body = "{}"},
        {.status = 200},
    };
    ivs_tags *tags = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        open_script(&f, &bad[i], 1);
        assert_int_equal(ivs_tags_list(f.client, CHANNEL, &tags, &f.err),
                         IVS_E_SERVICE);
        assert_null(tags);
        close_script(&f);
    }
}

static void
tags_are_added_and_removed(void **state)
{
    static const ivs_tag tags[] = {{"team", "video"}, {"\"q\"", "\xc3\xbc"}};
    static const char *const keys[] = {"team", "a b"};

    (void)state;
    open_script(&f, &empty, 1);
    assert_int_equal(ivs_tags_add(f.client, CHANNEL, tags, 2, &f.err), IVS_OK);
    assert_string_equal(f.script.method, "POST");
    assert_string_equal(
        f.script.body,
        "{\"tags\":{\"team\":\"video\",\"\\\"q\\\"\":\"\xc3\xbc\"}}");
    assert_int_equal(ivs_tags_remove(f.client, CHANNEL, keys, 2, &f.err),
                     IVS_OK);
    assert_string_equal(f.script.method, "DELETE");
    assert_non_null(strstr(f.script.url, "?tagKeys=team&tagKeys=a%20b"));
    close_script(&f);
}

static void
wrong_tags_send_nothing(void **state)
{
    static const ivs_tag twice[] = {{"k", "1"}, {"k", "2"}}, null = {"k", NULL},
                         odd = {"k", "\xff"};
    static const char *const no_key[] = {"a", NULL}, *const no_name[] = {""};
    ivs_tag many[51];
    char names[51][8];
    ivs_tags *ret = NULL;

    (void)state;
    for (size_t i = 0; i < 51; i++) {
        (void)snprintf(names[i], sizeof names[i], "k%zu", i);
        many[i] = (ivs_tag){names[i], "v"};
    }
    open_script(&f, &empty, 1);
    assert_int_equal(ivs_tags_add(f.client, CHANNEL, many, 51, &f.err),
                     IVS_E_ARG);
    assert_string_equal(f.err.member, "tags");
    assert_int_equal(ivs_tags_add(f.client, CHANNEL, twice, 2, &f.err),
                     IVS_E_FORMAT);
    assert_int_equal(ivs_tags_add(f.client, CHANNEL, &odd, 1, &f.err),
                     IVS_E_FORMAT);
    assert_int_equal(ivs_tags_add(f.client, CHANNEL, &null, 1, &f.err),
                     IVS_E_ARG);
    assert_int_equal(ivs_tags_add(f.client, CHANNEL, NULL, 1, &f.err),
                     IVS_E_ARG);
    assert_int_equal(ivs_tags_add(f.client, NULL, NULL, 0, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_tags_add(NULL, CHANNEL, NULL, 0, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_tags_remove(f.client, CHANNEL, no_key, 2, &f.err),
                     IVS_E_ARG);
    assert_non_null(strstr(f.err.message, "keys[1]"));
    assert_int_equal(ivs_tags_remove(f.client, CHANNEL, no_name, 1, &f.err),
                     IVS_E_ARG);
    assert_string_equal(f.err.member, "tagKeys[0]");
    assert_int_equal(ivs_tags_remove(f.client, CHANNEL, NULL, 1, &f.err),
                     IVS_E_ARG);
    assert_int_equal(ivs_tags_list(f.client, "x", &ret, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_tags_list(f.client, NULL, &ret, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_tags_list(NULL, CHANNEL, &ret, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_tags_list(f.client, CHANNEL, NULL, &f.err), IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

/* ---- authorized ---- */

struct authorized_case {
    const char *body;
    int found; /* -1: the answer does not say */
};

static const struct authorized_case answers[] = {
    {"{\"channel\":{\"authorized\":true}}", 1},
    {"{\"channel\":{\"authorized\":false}}", 0},
    {"{\"channel\":{}}", -1},
    {"{\"channel\":{\"authorized\":null}}", -1},
    {"{\"channel\":{\"authorized\":\"true\"}}", -1},
    {"{\"authorized\":true}", -1},
};

static void
get_says_whether_a_channel_is_private(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct authorized_case *c = &answers[i];
        struct reply reply = {.status = 200, .body = c->body};

        for (int before = 0; before <= 1; before++) {
            bool found = before;

            open_script(&f, &reply, 1);
            assert_int_equal(
                ivs_channel_get_authorized(f.client, CHANNEL, &found, &f.err),
                c->found < 0 ? IVS_E_SERVICE : IVS_OK);
            assert_int_equal(found, c->found < 0 ? before : c->found);
            assert_string_equal(f.script.body, "{\"arn\":\"" CHANNEL "\"}");
            close_script(&f);
        }
    }
}

static void
set_counts_when_the_answer_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct authorized_case *c = &answers[i];
        struct reply reply = {.status = 200, .body = c->body};

        for (int wanted = 0; wanted <= 1; wanted++) {
            open_script(&f, &reply, 1);
            assert_int_equal(
                ivs_channel_set_authorized(f.client, CHANNEL, wanted, &f.err),
                c->found == wanted ? IVS_OK : IVS_E_SERVICE);
            assert_string_equal(
                f.script.body,
                wanted ? "{\"arn\":\"" CHANNEL "\",\"authorized\":true}"
                       : "{\"arn\":\"" CHANNEL "\",\"authorized\":false}");
            close_script(&f);
        }
    }
}

static void
wrong_channels_send_nothing(void **state)
{
    static const char *const wrong[] = {
        NULL, "", "arn:aws:ivs:us-west-2:1:playback-key/a",
        "arn:aws:ivs:eu-west-1:1:channel/a"};
    bool found = true;

    (void)state;
    open_script(&f, &empty, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(
            ivs_channel_get_authorized(f.client, wrong[i], &found, &f.err),
            IVS_E_ARG);
        assert_int_equal(
            ivs_channel_set_authorized(f.client, wrong[i], true, &f.err),
            IVS_E_ARG);
    }
    assert_int_equal(ivs_channel_get_authorized(NULL, CHANNEL, &found, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_channel_get_authorized(f.client, CHANNEL, NULL, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_channel_set_authorized(NULL, CHANNEL, true, NULL),
                     IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_listed_in_order),
        cmocka_unit_test(tags_that_are_no_text_are_refused),
        cmocka_unit_test(tags_are_added_and_removed),
        cmocka_unit_test(wrong_tags_send_nothing),
        cmocka_unit_test(get_says_whether_a_channel_is_private),
        cmocka_unit_test(set_counts_when_the_answer_says_so),
        cmocka_unit_test(wrong_channels_send_nothing),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
