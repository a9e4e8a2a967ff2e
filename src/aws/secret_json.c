/* SPDX-License-Identifier: MIT */
/* Members of JSON objects, read without a parser that keeps copies. */

#include "aws/secret_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
skip_space(const char *text, size_t len, size_t at)
{
    while (at < len && is_space(text[at]))
        at++;
    return at;
}

/* Where the string ends whose opening quote stands at `at`: at its closing
 * quote, or len where it has none. */
static size_t
string_end(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at < len ? at : len;
}

/* Overwrite every string that is no name of a member. False when one does not
 * end. */
static bool
mask(const char *text, size_t len, char *copy)
{
    for (size_t i = 0; i < len; i++) {
        size_t end, next;

        if (text[i] != '"')
            continue;
        if ((end = string_end(text, len, i)) == len)
            return false;
        next = skip_space(text, len, end + 1);
        if (next == len || text[next] != ':')
            memset(copy + i + 1, 'A', end - i - 1);
        i = end;
    }
    return true;
}

ivs_status
ivs_secret_json_check(const char *text, size_t len, const char *what,
                      ivs_error *err)
{
    ivs_buf copy = IVS_BUF_SECRET;
    json_t *ignored = NULL;
    ivs_status s;

    ivs_buf_append(&copy, text, len);
    if (copy.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading %s", what);
    else if (!ivs_utf8_valid(text, len, NULL)) /* masking would hide it */
        s = ivs_fail(err, IVS_E_FORMAT, "%s is not valid UTF-8", what);
    else if (!mask(text, len, copy.data))
        s = ivs_fail(err, IVS_E_FORMAT, "%s is not well-formed JSON", what);
    else
        s = ivs_json_parse(copy.data, len, IVS_JSON_OBJECT, what, &ignored,
                           NULL, err);
    json_decref(ignored);
    ivs_buf_free(&copy);
    return s;
}

/* Where the value that begins at `at` is over: behind it. */
static size_t
value_end(const char *text, size_t len, size_t at)
{
    size_t depth = 0;

    for (; at < len; at++) {
        if (text[at] == '"')
            at = string_end(text, len, at);
        else if (text[at] == '{' || text[at] == '[')
            depth++;
        else if (depth == 0 && strchr(",}]", text[at]) != NULL)
            return at;
        else if (text[at] == '}' || text[at] == ']')
            depth--;
    }
    return len;
}

bool
ivs_secret_json_next(const ivs_json_slice *object, size_t *at,
                     ivs_json_slice *ret_name, ivs_json_slice *ret_value)
{
    const char *text = object->at;
    size_t len = object->len, from, to;

    if (text == NULL)
        return false;
    from = skip_space(text, len, *at);
    if (*at == 0 && (from == len || text[from] != '{'))
        return false;
    /* Behind the brace at first, then behind a comma or at the end. */
    from = *at == 0 ? skip_space(text, len, from + 1) : from;
    if (from >= len || text[from] != '"')
        return false;
    to = string_end(text, len, from);
    *ret_name = (ivs_json_slice){text + from + 1, to - from - 1};
    from = skip_space(text, len, to + 1); /* at the colon */
    from = skip_space(text, len, from + 1);
    to = value_end(text, len, from);
    *at = to < len && text[to] == ',' ? to + 1 : len;
    while (to > from && is_space(text[to - 1]))
        to--;
    *ret_value = (ivs_json_slice){text + from, to - from};
    return true;
}

ivs_json_slice
ivs_secret_json_get(const ivs_json_slice *object, const char *name)
{
    ivs_json_slice found, value;
    size_t at = 0;

    while (ivs_secret_json_next(object, &at, &found, &value))
        if (found.len == strlen(name) && memcmp(found.at, name, found.len) == 0)
            return value;
    return (ivs_json_slice){NULL, 0};
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

/* Append the character of \uXXXX, whose digits stand at text. */
static bool
append_unicode(const char *text, size_t len, ivs_buf *ret)
{
    unsigned code = 0;

    if (len < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0)
            return false;
        code = code * 16 + (unsigned)digit;
    }
    if (code == 0 || (code >= 0xd800 && code <= 0xdfff))
        return false;
    if (code >= 0x800) {
        ivs_buf_putc(ret, (char)(0xe0 | code >> 12));
        ivs_buf_putc(ret, (char)(0x80 | (code >> 6 & 0x3f)));
    } else if (code >= 0x80) {
        ivs_buf_putc(ret, (char)(0xc0 | code >> 6));
    }
    ivs_buf_putc(ret, (char)(code < 0x80 ? code : 0x80 | (code & 0x3f)));
    return true;
}

bool
ivs_secret_json_text(const ivs_json_slice *value, ivs_buf *ret)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

    if (value->at == NULL || value->len < 2 || value->at[0] != '"')
        return false;
    ivs_buf_puts(ret, "");
    for (size_t i = 1; i < value->len - 1; i++) {
        const char *simple;

        if ((unsigned char)value->at[i] < ' ')
            return false;
        if (value->at[i] != '\\') {
            ivs_buf_putc(ret, value->at[i]);
            continue;
        }
        if (++i == value->len - 1)
            return false;
        if (value->at[i] == 'u') {
            if (!append_unicode(value->at + i + 1, value->len - 2 - i, ret))
                return false;
            i += 4;
        } else if ((simple = strchr(from, value->at[i])) != NULL &&
                   *simple != '\0') {
            ivs_buf_putc(ret, to[simple - from]);
        } else {
            return false;
        }
    }
    return true;
}

bool
ivs_secret_json_integer(const ivs_json_slice *value, int64_t *ret)
{
    char copy[24] = "", *end;
    long long number;

    if (value->at == NULL || value->len == 0 || value->len >= sizeof copy ||
        value->at[0] == '"')
        return false;
    memcpy(copy, value->at, value->len);
    errno = 0;
    number = strtoll(copy, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret = number;
    return true;
}
