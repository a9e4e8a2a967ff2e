/* SPDX-License-Identifier: MIT */
/* Target: ivs_token_mint() and ivs_token_verify() on claims. Input: lines of a
 * letter that names a claim and its value. Property: what mint emits, verify
 * accepts, with both engines, by the rules and like the service, and hands back
 * as the claims that went in, and refuses once it has expired, for another
 * channel, from nowhere where origins are enforced, and when a store says no;
 * lint finds no error in it; ivs_claims_encode() takes what mint takes. */

#include <stdbool.h>
#include <string.h>

#include <ivs/token.h>

#include "fuzz.h"
#include "support/forge.h"

#define MAX_ORIGINS 8
#define INPUT_MAX   8192

struct input {
    ivs_claims claims;
    const char *origins[MAX_ORIGINS];
};

static ivs_key *keys[2];

static void
take(struct input *in, char letter, const char *value)
{
    ivs_claims *c = &in->claims;

    switch (letter) {
    case 'c':
        c->channel_arn = value;
        break;
    case 'v':
        c->viewer_id = value;
        break;
    case 'n':
        c->has_viewer_session_version = true;
        c->viewer_session_version = strtoll(value, NULL, 10);
        break;
    case 'o':
        if (c->norigins < MAX_ORIGINS)
            in->origins[c->norigins++] = value;
        break;
    case 's':
        c->strict_origin_enforcement = true;
        break;
    case 'u':
        c->single_use_uuid = value;
        break;
    case 'r':
        c->maximum_resolution = (ivs_resolution)(atoi(value) & 7);
        break;
    case 't':
        c->ttl_s = strtoll(value, NULL, 10);
        break;
    case 'e':
        c->expires_at_s = strtoll(value, NULL, 10);
        break;
    case 'x':
        c->extra_json = value;
        break;
    default:
        break;
    }
}

static void
read_input(char *text, struct input *in)
{
    memset(in, 0, sizeof *in);
    ivs_claims_init(&in->claims, sizeof in->claims);
    in->claims.channel_arn = FORGE_CHANNEL;
    in->claims.origins = in->origins;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char letter = *text;
        char *next = text + len + (text[len] == '\n');

        text[len] = '\0';
        if (len > 0)
            take(in, letter, text + 1);
        text = next;
    }
    if (in->claims.ttl_s == 0 && in->claims.expires_at_s == 0)
        in->claims.ttl_s = 60;
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
require_same(const ivs_claims *in, const ivs_claims *out)
{
    REQUIRE(same_text(in->channel_arn, out->channel_arn));
    REQUIRE(same_text(in->viewer_id, out->viewer_id));
    REQUIRE(same_text(in->single_use_uuid, out->single_use_uuid));
    REQUIRE(in->has_viewer_session_version == out->has_viewer_session_version);
    REQUIRE(in->viewer_session_version == out->viewer_session_version ||
            !in->has_viewer_session_version);
    REQUIRE(in->norigins == out->norigins);
    for (size_t i = 0; i < in->norigins; i++)
        REQUIRE(same_text(in->origins[i], out->origins[i]));
    REQUIRE(in->strict_origin_enforcement == out->strict_origin_enforcement);
    REQUIRE(in->maximum_resolution == out->maximum_resolution);
    REQUIRE(out->expires_at_s ==
            (in->ttl_s != 0 ? FORGE_NOW + in->ttl_s : in->expires_at_s));
}

/* The Origin of a request from a page that entry allows. */
static char *
origin_of(const char *entry)
{
    const char *star = strchr(entry, '*');
    size_t cap = strlen(entry) + sizeof "https://example.com";
    char *origin = malloc(cap);

    REQUIRE(origin != NULL);
    if (strcmp(entry, "*") == 0)
        (void)snprintf(origin, cap, "https://example.com");
    else if (star != NULL)
        (void)snprintf(origin, cap, "%.*sa%s", (int)(star - entry), entry,
                       star + 1);
    else
        (void)snprintf(origin, cap, "%s", entry);
    return origin;
}

static ivs_decision
answer(const ivs_claims *claims, void *user)
{
    const ivs_decision *decision = user;

    REQUIRE(claims->channel_arn != NULL);
    return *decision;
}

