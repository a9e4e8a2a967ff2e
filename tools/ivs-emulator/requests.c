/* SPDX-License-Identifier: MIT */
/* A ring of records, without the tokens and signatures of what they tell of. */

#include "requests.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/clock.h"
#include "base/time.h"
#include "base/utf8.h"

#include "redact.h"

struct record {
    int64_t number; /* from 1 on; 0: there is none */
    int64_t time_s; /* by the system's clock */
    int64_t now_s;  /* and the service's */
    int status;
    char method[16];
    char target[512];
    const char *operation;
    char caller[64];
    char channel[IVS_ARN_MAX + 1];
    char viewer[161];
    const char *reason;
    char message[320];
    char request_id[37];
};

struct emu_requests {
    pthread_mutex_t lock;
    int64_t latest;
    struct record records[EMU_REQUESTS_KEPT];
};

emu_requests *
emu_requests_new(void)
{
    emu_requests *requests = calloc(1, sizeof *requests);

    if (requests != NULL && pthread_mutex_init(&requests->lock, NULL) != 0) {
        free(requests);
        return NULL;
    }
    return requests;
}

void
emu_requests_free(emu_requests *requests)
{
    if (requests == NULL)
        return;
    (void)pthread_mutex_destroy(&requests->lock);
    free(requests);
}

/* As much of the text as fits; none without memory to redact it in. */
static void
keep(char *ret, size_t size, void (*redact)(ivs_buf *b, const char *text),
     const char *text)
{
    ivs_buf b = IVS_BUF_INIT;

    redact(&b, text);
    (void)snprintf(ret, size, "%s", b.failed || b.len == 0 ? "" : b.data);
    ivs_buf_free(&b);
}

void
emu_requests_add(emu_requests *requests, int64_t now_s, const emu_request *req,
                 const emu_response *res)
{
    struct record r = {.time_s = ivs_clock_now_s(),
                       .now_s = now_s,
                       .status = res->status,
                       .operation = res->operation,
                       .reason = res->reason};

    keep(r.method, sizeof r.method, emu_redact_word, req->method);
    keep(r.target, sizeof r.target, emu_redact_target, req->target);
    keep(r.message, sizeof r.message, emu_redact_text, res->note);
    (void)snprintf(r.caller, sizeof r.caller, "%s", res->caller);
    (void)snprintf(r.channel, sizeof r.channel, "%s", res->channel);
    (void)snprintf(r.viewer, sizeof r.viewer, "%s", res->viewer);
    (void)snprintf(r.request_id, sizeof r.request_id, "%s", res->request_id);
    (void)pthread_mutex_lock(&requests->lock);
    r.number = ++requests->latest;
    requests->records[r.number % EMU_REQUESTS_KEPT] = r;
    (void)pthread_mutex_unlock(&requests->lock);
}

/* Numbers go on, so that who asks for later ones than before misses none. */
void
emu_requests_clear(emu_requests *requests)
{
    (void)pthread_mutex_lock(&requests->lock);
    memset(requests->records, 0, sizeof requests->records);
    (void)pthread_mutex_unlock(&requests->lock);
}

/* What is empty, or no text, is left out. */
static bool
set(json_t *object, const char *name, const char *text)
{
    if (text == NULL || *text == '\0' ||
        !ivs_utf8_valid(text, strlen(text), NULL))
        return true;
    return json_object_set_new(object, name, json_string(text)) == 0;
}

/* Account and region are the caller's, or those of the channel that is
 * played. */
static bool
set_scope(json_t *object, const struct record *r)
{
    size_t len = strcspn(r->caller, "/");
    char account[sizeof r->caller];
    const char *region = r->caller + len;
    ivs_arn arn;

    (void)snprintf(account, sizeof account, "%.*s", (int)len, r->caller);
    region += *region == '/';
    if (account[0] == '\0' && r->channel[0] != '\0' &&
        ivs_arn_parse(r->channel, strlen(r->channel), &arn, NULL) == IVS_OK) {
        (void)snprintf(account, sizeof account, "%.*s", (int)sizeof account - 1,
                       arn.account);
        region = arn.region;
    }
    return set(object, "account", account) && set(object, "region", region);
}

static json_t *
describe(const struct record *r)
{
    char time[IVS_TIME_SIZE];
    json_t *object;

    ivs_time_format(r->time_s, time);
    object = json_pack("{s:I, s:s, s:I, s:i}", "number", (json_int_t)r->number,
                       "time", time, "now_s", (json_int_t)r->now_s, "status",
                       r->status);
    if (object != NULL && set(object, "method", r->method) &&
        set(object, "path", r->target) &&
        set(object, "operation", r->operation) && set_scope(object, r) &&
        set(object, "channelArn", r->channel) &&
        set(object, "viewerId", r->viewer) &&
        set(object, "reason", r->reason) &&
        set(object, "message", r->message) &&
        set(object, "requestId", r->request_id))
        return object;
    json_decref(object);
    return NULL;
}

static bool
passes(const struct record *r, const emu_requests_filter *filter)
{
    return r->number > filter->after &&
           (filter->status == 0 || filter->status == r->status) &&
           (filter->channel == NULL ||
            strcmp(filter->channel, r->channel) == 0);
}

json_t *
emu_requests_list(emu_requests *requests, const emu_requests_filter *filter,
                  int64_t *ret_latest)
{
    json_t *list = json_array();
    bool failed = list == NULL;

    (void)pthread_mutex_lock(&requests->lock);
    *ret_latest = requests->latest;
    for (int64_t i = 1; i <= EMU_REQUESTS_KEPT && !failed; i++) {
        const struct record *r =
            &requests->records[(requests->latest + i) % EMU_REQUESTS_KEPT];

        if (r->number != 0 && passes(r, filter))
            failed = json_array_append_new(list, describe(r)) != 0;
    }
    (void)pthread_mutex_unlock(&requests->lock);
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}
