/* SPDX-License-Identifier: MIT */
/* What is read of a channel. Only what leads to other rows is parsed while the
 * store is locked. */

#include "edge_channel.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"

#include "edge_keys.h"

struct reading {
    emu_emulator *emu;
    emu_channel *channel;
    ivs_buf document; /* of the channel */
    ivs_buf text;     /* of the stream */
    ivs_buf policy;
    emu_stream stream;
    bool failed; /* a key could not be read */
};

static bool
add_key(const emu_resource *row, void *user)
{
    struct reading *r = user;
    emu_channel *channel = r->channel;
    ivs_key *key = NULL;

    if (channel->nkeys < EMU_CHANNEL_KEYS)
        key = emu_keys_take(r->emu->keys, row->document);
    r->failed = key == NULL;
    if (key != NULL)
        channel->keys[channel->nkeys++] = key;
    return key != NULL;
}

static bool
parse(const char *text, size_t len, json_t **ret)
{
    return ivs_json_parse(text, len, IVS_JSON_OBJECT, "a stored document", ret,
                          NULL, NULL) == IVS_OK;
}

/* Is it private, and which policy does it refer to? */
static bool
read_document(struct reading *r, ivs_arn *ret_policy)
{
    json_t *document = NULL;
    const char *policy;
    bool read = true;

    if (!parse(r->document.data, r->document.len, &document))
        return false;
    r->channel->authorized =
        json_is_true(json_object_get(document, "authorized"));
    policy = json_string_value(
        json_object_get(document, "playbackRestrictionPolicyArn"));
    if (policy != NULL && *policy != '\0')
        read =
            ivs_arn_parse(policy, strlen(policy), ret_policy, NULL) == IVS_OK;
    json_decref(document);
    return read;
}

static emu_found
read_rows(struct reading *r)
{
    emu_filter keys = {.type = IVS_ARN_PLAYBACK_KEY};
    emu_store *store = r->emu->store;
    emu_channel *channel = r->channel;
    ivs_arn policy = {0};
    emu_found found =
        emu_store_get(store, &channel->scope, IVS_ARN_CHANNEL, channel->arn.id,
                      &r->document, &channel->seq);

    if (found != EMU_FOUND)
        return found;
    if (!read_document(r, &policy) ||
        emu_store_stream_get(store, channel->seq, NULL, &r->stream, &r->text) ==
            EMU_FAILED)
        return EMU_FAILED;
    if (policy.id[0] != '\0' &&
        emu_store_get(store, &channel->scope,
                      IVS_ARN_PLAYBACK_RESTRICTION_POLICY, policy.id,
                      &r->policy, NULL) != EMU_FOUND)
        return EMU_FAILED;
    if (channel->authorized &&
        (!emu_store_list(store, &channel->scope, &keys, add_key, r) ||
         r->failed))
        return EMU_FAILED;
    return EMU_FOUND;
}

/* The number of the live stream, and when it began. */
static bool
read_stream(const emu_stream *stream, emu_channel *channel)
{
    json_t *session = NULL;
    const char *start;
    bool read = false;

    if (!stream->live)
        return true;
    if (!parse(stream->document, strlen(stream->document), &session))
        return false;
    start = json_string_value(json_object_get(session, "startTime"));
    read = start != NULL &&
           ivs_time_parse(start, strlen(start), &channel->started_s);
    channel->stream = stream->seq;
    channel->ladder = stream->ladder;
    json_decref(session);
    return read;
}

/* The scope of the ARN, and its text. */
static bool
read_arn(emu_channel *channel)
{
    const ivs_arn *arn = &channel->arn;
    emu_scope *scope = &channel->scope;

    if (strlen(arn->account) >= sizeof scope->account ||
        strlen(arn->region) >= sizeof scope->region ||
        ivs_arn_format(arn, channel->arn_text, NULL) != IVS_OK)
        return false;
    memcpy(scope->account, arn->account, strlen(arn->account) + 1);
    memcpy(scope->region, arn->region, strlen(arn->region) + 1);
    return true;
}

emu_found
emu_channel_load(emu_emulator *emu, emu_channel *channel)
{
    struct reading r = {.emu = emu,
                        .channel = channel,
                        .document = IVS_BUF_SECRET, /* has a passphrase */
                        .text = IVS_BUF_SECRET,
                        .policy = IVS_BUF_INIT};
    emu_found found = EMU_FAILED;

    if (!read_arn(channel))
        return EMU_NONE;
    if (emu_store_begin(emu->store)) {
        found = read_rows(&r);
        (void)emu_store_end(emu->store, false);
    }
    if (found == EMU_FOUND &&
        (!read_stream(&r.stream, channel) ||
         (r.policy.len > 0 &&
          !parse(r.policy.data, r.policy.len, &channel->policy))))
        found = EMU_FAILED;
    ivs_buf_free(&r.document);
    ivs_buf_free(&r.text);
    ivs_buf_free(&r.policy);
    return found;
}

void
emu_channel_free(emu_emulator *emu, emu_channel *channel)
{
    for (size_t i = 0; i < channel->nkeys; i++)
        emu_keys_give_back(emu->keys, channel->keys[i]);
    json_decref(channel->policy);
}
