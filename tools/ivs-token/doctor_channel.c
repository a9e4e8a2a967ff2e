/* SPDX-License-Identifier: MIT */
/* doctor: the channel, its policy and its stream. */

#include <stdlib.h>
#include <string.h>

#include "doctor.h"

const json_t *
doctor_channel(const struct doctor *d)
{
    return json_object_get(d->channel_doc, "channel");
}

bool
doctor_is_private(const struct doctor *d)
{
    return json_is_true(json_object_get(doctor_channel(d), "authorized"));
}

bool
doctor_is_public(const struct doctor *d)
{
    return json_is_false(json_object_get(doctor_channel(d), "authorized"));
}

static void
check_missing(struct doctor *d)
{
    const ivs_error *err = &d->channel_error;

    if (d->channel_from == NULL)
        doctor_skip(d, CHECK_CHANNEL, "no channel was given");
    else if (err->http_status == 404)
        doctor_found(d, "channel_not_found", "there is no channel %s",
                     d->channel);
    else if (err->http_status == 403 && d->account[0] != '\0' &&
             strcmp(d->account, d->arn.account) != 0)
        doctor_found(d, "channel_other_account",
                     "the channel is of account %s, the credentials are of %s",
                     d->arn.account, d->account);
    else
        doctor_skip(d, CHECK_CHANNEL, "%s",
                    err->code != IVS_OK ? err->message
                                        : "the service could not be asked");
    doctor_skip(d, CHECK_PRIVATE, "the channel is not known");
}

void
doctor_check_channel(struct doctor *d)
{
    if (doctor_channel(d) == NULL) {
        check_missing(d);
        return;
    }
    doctor_ok(d, CHECK_CHANNEL, "%s", d->channel);
    if (doctor_is_private(d))
        doctor_ok(d, CHECK_PRIVATE, "playback needs a token");
    else if (!doctor_is_public(d))
        doctor_skip(d, CHECK_PRIVATE, "the service does not say");
    else if (d->stream != NULL)
        doctor_found(d, "channel_public_live",
                     "the channel is public, so that no token is looked at; it "
                     "cannot be made private while it is live");
    else
        doctor_found(d, "channel_public",
                     "the channel is public, so that no token is looked at");
}

/* What of a policy would let the player in: its origin, or none enforced. */
static void
set_input(struct doctor *d, const char *arn, const json_t *policy)
{
    json_t *input, *list;

    if (d->opts->origin[0] != '\0') {
        list = json_copy(json_object_get(policy, "allowedOrigins"));
        (void)json_array_append_new(list, json_string(d->opts->origin));
        input = json_pack("{s:s, s:o}", "arn", arn, "allowedOrigins", list);
    } else {
        input = json_pack("{s:s, s:b}", "arn", arn,
                          "enableStrictOriginEnforcement", 0);
    }
    if (input != NULL)
        d->input = json_dumps(input, JSON_COMPACT);
    json_decref(input);
}

/* By the rules of a token's origins. */
static bool
allows_origin(const struct doctor *d, const json_t *policy)
{
    const json_t *list = json_object_get(policy, "allowedOrigins");
    size_t n = json_array_size(list);
    const char **origins = calloc(n + 1, sizeof *origins);
    ivs_claims claims;
    bool allowed = false;

    ivs_claims_init(&claims, sizeof claims);
    for (size_t i = 0; origins != NULL && i < n; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text != NULL)
            origins[claims.norigins++] = text;
    }
    claims.origins = origins;
    claims.strict_origin_enforcement =
        json_is_true(json_object_get(policy, "enableStrictOriginEnforcement"));
    if (origins != NULL)
        allowed =
            ivs_claims_check_origin(&claims, d->opts->origin, NULL) == IVS_OK;
    free(origins);
    return allowed;
}

static void
check_applied(struct doctor *d, const char *arn)
{
    ivs_error err = {0};
    json_t *doc =
        doctor_call(d, "GetPlaybackRestrictionPolicy", "arn", arn, &err);
    const json_t *policy = json_object_get(doc, "playbackRestrictionPolicy");

    if (policy == NULL) {
        doctor_skip(d, CHECK_POLICY, "%s",
                    err.code != IVS_OK ? err.message
                                       : "the service could not be asked");
    } else if (d->opts->origin == NULL &&
               json_array_size(json_object_get(policy, "allowedOrigins")) > 0) {
        doctor_skip(d, CHECK_POLICY, "no --origin was given");
    } else if (d->opts->origin == NULL || allows_origin(d, policy)) {
        doctor_ok(d, CHECK_POLICY,
                  "%s allows it; countries cannot be told from here", arn);
    } else {
        set_input(d, arn, policy);
        doctor_found(d, "policy_refuses_origin",
                     "the policy %s of the public channel %s%s", arn,
                     d->opts->origin[0] != '\0'
                         ? "does not allow the origin "
                         : "enforces its origins, and the player sends none",
                     d->opts->origin);
    }
    json_decref(doc);
}

void
doctor_check_policy(struct doctor *d)
{
    const char *policy =
        doctor_text(doctor_channel(d), "playbackRestrictionPolicyArn");

    if (doctor_channel(d) == NULL)
        doctor_skip(d, CHECK_POLICY, "the channel is not known");
    else if (policy[0] == '\0')
        doctor_ok(d, CHECK_POLICY, "none");
    else if (doctor_is_private(d))
        doctor_found(
            d, d->stream != NULL ? "policy_ignored_live" : "policy_ignored",
            "the policy %s is ignored while the channel is private: "
            "countries have to be judged before a token is minted%s",
            policy,
            d->stream != NULL ? "; the channel cannot be changed while "
                                "it is live"
                              : "");
    else if (doctor_is_public(d))
        check_applied(d, policy);
    else
        doctor_skip(d, CHECK_POLICY,
                    "the service does not say whether the "
                    "channel is private");
}

void
doctor_check_stream(struct doctor *d)
{
    const json_t *stream = json_object_get(d->stream, "stream");

    if (stream != NULL)
        doctor_ok(d, CHECK_STREAM, "live, health %s",
                  doctor_text(stream, "health"));
    else if (doctor_channel(d) == NULL)
        doctor_skip(d, CHECK_STREAM, "the channel is not known");
    else if (strcmp(d->stream_error.aws_code, "ChannelNotBroadcasting") == 0)
        doctor_found(d, "stream_offline",
                     "nothing streams to the channel: players get 404, not "
                     "403, and do not try again by themselves");
    else
        doctor_skip(d, CHECK_STREAM, "%s", d->stream_error.message);
}
