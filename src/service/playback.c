/* SPDX-License-Identifier: MIT */
/* One plain GET of a playback URL, and what its answer says. */

#include <ivs/playback.h>

#include <stdlib.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/error.h"
#include "base/json.h"
#include "service/client_impl.h"

#define ORIGIN_MAX 1024
/* So much of a part of a query is worth hiding; a shorter part is no token. */
#define TOKEN_PART 12

struct fetch {
    const char *url;
    char host[256];    /* with its port */
    ivs_answer answer; /* a refusal repeats the URL, a playlist lets in */
};

static void
set_host(struct fetch *f)
{
    const char *host = strstr(f->url, "://") + 3; /* it is a URL */

    ivs_answer_text(f->host, sizeof f->host, host, strcspn(host, "/"));
}

static ivs_status
check(const ivs_client *client, const char *url, const char *origin,
      ivs_error *err)
{
    ivs_arn arn;
    ivs_status s;

    if (client == NULL || url == NULL)
        return ivs_fail(err, IVS_E_ARG, "client or url is NULL");
    if ((s = ivs_arn_from_playback_url(url, strlen(url), &arn, err)) !=
            IVS_OK ||
        (s = ivs_endpoint_check_playback(url, client->allow_http, err)) !=
            IVS_OK)
        return s;
    if (origin == NULL)
        return IVS_OK;
    if (strlen(origin) > ORIGIN_MAX)
        return ivs_fail_member(err, IVS_E_ARG, "origin",
                               "the Origin has %zu bytes, expected at most %d",
                               strlen(origin), ORIGIN_MAX);
    for (; *origin != '\0'; origin++)
        if (*origin <= ' ' || *origin >= 0x7f)
            return ivs_fail_member(err, IVS_E_ARG, "origin",
                                   "the Origin has a character that no header "
                                   "may have there, expected visible ASCII");
    return IVS_OK;
}

static ivs_status
send_plain(ivs_client *client, struct fetch *f, const char *origin,
           ivs_error *err)
{
    ivs_buf agent = IVS_BUF_INIT, from = IVS_BUF_INIT;
    const char *headers[2];
    /* A silent repeat would use a token up and report the second answer. */
    ivs_http_request request = {.method = "GET",
                                .url = f->url,
                                .headers = headers,
                                .nheaders = 1,
                                .once = true};
    ivs_status s;

    ivs_buf_printf(&agent, "user-agent: %s", client->user_agent.data);
    if (origin != NULL && *origin != '\0') {
        ivs_buf_printf(&from, "origin: %s", origin);
        request.nheaders = 2;
    }
    headers[0] = agent.data;
    headers[1] = from.data;
    ivs_client_debug(client, "request| GET %.*s, its query left out",
                     (int)strcspn(f->url, "?"), f->url);
    s = agent.failed || from.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for a request")
            : ivs_client_send(client, &request, f->host, &f->answer, err);
    ivs_buf_free(&agent);
    ivs_buf_free(&from);
    if (s == IVS_OK)
        ivs_client_debug(client, "answer| %d, %zu bytes", f->answer.status,
                         f->answer.body.len);
    else
        ivs_client_debug(client, "answer| none: %s", ivs_status_text(s));
    if (s != IVS_OK && err != NULL)
        err->unanswered =
            f->answer.begun && !f->answer.unsent && !f->answer.whole;
    return s;
}

/* Whether a text has the beginning of a part of the query in it. */
static bool
repeats_token(const struct fetch *f, const char *text)
{
    static const char between[] = "?&=.";
    const char *at = f->url + strcspn(f->url, "?");

    while (*at != '\0') {
        size_t len = strcspn(at += strspn(at, between), between);

        for (const char *t = text; len >= TOKEN_PART && *t != '\0'; t++)
            if (strncmp(t, at, TOKEN_PART) == 0)
                return true;
        at += len;
    }
    return false;
}

static void
redact(struct fetch *f)
{
    char *const texts[] = {f->answer.content_type, f->answer.request_id};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (repeats_token(f, texts[i]))
            texts[i][0] = '\0';
}

/* What a refusal says: [{"error", "error_code", …}], or a line of text. */
struct refusal {
    char code[64];
    char text[128];
};

static void
set_text(const struct fetch *f, struct refusal *r, const char *text, size_t len)
{
    static const char hidden[] = "(not shown: it repeats the token)";

    if (repeats_token(f, text))
        memcpy(r->text, hidden, sizeof hidden);
    else
        ivs_answer_text(r->text, sizeof r->text, text, len);
}

