/* SPDX-License-Identifier: MIT */
/* Rows of revoke batch as a whole: all of them are checked before anything is
 * sent. */

#include <string.h>

#include "rows.h"

#define REPORTED_MAX 20

struct reading {
    struct cli *c;
    struct rows *rows;
    const struct rows_input *in;
    const char *name;
};

const char *
rows_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int
bad(void *user, size_t line, const char *why)
{
    struct reading *r = user;

    if (rows_input_failed(r->in)) /* the row was cut off, and that is said */
        return CLI_OK;
    r->rows->read++;
    if (r->rows->bad++ < REPORTED_MAX)
        (void)fail(r->c, CLI_FAILED, "%s:%zu: %s", r->name, line, why);
    return CLI_OK;
}

/* NULL, or why the channel goes neither with the region of the calls nor with
 * the first one. */
static const char *
compare_channel(struct rows *rows, const ivs_arn *arn, char text[ROWS_WHY_SIZE])
{
    if (rows->region != NULL && strcmp(rows->region, arn->region) != 0) {
        (void)snprintf(text, ROWS_WHY_SIZE,
                       "found a channel of region %.40s, but %s is %.40s; see "
                       "--region-from-arn",
                       arn->region, rows->whose, rows->region);
        return text;
    }
    if (!rows->has_channel) {
        rows->channel = *arn;
        rows->has_channel = true;
        return NULL;
    }
    if (strcmp(rows->channel.account, arn->account) != 0) {
        (void)snprintf(text, ROWS_WHY_SIZE,
                       "found a channel of account %.40s, expected %.40s as in "
                       "the first row; revoke one account at a time",
                       arn->account, rows->channel.account);
        return text;
    }
    if (rows->any_region || strcmp(rows->channel.region, arn->region) == 0)
        return NULL;
    (void)snprintf(text, ROWS_WHY_SIZE,
                   "found a channel of region %.40s, expected %.40s as in the "
                   "first row; see --region-from-arn",
                   arn->region, rows->channel.region);
    return text;
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

static int
parts(void *user, size_t line, const char *const part[3])
{
    struct reading *r = user;
    struct rows *rows = r->rows;
    char text[ROWS_WHY_SIZE];
    struct row row;
    ivs_arn arn;
    const char *why;

    if (rows_input_failed(r->in))
        return CLI_OK;
    why = rows_check(part, &row, &arn, text);
    if (why == NULL)
        why = compare_channel(rows, &arn, text);
    if (why != NULL)
        return bad(r, line, why);
    rows->read++;
    row.line = line;
    count_spaced(rows, line, part[1]);
    if (!row.has_version && rows->version.given) {
        row.has_version = true;
        row.version = rows->version.value;
    }
    rows->unversioned += !row.has_version;
    return rows->bad == 0 ? rows->take(rows->user, &row) : CLI_OK;
}

/* What can be said once all rows are read. */
static int
judge(struct cli *c, const char *name, const struct rows *rows)
{
    if (rows->bad > REPORTED_MAX)
        (void)fail(c, CLI_FAILED, "%zu more bad row%s",
                   rows->bad - REPORTED_MAX, plural(rows->bad - REPORTED_MAX));
    if (rows->bad > 0) {
        hint("nothing was sent");
        return CLI_FAILED;
    }
    if (rows->read == 0)
        return fail(c, CLI_FAILED,
                    "found no rows in %s, expected "
                    "channel_arn,viewer_id[,version] or JSON objects, one a "
                    "line",
                    name);
    if (rows->spaced > 0)
        notice(c,
               "%zu viewer id%s white space at the beginning or the end, "
               "first in line %zu; it is sent as it is",
               rows->spaced, rows->spaced == 1 ? " has" : "s have",
               rows->spaced_line);
    return CLI_OK;
}

int
rows_read(struct cli *c, const char *path, struct rows *rows)
{
    struct reading r = {.c = c, .rows = rows, .name = rows_name(path)};
    const struct rows_sink sink = {.parts = parts, .bad = bad, .user = &r};
    struct rows_input *in = NULL;
    int code = rows_input_open(c, path, &in);

    if (code != CLI_OK)
        return code;
    r.in = in;
    code = rows_parse(rows_input_source(in), &sink);
    if (code == CLI_OK)
        code = rows_input_end(c, in, rows->hash);
    if (code == CLI_OK || rows->bad > 0) {
        int judged = judge(c, r.name, rows);

        code = code == CLI_OK ? judged : code;
    }
    rows_input_close(in);
    return code;
}

int
rows_hash(struct cli *c, const char *path, char ret[ROWS_HASH_SIZE])
{
    struct rows_input *in = NULL;
    int code = rows_input_open(c, path, &in);

    if (code == CLI_OK)
        code = rows_input_end(c, in, ret);
    rows_input_close(in);
    return code;
}
