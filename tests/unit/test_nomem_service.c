/* SPDX-License-Identifier: MIT */
/* Every allocation of a client, its calls and the table failing in turn. */

#include "support/script.h"

#include <ivs/playback.h>
#include <ivs/playback_key.h>
#include <ivs/revoke.h>

#include "base/json.h"
#include "service/client_impl.h"
#include "support/failalloc.h"
#include "support/keys.h"
#include "support/ledger.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define PAIR    "arn:aws:ivs:us-west-2:123456789012:playback-key/abcdABCDefgh"

static struct fixture f;

static const struct reply ok = {.status = 200,
                                .headers = {{"x-amzn-requestid", "r"}},
                                .body = "{\"errors\":[]}"};

/* Debug lines are left out where memory is short: not what is tested here. */
static void
open_quiet(void)
{
    open_script(&f, &ok, 1);
    f.client->debug = NULL;
}

static void
client(void **state)
{
    ivs_client_options opt;
    ivs_credentials *credentials = NULL;
    ivs_client *made = NULL;
    ivs_error err = {0};

    (void)state;
    assert_int_equal(
        ivs_credentials_static("AKID", SCRIPT_SECRET, NULL, &credentials, NULL),
        IVS_OK);
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.credentials = credentials;
    opt.ca_bundle = "/dev/null";
    FAILALLOC_EACH(8, ivs_client_new(&opt, &made, &err), &err);
    ivs_client_free(made);
    ivs_credentials_free(credentials);
}

static void
calling(void **state)
{
    static const char input[] =
        "{\"resourceArn\":\"" CHANNEL "\",\"tagKeys\":[\"a b\"]}";

    (void)state;
    open_quiet();
    FAILALLOC_EACH(10,
                   ivs_client_call(f.client, "UntagResource", input,
                                   sizeof input - 1, &f.result, &f.err),
                   &f.err);
    assert_int_equal(ivs_result_status(f.result), 200);
    close_script(&f);
}

static bool
take(const ivs_result *page, void *user)
{
    ++*(size_t *)user;
    return ivs_result_status(page) == 200;
}

static void
paginating(void **state)
{
    static const struct reply pages[] = {
        {.status = 200, .body = "{\"channels\":[],\"nextToken\":\"a\"}"},
        {.status = 200, .body = "{\"channels\":[]}"},
    };
    size_t n = 0;

    (void)state;
    open_script(&f, pages, 2);
    f.client->debug = NULL;
    FAILALLOC_EACH(
        10,
        (f.script.sent = 0, ivs_client_paginate(f.client, "ListChannels", NULL,
                                                0, take, &n, &f.err)),
        &f.err);
    assert_int_equal(f.script.sent, 2);
    assert_true(n >= 2);
    close_script(&f);
}

static void
revoking(void **state)
{
    const ivs_revocation pair = {.channel_arn = CHANNEL, .viewer_id = "a"};
    ivs_revoke_outcome out = {.state = IVS_REVOKE_NOT_DONE};

    (void)state;
    open_quiet();
    FAILALLOC_EACH(10, ivs_revoke_viewer(f.client, &pair, &f.err), &f.err);
    FAILALLOC_EACH(10, ivs_revoke_batch(f.client, &pair, 1, &out, &f.err),
                   &f.err);
    assert_int_equal(out.state, IVS_REVOKE_ACKNOWLEDGED);
    close_script(&f);
}

/* A run of the engine, all of whose pairs have an end. */
static ivs_status
run_engine(ledger *l, sim *s, ivs_error *err)
{
    ivs_revoke_host host = sim_host(s);
    ivs_revoke_options opt;
    ivs_status status;

    memset(l, 0, sizeof *l);
    l->rows = 3;
    ledger_options(l, &opt);
    opt.client = f.client;
    status = ivs_revoke_drive(&opt, &host, err);
    assert_int_equal(l->last.pulled, l->last.acknowledged + l->last.not_done);
    return status;
}

static void
carry_out(ivs_revoke_request *q, sim *s)
{
    (void)s;
    ivs_revoke_carry_out(q);
}

static void
revoking_many(void **state)
{
    static ledger l;
    static sim s;

    (void)state;
    open_quiet();
    f.client->config.max_attempts = 1;
    sim_init(&s, 1);
    s.serve = carry_out;
    FAILALLOC_EACH(12, run_engine(&l, &s, &f.err), &f.err);
    assert_int_equal(ledger_count(&l, IVS_REVOKE_ACKNOWLEDGED), 3);
    close_script(&f);
}

