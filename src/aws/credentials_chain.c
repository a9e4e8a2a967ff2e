/* SPDX-License-Identifier: MIT */
/* The order of the sources, and which of them is the one. */

#include "aws/credentials_chain.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_provider.h"
#include "base/error.h"

enum {
    ROW_ENVIRONMENT = 0x1, /* passed over for a profile asked for by name */
    ROW_PROFILE = 0x2,     /* looks into the profile */
    ROW_MACHINE = 0x4      /* passed over for a profile asked for by name */
};

struct row {
    const char *source;
    ivs_source_maker *make;
    unsigned flags;
};

static const struct row rows[IVS_CHAIN_SOURCES] = {
    {"environment", ivs_source_environment, ROW_ENVIRONMENT},
    {"assume_role", ivs_source_role, ROW_PROFILE},
    {"web_identity_environment", ivs_source_web_identity_env, ROW_ENVIRONMENT},
    {"web_identity", ivs_source_web_identity, ROW_PROFILE},
    {"sso", ivs_source_sso, ROW_PROFILE},
    {"credentials_file", ivs_source_keys_of_credentials, ROW_PROFILE},
    {"login", ivs_source_login, ROW_PROFILE},
    {"process", ivs_source_process, ROW_PROFILE},
    {"config_file", ivs_source_keys_of_config, ROW_PROFILE},
    {"container", ivs_source_container, ROW_MACHINE},
    {"instance_metadata", ivs_source_instance, ROW_MACHINE},
};

void
ivs_chain_trace_init(ivs_chain_trace *trace)
{
    for (size_t i = 0; i < IVS_CHAIN_SOURCES; i++)
        trace->steps[i].source = rows[i].source;
}

void
ivs_chain_trace_free(ivs_chain_trace *trace)
{
    for (size_t i = 0; i < IVS_CHAIN_SOURCES; i++)
        ivs_buf_free(&trace->steps[i].reason);
}

static void
note(ivs_chain_trace *trace, size_t i, ivs_chain_state state,
     const char *reason)
{
    if (trace == NULL)
        return;
    trace->steps[i].state = state;
    ivs_buf_puts(&trace->steps[i].reason, reason);
}

ivs_status
ivs_source_login(const ivs_source_place *at, ivs_provider **ret, ivs_error *err)
{
    (void)ret;
    if (ivs_source_value(at, "login_session") == NULL) {
        ivs_buf_printf(at->why, "profile %s has no login_session",
                       at->profile->name);
        return IVS_OK;
    }
    return ivs_fail(err, IVS_E_CREDENTIALS,
                    "profile %.64s uses login_session (aws login), which is "
                    "not supported yet",
                    at->profile->name);
}

/* A search under way. */
struct search {
    const ivs_credentials_setup *setup;
    ivs_source_context *context;
    ivs_profile profile;
    bool loaded;
    ivs_buf why;
    ivs_provider *found;
    ivs_provided first; /* its keys, where it was asked already */
    bool asked;
    ivs_error *err;
};

/* The service is found by asking it. Where nothing answers, or no role is
 * there, it is not configured. */
static ivs_status
ask_instance(struct search *s)
{
    ivs_error why = {0};
    ivs_status status = s->found->fetch(s->found, &s->first, &why);

    if (status == IVS_OK) {
        s->asked = true;
        return IVS_OK;
    }
    if (status == IVS_E_NETWORK) {
        ivs_buf_puts(&s->why, why.message);
        ivs_provider_free(s->found);
        s->found = NULL;
        return IVS_OK;
    }
    if (status != IVS_E_NOMEM)
        status = why.code = IVS_E_CREDENTIALS;
    ivs_error_context(&why, "credentials from %s", s->found->name);
    if (s->err != NULL)
        *s->err = why;
    return status;
}

static ivs_status
load_profile(struct search *s)
{
    ivs_status status = IVS_OK;

    if (!s->loaded)
        status = ivs_profile_load(&s->setup->where, &s->profile, s->err);
    s->loaded = status == IVS_OK;
    return status;
}

