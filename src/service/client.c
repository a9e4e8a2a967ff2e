/* SPDX-License-Identifier: MIT */
/* Clients and results as objects. */

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/client_impl.h"

#define CONNECT_TIMEOUT_MS    5000
#define FIRST_BYTE_TIMEOUT_MS 15000
#define IDLE_TIMEOUT_MS       10000
#define TOTAL_TIMEOUT_MS      30000
#define TIMEOUT_MAX_MS        (24 * 60 * 60 * 1000)
#define MAX_ATTEMPTS          3

_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2,
               "ivs_client_cancel() is promised to signal handlers");

void
ivs_client_options_init(ivs_client_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

static ivs_status
check_timeout(const char *name, int64_t ms, ivs_error *err)
{
    if (ms < 0 || ms > TIMEOUT_MAX_MS)
        return ivs_fail_member(err, IVS_E_ARG, name,
                               "%s is %lld, expected 0 to %d milliseconds",
                               name, (long long)ms, TIMEOUT_MAX_MS);
    return IVS_OK;
}

static ivs_status
check_options(const ivs_client_options *opt, ivs_error *err)
{
    ivs_status s;

    if ((s = check_timeout("connect_timeout_ms", opt->connect_timeout_ms,
                           err)) != IVS_OK ||
        (s = check_timeout("first_byte_timeout_ms", opt->first_byte_timeout_ms,
                           err)) != IVS_OK ||
        (s = check_timeout("idle_timeout_ms", opt->idle_timeout_ms, err)) !=
            IVS_OK ||
        (s = check_timeout("total_timeout_ms", opt->total_timeout_ms, err)) !=
            IVS_OK)
        return s;
    if (opt->max_attempts < 0 || opt->max_attempts > IVS_MAX_ATTEMPTS)
        return ivs_fail_member(err, IVS_E_ARG, "max_attempts",
                               "max_attempts is %d, expected 1 to %d",
                               opt->max_attempts, IVS_MAX_ATTEMPTS);
    return ivs_clock_check(&opt->clock, err);
}

static ivs_status
load_config(ivs_client *client, const ivs_client_options *opt, ivs_error *err)
{
    ivs_aws_config_options config = {.region = opt->region,
                                     .endpoint_url = opt->endpoint_url,
                                     .ca_bundle = opt->ca_bundle,
                                     .max_attempts = opt->max_attempts,
                                     .allow_http = opt->allow_http,
                                     .profile = {.profile = opt->profile}};
    ivs_status s = ivs_aws_config_load(&config, &client->config, err);

    if (s != IVS_OK)
        return s;
    if (client->config.max_attempts == 0)
        client->config.max_attempts = MAX_ATTEMPTS;
    ivs_user_agent_append(client->config.app_id, &client->user_agent);
    if (client->user_agent.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a client");
    return IVS_OK;
}

static ivs_status
load_credentials(ivs_client *client, const ivs_client_options *opt,
                 ivs_error *err)
{
    ivs_credentials_options which;
    ivs_status s;

    client->credentials = opt->credentials;
    if (client->credentials != NULL)
        return IVS_OK;
    ivs_credentials_options_init(&which, sizeof which);
    which.profile = opt->profile;
    which.region = client->config.region;
    which.ca_bundle = opt->ca_bundle;
    which.allow_http = opt->allow_http;
    which.clock = opt->clock;
    which.transport = opt->transport;
    s = ivs_credentials_default(&which, &client->own_credentials, err);
    client->credentials = client->own_credentials;
    return s;
}

static ivs_status
set_transport(ivs_client *client, const ivs_client_options *opt, ivs_error *err)
{
    ivs_status s;

    client->transport = opt->transport;
    if (client->transport.send != NULL)
        return IVS_OK;
    s = ivs_http_new(client->config.ca_bundle, &client->http, err);
    client->transport =
        (ivs_transport){.send = ivs_http_send, .user = client->http};
    return s;
}

static int64_t
or_usual(int64_t ms, int64_t usual)
{
    return ms != 0 ? ms : usual;
}

static bool
was_cancelled(void *user)
{
    return atomic_load(&((ivs_client *)user)->cancelled);
}

static void
set_plain(ivs_client *client, const ivs_client_options *opt)
{
    client->connect_timeout_ms =
        or_usual(opt->connect_timeout_ms, CONNECT_TIMEOUT_MS);
    client->first_byte_timeout_ms =
        or_usual(opt->first_byte_timeout_ms, FIRST_BYTE_TIMEOUT_MS);
    client->idle_timeout_ms = or_usual(opt->idle_timeout_ms, IDLE_TIMEOUT_MS);
    client->total_timeout_ms =
        or_usual(opt->total_timeout_ms, TOTAL_TIMEOUT_MS);
    client->clock = ivs_clock_or_system(&opt->clock);
    client->no_validate = opt->no_validate;
    client->allow_http = opt->allow_http;
    client->debug = opt->debug;
    client->debug_user = opt->debug_user;
    ivs_retry_quota_init(&client->quota);
    atomic_init(&client->cancelled, false);
    client->cancel = (ivs_cancel){.cancelled = was_cancelled, .user = client};
}

/* NULL when out of memory. */
static ivs_client *
new_client(void)
{
    ivs_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    if (pthread_mutex_init(&client->lock, NULL) != 0) {
        free(client);
        return NULL;
    }
    if (pthread_mutex_init(&client->debug_lock, NULL) != 0) {
        (void)pthread_mutex_destroy(&client->lock);
        free(client);
        return NULL;
    }
    return client;
}

ivs_status
ivs_client_new(const ivs_client_options *opt, ivs_client **ret, ivs_error *err)
{
    ivs_client_options o;
    ivs_client *client = NULL;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    ivs_client_options_init(&o, sizeof o);
    if (opt != NULL && (s = ivs_options_copy(&o, sizeof o, opt, err)) != IVS_OK)
        return s;
    if ((s = check_options(&o, err)) != IVS_OK)
        return s;
    client = new_client();
    if (client == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a client");
    set_plain(client, &o);
    if ((s = load_config(client, &o, err)) == IVS_OK &&
        (s = load_credentials(client, &o, err)) == IVS_OK &&
        (s = set_transport(client, &o, err)) == IVS_OK) {
        *ret = client;
        client = NULL;
    }
    ivs_client_free(client);
    return s;
}

void
ivs_client_free(ivs_client *client)
{
    if (client == NULL)
        return;
    ivs_http_free(client->http);
    ivs_credentials_free(client->own_credentials);
    ivs_aws_config_free(&client->config);
    ivs_buf_free(&client->user_agent);
    (void)pthread_mutex_destroy(&client->debug_lock);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
}

const char *
ivs_client_region(const ivs_client *client)
{
    return client->config.region;
}

const char *
ivs_client_endpoint(const ivs_client *client)
{
    return client->config.url;
}

const char *
ivs_client_credentials_source(const ivs_client *client)
{
    return ivs_credentials_source(client->credentials);
}

void
ivs_client_cancel(ivs_client *client)
{
    atomic_store(&client->cancelled, true);
}

int
ivs_result_status(const ivs_result *result)
{
    return result->status;
}

const char *
ivs_result_request_id(const ivs_result *result)
{
    return result->request_id;
}

const char *
ivs_result_body(const ivs_result *result, size_t *ret_len)
{
    if (ret_len != NULL)
        *ret_len = result->body.len;
    return result->body.data != NULL ? result->body.data : "";
}

int
ivs_result_attempts(const ivs_result *result)
{
    return result->attempts;
}

void
ivs_result_free(ivs_result *result)
{
    if (result == NULL)
        return;
    ivs_buf_free(&result->body);
    free(result);
}
