/* SPDX-License-Identifier: MIT */
/* What is put into a live stream: timed metadata, ad breaks. The control API
 * shows them; of these two, metadata is put into the media, where there are
 * any.
 */

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#include "stream.h"

/* Amazon IVS user guide, "Service quotas". */
#define METADATA_MAX        1024
#define METADATA_PER_SECOND 5

/* Takes the reference to cue; NULL: out of memory. */
static bool
store_cue(const emu_call *call, int64_t stream, json_t *cue, emu_response *res)
{
    ivs_buf text = IVS_BUF_INIT;
    bool stored = false;

    if (cue != NULL)
        ivs_json_append(&text, cue, false);
    json_decref(cue);
    if (text.data != NULL && !text.failed)
        stored = emu_store_cue_add(call->emu->store, stream, text.data);
    ivs_buf_free(&text);
    if (!stored)
        return emu_refuse(res, EMU_INTERNAL, "cannot store the change");
    return true;
}

/* Which stream, without its text. */
static bool
find_live(const emu_call *call, emu_stream *ret, emu_response *res)
{
    ivs_buf text = IVS_BUF_SECRET;
    emu_stream stream;
    bool found = emu_stream_find(call, &stream, &text, NULL, res);

    if (found)
        *ret = (emu_stream){.seq = stream.seq, .channel = stream.channel};
    if (found)
        memcpy(ret->id, stream.id, sizeof ret->id);
    ivs_buf_free(&text);
    return found;
}

/* The rate of a channel, besides the one of the account. */
static bool
check_rate(const emu_call *call, int64_t channel, emu_response *res)
{
    emu_quota_key key = {.scope = *call->scope,
                         .operation = call->operation->name,
                         .channel = channel};

    if (call->emu->quota == NULL ||
        emu_quota_take(call->emu->quota, &key, METADATA_PER_SECOND,
                       ivs_clock_monotonic_ms()))
        return true;
    return emu_refuse(res, EMU_THROTTLED,
                      "Rate exceeded: PutMetadata may be called %d times a "
                      "second for each channel",
                      METADATA_PER_SECOND);
}

bool
emu_put_metadata(const emu_call *call, emu_response *res)
{
    const char *metadata = emu_input_text(call, "metadata", "");
    emu_stream stream;

    if (strlen(metadata) > METADATA_MAX)
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: metadata failed to satisfy the "
                          "constraints: it has %zu bytes, expected at most %d",
                          strlen(metadata), METADATA_MAX);
    if (!find_live(call, &stream, res) ||
        !check_rate(call, stream.channel, res) ||
        !store_cue(call, stream.seq,
                   json_pack("{s:s, s:o, s:s}", "type", "metadata", "time",
                             emu_time(emu_now_s(call->emu)), "metadata",
                             metadata),
                   res))
        return false;
    if (!emu_media_put_text(call->emu->media, stream.id, metadata))
        return emu_refuse(res, EMU_THROTTLED,
                          "Rate exceeded: too much metadata waits for the next "
                          "picture");
    res->status = 204;
    return true;
}

bool
emu_insert_ad_break(const emu_call *call, emu_response *res)
{
    emu_stream stream;
    char id[13];

    if (!find_live(call, &stream, res))
        return false;
    if (!emu_make_id(call, id, 12))
        return emu_refuse(res, EMU_INTERNAL, "no random bytes");
    return store_cue(call, stream.seq,
                     json_pack("{s:s, s:o, s:s, s:I}", "type", "adBreak",
                               "time", emu_time(emu_now_s(call->emu)),
                               "adBreakId", id, "durationSeconds",
                               (json_int_t)emu_input_number(
                                   call, "durationSeconds", 0)),
                     res) &&
           emu_response_json(res, 200, json_pack("{s:s}", "adBreakId", id));
}
