/* SPDX-License-Identifier: MIT */
/* doctor: the channel, its policy and its stream. */

#include <string.h>

#include "doctor.h"

static const json_t *
channel_of(const struct doctor *d)
{
    return json_object_get(d->channel_doc, "channel");
}

static bool
is_private(const struct doctor *d)
{
    return json_is_true(json_object_get(channel_of(d), "authorized"));
}

/* The account of the credentials, as far as a key pair of theirs tells. */
static bool
account_of_pairs(const struct doctor *d, ivs_arn *ret)
{
    const char *text;

    if (d->pairs == NULL || ivs_playback_keys_count(d->pairs) == 0)
        return false;
    text = ivs_playback_key_arn(ivs_playback_keys_at(d->pairs, 0));
    return ivs_arn_parse(text, strlen(text), ret, NULL) == IVS_OK;
}

static void
check_missing(struct doctor *d)
{
    const ivs_error *err = &d->channel_error;
    ivs_arn own;

    if (d->channel_from == NULL)
        doctor_skip(d, CHECK_CHANNEL, "no channel was given");
    else if (err->http_status == 404)
        doctor_found(d, "channel_not_found", "there is no channel %s",
                     d->channel);
    else if (err->http_status == 403 && account_of_pairs(d, &own) &&
             strcmp(own.account, d->arn.account) != 0)
        doctor_found(d, "channel_other_account",
                     "the channel is of account %s, the credentials are of %s",
                     d->arn.account, own.account);
    else
        doctor_skip(d, CHECK_CHANNEL, "%s",
                    err->code != IVS_OK ? err->message
                                        : "the service could not be asked");
    doctor_skip(d, CHECK_PRIVATE, "the channel is not known");
}

void
doctor_check_channel(struct doctor *d)
{
    if (channel_of(d) == NULL) {
        check_missing(d);
        return;
    }
    doctor_ok(d, CHECK_CHANNEL, "%s", d->channel);
    if (is_private(d))
        doctor_ok(d, CHECK_PRIVATE, "playback needs a token");
    else if (d->stream != NULL)
        doctor_found(d, "channel_public_live",
                     "the channel is public, so that no token is looked at; it "
                     "cannot be made private while it is live");
    else
        doctor_found(d, "channel_public",
                     "the channel is public, so that no token is looked at");
}

/* The input that lets an origin in. */
static void
add_origin(struct doctor *d, const char *policy, json_t *allowed)
{
    json_t *list = json_copy(allowed);
    json_t *input;

    (void)json_array_append_new(list, json_string(d->opts->origin));
    input = json_pack("{s:s, s:o}", "arn", policy, "allowedOrigins", list);
    if (input != NULL)
        d->input = json_dumps(input, JSON_COMPACT);
    json_decref(input);
}

static void
check_applied(struct doctor *d, const char *policy)
{
    ivs_error err = {0};
    json_t *doc =
        doctor_call(d, "GetPlaybackRestrictionPolicy", "arn", policy, &err);
    json_t *allowed = json_object_get(
        json_object_get(doc, "playbackRestrictionPolicy"), "allowedOrigins");
    const json_t *origin;
    bool fits = json_array_size(allowed) == 0;
    size_t i;

    if (doc == NULL) {
        doctor_skip(d, CHECK_POLICY, "%s", err.message);
        return;
    }
    if (d->opts->origin == NULL && !fits) {
        doctor_skip(d, CHECK_POLICY, "no --origin was given");
        goto out;
    }
    json_array_foreach(allowed, i, origin) fits =
        fits ||
        strcmp(json_string_value(origin) != NULL ? json_string_value(origin)
                                                 : "",
               d->opts->origin) == 0;
    if (!fits) {
        add_origin(d, policy, allowed);
        doctor_found(d, "policy_refuses_origin",
                     "the policy %s of the public channel does not allow the "
                     "origin %.100s",
                     policy, d->opts->origin);
    }
    doctor_ok(d, CHECK_POLICY,
              "%s allows it; countries cannot be told from here", policy);
out:
    json_decref(doc);
}

void
doctor_check_policy(struct doctor *d)
{
    const char *policy =
        doctor_text(channel_of(d), "playbackRestrictionPolicyArn");

    if (channel_of(d) == NULL)
        doctor_skip(d, CHECK_POLICY, "the channel is not known");
    else if (policy[0] == '\0')
        doctor_ok(d, CHECK_POLICY, "none");
    else if (is_private(d))
        doctor_found(d, "policy_ignored",
                     "the policy %s is ignored while the channel is private: "
                     "countries have to be judged before a token is minted",
                     policy);
    else
        check_applied(d, policy);
}

void
doctor_check_stream(struct doctor *d)
{
    const json_t *stream = json_object_get(d->stream, "stream");

    if (stream != NULL)
        doctor_ok(d, CHECK_STREAM, "live, health %s",
                  doctor_text(stream, "health"));
    else if (channel_of(d) == NULL)
        doctor_skip(d, CHECK_STREAM, "the channel is not known");
    else if (strcmp(d->stream_error.aws_code, "ChannelNotBroadcasting") == 0)
        doctor_found(d, "stream_offline",
                     "nothing streams to the channel: players get 404, not "
                     "403, and do not try again by themselves");
    else
        doctor_skip(d, CHECK_STREAM, "%s", d->stream_error.message);
}
