/* SPDX-License-Identifier: MIT */
/* What the operations on all types of resources share. */

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"

#include "api.h"

emu_lookup
emu_find(const emu_call *call, ivs_arn_type type, const char *arn,
         json_t **ret_document, int64_t *ret_seq)
{
    ivs_buf document = IVS_BUF_INIT;
    json_t *parsed = NULL;
    emu_found found;
    ivs_arn parts;

    if (ivs_arn_parse(arn, strlen(arn), &parts, NULL) != IVS_OK ||
        parts.type != type)
        return EMU_LOOKUP_MALFORMED;
    if (strcmp(parts.account, call->scope->account) != 0)
        return EMU_LOOKUP_FOREIGN;
    if (strcmp(parts.region, call->scope->region) != 0)
        return EMU_LOOKUP_UNKNOWN;
    found = emu_store_get(call->emu->store, call->scope, type, parts.id,
                          &document, ret_seq);
    if (found == EMU_FOUND && ret_document != NULL &&
        ivs_json_parse(document.data, document.len, IVS_JSON_OBJECT,
                       "a stored document", &parsed, NULL, NULL) != IVS_OK)
        found = EMU_FAILED;
    ivs_buf_free(&document);
    if (found != EMU_FOUND)
        return found == EMU_NONE ? EMU_LOOKUP_UNKNOWN : EMU_LOOKUP_FAILED;
    if (ret_document != NULL)
        *ret_document = parsed;
    return EMU_LOOKUP_FOUND;
}

static bool
note_row(const emu_resource *row, void *user)
{
    (void)row;
    *(bool *)user = true;
    return false;
}

emu_found
emu_any(const emu_call *call, const emu_filter *filter)
{
    bool found = false;

    if (!emu_store_list(call->emu->store, call->scope, filter, note_row,
                        &found))
        return EMU_FAILED;
    return found ? EMU_FOUND : EMU_NONE;
}

const char *
emu_lookup_message(emu_lookup lookup)
{
    switch (lookup) {
    case EMU_LOOKUP_FOUND:
        return "found";
    case EMU_LOOKUP_FAULT:
        return "a fault was asked for";
    case EMU_LOOKUP_MALFORMED:
        return "not the ARN of such a resource";
    case EMU_LOOKUP_FOREIGN:
        return "not authorized";
    case EMU_LOOKUP_UNKNOWN:
        return "not found";
    case EMU_LOOKUP_FAILED:
        break;
    }
    return "internal error";
}

json_t *
emu_lookup_code(emu_lookup lookup, const emu_response *res)
{
    return lookup == EMU_LOOKUP_FAULT ? json_string(res->fault.batch_code)
                                      : json_sprintf("%d", (int)lookup);
}

bool
emu_find_member(const emu_call *call, ivs_arn_type type, const char *member,
                json_t **ret_document, int64_t *ret_seq, emu_response *res)
{
    const char *arn = emu_input_text(call, member, "");
    emu_lookup lookup = emu_find(call, type, arn, ret_document, ret_seq);

    switch (lookup) {
    case EMU_LOOKUP_FOUND:
        return true;
    case EMU_LOOKUP_MALFORMED:
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: %s failed to satisfy the "
                          "constraints: '%s' is %s",
                          member, arn, emu_lookup_message(lookup));
    case EMU_LOOKUP_FOREIGN:
        return emu_refuse(res, EMU_ACCESS_DENIED,
                          "account %s is not authorized to perform ivs:%s on "
                          "resource %s",
                          call->scope->account, call->operation->name, arn);
    case EMU_LOOKUP_UNKNOWN:
        return emu_refuse(res, EMU_NOT_FOUND, "Resource: %s not found", arn);
    case EMU_LOOKUP_FAULT:
    case EMU_LOOKUP_FAILED:
        break;
    }
    return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
}

bool
emu_make_id(const emu_call *call, char *ret, size_t len)
{
    return emu_random_id(call->emu->random, call->scope, ret, len);
}

const char *
emu_fixed(const emu_call *call, ivs_arn_type type, const char *name)
{
    const json_t *of = call->fixed;

    if (type != call->about && type == IVS_ARN_STREAM_KEY)
        of = json_object_get(of, "streamKey");
    return json_string_value(json_object_get(of, name));
}

