/* SPDX-License-Identifier: MIT */
/* Playback of ivs-emulator without its server: threads that race, state that
 * cannot be read, the record of requests. */

#include "support/test.h"

#include <pthread.h>
#include <string.h>

#include <ivs/token.h>

#include "support/keys.h"

#include "emulator.h"
#include "redact.h"

#define ARN(type, id) "arn:aws:ivs:us-west-2:000000000000:" type "/" id
#define PATH          "/api/video/v1/us-west-2.000000000000.channel."
#define UUID          "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define THREADS       100

static const emu_scope scope = {"000000000000", "us-west-2"};

/* ---- an emulator with a private and a public channel ---- */

static void
add(emu_store *store, ivs_arn_type type, const char *id, const char *document,
    int64_t *ret)
{
    emu_resource row = {.type = type, .name = "", .document = document};

    (void)snprintf(row.id, sizeof row.id, "%s", id);
    assert_true(emu_store_insert(store, &scope, &row, ret));
}

static void
add_channel(emu_store *store, const char *id, const char *document,
            const char *stream_document)
{
    emu_stream stream = {.health = "HEALTHY",
                         .document = stream_document,
                         .ladder = EMU_LADDER_ALL};

    (void)snprintf(stream.id, sizeof stream.id, "st-%s", id);
    add(store, IVS_ARN_CHANNEL, id, document, &stream.channel);
    assert_int_equal(emu_store_stream_start(store, &stream), EMU_FOUND);
}

static void
open_emulator(emu_emulator *emu)
{
    static const char live[] = "{\"startTime\":\"2026-11-23T05:30:00Z\"}";
    json_t *pair = json_pack("{s:s}", "publicKeyMaterial", KEY_A_SPKI);
    char *document = json_dumps(pair, 0);

    *emu = (emu_emulator){.scheme = "http", .session_s = 60, .quiet = true};
    assert_int_equal(emu_store_open(NULL, &emu->store, NULL), IVS_OK);
    assert_non_null(emu->keys = emu_keys_new());
    assert_non_null(emu->requests = emu_requests_new());
    assert_non_null(document);
    assert_true(emu_store_begin(emu->store));
    add(emu->store, IVS_ARN_PLAYBACK_KEY, "key", document, NULL);
    add_channel(emu->store, "private", "{\"authorized\":true}", live);
    add_channel(emu->store, "public", "{\"authorized\":false}", live);
    assert_true(emu_store_end(emu->store, true));
    free(document);
    json_decref(pair);
}

static void
close_emulator(emu_emulator *emu)
{
    emu_requests_free(emu->requests);
    emu_keys_free(emu->keys);
    emu_store_close(emu->store);
}

/* The status of the answer; reason, if any, is its name. */
static int
get(emu_emulator *emu, const char *path, const char *query, const char **reason)
{
    static const emu_header headers[] = {{"Host", "localhost"}};
    emu_request req = {.method = "GET",
                       .version = "HTTP/1.1",
                       .target = path,
                       .path = path,
                       .query = query,
                       .headers = headers,
                       .nheaders = 1};
    emu_response res;
    int status;

    if (!emu_response_init(&res, NULL))
        return -1;
    emu_handle(emu, &req, &res);
    emu_log(emu, &req, &res);
    status = res.status;
    if (reason != NULL)
        *reason = res.reason;
    emu_response_free(&res);
    return status;
}

/* ---- races ---- */

struct racer {
    emu_emulator *emu;
    pthread_barrier_t *start;
    const char *path;
    const char *query;
    int status;
};

static void *
run(void *user)
{
    struct racer *racer = user;

    (void)pthread_barrier_wait(racer->start);
    racer->status = get(racer->emu, racer->path, racer->query, NULL);
    return NULL;
}

/* How many of the requests were answered so. */
static int
race(emu_emulator *emu, const char *path, const char *query, int status)
{
    static struct racer racers[THREADS];
    static pthread_t threads[THREADS];
    pthread_barrier_t start;
    int n = 0;

    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){emu, &start, path, query, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, run, &racers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        n += racers[i].status == status;
    }
    assert_int_equal(pthread_barrier_destroy(&start), 0);
    return n;
}

