/* SPDX-License-Identifier: MIT */
/* The bytes of an answer as they come. */

#include <string.h>

#include "aws/http_impl.h"
#include "base/ascii.h"
#include "base/clock.h"

/* All header lines of an answer and of the interim answers before it; libcurl
 * keeps them in memory. */
#define HEADERS_MAX (80 * 1024)

static bool
is_name(const char *name, size_t len, const char *expected)
{
    return len == strlen(expected) &&
           ivs_ascii_starts_equal_nocase(name, expected, len);
}

/* RFC 9112 section 6.3: an answer whose end can be read in two ways is not one
 * to trust. */
static bool
ends_in_one_way(ivs_http_transfer *t, const char *name, size_t len)
{
    if (is_name(name, len, "content-length") ||
        is_name(name, len, "transfer-encoding"))
        t->lengths++;
    if (t->lengths <= 1)
        return true;
    t->refused = "states its length twice";
    return false;
}

/* "HTTP/1.1: 200" is a header, whatever it looks like. */
static bool
is_status_line(const char *line, size_t len)
{
    size_t i = 5;

    if (len < 10 || strncmp(line, "HTTP/", 5) != 0)
        return false;
    while (i < len && line[i] != ' ' && line[i] != ':')
        i++;
    return i == len || line[i] == ' ';
}

size_t
ivs_http_on_header(char *line, size_t size, size_t n, void *user)
{
    ivs_http_transfer *t = user;
    size_t len = size * n, end = len, name_len, value;
    const char *colon;

    t->heard_ms = ivs_clock_monotonic_ms();
    t->header_bytes += len;
    if (t->header_bytes > HEADERS_MAX) {
        t->refused = "has more than 80 KiB of headers";
        return 0;
    }
    if (is_status_line(line, len)) {
        const char *space = memchr(line, ' ', len);

        t->interim = space != NULL && space[1] == '1';
        t->lengths = 0;
        return len;
    }
    colon = memchr(line, ':', len);
    if (t->interim || colon == NULL) {
        t->complete = !t->interim && (line[0] == '\r' || line[0] == '\n');
        return len;
    }
    name_len = (size_t)(colon - line);
    value = name_len + 1;
    while (value < end && (line[value] == ' ' || line[value] == '\t'))
        value++;
    while (end > value && strchr(" \t\r\n", line[end - 1]) != NULL)
        end--;
    if (!ends_in_one_way(t, line, name_len))
        return 0;
    if (!t->sink->header(line, name_len, line + value, end - value,
                         t->sink->user)) {
        t->refused = "is too large";
        return 0;
    }
    return len;
}

size_t
ivs_http_on_body(char *data, size_t size, size_t n, void *user)
{
    ivs_http_transfer *t = user;

    t->heard_ms = ivs_clock_monotonic_ms();
    t->body_bytes += size * n;
    if (t->sink->body(data, size * n, t->sink->user))
        return size * n;
    t->refused = "is too large";
    return 0;
}
