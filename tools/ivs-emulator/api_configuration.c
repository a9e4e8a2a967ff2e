/* SPDX-License-Identifier: MIT */
/* What a channel can refer to: recording configurations, playback restriction
 * policies, ad configurations. They differ in their members only. */

#include <string.h>

#include "api.h"
#include "channel.h"

struct kind {
    ivs_arn_type type;
    const char *result; /* member of answers */
    const char *list;   /* that of a list's */
    const char *const *members;
    const char *const *summary;
    json_t *(*defaults)(void);
};

static json_t *
recording_defaults(void)
{
    return json_pack(
        "{s:s, s:s, s:i, s:{s:s, s:i, s:[s]}, s:{s:s, s:[]}}", "name", "",
        "state", "ACTIVE", "recordingReconnectWindowSeconds", 0,
        "thumbnailConfiguration", "recordingMode", "INTERVAL",
        "targetIntervalSeconds", 60, "storage", "SEQUENTIAL",
        "renditionConfiguration", "renditionSelection", "ALL", "renditions");
}

static json_t *
policy_defaults(void)
{
    return json_pack("{s:s, s:[], s:[], s:b}", "name", "", "allowedCountries",
                     "allowedOrigins", "enableStrictOriginEnforcement", 0);
}

static json_t *
ad_defaults(void)
{
    return json_pack("{s:s}", "name", "");
}

static const char *const recording_members[] = {
    "name",
    "destinationConfiguration",
    "thumbnailConfiguration",
    "recordingReconnectWindowSeconds",
    "renditionConfiguration",
    NULL};
static const char *const recording_summary[] = {
    "arn", "name", "destinationConfiguration", "state", "tags", NULL};
static const char *const policy_members[] = {
    "name", "allowedCountries", "allowedOrigins",
    "enableStrictOriginEnforcement", NULL};
static const char *const policy_summary[] = {"arn",
                                             "allowedCountries",
                                             "allowedOrigins",
                                             "enableStrictOriginEnforcement",
                                             "name",
                                             "tags",
                                             NULL};
static const char *const ad_members[] = {
    "name", "mediaTailorPlaybackConfigurations", "postRollConfiguration", NULL};
static const char *const ad_summary[] = {"arn",
                                         "name",
                                         "mediaTailorPlaybackConfigurations",
                                         "postRollConfiguration",
                                         "tags",
                                         NULL};

static const struct kind kinds[] = {
    {IVS_ARN_RECORDING_CONFIGURATION, "recordingConfiguration",
     "recordingConfigurations", recording_members, recording_summary,
     recording_defaults},
    {IVS_ARN_PLAYBACK_RESTRICTION_POLICY, "playbackRestrictionPolicy",
     "playbackRestrictionPolicies", policy_members, policy_summary,
     policy_defaults},
    {IVS_ARN_AD_CONFIGURATION, "adConfiguration", "adConfigurations",
     ad_members, ad_summary, ad_defaults},
};

static const struct kind *
kind_of(const emu_call *call)
{
    const struct kind *kind = kinds;

    while (kind->type != call->about)
        kind++;
    return kind;
}

/* Put what the input says over a document; a structure over a structure. */
static bool
apply(const emu_call *call, json_t *document, emu_response *res)
{
    bool failed = document == NULL;

    for (const char *const *m = kind_of(call)->members; *m != NULL; m++) {
        json_t *given = json_object_get(call->input, *m);
        json_t *own = json_object_get(document, *m);

        if (given == NULL)
            continue;
        failed |= json_is_object(own)
                      ? json_object_update(own, given) != 0
                      : json_object_set(document, *m, given) != 0;
    }
    if (failed)
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    return true;
}

static bool
answer(const emu_call *call, json_t *document, emu_response *res)
{
    return emu_response_json(
        res, 200, json_pack("{s:o}", kind_of(call)->result, document));
}

bool
emu_create_configuration(const emu_call *call, emu_response *res)
{
    emu_new new = {.type = call->about};
    json_t *tags = emu_input_tags(call, res);

    if (tags == NULL)
        return false;
    new.document = kind_of(call)->defaults();
    if (json_object_set_new(new.document, "tags", tags) != 0 ||
        !apply(call, new.document, res) || !emu_create(call, &new, NULL, res)) {
        json_decref(new.document);
        return false;
    }
    return answer(call, new.document, res);
}

bool
emu_get_configuration(const emu_call *call, emu_response *res)
{
    json_t *document = NULL;

    return emu_find_member(call, call->about, "arn", &document, NULL, res) &&
           answer(call, document, res);
}

bool
emu_list_configurations(const emu_call *call, emu_response *res)
{
    const struct kind *kind = kind_of(call);
    emu_listing listing = {.result = kind->list,
                           .members = kind->summary,
                           .filter = {.type = kind->type}};

    return emu_list(call, &listing, res);
}

bool
emu_update_configuration(const emu_call *call, emu_response *res)
{
    json_t *document = NULL;
    int64_t seq = 0;

    if (!emu_find_member(call, call->about, "arn", &document, &seq, res))
        return false;
    if (!apply(call, document, res) || !emu_save(call, seq, document, res)) {
        json_decref(document);
        return false;
    }
    return answer(call, document, res);
}

/* While a channel refers to it, it stays. */
static bool
check_unused(const emu_call *call, emu_response *res)
{
    const char *arn = emu_input_text(call, "arn", "");
    emu_filter filter = {.type = IVS_ARN_CHANNEL, .value = arn};
    const emu_reference *reference = emu_references;
    emu_found used;

    while (reference->type != call->about)
        reference++;
    filter.member = reference->member;
    if ((used = emu_any(call, &filter)) == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    if (used == EMU_FOUND)
        return emu_refuse(res, EMU_CONFLICT,
                          "%s is in use by a channel, expected none to refer "
                          "to it",
                          arn);
    return true;
}

bool
emu_delete_configuration(const emu_call *call, emu_response *res)
{
    int64_t seq = 0;

    if (!emu_find_member(call, call->about, "arn", NULL, &seq, res) ||
        !check_unused(call, res))
        return false;
    if (!emu_store_delete(call->emu->store, seq))
        return emu_refuse(res, EMU_INTERNAL, "cannot delete it");
    res->status = 204;
    return true;
}
