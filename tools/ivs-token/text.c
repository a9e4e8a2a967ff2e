/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629): reading it, and printing it without harm. */

#include <stdlib.h>
#include <string.h>

#include "cli.h"

size_t
text_char(const char *s, size_t len, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = len > 0 ? (unsigned char)s[0] : 0x80;
    uint32_t c;
    size_t n;

    if (first < 0x80) {
        *ret = first;
        return 1;
    }
    n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || n > len)
        return 0;
    c = first & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s[i];

        if ((next & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret = c;
    return n;
}

size_t
text_count(const char *s, size_t len)
{
    size_t count = 0;

    while (len > 0) {
        uint32_t c;
        size_t n = text_char(s, len, &c);

        if (n == 0)
            return SIZE_MAX;
        s += n;
        len -= n;
        count++;
    }
    return count;
}

/* Controls, what turns the direction of a line, and what is not seen. */
static bool
harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0xfeff ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe007f);
}

const char *
text_duplicate(const char *s, const json_error_t *error, int *ret_len)
{
    /* jansson stops behind the name. A quote in it has a backslash before. */
    int end = error->position - 1, from = end;

    while (from > 1 && (s[from - 1] != '"' || s[from - 2] == '\\'))
        from--;
    *ret_len = end - from;
    return s + from;
}

void
text_print(FILE *f, const char *s, size_t len)
{
    while (len > 0) {
        uint32_t c;
        size_t n = text_char(s, len, &c);

        if (n > 0 && !harmful(c)) {
            (void)fwrite(s, 1, n, f);
        } else {
            n = n == 0 ? 1 : n;
            for (size_t i = 0; i < n; i++)
                (void)fprintf(f, "\\x%02x", (unsigned char)s[i]);
        }
        s += n;
        len -= n;
    }
}

json_t *
text_json(const char *s)
{
    json_t *text = json_string(s);
    char *escaped = NULL;
    size_t len = 0;
    FILE *f;

    if (text != NULL || (f = open_memstream(&escaped, &len)) == NULL)
        return text;
    text_print(f, s, strlen(s));
    if (fclose(f) == 0)
        text = json_stringn(escaped, len);
    free(escaped);
    return text;
}
