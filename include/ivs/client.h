/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLIENT_H
#define IVS_CLIENT_H

/**
 * @file
 * The Amazon IVS API (2020-07-14): any of its operations by name, signed with
 * AWS Signature Version 4, retried where a repeat is safe.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/credentials.h>
#include <ivs/error.h>
#include <ivs/export.h>
#include <ivs/transport.h>

IVS_BEGIN_DECLS

/**
 * A client of one region of the service. Any number of threads may call it at
 * the same time: each call takes a connection of its own, kept for the next;
 * the retry quota and what is known of the service's clock are common to all.
 * @since 0.1
 */
typedef struct ivs_client ivs_client;

/** The answer to a call. @since 0.1 */
typedef struct ivs_result ivs_result;

/** Options of ivs_client_new(); NULL means all defaults. Text is copied. */
typedef struct ivs_client_options {
    size_t size;         /**< set by ivs_client_options_init() */
    const char *region;  /**< NULL: AWS_REGION, AWS_DEFAULT_REGION, profile */
    const char *profile; /**< for region and credentials; NULL: AWS_PROFILE */
    const char *endpoint_url; /**< NULL: AWS_ENDPOINT_URL_IVS,
                                   AWS_ENDPOINT_URL, profile, the region's */
    bool allow_http;       /**< http:// to any host; false: to loopback only */
    const char *ca_bundle; /**< PEM file; NULL: AWS_CA_BUNDLE, the system's */
    ivs_credentials *credentials;  /**< borrowed, must outlive the client.
                                        NULL: ivs_credentials_default() */
    int64_t connect_timeout_ms;    /**< name, proxy, TCP, TLS; 0: 5,000 */
    int64_t first_byte_timeout_ms; /**< from there to the first byte of the
                                        answer; 0: 15,000 */
    int64_t idle_timeout_ms;       /**< between two parts of the answer (lines
                                        of its headers, bytes of its body);
                                        0: 10,000 */
    int64_t total_timeout_ms;      /**< of one attempt; 0: 30,000 */
    int max_attempts;              /**< 0: AWS_MAX_ATTEMPTS, then 3; 1..10 */
    bool no_validate; /**< send input as it is: it must be a strict JSON object,
                           and have what the path and the query are made of */
    ivs_clock clock;  /**< all NULL: the system's */
    ivs_transport transport; /**< all NULL: libcurl */
    /** One line about a request or an answer, secrets redacted; or NULL. It
     * runs on the thread of the call, never on two at a time, and must not use
     * the client. */
    void (*debug)(const char *line, void *user);
    void *debug_user;
} ivs_client_options;

/**
 * Set every member to its default.
 * @param[out] opt   The struct.
 * @param[in]  size  sizeof *opt.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_client_options_init(ivs_client_options *opt, size_t size);

/**
 * Make a client. Nothing is sent yet.
 *
 * @param[in]  opt  Optional.
 * @param[out] ret  Release with ivs_client_free(). Untouched on failure.
 * @param[out] err  Optional.
 * @retval IVS_OK             made.
 * @retval IVS_E_ARG          ret is NULL, unknown options, or a value outside
 *                            its range.
 * @retval IVS_E_CREDENTIALS  no region, a malformed setting (region, endpoint,
 *                            number, application id, a switch that is neither
 *                            true nor false, a retry mode that no SDK has), a
 *                            FIPS or dual-stack endpoint beside an endpoint
 *                            URL, plain http to a host that is not loopback
 *                            without allow_http, a CA bundle that cannot be
 *                            read, or as ivs_credentials_default().
 * @retval IVS_E_IO           a configuration file cannot be read.
 * @retval IVS_E_NETWORK      libcurl cannot be initialised.
 * @retval IVS_E_NOMEM        out of memory.
 *
 * Reads the environment: not while another thread changes it. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_client_new(const ivs_client_options *opt,
                                                ivs_client **ret,
                                                ivs_error *err);

/**
 * The region requests are signed for.
 * @param[in] client  Not NULL.
 * @return Borrowed; lives as long as @p client. Pure. @since 0.1
 */
IVS_API const char *ivs_client_region(const ivs_client *client);

/**
 * Where requests go.
 * @param[in] client  Not NULL.
 * @return "https://HOST[:PORT][/BASE]"; borrowed, lives as long as @p client.
 * Pure; safe from any thread. @since 0.1
 */
IVS_API const char *ivs_client_endpoint(const ivs_client *client);

/**
 * Where the credentials came from, without a secret.
 * @param[in] client  Not NULL.
 * @return Borrowed; lives as long as @p client. Pure. @since 0.1
 */
