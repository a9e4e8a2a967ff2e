/* SPDX-License-Identifier: MIT */
/* token without memory: each allocation of ours, then of jansson too, fails in
 * turn, until a call succeeds. Nothing is handed out, nothing leaks, and no
 * token is ever taken for good. */

#include "support/test.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "support/failalloc.h"
#include "support/judge.h"

static const char payload[] =
    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"aws:viewer-id\":\"v\","
    "\"aws:access-control-allow-origin\":\"https://a.b\",\"n\":[1,{\"x\":2.5}],"
    "\"exp\":1700000060}";

static char *token;

static ivs_status
parse(void)
{
    ivs_claims *c = NULL;
    ivs_status s = ivs_claims_parse(payload, strlen(payload), &c, NULL);

    assert_true((c != NULL) == (s == IVS_OK));
    ivs_claims_free(c);
    return s;
}

static ivs_status
encode(void)
{
    ivs_claims c;
    char *text = NULL;
    ivs_status s;

    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.ttl_s = 60;
    c.extra_json = "{\"a\":[1,2]}";
    s = ivs_claims_encode(&c, FORGE_NOW, &text, NULL, NULL);
    assert_true((text != NULL) == (s == IVS_OK));
    ivs_free(text);
    return s;
}

static ivs_status
lint(void)
{
    static const char broken[] = "{\"exp\":1.5,\"n\":99999999999999999999,"
                                 "\"aws:access-control-allow-origin\":\"a,b\"}";
    char *text = NULL;
    ivs_status s =
        ivs_claims_lint(broken, strlen(broken), FORGE_NOW, &text, NULL);

    assert_true((text != NULL) == (s == IVS_OK));
    ivs_free(text);
    return s;
}

static ivs_status
inspect(void)
{
    char *text = NULL;
    ivs_status s =
        ivs_token_inspect(token, strlen(token), FORGE_NOW, &text, NULL);

    assert_true((text != NULL) == (s == IVS_OK));
    ivs_free(text);
    return s;
}

static ivs_status
verify(void)
{
    const ivs_key *keys[] = {judge_key};
    ivs_verified *v = NULL;
    ivs_status s = ivs_token_verify(keys, 1, token, strlen(token), NULL,
                                    FORGE_NOW, &v, NULL);

    assert_true((v != NULL) == (s == IVS_OK));
    ivs_verified_free(v);
    return s;
}

static ivs_status
mint_beyond_the_stack(void)
{
    static char extra[4000], buf[IVS_TOKEN_MAX];
    ivs_claims c;

    memset(extra, 'x', sizeof extra);
    memcpy(extra, "{\"x\":\"", 6);
    memcpy(extra + sizeof extra - 3, "\"}", 3);
    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.ttl_s = 60;
    c.extra_json = extra;
    strcpy(buf, "untouched");
    {
        ivs_status s = ivs_token_mint(judge_key, &c, FORGE_NOW, buf, sizeof buf,
                                      NULL, NULL);

        assert_true((strcmp(buf, "untouched") != 0) == (s == IVS_OK));
        return s;
    }
}

static const struct {
    const char *name;
    ivs_status (*call)(void);
    bool judges; /* IVS_OK says something of the token */
} calls[] = {
    {"parse", parse, true},   {"encode", encode, true},
    {"lint", lint, false},    {"inspect", inspect, false},
    {"verify", verify, true}, {"mint", mint_beyond_the_stack, true},
};

static void
each_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    token = forge_token(judge_key, "{\"alg\":\"ES384\"}", payload);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        ivs_status s = IVS_E_NOMEM;
        size_t n = 0;

        while (s == IVS_E_NOMEM && n < 1000) {
            failalloc_left = ++n;
            s = calls[i].call();
        }
        if (s != IVS_OK || failalloc_left == 0 || n < 2)
            fail_msg("%s: %s at allocation %zu", calls[i].name,
                     ivs_status_name(s), n);
        failalloc_left = 0;
    }
    free(token);
}

/* jansson takes some of its failures for malformed text, and drops a character
 * of a string at another: that must never pass. */
static void
each_allocation_of_jansson_may_fail(void **state)
{
    (void)state;
    token = forge_token(judge_key, "{\"alg\":\"ES384\"}", payload);
    json_set_alloc_funcs(__wrap_malloc, free);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        size_t n = 0;
        ivs_status s;

        for (;;) {
            failalloc_left = ++n;
            s = calls[i].call();
            if (failalloc_left > 0)
                break;
            if (s == IVS_OK && calls[i].judges)
                fail_msg("%s: good without allocation %zu", calls[i].name, n);
        }
        if (s != IVS_OK || n < 3)
            fail_msg("%s: %s", calls[i].name, ivs_status_name(s));
        failalloc_left = 0;
    }
    json_set_alloc_funcs(__real_malloc, free);
    free(token);
}

static void
mint_needs_no_memory_of_ours(void **state)
{
    static char buf[IVS_TOKEN_MAX];
    ivs_claims c;
    ivs_status s;

    (void)state;
    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.viewer_id = "v";
    c.ttl_s = 60;
    failalloc_left = 1;
    s = ivs_token_mint(judge_key, &c, FORGE_NOW, buf, sizeof buf, NULL, NULL);
    assert_int_equal(s, IVS_OK);
    assert_int_equal(failalloc_left, 1);
    failalloc_left = 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_ours_may_fail),
        cmocka_unit_test(each_allocation_of_jansson_may_fail),
        cmocka_unit_test(mint_needs_no_memory_of_ours),
    };

    return judge_run(tests);
}