/* Adjustable, and lifted with the rates. Those of ad configurations and
 * recording configurations are assumed: README.md. */
static const struct limit {
    ivs_arn_type type;
    int max; /* in an account and region */
    const char *name;
} limits[] = {
    {IVS_ARN_CHANNEL, 5000, "channels"}, /* L-C01DFF58 */
    {IVS_ARN_PLAYBACK_RESTRICTION_POLICY, 20,
     "playback restriction policies"},                   /* L-BF6EB49C */
    {IVS_ARN_AD_CONFIGURATION, 20, "ad configurations"}, /* L-D15E1F21 */
    {IVS_ARN_RECORDING_CONFIGURATION, 20, "recording configurations"},
};

static bool
check_quota(const emu_call *call, ivs_arn_type type, emu_response *res)
{
    int64_t n;

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].type != type || call->emu->quota == NULL)
            continue;
        n = emu_store_count_of(call->emu->store, call->scope, type);
        if (n < 0)
            return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
        if (n >= limits[i].max)
            return emu_refuse(res, EMU_RESOURCE_QUOTA,
                              "there are %d %s, which is the quota of an "
                              "account in a region",
                              limits[i].max, limits[i].name);
    }
    return true;
}

/* An id that none has; false: refused. */
static bool
make_id(const emu_call *call, ivs_arn_type type, char ret[65],
        emu_response *res)
{
    const char *fixed = emu_fixed(call, type, "id");
    emu_found found;

    if (fixed == NULL)
        return emu_make_id(call, ret, 12) ||
               emu_refuse(res, EMU_INTERNAL, "no random bytes");
    (void)snprintf(ret, 65, "%s", fixed);
    found = emu_store_get(call->emu->store, call->scope, type, ret, NULL, NULL);
    if (found == EMU_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    return found == EMU_NONE ||
           emu_refuse(res, EMU_CONFLICT,
                      "there is such a resource with id %s already", ret);
}

bool
emu_create(const emu_call *call, const emu_new *new, int64_t *ret_seq,
           emu_response *res)
{
    emu_resource row = {.type = new->type, .parent = new->parent};
    ivs_arn arn = {.type = new->type};
    ivs_buf document = IVS_BUF_INIT;
    char text[IVS_ARN_MAX + 1];
    bool stored = false;
    int64_t seq = 0;

    (void)snprintf(arn.account, sizeof arn.account, "%s", call->scope->account);
    (void)snprintf(arn.region, sizeof arn.region, "%s", call->scope->region);
    if (!check_quota(call, new->type, res) ||
        !make_id(call, new->type, row.id, res))
        return false;
    (void)snprintf(arn.id, sizeof arn.id, "%s", row.id);
    if (ivs_arn_format(&arn, text, NULL) == IVS_OK &&
        json_object_set_new(new->document, "arn", json_string(text)) == 0)
        ivs_json_append(&document, new->document, false);
    row.name = json_string_value(json_object_get(new->document, "name"));
    if (row.name == NULL)
        row.name = "";
    row.document = document.data;
    stored = row.document != NULL && !document.failed &&
             emu_store_insert(call->emu->store, call->scope, &row, &seq);
    ivs_buf_free(&document);
    if (!stored)
        return emu_refuse(res, EMU_INTERNAL, "cannot store the resource");
    if (ret_seq != NULL)
        *ret_seq = seq;
    return true;
}

bool
emu_save(const emu_call *call, int64_t seq, const json_t *document,
         emu_response *res)
{
    const char *name = json_string_value(json_object_get(document, "name"));
    ivs_buf text = IVS_BUF_SECRET; /* a stream key is one */
    bool stored = false;

    ivs_json_append(&text, document, false);
    if (!text.failed)
        stored = emu_store_update(call->emu->store, seq,
                                  name == NULL ? "" : name, text.data);
    ivs_buf_free(&text);
    if (!stored)
        return emu_refuse(res, EMU_INTERNAL, "cannot store the change");
    return true;
}