static ivs_status
try_row(struct search *s, const struct row *row)
{
    const ivs_source_place at = {.context = s->context,
                                 .env = &s->setup->where.env,
                                 .profile = &s->profile,
                                 .asked = &s->profile,
                                 .setup = s->setup,
                                 .why = &s->why};
    ivs_status status = row->make(&at, &s->found, s->err);

    if (status == IVS_OK && s->found != NULL &&
        row->make == ivs_source_instance)
        status = ask_instance(s);
    return status;
}

static ivs_status
run_row(struct search *s, size_t i)
{
    const struct row *row = &rows[i];
    bool by_name = s->setup->where.profile != NULL;
    ivs_chain_trace *trace = s->setup->trace;
    ivs_status status;

    if (by_name && (row->flags & ROW_PROFILE) == 0) {
        note(trace, i, IVS_CHAIN_SKIPPED, "a profile is asked for by name");
        return IVS_OK;
    }
    /* A broken file is no matter of the source that would have read it. */
    if (i > 0 && (status = load_profile(s)) != IVS_OK)
        return status;
    ivs_buf_free(&s->why);
    status = try_row(s, row);
    if (status != IVS_OK)
        note(trace, i, IVS_CHAIN_FAILED, s->err != NULL ? s->err->message : "");
    else if (s->found != NULL)
        note(trace, i, IVS_CHAIN_USED, "");
    else
        note(trace, i, IVS_CHAIN_NOT_CONFIGURED,
             s->why.data != NULL ? s->why.data : "");
    return s->why.failed
               ? ivs_fail(s->err, IVS_E_NOMEM, "out of memory for credentials")
               : status;
}

static ivs_status
fail_none(const struct search *s)
{
    const ivs_profile *p = &s->profile;

    if (s->setup->where.profile != NULL)
        return ivs_fail(s->err, IVS_E_CREDENTIALS,
                        "no credentials: the profile %.32s has none in %.60s "
                        "and %.60s%s",
                        p->name, p->credentials_file, p->config_file,
                        ivs_profile_unread(p));
    return ivs_fail(s->err, IVS_E_CREDENTIALS,
                    "no credentials: AWS_ACCESS_KEY_ID is not set, profile "
                    "%.24s has none in %.44s and %.44s%s, and this is no "
                    "container or instance that has",
                    p->name, p->credentials_file, p->config_file,
                    ivs_profile_unread(p));
}

/* The CA bundle for requests of the sources: that of the settings. */
static ivs_status
take_ca_bundle(struct search *s)
{
    const ivs_source_place at = {.env = &s->setup->where.env,
                                 .asked = s->loaded ? &s->profile : NULL};
    const char *path = s->setup->ca_bundle;

    if (path == NULL)
        path = ivs_source_setting(&at, "AWS_CA_BUNDLE", "ca_bundle");
    if (path == NULL)
        return IVS_OK;
    s->context->ca_bundle = strdup(path);
    return s->context->ca_bundle != NULL
               ? IVS_OK
               : ivs_fail(s->err, IVS_E_NOMEM, "out of memory for credentials");
}

static ivs_status
search(struct search *s)
{
    ivs_status status = IVS_OK;

    for (size_t i = 0; i < IVS_CHAIN_SOURCES; i++) {
        status = run_row(s, i);
        if (status != IVS_OK || s->found != NULL)
            break;
    }
    if (status == IVS_OK && s->found == NULL)
        status = fail_none(s);
    if (status == IVS_OK)
        status = take_ca_bundle(s);
    return status;
}

ivs_status
ivs_credentials_find(const ivs_credentials_setup *setup, ivs_credentials **ret,
                     ivs_error *err)
{
    struct search s = {.setup = setup, .err = err};
    ivs_status status;

    s.context = ivs_source_context_new(setup);
    if (s.context == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    status = search(&s);
    if (status == IVS_OK) {
        status = ivs_credentials_new(s.context, s.found, ret, err);
        s.context = NULL;
        s.found = NULL;
    }
    if (status == IVS_OK && s.asked)
        ivs_credentials_seed(*ret, &s.first);
    ivs_credentials_keys_free(&s.first.keys);
    ivs_provider_free(s.found);
    ivs_source_context_free(s.context);
    ivs_profile_free(&s.profile);
    ivs_buf_free(&s.why);
    return status;
}
