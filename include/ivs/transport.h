/* SPDX-License-Identifier: MIT */
#ifndef IVS_TRANSPORT_H
#define IVS_TRANSPORT_H

/**
 * @file
 * Time and HTTP as the service half of the library uses them. Both can be
 * replaced, in tests or to send requests by other means.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/**
 * Time. Both functions run on the thread that made the call, so on several at
 * the same time where several share a client.
 * @since 0.1
 */
typedef struct ivs_clock {
    int64_t (*now_s)(void *user); /**< wall clock, seconds since 1970 UTC */
    void (*sleep_ms)(int64_t ms, void *user);
    void *user;
} ivs_clock;

/** One HTTP request as a transport gets it. Borrowed for the call. @since 0.1
 */
typedef struct ivs_http_request {
    const char *method;         /**< "GET", "POST", "PUT" or "DELETE" */
    const char *url;            /**< absolute, percent-encoded */
    const char *const *headers; /**< "Name: value" */
    size_t nheaders;
    const char *body; /**< with any method; may be NULL */
    size_t body_len;
    /** All greater than 0; they are those of ivs_client_options. */
    int64_t connect_timeout_ms;
    int64_t first_byte_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t total_timeout_ms;
    bool once; /**< must reach the server at most once: no kept connection,
                    where a lost one would call for a silent repeat */
} ivs_http_request;

/**
 * Where a transport puts the answer. The functions belong to the caller.
 * @since 0.1
 */
typedef struct ivs_http_sink {
    /** One header, without line end. @return false: stop, too large. */
    bool (*header)(const char *name, size_t name_len, const char *value,
                   size_t value_len, void *user);
    /** Part of the body. @return false: stop, too large. */
    bool (*body)(const char *data, size_t len, void *user);
    /** A failure came before any byte of the request had left: it may be
     * repeated whatever it asks for. To be called before send returns. */
    void (*unsent)(void *user);
    /** A failure is one that a repeat would meet again, such as a certificate
     * that is not accepted. To be called before send returns; NULL where it
     * makes no difference. */
    void (*hopeless)(void *user);
    /** @return true once the call is cancelled; ask some ten times a second. */
    bool (*cancelled)(void *user);
    void *user;
} ivs_http_sink;

/**
 * Sends requests, replaceable in tests. It must follow no redirect. A client
 * that several threads share calls it on all of them at the same time.
 * `send` returns IVS_OK with *ret_status set once a whole answer has arrived,
 * else IVS_E_NETWORK (or IVS_E_CANCELLED, IVS_E_NOMEM) with a message.
 * @since 0.1
 */
typedef struct ivs_transport {
    ivs_status (*send)(const ivs_http_request *request,
                       const ivs_http_sink *sink, int *ret_status, void *user,
                       ivs_error *err);
    void *user;
} ivs_transport;

IVS_END_DECLS

#endif
