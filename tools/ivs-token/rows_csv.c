/* SPDX-License-Identifier: MIT */
/* CSV (RFC 4180): channel_arn,viewer_id[,version], a header or none. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

#define FIELDS_MAX 3
#define FIELD_MAX  1024

struct record {
    char field[FIELDS_MAX][FIELD_MAX + 1];
    size_t n;
    const char *why; /* what is wrong with it, or NULL */
};

struct reader {
    const char *at;
    const char *end;
    size_t line;
};

static void
put(struct record *r, size_t *len, char byte)
{
    if (byte == '\0')
        r->why = "found a NUL byte, expected text";
    else if (*len >= FIELD_MAX)
        r->why = "found a field of more than 1024 bytes";
    else if (r->n < FIELDS_MAX)
        r->field[r->n][(*len)++] = byte;
}

static void
skip_line(struct reader *in)
{
    const char *newline = memchr(in->at, '\n', (size_t)(in->end - in->at));

    in->at = newline != NULL ? newline : in->end;
}

/* A field in quotes, the first of which is read already. */
static void
read_quoted(struct reader *in, struct record *r, size_t *len)
{
    while (in->at < in->end) {
        char byte = *in->at++;

        if (byte == '"' && in->at < in->end && *in->at == '"')
            in->at++;
        else if (byte == '"')
            return;
        if (byte == '\n')
            in->line++;
        put(r, len, byte);
    }
    r->why = "found a quote that is never closed";
}

static bool
at_record_end(const struct reader *in)
{
    return in->at == in->end || *in->at == '\n' ||
           (*in->at == '\r' && in->at + 1 < in->end && in->at[1] == '\n') ||
           (*in->at == '\r' && in->at + 1 == in->end);
}

static void
read_field(struct reader *in, struct record *r)
{
    size_t len = 0;

    if (in->at < in->end && *in->at == '"') {
        in->at++;
        read_quoted(in, r, &len);
        if (!at_record_end(in) && *in->at != ',' && r->why == NULL) {
            r->why = "found text after a closing quote, expected a comma";
            skip_line(in);
        }
    } else {
        while (!at_record_end(in) && *in->at != ',') {
            if (*in->at == '"')
                r->why = "found a quote inside a field that does not begin "
                         "with one";
            if (*in->at == '\r')
                r->why = "found a carriage return that ends no line";
            put(r, &len, *in->at++);
        }
    }
    if (r->n < FIELDS_MAX)
        r->field[r->n][len] = '\0';
    r->n++;
}

static void
read_record(struct reader *in, struct record *r)
{
    r->n = 0;
    r->why = NULL;
    for (;;) {
        read_field(in, r);
        if (at_record_end(in))
            break;
        in->at++; /* the comma */
    }
    while (in->at < in->end && *in->at == '\r')
        in->at++;
    if (in->at < in->end)
        in->at++;
    in->line++;
}

static bool
is_blank(const struct record *r)
{
    return r->why == NULL && r->n == 1 && r->field[0][0] == '\0';
}

static bool
is_header(const struct record *r)
{
    return r->why == NULL && (r->n == 2 || r->n == 3) &&
           strcasecmp(r->field[0], "channel_arn") == 0 &&
           strcasecmp(r->field[1], "viewer_id") == 0 &&
           (r->n == 2 || strcasecmp(r->field[2], "version") == 0);
}

static int
take_record(struct cli *c, struct rows *rows, const char *path, size_t line,
            struct record *r)
{
    const char *part[3] = {r->field[0], r->field[1],
                           r->n == 3 ? r->field[2] : NULL};

    if (r->why == NULL && (r->n < 2 || r->n > 3))
        r->why = "expected 2 or 3 fields: channel_arn,viewer_id[,version]";
    if (r->why == NULL)
        return rows_add(c, rows, path, line, part);
    rows->read++;
    rows_bad(c, rows, path, line, r->why);
    return CLI_OK;
}

int
rows_csv(struct cli *c, struct rows *rows, const char *path,
         const struct secret *text)
{
    struct reader in = {text->data, text->data + text->len, 1};
    struct record record;
    bool first = true;
    int code = CLI_OK;

    /* What was a byte order mark. */
    in.at += strspn(in.at, " ");
    while (code == CLI_OK && in.at < in.end) {
        size_t line = in.line;

        read_record(&in, &record);
        if (!is_blank(&record) && !(first && is_header(&record)))
            code = take_record(c, rows, path, line, &record);
        first = first && is_blank(&record);
    }
    return code;
}