IVS_API const char *ivs_client_credentials_source(const ivs_client *client);

/**
 * How far the service's clock is from ours, as the last answer that had a Date
 * told.
 * @param[in]  client  Not NULL.
 * @param[out] ret_s   Its time minus ours, in seconds; it is right to about a
 *                     second and the time of an answer. Untouched where it is
 *                     not known.
 * @return Whether it is known.
 * Safe from any thread. @since 0.1
 */
IVS_API bool ivs_client_clock_offset(ivs_client *client, int64_t *ret_s);

/**
 * Call one operation of the service.
 *
 * The input is checked against the operation's model before any network use:
 * members, types, lengths, patterns, and that ARNs are of the client's region,
 * since nothing of another region exists there. Whose account an ARN names is
 * for the service to judge. no_validate of ivs_client_options leaves all that
 * to the service, for an input that is newer than this library.
 *
 * Retries are those of the AWS SDKs' standard mode (2026): throttling (HTTP 429
 * and the throttling codes) for every operation; 5xx, lost connections and
 * timeouts only where a repeat is safe; at most max_attempts in all, and paid
 * from a quota that all calls of the client share. The pause before retry i is
 * uniform in [0, min(base * 2^i, 20 s)) with base 50 ms, 1 s when throttled;
 * x-amz-retry-after (or Retry-After) raises it by at most 5 s.
 *
 * Two refusals are mended once a call, without a pause, as one more attempt.
 * A time of signing that is 4 minutes off the service's Date, or that it calls
 * wrong, is corrected, here and for calls to come. Credentials that it calls
 * expired are asked for again from their source. A Delete of which an attempt
 * may have been carried out and that then finds nothing is a success, with the
 * status of one and no body.
 *
 * @param[in]  client     The client.
 * @param[in]  operation  "ImportPlaybackKeyPair", …; exact case.
 * @param[in]  json       Input members as a JSON object; those of the path and
 *                        the query too. NULL or empty: {}.
 * @param[in]  len        Its length in bytes.
 * @param[out] ret        The answer; release with ivs_result_free(). May be
 *                        NULL. Untouched on failure.
 * @param[out] err        Optional; with IVS_E_SERVICE and IVS_E_THROTTLED it
 *                        carries http_status, aws_code and request_id (none of
 *                        them where the answer is too large).
 * @retval IVS_OK             a complete success answer of the right shape.
 * @retval IVS_E_ARG          NULL argument, unknown operation, or input that
 *                            does not fit the model (member is named).
 * @retval IVS_E_FORMAT       input that is not a strict JSON object.
 * @retval IVS_E_THROTTLED    still throttled after the last attempt.
 * @retval IVS_E_SERVICE      refused, or an answer that is not the service's
 *                            (HTML, malformed JSON, a redirect, too large, no
 *                            body where one is documented, or without the
 *                            member that the operation is called for). Where
 *                            keys are to blame, the message names their source.
 * @retval IVS_E_CREDENTIALS  the source of the credentials has none (any more);
 *                            it may end with IVS_E_NETWORK and others, too.
 * @retval IVS_E_NETWORK      no complete answer, or none in time: the message
 *                            tells which of the timeouts it was.
 * @retval IVS_E_CANCELLED    ivs_client_cancel() was called.
 * @retval IVS_E_STATE        the clock is outside the years 1970 to 9999.
 * @retval IVS_E_CRYPTO       OpenSSL failed.
 * @retval IVS_E_NOMEM        out of memory.
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_client_call(ivs_client *client,
                                                 const char *operation,
                                                 const char *json, size_t len,
                                                 ivs_result **ret,
                                                 ivs_error *err);

/**
 * Takes one page of a list.
 * @param[in] page  An answer; ivs_result_body() has the list. Borrowed for the
 *                  call.
 * @param[in] user  As given to ivs_client_paginate().
 * @return false: no further page is wanted.
 * It may use the client. @since 0.1
 */
typedef bool ivs_page_function(const ivs_result *page, void *user);

