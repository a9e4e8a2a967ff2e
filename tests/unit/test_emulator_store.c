/* SPDX-License-Identifier: MIT */
/* What ivs-emulator keeps, and how it lists that. */

#include "support/test.h"

#include <string.h>

#include "base/b64url.h"

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
    emu_listing listing = {.result = "channels",
                           .members = summary,
                           .filter = {.type = IVS_ARN_CHANNEL}};
    json_t *input = json_pack("{s:i}", "maxResults", 2);
    emu_response res;
    int status;

    if (token != NULL)
        (void)json_object_set_new(input, "nextToken", json_string(token));
    call.input = input;
    assert_true(emu_response_init(&res, NULL));
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

static int64_t
start_stream(emu_store *store, int64_t channel, const char *id,
             const char *health)
{
    emu_stream stream = {.channel = channel,
                         .ladder = 5,
                         .health = health,
                         .source = strcmp(id, "st-1") == 0 ? "a" : NULL,
                         .document = "{\"streamId\":\"a\"}"};
    ivs_buf text = IVS_BUF_INIT;

    (void)snprintf(stream.id, sizeof stream.id, "%s", id);
    assert_int_equal(emu_store_stream_start(store, &stream), EMU_FOUND);
    assert_int_equal(emu_store_stream_get(store, channel, NULL, &stream, &text),
                     EMU_FOUND);
    assert_string_equal(stream.id, id);
    assert_true(stream.live);
    assert_int_equal(stream.ladder, 5);
    if (strcmp(id, "st-1") == 0)
        assert_string_equal(stream.source, "a");
    else
        assert_null(stream.source);
    ivs_buf_free(&text);
    return stream.seq;
}

static void
sessions_need_a_live_channel(void **state)
{
    emu_store *store = new_store();
    emu_session session = {.id = "0123", .expires_s = 100}, got;
    emu_stream stream = {0};
    ivs_buf text = IVS_BUF_INIT;

    (void)state;
    add_channel(store, "a", &session.channel);
    assert_true(emu_store_begin(store));
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_NONE);
    stream.channel = session.channel;
    stream.seq = start_stream(store, session.channel, "st-1", "HEALTHY");
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_FOUND);
    assert_int_equal(emu_store_session_get(store, "0123", &got, &text),
                     EMU_FOUND);
    assert_int_equal(got.expires_s, 100);
    assert_false(got.revoked);
    assert_int_equal(emu_store_viewers(store, session.channel, 99), 1);
    assert_int_equal(emu_store_viewers(store, session.channel, 100), 0);
    assert_string_equal(got.stream, "st-1");
    assert_false(got.ended);
    assert_true(emu_store_stream_end(store, &stream, "{}", 50));
    assert_int_equal(emu_store_session_get(store, "0123", &got, &text),
                     EMU_FOUND);
    assert_true(got.ended);
    assert_int_equal(got.expires_s, 50 + EMU_SESSION_GRACE_S);
    assert_int_equal(emu_store_viewers(store, session.channel, 51), 0);
    (void)snprintf(session.id, sizeof session.id, "4567");
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_NONE);
    stream.seq = start_stream(store, session.channel, "st-2", "HEALTHY");
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_FOUND);
    assert_int_equal(emu_store_viewers(store, session.channel, 51), 1);
    assert_true(emu_store_delete(store, session.channel));
    assert_int_equal(emu_store_session_get(store, "0123", &got, &text),
                     EMU_NONE);
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_NONE);
    (void)emu_store_end(store, false);
    ivs_buf_free(&text);
    emu_store_close(store);
}

static bool
note_stream(const emu_stream *row, void *user)
{
    ivs_buf *ids = user;

    ivs_buf_printf(ids, "%s ", row->id);
    return true;
}

