/* SPDX-License-Identifier: MIT */
/* What a channel is: its members, what they may be together, its addresses. */

#include "channel.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"

const emu_reference emu_references[] = {
    {IVS_ARN_RECORDING_CONFIGURATION, "recordingConfigurationArn"},
    {IVS_ARN_PLAYBACK_RESTRICTION_POLICY, "playbackRestrictionPolicyArn"},
    {IVS_ARN_AD_CONFIGURATION, "adConfigurationArn"},
    {IVS_ARN_CHANNEL, NULL}};

json_t *
emu_channel_defaults(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:s, s:s, s:s, "
                     "s:{s:b, s:s, s:s}}",
                     "name", "", "latencyMode", "LOW", "type", "STANDARD",
                     "preset", "", "authorized", 0, "insecureIngest", 0,
                     "containerFormat", "TS", "recordingConfigurationArn", "",
                     "playbackRestrictionPolicyArn", "", "adConfigurationArn",
                     "", "multitrackInputConfiguration", "enabled", 0, "policy",
                     "ALLOW", "maximumResolution", "FULL_HD");
}

static bool
text_is(const json_t *object, const char *member, const char *text)
{
    const char *value = json_string_value(json_object_get(object, member));

    return value != NULL && strcmp(value, text) == 0;
}

static bool
check_multitrack(const emu_call *call, const json_t *channel, emu_response *res)
{
    const json_t *now =
        json_object_get(channel, "multitrackInputConfiguration");
    const json_t *given =
        json_object_get(call->input, "multitrackInputConfiguration");

    if (!json_is_true(json_object_get(now, "enabled")))
        return true;
    if (!text_is(channel, "type", "STANDARD") ||
        !text_is(channel, "containerFormat", "FRAGMENTED_MP4"))
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: multitrackInputConfiguration failed "
                          "to satisfy the constraints: multitrack input needs "
                          "type STANDARD and containerFormat FRAGMENTED_MP4");
    if (given != NULL && (json_object_get(given, "policy") == NULL ||
                          json_object_get(given, "maximumResolution") == NULL))
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: multitrackInputConfiguration failed "
                          "to satisfy the constraints: enabled needs policy "
                          "and maximumResolution");
    return true;
}

/* What a channel refers to must be there; an empty ARN refers to nothing. */
static bool
check_references(const emu_call *call, emu_response *res)
{
    for (const emu_reference *r = emu_references; r->member != NULL; r++) {
        const char *arn = emu_input_text(call, r->member, "");
        emu_lookup lookup;

        if (*arn == '\0')
            continue;
        lookup = emu_find(call, r->type, arn, NULL, NULL);
        if (lookup == EMU_LOOKUP_FAILED)
            return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
        if (lookup != EMU_LOOKUP_FOUND)
            return emu_refuse(res, EMU_NOT_FOUND, "Resource: %s not found",
                              arn);
    }
    return true;
}

bool
emu_channel_apply(const emu_call *call, json_t *channel, emu_response *res)
{
    json_t *basis = emu_channel_defaults(), *value;
    bool failed = basis == NULL;
    const char *member;

    json_object_foreach(basis, member, value)
    {
        json_t *given = json_object_get(call->input, member);
        json_t *own = json_object_get(channel, member);

        if (given == NULL)
            continue;
        failed |= json_is_object(own) && json_is_object(given)
                      ? json_object_update(own, given) != 0
                      : json_object_set(channel, member, given) != 0;
    }
    json_decref(basis);
    /* Only the advanced types have presets. */
    if (!text_is(channel, "type", "ADVANCED_SD") &&
        !text_is(channel, "type", "ADVANCED_HD"))
        failed |= json_object_set_new(channel, "preset", json_string("")) != 0;
    else if (text_is(channel, "preset", ""))
        failed |=
            json_object_set_new(channel, "preset",
                                json_string("HIGHER_BANDWIDTH_DELIVERY")) != 0;
    if (failed)
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    return check_references(call, res) && check_multitrack(call, channel, res);
}

/* Ingest and SRT hosts have a label of the account and region, and end in
 * .localhost, so that no stream leaves the machine. */
bool
emu_channel_add_endpoints(const emu_call *call, json_t *channel)
{
    char text[64], hash[IVS_MD5_SIZE], hex[2 * IVS_MD5_SIZE + 1];
    const char *passphrase = emu_fixed(call, IVS_ARN_CHANNEL, "passphrase");
    char random[41];
    int n = snprintf(text, sizeof text, "%s/%s", call->scope->account,
                     call->scope->region);
    json_t *srt;

    if (n < 0 || !ivs_md5(text, (size_t)n, (uint8_t *)hash) ||
        (passphrase == NULL && !emu_make_id(call, random, 40)))
        return false;
    ivs_hex(hash, sizeof hash, hex);
    srt = json_pack("{s:o, s:s}", "endpoint",
                    json_sprintf("srt://%.12s.srt.localhost:9000", hex),
                    "passphrase", passphrase == NULL ? random : passphrase);
    return json_object_set_new(channel, "srt", srt) == 0 &&
           json_object_set_new(
               channel, "ingestEndpoint",
               json_sprintf("%.12s.global-contribute.localhost", hex)) == 0;
}

json_t *
emu_channel_show(const emu_call *call, json_t *channel)
{
    const char *text = json_string_value(json_object_get(channel, "arn"));
    ivs_arn arn;

    if (text == NULL ||
        ivs_arn_parse(text, strlen(text), &arn, NULL) != IVS_OK ||
        json_object_set_new(
            channel, "playbackUrl",
            json_sprintf("%s://%s/api/video/v1/%s.%s.channel.%s.m3u8",
                         call->emu->scheme, call->host, arn.region, arn.account,
                         arn.id)) != 0) {
        json_decref(channel);
        return NULL;
    }
    return channel;
}
