/* SPDX-License-Identifier: MIT */
/* Threads of a batch. Chunks go around a ring: put by the one that reads, taken
 * by those that mint, written in the order in which they were put. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"

/* As many chunks wait for a thread as there are threads, and as many to be
 * written, so that a row that takes longer holds nobody up. */
#define CHUNKS_PER_JOB 4
/* A chunk that has this much left takes one more line. */
#define CHUNK_TEXT (2 * BATCH_LINE_MAX)

static struct batch_chunk *
slot(struct batch_pool *pool, size_t n)
{
    return &pool->slots[n % pool->nslots];
}

void
batch_pool_stop(struct batch_pool *pool)
{
    int saved = errno;

    atomic_store(&pool->stop, true);
    (void)!write(pool->wake[1], "", 1);
    errno = saved;
}

/* ---- minting ---- */

static void
mint_chunk(struct batch_pool *pool, struct batch_row *row,
           struct batch_chunk *chunk)
{
    const char *at = chunk->text;

    while (chunk->done < chunk->n && !atomic_load(&pool->stop)) {
        size_t i = chunk->done, line = chunk->first_line + i, whole;
        const char *end = chunk->text + chunk->end[i];
        bool good = false;

        whole = chunk->out.len;
        if (chunk->too_long[i])
            batch_row_too_long(line, &chunk->out);
        else
            good =
                batch_row_mint(row, at, (size_t)(end - at), line, &chunk->out);
        if (chunk->out.failed) {
            chunk->out.len = whole;
            break;
        }
        chunk->failed += !good;
        chunk->done++;
        at = end;
    }
}

static void *
mint_chunks(void *user)
{
    struct batch_pool *pool = user;
    struct batch_row *row = batch_row_new(pool->defaults);

    (void)pthread_mutex_lock(&pool->lock);
    pool->no_memory |= row == NULL;
    while (!pool->no_memory) {
        struct batch_chunk *chunk;

        while (pool->taken == pool->put && !pool->ended &&
               !atomic_load(&pool->stop))
            (void)pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->taken == pool->put || atomic_load(&pool->stop))
            break;
        chunk = slot(pool, pool->taken++);
        (void)pthread_mutex_unlock(&pool->lock);
        mint_chunk(pool, row, chunk);
        (void)pthread_mutex_lock(&pool->lock);
        chunk->ready = true;
        pool->no_memory |= chunk->out.failed;
        (void)pthread_cond_signal(&pool->done);
    }
    if (pool->no_memory)
        batch_pool_stop(pool);
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_cond_signal(&pool->done);
    (void)pthread_mutex_unlock(&pool->lock);
    batch_row_free(row);
    return NULL;
}

/* ---- writing ---- */

/* The next chunk in order; NULL when there will be none. */
static struct batch_chunk *
next_ready(struct batch_pool *pool)
{
    for (;;) {
        struct batch_chunk *chunk = slot(pool, pool->written);
        bool none = pool->written == pool->put;

        if (!none && chunk->ready)
            return chunk;
        if ((none && pool->ended) ||
            (atomic_load(&pool->stop) && pool->written == pool->taken))
            return NULL;
        (void)pthread_cond_wait(&pool->done, &pool->lock);
    }
}

static void *
write_chunks(void *user)
{
    struct batch_pool *pool = user;
    struct batch_chunk *chunk;

    (void)pthread_mutex_lock(&pool->lock);
    while ((chunk = next_ready(pool)) != NULL) {
        bool whole = chunk->done == chunk->n, ok;

        (void)pthread_mutex_unlock(&pool->lock);
        ok = pool->deliver(pool->user, chunk);
        (void)pthread_mutex_lock(&pool->lock);
        chunk->ready = false;
        pool->written++;
        (void)pthread_cond_signal(&pool->room);
        /* Behind a gap nothing is in order. */
        if (!whole || !ok)
            break;
    }
    if (!pool->ended || pool->written != pool->put)
        batch_pool_stop(pool);
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_cond_signal(&pool->room);
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* ---- reading ---- */

struct batch_chunk *
batch_pool_room(struct batch_pool *pool)
{
    struct batch_chunk *chunk;

    (void)pthread_mutex_lock(&pool->lock);
    while (pool->put - pool->written == pool->nslots &&
           !atomic_load(&pool->stop))
        (void)pthread_cond_wait(&pool->room, &pool->lock);
    (void)pthread_mutex_unlock(&pool->lock);
    if (atomic_load(&pool->stop))
        return NULL;
    chunk = slot(pool, pool->put);
    chunk->len = chunk->n = chunk->done = chunk->failed = 0;
    chunk->out.len = 0;
    return chunk;
}

void
batch_pool_put(struct batch_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->put++;
    (void)pthread_cond_signal(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* ---- beginning and end ---- */

static bool
make_slots(struct batch_pool *pool, size_t jobs)
{
    pool->slots = calloc(jobs * CHUNKS_PER_JOB, sizeof *pool->slots);
    pool->workers = calloc(jobs, sizeof *pool->workers);
    if (pool->slots == NULL || pool->workers == NULL)
        return false;
    for (; pool->nslots < jobs * CHUNKS_PER_JOB; pool->nslots++) {
        pool->slots[pool->nslots].text = malloc(CHUNK_TEXT);
        if (pool->slots[pool->nslots].text == NULL)
            return false;
    }
    return true;
}

void
batch_pool_free(struct batch_pool *pool)
{
    for (size_t i = 0; i < pool->nslots; i++) {
        free(pool->slots[i].text);
        text_buf_free(&pool->slots[i].out);
    }
    free(pool->slots);
    free(pool->workers);
    (void)close(pool->wake[0]);
    (void)close(pool->wake[1]);
    (void)pthread_mutex_destroy(&pool->lock);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_cond_destroy(&pool->done);
    (void)pthread_cond_destroy(&pool->room);
}

/* Signals are for the thread that reads. */
static int
start_threads(struct batch_pool *pool, size_t jobs)
{
    int rc;

    signals_hold(true);
    rc = pthread_create(&pool->writer, NULL, write_chunks, pool);
    /* Fewer than asked for will do. */
    while (rc == 0 && pool->nworkers < jobs) {
        rc = pthread_create(&pool->workers[pool->nworkers], NULL, mint_chunks,
                            pool);
        pool->nworkers += rc == 0;
        if (rc != 0 && pool->nworkers == 0) {
            /* Not between the writer's look at stop and its wait. */
            (void)pthread_mutex_lock(&pool->lock);
            batch_pool_stop(pool);
            (void)pthread_cond_signal(&pool->done);
            (void)pthread_mutex_unlock(&pool->lock);
            (void)pthread_join(pool->writer, NULL);
        }
    }
    signals_hold(false);
    return pool->nworkers > 0 ? 0 : rc;
}

int
batch_pool_start(struct batch_pool *pool, size_t jobs)
{
    int rc;

    if (pipe(pool->wake) != 0)
        return errno;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->work, NULL);
    (void)pthread_cond_init(&pool->done, NULL);
    (void)pthread_cond_init(&pool->room, NULL);
    rc = make_slots(pool, jobs) ? start_threads(pool, jobs) : ENOMEM;
    if (rc != 0)
        batch_pool_free(pool);
    return rc;
}

void
batch_pool_finish(struct batch_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->ended = true;
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_cond_signal(&pool->done);
    (void)pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->nworkers; i++)
        (void)pthread_join(pool->workers[i], NULL);
    (void)pthread_join(pool->writer, NULL);
}
