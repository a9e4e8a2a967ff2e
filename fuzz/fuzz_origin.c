/* SPDX-License-Identifier: MIT */
/* Target: ivs_origin_check(), ivs_origin_match(). Input: an entry, a newline,
 * the Origin of a request. Property: a refused entry matches nothing and is
 * refused in clean UTF-8; an entry without a wildcard matches itself; what an
 * entry matches has its host, or for a wildcard ends in its domain. */

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "token/origin.h"

/* Host of scheme://host[:port], found by other means than the parser's. */
static size_t
host_of(const char *text, const char **ret)
{
    const char *host = strstr(text, "://") + 3;

    *ret = host;
    return host[0] == '[' ? (size_t)(strchr(host, ']') - host)
                          : strcspn(host, ":");
}

static void
require_same_host(const char *entry, const char *origin)
{
    const char *want, *got;
    size_t want_len = host_of(entry, &want), got_len = host_of(origin, &got);

    REQUIRE(strchr(origin, '*') == NULL);
    if (want[0] == '[') {
        REQUIRE(got[0] == '[');
        return; /* an address may be spelled in several ways */
    }
    if (want[0] == '*') {
        REQUIRE(got_len >= want_len);
        got += got_len - --want_len;
        got_len = want_len;
        want++;
    }
    REQUIRE(want_len == got_len && strncasecmp(want, got, got_len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *entry = malloc(size + 1), *origin;
    size_t len;
    ivs_error err = {.code = IVS_OK};
    bool good, matches;

    REQUIRE(entry != NULL);
    memcpy(entry, data, size);
    entry[size] = '\0';
    len = strcspn(entry, "\n");
    origin = entry + len + (entry[len] == '\n');
    entry[len] = '\0';
    good = ivs_origin_check(entry, len, &err) == IVS_OK;
    REQUIRE(good == (err.message[0] == '\0'));
    REQUIRE(ivs_utf8_valid(err.message, strlen(err.message), NULL));
    matches = ivs_origin_match(entry, origin);
    REQUIRE(good || !matches);
    if (good && strchr(entry, '*') == NULL)
        REQUIRE(ivs_origin_match(entry, entry));
    if (good && strcmp(entry, "*") == 0)
        REQUIRE(matches);
    else if (matches)
        require_same_host(entry, origin);
    free(entry);
    return 0;
}
