/* SPDX-License-Identifier: MIT */
/* service: the revocation calls; what an answer proves and what it does not. */

#include "support/script.h"

#include <ivs/revoke.h>

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define OTHER   "arn:aws:ivs:us-west-2:123456789012:channel/zzzzABCDefgh"
#define VERSION "viewerSessionVersionsLessThanOrEqualTo"

static struct fixture f;

static const struct reply ok = {.status = 200, .body = "{}"};

static const ivs_revocation pairs[] = {
    {.channel_arn = CHANNEL, .viewer_id = "ann"},
    {.channel_arn = CHANNEL, .viewer_id = "bob"},
    {.channel_arn = OTHER, .viewer_id = "ann"},
};

#define A IVS_REVOKE_ACKNOWLEDGED
#define F IVS_REVOKE_FAILED

/* ---- what is sent ---- */

static void
single_call_sends_one_pair(void **state)
{
    const ivs_revocation quoted = {.channel_arn = CHANNEL,
                                   .viewer_id = "a\"\\\n😀",
                                   .has_version = true,
                                   .up_to_version = 2147483647};

    (void)state;
    open_script(&f, &ok, 1);
    assert_int_equal(ivs_revoke_viewer(f.client, &pairs[0], &f.err), IVS_OK);
    assert_string_equal(f.script.url, "https://ivs.us-west-2.amazonaws.com/"
                                      "StartViewerSessionRevocation");
    assert_string_equal(f.script.body, "{\"channelArn\":\"" CHANNEL
                                       "\",\"viewerId\":\"ann\"}");
    assert_int_equal(ivs_revoke_viewer(f.client, &quoted, &f.err), IVS_OK);
    assert_string_equal(f.script.body, "{\"channelArn\":\"" CHANNEL
                                       "\",\"viewerId\":\"a\\\"\\\\\\n😀\","
                                       "\"" VERSION "\":2147483647}");
    close_script(&f);
}

static void
batch_call_sends_all_pairs_in_order(void **state)
{
    ivs_revoke_outcome out[3];
    ivs_revocation sent[3] = {pairs[0], pairs[1], pairs[2]};

    (void)state;
    sent[1].has_version = true;
    open_script(&f, &ok, 1);
    assert_int_equal(ivs_revoke_batch(f.client, sent, 3, out, &f.err), IVS_OK);
    assert_string_equal(f.script.body,
                        "{\"viewerSessions\":[{\"channelArn\":\"" CHANNEL
                        "\",\"viewerId\":\"ann\"},{\"channelArn\":\"" CHANNEL
                        "\",\"viewerId\":\"bob\",\"" VERSION
                        "\":0},{\"channelArn\":\"" OTHER
                        "\",\"viewerId\":\"ann\"}]}");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(out[i].state, A);
        assert_string_equal(out[i].code, "");
        assert_string_equal(out[i].message, "");
    }
    close_script(&f);
}

static void
twenty_pairs_are_the_most(void **state)
{
    ivs_revocation many[21];
    static ivs_revoke_outcome out[21];
    char ids[21][8];

    (void)state;
    for (size_t i = 0; i < 21; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "v%u", (unsigned)i);
        many[i] = (ivs_revocation){.channel_arn = CHANNEL, .viewer_id = ids[i]};
    }
    memset(out, 7, sizeof out);
    open_script(&f, &ok, 1);
    assert_int_equal(ivs_revoke_batch(f.client, many, 21, out, &f.err),
                     IVS_E_ARG);
    assert_int_equal(ivs_revoke_batch(f.client, many, 0, out, &f.err),
                     IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    assert_int_equal(out[0].code[0], 7);
    assert_int_equal(ivs_revoke_batch(f.client, many, 20, out, &f.err), IVS_OK);
    assert_int_equal(out[19].state, A);
    assert_int_equal(out[20].code[0], 7);
    close_script(&f);
}

/* ---- what is refused before anything is sent ---- */

struct pair_case {
    const char *name;
    ivs_revocation pair;
    const char *member;
    const char *message;
};

#define PAIR(channel, viewer)                                                  \
    {                                                                          \
        .channel_arn = (channel), .viewer_id = (viewer)                        \
    }

