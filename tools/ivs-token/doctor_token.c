/* SPDX-License-Identifier: MIT */
/* doctor: the token. The rules are those of ivs_token_inspect() and
 * ivs_token_verify(). */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

static const enum doctor_check token_checks[] = {
    CHECK_TOKEN_FORMAT, CHECK_TOKEN_SIGNATURE, CHECK_TOKEN_CHANNEL,
    CHECK_TOKEN_EXPIRY, CHECK_TOKEN_CLAIMS,    CHECK_TOKEN_ORIGIN,
    CHECK_REVOCATION,
};

#define NTOKEN_CHECKS (sizeof token_checks / sizeof token_checks[0])

static int
inspect(struct doctor *d, int64_t now_s, json_t **ret)
{
    ivs_error err = {0};
    char *text = NULL;

    if (ivs_token_inspect(d->token.data, d->token.len, now_s, &text, &err) !=
        IVS_OK)
        return fail_error(d->c, &err);
    *ret = json_loads(text, 0, NULL);
    ivs_free(text);
    return *ret != NULL && !json_memory_failed()
               ? CLI_OK
               : fail(d->c, CLI_FAILED, "out of memory reading a token");
}

static const json_t *
claims_of(const struct doctor *d)
{
    return json_object_get(d->inspected, "claims");
}

int
doctor_read_token(struct doctor *d)
{
    const char *channel;
    char *text = NULL;
    int code;

    if (d->token.data == NULL)
        return CLI_OK;
    if ((code = inspect(d, d->now_s, &d->inspected)) != CLI_OK)
        return code;
    if (json_is_object(claims_of(d)))
        text = json_dumps(claims_of(d), JSON_COMPACT);
    if (text != NULL)
        (void)!ivs_claims_parse(text, strlen(text), &d->claims, NULL);
    free(text);
    channel = doctor_text(claims_of(d), "aws:channel-arn");
    if (d->channel_from != NULL ||
        ivs_arn_parse(channel, strlen(channel), &d->arn, NULL) != IVS_OK ||
        d->arn.type != IVS_ARN_CHANNEL)
        return CLI_OK;
    (void)snprintf(d->channel, sizeof d->channel, "%s", channel);
    d->channel_from = "the token";
    return value_check_region(d->c, &d->arn);
}

static bool
has_error(const json_t *inspected, const char *code)
{
    const json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(inspected, "findings"), i,
                       finding) if (strcmp(doctor_text(finding, "code"),
                                           code) == 0) return true;
    return false;
}

static void
add_findings(struct doctor *d)
{
    const json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(d->inspected, "findings"), i, finding)
    {
        const char *code = doctor_text(finding, "code");
        const char *message = doctor_text(finding, "message");

        if (strcmp(code, "segments") == 0)
            doctor_found(d, code,
                         "%s; the service says \"token contains an invalid "
                         "number of segments\", also where a player asks again "
                         "without the token",
                         message);
        else
            doctor_found(d, code, "%s", message);
    }
    if (json_object_get(claims_of(d), "aws:single-use-uuid") != NULL)
        doctor_found(d, "single_use",
                     "the token is good for one playback: a probe, a link "
                     "checker or a second player uses it up");
}

/* A clock that is wrong here makes a token look good, or bad, that is not. */
static int
compare_clocks(struct doctor *d)
{
    static const char *const codes[] = {"expired", "exp_too_far", "nbf_future",
                                        "iat_future"};
    json_t *here = NULL;
    int code = inspect(d, d->now_s - d->clock_offset_s, &here);

    for (size_t i = 0; code == CLI_OK && i < sizeof codes / sizeof *codes; i++)
        if (has_error(here, codes[i]) != has_error(d->inspected, codes[i])) {
            doctor_found(d, "clock_misleads",
                         "this clock is %" PRId64 " s off the service's, "
                         "which decides whether the token is in time",
                         d->clock_offset_s);
            break;
        }
    json_decref(here);
    return code;
}

/* Which of the keys signed it: each by itself, for the first fault of another
 * kind hides which it was. */
