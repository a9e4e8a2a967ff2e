/* SPDX-License-Identifier: MIT */
/* Text that grows, and JSON strings in it. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

void
text_buf_free(struct text_buf *t)
{
    if (t->data != NULL)
        explicit_bzero(t->data, t->cap);
    free(t->data);
    *t = (struct text_buf){0};
}

static bool
reserve(struct text_buf *t, size_t n)
{
    size_t cap = t->cap < 4096 ? 4096 : t->cap;
    char *data;

    while (cap - t->len < n)
        cap *= 2;
    if (cap == t->cap)
        return true;
    data = malloc(cap);
    if (data == NULL) {
        t->failed = true;
        return false;
    }
    if (t->len > 0)
        memcpy(data, t->data, t->len);
    if (t->data != NULL)
        explicit_bzero(t->data, t->cap);
    free(t->data);
    t->data = data;
    t->cap = cap;
    return true;
}

void
text_buf_put(struct text_buf *t, const char *data, size_t len)
{
    if (len == 0 || !reserve(t, len))
        return;
    memcpy(t->data + t->len, data, len);
    t->len += len;
}

void
text_buf_puts(struct text_buf *t, const char *text)
{
    text_buf_put(t, text, strlen(text));
}

void
text_buf_number(struct text_buf *t, int64_t n)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRId64, n);
    text_buf_puts(t, digits);
}

/* RFC 8259 section 7: pairs of surrogates above U+FFFF. */
static void
put_escaped(struct text_buf *t, uint32_t c)
{
    char escape[16];

    if (c == '"' || c == '\\')
        (void)snprintf(escape, sizeof escape, "\\%c", (char)c);
    else if (c == '\n')
        (void)snprintf(escape, sizeof escape, "\\n");
    else if (c < 0x10000)
        (void)snprintf(escape, sizeof escape, "\\u%04" PRIx32, c);
    else
        (void)snprintf(escape, sizeof escape, "\\u%04" PRIx32 "\\u%04" PRIx32,
                       0xd800 + ((c - 0x10000) >> 10),
                       0xdc00 + ((c - 0x10000) & 0x3ff));
    text_buf_puts(t, escape);
}

void
text_buf_json(struct text_buf *t, const char *text)
{
    size_t len = strlen(text), plain = 0;

    text_buf_put(t, "\"", 1);
    while (len > 0) {
        uint32_t c = 0;
        size_t n = text_char(text, len, &c);

        if (n == 1 && c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
            plain++;
        } else {
            char raw[8];

            text_buf_put(t, text - plain, plain);
            plain = 0;
            (void)snprintf(raw, sizeof raw, "\\\\x%02x",
                           (unsigned char)text[0]);
            if (n > 0)
                put_escaped(t, c);
            else
                text_buf_puts(t, raw);
        }
        text += n > 0 ? n : 1;
        len -= n > 0 ? n : 1;
    }
    text_buf_put(t, text - plain, plain);
    text_buf_put(t, "\"", 1);
}
