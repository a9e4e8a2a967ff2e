/* SPDX-License-Identifier: MIT */
/* Roles, taken on through AWS STS with other keys or with the token of another
 * identity provider. Source: AWS STS API Reference; AWS SDKs and Tools
 * Reference Guide, "Assume role credential provider". */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_provider.h"
#include "aws/sigv4.h"
#include "aws/sts_xml.h"
#include "base/error.h"
#include "base/file.h"
#include "base/time.h"

#define TIMEOUT_MS   10000
#define ATTEMPTS     3
#define TOKEN_MAX    (64 * 1024)
#define DURATION_MIN 900
#define DURATION_MAX 43200

struct role {
    ivs_provider base;
    ivs_source_context *context;
    ivs_aws_config endpoint;
    ivs_provider *source; /* NULL: the token of a file */
    char *token_file;
    char *arn, *session_name, *external_id; /* the last two may be NULL */
    int duration_s;                         /* 0: what STS gives */
};

static const char *
action(const struct role *r)
{
    return r->source != NULL ? "AssumeRole" : "AssumeRoleWithWebIdentity";
}

/* ---- the request ---- */

static void
add(ivs_buf *b, const char *name, const char *value)
{
    ivs_buf_printf(b, "%s%s=", b->len > 0 ? "&" : "", name);
    ivs_url_encode(b, value);
}

/* The token, read anew each time, for others renew it. */
static ivs_status
add_token(const struct role *r, ivs_buf *body, ivs_error *err)
{
    ivs_buf token = IVS_BUF_SECRET;
    ivs_status s = ivs_file_read(r->token_file, TOKEN_MAX, &token, err);

    while (s == IVS_OK && token.len > 0 &&
           strchr(" \t\r\n", token.data[token.len - 1]) != NULL)
        token.data[--token.len] = '\0';
    if (s == IVS_OK && token.len == 0)
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "%.120s is empty, expected the token of an identity "
                     "provider",
                     r->token_file);
    if (s == IVS_OK && strlen(token.data) != token.len)
        s = ivs_fail(err, IVS_E_CREDENTIALS, "%.120s holds a NUL byte",
                     r->token_file);
    if (s == IVS_OK)
        add(body, "WebIdentityToken", token.data);
    ivs_buf_free(&token);
    return s;
}

