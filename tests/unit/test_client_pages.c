/* SPDX-License-Identifier: MIT */
/* service: pages of a list against a scripted server. */

#include "support/script.h"

#include "service/client_impl.h"

static struct fixture f;

static struct {
    char bodies[256];
    size_t n, stop_after;
} seen;

static bool
take(const ivs_result *page, void *user)
{
    assert_ptr_equal(user, &seen);
    (void)strncat(seen.bodies, ivs_result_body(page, NULL),
                  sizeof seen.bodies - strlen(seen.bodies) - 1);
    return ++seen.n != seen.stop_after;
}

static ivs_status
pages(const char *operation, const char *json)
{
    memset(&seen.bodies, 0, sizeof seen.bodies);
    seen.n = 0;
    memset(&f.err, 0, sizeof f.err);
    return ivs_client_paginate(f.client, operation, json, strlen(json), take,
                               &seen, &f.err);
}

#define PAGE(token)                                                            \
    {                                                                          \
        .status = 200, .body = "{\"channels\":[],\"nextToken\":" token "}"     \
    }

static void
pages_follow_their_tokens(void **state)
{
    static const struct reply replies[] = {
        PAGE("\"a=\""),
        {.status = 200, .body = "{\"nextToken\":\"b\",\"channels\":[1]}"},
        {.status = 200, .body = "{\"channels\":[2]}"},
    };

    (void)state;
    open_script(&f, replies, 3);
    assert_int_equal(pages("ListChannels", "{\"maxResults\":7}"), IVS_OK);
    assert_int_equal(f.script.sent, 3);
    assert_string_equal(f.script.body,
                        "{\"maxResults\":7,\"nextToken\":\"b\"}");
    assert_string_equal(seen.bodies, "{\"channels\":[],\"nextToken\":\"a=\"}"
                                     "{\"nextToken\":\"b\",\"channels\":[1]}"
                                     "{\"channels\":[2]}");
    close_script(&f);
}

static void
an_empty_or_null_token_ends_the_list(void **state)
{
    static const struct reply ends[] = {PAGE("\"\""), PAGE("null")};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_script(&f, &ends[i], 1);
        assert_int_equal(pages("ListChannels", "{\"nextToken\":\"z\"}"),
                         IVS_OK);
        assert_int_equal(f.script.sent, 1);
        assert_string_equal(f.script.body, "{\"nextToken\":\"z\"}");
        assert_int_equal(seen.n, 1);
        close_script(&f);
    }
}

static void
the_callback_may_stop(void **state)
{
    static const struct reply replies[] = {PAGE("\"a\""), PAGE("\"b\""),
                                           PAGE("\"c\"")};

    (void)state;
    open_script(&f, replies, 3);
    seen.stop_after = 2;
    assert_int_equal(pages("ListChannels", "{}"), IVS_OK);
    seen.stop_after = 0;
    assert_int_equal(f.script.sent, 2);
    close_script(&f);
}

/* A server whose tokens run into a circle after a while. */
struct round {
    size_t before, length, sent;
};

static ivs_status
answer_round(const ivs_http_request *request, const ivs_http_sink *sink,
             int *ret_status, void *user, ivs_error *err)
{
    struct round *r = user;
    size_t i = r->sent++;
    char body[64];

    (void)request, (void)err;
    if (i >= r->before)
        i = r->before + (i - r->before) % r->length;
    (void)snprintf(body, sizeof body, "{\"channels\":[],\"nextToken\":\"%zu\"}",
                   i);
    assert_true(sink->body(body, strlen(body), sink->user));
    *ret_status = 200;
    return IVS_OK;
}

