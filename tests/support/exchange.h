/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_EXCHANGE_H
#define IVS_TEST_EXCHANGE_H

/* Sources of credentials without network and time: a transport that expects
 * certain requests one after the other and answers each, a clock that only the
 * test moves, a home directory. */

#include "support/test.h"

#include <string.h>

#include "aws/credentials.h"
#include "base/error.h"
#include "support/aws_files.h"

/* Every secret of a test has it; no message may. */
#define MARK "MARKsecretMARKsecret"

#define NOW 1440938160 /* 2015-08-30T12:36:00Z */

/* One request that must come, and its answer. */
struct exchange {
    const char *method; /* NULL: behind the last */
    const char *url;    /* the whole */
    const char *has;    /* in "header\n"... body; or NULL */
    int status;         /* 0: no answer comes */
    const char *body;
};

struct world {
    struct aws_files files;
    const struct exchange *exchanges;
    size_t sent;
    int64_t now_s, slept_ms;
    char request[8192]; /* the last: header lines and body */
};

static inline ivs_status
world_send(const ivs_http_request *request, const ivs_http_sink *sink,
           int *ret_status, void *user, ivs_error *err)
{
    struct world *w = user;
    const struct exchange *x = &w->exchanges[w->sent];
    size_t n = 0;

    if (x->method == NULL)
        fail_msg("one request too many: %s %s", request->method, request->url);
    assert_string_equal(request->method, x->method);
    assert_string_equal(request->url, x->url);
    assert_true(request->connect_timeout_ms > 0);
    assert_true(request->total_timeout_ms > 0);
    for (size_t i = 0; i < request->nheaders; i++)
        n += (size_t)snprintf(w->request + n, sizeof w->request - n, "%s\n",
                              request->headers[i]);
    (void)snprintf(w->request + n, sizeof w->request - n, "%.*s",
                   (int)request->body_len,
                   request->body_len > 0 ? request->body : "");
    if (x->has != NULL && strstr(w->request, x->has) == NULL)
        fail_msg("%s\nhas no %s", w->request, x->has);
    w->sent++;
    if (sink->cancelled(sink->user))
        return ivs_fail(err, IVS_E_CANCELLED, "cancelled while sending");
    if (x->status == 0)
        return ivs_fail(err, IVS_E_NETWORK, "nobody answers");
    if (x->body != NULL && !sink->body(x->body, strlen(x->body), sink->user))
        return ivs_fail(err, IVS_E_NETWORK, "the sink refused");
    *ret_status = x->status;
    return IVS_OK;
}

static inline int64_t
world_now_s(void *user)
{
    return ((struct world *)user)->now_s;
}

static inline void
world_sleep_ms(int64_t ms, void *user)
{
    ((struct world *)user)->slept_ms += ms;
}

/* A fresh home, and a setup that lives in this world. */
static inline ivs_credentials_setup
world_make(struct world *w, const char *const *env, const char *config,
           const char *credentials, const struct exchange *exchanges)
{
    memset(w, 0, sizeof *w);
    w->files.env = env;
    w->exchanges = exchanges;
    w->now_s = NOW;
    aws_files_make(&w->files, config, credentials);
    return (ivs_credentials_setup){
        .where = {.env = {aws_files_getenv, &w->files}},
        .process_timeout_ms = 20000,
        .clock = {.now_s = world_now_s, .sleep_ms = world_sleep_ms, .user = w},
        .transport = {.send = world_send, .user = w}};
}

/* All requests that were expected came. */
static inline void
world_end(struct world *w)
{
    if (w->exchanges != NULL && w->exchanges[w->sent].method != NULL)
        fail_msg("no request %s", w->exchanges[w->sent].url);
    aws_files_remove(&w->files);
}

#endif
