/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_CLIENT_IMPL_H
#define IVS_SERVICE_CLIENT_IMPL_H

/* What the files of the client share: client.c (objects), client_request.c
 * (building requests), client_sign.c (signing them), client_answer.c (taking
 * answers), client_verdict.c (judging them), client_attempt.c (one request and
 * its answer), client_retry.c (how often and when), client_clock.c (time as the
 * service sees it), client_debug.c (debug lines), client_call.c (one call from
 * start to end), client_pages.c (all pages of a list), playback.c (a playback
 * URL).
 *
 * Threads: a client is immutable but for what its two locks guard and for
 * `cancelled`; everything of one call is on the stack of its thread. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/client.h>

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/pause.h"
#include "base/buf.h"
#include "service/operations.h"

/* Caps on an answer. Lists have at most 100 elements; 1 MiB is far away. */
#define IVS_ANSWER_BODY_MAX   (1024 * 1024)
#define IVS_ANSWER_HEADER_MAX (64 * 1024)

/* ---- how often and when ---- */

/* The retry quota of the AWS SDKs' standard mode: shared by all calls of a
 * client, so that an outage is not met with three times the load. */
typedef struct ivs_retry_quota {
    int tokens;
} ivs_retry_quota;

void ivs_retry_quota_init(ivs_retry_quota *q);
/* Pay for a retry: what it cost, or 0 when there are too few tokens left. */
int ivs_retry_quota_take(ivs_retry_quota *q, bool throttled);
/* A call worked: give back what its last retry cost, or 1 if it had none. */
void ivs_retry_quota_return(ivs_retry_quota *q, int last_cost);
/* Pause before retry i (0, 1, …), given 32 random bits and the pause that the
 * answer asked for (-1 for none). */
int64_t ivs_retry_delay_ms(int i, bool throttled, uint32_t random,
                           int64_t asked_ms);
/* The pause that the values of x-amz-retry-after (milliseconds) and Retry-After
 * (seconds or a date) ask for at a time; -1 where both are absent or no number
 * and no date. */
int64_t ivs_retry_asked_ms(const char *amz_retry_after, const char *retry_after,
                           int64_t now_s);

/* ---- objects ---- */

struct ivs_client {
    ivs_aws_config config;
    ivs_credentials *credentials;
    ivs_credentials *own_credentials;
    ivs_http *http;
    ivs_transport transport;
    ivs_clock clock;
    int64_t connect_timeout_ms;
    int64_t first_byte_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t total_timeout_ms;
    bool no_validate;
    bool allow_http;
    ivs_buf user_agent;
    void (*debug)(const char *line, void *user);
    void *debug_user;
    pthread_mutex_t debug_lock; /* held while debug runs */
    pthread_mutex_t lock;       /* over what follows */
    ivs_retry_quota quota;
    int64_t clock_offset_s; /* the service's clock minus ours */
    bool clock_known;       /* an answer has told the offset */
    atomic_bool cancelled;  /* not under the lock: a signal handler sets it */
    ivs_cancel cancel;      /* asks for it */
};

/* The value of the User-Agent header, with app_id where there is one. */
void ivs_user_agent_append(const char *app_id, ivs_buf *ret);

struct ivs_result {
    int status;
    int attempts;
    char request_id[64];
    ivs_buf body;
};

/* ---- requests ---- */

/* What all attempts of a call have in common. */
typedef struct ivs_call {
    const ivs_operation *op;
    ivs_buf path;  /* as on the request line */
    ivs_buf query; /* what follows '?', may be empty */
    ivs_buf url;   /* all of it */
    ivs_buf body;
    char invocation_id[37];
} ivs_call;

/* The input of a call as an object; nothing counts as {}. */
ivs_status ivs_call_parse(const ivs_operation *op, const char *json, size_t len,
                          json_t **ret, ivs_error *err);

/* Check the input and spread its members over path, query and body. */
ivs_status ivs_call_build(const ivs_client *client, const ivs_operation *op,
                          const char *json, size_t len, ivs_call *ret,
                          ivs_error *err);
void ivs_call_free(ivs_call *call);

/* Header lines of one attempt. They hold the session token. */
#define IVS_CALL_HEADERS 10

typedef struct ivs_header_lines {
    ivs_buf text[IVS_CALL_HEADERS]; /* "name: value" */
    size_t n;
} ivs_header_lines;