static void
mint(const emu_emulator *emu, ivs_buf *ret)
{
    ivs_key *key = NULL;
    ivs_claims claims;
    char token[1024];
    size_t len = 0;

    assert_int_equal(
        ivs_key_parse(KEY_A_PKCS8, strlen(KEY_A_PKCS8), NULL, &key, NULL),
        IVS_OK);
    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = ARN("channel", "private");
    claims.ttl_s = 60;
    claims.single_use_uuid = UUID;
    assert_int_equal(ivs_token_mint(key, &claims, emu_now_s(emu), token,
                                    sizeof token, &len, NULL),
                     IVS_OK);
    ivs_buf_printf(ret, "token=%s", token);
    ivs_key_free(key);
}

static void
single_use_token_is_used_once_by_a_hundred_threads(void **state)
{
    ivs_buf query = IVS_BUF_INIT;
    emu_emulator emu;

    (void)state;
    open_emulator(&emu);
    mint(&emu, &query);
    assert_int_equal(race(&emu, PATH "private.m3u8", query.data, 200), 1);
    assert_int_equal(race(&emu, PATH "private.m3u8", query.data, 403), THREADS);
    ivs_buf_free(&query);
    close_emulator(&emu);
}

static void
limit_of_viewers_holds_among_a_hundred_threads(void **state)
{
    emu_emulator emu;

    (void)state;
    open_emulator(&emu);
    emu.viewer_limit = 30;
    assert_int_equal(race(&emu, PATH "public.m3u8", "", 200), 30);
    assert_int_equal(race(&emu, PATH "public.m3u8", "", 429), THREADS);
    close_emulator(&emu);
}

/* ---- sessions ---- */

/* The second in which a session ends is not one of its own. */
static void
session_is_over_in_its_last_second(void **state)
{
    static const char path[] =
        "/v1/playlist/0123456789abcdef0123456789abcdef.480p30.m3u8";
    emu_session session = {.id = "0123456789abcdef0123456789abcdef"};
    const char *reason = NULL;
    emu_emulator emu;

    (void)state;
    open_emulator(&emu);
    assert_int_equal(get(&emu, path, "", &reason), 403);
    assert_string_equal(reason, "session_unknown");
    assert_true(emu_store_begin(emu.store));
    assert_int_equal(emu_store_get(emu.store, &scope, IVS_ARN_CHANNEL, "public",
                                   NULL, &session.channel),
                     EMU_FOUND);
    session.expires_s = emu_now_s(&emu);
    assert_int_equal(emu_store_session_add(emu.store, &session, 0), EMU_FOUND);
    assert_true(emu_store_end(emu.store, true));
    assert_int_equal(get(&emu, path, "", &reason), 403);
    assert_string_equal(reason, "session_ended");
    atomic_store(&emu.clock_offset_s, -1000);
    assert_int_equal(get(&emu, path, "", &reason), 200);
    close_emulator(&emu);
}

/* ---- state that cannot be read ---- */

static void
unreadable_state_lets_nobody_in(void **state)
{
    static const struct {
        const char *id, *document;
    } rows[] = {
        {"a", "not JSON"},
        {"b", "{}"},
        {"c", "{\"authorized\":\"no\"}"},
        {"d", "{\"authorized\":null}"},
        {"e", "{\"authorized\":false,\"playbackRestrictionPolicyArn\":\"x\"}"},
        {"f", "{\"authorized\":false,\"playbackRestrictionPolicyArn\":\"" ARN(
                  "playback-restriction-policy", "gone") "\"}"},
        {"g", "{\"authorized\":false,\"playbackRestrictionPolicyArn\":\"" ARN(
                  "playback-restriction-policy", "broken") "\"}"},
    };
    emu_emulator emu;

    (void)state;
    open_emulator(&emu);
    assert_true(emu_store_begin(emu.store));
    add(emu.store, IVS_ARN_PLAYBACK_RESTRICTION_POLICY, "broken", "not JSON",
        NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        add_channel(emu.store, rows[i].id, rows[i].document, "{}");
    assert_true(emu_store_end(emu.store, true));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *reason = NULL;
        char path[128];

        (void)snprintf(path, sizeof path, PATH "%s.m3u8", rows[i].id);
        if (get(&emu, path, "", &reason) != 500)
            fail_msg("%s", rows[i].id);
        assert_string_equal(reason, "internal");
    }
    assert_int_equal(get(&emu, PATH "public.m3u8", "", NULL), 200);
    close_emulator(&emu);
}

static void
unreadable_key_lets_nobody_in(void **state)
{
    emu_emulator emu;

    (void)state;
    open_emulator(&emu);
    assert_int_equal(get(&emu, PATH "private.m3u8", "token=a", NULL), 403);
    assert_true(emu_store_begin(emu.store));
    add(emu.store, IVS_ARN_PLAYBACK_KEY, "other", "{}", NULL);
    assert_true(emu_store_end(emu.store, true));
    assert_int_equal(get(&emu, PATH "private.m3u8", "token=a", NULL), 500);
    close_emulator(&emu);
}

