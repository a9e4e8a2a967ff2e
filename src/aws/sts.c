/* SPDX-License-Identifier: MIT */
/* Calls of AWS STS. Source: AWS STS API Reference. */

#include "aws/sts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "aws/sts_xml.h"
#include "base/error.h"
#include "base/time.h"

#define TIMEOUT_MS 10000
#define ATTEMPTS   3

static const char *
action(const ivs_sts_request *r)
{
    return r->web_identity ? "AssumeRoleWithWebIdentity" : "AssumeRole";
}

/* ---- the request ---- */

static void
add(ivs_buf *b, const char *name, const char *value)
{
    ivs_buf_printf(b, "%s%s=", b->len > 0 ? "&" : "", name);
    ivs_url_encode(b, value);
}

static ivs_status
make_body(const ivs_sts_request *r, const ivs_credentials_keys *keys,
          ivs_buf *ret, ivs_error *err)
{
    char text[48];

    add(ret, "Action", action(r));
    add(ret, "Version", "2011-06-15");
    add(ret, "RoleArn", r->arn);
    (void)snprintf(text, sizeof text, "ivs-token-%lld",
                   (long long)ivs_source_now(r->context));
    add(ret, "RoleSessionName",
        r->session_name != NULL ? r->session_name : text);
    if (r->duration_s != 0) {
        (void)snprintf(text, sizeof text, "%d", r->duration_s);
        add(ret, "DurationSeconds", text);
    }
    if (r->external_id != NULL)
        add(ret, "ExternalId", r->external_id);
    if (r->web_identity)
        add(ret, "WebIdentityToken", keys->session_token.data);
    return ret->failed
               ? ivs_fail(err, IVS_E_NOMEM, "out of memory for a request")
               : IVS_OK;
}

/* Header lines of a request; they hold the session token. */
#define HEADERS 6

struct lines {
    ivs_buf text[HEADERS];
    size_t n;
};

static void
add_line(struct lines *l, const char *name, const char *value)
{
    ivs_buf *b = &l->text[l->n++];

    *b = IVS_BUF_SECRET;
    ivs_buf_puts(b, name);
    ivs_buf_puts(b, ": ");
    ivs_buf_puts(b, value);
}

static void
free_lines(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        ivs_buf_free(&l->text[i]);
}

