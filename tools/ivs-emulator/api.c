/* SPDX-License-Identifier: MIT */
/* From a request to an operation: who, how often, with what input. */

#include "api.h"

#include <string.h>

#include "base/clock.h"

#include "auth.h"

typedef bool (*operation_fn)(const emu_call *call, emu_response *res);

struct row {
    const char *name;
    int per_second; /* Amazon IVS user guide, "Service quotas" */
    ivs_arn_type about;
    operation_fn run;
};

/* clang-format off */

#define CHANNEL    IVS_ARN_CHANNEL
#define KEY_PAIR   IVS_ARN_PLAYBACK_KEY
#define STREAM_KEY IVS_ARN_STREAM_KEY
#define RECORDING  IVS_ARN_RECORDING_CONFIGURATION
#define POLICY     IVS_ARN_PLAYBACK_RESTRICTION_POLICY
#define AD         IVS_ARN_AD_CONFIGURATION

/* Rates of ad configurations, ad breaks and tags are assumed: README.md. */
static const struct row rows[] = {
    { "CreateChannel", 5, CHANNEL, emu_create_channel },
    { "GetChannel", 5, CHANNEL, emu_get_channel },
    { "BatchGetChannel", 5, CHANNEL, emu_batch_get_channel },
    { "ListChannels", 5, CHANNEL, emu_list_channels },
    { "UpdateChannel", 5, CHANNEL, emu_update_channel },
    { "DeleteChannel", 5, CHANNEL, emu_delete_channel },
    { "CreateStreamKey", 5, STREAM_KEY, emu_create_stream_key },
    { "GetStreamKey", 5, STREAM_KEY, emu_get_stream_key },
    { "BatchGetStreamKey", 5, STREAM_KEY, emu_batch_get_stream_key },
    { "ListStreamKeys", 5, STREAM_KEY, emu_list_stream_keys },
    { "DeleteStreamKey", 5, STREAM_KEY, emu_delete_stream_key },
    { "CreateRecordingConfiguration", 3, RECORDING, emu_create_configuration },
    { "GetRecordingConfiguration", 3, RECORDING, emu_get_configuration },
    { "ListRecordingConfigurations", 3, RECORDING, emu_list_configurations },
    { "DeleteRecordingConfiguration", 3, RECORDING, emu_delete_configuration },
    { "CreatePlaybackRestrictionPolicy", 5, POLICY, emu_create_configuration },
    { "GetPlaybackRestrictionPolicy", 5, POLICY, emu_get_configuration },
    { "ListPlaybackRestrictionPolicies", 5, POLICY, emu_list_configurations },
    { "UpdatePlaybackRestrictionPolicy", 5, POLICY, emu_update_configuration },
    { "DeletePlaybackRestrictionPolicy", 5, POLICY, emu_delete_configuration },
    { "CreateAdConfiguration", 5, AD, emu_create_configuration },
    { "GetAdConfiguration", 5, AD, emu_get_configuration },
    { "ListAdConfigurations", 5, AD, emu_list_configurations },
    { "UpdateAdConfiguration", 5, AD, emu_update_configuration },
    { "DeleteAdConfiguration", 5, AD, emu_delete_configuration },
    { "ImportPlaybackKeyPair", 3, KEY_PAIR, emu_import_playback_key_pair },
    { "GetPlaybackKeyPair", 3, KEY_PAIR, emu_get_playback_key_pair },
    { "ListPlaybackKeyPairs", 3, KEY_PAIR, emu_list_playback_key_pairs },
    { "DeletePlaybackKeyPair", 3, KEY_PAIR, emu_delete_playback_key_pair },
    { "StartViewerSessionRevocation", 10, CHANNEL,
      emu_start_viewer_session_revocation },
    { "BatchStartViewerSessionRevocation", 2, CHANNEL,
      emu_batch_start_viewer_session_revocation },
    { "GetStream", 5, CHANNEL, emu_get_stream },
    { "ListStreams", 5, CHANNEL, emu_list_streams },
    { "GetStreamSession", 5, CHANNEL, emu_get_stream_session },
    { "ListStreamSessions", 5, CHANNEL, emu_list_stream_sessions },
    { "StopStream", 5, CHANNEL, emu_stop_stream },
    { "PutMetadata", 155, CHANNEL, emu_put_metadata },
    { "InsertAdBreak", 5, CHANNEL, emu_insert_ad_break },
    { "ListTagsForResource", 10, CHANNEL, emu_list_tags },
    { "TagResource", 10, CHANNEL, emu_tag },
    { "UntagResource", 10, CHANNEL, emu_untag },
};

/* clang-format on */

static const struct row *
find_row(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static void
run(const struct row *row, const emu_call *call, emu_response *res)
{
    emu_store *store = call->emu->store;

    if (!emu_store_begin(store)) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot open a transaction");
        return;
    }
    if (!row->run(call, res)) {
        (void)emu_store_end(store, false);
        if (res->status == 0)
            (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    } else if (!emu_store_end(store, true)) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot store the change");
    }
}

static bool
is_throttled(emu_emulator *emu, const emu_scope *scope, const struct row *row)
{
    emu_quota_key key = {.scope = *scope, .operation = row->name};

    return emu->quota != NULL &&
           !emu_quota_take(emu->quota, &key, row->per_second,
                           ivs_clock_monotonic_ms());
}

/* What the call is about, for the request log. */
static void
note_input(const emu_call *call, emu_response *res)
{
    const char *channel = emu_input_text(call, "channelArn", NULL);

    if (channel == NULL)
        channel = emu_input_text(call, "arn", "");
    if (strstr(channel, ":channel/") != NULL)
        (void)snprintf(res->channel, sizeof res->channel, "%s", channel);
    (void)snprintf(res->viewer, sizeof res->viewer, "%s",
                   emu_input_text(call, "viewerId", ""));
}

void
emu_api_local(emu_emulator *emu, const emu_scope *scope, const char *operation,
              const emu_request *req, json_t *input, emu_response *res)
{
    const struct row *row = find_row(operation);
    emu_call call = {.emu = emu, .scope = scope, .input = input};

    call.operation = ivs_operation_find(operation);
    call.about = row->about;
    call.host = emu_request_header(req, "Host", NULL);
    if (emu_check_input(call.operation, input, res))
        run(row, &call, res);
}

void
emu_api(emu_emulator *emu, const emu_request *req,
        const ivs_operation *operation, emu_response *res)
{
    const struct row *row = find_row(operation->name);
    json_t *input = NULL;
    emu_scope scope;
    emu_call call = {.emu = emu, .scope = &scope, .operation = operation};

    res->operation = operation->name;
    if (row == NULL) {
        (void)emu_refuse(res, EMU_UNSUPPORTED, "ivs-emulator does not model %s",
                         operation->name);
        return;
    }
    if (!emu_authenticate(emu, req, ivs_clock_now_s(), &scope, res))
        return;
    (void)snprintf(res->caller, sizeof res->caller, "%s/%s", scope.account,
                   scope.region);
    if (is_throttled(emu, &scope, row)) {
        (void)emu_refuse(res, EMU_THROTTLED,
                         "Rate exceeded: %s may be called %d times a second "
                         "for each account and region",
                         row->name, row->per_second);
        return;
    }
    if (!emu_read_input(req, operation, &input, res))
        return;
    call.about = row->about;
    call.host = emu_request_header(req, "Host", NULL);
    call.input = input;
    note_input(&call, res);
    run(row, &call, res);
    json_decref(input);
}
