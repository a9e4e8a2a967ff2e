/* SPDX-License-Identifier: MIT */
/* Tags, on resources of every type. */

#include <string.h>

#include "api.h"

#define TAGS_MAX 50

/* These operations declare no AccessDeniedException: what belongs to another
 * account is not found. */
static bool
find(const emu_call *call, json_t **ret_document, int64_t *ret_seq,
     emu_response *res)
{
    const char *text = emu_input_text(call, "resourceArn", "");
    emu_lookup lookup = EMU_LOOKUP_UNKNOWN;
    ivs_arn arn;

    if (ivs_arn_parse(text, strlen(text), &arn, NULL) == IVS_OK)
        lookup = emu_find(call, arn.type, text, ret_document, ret_seq);
    if (lookup == EMU_LOOKUP_FOUND)
        return true;
    if (lookup == EMU_LOOKUP_FAILED)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    return emu_refuse(res, EMU_NOT_FOUND, "Resource: %s not found", text);
}

bool
emu_list_tags(const emu_call *call, emu_response *res)
{
    json_t *document = NULL, *answer;

    if (!find(call, &document, NULL, res))
        return false;
    answer = json_pack("{s:O}", "tags", json_object_get(document, "tags"));
    json_decref(document);
    return emu_response_json(res, 200, answer);
}

/* Store changed tags; takes the reference to document. */
static bool
finish(const emu_call *call, int64_t seq, json_t *document, emu_response *res)
{
    bool saved = emu_save(call, seq, document, res);

    json_decref(document);
    return saved && emu_response_json(res, 200, json_object());
}

bool
emu_tag(const emu_call *call, emu_response *res)
{
    json_t *document = NULL, *tags, *given = emu_input_tags(call, res);
    int64_t seq = 0;
    bool done = false;

    if (given == NULL)
        return false;
    if (!find(call, &document, &seq, res)) {
        json_decref(given);
        return false;
    }
    tags = json_object_get(document, "tags");
    if (json_object_update(tags, given) != 0)
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    else if (json_object_size(tags) > TAGS_MAX)
        (void)emu_refuse(res, EMU_VALIDATION,
                         "Request member: tags failed to satisfy the "
                         "constraints: the resource would have %zu tags, "
                         "expected at most %d",
                         json_object_size(tags), TAGS_MAX);
    else
        done = finish(call, seq, json_incref(document), res);
    json_decref(given);
    json_decref(document);
    return done;
}

/* A key that is not there is no error. */
bool
emu_untag(const emu_call *call, emu_response *res)
{
    json_t *document = NULL, *key;
    int64_t seq = 0;
    size_t i;

    if (!find(call, &document, &seq, res))
        return false;
    json_array_foreach(json_object_get(call->input, "tagKeys"), i, key)(void)
        json_object_del(json_object_get(document, "tags"),
                        json_string_value(key));
    return finish(call, seq, document, res);
}
