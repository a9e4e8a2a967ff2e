/* SPDX-License-Identifier: MIT */
/* What ivs-emulator keeps, and how it lists that. */

#include "support/test.h"

#include <string.h>

#include "base/b64url.h"
#include "support/keys.h"

#include "api.h"

static const emu_scope scope = {"000000000000", "us-west-2"};

static emu_store *
new_store(void)
{
    emu_store *store = NULL;

    assert_int_equal(emu_store_open(NULL, &store, NULL), IVS_OK);
    return store;
}

/* ---- pages ---- */

static const char *const summary[] = {"arn", NULL};

/* One page of channels; the status. */
static int
list(emu_emulator *emu, const char *token, json_t **ret)
{
    emu_call call = {.emu = emu,
                     .scope = &scope,
                     .operation = ivs_operation_find("ListChannels")};
    emu_listing listing = {
        .type = IVS_ARN_CHANNEL, .result = "channels", .members = summary};
    json_t *input = json_pack("{s:i}", "maxResults", 2);
    emu_response res;
    int status;

    if (token != NULL)
        (void)json_object_set_new(input, "nextToken", json_string(token));
    call.input = input;
    assert_true(emu_response_init(&res));
    assert_true(emu_store_begin(emu->store));
    (void)emu_list(&call, &listing, &res);
    (void)emu_store_end(emu->store, false);
    status = res.status;
    *ret = json_loads(res.body.data, 0, NULL);
    assert_non_null(*ret);
    emu_response_free(&res);
    json_decref(input);
    return status;
}

static void
add_channel(emu_store *store, const char *id, int64_t *ret_seq)
{
    emu_resource row = {.type = IVS_ARN_CHANNEL,
                        .name = "",
                        .document = "{\"arn\":\"a\",\"secret\":\"b\"}"};

    (void)snprintf(row.id, sizeof row.id, "%s", id);
    assert_true(emu_store_begin(store));
    assert_true(emu_store_insert(store, &scope, &row, ret_seq));
    assert_true(emu_store_end(store, true));
}

static void
pages_follow_each_other_to_the_end(void **state)
{
    static const size_t sizes[] = {2, 2, 1};
    emu_emulator emu = {.store = new_store()};
    char token[128] = "";
    json_t *page;

    (void)state;
    for (int i = 0; i < 5; i++) {
        char id[2] = {(char)('a' + i), '\0'};

        add_channel(emu.store, id, NULL);
    }
    for (size_t i = 0; i < 3; i++) {
        const char *next;

        assert_int_equal(list(&emu, i == 0 ? NULL : token, &page), 200);
        assert_int_equal(json_array_size(json_object_get(page, "channels")),
                         sizes[i]);
        next = json_string_value(json_object_get(page, "nextToken"));
        assert_int_equal(next != NULL, i < 2);
        (void)snprintf(token, sizeof token, "%s", next == NULL ? "" : next);
        json_decref(page);
    }
    emu_store_close(emu.store);
}

static void
tokens_of_pages_are_refused_unless_they_were_handed_out(void **state)
{
    static const char *const texts[] = {"ListChannels",
                                        "ListChannels:",
                                        "ListChannels:-1",
                                        "ListChannels:1 ",
                                        "ListChannels: 1",
                                        "ListChannels:0x1",
                                        "ListChannels:9223372036854775808",
                                        "ListPlaybackKeyPairs:1",
                                        "listChannels:1",
                                        ":1"};
    emu_emulator emu = {.store = new_store()};
    json_t *page;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char token[128] = "";

        ivs_b64url_encode(texts[i], strlen(texts[i]), token);
        token[IVS_B64URL_LEN(strlen(texts[i]))] = '\0';
        if (list(&emu, token, &page) != 400)
            fail_msg("%s", texts[i]);
        json_decref(page);
    }
    assert_int_equal(list(&emu, "TGlzd+/=", &page), 400);
    json_decref(page);
    emu_store_close(emu.store);
}

/* ---- the store ---- */

static emu_found
use(emu_store *store, const char *uuid, int64_t expires_s, int64_t now_s)
{
    emu_found used;

    assert_true(emu_store_begin(store));
    used = emu_store_use(store, &scope, uuid, expires_s, now_s);
    assert_true(emu_store_end(store, true));
    return used;
}

