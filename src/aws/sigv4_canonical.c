/* SPDX-License-Identifier: MIT */
/* AWS Signature Version 4: the canonical request. It is made of untrusted
 * requests too, so everything here is linear but for two sorts. */

#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/error.h"

struct param {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

static unsigned char
lower(char c)
{
    return (unsigned char)ivs_ascii_lower(c);
}

static bool
alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* RFC 9110 section 5.6.2. */
static bool
is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (!alnum((unsigned char)*text) &&
            strchr("!#$%&'*+-.^_`|~", *text) == NULL)
            return false;
    return true;
}

/* RFC 3986 section 2.3: all but the unreserved characters are encoded. */
static void
put_encoded(ivs_buf *b, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";

    if (alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
        ivs_buf_putc(b, (char)c);
        return;
    }
    ivs_buf_putc(b, '%');
    ivs_buf_putc(b, digits[c >> 4]);
    ivs_buf_putc(b, digits[c & 15]);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Spell out one byte as the canonical query does, whatever way it came. */
static void
put_reencoded(ivs_buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && len - i > 2 && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            put_encoded(b, (unsigned char)(hex_digit(text[i + 1]) * 16 +
                                           hex_digit(text[i + 2])));
            i += 2;
        } else {
            put_encoded(b, (unsigned char)text[i]);
        }
    }
}

static void
put_path_as_is(ivs_buf *b, const char *path)
{
    if (*path != '/')
        ivs_buf_putc(b, '/');
    for (; *path != '\0'; path++) {
        if (*path == '/')
            ivs_buf_putc(b, '/');
        else
            put_encoded(b, (unsigned char)*path);
    }
}

/* RFC 3986 section 5.2.4, and empty segments go as well. */
static void
put_path_normalized(ivs_buf *b, const char *path)
{
    size_t root = b->len;
    const char *at = path;

    while (*at != '\0') {
        size_t n = strcspn(at, "/");

        if (n == 2 && memcmp(at, "..", 2) == 0) {
            while (b->len > root && b->data[--b->len] != '/')
                continue;
        } else if (n > 1 || (n == 1 && *at != '.')) {
            ivs_buf_putc(b, '/');
            for (size_t i = 0; i < n; i++)
                put_encoded(b, (unsigned char)at[i]);
        }
        at += n;
        if (*at == '/')
            at++;
    }
    if (b->len == root || (at > path && at[-1] == '/'))
        ivs_buf_putc(b, '/');
}

static int
compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

    if (order != 0)
        return order;
    return a_len < b_len ? -1 : a_len > b_len;
}

static int
compare_params(const void *left, const void *right)
{
    const struct param *a = left, *b = right;
    int order = compare_bytes(a->name, a->name_len, b->name, b->name_len);

    if (order != 0)
        return order;
    return compare_bytes(a->value, a->value_len, b->value, b->value_len);
}

/* Encode one "name=value" into room that was reserved: nothing moves. */
static void
read_param(ivs_buf *room, const char *text, size_t len, struct param *ret)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - text);

    ret->name = room->data + room->len;
    put_reencoded(room, text, name_len);
    ret->value = room->data + room->len;
    ret->name_len = (size_t)(ret->value - ret->name);
    if (equals != NULL)
        put_reencoded(room, equals + 1, len - name_len - 1);
    ret->value_len = (size_t)(room->data + room->len - ret->value);
}

static void
put_query(ivs_buf *b, const char *query)
{
    ivs_buf room = IVS_BUF_INIT;
    struct param *params;
    size_t n = 0, max = 1;

    for (const char *at = query; *at != '\0'; at++)
        max += *at == '&';
    params = calloc(max, sizeof *params);
    if (params == NULL || !ivs_buf_reserve(&room, 3 * strlen(query))) {
        b->failed = true;
        goto out;
    }
    for (const char *at = query; *at != '\0';) {
        size_t len = strcspn(at, "&");

        if (len > 0)
            read_param(&room, at, len, &params[n++]);
        at += len + (at[len] == '&');
    }
    qsort(params, n, sizeof *params, compare_params);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            ivs_buf_putc(b, '&');
        ivs_buf_append(b, params[i].name, params[i].name_len);
        ivs_buf_putc(b, '=');
        ivs_buf_append(b, params[i].value, params[i].value_len);
    }
out:
    free(params);
    ivs_buf_free(&room);
}

static int
compare_names(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) - lower(*b);
}

/* By name; headers of one name stay in the order they came in. */
static int
compare_headers(const void *left, const void *right)
{
    const ivs_sigv4_header *const *a = left, *const *b = right;
    int order = compare_names((*a)->name, (*b)->name);

    if (order != 0)
        return order;
    return *a < *b ? -1 : *a > *b;
}

