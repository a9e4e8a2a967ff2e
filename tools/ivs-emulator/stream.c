/* SPDX-License-Identifier: MIT */
/* The life of a stream. Its document is the session as GetStreamSession shows
 * it, but for the URL of the channel in it. */

#include "stream.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"

/* An event of a stream. Names, types and order are assumed: README.md. */
struct event {
    const char *name;
    bool of_recording;
};

json_t *
emu_time(int64_t time_s)
{
    char text[IVS_TIME_SIZE];

    ivs_time_format(time_s, text);
    return json_string(text);
}

/* The latest event stands first; events of the recording only where there is
 * one. */
static bool
add_events(json_t *session, const struct event *events, size_t n, int64_t now_s)
{
    json_t *list = json_object_get(session, "truncatedEvents");
    bool recorded = json_object_get(session, "recordingConfiguration") != NULL;

    for (size_t i = 0; i < n; i++) {
        json_t *event;

        if (events[i].of_recording && !recorded)
            continue;
        event = json_pack("{s:s, s:s, s:o}", "name", events[i].name, "type",
                          events[i].of_recording ? "IVS Recording State Change"
                                                 : "IVS Stream State Change",
                          "eventTime", emu_time(now_s));
        if (json_array_insert_new(list, 0, event) != 0)
            return false;
    }
    return true;
}

/* What an encoder would have sent: the best picture of the ladder, NULL for
 * sound alone. Members without a value are left out. */
static json_t *
video(emu_ladder ladder, const char *track)
{
    const emu_rendition *r = emu_ladder_picture(ladder);
    char codec[12], level[24];
    const char *profile;
    unsigned avc[2];

    if (r == NULL)
        return NULL;
    (void)snprintf(codec, sizeof codec, "%.11s", r->codecs);
    emu_rendition_avc(r, &avc[0], &avc[1]);
    profile = avc[0] == EMU_AVC_HIGH ? "High" : "Main";
    (void)snprintf(level, sizeof level, "%u.%u", avc[1] / 10, avc[1] % 10);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:s*, s:s*, s:s*}",
        "avcProfile", profile, "avcLevel", level, "codec", codec, "encoder",
        "ivs-emulator", "targetBitrate", r->bandwidth, "targetFramerate",
        r->fps, "videoHeight", r->height, "videoWidth", r->width, "profile",
        track == NULL ? NULL : profile, "level", track == NULL ? NULL : level,
        "track", track);
}

static json_t *
audio(const char *track)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:s*}", "codec", "mp4a.40.2",
                     "targetBitrate", 160000, "sampleRate", 48000, "channels",
                     2, "track", track);
}

/* The recording configuration of a channel, as it is now. */
static bool
add_recording(const emu_call *call, const json_t *channel, json_t *session,
              emu_response *res)
{
    const char *arn = json_string_value(
        json_object_get(channel, "recordingConfigurationArn"));
    json_t *recording = NULL;

    if (arn == NULL || *arn == '\0')
        return true;
    if (emu_find(call, IVS_ARN_RECORDING_CONFIGURATION, arn, &recording,
                 NULL) != EMU_LOOKUP_FOUND ||
        json_object_set_new(session, "recordingConfiguration", recording) != 0)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    return true;
}

static json_t *
new_session(const emu_call *call, const emu_stream *stream, json_t *channel,
            emu_response *res)
{
    static const struct event events[] = {{"Session Created", false},
                                          {"Stream Start", false},
                                          {"Recording Start", true}};
    json_t *session = json_pack(
        "{s:s, s:o, s:O, s:{s:o*, s:o}, s:{s:[o*], s:[o]}, s:[], "
        "s:b}",
        "streamId", stream->id, "startTime", emu_time(stream->start_s),
        "channel", channel, "ingestConfiguration", "video",
        video(stream->ladder, NULL), "audio", audio(NULL),
        "ingestConfigurations", "videoConfigurations",
        video(stream->ladder, "track0"), "audioConfigurations", audio("track0"),
        "truncatedEvents", "hasErrorEvent", 0);

    if (session == NULL) {
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
        return NULL;
    }
    if (add_recording(call, channel, session, res)) {
        if (add_events(session, events, sizeof events / sizeof *events,
                       stream->start_s))
            return session;
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    json_decref(session);
    return NULL;
}

bool
emu_stream_start(const emu_call *call, emu_stream *stream, emu_response *res)
{
    json_t *channel = NULL, *session = NULL;
    emu_found started = EMU_FAILED;
    ivs_buf text = IVS_BUF_SECRET; /* the channel has a passphrase */

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", &channel,
                         &stream->channel, res))
        return false;
    stream->start_s = emu_now_s(call->emu);
    memcpy(stream->id, "st-", 3);
    if (emu_make_id(call, stream->id + 3, 23))
        session = new_session(call, stream, channel, res);
    json_decref(channel);
    if (session == NULL)
        return res->status == 0
                   ? emu_refuse(res, EMU_INTERNAL, "no random bytes")
                   : false;
    ivs_json_append(&text, session, false);
    json_decref(session);
    if (!text.failed) {
        stream->document = text.data;
        started = emu_store_stream_start(call->emu->store, stream);
        stream->document = NULL;
    }
    ivs_buf_free(&text);
    if (started == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot store the stream");
    if (started == EMU_NONE)
        return emu_refuse(res, EMU_CONFLICT, "channel %s is live already",
                          emu_input_text(call, "channelArn", ""));
    return true;
}

