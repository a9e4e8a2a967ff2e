/* SPDX-License-Identifier: MIT */
/* From a request to an operation: who, how often, with what input. */

#include "api.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#include "auth.h"

typedef bool (*operation_fn)(const emu_call *call, emu_response *res);

static const struct modelled {
    const char *name;
    int per_second; /* Amazon IVS user guide, "Service quotas" */
    operation_fn run;
} modelled[] = {
    {"CreateChannel", 5, emu_create_channel},
    {"GetChannel", 5, emu_get_channel},
    {"BatchGetChannel", 5, emu_batch_get_channel},
    {"ListChannels", 5, emu_list_channels},
    {"UpdateChannel", 5, emu_update_channel},
    {"DeleteChannel", 5, emu_delete_channel},
    {"ImportPlaybackKeyPair", 3, emu_import_playback_key_pair},
    {"GetPlaybackKeyPair", 3, emu_get_playback_key_pair},
    {"ListPlaybackKeyPairs", 3, emu_list_playback_key_pairs},
    {"DeletePlaybackKeyPair", 3, emu_delete_playback_key_pair},
    {"StartViewerSessionRevocation", 10, emu_start_viewer_session_revocation},
    {"BatchStartViewerSessionRevocation", 2,
     emu_batch_start_viewer_session_revocation},
};

static const struct modelled *
find_modelled(const char *name)
{
    for (size_t i = 0; i < sizeof modelled / sizeof *modelled; i++)
        if (strcmp(modelled[i].name, name) == 0)
            return &modelled[i];
    return NULL;
}

static bool
read_input(const emu_request *req, const ivs_operation *operation, json_t **ret,
           emu_response *res)
{
    const char *body = req->body_len > 0 ? req->body : "{}";
    size_t len = req->body_len > 0 ? req->body_len : 2;
    json_t *input = NULL;
    ivs_error err = {0};

    if (ivs_json_parse(body, len, IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                       "the request body", &input, NULL, &err) != IVS_OK)
        return emu_refuse(res, EMU_VALIDATION, "%s", err.message);
    if (ivs_operation_check(operation, input, &err) != IVS_OK) {
        json_decref(input);
        if (err.member[0] == '\0')
            return emu_refuse(res, EMU_VALIDATION, "%s", err.message);
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: %s failed to satisfy the "
                          "constraints: %s",
                          err.member, err.message);
    }
    *ret = input;
    return true;
}

static void
run(const struct modelled *op, const emu_call *call, emu_response *res)
{
    emu_store *store = call->emu->store;

    if (!emu_store_begin(store)) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot open a transaction");
        return;
    }
    if (!op->run(call, res)) {
        (void)emu_store_end(store, false);
        if (res->status == 0)
            (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    } else if (!emu_store_end(store, true)) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot store the change");
    }
}

void
emu_api(emu_emulator *emu, const emu_request *req,
        const ivs_operation *operation, emu_response *res)
{
    const struct modelled *op = find_modelled(operation->name);
    json_t *input = NULL;
    emu_scope scope;
    emu_call call = {.emu = emu, .scope = &scope, .operation = operation};

    if (!emu_authenticate(emu, req, ivs_clock_now_s(), &scope, res))
        return;
    (void)snprintf(res->caller, sizeof res->caller, "%s/%s", scope.account,
                   scope.region);
    if (op == NULL) {
        (void)emu_refuse(res, EMU_UNSUPPORTED,
                         "ivs-emulator does not model %s yet", operation->name);
        return;
    }
    if (emu->quota != NULL &&
        !emu_quota_take(emu->quota, &scope, op->name, op->per_second,
                        ivs_clock_monotonic_ms())) {
        (void)emu_refuse(res, EMU_THROTTLED,
                         "Rate exceeded: %s may be called %d times a second "
                         "for each account and region",
                         op->name, op->per_second);
        return;
    }
    if (!read_input(req, operation, &input, res))
        return;
    call.host = emu_request_header(req, "Host", NULL);
    call.input = input;
    run(op, &call, res);
    json_decref(input);
}