/* What an attempt is signed with. */
typedef struct ivs_signer {
    ivs_credentials_keys keys;
    int64_t time_s;
} ivs_signer;

ivs_status ivs_call_sign(ivs_client *client, const ivs_call *call, int attempt,
                         const ivs_signer *signer, ivs_header_lines *ret,
                         ivs_error *err);
void ivs_header_lines_free(ivs_header_lines *lines);

/* ---- answers ---- */

typedef struct ivs_answer {
    int status;
    ivs_buf body;
    size_t header_bytes;
    bool too_large;
    bool begun;  /* the transport was asked; before that, nothing can be sent */
    bool unsent; /* it says that nothing was */
    bool hopeless;        /* it says that a repeat would fail the same way */
    bool whole;           /* it says that all of the answer came */
    char error_type[128]; /* x-amzn-ErrorType */
    char request_id[64];
    char content_type[64];
    char amz_retry_after[24];
    char retry_after[32];
    int64_t date_s; /* Date */
    bool dated;     /* date_s is set */
    bool aged;      /* Age: a cache answered */
    int64_t
        skew_s; /* how far the signature's time was from date_s; 0 unknown */
} ivs_answer;

/* What an answer means for the next attempt, none of it: success, or nothing a
 * retry would change. */
#define IVS_MEANS_THROTTLED 1U  /* the service did not even begin */
#define IVS_MEANS_TRANSIENT 2U  /* it may have worked or not */
#define IVS_MEANS_CLOCK     4U  /* refused for the time it was signed with */
#define IVS_MEANS_KEYS      8U  /* refused for keys that other keys may mend */
#define IVS_MEANS_GONE      16U /* the resource does not exist */

/* Copy, cut in front of a character where it does not fit. */
void ivs_answer_text(char *dst, size_t cap, const char *value, size_t len);
/* Copy a name or id of the service; anything else in its place becomes "". */
void ivs_answer_word(char *dst, size_t cap, const char *value, size_t len);
bool ivs_answer_header(const char *name, size_t name_len, const char *value,
                       size_t value_len, ivs_answer *answer);
bool ivs_answer_body(const char *data, size_t len, ivs_answer *answer);
/* Drop headers that repeat a secret of ours. */
void ivs_answer_redact(const ivs_client *client, ivs_answer *answer);
/* Success, or the error of a complete answer, and what it means. */
ivs_status ivs_answer_judge(const ivs_client *client, const ivs_operation *op,
                            const ivs_answer *answer, unsigned *ret_means,
                            ivs_error *err);
/* Codes that ask for another attempt, later or now; also those of single pairs
 * in an answer's `errors`. */
bool ivs_code_is_throttling(const char *code);
bool ivs_code_is_transient(const char *code);
void ivs_answer_free(ivs_answer *answer);
/* A server may send back what it got; no secret of ours goes on from there. */
bool ivs_answer_holds_secret(const ivs_client *client, const char *text);

/* ---- attempts ---- */

/* Hand a request over to the transport, with the client's timeouts and caps;
 * IVS_OK means that a whole answer came. host is for messages. */
ivs_status ivs_client_send(ivs_client *client, ivs_http_request *request,
                           const char *host, ivs_answer *answer,
                           ivs_error *err);

/* Send once and judge the answer. ret_keys is what it was signed with, for
 * ivs_credentials_keys_free(). */
ivs_status ivs_client_attempt(ivs_client *client, const ivs_call *call,
                              int attempt, ivs_answer *answer,
                              ivs_credentials_keys *ret_keys,
                              unsigned *ret_means, ivs_error *err);

/* ---- time ---- */

int64_t ivs_client_offset_s(ivs_client *client);
/* Learn the service's time from an answer to a request that was sent and
 * received at these times of our clock, signed with an offset; fill in skew_s.
 */
void ivs_client_learn_time(ivs_client *client, ivs_answer *answer,
                           int64_t sent_s, int64_t received_s,
                           int64_t offset_s);

/* ---- debug lines ---- */

void ivs_client_debug(ivs_client *client, const char *fmt, ...)
    IVS_PRINTF(2, 3);
/* Every line of a text, without lines of other threads in between. */
void ivs_client_debug_text(ivs_client *client, const char *what,
                           const ivs_buf *text);

#endif
