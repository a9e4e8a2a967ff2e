/* SPDX-License-Identifier: MIT */
/* Strict UTF-8. */

#include "base/utf8.h"

#include <stdint.h>

static bool
continues(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* RFC 3629 section 4, row by row. */
size_t
ivs_utf8_char(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;

    if (len == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xc2)
        return 0;
    if (s[0] < 0xe0)
        return len >= 2 && continues(s[1]) ? 2 : 0;
    if (s[0] < 0xf0) {
        if (len < 3 || !continues(s[1]) || !continues(s[2]))
            return 0;
        if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
            return 0;
        return 3;
    }
    if (s[0] > 0xf4 || len < 4 || !continues(s[1]) || !continues(s[2]) ||
        !continues(s[3]))
        return 0;
    if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return 4;
}

size_t
ivs_utf8_printable(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = ivs_utf8_char(text, len);

    if (n == 1 && (s[0] < 0x20 || s[0] == 0x7f))
        return 0;
    if (n == 2 && s[0] == 0xc2 && s[1] < 0xa0)
        return 0;
    if (n == 2 && s[0] == 0xd8 && s[1] == 0x9c) /* U+061C */
        return 0;
    if (n == 3) {
        uint32_t c = (uint32_t)(s[0] & 0x0f) << 12 |
                     (uint32_t)(s[1] & 0x3f) << 6 | (uint32_t)(s[2] & 0x3f);

        if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
            (c >= 0x2060 && c <= 0x206f) || c == 0xfeff)
            return 0;
    }
    /* U+E0000 to U+E007F */
    if (n == 4 && s[0] == 0xf3 && s[1] == 0xa0 && s[2] < 0x82)
        return 0;
    return n;
}

bool
ivs_utf8_valid(const char *text, size_t len, size_t *ret_chars)
{
    size_t chars = 0;

    for (size_t i = 0; i < len; chars++) {
        size_t n = (unsigned char)text[i] < 0x80
                       ? 1
                       : ivs_utf8_char(text + i, len - i);

        if (n == 0)
            return false;
        i += n;
    }
    if (ret_chars != NULL)
        *ret_chars = chars;
    return true;
}
