/* SPDX-License-Identifier: MIT */
/* The headers of an attempt. */

#include <string.h>

#include "aws/sigv4.h"
#include "base/error.h"
#include "base/time.h"
#include "service/client_impl.h"

/* AWS answers a wrong signature with its own canonical request: these two
 * texts are what to compare it with. */
static void
debug_signature(ivs_client *client, const ivs_sigv4_request *request,
                const ivs_sigv4_scope *scope)
{
    ivs_buf canonical = IVS_BUF_SECRET, to_sign = IVS_BUF_INIT;

    if (ivs_sigv4_canonical_request(request, &canonical, NULL) == IVS_OK &&
        ivs_sigv4_string_to_sign(scope, canonical.data, canonical.len, &to_sign,
                                 NULL) == IVS_OK) {
        ivs_client_debug_text(client, "canonical request", &canonical);
        ivs_client_debug_text(client, "string to sign", &to_sign);
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
add_signed(ivs_client *client, const ivs_call *call, const ivs_signer *signer,
           ivs_header_lines *ret, ivs_error *err)
{
    const ivs_credentials_keys *keys = &signer->keys;
    ivs_sigv4_scope scope = {.time_s = signer->time_s,
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
ivs_call_sign(ivs_client *client, const ivs_call *call, int attempt,
              const ivs_signer *signer, ivs_header_lines *ret, ivs_error *err)
{
    ivs_header_lines lines = {0};
    char which[64];
    ivs_status s;

    if ((s = add_signed(client, call, signer, &lines, err)) != IVS_OK)
        return s;
    (void)snprintf(which, sizeof which, "attempt=%d; max=%d", attempt,
                   client->config.max_attempts);
    add_line(&lines, "amz-sdk-invocation-id", call->invocation_id);
    add_line(&lines, "amz-sdk-request", which);
    add_line(&lines, "accept", "application/json");
    add_line(&lines, "user-agent", client->user_agent.data);
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
