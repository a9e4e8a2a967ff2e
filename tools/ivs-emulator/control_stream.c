/* SPDX-License-Identifier: MIT */
/* POST /_/streams begins and ends streams, as an encoder does with the
 * service's ingest. GET /_/streams?channelArn=… shows a channel's latest one.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

#include "control.h"
#include "stream_media.h"

#define TEXT_MAX 2048

static bool
add_cue(const char *document, void *user)
{
    json_t *cue = NULL;

    return ivs_json_parse(document, strlen(document), IVS_JSON_OBJECT,
                          "a stored document", &cue, NULL, NULL) == IVS_OK &&
           json_array_append_new(user, cue) == 0;
}

/* Takes the reference to cues. */
static json_t *
describe(const emu_call *call, const emu_stream *stream, json_t *cues)
{
    static const char *const members[] = {"startTime", "endTime",
                                          EMU_STREAM_END_REASON, NULL};
    json_t *session = emu_summary(stream->document, members), *shown;

    shown = json_pack(
        "{s:s, s:s, s:s, s:s, s:O, s:O*, s:O*, s:o*, s:o}", "channelArn",
        emu_input_text(call, "channelArn", ""), "streamId", stream->id, "state",
        stream->live ? "LIVE" : "OFFLINE", "health", stream->health,
        "startTime", json_object_get(session, "startTime"), "endTime",
        json_object_get(session, "endTime"), EMU_STREAM_END_REASON,
        json_object_get(session, EMU_STREAM_END_REASON), "media",
        emu_stream_describe_media(call->emu, stream), "cues", cues);
    json_decref(session);
    return shown;
}

/* Answer with the latest stream of the channel and what was put into it. */
static bool
show(const emu_call *call, void *user, emu_response *res)
{
    ivs_buf text = IVS_BUF_SECRET;
    json_t *cues = json_array(), *shown = NULL;
    emu_store *store = call->emu->store;
    emu_stream stream;
    int64_t channel = 0;
    emu_found found;

    (void)user;
    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL, &channel,
                         res)) {
        json_decref(cues);
        return false;
    }
    found = emu_store_stream_get(store, channel, NULL, &stream, &text);
    if (found == EMU_FOUND &&
        emu_store_cue_list(store, stream.seq, add_cue, cues))
        shown = describe(call, &stream, cues);
    else
        json_decref(cues);
    ivs_buf_free(&text);
    if (found == EMU_NONE)
        return emu_refuse(res, EMU_NOT_FOUND, "the channel had no stream yet");
    return emu_response_json(res, 200, shown);
}

static bool
check_health(const json_t *input, ivs_error *err)
{
    static const char *const healths[] = {"HEALTHY", "STARVING", "UNKNOWN"};
    const char *health = healths[0];
    bool known = false;

    if (!emu_read_text(input, "health", NULL, TEXT_MAX, &health, err))
        return false;
    for (size_t i = 0; i < sizeof healths / sizeof *healths; i++)
        known |= strcmp(health, healths[i]) == 0;
    return known || emu_wrong(EMU_MEMBER(NULL, "health"), err,
                              "is '%.40s', expected HEALTHY, STARVING or "
                              "UNKNOWN",
                              health);
}

/* Is a member there that needs another one? */
static bool
check_alone(const json_t *input, const char *member, const char *needs,
            ivs_error *err)
{
    return json_object_get(input, member) == NULL ||
           emu_wrong(EMU_MEMBER(NULL, member), err, "is expected only with %s",
                     needs);
}

/* {"channelArn":ARN, "action":"start"|"stop"}; with start also health, from,
 * and with that ladder and loop, which emu_stream_plan() looks at. */
