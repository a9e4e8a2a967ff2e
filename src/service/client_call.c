/* SPDX-License-Identifier: MIT */
/* One call: attempts, pauses, the result. */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "service/client_impl.h"

/* A pause is cut into pieces so that a cancelled call ends soon. */
#define NAP_MS 100

/* What the sink's callbacks get. */
struct attempt {
    const ivs_client *client;
    ivs_answer *answer;
};

static bool
sink_header(const char *name, size_t name_len, const char *value,
            size_t value_len, void *user)
{
    struct attempt *a = user;

    return ivs_answer_header(name, name_len, value, value_len, a->answer);
}

static bool
sink_body(const char *data, size_t len, void *user)
{
    struct attempt *a = user;

    return ivs_answer_body(data, len, a->answer);
}

static void
sink_unsent(void *user)
{
    struct attempt *a = user;

    a->answer->unsent = true;
}

static bool
is_cancelled(const ivs_client *client)
{
    return atomic_load(&client->cancelled);
}

static bool
sink_cancelled(void *user)
{
    const struct attempt *a = user;

    return is_cancelled(a->client);
}

static ivs_status
fail_cancelled(ivs_error *err)
{
    return ivs_fail(err, IVS_E_CANCELLED, "the call was cancelled");
}

static ivs_status
pause_ms(const ivs_client *client, int64_t ms, ivs_error *err)
{
    while (ms > 0 && !is_cancelled(client)) {
        int64_t nap = ms < NAP_MS ? ms : NAP_MS;

        client->clock.sleep_ms(nap, client->clock.user);
        ms -= nap;
    }
    return is_cancelled(client) ? fail_cancelled(err) : IVS_OK;
}

static void debug(const ivs_client *client, const char *fmt, ...)
    IVS_PRINTF(2, 3);

static void
debug(const ivs_client *client, const char *fmt, ...)
{
    char line[512];
    va_list ap;

    if (client->debug == NULL)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    client->debug(line, client->debug_user);
}

/* Send once. A status other than IVS_OK means that no answer came. */
static ivs_status
send_once(ivs_client *client, const ivs_call *call, int attempt,
          ivs_answer *answer, ivs_error *err)
{
    const char *headers[IVS_CALL_HEADERS];
    struct attempt a = {.client = client, .answer = answer};
    ivs_header_lines lines = {0};
    ivs_http_request request = {.method = call->op->method,
                                .url = call->url.data,
                                .headers = headers,
                                .body = call->body.data,
                                .body_len = call->body.len,
                                .connect_timeout_ms =
                                    client->connect_timeout_ms,
                                .total_timeout_ms = client->total_timeout_ms,
                                .once = !call->op->repeatable};
    ivs_http_sink sink = {.header = sink_header,
                          .body = sink_body,
                          .unsent = sink_unsent,
                          .cancelled = sink_cancelled,
                          .user = &a};
    ivs_status s;

    if ((s = ivs_call_sign(client, call, attempt, &lines, err)) != IVS_OK)
        return s;
    for (size_t i = 0; i < lines.n; i++)
        headers[i] = lines.text[i].data;
    request.nheaders = lines.n;
    debug(client, "request| %s %s, attempt %d of %d", request.method,
          request.url, attempt, client->config.max_attempts);
    s = client->transport.send(&request, &sink, &answer->status,
                               client->transport.user, err);
    ivs_header_lines_free(&lines);
    ivs_answer_redact(client, answer);
    if (s == IVS_OK)
        debug(client, "answer| %d, %zu bytes, request id %s", answer->status,
              answer->body.len,
              answer->request_id[0] != '\0' ? answer->request_id : "unknown");
    else
        debug(client, "answer| none: %s", ivs_status_text(s));
    return s;
}

/* Whether another attempt may follow a failed one, whatever the numbers. */
static bool
may_repeat(const ivs_operation *op, ivs_status s, ivs_verdict verdict,
           const ivs_answer *answer)
{
    if (s == IVS_E_NETWORK)
        return op->repeatable || answer->unsent;
    if (verdict == IVS_VERDICT_THROTTLED)
        return true;
    return verdict == IVS_VERDICT_TRANSIENT && op->repeatable;
}