static void
tokens_that_go_round_are_noticed(void **state)
{
    (void)state;
    for (size_t before = 0; before < 6; before++) {
        for (size_t length = 1; length < 8; length++) {
            struct round round = {.before = before, .length = length};

            open_script(&f, NULL, 0);
            f.client->transport =
                (ivs_transport){.send = answer_round, .user = &round};
            f.client->debug = NULL;
            assert_int_equal(pages("ListChannels", "{}"), IVS_E_SERVICE);
            assert_non_null(
                strstr(f.err.message, "gave the same nextToken twice"));
            assert_true(round.sent > before + length);
            assert_true(round.sent <= 3 * (before + length) + 2);
            close_script(&f);
        }
    }
    /* The one that the caller began with counts too. */
    struct round round = {.length = 1};

    open_script(&f, NULL, 0);
    f.client->transport = (ivs_transport){.send = answer_round, .user = &round};
    assert_int_equal(pages("ListChannels", "{\"nextToken\":\"0\"}"),
                     IVS_E_SERVICE);
    assert_int_equal(round.sent, 1);
    close_script(&f);
}

static void
a_malformed_token_is_the_service_s_fault(void **state)
{
    static char body[2048];
    static const struct reply bad[] = {PAGE("5"),
                                       PAGE("{}"),
                                       PAGE("\"a b\""),
                                       PAGE("\"\\u00fc\""),
                                       {.status = 200, .body = body}};
    size_t n = (size_t)snprintf(body, sizeof body,
                                "{\"channels\":[],\"nextToken\":\"");

    (void)state;
    memset(body + n, 'x', 1025);
    memcpy(body + n + 1025, "\"}", 3);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        open_script(&f, &bad[i], 1);
        assert_int_equal(pages("ListChannels", "{}"), IVS_E_SERVICE);
        assert_string_equal(f.err.member, "nextToken");
        assert_int_equal(seen.n, 0);
        close_script(&f);
    }
}

static void
a_failure_names_its_page(void **state)
{
    static const struct reply replies[] = {
        PAGE("\"a\""),
        {.status = 400, .body = "{\"code\":\"ValidationException\"}"},
    };

    (void)state;
    open_script(&f, replies, 2);
    assert_int_equal(pages("ListChannels", "{}"), IVS_E_SERVICE);
    assert_string_equal(f.err.aws_code, "ValidationException");
    assert_int_equal(f.err.http_status, 400);
    assert_string_equal(f.err.message,
                        "page 2: ListChannels: 400 ValidationException");
    assert_int_equal(seen.n, 1);
    close_script(&f);
    open_script(&f, replies + 1, 1);
    assert_int_equal(pages("ListChannels", "{}"), IVS_E_SERVICE);
    assert_string_equal(f.err.message, "ListChannels: 400 ValidationException");
    close_script(&f);
}

static void
wrong_arguments_send_nothing(void **state)
{
    static const struct reply page = PAGE("null");

    (void)state;
    open_script(&f, &page, 1);
    assert_int_equal(pages("GetChannel", "{}"), IVS_E_ARG);
    assert_string_equal(
        f.err.message,
        "GetChannel has no pages, expected one of ListAdConfigurations, "
        "ListChannels, ListPlaybackKeyPairs, ListPlaybackRestrictionPolicies, "
        "ListRecordingConfigurations, ListStreamKeys, ListStreamSessions, "
        "ListStreams");
    assert_int_equal(pages("ListChanels", "{}"), IVS_E_ARG);
    assert_int_equal(pages("ListChannels", "[]"), IVS_E_FORMAT);
    assert_int_equal(pages("ListChannels", "{\"maxResults\":0}"), IVS_E_ARG);
    assert_int_equal(
        ivs_client_paginate(NULL, "ListChannels", NULL, 0, take, &seen, NULL),
        IVS_E_ARG);
    assert_int_equal(
        ivs_client_paginate(f.client, NULL, NULL, 0, take, &seen, NULL),
        IVS_E_ARG);
    assert_int_equal(ivs_client_paginate(f.client, "ListChannels", NULL, 0,
                                         NULL, &seen, NULL),
                     IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    assert_int_equal(ivs_client_paginate(f.client, "ListChannels", NULL, 0,
                                         take, &seen, NULL),
                     IVS_OK);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_follow_their_tokens),
        cmocka_unit_test(an_empty_or_null_token_ends_the_list),
        cmocka_unit_test(the_callback_may_stop),
        cmocka_unit_test(tokens_that_go_round_are_noticed),
        cmocka_unit_test(a_malformed_token_is_the_service_s_fault),
        cmocka_unit_test(a_failure_names_its_page),
        cmocka_unit_test(wrong_arguments_send_nothing),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
