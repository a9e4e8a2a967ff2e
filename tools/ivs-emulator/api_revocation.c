/* SPDX-License-Identifier: MIT */
/* Revocation of viewer sessions. A revocation is remembered as long as its
 * channel lives: how long the service does so is not documented. */

#include <string.h>

#include "api.h"

static const char version_member[] = "viewerSessionVersionsLessThanOrEqualTo";

bool
emu_start_viewer_session_revocation(const emu_call *call, emu_response *res)
{
    int64_t channel = 0;

    if (!emu_find_member(call, IVS_ARN_CHANNEL, "channelArn", NULL, &channel,
                         res))
        return false;
    if (!emu_store_revoke(call->emu->store, channel,
                          emu_input_text(call, "viewerId", ""),
                          emu_input_number(call, version_member, 0)))
        return emu_refuse(res, EMU_INTERNAL, "cannot store the revocation");
    res->status = 200;
    return true;
}

/* One pair of a batch; 0 or its error code. */
static emu_lookup
revoke_pair(const emu_call *call, const json_t *pair)
{
    emu_call one = *call;
    emu_lookup lookup;
    int64_t channel = 0;

    one.input = pair;
    lookup = emu_find(&one, IVS_ARN_CHANNEL,
                      emu_input_text(&one, "channelArn", ""), NULL, &channel);
    if (lookup == EMU_LOOKUP_FOUND &&
        !emu_store_revoke(call->emu->store, channel,
                          emu_input_text(&one, "viewerId", ""),
                          emu_input_number(&one, version_member, 0)))
        lookup = EMU_LOOKUP_FAILED;
    return lookup;
}

bool
emu_batch_start_viewer_session_revocation(const emu_call *call,
                                          emu_response *res)
{
    json_t *errors = json_array(), *answer, *pair;
    bool failed = errors == NULL;
    size_t i;

    json_array_foreach(json_object_get(call->input, "viewerSessions"), i, pair)
    {
        emu_lookup lookup = emu_fault_hits(&res->fault, i)
                                ? EMU_LOOKUP_FAULT
                                : revoke_pair(call, pair);

        if (lookup == EMU_LOOKUP_FOUND)
            continue;
        failed |=
            json_array_append_new(
                errors, json_pack("{s:O, s:O, s:o, s:s}", "channelArn",
                                  json_object_get(pair, "channelArn"),
                                  "viewerId", json_object_get(pair, "viewerId"),
                                  "code", emu_lookup_code(lookup, res),
                                  "message", emu_lookup_message(lookup))) != 0;
    }
    if (failed) {
        json_decref(errors);
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    answer = json_pack("{s:o}", "errors", errors);
    return emu_response_json(res, 200, answer);
}
