/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_BATCH_H
#define IVS_CLI_BATCH_H

/*
 * token mint --batch. One thread reads lines into chunks (cmd_mint_batch.c,
 * batch_input.c), several mint them (batch_pool.c, batch_row.c), one writes the
 * chunks in the order in which they were read. A chunk's memory is used again
 * once it is written, so that memory does not grow with the input.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "mint.h"

#define BATCH_LINE_MAX (64 * 1024)
#define BATCH_ROWS     64

/* ---- batch_input.c: lines ---- */

struct batch_input {
    int fd;
    const char *name;
    char *buf;
    size_t from;
    size_t to;
    bool ended;
    bool skipping; /* a line that is too long */
};

enum batch_line {
    BATCH_LINE,
    BATCH_LINE_TOO_LONG,
    BATCH_LINE_PARTLY, /* more has to be read first */
    BATCH_LINE_NONE    /* at the end */
};

bool batch_input_new(struct batch_input *in);
/* The next line; *ret is valid until batch_input_read(). */
enum batch_line batch_input_next(struct batch_input *in, const char **ret,
                                 size_t *ret_len);
/* Read once. 0 or errno. */
int batch_input_read(struct batch_input *in);

/* ---- batch_row.c: one row ---- */

/* What rows do not say themselves. Shared by threads, not changed by them. */
struct batch_defaults {
    const ivs_key *key;
    ivs_claims claims; /* channel_arn may be NULL */
    bool version_now;
    bool single_use;
    const char *playback_url;
    json_t *extra; /* --claim, or NULL */
    const char *region;
    struct number now;
};

struct batch_row; /* what one thread needs to mint rows */

struct batch_row *batch_row_new(const struct batch_defaults *defaults);
void batch_row_free(struct batch_row *row);
/* Append the line's answer. False: it is one with an error in it. */
bool batch_row_mint(struct batch_row *row, const char *text, size_t len,
                    size_t line, struct text_buf *out);
/* The answer to a line of which nothing else is known. */
void batch_row_too_long(size_t line, struct text_buf *out);

/* ---- batch_pool.c: threads and order ---- */

struct batch_chunk {
    char *text;
    size_t len;
    size_t end[BATCH_ROWS]; /* of each line in text */
    bool too_long[BATCH_ROWS];
    size_t n;
    size_t first_line;
    /* The answer. */
    struct text_buf out;
    size_t done;
    size_t failed;
    bool ready;
};

struct batch_pool {
    const struct batch_defaults *defaults;
    /* Called by the thread that writes, in order. False ends the run. */
    bool (*deliver)(void *user, const struct batch_chunk *chunk);
    void *user;

    atomic_bool stop;
    int wake[2]; /* a pipe: what waits for input waits for this too */
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_cond_t done;
    pthread_cond_t room;
    struct batch_chunk *slots;
    size_t nslots;
    /* Chunks so far; slot n % nslots is the n-th's. */
    size_t put;
    size_t taken;
    size_t written;
    bool ended; /* no more are put */
    bool no_memory;
    pthread_t writer;
    pthread_t *workers;
    size_t nworkers;
};

/* Errors are errno values. */
int batch_pool_start(struct batch_pool *pool, size_t jobs);
/* An empty chunk, once there is one; NULL: stopped. */
struct batch_chunk *batch_pool_room(struct batch_pool *pool);
/* Hand in the chunk that batch_pool_room() gave. */
void batch_pool_put(struct batch_pool *pool);
/* Take no further row; those that are minted are written. For handlers too. */
void batch_pool_stop(struct batch_pool *pool);
/* Wait until all is written, or what was done before a stop. */
void batch_pool_finish(struct batch_pool *pool);
void batch_pool_free(struct batch_pool *pool);

#endif
