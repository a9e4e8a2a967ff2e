/* SPDX-License-Identifier: MIT */
/* The operations on streams and their sessions. */

#include <string.h>

#include "base/json.h"

#include "channel.h"
#include "stream.h"

/* A live stream as GetStream and ListStreams show it; NULL: failed. */
static json_t *
describe(const emu_call *call, const emu_stream *stream, const json_t *session)
{
    int64_t viewers = emu_store_viewers(call->emu->store, stream->channel,
                                        emu_now_s(call->emu));

    if (viewers < 0)
        return NULL;
    return json_pack(
        "{s:O, s:s, s:O, s:s, s:s, s:I}", "channelArn",
        json_object_get(json_object_get(session, "channel"), "arn"), "streamId",
        stream->id, "startTime", json_object_get(session, "startTime"), "state",
        "LIVE", "health", stream->health, "viewerCount", (json_int_t)viewers);
}

bool
emu_get_stream(const emu_call *call, emu_response *res)
{
    ivs_buf text = IVS_BUF_SECRET;
    json_t *session = NULL, *channel, *shown, *answer = NULL;
    emu_stream stream;

    if (!emu_stream_find(call, &stream, &text, &session, res)) {
        ivs_buf_free(&text);
        return false;
    }
    channel = json_incref(json_object_get(session, "channel"));
    channel = emu_channel_show(call, channel);
    shown = describe(call, &stream, session);
    if (json_object_set(shown, "playbackUrl",
                        json_object_get(channel, "playbackUrl")) == 0)
        answer = json_pack("{s:O}", "stream", shown);
    json_decref(shown);
    json_decref(channel);
    json_decref(session);
    ivs_buf_free(&text);
    return emu_response_json(res, 200, answer);
}

struct listed {
    const emu_call *call;
    emu_page page;
};

static bool
add_stream(const emu_stream *row, void *user)
{
    struct listed *listed = user;
    json_t *session = NULL, *shown = NULL;

    if (!emu_page_has_room(&listed->page))
        return false;
    if (ivs_json_parse(row->document, strlen(row->document), IVS_JSON_OBJECT,
                       "a stored document", &session, NULL, NULL) == IVS_OK)
        shown = describe(listed->call, row, session);
    json_decref(session);
    return emu_page_add(&listed->page, shown, row->seq);
}

bool
emu_list_streams(const emu_call *call, emu_response *res)
{
    const char *health = json_string_value(
        json_object_get(json_object_get(call->input, "filterBy"), "health"));
    struct listed listed = {.call = call};
    bool done;

    if (!emu_page_begin(call, &listed.page, res))
        return false;
    done =
        emu_store_stream_live(call->emu->store, call->scope, listed.page.place,
                              health, add_stream, &listed);
    return emu_page_end(call, &listed.page, done, "streams", res);
}

bool
emu_get_stream_session(const emu_call *call, emu_response *res)
{
    const char *id = emu_input_text(call, "streamId", NULL);
    ivs_buf text = IVS_BUF_SECRET;
    json_t *session = NULL, *channel;
    emu_stream stream;
    emu_found found;
    int64_t seq = 0;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL, &seq, res))
        return false;
    found = emu_store_stream_get(call->emu->store, seq, id, &stream, &text);
    if (found == EMU_FOUND &&
        ivs_json_parse(stream.document, strlen(stream.document),
                       IVS_JSON_OBJECT, "a stored document", &session, NULL,
                       NULL) != IVS_OK)
        found = EMU_FAILED;
    ivs_buf_free(&text);
    if (found == EMU_NONE)
        return emu_refuse(res, EMU_NOT_FOUND, "Stream session: %s not found",
                          id == NULL ? emu_input_text(call, "channelArn", "")
                                     : id);
    if (found == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    (void)json_object_del(session, "hasErrorEvent"); /* of the summary */
    (void)json_object_del(session, EMU_STREAM_END_REASON);
    channel = json_incref(json_object_get(session, "channel"));
    channel = emu_channel_show(call, channel);
    if (channel == NULL) {
        json_decref(session);
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    json_decref(channel);
    return emu_response_json(res, 200,
                             json_pack("{s:o}", "streamSession", session));
}

static bool
add_session(const emu_stream *row, void *user)
{
    static const char *const members[] = {"streamId", "startTime", "endTime",
                                          "hasErrorEvent", NULL};
    struct listed *listed = user;

    return emu_page_has_room(&listed->page) &&
           emu_page_add(&listed->page, emu_summary(row->document, members),
                        row->seq);
}

bool
emu_list_stream_sessions(const emu_call *call, emu_response *res)
{
    struct listed listed = {.call = call};
    int64_t channel = 0;
    bool done;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL, &channel,
                         res) ||
        !emu_page_begin(call, &listed.page, res))
        return false;
    done = emu_store_stream_past(call->emu->store, channel, listed.page.place,
                                 add_session, &listed);
    return emu_page_end(call, &listed.page, done, "streamSessions", res);
}

bool
emu_stop_stream(const emu_call *call, emu_response *res)
{
    return emu_stream_stop(call, res) &&
           emu_response_json(res, 200, json_object());
}
