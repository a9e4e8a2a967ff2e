/* SPDX-License-Identifier: MIT */
/* A resource, and what belongs to a channel: its stream key, its stream, its
 * revocations. */

#include "seed_resource.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

#include "stream.h"

#define ID_LEN         12
#define PASSPHRASE_MAX 64
#define VALUE_MAX      128

/* Members that are no input of the operation. */
static const char *const own_members[] = {"id", "streamKey", "passphrase",
                                          "stream", "revocations"};

/* What an operation said when it refused. */
static bool
refused(const emu_response *res, const emu_place *at, ivs_error *err)
{
    json_t *answer = NULL;
    const char *text = NULL;

    if (res->body.data != NULL &&
        ivs_json_parse(res->body.data, res->body.len, IVS_JSON_OBJECT,
                       "an answer", &answer, NULL, NULL) == IVS_OK)
        text = json_string_value(json_object_get(answer, "message"));
    (void)emu_wrong(at, err, "is refused: %s",
                    text == NULL ? "out of memory" : text);
    json_decref(answer);
    return false;
}

/* Run an operation on an input; *ret_answer may be NULL. */
static bool
perform(emu_seeding *s, const emu_seed_kind *kind, json_t *input,
        const json_t *fixed, const emu_place *at, json_t **ret_answer)
{
    emu_call call = {.emu = s->emu,
                     .scope = &s->scope,
                     .operation = ivs_operation_find(kind->operation),
                     .about = kind->type,
                     .host = "localhost",
                     .input = input,
                     .fixed = fixed};
    ivs_error check = {0};
    emu_response res = {0};
    bool good;

    if (ivs_operation_check(call.operation, input, &check) != IVS_OK)
        return emu_wrong(check.member[0] == '\0' ? at
                                                 : EMU_MEMBER(at, check.member),
                         s->err, "is refused: %s", check.message);
    good = kind->create(&call, &res);
    if (good && ret_answer != NULL &&
        ivs_json_parse(res.body.data, res.body.len, IVS_JSON_OBJECT,
                       "an answer", ret_answer, NULL, s->err) != IVS_OK)
        good = false;
    else if (!good)
        (void)refused(&res, at, s->err);
    emu_response_free(&res);
    return good;
}

/* An id is as the service makes them. */
static bool
check_id(const json_t *object, const emu_place *at, ivs_error *err)
{
    const char *id = NULL;

    if (!emu_read_text(object, "id", at, ID_LEN, &id, err))
        return false;
    if (id != NULL &&
        strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   "0123456789") != ID_LEN)
        return emu_wrong(EMU_MEMBER(at, "id"), err,
                         "is '%s', expected 12 letters and digits", id);
    return true;
}

/* {"id", "value"}, or null for a channel whose key was deleted. */
static bool
check_stream_key(const json_t *resource, const emu_place *at, ivs_error *err)
{
    static const char *const members[] = {"id", "value", NULL};
    const json_t *key = json_object_get(resource, "streamKey");
    const emu_place *place = EMU_MEMBER(at, "streamKey");
    const char *value = NULL;

    return key == NULL || json_is_null(key) ||
           (emu_read_object(key, place, members, err) &&
            check_id(key, place, err) &&
            emu_read_text(key, "value", place, VALUE_MAX, &value, err));
}

static bool
start_stream(const emu_call *call, emu_response *res)
{
    const json_t *stream = json_object_get(call->fixed, "stream");
    const char *health = json_string_value(json_object_get(stream, "health"));
    emu_stream begun = {.health = health == NULL ? "HEALTHY" : health,
                        .ladder = EMU_LADDER_ALL};

    return emu_stream_start(call, &begun, res) &&
           emu_response_json(res, 200, json_object());
}

static const emu_seed_kind starting = {NULL, "GetStream", IVS_ARN_CHANNEL,
                                       start_stream};
static const emu_seed_kind revoking = {NULL, "StartViewerSessionRevocation",
                                       IVS_ARN_CHANNEL,
                                       emu_start_viewer_session_revocation};