static ivs_status
sign(const ivs_sts_request *r, const ivs_buf *body,
     const ivs_credentials_keys *keys, struct lines *ret, ivs_error *err)
{
    const ivs_sigv4_scope scope = {ivs_source_now(r->context),
                                   r->endpoint->region, "sts"};
    const ivs_sigv4_credentials pair = {keys->access_key_id.data,
                                        keys->secret_access_key.data};
    char time[17];
    ivs_sigv4_header headers[] = {
        {"host", r->endpoint->host},
        {"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
        {"x-amz-date", time},
        {"x-amz-security-token", keys->session_token.data}};
    size_t n = keys->session_token.len > 0 ? 4 : 3;
    ivs_buf path = IVS_BUF_INIT, value = IVS_BUF_SECRET;
    ivs_sigv4_request request = {.method = "POST",
                                 .query = "",
                                 .headers = headers,
                                 .nheaders = n,
                                 .body = body->data,
                                 .body_len = body->len,
                                 .normalize = true};
    ivs_status s;

    if (!ivs_time_format_amz(scope.time_s, time))
        return ivs_fail(err, IVS_E_STATE, "the clock is beyond the year 9999");
    ivs_buf_printf(&path, "%s/", r->endpoint->base_path);
    request.path = path.data;
    s = path.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for a request")
            : ivs_sigv4_authorization(&request, &scope, &pair, &value, err);
    for (size_t i = 2; s == IVS_OK && i < n; i++)
        add_line(ret, headers[i].name, headers[i].value);
    if (s == IVS_OK)
        add_line(ret, "authorization", value.data);
    ivs_buf_free(&value);
    ivs_buf_free(&path);
    return s;
}

/* ---- the answer ---- */

/* A server may send back what it got; no secret of ours goes on from there. */
static ivs_status
fail_refused(int status, const ivs_sts_answer *a,
             const ivs_credentials_keys *keys, ivs_error *err)
{
    bool named = a->code.len > 0 && !ivs_keys_are_in(keys, a->code.data);
    bool shown = a->message.len > 0 && !ivs_keys_are_in(keys, a->message.data);

    (void)ivs_fail(err, IVS_E_CREDENTIALS,
                   "AWS STS answered HTTP %d%s%.60s%s%s", status,
                   named ? ", " : "", named ? a->code.data : "",
                   shown ? ": " : "", shown ? a->message.data : "");
    if (err != NULL) {
        err->http_status = status;
        (void)snprintf(err->aws_code, sizeof err->aws_code, "%.60s",
                       named ? a->code.data : "");
    }
    return IVS_E_CREDENTIALS;
}

static ivs_status
take_keys(ivs_sts_answer *a, ivs_provided *ret, ivs_error *err)
{
    static const ivs_key_names names = {"AccessKeyId", "SecretAccessKey",
                                        "SessionToken"};
    const ivs_key_parts parts = {a->access_key_id.data,
                                 a->secret_access_key.data,
                                 a->session_token.data};
    ivs_status s;

    if (a->access_key_id.len == 0 || a->secret_access_key.len == 0 ||
        a->session_token.len == 0 ||
        !ivs_time_parse(a->expiration.data, a->expiration.len, &ret->expires_s))
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "AWS STS gave no whole set of keys, expected "
                        "AccessKeyId, SecretAccessKey, SessionToken and "
                        "Expiration");
    s = ivs_key_parts_check(&parts, &names, IVS_E_CREDENTIALS, err);
    return s == IVS_OK ? ivs_key_parts_copy(&parts, &ret->keys, err) : s;
}

static ivs_status
judge(const ivs_sts_request *r, const ivs_source_answer *answer,
      const ivs_credentials_keys *keys, ivs_provided *ret, ivs_error *err)
{
    ivs_sts_answer a = {0};
    ivs_status s = ivs_sts_answer_parse(action(r), answer->body.data,
                                        answer->body.len, &a, err);

    if (s == IVS_E_NOMEM || (s != IVS_OK && answer->status == 200))
        return s;
    s = answer->status == 200 ? take_keys(&a, ret, err)
                              : fail_refused(answer->status, &a, keys, err);
    ivs_sts_answer_free(&a);
    return s;
}

ivs_status
ivs_sts_call(const ivs_sts_request *r, const ivs_credentials_keys *keys,
             ivs_provided *ret, ivs_error *err)
{
    ivs_source_answer answer = {0};
    ivs_buf body = IVS_BUF_SECRET, url = IVS_BUF_INIT;
    struct lines lines = {.n = 0};
    const char *headers[HEADERS];
    ivs_http_request request = {
        .method = "POST", .headers = headers, .total_timeout_ms = TIMEOUT_MS};
    ivs_status s = make_body(r, keys, &body, err);

    add_line(&lines, "content-type",
             "application/x-www-form-urlencoded; charset=utf-8");
    ivs_buf_printf(&url, "%s/", r->endpoint->url);
    if (s == IVS_OK && !r->web_identity)
        s = sign(r, &body, keys, &lines, err);
    for (size_t i = 0; s == IVS_OK && i < lines.n; i++) {
        headers[request.nheaders++] = lines.text[i].data;
        if (lines.text[i].failed || url.failed)
            s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    }
    request.url = url.data;
    request.body = body.data;
    request.body_len = body.len;
    if (s == IVS_OK)
        s = ivs_source_send(r->context, &request, ATTEMPTS, &answer, err);
    if (s == IVS_E_NETWORK)
        ivs_error_context(err, "AWS STS");
    if (s == IVS_OK)
        s = judge(r, &answer, keys, ret, err);
    ivs_buf_free(&answer.body);
    free_lines(&lines);
    ivs_buf_free(&url);
    ivs_buf_free(&body);
    return s;
}
