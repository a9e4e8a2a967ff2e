/* SPDX-License-Identifier: MIT */
/* NDJSON: objects with the member names of the API, one a line. */

#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define LINE_MAX_BYTES (64 * 1024)
#define SHOWN_MAX      60
#define VERSION_NAME   "viewerSessionVersionsLessThanOrEqualTo"

/* What was read of a line. */
struct line {
    const char *part[3];
    char version[24];        /* what part[2] points to */
    char why[ROWS_WHY_SIZE]; /* what is wrong with it; "" for nothing */
};

static void
read_text(json_t *object, const char *name, const char **ret, struct line *l)
{
    json_t *value = json_object_get(object, name);

    *ret = json_string_value(value);
    if (*ret == NULL)
        (void)snprintf(l->why, sizeof l->why, "%s %s", name,
                       value == NULL ? "is missing" : "is not text");
}

static void
read_version(json_t *number, struct line *l)
{
    if (json_is_integer(number)) {
        (void)snprintf(l->version, sizeof l->version, "%" JSON_INTEGER_FORMAT,
                       json_integer_value(number));
        l->part[2] = l->version;
    } else if (number != NULL && !json_is_null(number)) {
        (void)snprintf(l->why, sizeof l->why,
                       VERSION_NAME " is not an integer");
    }
}

static void
refuse_unknown(json_t *object, struct line *l)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        if (strcmp(name, "channelArn") != 0 && strcmp(name, "viewerId") != 0 &&
            strcmp(name, VERSION_NAME) != 0)
            (void)snprintf(l->why, sizeof l->why,
                           "found the unknown member \"%.60s\", expected only "
                           "channelArn, viewerId and " VERSION_NAME,
                           name);
    }
}

static void
refuse_text(const char *text, size_t len, const json_error_t *error,
            struct line *l)
{
    const char *name;
    int n;

    if (text[0] != '{' || memchr(text, '\0', len) != NULL) {
        (void)snprintf(l->why, sizeof l->why,
                       "found no JSON object, expected one a line");
    } else if (json_error_code(error) == json_error_duplicate_key) {
        name = text_duplicate(text, error, &n);
        (void)snprintf(l->why, sizeof l->why, "found the member \"%.*s\" twice",
                       n < SHOWN_MAX ? n : SHOWN_MAX, name);
    } else {
        (void)snprintf(l->why, sizeof l->why,
                       "found malformed JSON at column %d, expected one object "
                       "a line",
                       error->column);
    }
}

static int
take_line(const char *text, size_t len, size_t line,
          const struct rows_sink *sink)
{
    struct line l = {.why = ""};
    json_error_t error;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    int code;

    if (!json_is_object(object)) {
        refuse_text(text, len, &error, &l);
    } else {
        refuse_unknown(object, &l);
        read_version(json_object_get(object, VERSION_NAME), &l);
        read_text(object, "viewerId", &l.part[1], &l);
        read_text(object, "channelArn", &l.part[0], &l);
    }
    code = l.why[0] == '\0' ? sink->parts(sink->user, line, l.part)
                            : sink->bad(sink->user, line, l.why);
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
