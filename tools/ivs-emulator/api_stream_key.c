/* SPDX-License-Identifier: MIT */
/* Stream keys: one for each channel, made with it. */

#include <string.h>

#include "api.h"
#include "channel.h"

/* sk_REGION_ID_SECRET, ID that of the ARN. */
static bool
add_value(const emu_call *call, json_t *key)
{
    const char *arn = json_string_value(json_object_get(key, "arn"));
    const char *fixed = emu_fixed(call, IVS_ARN_STREAM_KEY, "value");
    char random[31];

    if (fixed != NULL)
        return json_object_set_new(key, "value", json_string(fixed)) == 0;
    return emu_make_id(call, random, 30) &&
           json_object_set_new(key, "value",
                               json_sprintf("sk_%s_%s_%s", call->scope->region,
                                            strrchr(arn, '/') + 1, random)) ==
               0;
}

json_t *
emu_stream_key_new(const emu_call *call, const json_t *channel, int64_t parent,
                   json_t *tags, emu_response *res)
{
    emu_new new = {.type = IVS_ARN_STREAM_KEY, .parent = parent};
    int64_t seq = 0;

    new.document = json_pack("{s:O, s:O}", "channelArn",
                             json_object_get(channel, "arn"), "tags", tags);
    if (new.document == NULL) {
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
        return NULL;
    }
    if (emu_create(call, &new, &seq, res)) {
        if (!add_value(call, new.document))
            (void)emu_refuse(res, EMU_INTERNAL, "no random bytes");
        else if (emu_save(call, seq, new.document, res))
            return new.document;
    }
    json_decref(new.document);
    return NULL;
}

/* Quota L-80F95143. */
static bool
check_others(const emu_call *call, int64_t channel, emu_response *res)
{
    emu_filter filter = {.type = IVS_ARN_STREAM_KEY, .parent = channel};
    emu_found found = emu_any(call, &filter);

    if (found == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    if (found == EMU_FOUND)
        return emu_refuse(res, EMU_RESOURCE_QUOTA,
                          "there is a stream key, and 1 is the quota of a "
                          "channel");
    return true;
}

bool
emu_create_stream_key(const emu_call *call, emu_response *res)
{
    json_t *channel = NULL, *tags = NULL, *key = NULL;
    int64_t seq = 0;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", &channel, &seq,
                         res))
        return false;
    if (check_others(call, seq, res) &&
        (tags = emu_input_tags(call, res)) != NULL)
        key = emu_stream_key_new(call, channel, seq, tags, res);
    json_decref(tags);
    json_decref(channel);
    if (key == NULL)
        return false;
    return emu_response_json(res, 200, json_pack("{s:o}", "streamKey", key));
}

bool
emu_get_stream_key(const emu_call *call, emu_response *res)
{
    json_t *key = NULL;

    if (!emu_find_member(call, IVS_ARN_STREAM_KEY, "arn", &key, NULL, res))
        return false;
    return emu_response_json(res, 200, json_pack("{s:o}", "streamKey", key));
}

static json_t *
show(const emu_call *call, json_t *key)
{
    (void)call;
    return key;
}

bool
emu_batch_get_stream_key(const emu_call *call, emu_response *res)
{
    return emu_batch_get(call, "streamKeys", show, res);
}

bool
emu_list_stream_keys(const emu_call *call, emu_response *res)
{
    static const char *const members[] = {"arn", "channelArn", "tags", NULL};
    emu_listing listing = {.result = "streamKeys",
                           .members = members,
                           .filter = {.type = IVS_ARN_STREAM_KEY}};

    return emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL,
                           &listing.filter.parent, res) &&
           emu_list(call, &listing, res);
}

bool
emu_delete_stream_key(const emu_call *call, emu_response *res)
{
    int64_t seq = 0;

    if (!emu_find_member(call, IVS_ARN_STREAM_KEY, "arn", NULL, &seq, res))
        return false;
    if (!emu_store_delete(call->emu->store, seq))
        return emu_refuse(res, EMU_INTERNAL, "cannot delete the stream key");
    res->status = 204;
    return true;
}
