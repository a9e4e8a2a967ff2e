/* SPDX-License-Identifier: MIT */
/* POST /_/streams begins and ends streams, as an encoder does with the
 * service's ingest. GET /_/streams?channelArn=… shows a channel's latest one.
 */

#include <string.h>

#include "base/json.h"

#include "control.h"
#include "stream.h"

/* The account and region of an ARN. */
static bool
read_scope(const char *text, emu_scope *ret)
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
describe(const char *arn, const emu_stream *stream, json_t *cues)
{
    static const char *const members[] = {"startTime", "endTime", NULL};
    json_t *session = emu_summary(stream->document, members), *shown;

    shown = json_pack(
        "{s:s, s:s, s:s, s:s, s:O, s:O*, s:o}", "channelArn", arn, "streamId",
        stream->id, "state", stream->live ? "LIVE" : "OFFLINE", "health",
        stream->health, "startTime", json_object_get(session, "startTime"),
        "endTime", json_object_get(session, "endTime"), "cues", cues);
    json_decref(session);
    return shown;
}

/* Answer with the latest stream of the channel and what was put into it. */
static bool
show(const emu_call *call, emu_response *res)
{
    ivs_buf text = IVS_BUF_SECRET;
    json_t *cues = json_array(), *shown = NULL;
    emu_store *store = call->emu->store;
    emu_stream stream;
    int64_t channel = 0;
    emu_found found;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL, &channel,
                         res)) {
        json_decref(cues);
        return false;
    }
    found = emu_store_stream_get(store, channel, NULL, &stream, &text);
    if (found == EMU_FOUND &&
        emu_store_cue_list(store, stream.seq, add_cue, cues))
        shown = describe(emu_input_text(call, "channelArn", ""), &stream, cues);
    else
        json_decref(cues);
    ivs_buf_free(&text);
    if (found == EMU_NONE)
        return emu_refuse(res, EMU_NOT_FOUND, "the channel had no stream yet");
    return emu_response_json(res, 200, shown);
}

/* {"channelArn":ARN, "action":"start"|"stop", "health":HEALTH}, the last with
 * start only; HEALTHY without. */
static bool
check_input(const json_t *input)
{
    static const char *const healths[] = {"HEALTHY", "STARVING", "UNKNOWN"};
    const json_t *health = json_object_get(input, "health");
    const char *action = json_string_value(json_object_get(input, "action"));
    bool known = health == NULL;

    if (action == NULL || json_object_size(input) != (health ? 3 : 2) ||
        !json_is_string(json_object_get(input, "channelArn")))
        return false;
    for (size_t i = 0; i < 3 && json_is_string(health); i++)
        known |= strcmp(json_string_value(health), healths[i]) == 0;
    if (strcmp(action, "stop") == 0)
        return health == NULL;
    return strcmp(action, "start") == 0 && known;
}

typedef bool (*step_fn)(const emu_call *call, emu_response *res);

static bool
change(const emu_call *call, emu_response *res)
{
    bool stop = strcmp(emu_input_text(call, "action", ""), "stop") == 0;
    bool done =
        stop ? emu_stream_stop(call, res)
             : emu_stream_start(call, emu_input_text(call, "health", "HEALTHY"),
                                res);

    return done && show(call, res);
}

/* One transaction, as for the API's operations. */
static void
run(emu_emulator *emu, const json_t *input, step_fn step, emu_response *res)
{
    emu_scope scope = {"", ""};
    emu_call call = {.emu = emu,
                     .scope = &scope,
                     .operation = ivs_operation_find("GetStream"),
                     .input = input};
    bool done;

    if (!read_scope(emu_input_text(&call, "channelArn", ""), &scope)) {
        (void)emu_refuse(res, EMU_VALIDATION,
                         "channelArn is not the ARN of a channel");
        return;
    }
    if (!emu_store_begin(emu->store)) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot open a transaction");
        return;
    }
    done = step(&call, res);
    if (!emu_store_end(emu->store, done) && done)
        (void)emu_refuse(res, EMU_INTERNAL, "cannot store the change");
}

void
emu_control_show_stream(emu_emulator *emu, const emu_request *req,
                        const json_t *input, emu_response *res)
{
    ivs_buf arn = IVS_BUF_INIT;
    json_t *query = NULL;

    (void)input;
    if (emu_request_query(req, "channelArn", &arn) && !arn.failed)
        query = json_pack("{s:s%}", "channelArn", arn.data, arn.len);
    ivs_buf_free(&arn);
    run(emu, query, show, res);
    json_decref(query);
}

void
emu_control_change_stream(emu_emulator *emu, const emu_request *req,
                          const json_t *input, emu_response *res)
{
    (void)req;
    if (check_input(input))
        run(emu, input, change, res);
    else
        (void)emu_refuse(res, EMU_VALIDATION,
                         "expected {\"channelArn\":ARN, \"action\":\"start\"} "
                         "or \"stop\"; with start also \"health\": HEALTHY, "
                         "STARVING or UNKNOWN");
}
