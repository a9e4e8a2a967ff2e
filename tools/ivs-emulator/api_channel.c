/* SPDX-License-Identifier: MIT */
/* Channels. A document holds everything but the playback URL, which depends on
 * the name under which the client reaches us. */

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"

#include "api.h"

/* Members a client sets, with what they are when it does not. */
static json_t *
defaults(void)
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

/* Nothing of these types can have been made yet, so no such ARN is known. */
static bool
check_references(const emu_call *call, emu_response *res)
{
    static const char *const members[] = {"recordingConfigurationArn",
                                          "playbackRestrictionPolicyArn",
                                          "adConfigurationArn"};

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *arn = emu_input_text(call, members[i], "");

        if (*arn != '\0')
            return emu_refuse(res, EMU_NOT_FOUND, "Resource: %s not found",
                              arn);
    }
    return true;
}

/* Put what the input says over a document. */
static bool
apply_input(const emu_call *call, json_t *channel, emu_response *res)
{
    json_t *basis = defaults(), *value;
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
static bool
add_endpoints(const emu_call *call, json_t *channel)
{
    char text[64], hash[IVS_MD5_SIZE], hex[2 * IVS_MD5_SIZE + 1];
    char passphrase[41];
    int n = snprintf(text, sizeof text, "%s/%s", call->scope->account,
                     call->scope->region);
    json_t *srt;

    if (n < 0 || !ivs_md5(text, (size_t)n, (uint8_t *)hash) ||
        !emu_random_id(passphrase, 40))
        return false;
    ivs_hex(hash, sizeof hash, hex);
    srt = json_pack("{s:o, s:s}", "endpoint",
                    json_sprintf("srt://%.12s.srt.localhost:9000", hex),
                    "passphrase", passphrase);
    return json_object_set_new(channel, "srt", srt) == 0 &&
           json_object_set_new(
               channel, "ingestEndpoint",
               json_sprintf("%.12s.global-contribute.localhost", hex)) == 0;
}

/* The document as an answer shows it. */
static json_t *
shown(const emu_call *call, json_t *channel)
{
    const char *text = json_string_value(json_object_get(channel, "arn"));
    ivs_arn arn;

    if (text == NULL ||
        ivs_arn_parse(text, strlen(text), &arn, NULL) != IVS_OK ||
        json_object_set_new(
            channel, "playbackUrl",
            json_sprintf("http://%s/api/video/v1/%s.%s.channel.%s.m3u8",
                         call->host, arn.region, arn.account, arn.id)) != 0) {
        json_decref(channel);
        return NULL;
    }
    return channel;
}

/* sk_REGION_ID_SECRET, ID that of the ARN. Takes the document; NULL on
 * failure. */
static json_t *
add_secret(const emu_call *call, json_t *key, int64_t seq)
{
    const char *id =
        strrchr(json_string_value(json_object_get(key, "arn")), '/') + 1;
    ivs_buf text = IVS_BUF_SECRET;
    bool stored = false;
    char random[31];

    if (emu_random_id(random, 30) &&
        json_object_set_new(
            key, "value",
            json_sprintf("sk_%s_%s_%s", call->scope->region, id, random)) == 0)
        ivs_json_append(&text, key, false);
    if (text.data != NULL && !text.failed)
        stored = emu_store_update(call->emu->store, seq, "", text.data);
    ivs_buf_free(&text);
    if (stored)
        return key;
    json_decref(key);
    return NULL;
}

static json_t *
create_stream_key(const emu_call *call, const json_t *channel, int64_t parent,
                  emu_response *res)
{
    emu_new new = {.type = IVS_ARN_STREAM_KEY, .parent = parent};
    int64_t seq = 0;

    new.document =
        json_pack("{s:O, s:O}", "channelArn", json_object_get(channel, "arn"),
                  "tags", json_object_get(channel, "tags"));
    if (new.document == NULL) {
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
        return NULL;
    }
    if (!emu_create(call, &new, &seq, res)) {
        json_decref(new.document);
        return NULL;
    }
    new.document = add_secret(call, new.document, seq);
    if (new.document == NULL)
        (void)emu_refuse(res, EMU_INTERNAL, "cannot store the stream key");
    return new.document;
}

static bool
answer_created(const emu_call *call, json_t *channel, int64_t seq,
               emu_response *res)
{
    json_t *key = create_stream_key(call, channel, seq, res), *answer;

    if (key == NULL)
        return false;
    answer = json_pack("{s:o, s:o}", "channel",
                       shown(call, json_incref(channel)), "streamKey", key);
    return emu_response_json(res, 200, answer);
}

bool
emu_create_channel(const emu_call *call, emu_response *res)
{
    emu_new new = {.type = IVS_ARN_CHANNEL, .document = defaults()};
    json_t *tags = emu_input_tags(call, res);
    bool created = false;
    int64_t seq = 0;

    if (tags != NULL && json_object_set_new(new.document, "tags", tags) == 0 &&
        apply_input(call, new.document, res)) {
        if (!add_endpoints(call, new.document))
            (void)emu_refuse(res, EMU_INTERNAL, "no random bytes");
        else
            created = emu_create(call, &new, &seq, res) &&
                      answer_created(call, new.document, seq, res);
    }
    json_decref(new.document);
    return created;
}

bool
emu_get_channel(const emu_call *call, emu_response *res)
{
    json_t *channel = NULL, *answer;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "arn", &channel, NULL, res))
        return false;
    answer = json_pack("{s:o}", "channel", shown(call, channel));
    return emu_response_json(res, 200, answer);
}