static const emu_seed_kind deleting = {
    NULL, "DeleteStreamKey", IVS_ARN_STREAM_KEY, emu_delete_stream_key};

/* {"health": HEALTH} */
static bool
seed_stream(emu_seeding *s, const json_t *resource, json_t *arn,
            const emu_place *at)
{
    static const char *const healths[] = {"HEALTHY", "STARVING", "UNKNOWN"};
    static const char *const members[] = {"health", NULL};
    const json_t *stream = json_object_get(resource, "stream");
    const emu_place *place = EMU_MEMBER(at, "stream");
    const char *health = healths[0];
    bool known = false, done;
    json_t *input;

    if (stream == NULL)
        return true;
    if (!emu_read_object(stream, place, members, s->err) ||
        !emu_read_text(stream, "health", place, 16, &health, s->err))
        return false;
    for (size_t i = 0; i < sizeof healths / sizeof *healths; i++)
        known |= strcmp(health, healths[i]) == 0;
    if (!known)
        return emu_wrong(EMU_MEMBER(place, "health"), s->err,
                         "is '%s', expected HEALTHY, STARVING or UNKNOWN",
                         health);
    input = json_pack("{s:O}", "channelArn", arn);
    done = perform(s, &starting, input, resource, place, NULL);
    json_decref(input);
    return done;
}

static bool
seed_revocations(emu_seeding *s, const json_t *resource, json_t *arn,
                 const emu_place *at)
{
    const json_t *list = NULL;
    json_t *revocation;
    size_t i;

    if (!emu_read_list(resource, "revocations", at, &list, s->err))
        return false;
    json_array_foreach(list, i, revocation)
    {
        const emu_place *place = EMU_ELEMENT(at, "revocations", i);
        json_t *input;
        bool done;

        if (!json_is_object(revocation))
            return emu_wrong(place, s->err, "is not an object");
        if (json_object_get(revocation, "channelArn") != NULL)
            return emu_wrong(EMU_MEMBER(place, "channelArn"), s->err,
                             "is the channel's, expected none");
        input = json_copy(revocation);
        if (json_object_set(input, "channelArn", arn) != 0)
            done = emu_wrong(place, s->err, "is refused: out of memory");
        else
            done = perform(s, &revoking, input, NULL, place, NULL);
        json_decref(input);
        if (!done)
            return false;
    }
    return true;
}

/* What there is to do when the channel is there. */
static bool
finish_channel(emu_seeding *s, const json_t *resource, const json_t *answer,
               const emu_place *at)
{
    json_t *arn = json_object_get(json_object_get(answer, "channel"), "arn");
    bool done = true;

    if (json_is_null(json_object_get(resource, "streamKey"))) {
        json_t *input = json_pack(
            "{s:O}", "arn",
            json_object_get(json_object_get(answer, "streamKey"), "arn"));

        done = perform(s, &deleting, input, NULL, at, NULL);
        json_decref(input);
    }
    return done && seed_stream(s, resource, arn, at) &&
           seed_revocations(s, resource, arn, at);
}

bool
emu_seed_resource(emu_seeding *seeding, const emu_seed_kind *kind,
                  json_t *resource, const emu_place *at)
{
    bool channel = kind->type == IVS_ARN_CHANNEL, done;
    json_t *input, *answer = NULL;
    const char *passphrase = NULL;

    if (!json_is_object(resource))
        return emu_wrong(at, seeding->err, "is not an object");
    if (!check_id(resource, at, seeding->err) ||
        (channel && (!check_stream_key(resource, at, seeding->err) ||
                     !emu_read_text(resource, "passphrase", at, PASSPHRASE_MAX,
                                    &passphrase, seeding->err))))
        return false;
    input = json_copy(resource);
    for (size_t i = 0; i < (channel ? 5 : 1); i++)
        (void)json_object_del(input, own_members[i]);
    done = perform(seeding, kind, input, resource, at, &answer) &&
           (!channel || finish_channel(seeding, resource, answer, at));
    json_decref(answer);
    json_decref(input);
    return done;
}
