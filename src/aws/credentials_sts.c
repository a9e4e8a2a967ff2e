/* SPDX-License-Identifier: MIT */
/* Roles, taken on through AWS STS with other keys or with the token of another
 * identity provider. Source: AWS STS API Reference; AWS SDKs and Tools
 * Reference Guide, "Assume role credential provider". */

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_provider.h"
#include "aws/sts.h"
#include "base/error.h"
#include "base/file.h"

#define TOKEN_MAX    (64 * 1024)
#define DURATION_MIN 900
#define DURATION_MAX 43200

struct role {
    ivs_provider base;
    ivs_aws_config endpoint;
    ivs_provider *source; /* NULL: the token of a file */
    char *token_file;
    char *arn, *session_name, *external_id; /* the last two may be NULL */
    ivs_sts_request request;                /* of these */
};

/* The token, read anew each time, for others renew it. */
static ivs_status
read_token(const char *path, ivs_buf *ret, ivs_error *err)
{
    ivs_status s;

    *ret = IVS_BUF_SECRET;
    if ((s = ivs_file_read(path, TOKEN_MAX, ret, err)) != IVS_OK)
        return s;
    while (ret->len > 0 && strchr(" \t\r\n", ret->data[ret->len - 1]) != NULL)
        ret->data[--ret->len] = '\0';
    if (ret->len == 0)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "%.120s is empty, expected the token of an identity "
                        "provider",
                        path);
    if (strlen(ret->data) != ret->len)
        return ivs_fail(err, IVS_E_CREDENTIALS, "%.120s holds a NUL byte",
                        path);
    return IVS_OK;
}

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    struct role *r = (struct role *)self;
    ivs_provided source = {0};
    ivs_status s;

    if (r->source != NULL)
        s = ivs_provider_fetch(r->source, r->request.context, &source, err);
    else
        s = read_token(r->token_file, &source.keys.session_token, err);
    if (s == IVS_OK)
        s = ivs_sts_call(&r->request, &source.keys, ret, err);
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
    if ((s = copy(parts->arn, &r->arn, err)) != IVS_OK ||
        (s = copy(parts->session_name, &r->session_name, err)) != IVS_OK ||
        (s = copy(parts->external_id, &r->external_id, err)) != IVS_OK ||
        (s = copy(parts->token_file, &r->token_file, err)) != IVS_OK)
        return s;
    r->request = (ivs_sts_request){.context = at->context,
                                   .endpoint = &r->endpoint,
                                   .arn = r->arn,
                                   .web_identity = r->source == NULL,
                                   .session_name = r->session_name,
                                   .external_id = r->external_id,
                                   .duration_s = parts->duration_s};
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