static void
read_object(const struct fetch *f, const json_t *object, struct refusal *r)
{
    const char *code = json_string_value(json_object_get(object, "error_code"));
    const char *text = json_string_value(json_object_get(object, "error"));

    if (code != NULL && !repeats_token(f, code))
        ivs_answer_word(r->code, sizeof r->code, code, strlen(code));
    if (text != NULL)
        set_text(f, r, text, strlen(text));
}

static ivs_status
read_refusal(const struct fetch *f, struct refusal *r, ivs_error *err)
{
    const ivs_buf *body = &f->answer.body;
    json_t *doc = NULL;
    ivs_status s = IVS_E_FORMAT;

    if (body->len > 0)
        s = ivs_json_parse(body->data, body->len, IVS_JSON_BIG_INTEGERS,
                           "answer", &doc, NULL, err);
    if (s == IVS_E_NOMEM)
        return s;
    if (s == IVS_OK)
        read_object(f, json_is_array(doc) ? json_array_get(doc, 0) : doc, r);
    else if (body->len > 0 && body->data[0] != '<')
        set_text(f, r, body->data, strcspn(body->data, "\r\n"));
    json_decref(doc);
    return IVS_OK;
}

static ivs_status
fail_refused(const struct fetch *f, ivs_error *err)
{
    const ivs_answer *a = &f->answer;
    struct refusal r = {.code = ""};
    ivs_status s = read_refusal(f, &r, err);

    if (s != IVS_OK)
        return s;
    if (r.code[0] == '\0' && r.text[0] == '\0')
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "the playback URL was answered with %d and no reason "
                       "(%.40s)",
                       a->status,
                       a->content_type[0] != '\0' ? a->content_type
                                                  : "no content type");
    else
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "the playback URL was answered with %d%s%s: %s",
                       a->status, r.code[0] != '\0' ? " " : "", r.code,
                       r.text[0] != '\0' ? r.text : "no further reason");
    if (err != NULL) {
        err->http_status = a->status;
        memcpy(err->aws_code, r.code, sizeof err->aws_code);
        memcpy(err->request_id, a->request_id, sizeof err->request_id);
    }
    return IVS_E_SERVICE;
}

/* RFC 8216 section 4.3.1.1: the first line of every playlist. */
static bool
is_playlist(const ivs_buf *body)
{
    return body->len >= 7 && memcmp(body->data, "#EXTM3U", 7) == 0 &&
           (body->len == 7 || body->data[7] == '\n' || body->data[7] == '\r');
}

static ivs_status
judge(const struct fetch *f, ivs_error *err)
{
    const ivs_answer *a = &f->answer;

    if (a->status == 200 && is_playlist(&a->body))
        return IVS_OK;
    if (a->status >= 400 && a->status <= 599)
        return fail_refused(f, err);
    if (a->status >= 300 && a->status <= 399)
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "%s answered the playback URL with a redirect (%d), "
                       "which is never followed",
                       f->host, a->status);
    else
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "%s answered the playback URL with %d and %s, expected "
                       "200 and an HLS playlist",
                       f->host, a->status,
                       a->content_type[0] != '\0' ? a->content_type
                                                  : "no content type");
    if (err != NULL)
        err->http_status = a->status;
    return IVS_E_SERVICE;
}

static ivs_status
make_result(struct fetch *f, ivs_result **ret, ivs_error *err)
{
    ivs_result *result;

    if (ret == NULL)
        return IVS_OK;
    result = calloc(1, sizeof *result);
    if (result == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a result");
    result->status = f->answer.status;
    result->attempts = 1;
    memcpy(result->request_id, f->answer.request_id, sizeof result->request_id);
    result->body = f->answer.body;
    f->answer.body = IVS_BUF_INIT;
    *ret = result;
    return IVS_OK;
}

ivs_status
ivs_playback_get(ivs_client *client, const char *url, const char *origin,
                 ivs_result **ret, ivs_error *err)
{
    struct fetch f = {.url = url, .answer = {.body = IVS_BUF_SECRET}};
    ivs_status s;

    if ((s = check(client, url, origin, err)) != IVS_OK)
        return s;
    if (ivs_is_cancelled(&client->cancel))
        return ivs_fail_cancelled(err);
    set_host(&f);
    s = send_plain(client, &f, origin, err);
    redact(&f);
    if (s == IVS_OK && (s = judge(&f, err)) == IVS_OK)
        s = make_result(&f, ret, err);
    ivs_answer_free(&f.answer);
    return s;
}