static const struct pair_case bad_pairs[] = {
    {"no channel", PAIR(NULL, "a"), "channel_arn",
     "the channel ARN is missing"},
    {"malformed ARN", PAIR("arn", "a"), "channel_arn", ""},
    {"another resource", PAIR("arn:aws:ivs:us-west-2:1:playback-key/a", "a"),
     "channel_arn", "is not a channel"},
    {"another region", PAIR("arn:aws:ivs:eu-west-1:1:channel/a", "a"),
     "channel_arn",
     "channel a is in region eu-west-1, but the client is for us-west-2"},
    {"no viewer", PAIR(CHANNEL, NULL), "viewer_id", "the viewer id is missing"},
    {"empty viewer", PAIR(CHANNEL, ""), "viewer_id",
     "the viewer id is empty, expected 1 to 40 characters"},
    {"41 characters",
     PAIR(CHANNEL, "01234567890123456789012345678901234567890"), "viewer_id",
     "41 characters, expected 1 to 40"},
    {"malformed UTF-8", PAIR(CHANNEL, "a\x80"), "viewer_id", "UTF-8"},
    {"negative version",
     {.channel_arn = CHANNEL,
      .viewer_id = "a",
      .has_version = true,
      .up_to_version = -1},
     "up_to_version",
     "found version -1, expected 0 to 2147483647"},
    {"version in milliseconds",
     {.channel_arn = CHANNEL,
      .viewer_id = "a",
      .has_version = true,
      .up_to_version = 1700000000000},
     "up_to_version",
     "found version 1700000000000"},
};