bool
emu_batch_get_channel(const emu_call *call, emu_response *res)
{
    json_t *channels = json_array(), *errors = json_array(), *answer, *arn;
    size_t i;

    json_array_foreach(json_object_get(call->input, "arns"), i, arn)
    {
        json_t *channel = NULL;
        emu_lookup lookup = emu_find(call, IVS_ARN_CHANNEL,
                                     json_string_value(arn), &channel, NULL);

        if (lookup == EMU_LOOKUP_FOUND)
            (void)json_array_append_new(channels, shown(call, channel));
        else
            (void)json_array_append_new(
                errors, json_pack("{s:O, s:o, s:s}", "arn", arn, "code",
                                  json_sprintf("%d", (int)lookup), "message",
                                  emu_lookup_message(lookup)));
    }
    if (json_array_size(channels) + json_array_size(errors) != i) {
        json_decref(channels);
        json_decref(errors);
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    answer = json_pack("{s:o, s:o}", "channels", channels, "errors", errors);
    return emu_response_json(res, 200, answer);
}

bool
emu_list_channels(const emu_call *call, emu_response *res)
{
    static const char *const members[] = {"arn",
                                          "name",
                                          "latencyMode",
                                          "authorized",
                                          "recordingConfigurationArn",
                                          "tags",
                                          "insecureIngest",
                                          "type",
                                          "preset",
                                          "playbackRestrictionPolicyArn",
                                          "adConfigurationArn",
                                          NULL};
    static const char *const filters[] = {
        "filterByName", "filterByRecordingConfigurationArn",
        "filterByPlaybackRestrictionPolicyArn", "filterByAdConfigurationArn"};
    emu_listing listing = {
        .type = IVS_ARN_CHANNEL, .result = "channels", .members = members};
    size_t given = 0;

    for (size_t i = 0; i < 4; i++)
        given += *emu_input_text(call, filters[i], "") != '\0';
    if (given > 1)
        return emu_refuse(res, EMU_CONFLICT,
                          "filters are mutually exclusive, expected one");
    listing.name = emu_input_text(call, "filterByName", NULL);
    /* No channel refers to anything: the other filters match none. */
    if (given == 1 && (listing.name == NULL || *listing.name == '\0')) {
        return emu_response_json(res, 200, json_pack("{s:[]}", "channels"));
    }
    if (listing.name != NULL && *listing.name == '\0')
        listing.name = NULL;
    return emu_list(call, &listing, res);
}

bool
emu_update_channel(const emu_call *call, emu_response *res)
{
    json_t *channel = NULL, *answer;
    ivs_buf text = IVS_BUF_INIT;
    bool stored = false;
    int64_t seq = 0;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "arn", &channel, &seq, res))
        return false;
    if (!apply_input(call, channel, res)) {
        json_decref(channel);
        return false;
    }
    ivs_json_append(&text, channel, false);
    if (!text.failed)
        stored = emu_store_update(
            call->emu->store, seq,
            json_string_value(json_object_get(channel, "name")), text.data);
    ivs_buf_free(&text);
    answer = json_pack("{s:o}", "channel", shown(call, channel));
    if (!stored) {
        json_decref(answer);
        return emu_refuse(res, EMU_INTERNAL, "cannot store the channel");
    }
    return emu_response_json(res, 200, answer);
}

bool
emu_delete_channel(const emu_call *call, emu_response *res)
{
    int64_t seq = 0;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "arn", NULL, &seq, res))
        return false;
    if (!emu_store_delete(call->emu->store, seq))
        return emu_refuse(res, EMU_INTERNAL, "cannot delete the channel");
    res->status = 204;
    return true;
}
