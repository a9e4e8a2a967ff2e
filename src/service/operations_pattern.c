/* SPDX-License-Identifier: MIT */
/* Matching the patterns of the service model. */

#include "service/operations_pattern.h"

#include <string.h>

/* Whether c is in the class whose '[' stands before p; *ret_end is set behind
 * its ']'. A '-' that cannot begin or end a range stands for itself. */
static bool
in_class(const char *p, char c, const char **ret_end)
{
    bool found = false;

    while (*p != ']') {
        if (p[1] == '-' && p[2] != ']') {
            found |= c >= p[0] && c <= p[2];
            p += 3;
        } else {
            found |= c == p[0];
            p++;
        }
    }
    *ret_end = p + 1;
    return found;
}

bool
ivs_pattern_match(const char *pattern, const char *text, size_t len)
{
    static const char or_empty[] = "^$|^";
    const char *p = pattern;
    size_t i = 0;

    if (strncmp(p, or_empty, sizeof or_empty - 1) == 0) {
        if (len == 0)
            return true;
        p += sizeof or_empty - 1;
    }
    while (*p != '\0' && *p != '$') {
        const char *class = p + 1, *end;
        size_t start = i;

        if (*p != '[') {
            if (i == len || text[i] != *p)
                return false;
            i++;
            p++;
            continue;
        }
        (void)in_class(class, '\0', &end);
        if (*end != '+' && *end != '*') {
            if (i == len || !in_class(class, text[i], &end))
                return false;
            i++;
            p = end;
            continue;
        }
        while (i < len && in_class(class, text[i], &end))
            i++;
        if (*end == '+' && i == start)
            return false;
        p = end + 1;
    }
    return i == len;
}
