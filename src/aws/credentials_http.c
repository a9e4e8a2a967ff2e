/* SPDX-License-Identifier: MIT */
/* Requests for keys: small, few, their answers secret. */

#include <string.h>

#include "aws/credentials_provider.h"
#include "base/error.h"

#define PAUSE_MS     200
#define PAUSE_MAX_MS 5000

/* What the sink's callbacks get. */
struct taker {
    ivs_source_answer *answer;
    const ivs_cancel *cancel;
    bool hopeless;
};

static bool
take_header(const char *name, size_t name_len, const char *value,
            size_t value_len, void *user)
{
    (void)name, (void)name_len, (void)value, (void)value_len, (void)user;
    return true;
}

static bool
take_body(const char *data, size_t len, void *user)
{
    ivs_source_answer *answer = ((struct taker *)user)->answer;

    if (answer->body.len + len > IVS_SOURCE_ANSWER_MAX)
        answer->too_large = true;
    else
        ivs_buf_append(&answer->body, data, len);
    return !answer->too_large && !answer->body.failed;
}

static void
take_unsent(void *user)
{
    (void)user;
}

static void
take_hopeless(void *user)
{
    ((struct taker *)user)->hopeless = true;
}

static bool
is_cancelled(void *user)
{
    return ivs_is_cancelled(((struct taker *)user)->cancel);
}

static ivs_status
ready_transport(ivs_source_context *c, ivs_error *err)
{
    ivs_status s;

    if (c->transport.send != NULL)
        return IVS_OK;
    if ((s = ivs_http_new(c->ca_bundle, &c->http, err)) != IVS_OK)
        return s;
    c->transport = (ivs_transport){.send = ivs_http_send, .user = c->http};
    return IVS_OK;
}

static ivs_status
send_once(ivs_source_context *c, const ivs_http_request *request,
          ivs_source_answer *ret, bool *ret_hopeless, ivs_error *err)
{
    struct taker taker = {.answer = ret, .cancel = &c->cancel};
    const ivs_http_sink sink = {.header = take_header,
                                .body = take_body,
                                .unsent = take_unsent,
                                .hopeless = take_hopeless,
                                .cancelled = is_cancelled,
                                .user = &taker};
    ivs_http_request timed = *request;
    ivs_status s;

    /* All of it is so short that no part has a limit of its own. */
    timed.connect_timeout_ms = request->total_timeout_ms;
    timed.first_byte_timeout_ms = request->total_timeout_ms;
    timed.idle_timeout_ms = request->total_timeout_ms;
    *ret = (ivs_source_answer){.body = IVS_BUF_SECRET};
    ivs_buf_puts(&ret->body, "");
    s = c->transport.send(&timed, &sink, &ret->status, c->transport.user, err);
    *ret_hopeless = taker.hopeless;
    if (ret->body.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for an answer");
    if (ret->too_large)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the server answered more than %d KiB",
                        IVS_SOURCE_ANSWER_MAX / 1024);
    return s;
}

ivs_status
ivs_source_send(ivs_source_context *c, const ivs_http_request *request,
                int attempts, ivs_source_answer *ret, ivs_error *err)
{
    ivs_error last = {0}; /* a success after it leaves err as it was */
    int64_t pause = PAUSE_MS;
    bool hopeless = false;
    ivs_status s;

    if ((s = ready_transport(c, err)) != IVS_OK)
        return s;
    for (;;) {
        s = send_once(c, request, ret, &hopeless, &last);
        if (--attempts <= 0 || hopeless ||
            (s != IVS_E_NETWORK &&
             (s != IVS_OK || (ret->status != 429 && ret->status < 500))))
            break;
        ivs_buf_free(&ret->body);
        if ((s = ivs_pause(&c->clock, pause, &c->cancel, &last)) != IVS_OK)
            break;
        pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
    }
    if (s != IVS_OK)
        ivs_buf_free(&ret->body);
    if (s != IVS_OK && err != NULL)
        *err = last;
    return s;
}

void
ivs_url_encode(ivs_buf *b, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *text != '\0'; text++)
        if (strchr(plain, *text) != NULL)
            ivs_buf_putc(b, *text);
        else
            ivs_buf_printf(b, "%%%02X", (unsigned)(unsigned char)*text);
}