static void
check_signature(struct doctor *d)
{
    size_t usable = 0;
    ivs_error err = {0};

    for (size_t i = 0; i < d->nkeys; i++) {
        const ivs_key *key = d->keys[i].key;
        ivs_status s;

        if (key == NULL)
            continue;
        usable++;
        s = ivs_token_verify(&key, 1, d->token.data, d->token.len, NULL,
                             d->now_s, NULL, &err);
        if (s == IVS_OK ||
            (s == IVS_E_TOKEN && err.reason > IVS_REJECT_SIGNATURE)) {
            d->signer = &d->keys[i];
            doctor_ok(d, CHECK_TOKEN_SIGNATURE, "by %s", d->signer->path);
            return;
        }
        if (s != IVS_E_TOKEN || err.reason < IVS_REJECT_SIGNATURE) {
            doctor_skip(d, CHECK_TOKEN_SIGNATURE, "%s", err.message);
            return;
        }
    }
    if (usable > 0)
        doctor_found(d, "token_other_key",
                     "the token was signed by another key than %s",
                     usable == 1 ? "the one of --key" : "those of --key");
    else
        doctor_skip(d, CHECK_TOKEN_SIGNATURE,
                    "no key was given that could tell");
}

static void
check_channel(struct doctor *d)
{
    const char *text = doctor_text(claims_of(d), "aws:channel-arn");
    ivs_arn arn;

    if (ivs_arn_parse(text, strlen(text), &arn, NULL) != IVS_OK ||
        arn.type != IVS_ARN_CHANNEL) /* a finding says so */
        return;
    if (strcmp(arn.region, d->arn.region) != 0)
        doctor_found(d, "token_other_region",
                     "the token is for %s, in another region than %s of %s",
                     text, d->channel, d->channel_from);
    else if (strcmp(text, d->channel) != 0)
        doctor_found(d, "token_other_channel",
                     "the token is for %s, but %s says %s", text,
                     d->channel_from, d->channel);
    else if (strcmp(d->channel_from, "the token") == 0)
        doctor_ok(d, CHECK_TOKEN_CHANNEL, "%s, and no other was given", text);
    else
        doctor_ok(d, CHECK_TOKEN_CHANNEL, "%s", text);
}

static void
check_origin(struct doctor *d)
{
    const char *origin = d->opts->origin;
    ivs_error err = {0};

    if (d->claims == NULL) {
        doctor_skip(d, CHECK_TOKEN_ORIGIN, "the token has broken claims");
    } else if (origin == NULL) {
        doctor_skip(d, CHECK_TOKEN_ORIGIN, "no --origin was given");
        if (d->claims->strict_origin_enforcement)
            doctor_found(d, "strict_needs_origin",
                         "players that send no Origin are refused; --origin "
                         "says what this one sends");
    } else if (ivs_claims_check_origin(d->claims, origin, &err) == IVS_OK) {
        doctor_ok(d, CHECK_TOKEN_ORIGIN, "%s%s",
                  origin[0] != '\0' ? origin : "a request without Origin",
                  d->claims->norigins == 0 ? ", not restricted by the token"
                                           : "");
    } else if (err.reason == IVS_REJECT_ORIGIN_MISSING) {
        doctor_found(d, "origin_missing",
                     "%s; a Referer does not count, and a player that cannot "
                     "send an Origin needs a token that is not strict",
                     err.message);
    } else {
        doctor_found(d, "origin_mismatch", "%s", err.message);
    }
}

static void
check_revocation(struct doctor *d)
{
    const char *viewer = doctor_text(claims_of(d), "aws:viewer-id");

    if (d->let_in && viewer[0] != '\0')
        doctor_ok(d, CHECK_REVOCATION, "viewer %s was let in by the probe",
                  viewer);
    else
        doctor_skip(d, CHECK_REVOCATION,
                    "the service tells nobody whether viewer %s is revoked",
                    viewer);
}

int
doctor_check_token(struct doctor *d)
{
    int code = CLI_OK;

    if (d->token.data == NULL) {
        for (size_t i = 0; i < NTOKEN_CHECKS; i++)
            doctor_skip(d, token_checks[i], "no token was given");
        return CLI_OK;
    }
    json_decref(d->inspected);
    d->inspected = NULL;
    if ((code = inspect(d, d->now_s, &d->inspected)) != CLI_OK)
        return code;
    add_findings(d);
    check_signature(d);
    if (json_is_object(claims_of(d))) {
        doctor_ok(d, CHECK_TOKEN_FORMAT, "three parts that decode");
        doctor_ok(d, CHECK_TOKEN_EXPIRY, "in time");
        doctor_ok(d, CHECK_TOKEN_CLAIMS, "as documented");
        check_channel(d);
        check_origin(d);
        check_revocation(d);
        if (d->clock_known && !d->opts->now.given &&
            (d->clock_offset_s >= 60 || d->clock_offset_s <= -60))
            code = compare_clocks(d);
    } else {
        for (size_t i = 0; i < NTOKEN_CHECKS; i++)
            doctor_skip(d, token_checks[i], "the token does not decode");
    }
    return code;
}
