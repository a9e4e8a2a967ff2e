/* SPDX-License-Identifier: MIT */
/* What ivs-emulator answers when its state cannot be read, or there is no
 * memory. */

#include "support/test.h"

#include "support/keys.h"
#include "support/limitalloc.h"

#include "api.h"
#include "control.h"
#include "seed.h"

static const emu_scope scope = {"000000000000", "us-west-2"};

static emu_store *
new_store(void)
{
    emu_store *store = NULL;

    assert_int_equal(emu_store_open(NULL, &store, NULL), IVS_OK);
    return store;
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
    assert_true(emu_response_init(&res, NULL));
    assert_true(emu_store_begin(emu.store));
    assert_true(emu_store_insert(emu.store, &scope, &row, NULL));
    assert_false(emu_import_playback_key_pair(&call, &res));
    assert_int_equal(res.status, 500);
    (void)emu_store_end(emu.store, false);
    emu_response_free(&res);
    json_decref(input);
    emu_store_close(emu.store);
}

#define BROKEN    "arn:aws:ivs:us-west-2:000000000000:channel/broken"
#define GOOD      "arn:aws:ivs:us-west-2:000000000000:channel/good"
#define RECORDING "arn:aws:ivs:us-west-2:000000000000:recording-configuration/r"

/* A channel and the stream of another that are no JSON. */
static void
add_unreadable(emu_store *store)
{
    static const emu_resource rows[] = {
        {.type = IVS_ARN_CHANNEL, .id = "good", .document = "{\"tags\":{}}"},
        {.type = IVS_ARN_CHANNEL, .id = "broken", .document = "not JSON"},
        {.type = IVS_ARN_RECORDING_CONFIGURATION, .id = "r", .document = "{}"},
    };
    emu_stream stream = {
        .id = "st-1", .health = "HEALTHY", .document = "not JSON"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        emu_resource row = rows[i];

        row.name = "";
        assert_true(emu_store_insert(store, &scope, &row,
                                     i == 0 ? &stream.channel : NULL));
    }
    assert_int_equal(emu_store_stream_start(store, &stream), EMU_FOUND);
}

static void
unreadable_documents_are_internal_errors(void **state)
{
    static const struct {
        const char *operation;
        bool (*run)(const emu_call *call, emu_response *res);
        const char *member, *arn;
    } rows[] = {
        {"GetChannel", emu_get_channel, "arn", BROKEN},
        {"UpdateChannel", emu_update_channel, "arn", BROKEN},
        {"ListChannels", emu_list_channels, "filterByName", ""},
        {"ListChannels", emu_list_channels, "filterByRecordingConfigurationArn",
         RECORDING},
        {"DeleteRecordingConfiguration", emu_delete_configuration, "arn",
         RECORDING},
        {"CreateStreamKey", emu_create_stream_key, "channelArn", BROKEN},
        {"GetStream", emu_get_stream, "channelArn", GOOD},
        {"StopStream", emu_stop_stream, "channelArn", GOOD},
        {"ListStreams", emu_list_streams, "nextToken", ""},
        {"GetStreamSession", emu_get_stream_session, "channelArn", GOOD},
        {"ListStreamSessions", emu_list_stream_sessions, "channelArn", GOOD},
        {"ListTagsForResource", emu_list_tags, "resourceArn", BROKEN},
        {"UntagResource", emu_untag, "resourceArn", BROKEN},
    };
    emu_emulator emu = {.store = new_store()};

    (void)state;
    assert_true(emu_store_begin(emu.store));
    add_unreadable(emu.store);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *input = json_pack("{s:s}", rows[i].member, rows[i].arn);
        emu_call call = {.emu = &emu,
                         .scope = &scope,
                         .operation = ivs_operation_find(rows[i].operation),
                         .about = IVS_ARN_RECORDING_CONFIGURATION,
                         .host = "localhost",
                         .input = input};
        emu_response res;

        assert_true(emu_response_init(&res, NULL));
        if (rows[i].run(&call, &res) || res.status != 500)
            fail_msg("%s: %d %s", rows[i].operation, res.status, res.body.data);
        emu_response_free(&res);
        json_decref(input);
    }
    (void)emu_store_end(emu.store, false);
    emu_store_close(emu.store);
}

/* Nothing is told of a state that cannot be told whole. */
static void
unreadable_documents_make_no_export(void **state)
{
    emu_emulator emu = {.store = new_store(), .faults = emu_faults_new(NULL)};
    json_t *document;

    (void)state;
    assert_non_null(emu.faults);
    document = emu_seed_export(&emu);
    assert_int_equal(json_array_size(json_object_get(document, "accounts")), 0);
    json_decref(document);
    assert_true(emu_store_begin(emu.store));
    add_unreadable(emu.store);
    assert_true(emu_store_end(emu.store, true));
    assert_null(emu_seed_export(&emu));
    emu_faults_free(emu.faults);
    emu_store_close(emu.store);
}

/* One document a time: whatever of it is looked at first is what fails. */
static void
unreadable_documents_are_no_state(void **state)
{
    static const ivs_arn_type types[] = {IVS_ARN_CHANNEL, IVS_ARN_PLAYBACK_KEY};
    const emu_request req = {.query = ""};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        emu_emulator emu = {.store = new_store()};
        emu_resource row = {
            .type = types[i % 2], .id = "a", .name = "", .document = "no JSON"};
        emu_response res;

        assert_true(emu_store_begin(emu.store));
        if (i < 2)
            assert_true(emu_store_insert(emu.store, &scope, &row, NULL));
        else
            add_unreadable(emu.store);
        assert_true(emu_store_end(emu.store, true));
        assert_true(emu_response_init(&res, NULL));
        emu_control_state(&emu, &req, NULL, &res);
        assert_int_equal(res.status, 500);
        emu_response_free(&res);
        emu_store_close(emu.store);
    }
}

/* ---- no memory ---- */

static void
no_memory_is_not_the_callers_mistake(void **state)
{
    static const char *const rows[][2] = {
        {"/_/clock", "{\"now_s\":1000000000}"},
        {"/_/mint", "{\"claims\":{\"aws:channel-arn\":\"arn:aws:ivs:us-west-2:"
                    "123456789012:channel/abcdEFGH1234\"}}"}};
    emu_emulator emu = {.loopback = true};
    ivs_key *key = NULL;

    (void)state;
    assert_int_equal(ivs_key_generate(NULL, &key, NULL), IVS_OK);
    emu.mint_key = key;
    json_set_alloc_funcs(limited_malloc, free);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        emu_request req = {.method = "POST",
                           .path = rows[i][0],
                           .query = "",
                           .body = rows[i][1],
                           .body_len = strlen(rows[i][1])};
        int status = 0;
        size_t n;

        for (n = 0; status != 200; n++) {
            emu_response res;

            assert_true(emu_response_init(&res, NULL));
            allocations_left = n;
            emu_control(&emu, &req, &res);
            allocations_left = SIZE_MAX;
            status = res.status;
            if (status != 200 && status != 500)
                fail_msg("%s: %zu: %d %s", req.path, n, status, res.body.data);
            emu_response_free(&res);
        }
        assert_true(n > 5);
    }
    json_set_alloc_funcs(malloc, free);
    ivs_key_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unreadable_state_is_an_error_and_no_room_for_a_key),
        cmocka_unit_test(unreadable_documents_are_internal_errors),
        cmocka_unit_test(unreadable_documents_make_no_export),
        cmocka_unit_test(unreadable_documents_are_no_state),
        cmocka_unit_test(no_memory_is_not_the_callers_mistake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
