/* SPDX-License-Identifier: MIT */
/* What all kinds of sources have in common. */

#include "aws/credentials_provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"

#define PROCESS_TIMEOUT_MS 60000

ivs_source_context *
ivs_source_context_new(const ivs_credentials_setup *setup)
{
    ivs_source_context *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->clock = ivs_clock_or_system(&setup->clock);
    c->transport = setup->transport;
    c->allow_http = setup->allow_http;
    c->process_timeout_ms = setup->process_timeout_ms != 0
                                ? setup->process_timeout_ms
                                : PROCESS_TIMEOUT_MS;
    return c;
}

void
ivs_source_context_free(ivs_source_context *c)
{
    if (c == NULL)
        return;
    ivs_http_free(c->http);
    free(c->ca_bundle);
    free(c);
}

int64_t
ivs_source_now(const ivs_source_context *c)
{
    return c->clock.now_s(c->clock.user);
}

void *
ivs_provider_new(size_t size, ivs_buf *name, ivs_error *err)
{
    ivs_provider *p = calloc(1, size);

    if (p != NULL)
        p->name = ivs_buf_steal(name, NULL);
    if (p != NULL && p->name != NULL)
        return p;
    free(p);
    ivs_buf_free(name);
    (void)ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    return NULL;
}

static ivs_status
check_expiry(const ivs_source_context *c, const ivs_provided *found,
             ivs_error *err)
{
    char then[IVS_TIME_SIZE];

    if (found->expires_s > ivs_source_now(c))
        return IVS_OK;
    ivs_time_format(found->expires_s, then);
    return ivs_fail(err, IVS_E_CREDENTIALS,
                    "the keys it gave expired at %s, expected keys still valid",
                    then);
}

ivs_status
ivs_provider_fetch(ivs_provider *p, const ivs_source_context *c,
                   ivs_provided *ret, ivs_error *err)
{
    ivs_provided found = {.expires_s = IVS_NEVER};
    ivs_status s = p->fetch(p, &found, err);

    if (s == IVS_OK && (s = check_expiry(c, &found, err)) == IVS_OK) {
        *ret = found;
        return IVS_OK;
    }
    ivs_credentials_keys_free(&found.keys);
    /* A source of the caller's may say so of something else. */
    if (s == IVS_E_NOMEM ||
        (s == IVS_E_CANCELLED && ivs_is_cancelled(&c->cancel)))
        return s;
    ivs_error_context(err, "credentials from %.120s", p->name);
    /* No answer of the service the keys were for: nothing of it was sent. */
    if (err != NULL) {
        err->code = IVS_E_CREDENTIALS;
        err->unanswered = 0;
    }
    return IVS_E_CREDENTIALS;
}

void
ivs_provider_free(ivs_provider *p)
{
    if (p == NULL)
        return;
    if (p->release != NULL)
        p->release(p);
    free(p->name);
    free(p);
}

const char *
ivs_source_value(const ivs_source_place *at, const char *key)
{
    const ivs_ini_property *p =
        at->profile == NULL ? NULL : ivs_profile_get(at->profile, key);

    return p == NULL || p->value.len == 0 ? NULL : p->value.data;
}

const char *
ivs_source_setting(const ivs_source_place *at, const char *variable,
                   const char *key)
{
    const char *value = ivs_environment_get(at->env, variable);
    const ivs_ini_property *p;

    if (value != NULL || key == NULL || at->asked == NULL)
        return value;
    p = ivs_profile_get(at->asked, key);
    return p == NULL || p->value.len == 0 ? NULL : p->value.data;
}