static bool
check_input(const json_t *input, ivs_error *err)
{
    static const char *const members[] = {
        "channelArn", "action", "health", "from", "ladder", "loop", NULL};
    const char *action = NULL, *arn = NULL, *needs = NULL;

    if (!emu_read_object(input, NULL, members, err) ||
        !emu_read_text(input, "channelArn", NULL, TEXT_MAX, &arn, err) ||
        !emu_read_text(input, "action", NULL, TEXT_MAX, &action, err))
        return false;
    if (action == NULL)
        return emu_wrong(EMU_MEMBER(NULL, "action"), err,
                         "is missing, expected start or stop");
    if (strcmp(action, "start") != 0 && strcmp(action, "stop") != 0)
        return emu_wrong(EMU_MEMBER(NULL, "action"), err,
                         "is '%.40s', expected start or stop", action);
    if (strcmp(action, "stop") == 0)
        needs = "the action start";
    if (needs != NULL && (!check_alone(input, "health", needs, err) ||
                          !check_alone(input, "from", needs, err)))
        return false;
    if (needs == NULL && json_object_get(input, "from") == NULL)
        needs = "from";
    return (needs == NULL || (check_alone(input, "ladder", needs, err) &&
                              check_alone(input, "loop", needs, err))) &&
           check_health(input, err);
}

/* What a request to begin a stream asks for. */
struct start {
    emu_stream stream;
    bool pictures; /* as planned */
    emu_media_plan plan;
};

/* In the transaction that begins the stream: whoever ends it comes after that,
 * and finds them. */
static bool
begin_media(const emu_call *call, struct start *start, emu_response *res)
{
    emu_media_plan *plan = &start->plan;
    ivs_error err = {0};
    ivs_status s;

    (void)snprintf(plan->channel_arn, sizeof plan->channel_arn, "%s",
                   emu_input_text(call, "channelArn", ""));
    memcpy(plan->stream, start->stream.id, sizeof plan->stream);
    s = emu_media_start(call->emu->media, plan, &err);
    plan->source.file = -1;
    return s == IVS_OK ||
           emu_refuse(res, s == IVS_E_STATE ? EMU_CONFLICT : EMU_INTERNAL, "%s",
                      err.message);
}

static bool
change(const emu_call *call, void *user, emu_response *res)
{
    struct start *start = user;

    if (start == NULL)
        return emu_stream_stop(call, res) && show(call, NULL, res);
    return emu_stream_start(call, &start->stream, res) &&
           (!start->pictures || begin_media(call, start, res)) &&
           show(call, NULL, res);
}

static void
begin(emu_emulator *emu, const json_t *input, emu_response *res)
{
    const char *health = json_string_value(json_object_get(input, "health"));
    const json_t *from = json_object_get(input, "from");
    struct start start = {
        .stream = {.health = health == NULL ? "HEALTHY" : health,
                   .ladder = EMU_LADDER_ALL,
                   .source = json_string_value(from)},
        .pictures = from != NULL,
        .plan = {.source = {.file = -1}}};

    if (from != NULL && !emu_stream_plan(emu, input, &start.plan, res))
        return;
    if (from != NULL)
        start.stream.ladder = start.plan.ladder;
    if (emu_stream_call(emu, input, change, &start, res))
        return;
    emu_media_stop(emu->media, start.plan.stream);
    if (start.plan.source.file >= 0)
        (void)close(start.plan.source.file);
}

void
emu_control_show_stream(emu_emulator *emu, const emu_request *req,
                        const json_t *input, emu_response *res)
{
    ivs_buf arn = IVS_BUF_INIT;
    json_t *query = NULL;

    (void)input;
    if (!emu_control_channel_arn(req, &arn, res)) {
        ivs_buf_free(&arn);
        return;
    }
    if (arn.data != NULL)
        query = json_pack("{s:s%}", "channelArn", arn.data, arn.len);
    ivs_buf_free(&arn);
    (void)emu_stream_call(emu, query, show, NULL, res);
    json_decref(query);
}

void
emu_control_change_stream(emu_emulator *emu, const emu_request *req,
                          const json_t *input, emu_response *res)
{
    const char *action = json_string_value(json_object_get(input, "action"));
    ivs_error err = {0};

    (void)req;
    if (!check_input(input, &err))
        (void)emu_control_refuse(res, &err);
    else if (strcmp(action, "stop") == 0)
        (void)emu_stream_call(emu, input, change, NULL, res);
    else
        begin(emu, input, res);
}
