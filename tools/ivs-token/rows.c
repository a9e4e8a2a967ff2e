/* SPDX-License-Identifier: MIT */
/* Input of revoke batch: CSV or NDJSON, checked whole before anything is sent,
 * each pair of channel and viewer once. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define INPUT_MAX    (size_t)(1024 * 1024 * 1024)
#define REPORTED_MAX 20
#define VERSION_NAME "viewerSessionVersionsLessThanOrEqualTo"

void
rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        free(rows->v[i].channel_arn);
        free(rows->v[i].viewer_id);
    }
    free(rows->v);
    *rows = (struct rows){0};
}

void
rows_bad(struct cli *c, struct rows *rows, const char *path, size_t line,
         const char *found)
{
    if (rows->bad++ < REPORTED_MAX)
        (void)fail(c, CLI_FAILED, "%s:%zu: %s",
                   strcmp(path, "-") == 0 ? "standard input" : path, line,
                   found);
}

/* NULL, or what is wrong with the channel. */
static const char *
check_channel(struct rows *rows, const char *text, char found[256])
{
    ivs_error err = {0};
    ivs_arn arn;

    if (ivs_arn_parse(text, strlen(text), &arn, &err) != IVS_OK) {
        (void)snprintf(found, 256, "%s", err.message);
        return found;
    }
    if (arn.type != IVS_ARN_CHANNEL)
        return "found the ARN of another resource, expected a channel's";
    if (!rows->has_channel) {
        rows->channel = arn;
        rows->has_channel = true;
    } else if (strcmp(rows->channel.region, arn.region) != 0) {
        (void)snprintf(found, 256,
                       "found a channel of region %.40s, expected %.40s as in "
                       "the first row; revoke one region at a time",
                       arn.region, rows->channel.region);
        return found;
    }
    return NULL;
}

static const char *
check_viewer(const char *text, char found[256])
{
    size_t count = text_count(text, strlen(text));

    if (count == SIZE_MAX)
        return "the viewer id is not UTF-8";
    if (count == 0)
        return "the viewer id is empty, expected 1 to 40 characters";
    if (count <= IVS_VIEWER_ID_MAX)
        return NULL;
    (void)snprintf(found, 256,
                   "the viewer id has %zu characters, expected 1 to %d", count,
                   IVS_VIEWER_ID_MAX);
    return found;
}

/* It may be what the tokens say, or what a spreadsheet has added. */
static void
count_spaced(struct rows *rows, size_t line, const char *viewer)
{
    static const char white[] = " \t\r\n\v\f";

    if (strchr(white, viewer[0]) == NULL &&
        strchr(white, viewer[strlen(viewer) - 1]) == NULL)
        return;
    if (rows->spaced++ == 0)
        rows->spaced_line = line;
}

static const char *
check_version(const char *text, struct row *row)
{
    int64_t value = 0;

    if (text == NULL || text[0] == '\0')
        return NULL;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return "the version is not an integer from 0 to 2147483647";
        value = value * 10 + (*at - '0');
        if (value > IVS_REVOKE_VERSION_MAX)
            return "the version is above 2147483647, the highest that the "
                   "service can revoke";
    }
    row->has_version = true;
    row->version = value;
    return NULL;
}

static int
append(struct cli *c, struct rows *rows, struct row *row,
       const char *const part[3])
{
    /* Grows at powers of two. */
    if ((rows->n & (rows->n - 1)) == 0) {
        size_t room = rows->n == 0 ? 1 : rows->n * 2;
        struct row *grown = realloc(rows->v, room * sizeof *grown);

        if (grown == NULL)
            return fail(c, CLI_FAILED, "out of memory reading rows");
        rows->v = grown;
    }
    row->channel_arn = strdup(part[0]);
    row->viewer_id = strdup(part[1]);
    rows->v[rows->n++] = *row;
    if (row->channel_arn == NULL || row->viewer_id == NULL)
        return fail(c, CLI_FAILED, "out of memory reading rows");
    return CLI_OK;
}

int
rows_add(struct cli *c, struct rows *rows, const char *path, size_t line,
         const char *const part[3])
{
    struct row row = {.line = line};
    char found[256];
    const char *why = check_channel(rows, part[0], found);

    rows->read++;
    if (why == NULL)
        why = check_viewer(part[1], found);
    if (why == NULL)
        why = check_version(part[2], &row);
    if (why != NULL) {
        rows_bad(c, rows, path, line, why);
        return CLI_OK;
    }
    count_spaced(rows, line, part[1]);
    return append(c, rows, &row, part);
}