static void
bad_pair_sends_nothing(void **state)
{
    (void)state;
    open_script(&f, &ok, 1);
    for (size_t i = 0; i < sizeof bad_pairs / sizeof *bad_pairs; i++) {
        const struct pair_case *c = &bad_pairs[i];
        const ivs_revocation two[2] = {pairs[0], c->pair};
        ivs_revoke_outcome out[2];

        print_message("  %s\n", c->name);
        assert_int_equal(ivs_revoke_viewer(f.client, &c->pair, &f.err),
                         IVS_E_ARG);
        assert_int_equal(f.err.code, IVS_E_ARG);
        assert_string_equal(f.err.member, c->member);
        assert_non_null(strstr(f.err.message, c->message));
        assert_int_equal(ivs_revoke_batch(f.client, two, 2, out, &f.err),
                         IVS_E_ARG);
        assert_memory_equal(f.err.message, "pairs[1]", 8);
        assert_int_equal(ivs_revoke_viewer(f.client, &c->pair, NULL),
                         IVS_E_ARG);
    }
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

static void
same_pair_twice_is_refused(void **state)
{
    ivs_revocation twice[3] = {pairs[0], pairs[1], pairs[0]};
    ivs_revoke_outcome out[3];

    (void)state;
    twice[2].has_version = true;
    open_script(&f, &ok, 1);
    assert_int_equal(ivs_revoke_batch(f.client, twice, 3, out, &f.err),
                     IVS_E_ARG);
    assert_non_null(strstr(f.err.message, "pairs[2]"));
    assert_non_null(strstr(f.err.message, "pairs[0]"));
    assert_int_equal(f.script.sent, 0);
    assert_int_equal(ivs_revoke_viewer(NULL, pairs, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_revoke_viewer(f.client, NULL, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_revoke_batch(NULL, pairs, 1, out, &f.err), IVS_E_ARG);
    assert_int_equal(ivs_revoke_batch(f.client, NULL, 1, out, &f.err),
                     IVS_E_ARG);
    assert_int_equal(ivs_revoke_batch(f.client, pairs, 1, NULL, &f.err),
                     IVS_E_ARG);
    close_script(&f);
}

/* ---- what an answer proves ---- */

struct batch_case {
    const char *name;
    struct reply reply;
    ivs_status status;
    ivs_revoke_state states[3];
    const char *code; /* of the first pair that failed */
    const char *message;
};

#define ERRORS(list)                                                           \
    {                                                                          \
        .status = 200, .body = "{\"errors\":" list "}"                         \
    }
#define NAMED(channel, viewer, rest)                                           \
    "{\"channelArn\":\"" channel "\",\"viewerId\":\"" viewer "\"" rest "}"

static const struct batch_case batches[] = {
    {"no errors member",
     {.status = 200, .body = "{}"},
     IVS_OK,
     {A, A, A},
     NULL,
     NULL},
    {"null", ERRORS("null"), IVS_OK, {A, A, A}, NULL, NULL},
    {"none", ERRORS("[]"), IVS_OK, {A, A, A}, NULL, NULL},
    {"one pair named",
     ERRORS("[" NAMED(CHANNEL, "bob",
                      ",\"code\":\"403\",\"message\":\"not authorized\"") "]"),
     IVS_OK,
     {A, F, A},
     "403",
     "not authorized"},
    {"same viewer, other channel",
     ERRORS("[" NAMED(OTHER, "ann", ",\"code\":\"404\"") "]"),
     IVS_OK,
     {A, A, F},
     "404",
     ""},
    {"all named",
     ERRORS("[" NAMED(OTHER, "ann", ",\"code\":\"x\"") "," NAMED(
         CHANNEL, "ann", ",\"code\":\"y\"") "," NAMED(CHANNEL, "bob", "") "]"),
     IVS_OK,
     {F, F, F},
     "y",
     ""},
    {"no code",
     ERRORS("[" NAMED(CHANNEL, "ann", "") "]"),
     IVS_OK,
     {F, A, A},
     "unknown",
     ""},
    {"null code",
     ERRORS("[" NAMED(CHANNEL, "ann", ",\"code\":null,\"message\":null") "]"),
     IVS_OK,
     {F, A, A},
     "unknown",
     ""},
    {"named twice",
     ERRORS("[" NAMED(CHANNEL, "ann", ",\"code\":\"1\"") "," NAMED(
         CHANNEL, "ann", ",\"code\":\"2\"") "]"),
     IVS_OK,
     {F, A, A},
     "1",
     ""},
    {"foreign pair",
     ERRORS("[" NAMED(CHANNEL, "eve", ",\"code\":\"1\"") "]"),
     IVS_OK,
     {A, A, A},
     NULL,
     NULL},
    {"control bytes",
     ERRORS("[" NAMED(CHANNEL, "ann", ",\"message\":\"\\u001b[2J\"") "]"),
     IVS_OK,
     {F, A, A},
     "unknown",
     "\\x1b[2J"},
    {"repeats the session token",
     ERRORS("[" NAMED(CHANNEL, "ann", ",\"message\":\"" SCRIPT_TOKEN "\"") "]"),
     IVS_OK,
     {F, A, A},
     "unknown",
     "(not shown: it repeats credentials)"},
    {"empty body", {.status = 200}, IVS_E_SERVICE, {A}, NULL, "is empty"},
    {"204", {.status = 204}, IVS_E_SERVICE, {A}, NULL, "is empty"},
    {"204 with a body",
     {.status = 204, .body = "{}"},
     IVS_E_SERVICE,
     {A},
     NULL,
     "only 200 counts"},
    {"204 with an object",
     {.status = 204, .body = "{}"},
     IVS_E_SERVICE,
     {A},
     NULL,
     "only 200 counts"},
    {"array",
     {.status = 200, .body = "[]"},
     IVS_E_SERVICE,
     {A},
     NULL,
     "not one JSON"},
    {"errors an object",
     ERRORS("{}"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"errors a text", ERRORS("\"\""), IVS_E_SERVICE, {A}, NULL, "another form"},
    {"errors false", ERRORS("false"), IVS_E_SERVICE, {A}, NULL, "another form"},
    {"errors of texts",
     ERRORS("[\"ann\"]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"errors of null",
     ERRORS("[null]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"error without a viewer",
     ERRORS("[{\"channelArn\":\"" CHANNEL "\"}]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"error without a channel",
     ERRORS("[{\"viewerId\":\"ann\"}]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"number for a code",
     ERRORS("[" NAMED(CHANNEL, "ann", ",\"code\":403") "]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"list for a message",
     ERRORS("[" NAMED(CHANNEL, "ann", ",\"message\":[]") "]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"good and bad error",
     ERRORS("[" NAMED(CHANNEL, "ann", "") ",1]"),
     IVS_E_SERVICE,
     {A},
     NULL,
     "another form"},
    {"lost", {.fails = IVS_E_NETWORK}, IVS_E_NETWORK, {A}, NULL, ""},
    {"throttled", {.status = 429}, IVS_E_THROTTLED, {A}, NULL, ""},
    {"refused", {.status = 403}, IVS_E_SERVICE, {A}, NULL, ""},
};

static void
check_outcomes(const struct batch_case *c, const ivs_revoke_outcome *out)
{
    const char *code = c->code, *message = c->message;

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(out[i].state, c->states[i]);
        if (out[i].state == A) {
            assert_string_equal(out[i].code, "");
        } else if (code != NULL) {
            assert_string_equal(out[i].code, code);
            assert_string_equal(out[i].message, message);
            code = NULL;
        }
    }
}

static void
batch_answer_decides_each_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        const struct batch_case *c = &batches[i];
        ivs_revoke_outcome out[3];

        print_message("  %s\n", c->name);
        memset(out, 7, sizeof out);
        open_script(&f, &c->reply, 1);
        assert_int_equal(ivs_revoke_batch(f.client, pairs, 3, out, &f.err),
                         c->status);
        if (c->status == IVS_OK) {
            check_outcomes(c, out);
        } else {
            assert_int_equal(f.err.code, c->status);
            assert_non_null(strstr(f.err.message, c->message));
            for (size_t k = 0; k < sizeof out; k++)
                assert_int_equal(((unsigned char *)out)[k], 7);
        }
        close_script(&f);
    }
}

static void
long_texts_of_the_service_are_cut_at_a_character(void **state)
{
    static char body[2048];
    const struct reply reply = {.status = 200, .body = body};
    ivs_revoke_outcome out[3];
    size_t n;

    (void)state;
    n = (size_t)snprintf(body, sizeof body,
                         "{\"errors\":[{\"channelArn\":\"" CHANNEL
                         "\",\"viewerId\":\"ann\",\"message\":\"x");
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "é");
    (void)snprintf(body + n, sizeof body - n, "\"}]}");
    open_script(&f, &reply, 1);
    assert_int_equal(ivs_revoke_batch(f.client, pairs, 3, out, &f.err), IVS_OK);
    assert_int_equal(out[0].state, F);
    assert_int_equal(strlen(out[0].message), 191); /* x and 95 of two bytes */
    close_script(&f);
}

static void
single_answer_may_be_empty_or_an_object(void **state)
{
    static const struct {
        struct reply reply;
        ivs_status status;
    } cases[] = {
        {{.status = 200}, IVS_OK},
        {{.status = 200, .body = "{}"}, IVS_OK},
        {{.status = 204}, IVS_E_SERVICE},
        {{.status = 200, .body = "null"}, IVS_E_SERVICE},
        {{.status = 200, .body = "OK"}, IVS_E_SERVICE},
        {{.status = 201, .body = "{}"}, IVS_E_SERVICE},
        {{.status = 302}, IVS_E_SERVICE},
        {{.status = 404}, IVS_E_SERVICE},
        {{.fails = IVS_E_NETWORK}, IVS_E_NETWORK},
        {{.status = 429}, IVS_E_THROTTLED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_script(&f, &cases[i].reply, 1);
        assert_int_equal(ivs_revoke_viewer(f.client, &pairs[0], &f.err),
                         cases[i].status);
        close_script(&f);
    }
}

static void
lost_answer_is_asked_for_again(void **state)
{
    static const struct reply replies[] = {{.fails = IVS_E_NETWORK},
                                           {.status = 500},
                                           {.status = 200, .body = "{}"}};
    ivs_revoke_outcome out[3];

    (void)state;
    open_script(&f, replies, 3);
    assert_int_equal(ivs_revoke_batch(f.client, pairs, 3, out, &f.err), IVS_OK);
    assert_int_equal(f.script.sent, 3);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_call_sends_one_pair),
        cmocka_unit_test(batch_call_sends_all_pairs_in_order),
        cmocka_unit_test(twenty_pairs_are_the_most),
        cmocka_unit_test(bad_pair_sends_nothing),
        cmocka_unit_test(same_pair_twice_is_refused),
        cmocka_unit_test(batch_answer_decides_each_pair),
        cmocka_unit_test(long_texts_of_the_service_are_cut_at_a_character),
        cmocka_unit_test(single_answer_may_be_empty_or_an_object),
        cmocka_unit_test(lost_answer_is_asked_for_again),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
