/* SPDX-License-Identifier: MIT */
/* base64url, strict and without tables or branches on the data. */

#include "base/b64url.h"

#include <stdint.h>

#include "base/secret.h"

/* Four characters, or four sextets, ride in one word, the first in its lowest
 * byte. What is compared is below 128, so that no carry leaves a byte. */
#define EACH(n) ((uint32_t)(n)*0x01010101U)

/* 1 in each byte that is above n. */
static uint32_t
above(uint32_t w, uint32_t n)
{
    return (w + EACH(127 - n)) >> 7 & EACH(1);
}

/* A to Z, a to z, 0 to 9, minus, underscore: at the end of each range a step to
 * the next. */
static uint32_t
to_characters(uint32_t v)
{
    return v + EACH('A') + above(v, 25) * ('a' - 'Z' - 1) -
           above(v, 51) * ('z' - '0' + 1) - above(v, 61) * ('9' - '-' + 1) +
           above(v, 62) * ('_' - '-' - 1);
}

/* The same steps in the order of the characters' codes. Bits are set in *bad
 * where the result does not lead back to the character. */
static uint32_t
to_sextets(uint32_t w, uint32_t *bad)
{
    uint32_t c = w & EACH(127);
    uint32_t v = c + EACH(62 - '-') - above(c, '-') * (62 - '-' + '0' - 52) -
                 above(c, '@') * (52 - '0' + 'A') +
                 above(c, 'Z') * ('A' + 63 - '_') -
                 above(c, '_') * (63 - '_' + 'a' - 26);

    *bad |= w ^ to_characters(v);
    return v & EACH(63);
}

/* Three bytes to n characters. */
static void
encode(uint32_t bytes, char *out, size_t n)
{
    uint32_t w = to_characters(bytes >> 18 | (bytes >> 12 & 63) << 8 |
                               (bytes >> 6 & 63) << 16 | (bytes & 63) << 24);

    for (size_t i = 0; i < n; i++)
        out[i] = (char)(w >> 8 * i & 255);
}

/* n characters to three bytes, as if A, which is 0, filled up the four. */
static uint32_t
decode(const char *text, size_t n, uint32_t *bad)
{
    uint32_t w = EACH('A'), v;

    for (size_t i = 0; i < n; i++)
        w ^= (uint32_t)((unsigned char)text[i] ^ 'A') << 8 * i;
    v = to_sextets(w, bad);
    return (v & 63) << 18 | (v >> 8 & 63) << 12 | (v >> 16 & 63) << 6 | v >> 24;
}

void
ivs_b64url_encode(const void *data, size_t len, char *out)
{
    const unsigned char *in = data;

    for (; len >= 3; len -= 3, in += 3, out += 4)
        encode((uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2], out, 4);
    if (len == 2)
        encode((uint32_t)in[0] << 16 | (uint32_t)in[1] << 8, out, 3);
    else if (len == 1)
        encode((uint32_t)in[0] << 16, out, 2);
}

bool
ivs_b64url_decode(const char *text, size_t len, void *out, size_t cap,
                  size_t *ret_len)
{
    unsigned char *to = out;
    size_t rest = len % 4, n = len / 4 * 3 + (rest > 1 ? rest - 1 : 0);
    uint32_t bad = 0, v;

    if (rest == 1 || n > cap)
        return false;
    for (; len >= 4; len -= 4, text += 4) {
        v = decode(text, 4, &bad);
        *to++ = (unsigned char)(v >> 16 & 255);
        *to++ = (unsigned char)(v >> 8 & 255);
        *to++ = (unsigned char)(v & 255);
    }
    if (rest != 0) {
        v = decode(text, rest, &bad);
        *to++ = (unsigned char)(v >> 16 & 255);
        if (rest == 3)
            *to++ = (unsigned char)(v >> 8 & 255);
        /* Bits beyond the last byte must be zero (RFC 4648 section 3.5). */
        bad |= v & (rest == 3 ? 0xff : 0xffff);
    }
    IVS_PUBLIC(&bad, sizeof bad); /* whether all of it is base64url */
    if (bad != 0)
        return false;
    *ret_len = n;
    return true;
}
