/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_ROWS_H
#define IVS_CLI_ROWS_H

/*
 * Input of revoke batch: CSV or NDJSON, plain or gzipped, of any length. Bytes
 * come from rows_input.c, rows_csv.c and rows_json.c cut them into parts,
 * rows_check.c makes rows of these, and rows.c tells what was wrong.
 */

#include "cli.h"

/* ---- text into parts ---- */

/* Bytes of which some are at hand. */
struct rows_source {
    const char *at;
    const char *end;
    size_t line;                            /* from 1 */
    bool (*more)(struct rows_source *self); /* NULL: that was all */
};

/* Channel, viewer, version (or NULL). Non-zero ends the reading. */
struct rows_sink {
    int (*parts)(void *user, size_t line, const char *const part[3]);
    int (*bad)(void *user, size_t line, const char *why);
    void *user;
};

/* The next byte, or -1 at the end; peeking leaves it. */
int rows_peek(struct rows_source *in);
int rows_next(struct rows_source *in);
/* All rows of whichever format the text begins like. */
int rows_parse(struct rows_source *in, const struct rows_sink *sink);
int rows_csv(struct rows_source *in, const struct rows_sink *sink);
int rows_json(struct rows_source *in, const struct rows_sink *sink);

/* ---- parts into rows ---- */

struct row {
    const char *channel_arn; /* borrowed */
    const char *viewer_id;
    bool has_version;
    int64_t version;
    size_t line;
};

#define ROWS_WHY_SIZE 256
/* NULL, or what is wrong; text may be used for it. */
const char *rows_check(const char *const part[3], struct row *ret,
                       ivs_arn *ret_channel, char text[ROWS_WHY_SIZE]);

/* ---- bytes ---- */

#define ROWS_HASH_SIZE 65 /* SHA-256 in hex */

struct rows_input;
/* A file or "-". Gzip is known by its first bytes. */
int rows_input_open(struct cli *c, const char *path, struct rows_input **ret);
struct rows_source *rows_input_source(struct rows_input *in);
/* Whether there is no more because something went wrong, so that what was read
 * last may be a part of a row. */
bool rows_input_failed(const struct rows_input *in);
/* Whether everything was read; says what was wrong. The hash is that of the
 * text, unpacked. */
int rows_input_end(struct cli *c, struct rows_input *in,
                   char ret[ROWS_HASH_SIZE]);
void rows_input_close(struct rows_input *in);

/* ---- the whole ---- */

struct rows {
    bool any_region;       /* channels may be of several */
    const char *region;    /* that calls go to; NULL: the first row's */
    const char *whose;     /* what names it */
    struct number version; /* of rows that have none */
    int (*take)(void *user, const struct row *row); /* an exit code */
    void *user;
    /* Told: */
    size_t read;
    size_t unversioned;
    size_t bad;
    size_t spaced;      /* viewer ids with white space at an end */
    size_t spaced_line; /* of the first of them */
    ivs_arn channel;    /* of the first row */
    bool has_channel;
    char hash[ROWS_HASH_SIZE];
};

/* Read and check everything; bad rows are reported with their lines, and no
 * row is taken after one. */
int rows_read(struct cli *c, const char *path, struct rows *rows);
/* The hash alone. */
int rows_hash(struct cli *c, const char *path, char ret[ROWS_HASH_SIZE]);
/* "standard input" for "-". */
const char *rows_name(const char *path);

#endif
