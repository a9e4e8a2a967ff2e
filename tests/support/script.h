/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_SCRIPT_H
#define IVS_TEST_SCRIPT_H

/* A transport that answers from a script and a clock that only a sleep moves,
 * for tests of the client without network and time. */

#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include <ivs/client.h>

#include "base/error.h"

#define SCRIPT_KEY_ID "AKIDEXAMPLE"
#define SCRIPT_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define SCRIPT_TOKEN  "SESSION-TOKEN-MARKED-SECRET"

struct reply {
    ivs_status fails; /* IVS_OK: an answer comes */
    bool unsent;
    bool hopeless;
    int status;
    const char *headers[4][2]; /* name, value */
    const char *body;
    size_t body_len; /* 0: strlen(body) */
    int64_t moves_s; /* our clock, while the answer comes */
};

struct script {
    const struct reply *replies; /* the last one again and again */
    size_t nreplies;
    size_t sent;
    /* the last request */
    char method[16], url[1024], body[4096], headers[16][512];
    size_t nheaders;
    bool once;
    int64_t connect_timeout_ms, first_byte_timeout_ms, idle_timeout_ms;
    int64_t total_timeout_ms;
    /* time */
    int64_t now_s;
    int64_t slept_ms[16]; /* in front of request i */
    int64_t longest_nap_ms;
    ivs_client *cancel_in_sleep, *cancel_in_send;
    /* all debug lines */
    char log[32768];
};

static inline bool
script_play(const struct reply *r, const ivs_http_sink *sink)
{
    size_t len = r->body == NULL   ? 0
                 : r->body_len > 0 ? r->body_len
                                   : strlen(r->body);

    for (size_t i = 0; i < 4 && r->headers[i][0] != NULL; i++)
        if (!sink->header(r->headers[i][0], strlen(r->headers[i][0]),
                          r->headers[i][1], strlen(r->headers[i][1]),
                          sink->user))
            return false;
    return len == 0 || sink->body(r->body, len, sink->user);
}

static inline ivs_status
script_send(const ivs_http_request *request, const ivs_http_sink *sink,
            int *ret_status, void *user, ivs_error *err)
{
    struct script *s = user;
    size_t i = s->sent < s->nreplies ? s->sent : s->nreplies - 1;
    const struct reply *r = &s->replies[i];

    s->sent++;
    (void)snprintf(s->method, sizeof s->method, "%s", request->method);
    (void)snprintf(s->url, sizeof s->url, "%s", request->url);
    (void)snprintf(s->body, sizeof s->body, "%.*s", (int)request->body_len,
                   request->body_len > 0 ? request->body : "");
    s->nheaders = request->nheaders;
    assert_true(s->nheaders <= 16);
    for (size_t n = 0; n < s->nheaders; n++)
        (void)snprintf(s->headers[n], sizeof s->headers[n], "%s",
                       request->headers[n]);
    s->once = request->once;
    s->connect_timeout_ms = request->connect_timeout_ms;
    s->first_byte_timeout_ms = request->first_byte_timeout_ms;
    s->idle_timeout_ms = request->idle_timeout_ms;
    s->total_timeout_ms = request->total_timeout_ms;
    if (s->cancel_in_send != NULL)
        ivs_client_cancel(s->cancel_in_send);
    if (sink->cancelled(sink->user))
        return ivs_fail(err, IVS_E_CANCELLED, "cancelled while sending");
    s->now_s += r->moves_s;
    if (r->unsent)
        sink->unsent(sink->user);
    if (r->hopeless)
        sink->hopeless(sink->user);
    if (r->fails != IVS_OK)
        return ivs_fail(err, r->fails, "scripted failure");
    if (!script_play(r, sink))
        return ivs_fail(err, IVS_E_NETWORK, "the sink refused");
    *ret_status = r->status;
    return IVS_OK;
}

static inline int64_t
script_now_s(void *user)
{
    return ((struct script *)user)->now_s;
}

