/* SPDX-License-Identifier: MIT */
/* Building the request of a call. */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "service/client_impl.h"

/* RFC 3986 section 2.3: all but the unreserved characters. */
static void
append_encoded(ivs_buf *b, const char *text)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._~";

    for (; *text != '\0'; text++) {
        if (strchr(unreserved, *text) != NULL)
            ivs_buf_putc(b, *text);
        else
            ivs_buf_printf(b, "%%%02X", (unsigned char)*text);
    }
}

/* "/tags/{resourceArn}" with the member's value, as one segment. */
static void
append_path(ivs_buf *b, const ivs_operation *op, const json_t *input)
{
    const char *open = strchr(op->path, '{');

    ivs_buf_append(b, op->path,
                   open != NULL ? (size_t)(open - op->path) : strlen(op->path));
    for (const ivs_member *m = op->input; m->name != NULL; m++)
        if (m->location == IVS_IN_URI)
            append_encoded(b,
                           json_string_value(json_object_get(input, m->name)));
}

/* Every query member of the model is a list of strings: name=a&name=b. */
static void
append_query(ivs_buf *b, const ivs_operation *op, const json_t *input)
{
    for (const ivs_member *m = op->input; m->name != NULL; m++) {
        const json_t *list = json_object_get(input, m->name);

        if (m->location != IVS_IN_QUERY)
            continue;
        for (size_t i = 0; i < json_array_size(list); i++) {
            ivs_buf_printf(b, "%s%s=", b->len > 0 ? "&" : "", m->name);
            append_encoded(b, json_string_value(json_array_get(list, i)));
        }
    }
}

/* What is neither in the path nor in the query. */
static void
append_body(ivs_buf *b, const ivs_operation *op, json_t *input)
{
    if (strcmp(op->method, "POST") != 0)
        return;
    for (const ivs_member *m = op->input; m->name != NULL; m++)
        if (m->location != IVS_IN_BODY)
            (void)json_object_del(input, m->name);
    ivs_json_append(b, input, false);
}

static ivs_status
spread(const ivs_client *client, json_t *input, ivs_call *call, ivs_error *err)
{
    ivs_buf_puts(&call->path, client->config.base_path);
    append_path(&call->path, call->op, input);
    append_query(&call->query, call->op, input);
    append_body(&call->body, call->op, input);
    if (call->path.failed || call->query.failed || call->body.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    ivs_buf_printf(&call->url, "%s://%s", client->config.tls ? "https" : "http",
                   client->config.host);
    ivs_buf_puts(&call->url, call->path.data);
    if (call->query.len > 0) {
        ivs_buf_putc(&call->url, '?');
        ivs_buf_puts(&call->url, call->query.data);
    }
    if (call->url.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    if (!ivs_uuid4(call->invocation_id))
        return ivs_fail(err, IVS_E_CRYPTO, "no random bytes for a request id");
    return IVS_OK;
}

ivs_status
ivs_call_parse(const ivs_operation *op, const char *json, size_t len,
               json_t **ret, ivs_error *err)
{
    char what[64];

    (void)snprintf(what, sizeof what, "the input of %s", op->name);
    if (json == NULL || len == 0) {
        json = "{}";
        len = 2;
    }
    return ivs_json_parse(json, len, IVS_JSON_OBJECT, what, ret, NULL, err);
}

ivs_status
ivs_call_build(const ivs_client *client, const ivs_operation *op,
               const char *json, size_t len, ivs_call *ret, ivs_error *err)
{
    ivs_call call = {.op = op};
    json_t *input = NULL;
    ivs_status s;

    if ((s = ivs_call_parse(op, json, len, &input, err)) != IVS_OK)
        goto out;
    if (client->no_validate)
        s = ivs_operation_check_line(op, input, err);
    else
        s = ivs_operation_check_in(op, client->config.region, input, err);
    if (s != IVS_OK)
        goto out;
    if ((s = spread(client, input, &call, err)) != IVS_OK)
        goto out;
    *ret = call;
    call = (ivs_call){0};
out:
    json_decref(input);
    ivs_call_free(&call);
    return s;
}

void
ivs_call_free(ivs_call *call)
{
    ivs_buf_free(&call->path);
    ivs_buf_free(&call->query);
    ivs_buf_free(&call->url);
    ivs_buf_free(&call->body);
}