static ivs_status
make_body(const struct role *r, ivs_buf *ret, ivs_error *err)
{
    char text[48];
    ivs_status s = IVS_OK;

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
    if (r->source == NULL)
        s = add_token(r, ret, err);
    if (s == IVS_OK && ret->failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    return s;
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
sign(const struct role *r, const ivs_buf *body,
     const ivs_credentials_keys *keys, struct lines *ret, ivs_error *err)
{
    const ivs_sigv4_scope scope = {ivs_source_now(r->context),
                                   r->endpoint.region, "sts"};
    const ivs_sigv4_credentials pair = {keys->access_key_id.data,
                                        keys->secret_access_key.data};
    char time[17];
    ivs_sigv4_header headers[] = {
        {"host", r->endpoint.host},
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
    ivs_buf_printf(&path, "%s/", r->endpoint.base_path);
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
    bool shown = a->message.len > 0 && !ivs_keys_are_in(keys, a->message.data);

    (void)ivs_fail(
        err, IVS_E_CREDENTIALS, "AWS STS answered HTTP %d%s%.60s%s%s", status,
        a->code.len > 0 ? ", " : "", a->code.len > 0 ? a->code.data : "",
        shown ? ": " : "", shown ? a->message.data : "");
    if (err != NULL) {
        err->http_status = status;
        (void)snprintf(err->aws_code, sizeof err->aws_code, "%.60s",
                       a->code.len > 0 ? a->code.data : "");
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
judge(const struct role *r, const ivs_source_answer *answer,
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

static ivs_status
call(struct role *r, const ivs_credentials_keys *keys, ivs_provided *ret,
     ivs_error *err)
{
    ivs_source_answer answer = {0};
    ivs_buf body = IVS_BUF_SECRET, url = IVS_BUF_INIT;
    struct lines lines = {.n = 0};
    const char *headers[HEADERS];
    ivs_http_request request = {
        .method = "POST", .headers = headers, .total_timeout_ms = TIMEOUT_MS};
    ivs_status s = make_body(r, &body, err);

    add_line(&lines, "content-type",
             "application/x-www-form-urlencoded; charset=utf-8");
    ivs_buf_printf(&url, "%s/", r->endpoint.url);
    if (s == IVS_OK && r->source != NULL)
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
    if (s == IVS_OK)
        s = judge(r, &answer, keys, ret, err);
    ivs_buf_free(&answer.body);
    free_lines(&lines);
    ivs_buf_free(&url);
    ivs_buf_free(&body);
    return s;
}

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    struct role *r = (struct role *)self;
    ivs_provided source = {0};
    ivs_status s = IVS_OK;

    if (r->source != NULL)
        s = ivs_provider_fetch(r->source, r->context, &source, err);
    if (s == IVS_OK)
        s = call(r, &source.keys, ret, err);
    ivs_credentials_keys_free(&source.keys);
    return s;
}

static void
release(ivs_provider *self)
{
    struct role *r = (struct role *)self;

    ivs_provider_free(r->source);
    ivs_aws_config_free(&r->endpoint);
    free(r->token_file);
    free(r->arn);
    free(r->session_name);
    free(r->external_id);
}

/* ---- configuration ---- */

static ivs_status
copy(const char *text, char **ret, ivs_error *err)
{
    if (text == NULL)
        return IVS_OK;
    *ret = strdup(text);
    return *ret != NULL
               ? IVS_OK
               : ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
}

static ivs_status
read_duration(const ivs_source_place *at, int *ret, ivs_error *err)
{
    const char *text = ivs_source_value(at, "duration_seconds");
    size_t n;

    *ret = 0;
    if (text == NULL)
        return IVS_OK;
    n = strspn(text, "0123456789");
    if (n > 0 && n <= 5 && text[n] == '\0')
        *ret = atoi(text);
    if (n == 0 || n > 5 || text[n] != '\0' || *ret < DURATION_MIN ||
        *ret > DURATION_MAX)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s: duration_seconds is \"%.16s\", "
                        "expected a number from %d to %d",
                        at->profile->name, text, DURATION_MIN, DURATION_MAX);
    return IVS_OK;
}

/* What a role consists of, where it is configured. */
struct parts {
    const char *arn, *session_name, *external_id, *token_file;
    int duration_s;
};

static ivs_status
fill(struct role *r, const ivs_source_place *at, const struct parts *parts,
     ivs_error *err)
{
    ivs_aws_config_options opt = {.region = at->setup->region,
                                  .allow_http = at->setup->allow_http,
                                  .service = &ivs_aws_service_sts,
                                  .profile = at->setup->where};
    ivs_status s;

    r->base.fetch = fetch;
    r->base.release = release;
    r->context = at->context;
    r->duration_s = parts->duration_s;
    if ((s = copy(parts->arn, &r->arn, err)) != IVS_OK ||
        (s = copy(parts->session_name, &r->session_name, err)) != IVS_OK ||
        (s = copy(parts->external_id, &r->external_id, err)) != IVS_OK ||
        (s = copy(parts->token_file, &r->token_file, err)) != IVS_OK)
        return s;
    if ((s = ivs_aws_config_load(&opt, &r->endpoint, err)) != IVS_OK)
        ivs_error_context(err, "AWS STS");
    return s;
}

static ivs_status
make(const ivs_source_place *at, const struct parts *parts, ivs_buf *name,
     ivs_provider *source, ivs_provider **ret, ivs_error *err)
{
    struct role *r = ivs_provider_new(sizeof *r, name, err);
    ivs_status s;

    if (r == NULL) {
        ivs_provider_free(source);
        return IVS_E_NOMEM;
    }
    r->source = source;
    s = fill(r, at, parts, err);
    if (s == IVS_OK)
        *ret = &r->base;
    else
        ivs_provider_free(&r->base);
    return s;
}

ivs_status
ivs_source_assume(const ivs_source_place *at, ivs_provider *source,
                  ivs_provider **ret, ivs_error *err)
{
    struct parts parts = {.arn = ivs_source_value(at, "role_arn"),
                          .session_name =
                              ivs_source_value(at, "role_session_name"),
                          .external_id = ivs_source_value(at, "external_id")};
    ivs_buf name = IVS_BUF_INIT;
    ivs_status s = IVS_OK;

    if (ivs_source_value(at, "mfa_serial") != NULL)
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "profile %.64s has mfa_serial, which needs a prompt for a "
                     "code; that is not supported",
                     at->profile->name);
    if (s == IVS_OK)
        s = read_duration(at, &parts.duration_s, err);
    if (s != IVS_OK) {
        ivs_provider_free(source);
        return s;
    }
    ivs_buf_printf(&name, "role %s of profile %s", parts.arn,
                   at->profile->name);
    return make(at, &parts, &name, source, ret, err);
}

ivs_status
ivs_source_web_identity_env(const ivs_source_place *at, ivs_provider **ret,
                            ivs_error *err)
{
    const struct parts parts = {
        .token_file =
            ivs_environment_get(at->env, "AWS_WEB_IDENTITY_TOKEN_FILE"),
        .arn = ivs_environment_get(at->env, "AWS_ROLE_ARN"),
        .session_name = ivs_environment_get(at->env, "AWS_ROLE_SESSION_NAME")};
    ivs_buf name = IVS_BUF_INIT;

    if (parts.token_file == NULL) {
        ivs_buf_puts(at->why, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
        return IVS_OK;
    }
    if (parts.arn == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "environment: AWS_WEB_IDENTITY_TOKEN_FILE is set and "
                        "AWS_ROLE_ARN is not, expected both");
    ivs_buf_printf(&name, "web identity of the environment for role %s",
                   parts.arn);
    return make(at, &parts, &name, NULL, ret, err);
}

ivs_status
ivs_source_web_identity(const ivs_source_place *at, ivs_provider **ret,
                        ivs_error *err)
{
    struct parts parts = {
        .token_file = ivs_source_value(at, "web_identity_token_file"),
        .arn = ivs_source_value(at, "role_arn"),
        .session_name = ivs_source_value(at, "role_session_name")};
    ivs_buf name = IVS_BUF_INIT;
    ivs_status s;

    if (parts.token_file == NULL) {
        ivs_buf_printf(at->why, "profile %s has no web_identity_token_file",
                       at->profile->name);
        return IVS_OK;
    }
    if (parts.arn == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s has web_identity_token_file and no "
                        "role_arn, expected both",
                        at->profile->name);
    if ((s = read_duration(at, &parts.duration_s, err)) != IVS_OK)
        return s;
    ivs_buf_printf(&name, "web identity of profile %s for role %s",
                   at->profile->name, parts.arn);
    return make(at, &parts, &name, NULL, ret, err);
}
