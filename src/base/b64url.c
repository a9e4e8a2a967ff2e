/* SPDX-License-Identifier: MIT */
/* base64url, strict and without tables. */

#include "base/b64url.h"

#include <stdint.h>

/* All ones where lo <= c <= hi, else 0. Both differences wrap to a set top bit
 * when c lies outside, for the values are below 2^31. */
static uint32_t
in_range(uint32_t c, uint32_t lo, uint32_t hi)
{
    return (((c - lo) | (hi - c)) >> 31) - 1;
}

static char
encode_sextet(uint32_t v)
{
    return (char)((in_range(v, 0, 25) & (v + 'A')) |
                  (in_range(v, 26, 51) & (v - 26 + 'a')) |
                  (in_range(v, 52, 61) & (v - 52 + '0')) |
                  (in_range(v, 62, 62) & '-') | (in_range(v, 63, 63) & '_'));
}

/* The sextet of a character; bit 8 is set where it is none. */
static uint32_t
decode_char(char ch)
{
    uint32_t c = (unsigned char)ch;
    uint32_t upper = in_range(c, 'A', 'Z'), lower = in_range(c, 'a', 'z');
    uint32_t digit = in_range(c, '0', '9'), minus = in_range(c, '-', '-');
    uint32_t under = in_range(c, '_', '_');

    return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) |
           (digit & (c - '0' + 52)) | (minus & 62) | (under & 63) |
           (~(upper | lower | digit | minus | under) & 0x100);
}

void
ivs_b64url_encode(const void *data, size_t len, char *out)
{
    const unsigned char *in = data;

    for (; len >= 3; len -= 3, in += 3) {
        uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

        *out++ = encode_sextet(v >> 18);
        *out++ = encode_sextet(v >> 12 & 63);
        *out++ = encode_sextet(v >> 6 & 63);
        *out++ = encode_sextet(v & 63);
    }
    if (len >= 1) {
        uint32_t v = (uint32_t)in[0] << 16 | (len == 2 ? (uint32_t)in[1] : 0)
                                                 << 8;

        *out++ = encode_sextet(v >> 18);
        *out++ = encode_sextet(v >> 12 & 63);
        if (len == 2)
            *out++ = encode_sextet(v >> 6 & 63);
    }
}

bool
ivs_b64url_decode(const char *text, size_t len, void *out, size_t cap,
                  size_t *ret_len)
{
    unsigned char *to = out;
    size_t rest = len % 4, n = len / 4 * 3 + (rest > 1 ? rest - 1 : 0);
    uint32_t bad = 0;

    if (rest == 1 || n > cap)
        return false;
    for (; len >= 4; len -= 4, text += 4) {
        uint32_t a = decode_char(text[0]), b = decode_char(text[1]);
        uint32_t c = decode_char(text[2]), d = decode_char(text[3]);

        bad |= a | b | c | d;
        *to++ = (unsigned char)(a << 2 | (b >> 4 & 15));
        *to++ = (unsigned char)(b << 4 | (c >> 2 & 63));
        *to++ = (unsigned char)(c << 6 | d);
    }
    if (rest >= 2) {
        uint32_t a = decode_char(text[0]), b = decode_char(text[1]);
        uint32_t c = rest == 3 ? decode_char(text[2]) : 0;

        bad |= a | b | c;
        /* Bits beyond the last byte must be zero (RFC 4648 section 3.5). */
        bad |= (rest == 2 ? b & 15 : c & 3) << 8;
        *to++ = (unsigned char)(a << 2 | (b >> 4 & 15));
        if (rest == 3)
            *to++ = (unsigned char)(b << 4 | (c >> 2 & 63));
    }
    if ((bad >> 8) != 0)
        return false;
    *ret_len = n;
    return true;
}
