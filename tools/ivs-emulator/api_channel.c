/* SPDX-License-Identifier: MIT */
/* The operations on channels. */

#include "api.h"
#include "channel.h"

static bool
answer_created(const emu_call *call, json_t *channel, int64_t seq,
               emu_response *res)
{
    json_t *key = emu_stream_key_new(call, channel, seq,
                                     json_object_get(channel, "tags"), res);

    if (key == NULL)
        return false;
    return emu_response_json(
        res, 200,
        json_pack("{s:o, s:o}", "channel",
                  emu_channel_show(call, json_incref(channel)), "streamKey",
                  key));
}

bool
emu_create_channel(const emu_call *call, emu_response *res)
{
    emu_new new = {.type = IVS_ARN_CHANNEL, .document = emu_channel_defaults()};
    json_t *tags = emu_input_tags(call, res);
    bool created = false;
    int64_t seq = 0;

    if (tags != NULL && json_object_set_new(new.document, "tags", tags) == 0 &&
        emu_channel_apply(call, new.document, res)) {
        if (!emu_channel_add_endpoints(call, new.document))
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
    json_t *channel = NULL;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "arn", &channel, NULL, res))
        return false;
    return emu_response_json(
        res, 200,
        json_pack("{s:o}", "channel", emu_channel_show(call, channel)));
}

bool
emu_batch_get_channel(const emu_call *call, emu_response *res)
{
    return emu_batch_get(call, "channels", emu_channel_show, res);
}

/* The one filter of the input, if there is one. */
static bool
read_filter(const emu_call *call, emu_filter *filter, emu_response *res)
{
    static const char *const inputs[] = {"filterByRecordingConfigurationArn",
                                         "filterByPlaybackRestrictionPolicyArn",
                                         "filterByAdConfigurationArn"};
    const char *name = emu_input_text(call, "filterByName", "");
    size_t given = *name != '\0';

    if (given > 0)
        filter->name = name;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        const char *arn = emu_input_text(call, inputs[i], "");

        if (*arn == '\0')
            continue;
        filter->member = emu_references[i].member;
        filter->value = arn;
        given++;
    }
    if (given > 1)
        return emu_refuse(res, EMU_CONFLICT,
                          "filters are mutually exclusive, expected one");
    return true;
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
    emu_listing listing = {.result = "channels",
                           .members = members,
                           .filter = {.type = IVS_ARN_CHANNEL}};

    return read_filter(call, &listing.filter, res) &&
           emu_list(call, &listing, res);
}

/* A channel stays as it is while it is live. */
static bool
find_offline(const emu_call *call, json_t **ret_channel, int64_t *ret_seq,
             emu_response *res)
{
    ivs_buf text = IVS_BUF_INIT;
    emu_stream stream = {0};
    emu_found found;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "arn", ret_channel, ret_seq,
                         res))
        return false;
    found =
        emu_store_stream_get(call->emu->store, *ret_seq, NULL, &stream, &text);
    ivs_buf_free(&text);
    if (found != EMU_FAILED && !stream.live)
        return true;
    json_decref(*ret_channel);
    if (found == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    return emu_refuse(res, EMU_CONFLICT,
                      "channel %s is live, expected it to be offline; "
                      "StopStream ends its stream",
                      emu_input_text(call, "arn", ""));
}

bool
emu_update_channel(const emu_call *call, emu_response *res)
{
    json_t *channel = NULL;
    int64_t seq = 0;

    if (!find_offline(call, &channel, &seq, res))
        return false;
    if (!emu_channel_apply(call, channel, res) ||
        !emu_save(call, seq, channel, res)) {
        json_decref(channel);
        return false;
    }
    return emu_response_json(
        res, 200,
        json_pack("{s:o}", "channel", emu_channel_show(call, channel)));
}

bool
emu_delete_channel(const emu_call *call, emu_response *res)
{
    json_t *channel = NULL;
    int64_t seq = 0;

    if (!find_offline(call, &channel, &seq, res))
        return false;
    json_decref(channel);
    if (!emu_store_delete(call->emu->store, seq))
        return emu_refuse(res, EMU_INTERNAL, "cannot delete the channel");
    res->status = 204;
    return true;
}
