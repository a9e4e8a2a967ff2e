/* SPDX-License-Identifier: MIT */
/* Keys of a role in IAM Identity Center (SSO), for a user who has logged in.
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential
 * provider"; IAM Identity Center Portal API Reference, GetRoleCredentials. */

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_document.h"
#include "aws/credentials_provider.h"
#include "aws/sso_token.h"
#include "base/error.h"

#define TIMEOUT_MS 10000
#define ATTEMPTS   3

struct sso {
    ivs_provider base;
    ivs_source_context *context;
    ivs_sso_login login;
    ivs_aws_config endpoint; /* of the portal */
    char *url;               /* of the request */
};

/* ---- fetch ---- */

static ivs_status
judge(const struct sso *p, const ivs_source_answer *answer, ivs_provided *ret,
      ivs_error *err)
{
    const ivs_json_slice object = {answer->body.data, answer->body.len};
    ivs_json_slice keys;
    ivs_status s;

    if (answer->status == 401)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the login is no longer accepted; log in with: %s",
                        p->login.command);
    if (answer->status != 200)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the portal answered HTTP %d%s, expected 200",
                        answer->status,
                        answer->status == 403 ? " (no such account or role for "
                                                "this user)"
                                              : "");
    s = ivs_secret_json_check(object.at, object.len, "the answer", err);
    if (s != IVS_OK)
        return s;
    keys = ivs_secret_json_get(&object, "roleCredentials");
    if (keys.at == NULL || keys.at[0] != '{')
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the answer has no roleCredentials");
    return ivs_document_keys(&keys, &ivs_document_sso, ret, err);
}

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    struct sso *p = (struct sso *)self;
    ivs_buf line = IVS_BUF_SECRET;
    ivs_source_answer answer = {0};
    const char *headers[] = {NULL, "Accept: application/json"};
    ivs_http_request request = {.method = "GET",
                                .url = p->url,
                                .headers = headers,
                                .nheaders = 2,
                                .total_timeout_ms = TIMEOUT_MS};
    ivs_status s;

    ivs_buf_puts(&line, "x-amz-sso_bearer_token: ");
    s = ivs_sso_token(&p->login, p->context, &line, err);
    if (s == IVS_OK && line.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    headers[0] = line.data;
    if (s == IVS_OK)
        s = ivs_source_send(p->context, &request, ATTEMPTS, &answer, err);
    if (s == IVS_OK)
        s = judge(p, &answer, ret, err);
    ivs_buf_free(&answer.body);
    ivs_buf_free(&line);
    return s;
}

static void
release(ivs_provider *self)
{
    struct sso *p = (struct sso *)self;

    ivs_sso_login_free(&p->login);
    ivs_aws_config_free(&p->endpoint);
    free(p->url);
}

/* ---- configuration ---- */

/* All borrowed. */
struct settings {
    const char *session; /* NULL: the older form, all in the profile */
    const char *start_url, *region, *account, *role;
};

static const char *
of_session(const ivs_source_place *at, const char *session, const char *key)
{
    const ivs_ini_property *p =
        ivs_ini_get(&at->profile->ini, IVS_INI_SSO_SESSION, session, key);

    return p == NULL || p->value.len == 0 ? NULL : p->value.data;
}

/* A setting of the sso-session, which the profile may repeat but not change. */
static ivs_status
read_of_session(const ivs_source_place *at, const char *session,
                const char *key, const char **ret, ivs_error *err)
{
    const char *repeated = ivs_source_value(at, key);

    *ret = of_session(at, session, key);
    if (*ret == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "[sso-session %.64s], which profile %.64s names, has "
                        "no %s",
                        session, at->profile->name, key);
    if (repeated != NULL && strcmp(repeated, *ret) != 0)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s has another %s than [sso-session %.64s]",
                        at->profile->name, key, session);
    return IVS_OK;
}

static ivs_status
check_complete(const ivs_source_place *at, const struct settings *s,
               ivs_error *err)
{
    const struct {
        const char *key, *value;
    } rows[] = {{"sso_account_id", s->account},
                {"sso_role_name", s->role},
                {"sso_start_url", s->start_url},
                {"sso_region", s->region}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value == NULL)
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "profile %.64s has settings of IAM Identity Center "
                            "and no %s",
                            at->profile->name, rows[i].key);
    return IVS_OK;
}