static void
uses_outlast_their_token_but_are_bounded(void **state)
{
    emu_store *store = new_store();
    char uuid[37];

    (void)state;
    assert_int_equal(use(store, "first", 10, 0), EMU_FOUND);
    assert_int_equal(use(store, "FIRST", 10, 0), EMU_NONE);
    assert_int_equal(use(store, "second", 1000, 500), EMU_FOUND);
    assert_int_equal(use(store, "first", 10, 0), EMU_NONE);
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(uuid, sizeof uuid, "%d", i);
        assert_int_equal(use(store, uuid, 1000, 0), EMU_FOUND);
    }
    /* Too many: what has expired goes, what lives stays. */
    assert_int_equal(use(store, "third", 1000, 500), EMU_FOUND);
    assert_int_equal(use(store, "first", 10, 0), EMU_FOUND);
    assert_int_equal(use(store, "second", 1000, 500), EMU_NONE);
    assert_int_equal(use(store, "0", 1000, 500), EMU_NONE);
    emu_store_close(store);
}

static void
sessions_need_their_channel(void **state)
{
    emu_store *store = new_store();
    emu_session session = {.id = "0123", .expires_s = 100}, got;
    ivs_buf text = IVS_BUF_INIT;

    (void)state;
    add_channel(store, "a", &session.channel);
    assert_true(emu_store_begin(store));
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_FOUND);
    assert_int_equal(emu_store_session_get(store, "0123", 99, &got, &text),
                     EMU_FOUND);
    assert_int_equal(emu_store_session_get(store, "0123", 100, &got, &text),
                     EMU_NONE);
    assert_true(emu_store_delete(store, session.channel));
    assert_int_equal(emu_store_session_get(store, "0123", 99, &got, &text),
                     EMU_NONE);
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_NONE);
    (void)emu_store_end(store, false);
    ivs_buf_free(&text);
    emu_store_close(store);
}

static void
revocation_reaches_its_version_and_no_further(void **state)
{
    emu_store *store = new_store();
    int64_t channel = 0;

    (void)state;
    add_channel(store, "a", &channel);
    assert_true(emu_store_begin(store));
    assert_int_equal(emu_store_is_revoked(store, channel, "v", 0), EMU_NONE);
    assert_true(emu_store_revoke(store, channel, "v", 5));
    assert_true(emu_store_revoke(store, channel, "v", 4));
    assert_int_equal(emu_store_is_revoked(store, channel, "v", 5), EMU_FOUND);
    assert_int_equal(emu_store_is_revoked(store, channel, "v", 6), EMU_NONE);
    assert_int_equal(emu_store_is_revoked(store, channel, "v", INT64_MAX),
                     EMU_NONE);
    assert_int_equal(emu_store_is_revoked(store, channel, "V", 0), EMU_NONE);
    assert_int_equal(emu_store_is_revoked(store, channel + 1, "v", 0),
                     EMU_NONE);
    (void)emu_store_end(store, false);
    emu_store_close(store);
}

static void
unreadable_state_is_an_error_and_no_room_for_a_key(void **state)
{
    emu_resource row = {.type = IVS_ARN_PLAYBACK_KEY,
                        .id = "broken",
                        .name = "",
                        .document = "not JSON"};
    emu_emulator emu = {.store = new_store()};
    emu_call call = {.emu = &emu,
                     .scope = &scope,
                     .operation = ivs_operation_find("ImportPlaybackKeyPair")};
    json_t *input = json_pack("{s:s}", "publicKeyMaterial", KEY_A_SPKI);
    emu_response res;

    (void)state;
    call.input = input;
    assert_true(emu_response_init(&res));
    assert_true(emu_store_begin(emu.store));
    assert_true(emu_store_insert(emu.store, &scope, &row, NULL));
    assert_false(emu_import_playback_key_pair(&call, &res));
    assert_int_equal(res.status, 500);
    (void)emu_store_end(emu.store, false);
    emu_response_free(&res);
    json_decref(input);
    emu_store_close(emu.store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_follow_each_other_to_the_end),
        cmocka_unit_test(
            tokens_of_pages_are_refused_unless_they_were_handed_out),
        cmocka_unit_test(uses_outlast_their_token_but_are_bounded),
        cmocka_unit_test(sessions_need_their_channel),
        cmocka_unit_test(revocation_reaches_its_version_and_no_further),
        cmocka_unit_test(unreadable_state_is_an_error_and_no_room_for_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
