/* SPDX-License-Identifier: MIT */
/* Building the request of a call and signing its attempts. */

#include <stdlib.h>
#include <string.h>

#include <ivs/ivs.h>

#include "aws/sigv4.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
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

static void
debug_line(const ivs_client *client, const char *what, const char *line,
           size_t len)
{
    static const char secret[] = "x-amz-security-token:";
    ivs_buf b = IVS_BUF_INIT;

    if (len >= sizeof secret && memcmp(line, secret, sizeof secret - 1) == 0)
        ivs_buf_printf(&b, "%s| %s[redacted]", what, secret);
    else
        ivs_buf_printf(&b, "%s| %.*s", what, (int)len, line);
    if (!b.failed)
        client->debug(b.data, client->debug_user);
    ivs_buf_free(&b);
}

static void
debug_text(const ivs_client *client, const char *what, const ivs_buf *text)
{
    for (size_t i = 0; i <= text->len;) {
        size_t n = strcspn(text->data + i, "\n");

        debug_line(client, what, text->data + i, n);
        i += n + 1;
    }
}

/* AWS answers a wrong signature with its own canonical request: these two
 * texts are what to compare it with. */
static void
debug_signature(const ivs_client *client, const ivs_sigv4_request *request,
                const ivs_sigv4_scope *scope)
{
    ivs_buf canonical = IVS_BUF_SECRET, to_sign = IVS_BUF_INIT;

    if (ivs_sigv4_canonical_request(request, &canonical, NULL) == IVS_OK &&
        ivs_sigv4_string_to_sign(scope, canonical.data, canonical.len, &to_sign,
                                 NULL) == IVS_OK) {
        debug_text(client, "canonical request", &canonical);
        debug_text(client, "string to sign", &to_sign);
    }
    ivs_buf_free(&canonical);
    ivs_buf_free(&to_sign);
}

static void
add_line(ivs_header_lines *lines, const char *name, const char *value)
{
    ivs_buf *b = &lines->text[lines->n++];

    *b = IVS_BUF_SECRET;
    ivs_buf_puts(b, name);
    ivs_buf_puts(b, ": ");
    ivs_buf_puts(b, value);
}

/* The headers that are signed, and the Authorization made of them. */
static ivs_status
sign(const ivs_client *client, const ivs_call *call,
     const ivs_credentials_keys *keys, ivs_header_lines *ret, ivs_error *err)
{
    ivs_sigv4_scope scope = {.time_s = client->clock.now_s(client->clock.user),
                             .region = client->config.region,
                             .service = "ivs"};
    ivs_sigv4_credentials pair = {.access_key_id = keys->access_key_id.data,
                                  .secret_access_key =
                                      keys->secret_access_key.data};
    ivs_sigv4_header headers[4];
    ivs_sigv4_request request = {.method = call->op->method,
                                 .path = call->path.data,
                                 .query = call->query.len > 0 ? call->query.data
                                                              : "",
                                 .headers = headers,
                                 .body = call->body.data,
                                 .body_len = call->body.len,
                                 .normalize = true};
    ivs_buf value = IVS_BUF_SECRET;
    char time[17];
    ivs_status s;

    if (!ivs_time_format_amz(scope.time_s, time))
        return ivs_fail(err, IVS_E_STATE, "the clock is beyond the year 9999");
    headers[request.nheaders++] =
        (ivs_sigv4_header){"host", client->config.host};
    headers[request.nheaders++] = (ivs_sigv4_header){"x-amz-date", time};
    if (call->body.len > 0)
        headers[request.nheaders++] =
            (ivs_sigv4_header){"content-type", "application/json"};
    if (keys->session_token.len > 0)
        headers[request.nheaders++] = (ivs_sigv4_header){
            "x-amz-security-token", keys->session_token.data};
    s = ivs_sigv4_authorization(&request, &scope, &pair, &value, err);
    if (s == IVS_OK) {
        for (size_t i = 0; i < request.nheaders; i++)
            add_line(ret, headers[i].name, headers[i].value);
        add_line(ret, "authorization", value.data);
        if (client->debug != NULL)
            debug_signature(client, &request, &scope);
    }
    ivs_buf_free(&value);
    return s;
}

ivs_status
ivs_call_sign(const ivs_client *client, const ivs_call *call, int attempt,
              ivs_header_lines *ret, ivs_error *err)
{
    ivs_header_lines lines = {0};
    ivs_credentials_keys keys = {0};
    char which[64];
    ivs_status s;

    if ((s = ivs_credentials_get(client->credentials, &keys, err)) != IVS_OK)
        return s;
    s = sign(client, call, &keys, &lines, err);
    ivs_credentials_keys_free(&keys);
    if (s != IVS_OK)
        return s;
    (void)snprintf(which, sizeof which, "attempt=%d; max=%d", attempt,
                   client->config.max_attempts);
    add_line(&lines, "amz-sdk-invocation-id", call->invocation_id);
    add_line(&lines, "amz-sdk-request", which);
    add_line(&lines, "accept", "application/json");
    add_line(&lines, "user-agent", "ivs-token/" IVS_VERSION);
    for (size_t i = 0; i < lines.n; i++) {
        if (lines.text[i].failed) {
            ivs_header_lines_free(&lines);
            return ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
        }
    }
    *ret = lines;
    return IVS_OK;
}

void
ivs_header_lines_free(ivs_header_lines *lines)
{
    for (size_t i = 0; i < lines->n; i++)
        ivs_buf_free(&lines->text[i]);
    *lines = (ivs_header_lines){0};
}
