/* SPDX-License-Identifier: MIT */
/* NDJSON: objects with the member names of the API, one a line. */

#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define LINE_MAX_BYTES (64 * 1024)
#define VERSION_NAME   "viewerSessionVersionsLessThanOrEqualTo"

/* NULL, or what is wrong with the object. version has room for an int64. */
static const char *
read_object(json_t *object, const char *part[3], char version[24])
{
    json_t *number = json_object_get(object, VERSION_NAME);
    size_t known = 2;

    part[0] = json_string_value(json_object_get(object, "channelArn"));
    part[1] = json_string_value(json_object_get(object, "viewerId"));
    part[2] = NULL;
    if (part[0] == NULL || part[1] == NULL)
        return "expected an object with the texts channelArn and viewerId";
    if (number != NULL) {
        known++;
        if (!json_is_null(number) && !json_is_integer(number))
            return VERSION_NAME " is not an integer";
        if (json_is_integer(number)) {
            (void)snprintf(version, 24, "%" JSON_INTEGER_FORMAT,
                           json_integer_value(number));
            part[2] = version;
        }
    }
    if (json_object_size(object) != known)
        return "found an unknown member, expected only channelArn, viewerId "
               "and " VERSION_NAME;
    return NULL;
}

static int
take_line(const char *text, size_t len, size_t line,
          const struct rows_sink *sink)
{
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *part[3] = {NULL, NULL, NULL}, *why;
    char version[24];
    int code;

    why = json_is_object(object) ? read_object(object, part, version)
                                 : "found no JSON object, expected one a line";
    code = why == NULL ? sink->parts(sink->user, line, part)
                       : sink->bad(sink->user, line, why);
    json_decref(object);
    return code;
}

/* The bytes of a line without its end; more than fit are dropped. */
static size_t
read_line(struct rows_source *in, char *buf, bool *ret_too_long)
{
    size_t len = 0;
    int byte;

    *ret_too_long = false;
    while ((byte = rows_next(in)) != '\n' && byte >= 0) {
        if (len == LINE_MAX_BYTES)
            *ret_too_long = true;
        else
            buf[len++] = (char)byte;
    }
    if (len > 0 && buf[len - 1] == '\r')
        len--;
    return len;
}

int
rows_json(struct rows_source *in, const struct rows_sink *sink)
{
    char *buf = malloc(LINE_MAX_BYTES);
    int code = 0;

    if (buf == NULL)
        return sink->bad(sink->user, in->line, "out of memory for a line");
    while (code == 0 && rows_peek(in) >= 0) {
        size_t line = in->line++, len;
        bool too_long;

        len = read_line(in, buf, &too_long);
        if (too_long)
            code =
                sink->bad(sink->user, line, "found a line of more than 64 KiB");
        else if (len > 0)
            code = take_line(buf, len, line, sink);
    }
    free(buf);
    return code;
}
