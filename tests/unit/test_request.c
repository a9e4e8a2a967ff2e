/* SPDX-License-Identifier: MIT */
/* verify: options, leeway, expected channels, origins of requests, and the
 * caller's stores. */

#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "support/judge.h"

#define CH      "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\""
#define EXP     ",\"exp\":1700000060}"
#define ID      ",\"aws:viewer-id\":\"v\""
#define UUID    ",\"aws:single-use-uuid\":\"" FORGE_UUID "\""
#define ORIGIN  ",\"aws:access-control-allow-origin\":\"https://example.com\""
#define STRICT  ORIGIN ",\"aws:strict-origin-enforcement\":true"
#define ANOTHER "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgi"

static void
expect_argument(const ivs_key *const *keys, size_t nkeys, const char *token,
                const ivs_verify_options *opt)
{
    ivs_verified *v = NULL;
    ivs_error err = {0};

    assert_int_equal(
        ivs_token_verify(keys, nkeys, token, 5, opt, FORGE_NOW, &v, &err),
        IVS_E_ARG);
    assert_int_equal(err.code, IVS_E_ARG);
    assert_null(v);
}

static void
bad_arguments_are_refused(void **state)
{
    const ivs_key *keys[] = {judge_key, NULL};
    ivs_verify_options opt;

    (void)state;
    expect_argument(NULL, 1, "a.b.c", NULL);
    expect_argument(keys, 0, "a.b.c", NULL);
    expect_argument(keys, 2, "a.b.c", NULL);
    expect_argument(keys, 1, NULL, NULL);
    memset(&opt, 0, sizeof opt);
    expect_argument(keys, 1, "a.b.c", &opt);
    ivs_verify_options_init(&opt, sizeof opt);
    opt.leeway_s = -1;
    expect_argument(keys, 1, "a.b.c", &opt);
    opt.leeway_s = 301;
    expect_argument(keys, 1, "a.b.c", &opt);
    opt.leeway_s = 0;
    opt.flags = IVS_VERIFY_LIKE_SERVICE | 0x2u;
    expect_argument(keys, 1, "a.b.c", &opt);
    opt.flags = 0;
    opt.nchannel_arns = 1;
    expect_argument(keys, 1, "a.b.c", &opt);
    opt.channel_arns = (const char *const[]){NULL};
    expect_argument(keys, 1, "a.b.c", &opt);
}

static void
leeway_moves_every_limit_of_time(void **state)
{
    static const struct {
        const char *name, *payload;
        int64_t leeway_s;
        ivs_reject_reason reason;
    } rows[] = {
        {"expired at the leeway", CH ",\"exp\":1699999990}", 10,
         IVS_REJECT_EXPIRED},
        {"within the leeway", CH ",\"exp\":1699999991}", 10, IVS_REJECT_NONE},
        {"longest leeway", CH ",\"exp\":1699999701}", 300, IVS_REJECT_NONE},
        {"at 600 and leeway", CH ID ",\"exp\":1700000610}", 10,
         IVS_REJECT_NONE},
        {"beyond 600 and leeway", CH UUID ",\"exp\":1700000611}", 10,
         IVS_REJECT_EXP_TOO_FAR},
        {"nbf at the leeway", CH ",\"nbf\":1700000010" EXP, 10,
         IVS_REJECT_NONE},
        {"nbf beyond the leeway", CH ",\"nbf\":1700000011" EXP, 10,
         IVS_REJECT_NOT_YET_VALID},
        {"iat beyond the leeway", CH ",\"iat\":1700000011" EXP, 10,
         IVS_REJECT_NOT_YET_VALID},
    };
    ivs_verify_options opt;

    (void)state;
    ivs_verify_options_init(&opt, sizeof opt);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        opt.leeway_s = rows[i].leeway_s;
        judge_expect_payload(rows[i].name, rows[i].payload, &opt,
                             rows[i].reason);
    }
}