static void
channel_has_one_live_stream_and_remembers_the_others(void **state)
{
    emu_store *store = new_store();
    emu_stream stream = {.health = "HEALTHY", .document = "{}"};
    ivs_buf live = IVS_BUF_INIT, past = IVS_BUF_INIT, text = IVS_BUF_INIT;
    int64_t a = 0, b = 0;

    (void)state;
    add_channel(store, "a", &a);
    add_channel(store, "b", &b);
    assert_true(emu_store_begin(store));
    assert_int_equal(emu_store_stream_get(store, a, NULL, &stream, &text),
                     EMU_NONE);
    stream.seq = start_stream(store, a, "st-1", "HEALTHY");
    stream.channel = a;
    (void)snprintf(stream.id, sizeof stream.id, "st-2");
    assert_int_equal(emu_store_stream_start(store, &stream), EMU_NONE);
    assert_true(emu_store_stream_end(store, &stream, "{}", 9));
    (void)start_stream(store, b, "st-3", "STARVING");
    (void)start_stream(store, a, "st-4", "HEALTHY");
    assert_true(
        emu_store_stream_live(store, &scope, 0, NULL, note_stream, &live));
    assert_string_equal(live.data, "st-3 st-4 ");
    ivs_buf_free(&live);
    live = IVS_BUF_INIT;
    assert_true(emu_store_stream_live(store, &scope, 0, "STARVING", note_stream,
                                      &live));
    assert_string_equal(live.data, "st-3 ");
    assert_true(emu_store_stream_past(store, a, 0, note_stream, &past));
    assert_string_equal(past.data, "st-4 st-1 ");
    assert_int_equal(emu_store_stream_get(store, a, "st-1", &stream, &text),
                     EMU_FOUND);
    assert_false(stream.live);
    assert_string_equal(stream.document, "{}");
    assert_int_equal(emu_store_stream_get(store, a, "st-3", &stream, &text),
                     EMU_NONE);
    (void)emu_store_end(store, false);
    ivs_buf_free(&live);
    ivs_buf_free(&past);
    ivs_buf_free(&text);
    emu_store_close(store);
}

struct cues {
    size_t n;
    char first[16];
};

static bool
note_cue(const char *document, void *user)
{
    struct cues *cues = user;

    if (cues->n++ == 0)
        (void)snprintf(cues->first, sizeof cues->first, "%s", document);
    return true;
}

static void
cues_of_a_stream_are_bounded(void **state)
{
    emu_store *store = new_store();
    struct cues cues = {0}, others = {0};
    int64_t channel = 0, other = 0, stream, beside;
    char text[16];

    (void)state;
    add_channel(store, "a", &channel);
    add_channel(store, "b", &other);
    assert_true(emu_store_begin(store));
    stream = start_stream(store, channel, "st-1", "HEALTHY");
    beside = start_stream(store, other, "st-2", "HEALTHY");
    assert_true(emu_store_cue_add(store, beside, "x"));
    for (int i = 0; i < EMU_CUES_KEPT + 3; i++) {
        (void)snprintf(text, sizeof text, "%d", i);
        assert_true(emu_store_cue_add(store, stream, text));
    }
    assert_true(emu_store_cue_list(store, stream, note_cue, &cues));
    assert_int_equal(cues.n, EMU_CUES_KEPT);
    assert_string_equal(cues.first, "3");
    assert_true(emu_store_cue_list(store, beside, note_cue, &others));
    assert_int_equal(others.n, 1);
    (void)emu_store_end(store, false);
    emu_store_close(store);
}

static bool
count_stream(const emu_stream *row, void *user)
{
    (void)row;
    ++*(int *)user;
    return true;
}

/* A stream with a cue and a playback session, over at once. */
static int64_t
make_past(emu_store *store, int64_t channel, const char *id)
{
    emu_session session = {.channel = channel, .expires_s = 1000};
    emu_stream stream = {.channel = channel};

    (void)snprintf(session.id, sizeof session.id, "of-%s", id);
    stream.seq = start_stream(store, channel, id, "HEALTHY");
    assert_true(emu_store_cue_add(store, stream.seq, "x"));
    assert_int_equal(emu_store_session_add(store, &session, 0), EMU_FOUND);
    assert_true(emu_store_stream_end(store, &stream, "{}", 100));
    return stream.seq;
}

