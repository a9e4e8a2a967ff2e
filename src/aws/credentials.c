/* SPDX-License-Identifier: MIT */
/* Credentials as callers make them. */

#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_provider.h"
#include "base/error.h"

#define PROCESS_TIMEOUT_MAX_MS (24 * 60 * 60 * 1000)

static const ivs_key_names names = {"access_key_id", "secret_access_key",
                                    "session_token"};

static ivs_status
check_arguments(const ivs_key_parts *k, ivs_error *err)
{
    if (k->access_key_id == NULL || *k->access_key_id == '\0')
        return ivs_fail_member(err, IVS_E_ARG, names.access_key_id,
                               "access_key_id is NULL or empty");
    if (k->secret_access_key == NULL || *k->secret_access_key == '\0')
        return ivs_fail_member(err, IVS_E_ARG, names.secret_access_key,
                               "secret_access_key is NULL or empty");
    if (k->session_token != NULL && *k->session_token == '\0')
        return ivs_fail_member(err, IVS_E_ARG, names.session_token,
                               "session_token is empty, expected NULL or a "
                               "token");
    return ivs_key_parts_check(k, &names, IVS_E_ARG, err);
}

/* The object around a provider, which is taken over even on failure. */
static ivs_status
wrap(ivs_provider *provider, const ivs_clock *clock, ivs_credentials **ret,
     ivs_error *err)
{
    ivs_credentials_setup setup = {0};
    ivs_source_context *context;

    if (clock != NULL)
        setup.clock = *clock;
    context = ivs_source_context_new(&setup);
    if (context == NULL) {
        ivs_provider_free(provider);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    }
    return ivs_credentials_new(context, provider, ret, err);
}

ivs_status
ivs_credentials_static(const char *access_key_id, const char *secret_access_key,
                       const char *session_token, ivs_credentials **ret,
                       ivs_error *err)
{
    const ivs_key_parts k = {access_key_id, secret_access_key, session_token};
    ivs_provider *provider = NULL;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    if ((s = check_arguments(&k, err)) != IVS_OK ||
        (s = ivs_source_fixed("static", &k, IVS_NEVER, &provider, err)) !=
            IVS_OK)
        return s;
    return wrap(provider, NULL, ret, err);
}

/* ---- a source of the caller's ---- */

struct custom {
    ivs_provider base;
    ivs_status (*fetch)(ivs_credentials_supply *supply, void *user,
                        ivs_error *err);
    void *user;
};

struct ivs_credentials_supply {
    ivs_provided *to;
    bool given;
};

ivs_status
ivs_credentials_supply_keys(ivs_credentials_supply *supply,
                            const char *access_key_id,
                            const char *secret_access_key,
                            const char *session_token, int64_t expires_s,
                            ivs_error *err)
{
    const ivs_key_parts k = {access_key_id, secret_access_key, session_token};
    ivs_credentials_keys keys;
    ivs_status s;

    if (supply == NULL)
        return ivs_fail(err, IVS_E_ARG, "supply is NULL");
    if (expires_s < 0)
        return ivs_fail_member(err, IVS_E_ARG, "expires_s",
                               "expires_s is %lld, expected 0 or seconds since "
                               "1970",
                               (long long)expires_s);
    if ((s = check_arguments(&k, err)) != IVS_OK ||
        (s = ivs_key_parts_copy(&k, &keys, err)) != IVS_OK)
        return s;
    ivs_credentials_keys_free(&supply->to->keys);
    supply->to->keys = keys;
    supply->to->expires_s = expires_s == 0 ? IVS_NEVER : expires_s;
    supply->given = true;
    return IVS_OK;
}

static ivs_status
fetch_custom(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    const struct custom *c = (struct custom *)self;
    ivs_credentials_supply supply = {.to = ret};
    ivs_error why = {0};
    ivs_status s = c->fetch(&supply, c->user, &why);

    if (s == IVS_OK && supply.given)
        return IVS_OK;
    if (s == IVS_OK)
        return ivs_fail(err, IVS_E_CREDENTIALS, "it gave no keys");
    return ivs_fail(err, s, "%s",
                    why.message[0] != '\0' ? why.message : ivs_status_text(s));
}

ivs_status
ivs_credentials_custom(const char *name,
                       ivs_status (*fetch)(ivs_credentials_supply *supply,
                                           void *user, ivs_error *err),
                       void *user, const ivs_clock *clock,
                       ivs_credentials **ret, ivs_error *err)
{
    ivs_buf text = IVS_BUF_INIT;
    struct custom *c;
    ivs_status s;

    if (name == NULL || *name == '\0' || fetch == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG,
                        "name, fetch or ret is NULL, or the name is empty");
    if (clock != NULL && (s = ivs_clock_check(clock, err)) != IVS_OK)
        return s;
    ivs_buf_puts(&text, name);
    if ((c = ivs_provider_new(sizeof *c, &text, err)) == NULL)
        return IVS_E_NOMEM;
    c->base.fetch = fetch_custom;
    c->fetch = fetch;
    c->user = user;
    return wrap(&c->base, clock, ret, err);
}

/* ---- the chain ---- */

void
ivs_credentials_options_init(ivs_credentials_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

ivs_status
ivs_credentials_read_options(const ivs_credentials_options *opt,
                             ivs_credentials_setup *ret, ivs_error *err)
{
    ivs_credentials_options o = {0};
    ivs_status s;

    if (opt != NULL && (s = ivs_options_copy(&o, sizeof o, opt, err)) != IVS_OK)
        return s;
    if (o.process_timeout_ms < 0 ||
        o.process_timeout_ms > PROCESS_TIMEOUT_MAX_MS)
        return ivs_fail_member(err, IVS_E_ARG, "process_timeout_ms",
                               "process_timeout_ms is %lld, expected 0 to %d "
                               "milliseconds",
                               (long long)o.process_timeout_ms,
                               PROCESS_TIMEOUT_MAX_MS);
    *ret = (ivs_credentials_setup){
        .where = {.profile = o.profile,
                  .config_file = o.config_file,
                  .credentials_file = o.credentials_file},
        .region = o.region,
        .ca_bundle = o.ca_bundle,
        .allow_http = o.allow_http,
        .process_timeout_ms = o.process_timeout_ms,
        .clock = o.clock,
        .transport = o.transport};
    return ivs_clock_check(&o.clock, err);
}

ivs_status
ivs_credentials_default(const ivs_credentials_options *opt,
                        ivs_credentials **ret, ivs_error *err)
{
    ivs_credentials_setup setup;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    s = ivs_credentials_read_options(opt, &setup, err);
    return s == IVS_OK ? ivs_credentials_find(&setup, ret, err) : s;
}