static void
clock_at_the_ends_of_its_range_does_not_wrap(void **state)
{
    static const struct {
        const char *payload;
        int64_t now_s;
        ivs_reject_reason reason;
    } rows[] = {
        {CH ID ",\"exp\":9223372036854775807}", INT64_MAX, IVS_REJECT_EXPIRED},
        {CH ID ",\"exp\":9223372036854775807}", INT64_MAX - 1, IVS_REJECT_NONE},
        {CH ID ",\"exp\":9223372036854775807}", INT64_MIN,
         IVS_REJECT_EXP_TOO_FAR},
        {CH ",\"exp\":-9223372036854775808}", INT64_MIN, IVS_REJECT_EXPIRED},
        {CH ",\"exp\":-9223372036854775808}", INT64_MAX, IVS_REJECT_EXPIRED},
        {CH ",\"nbf\":-9223372036854775808,\"exp\":0}", INT64_MIN,
         IVS_REJECT_NONE},
        {CH ",\"nbf\":9223372036854775807,\"exp\":0}", INT64_MIN,
         IVS_REJECT_NOT_YET_VALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *token = forge_token(judge_key, FORGE_HEADER, rows[i].payload);
        const ivs_key *keys[] = {judge_key};
        ivs_error err = {0};
        ivs_status s = ivs_token_verify(keys, 1, token, strlen(token), NULL,
                                        rows[i].now_s, NULL, &err);

        if (err.reason != rows[i].reason || (s == IVS_OK) != (err.reason == 0))
            fail_msg("%s: %s", rows[i].payload, err.message);
        free(token);
    }
}

static void
channel_must_be_one_of_those_expected(void **state)
{
    static const char *const two[] = {ANOTHER, FORGE_CHANNEL};
    static const char *const near[] = {FORGE_CHANNEL "x"};
    ivs_verify_options opt;

    (void)state;
    ivs_verify_options_init(&opt, sizeof opt);
    opt.channel_arns = two;
    judge_expect_payload("none expected", CH EXP, &opt, IVS_REJECT_NONE);
    opt.nchannel_arns = 2;
    judge_expect_payload("second of two", CH EXP, &opt, IVS_REJECT_NONE);
    opt.nchannel_arns = 1;
    judge_expect_payload("another", CH EXP, &opt, IVS_REJECT_CHANNEL_MISMATCH);
    opt.channel_arns = near;
    judge_expect_payload("prefix", CH EXP, &opt, IVS_REJECT_CHANNEL_MISMATCH);
}

static void
origin_is_judged_as_the_token_asks(void **state)
{
    static const struct {
        const char *name, *payload, *origin;
        ivs_reject_reason verify, edge;
    } rows[] = {
        {"no list, no Origin", CH EXP, NULL, 0, 0},
        {"no list, any Origin", CH EXP, "null", 0, 0},
        {"list, no Origin", CH ORIGIN EXP, NULL, 0, 0},
        {"list, empty Origin", CH ORIGIN EXP, "", 0, 0},
        {"list, listed Origin", CH ORIGIN EXP, "https://example.com", 0, 0},
        {"list, another Origin", CH ORIGIN EXP, "https://example.org",
         IVS_REJECT_ORIGIN_MISMATCH, IVS_REJECT_ORIGIN_MISMATCH},
        {"list, null Origin", CH ORIGIN EXP, "null", IVS_REJECT_ORIGIN_MISMATCH,
         IVS_REJECT_ORIGIN_MISMATCH},
        {"strict, listed Origin", CH STRICT EXP, "https://example.com", 0, 0},
        {"strict, another Origin", CH STRICT EXP, "http://example.com",
         IVS_REJECT_ORIGIN_MISMATCH, IVS_REJECT_ORIGIN_MISMATCH},
        {"strict, no Origin", CH STRICT EXP, NULL, IVS_REJECT_ORIGIN_MISSING,
         IVS_REJECT_ORIGIN_MISSING},
        {"strict, empty Origin", CH STRICT EXP, "", IVS_REJECT_ORIGIN_MISSING,
         IVS_REJECT_ORIGIN_MISSING},
        {"strict without list, an Origin",
         CH ",\"aws:strict-origin-enforcement\":true" EXP, "https://any.where",
         IVS_REJECT_STRICT_ORIGIN, 0},
        {"strict without list, no Origin",
         CH ",\"aws:strict-origin-enforcement\":true" EXP, NULL,
         IVS_REJECT_STRICT_ORIGIN, IVS_REJECT_ORIGIN_MISSING},
    };
    ivs_verify_options opt;

    (void)state;
    ivs_verify_options_init(&opt, sizeof opt);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        opt.origin = rows[i].origin;
        opt.flags = 0;
        judge_expect_payload(rows[i].name, rows[i].payload, &opt,
                             rows[i].verify);
        opt.flags = IVS_VERIFY_LIKE_SERVICE;
        judge_expect_payload(rows[i].name, rows[i].payload, &opt, rows[i].edge);
    }
}

/* ---- stores ---- */