/* A database may hold more keys than can be imported: none is passed over. */
static void
too_many_keys_let_nobody_in(void **state)
{
    json_t *pair = json_pack("{s:s}", "publicKeyMaterial", KEY_A_SPKI);
    char *document = json_dumps(pair, 0);
    emu_emulator emu;

    (void)state;
    assert_non_null(document);
    open_emulator(&emu);
    assert_true(emu_store_begin(emu.store));
    for (char c = 'a'; c < 'a' + 8; c++)
        add(emu.store, IVS_ARN_PLAYBACK_KEY, (char[]){c, '\0'}, document, NULL);
    assert_true(emu_store_end(emu.store, true));
    assert_int_equal(get(&emu, PATH "private.m3u8", "token=a", NULL), 500);
    free(document);
    json_decref(pair);
    close_emulator(&emu);
}

/* ---- the record of requests ---- */

static void *
look(void *user)
{
    emu_emulator *emu = user;
    emu_requests_filter filter = {.status = 404};
    int64_t latest = 0, before = 0;

    for (int i = 0; i < 50; i++) {
        json_t *list = emu_requests_list(emu->requests, &filter, &latest);

        if (list == NULL || latest < before)
            return NULL;
        before = latest;
        json_decref(list);
    }
    return user;
}

static void
requests_are_recorded_and_read_by_threads(void **state)
{
    emu_requests_filter filter = {0};
    int64_t latest = 0;
    emu_emulator emu;
    pthread_t reader;
    json_t *list;
    void *done;

    (void)state;
    open_emulator(&emu);
    assert_int_equal(pthread_create(&reader, NULL, look, &emu), 0);
    assert_int_equal(race(&emu, "/nothing", "", 404), THREADS);
    assert_int_equal(pthread_join(reader, &done), 0);
    assert_ptr_equal(done, &emu);
    list = emu_requests_list(emu.requests, &filter, &latest);
    assert_int_equal(json_array_size(list), THREADS);
    assert_int_equal(latest, THREADS);
    json_decref(list);
    emu_requests_clear(emu.requests);
    list = emu_requests_list(emu.requests, &filter, &latest);
    assert_int_equal(json_array_size(list), 0);
    assert_int_equal(latest, THREADS);
    json_decref(list);
    close_emulator(&emu);
}

/* ---- what is fit for a log ---- */

#define TOKEN "eyJhbGciOiJFUzM4NCJ9.eyJleHAiOjF9.c2lnbmF0dXJl"

static void
texts_of_strangers_are_redacted(void **state)
{
    static const struct {
        void (*redact)(ivs_buf *b, const char *text);
        const char *text, *want;
    } rows[] = {
        {emu_redact_text, "a b\n\x7f\xc3\xa4", "a b\\x0a\\x7f\\xc3\\xa4"},
        {emu_redact_text, "at " TOKEN ", and more", "at (redacted), and more"},
        {emu_redact_text, "'" TOKEN "' is", "'(redacted)' is"},
        {emu_redact_text, "eyJ is short", "eyJ is short"},
        {emu_redact_word, "a b", "a\\x20b"},
        {emu_redact_word, "x" TOKEN " more", "x(redacted)"},
        {emu_redact_target, "/a?token=b&c=d&token=e",
         "/a?token=(redacted)&c=d&token=(redacted)"},
        {emu_redact_target, "/a/" TOKEN "/b?c=" TOKEN,
         "/a/(redacted)/b?c=(redacted)"},
        {emu_redact_target, "/a b", "/a\\x20b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_buf b = IVS_BUF_INIT;

        rows[i].redact(&b, rows[i].text);
        assert_string_equal(b.data, rows[i].want);
        ivs_buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_use_token_is_used_once_by_a_hundred_threads),
        cmocka_unit_test(limit_of_viewers_holds_among_a_hundred_threads),
        cmocka_unit_test(session_is_over_in_its_last_second),
        cmocka_unit_test(unreadable_state_lets_nobody_in),
        cmocka_unit_test(unreadable_key_lets_nobody_in),
        cmocka_unit_test(too_many_keys_let_nobody_in),
        cmocka_unit_test(requests_are_recorded_and_read_by_threads),
        cmocka_unit_test(texts_of_strangers_are_redacted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
