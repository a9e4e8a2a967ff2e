/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_HTTP_IMPL_H
#define IVS_AWS_HTTP_IMPL_H

/* What the files of the transport share: http.c (handles and the transfer),
 * http_request.c (what goes out), http_answer.c (what comes in), http_fail.c
 * (what went wrong, in words). No other file knows libcurl. */

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/http.h"

/* Which of our own timers ended a transfer. */
typedef enum ivs_http_timer {
    IVS_HTTP_TIMER_NONE,
    IVS_HTTP_TIMER_FIRST_BYTE,
    IVS_HTTP_TIMER_IDLE
} ivs_http_timer;

/* One request under way. */
typedef struct ivs_http_transfer {
    const ivs_http_request *request;
    const ivs_http_sink *sink;
    char host[256]; /* "127.0.0.1:4566", for messages */
    char reason[CURL_ERROR_SIZE];
    int64_t stood_ms; /* monotonic: the connection was there; 0: not yet */
    int64_t heard_ms; /* monotonic: last line or part of the answer */
    size_t header_bytes;
    size_t body_bytes;
    unsigned lengths; /* Content-Length and Transfer-Encoding seen */
    bool interim;     /* headers belong to a 1xx answer */
    bool complete;    /* the empty line behind the headers came */
    bool cancelled;
    ivs_http_timer late;
    const char *refused; /* why we ended it ourselves */
} ivs_http_transfer;

/* What all requests of a transport have in common. */
typedef struct ivs_http_policy {
    char *ca_bundle; /* NULL: the system's */
    long version;    /* CURL_HTTP_VERSION_... */
} ivs_http_policy;

/* Set every option of the transfer. ret_headers is to be released whatever is
 * returned, and not before the transfer has ended. */
CURLcode ivs_http_prepare(CURL *easy, const ivs_http_policy *policy,
                          ivs_http_transfer *t,
                          struct curl_slist **ret_headers);
/* What libcurl calls with the answer. */
size_t ivs_http_on_header(char *line, size_t size, size_t n, void *user);
size_t ivs_http_on_body(char *data, size_t size, size_t n, void *user);
/* The status of the answer, or why there is none. */
ivs_status ivs_http_finish(ivs_http_transfer *t, CURL *easy, CURLcode rc,
                           int *ret_status, ivs_error *err);

#endif
