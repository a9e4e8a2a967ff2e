/* SPDX-License-Identifier: MIT */
/* The transport: handles of libcurl, and one transfer at a time with each. */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/http_impl.h"
#include "base/clock.h"
#include "base/error.h"

/* Idle handles beyond this many are closed with their connections. */
#define IDLE_MAX 16
/* Connections of one handle; a second host or a fresh connection adds one. */
#define CONNECTIONS_MAX 2L
/* How long a cancelled call goes on at most. */
#define LOOK_MS 100

/* One transfer's worth of libcurl. The multi handle owns the connections. */
struct slot {
    CURL *easy;
    CURLM *multi;
    struct slot *next;
};

struct ivs_http {
    ivs_http_policy policy;
    pthread_mutex_t lock; /* over what follows */
    struct slot *idle;    /* the one used last comes first: it is warm */
    size_t nidle;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready = CURLE_FAILED_INIT;
static long http_version = CURL_HTTP_VERSION_1_1;

static void
init_curl(void)
{
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2) !=
        0)
        http_version = CURL_HTTP_VERSION_2TLS;
}

/* ---- handles ---- */

static void
free_slot(struct slot *slot)
{
    if (slot == NULL)
        return;
    curl_easy_cleanup(slot->easy);
    (void)curl_multi_cleanup(slot->multi);
    free(slot);
}

/* NULL when out of memory. */
static struct slot *
new_slot(void)
{
    struct slot *slot = calloc(1, sizeof *slot);

    if (slot == NULL)
        return NULL;
    slot->easy = curl_easy_init();
    slot->multi = curl_multi_init();
    if (slot->easy == NULL || slot->multi == NULL ||
        curl_multi_setopt(slot->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX) !=
            CURLM_OK) {
        free_slot(slot);
        return NULL;
    }
    return slot;
}

static struct slot *
borrow(ivs_http *http)
{
    struct slot *slot;

    (void)pthread_mutex_lock(&http->lock);
    slot = http->idle;
    if (slot != NULL) {
        http->idle = slot->next;
        http->nidle--;
    }
    (void)pthread_mutex_unlock(&http->lock);
    return slot != NULL ? slot : new_slot();
}

static void
give_back(ivs_http *http, struct slot *slot)
{
    (void)pthread_mutex_lock(&http->lock);
    if (http->nidle < IDLE_MAX) {
        slot->next = http->idle;
        http->idle = slot;
        http->nidle++;
        slot = NULL;
    }
    (void)pthread_mutex_unlock(&http->lock);
    free_slot(slot);
}

ivs_status
ivs_http_new(const char *ca_bundle, ivs_http **ret, ivs_error *err)
{
    ivs_http *http = NULL;

    if (ca_bundle != NULL && access(ca_bundle, R_OK) != 0)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "cannot read the CA bundle %s: %s", ca_bundle,
                        strerror(errno));
    if (pthread_once(&curl_once, init_curl) != 0 || curl_ready != CURLE_OK)
        return ivs_fail(err, IVS_E_NETWORK, "libcurl cannot be initialised");
    http = calloc(1, sizeof *http);
    if (http == NULL || pthread_mutex_init(&http->lock, NULL) != 0) {
        free(http);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a connection");
    }
    http->policy.version = http_version;
    if (ca_bundle != NULL)
        http->policy.ca_bundle = strdup(ca_bundle);
    http->idle = new_slot();
    if (http->idle == NULL ||
        (ca_bundle != NULL && http->policy.ca_bundle == NULL)) {
        ivs_http_free(http);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a connection");
    }
    http->nidle = 1;
    *ret = http;
    return IVS_OK;
}

void
ivs_http_free(ivs_http *http)
{
    if (http == NULL)
        return;
    while (http->idle != NULL) {
        struct slot *slot = http->idle;

        http->idle = slot->next;
        free_slot(slot);
    }
    (void)pthread_mutex_destroy(&http->lock);
    free(http->policy.ca_bundle);
    free(http);
}

/* ---- transfers ---- */

/* The part of a URL between "://" and the path. */
static void
copy_host(char *ret, size_t cap, const char *url)
{
    const char *start = strstr(url, "://");
    size_t len;

    start = start != NULL ? start + 3 : url;
    len = strcspn(start, "/?#");
    if (len >= cap)
        len = cap - 1;
    memcpy(ret, start, len);
    ret[len] = '\0';
}

/* Milliseconds until one of our own timers ends the transfer, which it may have
 * done already; the others are libcurl's. */
static int64_t
time_left(ivs_http_transfer *t, CURL *easy)
{
    int64_t now = ivs_clock_monotonic_ms(), left;
    curl_off_t stood = 0, first_byte = 0;

    if (t->stood_ms == 0) {
        (void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &stood);
        if (stood == 0)
            return LOOK_MS;
        t->stood_ms = now;
    }
    if (t->heard_ms == 0) {
        (void)curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T,
                                &first_byte);
        if (first_byte > 0)
            t->heard_ms = now;
    }
    if (t->heard_ms == 0) {
        left = t->stood_ms + t->request->first_byte_timeout_ms - now;
        if (left <= 0)
            t->late = IVS_HTTP_TIMER_FIRST_BYTE;
    } else {
        left = t->heard_ms + t->request->idle_timeout_ms - now;
        if (left <= 0)
            t->late = IVS_HTTP_TIMER_IDLE;
    }
    return left < LOOK_MS ? left : LOOK_MS;
}

static CURLcode
result_of(CURLM *multi)
{
    int left;
    CURLMsg *message = curl_multi_info_read(multi, &left);

    return message != NULL ? message->data.result : CURLE_OUT_OF_MEMORY;
}

static CURLcode
run(const struct slot *slot, ivs_http_transfer *t)
{
    int running = 1;

    for (;;) {
        int64_t left;

        if (curl_multi_perform(slot->multi, &running) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
        if (running == 0)
            return result_of(slot->multi);
        t->cancelled = t->sink->cancelled(t->sink->user);
        if (t->cancelled)
            return CURLE_ABORTED_BY_CALLBACK;
        left = time_left(t, slot->easy);
        if (left <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        if (curl_multi_poll(slot->multi, NULL, 0, (int)left, NULL) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
    }
}

ivs_status
ivs_http_send(const ivs_http_request *request, const ivs_http_sink *sink,
              int *ret_status, void *user, ivs_error *err)
{
    ivs_http *http = user;
    ivs_http_transfer t = {.request = request, .sink = sink};
    struct slot *slot = borrow(http);
    struct curl_slist *headers = NULL;
    CURLcode rc;
    ivs_status s;

    if (slot == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a connection");
    copy_host(t.host, sizeof t.host, request->url);
    rc = ivs_http_prepare(slot->easy, &http->policy, &t, &headers);
    if (rc == CURLE_OK) {
        if (curl_multi_add_handle(slot->multi, slot->easy) == CURLM_OK) {
            rc = run(slot, &t);
            (void)curl_multi_remove_handle(slot->multi, slot->easy);
        } else {
            rc = CURLE_OUT_OF_MEMORY;
        }
    }
    s = ivs_http_finish(&t, slot->easy, rc, ret_status, err);
    /* Nothing of this call may be reached through the handle later. */
    curl_easy_reset(slot->easy);
    curl_slist_free_all(headers);
    give_back(http, slot);
    return s;
}