static ivs_reject_reason
reason_of(const char *token, const ivs_verify_options *opt, int64_t now_s)
{
    const ivs_key *one[] = {keys[0]};
    ivs_error err = {.code = IVS_OK};
    ivs_status s =
        ivs_token_verify(one, 1, token, strlen(token), opt, now_s, NULL, &err);

    REQUIRE(s == IVS_E_TOKEN || s == IVS_E_STATE);
    REQUIRE(s == err.code);
    return err.reason;
}

/* For a token that is good with opt. */
static void
require_refused(const ivs_claims *c, const char *token, ivs_verify_options opt)
{
    const char *other = "arn:aws:ivs:us-west-2:1:channel/other";
    const char *const *channels = opt.channel_arns;
    int64_t exp_s = c->ttl_s != 0 ? FORGE_NOW + c->ttl_s : c->expires_at_s;
    ivs_decision decision = IVS_DENY;
    const char *origin = opt.origin;

    REQUIRE(reason_of(token, &opt, exp_s) == IVS_REJECT_EXPIRED);
    opt.channel_arns = &other;
    REQUIRE(reason_of(token, &opt, FORGE_NOW) == IVS_REJECT_CHANNEL_MISMATCH);
    opt.channel_arns = channels;
    opt.origin = NULL;
    if (c->strict_origin_enforcement)
        REQUIRE(reason_of(token, &opt, FORGE_NOW) == IVS_REJECT_ORIGIN_MISSING);
    opt.origin = origin;
    opt.user = &decision;
    opt.may_use = answer;
    if (c->single_use_uuid != NULL)
        REQUIRE(reason_of(token, &opt, FORGE_NOW) == IVS_REJECT_USED);
    opt.is_allowed = answer;
    if (c->viewer_id != NULL)
        REQUIRE(reason_of(token, &opt, FORGE_NOW) == IVS_REJECT_REVOKED);
    decision = IVS_UNAVAILABLE;
    if (c->viewer_id != NULL || c->single_use_uuid != NULL)
        REQUIRE(reason_of(token, &opt, FORGE_NOW) == IVS_REJECT_NONE);
}

static void
verify(const ivs_claims *in, const char *token, size_t len)
{
    char *origin = in->norigins > 0 ? origin_of(in->origins[0]) : NULL;

    for (unsigned i = 0; i < 4; i++) {
        const ivs_key *one[] = {keys[i & 1]};
        ivs_error err = {.code = IVS_OK};
        ivs_verified *v = NULL;
        ivs_verify_options opt;
        ivs_status s;

        ivs_verify_options_init(&opt, sizeof opt);
        opt.flags = i < 2 ? 0 : IVS_VERIFY_LIKE_SERVICE;
        opt.channel_arns = &in->channel_arn;
        opt.nchannel_arns = 1;
        opt.origin = origin;
        s = ivs_token_verify(one, 1, token, len, &opt, FORGE_NOW, &v, &err);
        /* nbf and iat are the caller's, through extra_json. */
        REQUIRE(s == IVS_OK || (in->extra_json != NULL &&
                                err.reason == IVS_REJECT_NOT_YET_VALID));
        if (s == IVS_OK) {
            require_same(in, ivs_verified_claims(v));
            require_refused(in, token, opt);
        }
        ivs_verified_free(v);
    }
    free(origin);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char token[IVS_TOKEN_MAX];
    char *text, *json = NULL, *findings = NULL;
    ivs_status minted, encoded;
    struct input in;
    size_t len, json_len;

    if (size > INPUT_MAX)
        return 0;
    if (keys[0] == NULL) {
        keys[0] = forge_key(IVS_ENGINE_DEFAULT);
        keys[1] = forge_key(IVS_ENGINE_OPENSSL);
    }
    REQUIRE((text = calloc(size + 1, 1)) != NULL);
    if (size > 0)
        memcpy(text, data, size);
    read_input(text, &in);
    minted = ivs_token_mint(keys[0], &in.claims, FORGE_NOW, token, sizeof token,
                            &len, NULL);
    encoded = ivs_claims_encode(&in.claims, FORGE_NOW, &json, &json_len, NULL);
    REQUIRE(minted == encoded);
    if (minted == IVS_OK) {
        REQUIRE(strlen(token) == len);
        verify(&in.claims, token, len);
        REQUIRE(ivs_claims_lint(json, json_len, FORGE_NOW, &findings, NULL) ==
                IVS_OK);
        REQUIRE(in.claims.extra_json != NULL ||
                strstr(findings, "\"severity\":\"error\"") == NULL);
    }
    ivs_free(findings);
    ivs_free(json);
    free(text);
    return 0;
}