static void
past_streams_of_a_channel_are_bounded(void **state)
{
    emu_store *store = new_store();
    ivs_buf text = IVS_BUF_INIT;
    emu_session session;
    struct cues cues = {0};
    int64_t channel = 0, other = 0, seqs[EMU_STREAMS_KEPT];
    int n = 0;

    (void)state;
    add_channel(store, "a", &channel);
    add_channel(store, "b", &other);
    assert_true(emu_store_begin(store));
    (void)make_past(store, other, "st-b");
    for (int i = 0; i < EMU_STREAMS_KEPT; i++) {
        char id[16];

        (void)snprintf(id, sizeof id, "st-%d", i);
        seqs[i] = make_past(store, channel, id);
    }
    assert_int_equal(emu_store_session_get(store, "of-st-0", &session, &text),
                     EMU_FOUND);
    /* One more, and the first is gone with all that was its. */
    (void)start_stream(store, channel, "st-live", "HEALTHY");
    assert_true(emu_store_stream_past(store, channel, 0, count_stream, &n));
    assert_int_equal(n, EMU_STREAMS_KEPT);
    assert_int_equal(emu_store_session_get(store, "of-st-0", &session, &text),
                     EMU_NONE);
    assert_int_equal(emu_store_session_get(store, "of-st-1", &session, &text),
                     EMU_FOUND);
    assert_int_equal(emu_store_session_get(store, "of-st-b", &session, &text),
                     EMU_FOUND);
    assert_true(emu_store_cue_list(store, seqs[0], note_cue, &cues));
    assert_int_equal(cues.n, 0);
    assert_true(emu_store_cue_list(store, seqs[1], note_cue, &cues));
    assert_int_equal(cues.n, 1);
    (void)emu_store_end(store, false);
    ivs_buf_free(&text);
    emu_store_close(store);
}

static bool
note_name(const emu_resource *row, void *user)
{
    ivs_buf_printf(user, "%s ", row->id);
    return true;
}

static void
resources_are_found_by_what_they_hold(void **state)
{
    static const struct {
        emu_filter filter;
        const char *ids;
    } rows[] = {
        {{.type = IVS_ARN_CHANNEL}, "a b c "},
        {{.type = IVS_ARN_CHANNEL, .after = 1}, "b c "},
        {{.type = IVS_ARN_CHANNEL, .name = "n"}, "b "},
        {{.type = IVS_ARN_CHANNEL, .member = "r", .value = "x"}, "a b "},
        {{.type = IVS_ARN_CHANNEL, .name = "n", .member = "r", .value = "x"},
         "b "},
        {{.type = IVS_ARN_CHANNEL, .member = "r", .value = ""}, "c "},
        {{.type = IVS_ARN_CHANNEL, .member = "q", .value = "x"}, ""},
        {{.type = IVS_ARN_STREAM_KEY, .parent = 2}, "k "},
        {{.type = IVS_ARN_STREAM_KEY, .parent = 1}, ""},
    };
    static const emu_resource resources[] = {
        {.type = IVS_ARN_CHANNEL, .id = "a", .document = "{\"r\":\"x\"}"},
        {.type = IVS_ARN_CHANNEL, .id = "b", .document = "{\"r\":\"x\"}"},
        {.type = IVS_ARN_CHANNEL, .id = "c", .document = "{\"r\":\"\"}"},
        {.type = IVS_ARN_STREAM_KEY, .id = "k", .parent = 2, .document = "{}"},
    };
    emu_store *store = new_store();

    (void)state;
    assert_true(emu_store_begin(store));
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        emu_resource row = resources[i];

        row.name = row.id[0] == 'b' ? "n" : "";
        assert_true(emu_store_insert(store, &scope, &row, NULL));
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_buf ids = IVS_BUF_INIT;

        ivs_buf_puts(&ids, "");
        assert_true(
            emu_store_list(store, &scope, &rows[i].filter, note_name, &ids));
        assert_string_equal(ids.data, rows[i].ids);
        ivs_buf_free(&ids);
    }
    (void)emu_store_end(store, false);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_follow_each_other_to_the_end),
        cmocka_unit_test(
            tokens_of_pages_are_refused_unless_they_were_handed_out),
        cmocka_unit_test(uses_outlast_their_token_but_are_bounded),
        cmocka_unit_test(sessions_need_a_live_channel),
        cmocka_unit_test(channel_has_one_live_stream_and_remembers_the_others),
        cmocka_unit_test(cues_of_a_stream_are_bounded),
        cmocka_unit_test(past_streams_of_a_channel_are_bounded),
        cmocka_unit_test(resources_are_found_by_what_they_hold),
        cmocka_unit_test(revocation_reaches_its_version_and_no_further),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
