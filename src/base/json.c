/* SPDX-License-Identifier: MIT */
/* Strict JSON in, JSON out. */

#include "base/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

/* Room for the name of a member in a message. */
#define NAME_SIZE 61
/* Room for a place in one. */
#define PLACE_SIZE 64

/* Not known where. */
#define NOWHERE SIZE_MAX

/* A text, and where to say what is wrong with it. */
struct source {
    const char *text;
    size_t len;
    const char *what;
    ivs_reject_reason *ret_reason; /* or NULL */
    ivs_error *err;
};

struct scan {
    size_t longest; /* no string or number takes more bytes */
    size_t deep;    /* where it first nests too deep: behind that, 0: nowhere */
    size_t nul;     /* the same of \u0000 */
    size_t several; /* the same of a comma outside every bracket */
};

/* One pass over the text for what jansson does not tell: whether it nests too
 * deep, how long its tokens are, and whether a string holds an escaped NUL.
 * Strings are skipped by their quotes, so brackets inside them do not count. */
static void
scan(const char *text, size_t len, struct scan *ret)
{
    size_t depth = 0, start = 0;
    bool in_string = false;

    *ret = (struct scan){0};
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (in_string) {
            if (c == '\\') {
                if (ret->nul == 0 && len - i >= 6 &&
                    memcmp(text + i, "\\u0000", 6) == 0)
                    ret->nul = i + 6;
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == ',' || c == ':') {
            if (i - start > ret->longest)
                ret->longest = i - start;
            start = i + 1;
            if (c == ',' && depth == 0 && ret->several == 0)
                ret->several = i + 1;
        } else if (c == '{' || c == '[') {
            if (++depth > IVS_JSON_DEPTH && ret->deep == 0)
                ret->deep = i + 1;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    if (len - start > ret->longest)
        ret->longest = len - start;
}

/* " at line L, column C" of the character that ends at `end`; both count from
 * 1, and a byte of no character is one. The text itself may be secret. */
static const char *
place(const struct source *src, size_t end, char ret[PLACE_SIZE])
{
    size_t line = 1, column = 0, at = 0;

    *ret = '\0';
    if (end == NOWHERE)
        return ret;
    while (at < end) {
        size_t n = ivs_utf8_char(src->text + at, src->len - at);

        column++;
        if (src->text[at] == '\n') {
            line++;
            column = 0;
        }
        at += n > 0 ? n : 1;
    }
    (void)snprintf(ret, PLACE_SIZE, " at line %zu, column %zu", line,
                   column == 0 ? 1 : column);
    return ret;
}

static ivs_status
refuse(const struct source *src, ivs_reject_reason reason, const char *sentence,
       size_t end)
{
    char at[PLACE_SIZE];

    if (src->ret_reason != NULL)
        *src->ret_reason = reason;
    return ivs_fail(src->err, IVS_E_FORMAT, "%s %s%s", src->what, sentence,
                    place(src, end, at));
}

/* How far jansson had read, without what was put around the text. */
static size_t
read_up_to(const struct source *src, const json_error_t *e, size_t longest)
{
    size_t end, start = longest + 4;

    if (e->position < 0)
        return NOWHERE;
    end = (size_t)e->position < start ? 0 : (size_t)e->position - start;
    return end < src->len ? end : src->len;
}

static ivs_status
refuse_jansson(const struct source *src, const json_error_t *e, size_t end)
{
    char at[PLACE_SIZE];

    switch (json_error_code(e)) {
    case json_error_unknown: /* jansson fails so where an allocation did */
    case json_error_out_of_memory:
        return ivs_fail(src->err, IVS_E_NOMEM, "out of memory reading %s",
                        src->what);
    case json_error_duplicate_key:
        if (src->ret_reason != NULL)
            *src->ret_reason = IVS_REJECT_JSON_DUPLICATE;
        (void)place(src, end, at);
        return ivs_fail(src->err, IVS_E_FORMAT,
                        "%s has the member \"%s\" twice%s%s", src->what,
                        e->text, *at == '\0' ? "" : ",", at);
    case json_error_numeric_overflow:
        return refuse(src, IVS_REJECT_JSON_NUMBER,
                      "has a number that is too large", end);
    default:
        return refuse(src, IVS_REJECT_JSON, "is not well-formed JSON", end);
    }
}

/* Length of the number at text; *ret_big for an integer outside int64. */
static size_t
number(const char *text, size_t len, bool *ret_big)
{
    char copy[24] = "";
    size_t n = 0;

    *ret_big = true;
    for (; n < len && memchr("0123456789+-.eE", text[n], 15) != NULL; n++) {
        if (n < sizeof copy - 1)
            copy[n] = text[n];
        if (memchr(".eE", text[n], 3) != NULL)
            *ret_big = false;
    }
    if (*ret_big && n < sizeof copy) {
        errno = 0;
        (void)strtoll(copy, NULL, 10);
        *ret_big = errno == ERANGE;
    }
    return n;
}

/* Copy text with "e0" behind each integer outside int64, so that jansson reads
 * those as reals and every other number as what it is. */
static void
widen(const char *text, size_t len, ivs_buf *out)
{
    bool in_string = false;

    for (size_t i = 0, n = 0; i < len; i += n) {
        bool big = false;
        char c = text[i];

        n = 1;
        if (in_string && c == '\\' && i + 1 < len)
            n = 2;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '-' || (c >= '0' && c <= '9')))
            n = number(text + i, len - i, &big);
        ivs_buf_append(out, text + i, n);
        if (big)
            ivs_buf_puts(out, "e0");
    }
}