static inline void
script_sleep_ms(int64_t ms, void *user)
{
    struct script *s = user;

    s->slept_ms[s->sent] += ms;
    if (ms > s->longest_nap_ms)
        s->longest_nap_ms = ms;
    if (s->cancel_in_sleep != NULL)
        ivs_client_cancel(s->cancel_in_sleep);
}

static inline void
script_debug(const char *line, void *user)
{
    struct script *s = user;
    size_t len = strlen(s->log);

    (void)snprintf(s->log + len, sizeof s->log - len, "%s\n", line);
}

/* All pauses of a client together. */
static inline int64_t
script_elapsed_ms(const struct script *s)
{
    int64_t ms = 0;

    for (size_t i = 0; i < sizeof s->slept_ms / sizeof *s->slept_ms; i++)
        ms += s->slept_ms[i];
    return ms;
}

/* The value of a header of the last request, or NULL. */
static inline const char *
script_header(const struct script *s, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < s->nheaders; i++)
        if (strncmp(s->headers[i], name, len) == 0 &&
            strncmp(s->headers[i] + len, ": ", 2) == 0)
            return s->headers[i] + len + 2;
    return NULL;
}

/* No setting of the machine may reach a test. */
static inline void
script_pin_environment(void)
{
    static const char *const unset[] = {
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL_IVS",
        "AWS_MAX_ATTEMPTS",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "http_proxy",
        "all_proxy",
        "https_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "no_proxy",
        "NO_PROXY",
        "AWS_RETRY_MODE",
        "AWS_SDK_UA_APP_ID",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    };

    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        (void)unsetenv(unset[i]);
    (void)setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    (void)setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    (void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

/* Options of a client that talks to the script. */
static inline void
script_options(struct script *s, ivs_client_options *opt)
{
    s->now_s = 1440938160; /* 2015-08-30T12:36:00Z */
    ivs_client_options_init(opt, sizeof *opt);
    opt->region = "us-west-2";
    opt->transport = (ivs_transport){.send = script_send, .user = s};
    opt->clock = (ivs_clock){
        .now_s = script_now_s, .sleep_ms = script_sleep_ms, .user = s};
    opt->debug = script_debug;
    opt->debug_user = s;
}

/* A client that talks to a script. Keep it in static storage. */
struct fixture {
    struct script script;
    ivs_credentials *credentials;
    ivs_client *client;
    ivs_error err;
    ivs_result *result;
};

static inline void
open_script(struct fixture *f, const struct reply *replies, size_t n)
{
    ivs_client_options opt;

    memset(f, 0, sizeof *f);
    f->script.replies = replies;
    f->script.nreplies = n;
    script_options(&f->script, &opt);
    assert_int_equal(ivs_credentials_static(SCRIPT_KEY_ID, SCRIPT_SECRET,
                                            SCRIPT_TOKEN, &f->credentials,
                                            NULL),
                     IVS_OK);
    opt.credentials = f->credentials;
    assert_int_equal(ivs_client_new(&opt, &f->client, NULL), IVS_OK);
}

static inline ivs_status
call(struct fixture *f, const char *operation, const char *json)
{
    ivs_result_free(f->result);
    f->result = NULL;
    memset(&f->err, 0, sizeof f->err);
    return ivs_client_call(f->client, operation, json, strlen(json), &f->result,
                           &f->err);
}

static inline void
close_script(struct fixture *f)
{
    /* Whatever happened, no secret left the request itself. */
    assert_null(strstr(f->script.log, SCRIPT_SECRET));
    assert_null(strstr(f->script.log, SCRIPT_TOKEN));
    assert_null(strstr(f->script.log, "Signature="));
    assert_null(strstr(f->err.message, SCRIPT_SECRET));
    assert_null(strstr(f->err.message, SCRIPT_TOKEN));
    ivs_result_free(f->result);
    ivs_client_free(f->client);
    ivs_credentials_free(f->credentials);
}

#endif
