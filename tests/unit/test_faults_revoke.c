/* SPDX-License-Identifier: MIT */
/* service: the faults of a service that concern revocations. Names as in the
 * table of tests/README.md. */

#include "support/script.h"

#include <ivs/revoke.h>

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define OTHER   "arn:aws:ivs:us-west-2:123456789012:channel/zzzzABCDefgh"

static struct fixture f;

static const ivs_revocation pairs[] = {
    {.channel_arn = CHANNEL, .viewer_id = "ann"},
    {.channel_arn = CHANNEL, .viewer_id = "bob"},
    {.channel_arn = OTHER, .viewer_id = "ann"},
};

#define A IVS_REVOKE_ACKNOWLEDGED
#define F IVS_REVOKE_FAILED
#define N IVS_REVOKE_NOT_DONE

#define ENTRY(channel, viewer, code)                                           \
    "{\"channelArn\":\"" channel "\",\"viewerId\":\"" viewer "\"" code "}"
#define THROTTLED ",\"code\":\"ThrottlingException\",\"message\":\"slow\""
#define DENIED    ",\"code\":\"ValidationException\",\"message\":\"no\""
#define BODY(entries)                                                          \
    {                                                                          \
        .status = 200, .body = "{\"errors\":[" entries "]}"                    \
    }

struct batch_fault {
    const char *name;
    struct reply reply;
    size_t sent;
    ivs_status status;
    ivs_revoke_state state[3];
    const char *code; /* of the second pair where it failed */
};

static const struct batch_fault batches[] = {
    /* 7, 8: which pairs, and why, is for the caller to act on */
    {"partial",
     BODY(ENTRY(CHANNEL, "bob", ",\"code\":\"InternalServerException\"")),
     1,
     IVS_OK,
     {A, F, A},
     "InternalServerException"},
    {"partial-throttle",
     BODY(ENTRY(CHANNEL, "bob", THROTTLED)),
     1,
     IVS_OK,
     {A, F, A},
     "ThrottlingException"},
    {"partial-all",
     BODY(ENTRY(CHANNEL, "ann", THROTTLED) "," ENTRY(
         CHANNEL, "bob", THROTTLED) "," ENTRY(OTHER, "ann", THROTTLED)),
     1,
     IVS_OK,
     {F, F, F},
     "ThrottlingException"},
    {"partial-permanent",
     BODY(ENTRY(CHANNEL, "bob", DENIED)),
     1,
     IVS_OK,
     {A, F, A},
     "ValidationException"},
    /* 9 */
    {"partial-no-code",
     BODY(ENTRY(CHANNEL, "bob", "")),
     1,
     IVS_OK,
     {A, F, A},
     "unknown"},
    {"partial-foreign-pair",
     BODY(ENTRY(CHANNEL, "eve", DENIED)),
     1,
     IVS_OK,
     {A, A, A},
     NULL},
    {"partial-duplicate",
     BODY(ENTRY(CHANNEL, "bob", DENIED) "," ENTRY(CHANNEL, "bob", THROTTLED)),
     1,
     IVS_OK,
     {A, F, A},
     "ValidationException"},
    {"partial-wrong-type",
     {.status = 200, .body = "{\"errors\":{}}"},
     1,
     IVS_E_SERVICE,
     {N, N, N},
     NULL},
    {"ok-null-errors",
     {.status = 200, .body = "{\"errors\":null}"},
     1,
     IVS_OK,
     {A, A, A},
     NULL},
    {"ok-empty-body", {.status = 200}, 1, IVS_E_SERVICE, {N, N, N}, NULL},
    {"ok-204", {.status = 204}, 1, IVS_E_SERVICE, {N, N, N}, NULL},
    /* 13: the engine's to bisect */
    {"400 on a batch",
     {.status = 400, .headers = {{"x-amzn-ErrorType", "ValidationException"}}},
     1,
     IVS_E_SERVICE,
     {N, N, N},
     NULL},
    /* 1, 3, 4 for a batch: revocations may be repeated */
    {"throttle", {.status = 429}, 3, IVS_E_THROTTLED, {N, N, N}, NULL},
    {"500-applied", {.status = 500}, 3, IVS_E_SERVICE, {N, N, N}, NULL},
    {"reset-applied",
     {.fails = IVS_E_NETWORK},
     3,
     IVS_E_NETWORK,
     {N, N, N},
     NULL},
};

static void
no_pair_counts_that_the_answer_does_not_vouch_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        const struct batch_fault *c = &batches[i];
        ivs_revoke_outcome out[3] = {{.state = N}, {.state = N}, {.state = N}};

        print_message("  %s\n", c->name);
        open_script(&f, &c->reply, 1);
        assert_int_equal(ivs_revoke_batch(f.client, pairs, 3, out, &f.err),
                         c->status);
        assert_int_equal(f.script.sent, c->sent);
        for (size_t n = 0; n < 3; n++)
            assert_int_equal(out[n].state, c->state[n]);
        if (c->code != NULL)
            assert_string_equal(out[1].code, c->code);
        close_script(&f);
    }
}

static void
single_revocation_may_be_answered_without_a_body(void **state)
{
    static const struct {
        const char *name;
        struct reply reply;
        ivs_status status;
    } cases[] = {
        {"ok-empty-body", {.status = 200}, IVS_OK},
        {"ok-204", {.status = 204}, IVS_E_SERVICE},
        {"ok-null-errors",
         {.status = 200, .body = "{\"errors\":null}"},
         IVS_OK},
        {"not-json", {.status = 200, .body = "hello"}, IVS_E_SERVICE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  %s\n", cases[i].name);
        open_script(&f, &cases[i].reply, 1);
        assert_int_equal(ivs_revoke_viewer(f.client, &pairs[0], &f.err),
                         cases[i].status);
        assert_int_equal(f.script.sent, 1);
        close_script(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pair_counts_that_the_answer_does_not_vouch_for),
        cmocka_unit_test(single_revocation_may_be_answered_without_a_body),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