/* What jansson reads: ["xxx",TEXT] with as many x as the longest token has
 * bytes. jansson 2.14 drops a character without a word when its token buffer
 * cannot grow; so the buffer grows first for a string whose loss shows. */
struct feed {
    const char *text;
    size_t len;
    size_t pad;
    size_t at; /* in the whole */
};

/* Append what of one part is still to come; text is NULL for the x. */
static size_t
feed_part(struct feed *in, size_t part_at, const char *text, size_t len,
          char *out, size_t cap)
{
    size_t skip, n;

    if (cap == 0 || in->at >= part_at + len)
        return 0;
    skip = in->at - part_at;
    n = len - skip < cap ? len - skip : cap;
    if (text == NULL)
        memset(out, 'x', n);
    else
        memcpy(out, text + skip, n);
    in->at += n;
    return n;
}

static size_t
feed(void *buf, size_t cap, void *user)
{
    struct feed *in = user;
    char *out = buf;
    size_t n = feed_part(in, 0, "[\"", 2, out, cap);

    n += feed_part(in, 2, NULL, in->pad, out + n, cap - n);
    n += feed_part(in, in->pad + 2, "\",", 2, out + n, cap - n);
    n += feed_part(in, in->pad + 4, in->text, in->len, out + n, cap - n);
    return n + feed_part(in, in->pad + in->len + 4, "]", 1, out + n, cap - n);
}

/* Whether jansson took a string that found no memory for a syntax error: the
 * token that it could not use ends in a quote, which only a string does, and of
 * a malformed string it says what is wrong with it. */
static bool
lost_string(const struct feed *in, const json_error_t *e)
{
    size_t start = in->pad + 4, at = (size_t)e->position;

    if (json_error_code(e) != json_error_invalid_syntax)
        return false;
    if (at <= start)
        return true; /* in a string of our own */
    return at - start <= in->len && in->text[at - start - 1] == '"' &&
           (strncmp(e->text, "invalid token", 13) == 0 ||
            strncmp(e->text, "string or '}' expected", 22) == 0);
}

/* Put the name of a member that is there twice, as it is written, in the place
 * of jansson's words: it has read the name, and nothing after it. */
static void
name_duplicate(const struct feed *in, json_error_t *e)
{
    size_t end = (size_t)e->position - (in->pad + 4) - 1, from = end;

    /* A quote in a name has a backslash before it. */
    while (from > 1 &&
           (in->text[from - 1] != '"' || in->text[from - 2] == '\\'))
        from--;
    (void)snprintf(e->text, NAME_SIZE, "%.*s", (int)(end - from),
                   in->text + from);
}

