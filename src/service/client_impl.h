/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_CLIENT_IMPL_H
#define IVS_SERVICE_CLIENT_IMPL_H

/* What the files of the client share: client.c (objects),
 * client_request.c (building and signing requests), client_answer.c (taking and
 * judging answers), client_retry.c (how often and when), client_call.c (one
 * call from start to end), client_pages.c (all pages of a list). */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/client.h>

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/http.h"
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
    int last_cost;
} ivs_retry_quota;

void ivs_retry_quota_init(ivs_retry_quota *q);
/* Pay for a retry; false when there are too few tokens left. */
bool ivs_retry_quota_take(ivs_retry_quota *q, bool throttled);
/* A call worked: give back what its last retry cost, or 1 if it had none. */
void ivs_retry_quota_return(ivs_retry_quota *q);
/* Pause before retry i (0, 1, …), given 32 random bits and the answer's
 * x-amz-retry-after ("" for none). */
int64_t ivs_retry_delay_ms(int i, bool throttled, uint32_t random,
                           const char *retry_after);

/* ---- objects ---- */

struct ivs_client {
    ivs_aws_config config;
    ivs_credentials *credentials;
    ivs_credentials *own_credentials;
    ivs_http *http;
    ivs_transport transport;
    ivs_clock clock;
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms;
    bool no_validate;
    ivs_retry_quota quota;
    void (*debug)(const char *line, void *user);
    void *debug_user;
    atomic_bool cancelled;
};

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

ivs_status ivs_call_sign(const ivs_client *client, const ivs_call *call,
                         int attempt, ivs_header_lines *ret, ivs_error *err);
void ivs_header_lines_free(ivs_header_lines *lines);

/* ---- answers ---- */

typedef struct ivs_answer {
    int status;
    ivs_buf body;
    size_t header_bytes;
    bool too_large;
    bool unsent;
    char error_type[128]; /* x-amzn-ErrorType */
    char request_id[64];
    char content_type[64];
    char retry_after[24]; /* x-amz-retry-after */
} ivs_answer;

typedef enum ivs_verdict {
    IVS_VERDICT_FINAL,     /* success, or nothing a retry would change */
    IVS_VERDICT_THROTTLED, /* the service did not even begin */
    IVS_VERDICT_TRANSIENT  /* it may have worked or not */
} ivs_verdict;

bool ivs_answer_header(const char *name, size_t name_len, const char *value,
                       size_t value_len, ivs_answer *answer);
bool ivs_answer_body(const char *data, size_t len, ivs_answer *answer);
/* Drop headers that repeat a secret of ours. */
void ivs_answer_redact(const ivs_client *client, ivs_answer *answer);
/* Success, or the error of a complete answer, and whether a retry may help. */
ivs_status ivs_answer_judge(const ivs_client *client, const ivs_operation *op,
                            const ivs_answer *answer, ivs_verdict *ret_verdict,
                            ivs_error *err);
void ivs_answer_free(ivs_answer *answer);
/* A server may send back what it got; no secret of ours goes on from there. */
bool ivs_answer_holds_secret(const ivs_client *client, const char *text);

#endif