static ivs_status
check_header(const ivs_sigv4_header *h, ivs_error *err)
{
    if (!is_token(h->name))
        return ivs_fail(err, IVS_E_FORMAT,
                        "header name %s, expected a token of RFC 9110",
                        *h->name == '\0' ? "is empty" : h->name);
    /* A folded or split header would sign one thing and send another. */
    for (const char *at = h->value; *at != '\0'; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return ivs_fail_member(
                err, IVS_E_FORMAT, h->name,
                "control byte in the value of header %s, expected one line",
                h->name);
    return IVS_OK;
}

static ivs_status
sort_headers(const ivs_sigv4_request *request, const ivs_sigv4_header ***ret,
             ivs_error *err)
{
    const ivs_sigv4_header **sorted;
    ivs_status s;

    for (size_t i = 0; i < request->nheaders; i++)
        if ((s = check_header(&request->headers[i], err)) != IVS_OK)
            return s;
    sorted = calloc(request->nheaders + 1, sizeof *sorted);
    if (sorted == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory signing a request");
    for (size_t i = 0; i < request->nheaders; i++)
        sorted[i] = &request->headers[i];
    qsort(sorted, request->nheaders, sizeof(*sorted), compare_headers);
    *ret = sorted;
    return IVS_OK;
}

static void
put_lower(ivs_buf *b, const char *text)
{
    for (; *text != '\0'; text++)
        ivs_buf_putc(b, (char)lower(*text));
}

/* Trimmed, runs of white space as one space. */
static void
put_value(ivs_buf *b, const char *value)
{
    const char *at = value + strspn(value, " \t");

    while (*at != '\0') {
        size_t n = strcspn(at, " \t");

        ivs_buf_append(b, at, n);
        at += n;
        at += strspn(at, " \t");
        if (*at != '\0')
            ivs_buf_putc(b, ' ');
    }
}

static void
put_headers(ivs_buf *b, const ivs_sigv4_header *const *sorted, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && compare_names(sorted[i - 1]->name, sorted[i]->name) == 0) {
            ivs_buf_putc(b, ',');
        } else {
            if (i > 0)
                ivs_buf_putc(b, '\n');
            put_lower(b, sorted[i]->name);
            ivs_buf_putc(b, ':');
        }
        put_value(b, sorted[i]->value);
    }
    if (n > 0)
        ivs_buf_putc(b, '\n');
}

static void
put_names(ivs_buf *b, const ivs_sigv4_header *const *sorted, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && compare_names(sorted[i - 1]->name, sorted[i]->name) == 0)
            continue;
        if (i > 0)
            ivs_buf_putc(b, ';');
        put_lower(b, sorted[i]->name);
    }
}

static ivs_status
finish(const ivs_buf *ret, ivs_error *err)
{
    if (ret->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory signing a request");
    return IVS_OK;
}

ivs_status
ivs_sigv4_canonical_request(const ivs_sigv4_request *request, ivs_buf *ret,
                            ivs_error *err)
{
    const void *body = request->body_len > 0 ? request->body : "";
    const ivs_sigv4_header **sorted = NULL;
    char hex[2 * IVS_SHA256_SIZE + 1];
    uint8_t hash[IVS_SHA256_SIZE];
    ivs_status s;

    if (!is_token(request->method))
        return ivs_fail(err, IVS_E_FORMAT, "method \"%s\", expected a token",
                        request->method);
    if (!ivs_sha256(body, request->body_len, hash))
        return ivs_fail(err, IVS_E_CRYPTO, "SHA-256 failed");
    ivs_hex(hash, sizeof hash, hex);
    if ((s = sort_headers(request, &sorted, err)) != IVS_OK)
        return s;
    ivs_buf_puts(ret, request->method);
    ivs_buf_putc(ret, '\n');
    if (request->normalize)
        put_path_normalized(ret, request->path);
    else
        put_path_as_is(ret, request->path);
    ivs_buf_putc(ret, '\n');
    put_query(ret, request->query);
    ivs_buf_putc(ret, '\n');
    put_headers(ret, sorted, request->nheaders);
    ivs_buf_putc(ret, '\n');
    put_names(ret, sorted, request->nheaders);
    ivs_buf_putc(ret, '\n');
    ivs_buf_puts(ret, hex);
    free(sorted);
    return finish(ret, err);
}

ivs_status
ivs_sigv4_signed_headers(const ivs_sigv4_request *request, ivs_buf *ret,
                         ivs_error *err)
{
    const ivs_sigv4_header **sorted = NULL;
    ivs_status s;

    if ((s = sort_headers(request, &sorted, err)) != IVS_OK)
        return s;
    put_names(ret, sorted, request->nheaders);
    free(sorted);
    return finish(ret, err);
}