struct store {
    ivs_decision allowed, use;
    int asked_allowed, asked_use;
};

static ivs_decision
is_allowed(const ivs_claims *claims, void *user)
{
    struct store *store = user;

    assert_string_equal(claims->viewer_id, "v");
    assert_string_equal(claims->channel_arn, FORGE_CHANNEL);
    assert_int_equal(store->asked_use, 0);
    store->asked_allowed++;
    return store->allowed;
}

static ivs_decision
may_use(const ivs_claims *claims, void *user)
{
    struct store *store = user;

    assert_string_equal(claims->single_use_uuid, FORGE_UUID);
    assert_int_equal(claims->expires_at_s, 1700000060);
    store->asked_use++;
    return store->use;
}

static ivs_status
judge_with_store(const char *payload, struct store *store, ivs_error *err)
{
    const ivs_key *keys[] = {judge_key};
    char *token = forge_token(judge_key, FORGE_HEADER, payload);
    ivs_verify_options opt;
    ivs_verified *v = NULL;
    ivs_status s;

    ivs_verify_options_init(&opt, sizeof opt);
    opt.is_allowed = is_allowed;
    opt.may_use = may_use;
    opt.user = store;
    opt.origin = "https://example.com";
    memset(err, 0, sizeof *err);
    s = ivs_token_verify(keys, 1, token, strlen(token), &opt, FORGE_NOW, &v,
                         err);
    assert_true((s == IVS_OK) == (v != NULL));
    ivs_verified_free(v);
    free(token);
    return s;
}

static void
stores_decide_and_fail_closed(void **state)
{
    static const struct {
        const char *name;
        int allowed, use;
        ivs_status status;
        ivs_reject_reason reason;
        int asked_use;
    } rows[] = {
        {"both allow", IVS_ALLOW, IVS_ALLOW, IVS_OK, 0, 1},
        {"revoked", IVS_DENY, IVS_ALLOW, IVS_E_TOKEN, IVS_REJECT_REVOKED, 0},
        {"used", IVS_ALLOW, IVS_DENY, IVS_E_TOKEN, IVS_REJECT_USED, 1},
        {"no answer on revocation", IVS_UNAVAILABLE, IVS_ALLOW, IVS_E_STATE, 0,
         0},
        {"no answer on use", IVS_ALLOW, IVS_UNAVAILABLE, IVS_E_STATE, 0, 1},
        {"another number on revocation", 3, IVS_ALLOW, IVS_E_STATE, 0, 0},
        {"another number on use", IVS_ALLOW, -1, IVS_E_STATE, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store store = {.allowed = (ivs_decision)rows[i].allowed,
                              .use = (ivs_decision)rows[i].use};
        ivs_error err;
        ivs_status s = judge_with_store(CH ID UUID EXP, &store, &err);

        if (s != rows[i].status || err.reason != rows[i].reason ||
            store.asked_allowed != 1 || store.asked_use != rows[i].asked_use)
            fail_msg("%s: %s %s", rows[i].name, ivs_status_name(s),
                     err.message);
    }
}

static void
stores_are_asked_for_otherwise_good_tokens_only(void **state)
{
    static const struct {
        const char *payload;
        int asked_allowed, asked_use;
    } rows[] = {
        {CH EXP, 0, 0},
        {CH ID EXP, 1, 0},
        {CH UUID EXP, 0, 1},
        {CH ID UUID ",\"exp\":1700000000}", 0, 0},
        {CH ID UUID ",\"nbf\":1700000001" EXP, 0, 0},
        {CH ID UUID ",\"aws:access-control-allow-origin\":\"https://a.b\"" EXP,
         0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store store = {IVS_ALLOW, IVS_ALLOW, 0, 0};
        ivs_error err;

        assert_int_equal(judge_with_store(rows[i].payload, &store, &err),
                         i < 3 ? IVS_OK : IVS_E_TOKEN);
        assert_int_equal(store.asked_allowed, rows[i].asked_allowed);
        assert_int_equal(store.asked_use, rows[i].asked_use);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(leeway_moves_every_limit_of_time),
        cmocka_unit_test(clock_at_the_ends_of_its_range_does_not_wrap),
        cmocka_unit_test(channel_must_be_one_of_those_expected),
        cmocka_unit_test(origin_is_judged_as_the_token_asks),
        cmocka_unit_test(stores_decide_and_fail_closed),
        cmocka_unit_test(stores_are_asked_for_otherwise_good_tokens_only),
    };

    return judge_run(tests);
}