static ivs_status
read_settings(const ivs_source_place *at, struct settings *ret, ivs_error *err)
{
    ivs_status s = IVS_OK;

    *ret = (struct settings){.session = ivs_source_value(at, "sso_session"),
                             .start_url = ivs_source_value(at, "sso_start_url"),
                             .region = ivs_source_value(at, "sso_region"),
                             .account = ivs_source_value(at, "sso_account_id"),
                             .role = ivs_source_value(at, "sso_role_name")};
    if (ret->session == NULL && ret->start_url == NULL &&
        ret->account == NULL && ret->role == NULL) {
        ivs_buf_printf(at->why,
                       "profile %s has no sso_account_id and sso_role_name",
                       at->profile->name);
        return IVS_OK;
    }
    if (ret->session != NULL) {
        if (!ivs_ini_has(&at->profile->ini, IVS_INI_SSO_SESSION, ret->session))
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "profile %.64s names [sso-session %.64s], which is "
                            "not in %.80s",
                            at->profile->name, ret->session,
                            at->profile->config_file);
        s = read_of_session(at, ret->session, "sso_start_url", &ret->start_url,
                            err);
        if (s == IVS_OK)
            s = read_of_session(at, ret->session, "sso_region", &ret->region,
                                err);
    }
    return s == IVS_OK ? check_complete(at, ret, err) : s;
}

static ivs_status
load_endpoint(const ivs_source_place *at, const struct settings *settings,
              const ivs_aws_service *service, ivs_aws_config *ret,
              ivs_error *err)
{
    const ivs_aws_config_options opt = {.region = settings->region,
                                        .allow_http = at->setup->allow_http,
                                        .service = service,
                                        .profile = at->setup->where};
    ivs_status s = ivs_aws_config_load(&opt, ret, err);

    if (s != IVS_OK)
        ivs_error_context(err, "IAM Identity Center");
    return s;
}

static ivs_status
fill_login(const ivs_source_place *at, const struct settings *settings,
           ivs_sso_login *ret, ivs_error *err)
{
    ivs_buf command = IVS_BUF_INIT;
    ivs_status s;

    if (settings->session != NULL)
        ivs_buf_printf(&command, "aws sso login --sso-session %s",
                       settings->session);
    else
        ivs_buf_printf(&command, "aws sso login --profile %s",
                       at->profile->name);
    if ((ret->command = ivs_buf_steal(&command, NULL)) == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    s = ivs_sso_cache_file(at->env,
                           settings->session != NULL ? settings->session
                                                     : settings->start_url,
                           &ret->file, err);
    ret->renewable = settings->session != NULL;
    if (s == IVS_OK && ret->renewable)
        s = load_endpoint(at, settings, &ivs_aws_service_sso_oidc,
                          &ret->endpoint, err);
    return s;
}

static ivs_status
fill(struct sso *p, const ivs_source_place *at, const struct settings *settings,
     ivs_error *err)
{
    ivs_buf url = IVS_BUF_INIT;
    ivs_status s;

    p->base.fetch = fetch;
    p->base.release = release;
    p->context = at->context;
    if ((s = fill_login(at, settings, &p->login, err)) != IVS_OK ||
        (s = load_endpoint(at, settings, &ivs_aws_service_sso, &p->endpoint,
                           err)) != IVS_OK)
        return s;
    ivs_buf_printf(&url,
                   "%s/federation/credentials?role_name=", p->endpoint.url);
    ivs_url_encode(&url, settings->role);
    ivs_buf_puts(&url, "&account_id=");
    ivs_url_encode(&url, settings->account);
    if ((p->url = ivs_buf_steal(&url, NULL)) == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    return IVS_OK;
}

ivs_status
ivs_source_sso(const ivs_source_place *at, ivs_provider **ret, ivs_error *err)
{
    ivs_buf name = IVS_BUF_INIT;
    struct settings settings;
    struct sso *p;
    ivs_status s = read_settings(at, &settings, err);

    if (s != IVS_OK || settings.account == NULL)
        return s;
    ivs_buf_printf(&name, "SSO of profile %s for role %s", at->profile->name,
                   settings.role);
    if ((p = ivs_provider_new(sizeof *p, &name, err)) == NULL)
        return IVS_E_NOMEM;
    s = fill(p, at, &settings, err);
    if (s == IVS_OK)
        *ret = &p->base;
    else
        ivs_provider_free(&p->base);
    return s;
}