static ivs_status
try_once(ivs_client *client, const ivs_call *call, int attempt,
         ivs_answer *answer, ivs_verdict *ret_verdict, ivs_error *err)
{
    ivs_status s;

    *ret_verdict = IVS_VERDICT_FINAL;
    s = send_once(client, call, attempt, answer, err);
    if (s == IVS_OK)
        return ivs_answer_judge(client, call->op, answer, ret_verdict, err);
    if (answer->body.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for an answer");
    if (answer->too_large)
        return ivs_fail(err, IVS_E_SERVICE,
                        "the server at %s answered more than %d KiB of body "
                        "or %d KiB of headers",
                        client->config.host, IVS_ANSWER_BODY_MAX / 1024,
                        IVS_ANSWER_HEADER_MAX / 1024);
    return s;
}

/* Whether nobody knows what became of an attempt. */
static bool
is_unanswered(ivs_status s, const ivs_answer *answer)
{
    return (s == IVS_E_NETWORK || s == IVS_E_CANCELLED) && !answer->unsent;
}

static ivs_status
wait_before(ivs_client *client, int retry, ivs_verdict verdict,
            const ivs_answer *answer, ivs_error *err)
{
    bool throttled = verdict == IVS_VERDICT_THROTTLED;
    uint32_t random;
    int64_t ms;

    /* Without random bytes the longest pause is the kind one. */
    if (!ivs_random(&random, sizeof random))
        random = UINT32_MAX;
    ms = ivs_retry_delay_ms(retry, throttled, random, answer->retry_after);
    debug(client, "retry| in %d ms", (int)ms);
    return pause_ms(client, ms, err);
}

/* Attempts until one succeeds or no other may follow; the answer is the last
 * one's. */
static ivs_status
run(ivs_client *client, const ivs_call *call, ivs_answer *answer,
    int *ret_attempts, ivs_error *err)
{
    ivs_verdict verdict = IVS_VERDICT_FINAL;
    ivs_error last = {0}; /* a success after it leaves err as it was */
    bool unanswered = false;
    ivs_status s;
    int n = 1;

    client->quota.last_cost = 0;
    for (;; n++) {
        if (is_cancelled(client)) {
            s = fail_cancelled(&last);
            break;
        }
        s = try_once(client, call, n, answer, &verdict, &last);
        unanswered = unanswered || is_unanswered(s, answer);
        if (s == IVS_OK || n >= client->config.max_attempts ||
            !may_repeat(call->op, s, verdict, answer) ||
            !ivs_retry_quota_take(&client->quota,
                                  verdict == IVS_VERDICT_THROTTLED))
            break;
        s = wait_before(client, n - 1, verdict, answer, &last);
        if (s != IVS_OK)
            break;
        ivs_answer_free(answer);
    }
    if (s == IVS_OK)
        ivs_retry_quota_return(&client->quota);
    else if (n > 1 && s != IVS_E_CANCELLED)
        ivs_error_context(&last, "after %d attempts", n);
    last.unanswered = unanswered;
    if (s != IVS_OK && err != NULL)
        *err = last;
    *ret_attempts = n;
    return s;
}

static ivs_status
make_result(ivs_answer *answer, int attempts, ivs_result **ret, ivs_error *err)
{
    ivs_result *result = calloc(1, sizeof *result);

    if (result == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a result");
    result->status = answer->status;
    result->attempts = attempts;
    memcpy(result->request_id, answer->request_id, sizeof result->request_id);
    result->body = answer->body;
    answer->body = IVS_BUF_INIT;
    *ret = result;
    return IVS_OK;
}

ivs_status
ivs_client_call(ivs_client *client, const char *operation, const char *json,
                size_t len, ivs_result **ret, ivs_error *err)
{
    const ivs_operation *op;
    ivs_call call = {0};
    ivs_answer answer = {0};
    int attempts = 0;
    ivs_status s;

    if (client == NULL || operation == NULL)
        return ivs_fail(err, IVS_E_ARG, "client or operation is NULL");
    if ((s = ivs_operation_get(operation, &op, err)) != IVS_OK)
        return s;
    if ((s = ivs_call_build(client, op, json, len, &call, err)) != IVS_OK)
        return s;
    s = run(client, &call, &answer, &attempts, err);
    if (s == IVS_OK && ret != NULL)
        s = make_result(&answer, attempts, ret, err);
    ivs_call_free(&call);
    ivs_answer_free(&answer);
    return s;
}
