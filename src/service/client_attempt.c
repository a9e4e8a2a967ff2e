/* SPDX-License-Identifier: MIT */
/* One request and its answer. */

#include "base/error.h"
#include "service/client_impl.h"

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

static void
sink_hopeless(void *user)
{
    struct attempt *a = user;

    a->answer->hopeless = true;
}

static bool
sink_cancelled(void *user)
{
    const struct attempt *a = user;

    return ivs_is_cancelled(&a->client->cancel);
}

ivs_status
ivs_client_send(ivs_client *client, ivs_http_request *request, const char *host,
                ivs_answer *answer, ivs_error *err)
{
    struct attempt a = {.client = client, .answer = answer};
    ivs_http_sink sink = {.header = sink_header,
                          .body = sink_body,
                          .unsent = sink_unsent,
                          .hopeless = sink_hopeless,
                          .cancelled = sink_cancelled,
                          .user = &a};
    ivs_status s;

    request->connect_timeout_ms = client->connect_timeout_ms;
    request->first_byte_timeout_ms = client->first_byte_timeout_ms;
    request->idle_timeout_ms = client->idle_timeout_ms;
    request->total_timeout_ms = client->total_timeout_ms;
    answer->begun = true;
    s = client->transport.send(request, &sink, &answer->status,
                               client->transport.user, err);
    answer->whole = s == IVS_OK;
    ivs_answer_redact(client, answer);
    if (s != IVS_OK && answer->body.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for an answer");
    if (s != IVS_OK && answer->too_large)
        return ivs_fail(err, IVS_E_SERVICE,
                        "the server at %s answered more than %d KiB of body "
                        "or %d KiB of headers",
                        host, IVS_ANSWER_BODY_MAX / 1024,
                        IVS_ANSWER_HEADER_MAX / 1024);
    return s;
}

static ivs_status
send_lines(ivs_client *client, const ivs_call *call,
           const ivs_header_lines *lines, ivs_answer *answer, ivs_error *err)
{
    const char *headers[IVS_CALL_HEADERS];
    ivs_http_request request = {.method = call->op->method,
                                .url = call->url.data,
                                .headers = headers,
                                .nheaders = lines->n,
                                .body = call->body.data,
                                .body_len = call->body.len,
                                .once = !call->op->repeatable};

    for (size_t i = 0; i < lines->n; i++)
        headers[i] = lines->text[i].data;
    return ivs_client_send(client, &request, client->config.host, answer, err);
}

static ivs_status
send_once(ivs_client *client, const ivs_call *call, int attempt,
          ivs_answer *answer, ivs_credentials_keys *ret_keys, ivs_error *err)
{
    int64_t offset_s = ivs_client_offset_s(client);
    ivs_header_lines lines = {0};
    ivs_signer signer = {0};
    int64_t sent_s;
    ivs_status s;

    if ((s = ivs_credentials_get(client->credentials, &client->cancel,
                                 &signer.keys, err)) != IVS_OK)
        return s;
    *ret_keys = signer.keys;
    sent_s = client->clock.now_s(client->clock.user);
    signer.time_s = sent_s + offset_s;
    if ((s = ivs_call_sign(client, call, attempt, &signer, &lines, err)) !=
        IVS_OK)
        return s;
    ivs_client_debug(client, "request| %s %s, attempt %d of %d",
                     call->op->method, call->url.data, attempt,
                     client->config.max_attempts);
    s = send_lines(client, call, &lines, answer, err);
    ivs_header_lines_free(&lines);
    if (s == IVS_OK) {
        ivs_client_learn_time(client, answer, sent_s,
                              client->clock.now_s(client->clock.user),
                              offset_s);
        ivs_client_debug(client, "answer| %d, %zu bytes, request id %s",
                         answer->status, answer->body.len,
                         answer->request_id[0] != '\0' ? answer->request_id
                                                       : "unknown");
    } else {
        ivs_client_debug(client, "answer| none: %s", ivs_status_text(s));
    }
    return s;
}

ivs_status
ivs_client_attempt(ivs_client *client, const ivs_call *call, int attempt,
                   ivs_answer *answer, ivs_credentials_keys *ret_keys,
                   unsigned *ret_means, ivs_error *err)
{
    ivs_status s;

    *ret_means = 0;
    s = send_once(client, call, attempt, answer, ret_keys, err);
    if (s == IVS_OK)
        s = ivs_answer_judge(client, call->op, answer, ret_means, err);
    return s;
}