/**
 * Call an operation that answers in pages, and hand on each page as it comes.
 *
 * The next page is asked for with the nextToken of the one before, until there
 * is none. One page is held at a time.
 *
 * @param[in]  client     The client.
 * @param[in]  operation  "ListChannels", …; one whose "paginator" is not null
 *                        in ivs_operation_describe().
 * @param[in]  json       As for ivs_client_call(). "nextToken" in it begins in
 *                        the middle, "maxResults" is the size of a page.
 * @param[in]  len        Its length in bytes.
 * @param[in]  on_page    Called on this thread for each page.
 * @param[in]  user       Handed to @p on_page.
 * @param[out] err        Optional. From the second page on, the message begins
 *                        with the number of the page.
 * @retval IVS_OK         every page was handed on, or @p on_page wanted no
 *                        more.
 * @retval IVS_E_ARG      a NULL argument, an operation without pages, or as
 *                        ivs_client_call().
 * @retval IVS_E_SERVICE  as ivs_client_call(), a malformed nextToken, or one
 *                        that came before, so that the pages would not end.
 * @retval others         as ivs_client_call(). Pages before the failure have
 *                        been handed on.
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_client_paginate(
    ivs_client *client, const char *operation, const char *json, size_t len,
    ivs_page_function *on_page, void *user, ivs_error *err);

/**
 * End all calls that are running, on whatever thread and in whatever phase,
 * within some 100 ms, and every later one at once, with IVS_E_CANCELLED. The
 * same goes for a source of credentials that is being asked; only one of the
 * caller's own (ivs_credentials_custom()) ends in its own time.
 * @param[in] client  Not NULL.
 * Safe from any thread and from a signal handler. @since 0.1
 */
IVS_API void ivs_client_cancel(ivs_client *client);

/**
 * Close connections and release a client. No call may be running.
 * @param[in] client  The client or NULL. @since 0.1
 */
IVS_API void ivs_client_free(ivs_client *client);

/**
 * HTTP status of an answer.
 * @param[in] result  Not NULL. Pure. @since 0.1
 */
IVS_API int ivs_result_status(const ivs_result *result);

/**
 * x-amzn-RequestId of an answer, "" where absent.
 * @param[in] result  Not NULL.
 * @return Borrowed; lives as long as @p result. Pure. @since 0.1
 */
IVS_API const char *ivs_result_request_id(const ivs_result *result);

/**
 * Body of an answer: one JSON object, or empty; of ivs_playback_get() a
 * playlist.
 * @param[in]  result   Not NULL.
 * @param[out] ret_len  Length in bytes without the NUL; may be NULL.
 * @return Borrowed, NUL-terminated; lives as long as @p result. Pure.
 * @since 0.1
 */
IVS_API const char *ivs_result_body(const ivs_result *result, size_t *ret_len);

/**
 * How many attempts the call took.
 * @param[in] result  Not NULL. Pure. @since 0.1
 */
IVS_API int ivs_result_attempts(const ivs_result *result);

/**
 * Release an answer.
 * @param[in] result  The answer or NULL. @since 0.1
 */
IVS_API void ivs_result_free(ivs_result *result);

/**
 * Number of operations the service has.
 * Pure; safe from any thread. @since 0.1
 */
IVS_API size_t ivs_operation_count(void);

/**
 * Name of an operation, in alphabetical order.
 * @param[in] index  0 .. ivs_operation_count() - 1.
 * @return A constant string; NULL beyond the end. Pure; safe from any thread.
 * @since 0.1
 */
IVS_API const char *ivs_operation_name(size_t index);

/**
 * An operation's row of the service model.
 *
 * @param[in]  name      "GetChannel", …; exact case.
 * @param[out] ret_json  NUL-terminated JSON object: "name", "method", "path",
 *                       "status", "repeatable", "paginator" (object or null),
 *                       "answer" (object with "empty": whether a success may
 *                       have no body, and "result": the member that a success
 *                       must have, or null), "members" (array of objects with
 * "name", "type", "required", "location" and, where they apply, "min", "max",
 * "enum", "pattern", "item", "members"). Release with ivs_free(). Untouched on
 * failure.
 * @param[out] err       Optional. For an unknown name the message suggests the
 *                       nearest.
 * @retval IVS_OK       described.
 * @retval IVS_E_ARG    a NULL argument or an unknown operation.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_operation_describe(const char *name,
                                                        char **ret_json,
                                                        ivs_error *err);

/**
 * An input of an operation to fill in.
 *
 * Every member is there, in the order of the service model: strings as
 * "<required: ...>" or "<optional: ...>" with what belongs in their place,
 * integers as the least value, booleans as false, lists and maps with one
 * element. ivs_client_call() refuses each placeholder that was not filled in.
 * Members that are not wanted are to be taken out.
 *
 * @param[in]  name      "GetChannel", …; exact case.
 * @param[out] ret_json  NUL-terminated JSON object. Release with ivs_free().
 *                       Untouched on failure.
 * @param[out] err       Optional. For an unknown name the message suggests the
 *                       nearest.
 * @retval IVS_OK       made.
 * @retval IVS_E_ARG    a NULL argument or an unknown operation.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_operation_skeleton(const char *name,
                                                        char **ret_json,
                                                        ivs_error *err);

IVS_END_DECLS

#endif
