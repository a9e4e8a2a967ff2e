/* SPDX-License-Identifier: MIT */
/* What is read of a channel. Of the documents only those of keys that are new
 * are parsed while the store is locked. */

#include "edge_channel.h"

#include <string.h>

#include "base/json.h"

#include "edge_keys.h"

struct reading {
    emu_emulator *emu;
    emu_channel *channel;
    ivs_buf policy;
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

/* The document of the policy that the channel refers to, if any. */
static emu_found
read_policy(struct reading *r)
{
    const char *text = r->channel->played.policy;
    ivs_arn policy = {0};

    if (*text == '\0')
        return EMU_FOUND;
    if (ivs_arn_parse(text, strlen(text), &policy, NULL) != IVS_OK)
        return EMU_FAILED;
    return emu_store_get(r->emu->store, &r->channel->scope,
                         IVS_ARN_PLAYBACK_RESTRICTION_POLICY, policy.id,
                         &r->policy, NULL);
}

static emu_found
read_rows(struct reading *r)
{
    emu_filter keys = {.type = IVS_ARN_PLAYBACK_KEY};
    emu_store *store = r->emu->store;
    emu_channel *channel = r->channel;
    emu_found found = emu_store_played(store, &channel->scope, channel->arn.id,
                                       &channel->played);

    if (found != EMU_FOUND)
        return found;
    if (read_policy(r) != EMU_FOUND)
        return EMU_FAILED;
    if (channel->played.authorized &&
        (!emu_store_list(store, &channel->scope, &keys, add_key, r) ||
         r->failed))
        return EMU_FAILED;
    return EMU_FOUND;
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
    struct reading r = {.emu = emu, .channel = channel, .policy = IVS_BUF_INIT};
    emu_found found = EMU_FAILED;

    if (!read_arn(channel))
        return EMU_NONE;
    if (emu_store_begin(emu->store)) {
        found = read_rows(&r);
        (void)emu_store_end(emu->store, false);
    }
    if (found == EMU_FOUND && r.policy.len > 0 &&
        ivs_json_parse(r.policy.data, r.policy.len, IVS_JSON_OBJECT,
                       "a stored document", &channel->policy, NULL,
                       NULL) != IVS_OK)
        found = EMU_FAILED;
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
