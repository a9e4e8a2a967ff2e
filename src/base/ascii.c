/* SPDX-License-Identifier: MIT */
/* ASCII, whatever the locale. */

#include "base/ascii.h"

#include <stdint.h>

char
ivs_ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
ivs_ascii_starts_equal_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (ivs_ascii_lower(a[i]) != ivs_ascii_lower(b[i]))
            return false;
        if (a[i] == '\0')
            break;
    }
    return true;
}

bool
ivs_ascii_equal_nocase(const char *a, const char *b)
{
    return ivs_ascii_starts_equal_nocase(a, b, SIZE_MAX);
}
