/* SPDX-License-Identifier: MIT */
/* Tags of a resource. */

#include <ivs/tags.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "service/typed.h"

#define RESOURCE "resourceArn"

bool
ivs_are_tags(const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return true;
    for (size_t i = 0; i < json_object_size(value); i++) {
        const ivs_tags tags = {.map = (json_t *)(uintptr_t)value};

        if (ivs_tags_at(&tags, i).value == NULL)
            return false;
    }
    return json_is_object(value);
}

ivs_status
ivs_tags_list(ivs_client *client, const char *arn, ivs_tags **ret,
              ivs_error *err)
{
    json_t *answer = NULL, *map;
    ivs_tags *tags = NULL;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    if ((s = ivs_typed_call_one(client, "ListTagsForResource", RESOURCE, arn,
                                &answer, err)) != IVS_OK)
        return s;
    map = json_object_get(answer, "tags");
    if (!ivs_are_tags(map)) {
        s = ivs_typed_lacks("ListTagsForResource", "tags of text", err);
        goto out;
    }
    tags = calloc(1, sizeof *tags);
    if (tags == NULL) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for tags");
        goto out;
    }
    tags->map = json_incref(map);
    *ret = tags;
out:
    json_decref(answer);
    return s;
}

ivs_status
ivs_tags_add(ivs_client *client, const char *arn, const ivs_tag *tags,
             size_t ntags, ivs_error *err)
{
    ivs_buf input = IVS_BUF_INIT;
    ivs_status s;

    if (client == NULL || arn == NULL || (tags == NULL && ntags > 0))
        return ivs_fail(err, IVS_E_ARG, "client, arn or tags is NULL");
    if ((s = ivs_typed_check_tags(tags, ntags, err)) != IVS_OK)
        return s;
    ivs_buf_putc(&input, '{');
    ivs_typed_text(&input, RESOURCE, arn);
    ivs_buf_puts(&input, ",\"tags\":");
    ivs_typed_tags(&input, tags, ntags);
    ivs_buf_putc(&input, '}');
    s = ivs_typed_call(client, "TagResource", &input, NULL, err);
    ivs_buf_free(&input);
    return s;
}

ivs_status
ivs_tags_remove(ivs_client *client, const char *arn, const char *const *keys,
                size_t nkeys, ivs_error *err)
{
    ivs_buf input = IVS_BUF_INIT;
    ivs_status s;

    if (client == NULL || arn == NULL || (keys == NULL && nkeys > 0))
        return ivs_fail(err, IVS_E_ARG, "client, arn or keys is NULL");
    ivs_buf_putc(&input, '{');
    ivs_typed_text(&input, RESOURCE, arn);
    ivs_buf_puts(&input, ",\"tagKeys\":[");
    for (size_t i = 0; i < nkeys; i++) {
        if (keys[i] == NULL) {
            ivs_buf_free(&input);
            return ivs_fail(err, IVS_E_ARG, "keys[%zu] is NULL", i);
        }
        if (i > 0)
            ivs_buf_putc(&input, ',');
        ivs_json_quote(&input, keys[i], strlen(keys[i]));
    }
    ivs_buf_puts(&input, "]}");
    s = ivs_typed_call(client, "UntagResource", &input, NULL, err);
    ivs_buf_free(&input);
    return s;
}

size_t
ivs_tags_count(const ivs_tags *tags)
{
    return json_object_size(tags->map);
}

ivs_tag
ivs_tags_at(const ivs_tags *tags, size_t index)
{
    void *at = json_object_iter(tags->map);

    for (; at != NULL && index > 0; index--)
        at = json_object_iter_next(tags->map, at);
    if (at == NULL)
        return (ivs_tag){0};
    return (ivs_tag){.key = json_object_iter_key(at),
                     .value = json_string_value(json_object_iter_value(at))};
}

void
ivs_tags_free(ivs_tags *tags)
{
    if (tags == NULL)
        return;
    json_decref(tags->map);
    free(tags);
}