static json_t *
load_once(const char *text, size_t len, size_t longest, bool *ret_nomem,
          json_error_t *e)
{
    struct feed in = {text, len, longest, 0};
    json_t *pair, *value = NULL;

    memset(e, 0, sizeof *e); /* jansson leaves its code as it was */
    pair = json_load_callback(feed, &in, JSON_REJECT_DUPLICATES, e);
    *ret_nomem = pair == NULL && lost_string(&in, e);
    if (pair == NULL && json_error_code(e) == json_error_duplicate_key)
        name_duplicate(&in, e);
    if (pair == NULL)
        return NULL;
    if (json_string_length(json_array_get(pair, 0)) != longest)
        *ret_nomem = true;
    else
        value = json_incref(json_array_get(pair, 1));
    json_decref(pair);
    return value;
}

/* NULL with *ret_nomem, or with e filled where jansson refused; of a widened
 * text the position is -1. */
static json_t *
load(const char *text, size_t len, size_t longest, unsigned flags,
     bool *ret_nomem, json_error_t *e)
{
    json_t *value = load_once(text, len, longest, ret_nomem, e);
    ivs_buf wide = IVS_BUF_INIT;

    if (value != NULL || *ret_nomem || (flags & IVS_JSON_BIG_INTEGERS) == 0 ||
        json_error_code(e) != json_error_numeric_overflow)
        return value;
    widen(text, len, &wide);
    if (wide.failed)
        *ret_nomem = true;
    else
        value = load_once(wide.data, wide.len, longest + 2, ret_nomem, e);
    e->position = -1;
    ivs_buf_free(&wide);
    return value;
}

/* Before jansson sees it: what it would take, or not tell from other faults. */
static ivs_status
check(const struct source *src, struct scan *seen)
{
    const char *nul;
    size_t end = 0, n;

    while (end < src->len &&
           (n = ivs_utf8_char(src->text + end, src->len - end)) > 0)
        end += n;
    if (end < src->len)
        return refuse(src, IVS_REJECT_UTF8, "is not valid UTF-8", end + 1);
    scan(src->text, src->len, seen);
    if (seen->deep > 0)
        return refuse(src, IVS_REJECT_JSON_DEPTH, "nests deeper than 16 levels",
                      seen->deep);
    if (seen->several > 0)
        return refuse(src, IVS_REJECT_JSON, "is not well-formed JSON",
                      seen->several);
    if ((nul = memchr(src->text, '\0', src->len)) != NULL)
        seen->nul = (size_t)(nul - src->text) + 1;
    if (seen->nul > 0)
        return refuse(src, IVS_REJECT_JSON, "holds a NUL character", seen->nul);
    return IVS_OK;
}

ivs_status
ivs_json_parse(const char *text, size_t len, unsigned flags, const char *what,
               json_t **ret, ivs_reject_reason *ret_reason, ivs_error *err)
{
    const struct source src = {text, len, what, ret_reason, err};
    struct scan seen = {0};
    json_error_t e;
    json_t *value;
    ivs_status s;
    bool nomem;

    if ((s = check(&src, &seen)) != IVS_OK)
        return s;
    value = load(text, len, seen.longest, flags, &nomem, &e);
    if (nomem)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory reading %s", what);
    if (value == NULL)
        return refuse_jansson(&src, &e, read_up_to(&src, &e, seen.longest));
    if ((flags & IVS_JSON_OBJECT) != 0 && !json_is_object(value)) {
        json_decref(value);
        return refuse(&src, IVS_REJECT_JSON, "is not a JSON object", NOWHERE);
    }
    *ret = value;
    return IVS_OK;
}

void
ivs_json_quote(ivs_buf *b, const char *text, size_t len)
{
    size_t start = 0;

    ivs_buf_putc(b, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        ivs_buf_append(b, text + start, i - start);
        start = i + 1;
        if (c >= 0x20)
            ivs_buf_printf(b, "\\%c", c);
        else
            ivs_buf_printf(b, "\\u%04x", c);
    }
    ivs_buf_append(b, text + start, len - start);
    ivs_buf_putc(b, '"');
}

static int
append_chunk(const char *data, size_t len, void *user)
{
    ivs_buf *b = user;

    ivs_buf_append(b, data, len);
    return b->failed ? -1 : 0;
}

void
ivs_json_append(ivs_buf *b, const json_t *value, bool pretty)
{
    size_t flags = JSON_ENCODE_ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT);

    if (json_dump_callback(value, append_chunk, b, flags) != 0)
        b->failed = true;
}
