/* SPDX-License-Identifier: MIT */
/* CSV (RFC 4180): channel_arn,viewer_id[,version], a header or none. */

#include <string.h>
#include <strings.h>

#include "rows.h"

#define FIELDS_MAX 3
#define TITLE_MAX  24 /* no title of a column is longer */
#define FIELD_MAX  1024

/* Header of a file whose viewer ids all have an apostrophe in front, so that no
 * spreadsheet takes one for a formula. */
#define QUOTED_VIEWER "'viewer_id"

struct record {
    char field[FIELDS_MAX][FIELD_MAX + 1];
    size_t n;
    const char *why; /* what is wrong with it, or NULL */
    char text[ROWS_WHY_SIZE];
};

static void
put(struct record *r, size_t *len, int byte)
{
    if (byte == '\0')
        r->why = "found a NUL byte, expected UTF-8 text";
    else if (*len >= FIELD_MAX)
        r->why = "found a field of more than 1024 bytes";
    else if (r->n < FIELDS_MAX)
        r->field[r->n][(*len)++] = (char)byte;
}

/* Whether a carriage return that was just read belongs to a line's end. */
static bool
at_line_end(struct rows_source *in)
{
    int byte = rows_peek(in);

    return byte == '\n' || byte < 0;
}

/* What follows a closing quote; gives what ended the field. */
static int
after_quote(struct rows_source *in, struct record *r)
{
    int byte = rows_next(in);

    if (byte == '\r' && at_line_end(in))
        byte = rows_next(in);
    if (byte == ',' || byte == '\n' || byte < 0)
        return byte;
    if (r->why == NULL)
        r->why = "found text after a closing quote, expected a comma";
    while (byte != '\n' && byte >= 0)
        byte = rows_next(in);
    return byte;
}

/* A field in quotes, the first of which is read already. */
static int
read_quoted(struct rows_source *in, struct record *r, size_t *len)
{
    int byte;

    while ((byte = rows_next(in)) >= 0) {
        if (byte == '"' && rows_peek(in) != '"')
            return after_quote(in, r);
        if (byte == '"')
            byte = rows_next(in);
        if (byte == '\n')
            in->line++;
        put(r, len, byte);
    }
    r->why = "found a quote that is never closed";
    return byte;
}

static int
read_plain(struct rows_source *in, struct record *r, size_t *len)
{
    for (;;) {
        int byte = rows_next(in);

        if (byte == ',' || byte == '\n' || byte < 0)
            return byte;
        if (byte == '\r' && at_line_end(in))
            continue;
        if (byte == '"')
            r->why = "found a quote inside a field that does not begin with "
                     "one";
        if (byte == '\r')
            r->why = "found a carriage return that ends no line";
        put(r, len, byte);
    }
}

static void
read_record(struct rows_source *in, struct record *r)
{
    int end;

    r->n = 0;
    r->why = NULL;
    do {
        size_t len = 0;

        if (rows_peek(in) == '"') {
            (void)rows_next(in);
            end = read_quoted(in, r, &len);
        } else {
            end = read_plain(in, r, &len);
        }
        if (r->n < FIELDS_MAX)
            r->field[r->n][len] = '\0';
        r->n++;
    } while (end == ',');
    in->line++;
}

static bool
is_blank(const struct record *r)
{
    return r->why == NULL && r->n == 1 && r->field[0][0] == '\0';
}

static bool
is_header(const struct record *r, bool *ret_quoted)
{
    if (r->why != NULL || r->n < 2 || r->n > 3 ||
        strcasecmp(r->field[0], "channel_arn") != 0 ||
        (r->n == 3 && strcasecmp(r->field[2], "version") != 0))
        return false;
    *ret_quoted = strcasecmp(r->field[1], QUOTED_VIEWER) == 0;
    return *ret_quoted || strcasecmp(r->field[1], "viewer_id") == 0;
}

static void
check_fields(struct record *r, bool first, bool quoted)
{
    size_t n = r->n < FIELDS_MAX ? r->n : FIELDS_MAX;

    first = first && strncmp(r->field[0], "arn:", 4) != 0;
    /* A long line may be a key, which is not for messages. */
    if (first && strlen(r->field[0]) > TITLE_MAX)
        (void)snprintf(r->text, sizeof r->text,
                       "found no ARN at its beginning, expected the header "
                       "channel_arn,viewer_id[,version] or a row of these");
    else if (first)
        (void)snprintf(r->text, sizeof r->text,
                       "found \"%.24s%s%.40s%s%.20s\", expected the header "
                       "channel_arn,viewer_id[,version] or a row of these",
                       r->field[0], n > 1 ? "," : "", n > 1 ? r->field[1] : "",
                       n > 2 ? "," : "", n > 2 ? r->field[2] : "");
    else if (r->n < 2 || r->n > 3)
        (void)snprintf(r->text, sizeof r->text,
                       "found %zu field%s, expected 2 or 3: "
                       "channel_arn,viewer_id[,version]",
                       r->n, r->n == 1 ? "" : "s");
    else if (quoted && r->field[1][0] != '\'')
        (void)snprintf(r->text, sizeof r->text,
                       "the viewer id \"%.60s\" has no ' in front, as the "
                       "header channel_arn,'viewer_id has announced",
                       r->field[1]);
    else
        return;
    r->why = r->text;
}

static int
take_record(struct record *r, size_t line, bool first, bool quoted,
            const struct rows_sink *sink)
{
    const char *part[3] = {r->field[0], r->field[1] + (quoted ? 1 : 0),
                           r->n == 3 ? r->field[2] : NULL};

    if (r->why == NULL)
        check_fields(r, first, quoted);
    if (r->why != NULL)
        return sink->bad(sink->user, line, r->why);
    return sink->parts(sink->user, line, part);
}

int
rows_csv(struct rows_source *in, const struct rows_sink *sink)
{
    struct record record;
    bool first = true, quoted = false;
    int code = 0;

    while (code == 0 && rows_peek(in) >= 0) {
        size_t line = in->line;

        read_record(in, &record);
        if (is_blank(&record))
            continue;
        if (!first || !is_header(&record, &quoted))
            code = take_record(&record, line, first, quoted, sink);
        first = false;
    }
    return code;
}