/* ---- NDJSON ---- */

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
read_json_line(struct cli *c, struct rows *rows, const char *path, size_t line,
               const char *text, size_t len)
{
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *part[3] = {NULL, NULL, NULL}, *why;
    char version[24];
    int code = CLI_OK;

    why = json_is_object(object) ? read_object(object, part, version)
                                 : "found no JSON object, expected one a line";
    if (why == NULL) {
        code = rows_add(c, rows, path, line, part);
    } else {
        rows->read++;
        rows_bad(c, rows, path, line, why);
    }
    json_decref(object);
    return code;
}

static int
rows_json(struct cli *c, struct rows *rows, const char *path,
          const struct secret *text)
{
    const char *at = text->data, *end = at + text->len;
    int code = CLI_OK;

    for (size_t line = 1; code == CLI_OK && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        size_t len = (size_t)(stop - at);

        if (len > 0 && at[len - 1] == '\r')
            len--;
        if (len > 0)
            code = read_json_line(c, rows, path, line, at, len);
        at = stop + 1;
    }
    return code;
}

/* ---- duplicates ---- */

static int
compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->channel_arn, y->channel_arn);

    if (order == 0)
        order = strcmp(x->viewer_id, y->viewer_id);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    return order;
}

static int
compare_lines(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    return (x->line > y->line) - (x->line < y->line);
}

static bool
same_pair(const struct row *a, const struct row *b)
{
    return strcmp(a->channel_arn, b->channel_arn) == 0 &&
           strcmp(a->viewer_id, b->viewer_id) == 0;
}

/* One row a pair, at the first one's place and with the highest version: what
 * the lower ones reach, it reaches too. */
static void
drop_duplicates(struct rows *rows)
{
    size_t kept = 0;

    if (rows->n == 0)
        return;
    qsort(rows->v, rows->n, sizeof *rows->v, compare);
    for (size_t i = 1; i < rows->n; i++) {
        struct row *row = &rows->v[i], *first = &rows->v[kept];

        if (!same_pair(first, row)) {
            rows->v[++kept] = *row;
            continue;
        }
        if (row->has_version &&
            (!first->has_version || row->version > first->version)) {
            first->has_version = true;
            first->version = row->version;
        }
        free(row->channel_arn);
        free(row->viewer_id);
    }
    rows->n = kept + 1;
    qsort(rows->v, rows->n, sizeof *rows->v, compare_lines);
}

int
rows_read(struct cli *c, const char *path, struct rows *ret)
{
    struct secret text = {0};
    size_t skip;
    int code = input_bytes(c, path, "the rows", INPUT_MAX, &text);

    if (code != CLI_OK)
        goto out;
    /* A byte order mark and blank lines do not tell the format. */
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        memset(text.data, ' ', 3);
    skip = strspn(text.data, " \t\r\n");
    code = text.data[skip] == '{' ? rows_json(c, ret, path, &text)
                                  : rows_csv(c, ret, path, &text);
    if (code == CLI_OK && ret->bad > REPORTED_MAX)
        code = fail(c, CLI_FAILED, "%zu more bad row%s",
                    ret->bad - REPORTED_MAX, plural(ret->bad - REPORTED_MAX));
    if (code == CLI_OK && ret->bad > 0)
        code = CLI_FAILED;
    if (ret->bad > 0)
        hint("nothing was sent");
    if (code == CLI_OK && ret->read == 0)
        code = fail(c, CLI_FAILED,
                    "found no rows in %s, expected "
                    "channel_arn,viewer_id[,version] or JSON objects, one a "
                    "line",
                    strcmp(path, "-") == 0 ? "standard input" : path);
    if (code != CLI_OK)
        goto out; /* the last row may be half a row */
    if (ret->spaced > 0)
        notice(c,
               "%zu viewer id%s white space at the beginning or the end, "
               "first in line %zu; it is sent as it is",
               ret->spaced, ret->spaced == 1 ? " has" : "s have",
               ret->spaced_line);
    drop_duplicates(ret);
    for (size_t i = 0; i < ret->n; i++)
        ret->unversioned += !ret->v[i].has_version;
out:
    secret_free(&text);
    return code;
}