static void
importing(void **state)
{
    static const struct reply made = {
        .status = 200,
        .body = "{\"keyPair\":{\"arn\":\"" PAIR
                "\",\"fingerprint\":\"" KEY_A_FINGERPRINT "\"}}"};
    static const ivs_tag tag = {"k", "v"};
    ivs_import_options opt;
    ivs_playback_key *pair = NULL;
    ivs_key *key = NULL;

    (void)state;
    assert_int_equal(
        ivs_key_parse(KEY_A_SPKI, strlen(KEY_A_SPKI), NULL, &key, NULL),
        IVS_OK);
    ivs_import_options_init(&opt, sizeof opt);
    opt.tags = &tag;
    opt.ntags = 1;
    open_script(&f, &made, 1);
    f.client->debug = NULL;
    FAILALLOC_EACH(10,
                   ivs_playback_key_import(f.client, key, &opt, &pair, &f.err),
                   &f.err);
    assert_string_equal(ivs_playback_key_arn(pair), PAIR);
    ivs_playback_key_free(pair);
    ivs_key_free(key);
    close_script(&f);
}

static void
listing(void **state)
{
    static const struct reply replies[] = {
        {.status = 200, .body = "{\"keyPairs\":[{\"arn\":\"" PAIR "\"}]}"},
        {.status = 200, .body = "{\"keyPair\":{\"arn\":\"" PAIR "\"}}"},
    };
    static const struct reply tagged = {.status = 200,
                                        .body = "{\"tags\":{\"k\":\"v\"}}"};
    ivs_playback_keys *keys = NULL;
    ivs_tags *tags = NULL;

    (void)state;
    open_script(&f, replies, 2);
    f.client->debug = NULL;
    FAILALLOC_EACH(20,
                   (f.script.sent = 0,
                    ivs_playback_keys_list(f.client, true, &keys, &f.err)),
                   &f.err);
    assert_int_equal(ivs_playback_keys_count(keys), 1);
    ivs_playback_keys_free(keys);
    close_script(&f);
    open_script(&f, &tagged, 1);
    f.client->debug = NULL;
    FAILALLOC_EACH(10, ivs_tags_list(f.client, CHANNEL, &tags, &f.err), &f.err);
    assert_int_equal(ivs_tags_count(tags), 1);
    ivs_tags_free(tags);
    close_script(&f);
}

static void
playing(void **state)
{
    static const char url[] =
        "https://h/api/video/v1/us-west-2.1.channel.a.m3u8?token=x";
    static const struct reply plays = {.status = 200, .body = "#EXTM3U\n"};
    static const struct reply refuses = {
        .status = 403, .body = "[{\"error\":\"e\",\"error_code\":\"c\"}]"};
    ivs_status s;

    (void)state;
    open_script(&f, &plays, 1);
    f.client->debug = NULL;
    FAILALLOC_EACH(
        4, ivs_playback_get(f.client, url, "https://a", &f.result, &f.err),
        &f.err);
    assert_string_equal(ivs_result_body(f.result, NULL), "#EXTM3U\n");
    close_script(&f);
    open_script(&f, &refuses, 1);
    f.client->debug = NULL;
    FAILALLOC_EACH(3,
                   (s = ivs_playback_get(f.client, url, NULL, NULL, &f.err),
                    s == IVS_E_SERVICE ? IVS_OK : s),
                   &f.err);
    assert_string_equal(f.err.aws_code, "c");
    close_script(&f);
}

static void
describing(void **state)
{
    char *text = NULL;
    ivs_error err = {0};

    (void)state;
    FAILALLOC_EACH(2, ivs_operation_describe("CreateChannel", &text, &err),
                   &err);
    assert_non_null(text);
    ivs_free(text);
    text = NULL;
    FAILALLOC_EACH(2, ivs_operation_skeleton("CreateChannel", &text, &err),
                   &err);
    assert_non_null(text);
    ivs_free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client),        cmocka_unit_test(calling),
        cmocka_unit_test(paginating),    cmocka_unit_test(revoking),
        cmocka_unit_test(importing),     cmocka_unit_test(listing),
        cmocka_unit_test(revoking_many), cmocka_unit_test(playing),
        cmocka_unit_test(describing),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