bool
emu_stream_find(const emu_call *call, emu_stream *ret, ivs_buf *text,
                json_t **ret_session, emu_response *res)
{
    int64_t channel = 0;
    emu_found found;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL, &channel,
                         res))
        return false;
    found = emu_store_stream_get(call->emu->store, channel, NULL, ret, text);
    if (found == EMU_NONE || (found == EMU_FOUND && !ret->live))
        return emu_refuse(res, EMU_NOT_BROADCASTING,
                          "channel %s is offline, expected it to be live",
                          emu_input_text(call, "channelArn", ""));
    if (found == EMU_FOUND && ret_session != NULL &&
        ivs_json_parse(ret->document, strlen(ret->document), IVS_JSON_OBJECT,
                       "a stored document", ret_session, NULL, NULL) != IVS_OK)
        found = EMU_FAILED;
    if (found == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    return true;
}

/* Id is that of the stream which is to end, NULL: whichever is live. */
static bool
stop(const emu_call *call, const char *id, const char *why, emu_response *res)
{
    static const struct event events[] = {{"Recording End", true},
                                          {"Stream End", false},
                                          {"Session Ended", false}};
    ivs_buf text = IVS_BUF_SECRET, document = IVS_BUF_SECRET;
    json_t *session = NULL;
    emu_stream stream;
    bool stopped = false;
    int64_t end_s;

    if (!emu_stream_find(call, &stream, &text, &session, res))
        goto out;
    if (id != NULL && strcmp(stream.id, id) != 0) {
        (void)emu_refuse(res, EMU_NOT_BROADCASTING, "another stream is live");
        goto out;
    }
    /* The clock may have been put back: no stream ends before it began. */
    if ((end_s = emu_now_s(call->emu)) < stream.start_s)
        end_s = stream.start_s;
    if (json_object_set_new(session, "endTime", emu_time(end_s)) == 0 &&
        (why == NULL || json_object_set_new(session, EMU_STREAM_END_REASON,
                                            json_string(why)) == 0) &&
        add_events(session, events, sizeof events / sizeof *events, end_s))
        ivs_json_append(&document, session, false);
    if (document.data != NULL && !document.failed)
        stopped = emu_store_stream_end(call->emu->store, &stream, document.data,
                                       end_s);
    /* A stream that stays live keeps its media. */
    stopped = stopped && emu_store_commit(call->emu->store);
    if (stopped)
        emu_media_stop(call->emu->media, stream.id);
    else
        (void)emu_refuse(res, EMU_INTERNAL, "cannot store the change");
out:
    json_decref(session);
    ivs_buf_free(&document);
    ivs_buf_free(&text);
    return stopped;
}

bool
emu_stream_stop(const emu_call *call, emu_response *res)
{
    return stop(call, NULL, NULL, res);
}

bool
emu_stream_scope(const char *text, emu_scope *ret)
{
    ivs_arn arn;

    if (ivs_arn_parse(text, strlen(text), &arn, NULL) != IVS_OK ||
        strlen(arn.account) >= sizeof ret->account ||
        strlen(arn.region) >= sizeof ret->region)
        return false;
    memcpy(ret->account, arn.account, strlen(arn.account) + 1);
    memcpy(ret->region, arn.region, strlen(arn.region) + 1);
    return true;
}

/* As for the API's operations. */
bool
emu_stream_call(emu_emulator *emu, const json_t *input, emu_stream_step step,
                void *user, emu_response *res)
{
    emu_scope scope = {"", ""};
    emu_call call = {.emu = emu,
                     .scope = &scope,
                     .operation = ivs_operation_find("GetStream"),
                     .input = input};
    const char *arn = emu_input_text(&call, "channelArn", NULL);
    bool done;

    if (arn == NULL)
        return emu_refuse(res, EMU_VALIDATION,
                          "channelArn is missing, expected the ARN of a "
                          "channel");
    if (!emu_stream_scope(arn, &scope))
        return emu_refuse(res, EMU_VALIDATION,
                          "channelArn is '%.100s', expected the ARN of a "
                          "channel",
                          arn);
    if (!emu_store_begin(emu->store))
        return emu_refuse(res, EMU_INTERNAL, "cannot open a transaction");
    done = step(&call, user, res);
    if (!emu_store_end(emu->store, done) && done)
        return emu_refuse(res, EMU_INTERNAL, "cannot store the change");
    return done;
}

struct ending {
    const char *id;
    const char *why;
};

static bool
end(const emu_call *call, void *user, emu_response *res)
{
    const struct ending *ending = user;

    return stop(call, ending->id, ending->why, res);
}

bool
emu_stream_end(emu_emulator *emu, const json_t *input, const char *id,
               const char *why, emu_response *res)
{
    struct ending ending = {id, why};

    return emu_stream_call(emu, input, end, &ending, res);
}
