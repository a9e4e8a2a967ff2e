/* SPDX-License-Identifier: MIT */
/* Requests and answers in memory. */

#include "http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/utf8.h"

const char *
emu_request_header(const emu_request *req, const char *name, size_t *ret_count)
{
    const char *value = NULL;
    size_t count = 0;

    for (size_t i = 0; i < req->nheaders; i++) {
        if (strcasecmp(req->headers[i].name, name) != 0)
            continue;
        if (count++ == 0)
            value = req->headers[i].value;
    }
    if (ret_count != NULL)
        *ret_count = count;
    return value;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent-decoded, and plus as another character; a stray '%' stands for
 * itself. */
static void
append_decoded(ivs_buf *b, const char *text, size_t len, char plus)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && len - i > 2 && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            ivs_buf_putc(b, (char)(hex_digit(text[i + 1]) * 16 +
                                   hex_digit(text[i + 2])));
            i += 2;
        } else {
            ivs_buf_putc(b, text[i] == '+' ? plus : text[i]);
        }
    }
}

bool
emu_request_query_next(const char **at, const char *name, ivs_buf *ret)
{
    size_t name_len = strlen(name);

    while (**at != '\0') {
        const char *pair = *at;
        size_t len = strcspn(pair, "&");

        *at += len;
        *at += **at == '&';
        if (len > name_len && memcmp(pair, name, name_len) == 0 &&
            pair[name_len] == '=') {
            /* as application/x-www-form-urlencoded */
            append_decoded(ret, pair + name_len + 1, len - name_len - 1, ' ');
            return true;
        }
    }
    return false;
}

bool
emu_request_query(const emu_request *req, const char *name, ivs_buf *ret)
{
    const char *at = req->query;

    return emu_request_query_next(&at, name, ret);
}

void
emu_request_segment(const emu_request *req, ivs_buf *ret)
{
    const char *slash = strrchr(req->path, '/');
    const char *segment = slash == NULL ? req->path : slash + 1;

    append_decoded(ret, segment, strlen(segment), '+');
}

bool
emu_response_init(emu_response *res, emu_random *random)
{
    *res = (emu_response){0};
    return emu_random_uuid(random, EMU_RANDOM_REQUESTS, res->request_id);
}

void
emu_response_clear(emu_response *res)
{
    for (size_t i = 0; i < res->nheaders; i++)
        ivs_buf_free(&res->headers[i].value);
    res->nheaders = 0;
    res->status = 0;
    ivs_buf_free(&res->body);
    if (res->has_file)
        (void)close(res->file);
    res->has_file = false;
}

void
emu_response_header(emu_response *res, const char *name, const char *value)
{
    if (res->nheaders == EMU_RESPONSE_HEADERS)
        return;
    res->headers[res->nheaders].name = name;
    res->headers[res->nheaders].value = IVS_BUF_INIT;
    ivs_buf_puts(&res->headers[res->nheaders].value, value);
    res->nheaders++;
}

bool
emu_response_json(emu_response *res, int status, json_t *body)
{
    if (body == NULL)
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    res->status = status;
    emu_response_header(res, "Content-Type", "application/json");
    ivs_json_append(&res->body, body, false);
    json_decref(body);
    return true;
}

void
emu_response_text(emu_response *res, int status, const char *type,
                  const char *body)
{
    res->status = status;
    emu_response_header(res, "Content-Type", type);
    ivs_buf_puts(&res->body, body);
}

void
emu_response_file(emu_response *res, int status, const char *type, int file,
                  size_t len)
{
    res->status = status;
    emu_response_header(res, "Content-Type", type);
    res->has_file = true;
    res->file = file;
    res->file_len = len;
}

/* A header quoted in the message may hold any bytes. */
static void
to_utf8(char *text)
{
    if (!ivs_utf8_valid(text, strlen(text), NULL))
        for (char *at = text; *at != '\0'; at++)
            if ((unsigned char)*at >= 0x80)
                *at = '?';
}

static void
quote_message(ivs_buf *b, const char *text)
{
    ivs_buf_puts(b, "{\"exceptionMessage\":");
    ivs_json_quote(b, text, strlen(text));
    ivs_buf_puts(b, ",\"message\":");
    ivs_json_quote(b, text, strlen(text));
    ivs_buf_putc(b, '}');
}

void
emu_response_error(emu_response *res, int status, const char *name,
                   const char *text)
{
    emu_response_clear(res);
    res->status = status;
    if (name != NULL)
        emu_response_header(res, "x-amzn-ErrorType", name);
    emu_response_header(res, "Content-Type", "application/json");
    quote_message(&res->body, text);
}

bool
emu_fault_hits(const emu_fault *fault, size_t i)
{
    return fault->batch_every > 0 && (i + 1) % (size_t)fault->batch_every == 0;
}

bool
emu_refuse(emu_response *res, emu_error error, const char *fmt, ...)
{
#define EMU_X(name, text, number) {text, number},
    static const struct {
        const char *name;
        int status;
    } errors[EMU_NERRORS] = {EMU_ERROR_MAP(EMU_X)};
#undef EMU_X
    va_list args, again;
    char *text = NULL;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    if (n >= 0 && (text = malloc((size_t)n + 1)) != NULL)
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    if (text != NULL)
        to_utf8(text);
    emu_response_error(res, errors[error].status, errors[error].name,
                       text == NULL ? "" : text);
    emu_response_reason(res, errors[error].name, "%.*s",
                        text == NULL ? 0 : (int)strcspn(text, "\r\n"),
                        text == NULL ? "" : text);
    if (text == NULL)
        res->body.failed = true;
    free(text);
    return false;
}

void
emu_response_reason(emu_response *res, const char *name, const char *fmt, ...)
{
    va_list args;

    res->reason = name;
    va_start(args, fmt);
    (void)vsnprintf(res->note, sizeof res->note, fmt, args);
    va_end(args);
}

void
emu_response_free(emu_response *res)
{
    emu_response_clear(res);
}
