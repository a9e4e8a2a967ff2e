/* SPDX-License-Identifier: MIT */
/* From text to a call and from its answer to a document. */

#include "service/typed.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

ivs_status
ivs_typed_call(ivs_client *client, const char *operation, const ivs_buf *input,
               json_t **ret, ivs_error *err)
{
    ivs_result *result = NULL;
    const char *body;
    size_t len = 0;
    ivs_status s;

    if (input->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    s = ivs_client_call(client, operation, input->data, input->len, &result,
                        err);
    if (s != IVS_OK || ret == NULL)
        goto out;
    body = ivs_result_body(result, &len);
    if (len > 0)
        s = ivs_json_parse(body, len, IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                           "the answer", ret, NULL, err);
out:
    ivs_result_free(result);
    return s;
}

ivs_status
ivs_typed_call_one(ivs_client *client, const char *operation,
                   const char *member, const char *text, json_t **ret,
                   ivs_error *err)
{
    ivs_buf input = IVS_BUF_INIT;
    ivs_status s;

    if (client == NULL || text == NULL)
        return ivs_fail(err, IVS_E_ARG, "client or %s is NULL", member);
    ivs_buf_putc(&input, '{');
    ivs_typed_text(&input, member, text);
    ivs_buf_putc(&input, '}');
    s = ivs_typed_call(client, operation, &input, ret, err);
    ivs_buf_free(&input);
    return s;
}

ivs_status
ivs_typed_lacks(const char *operation, const char *what, ivs_error *err)
{
    return ivs_fail(err, IVS_E_SERVICE, "the answer to %s has no %s", operation,
                    what);
}

void
ivs_typed_text(ivs_buf *b, const char *name, const char *text)
{
    ivs_json_quote(b, name, strlen(name));
    ivs_buf_putc(b, ':');
    ivs_json_quote(b, text, strlen(text));
}

ivs_status
ivs_typed_check_tags(const ivs_tag *tags, size_t ntags, ivs_error *err)
{
    for (size_t i = 0; i < ntags; i++)
        if (tags[i].key == NULL || tags[i].value == NULL)
            return ivs_fail(err, IVS_E_ARG, "tags[%zu] has a NULL in it", i);
    return IVS_OK;
}

void
ivs_typed_tags(ivs_buf *b, const ivs_tag *tags, size_t ntags)
{
    ivs_buf_putc(b, '{');
    for (size_t i = 0; i < ntags; i++) {
        if (i > 0)
            ivs_buf_putc(b, ',');
        ivs_typed_text(b, tags[i].key, tags[i].value);
    }
    ivs_buf_putc(b, '}');
}
