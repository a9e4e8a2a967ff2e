/* SPDX-License-Identifier: MIT */
/*
 * A list of connections, the earliest deadline first: every deadline is as far
 * off as the others when it is set, so that a new one goes to the end. Looked
 * at once a second.
 */

#include "server_reaper.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

struct connection {
    struct connection *next, *previous;
    int fd;
    bool used;   /* brought a request before */
    bool busy;   /* has a whole request that is not answered */
    bool closed; /* by the peer, as was seen a second ago */
    bool listed; /* not while its answer is made */
    bool ended;  /* was told to */
    int64_t deadline_ms;
};

struct emu_reaper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    int64_t request_ms;
    struct connection *first, *last;
    int count; /* of all, listed or not */
    int crowded;
};

static void
unlist(emu_reaper *reaper, struct connection *c)
{
    if (!c->listed)
        return;
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        reaper->first = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    else
        reaper->last = c->previous;
    c->listed = false;
}

static void
list(emu_reaper *reaper, struct connection *c)
{
    c->deadline_ms = ivs_clock_monotonic_ms() + reaper->request_ms;
    c->next = NULL;
    c->previous = reaper->last;
    if (c->previous != NULL)
        c->previous->next = c;
    else
        reaper->first = c;
    reaper->last = c;
    c->listed = true;
}

/* Its time begins anew, unless it was told to end. */
static void
postpone(emu_reaper *reaper, struct connection *c)
{
    if (c->ended)
        return;
    unlist(reaper, c);
    list(reaper, c);
}

/* The server sees the end of the stream, and closes it. */
static void
end(emu_reaper *reaper, struct connection *c)
{
    (void)shutdown(c->fd, SHUT_RDWR);
    unlist(reaper, c);
    c->ended = true;
}

/* The server does not see the end of a stream that comes together with the last
 * bytes. A second later it has read those. */
static bool
is_closed(struct connection *c)
{
    bool before = c->closed;
    char byte;

    c->closed = !c->busy && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return before && c->closed;
}

static void
reap(emu_reaper *reaper)
{
    int64_t now_ms = ivs_clock_monotonic_ms();

    for (struct connection *c = reaper->first, *next; c != NULL; c = next) {
        next = c->next;
        if (now_ms >= c->deadline_ms || is_closed(c))
            end(reaper, c);
    }
}

static void *
run(void *user)
{
    emu_reaper *reaper = user;

    (void)pthread_mutex_lock(&reaper->lock);
    while (!reaper->stop) {
        struct timespec until;

        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        (void)pthread_cond_timedwait(&reaper->wake, &reaper->lock, &until);
        reap(reaper);
    }
    (void)pthread_mutex_unlock(&reaper->lock);
    return NULL;
}

/* The system's time may be set back; waiting for it would be long. */
static void
init_wake(pthread_cond_t *wake)
{
    pthread_condattr_t attributes;

    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

emu_reaper *
emu_reaper_start(int connections_max, int64_t request_ms)
{
    emu_reaper *reaper = calloc(1, sizeof *reaper);

    if (reaper == NULL)
        return NULL;
    reaper->request_ms = request_ms;
    /* A quarter stays free: the server's threads share the places unevenly. */
    reaper->crowded = connections_max * 3 / 4;
    (void)pthread_mutex_init(&reaper->lock, NULL);
    init_wake(&reaper->wake);
    if (pthread_create(&reaper->thread, NULL, run, reaper) != 0) {
        free(reaper);
        return NULL;
    }
    return reaper;
}

void
emu_reaper_stop(emu_reaper *reaper)
{
    (void)pthread_mutex_lock(&reaper->lock);
    reaper->stop = true;
    (void)pthread_cond_signal(&reaper->wake);
    (void)pthread_mutex_unlock(&reaper->lock);
    (void)pthread_join(reaper->thread, NULL);
    (void)pthread_cond_destroy(&reaper->wake);
    (void)pthread_mutex_destroy(&reaper->lock);
    free(reaper);
}

void *
emu_reaper_add(emu_reaper *reaper, int fd)
{
    struct connection *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->fd = fd;
    (void)pthread_mutex_lock(&reaper->lock);
    if (++reaper->count > reaper->crowded && reaper->first != NULL)
        end(reaper, reaper->first);
    list(reaper, c);
    (void)pthread_mutex_unlock(&reaper->lock);
    return c;
}

void
emu_reaper_request(emu_reaper *reaper, void *connection)
{
    struct connection *c = connection;

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&reaper->lock);
    /* The first one's time began with the connection. */
    if (c->used)
        postpone(reaper, c);
    c->used = true;
    (void)pthread_mutex_unlock(&reaper->lock);
}

void
emu_reaper_busy(emu_reaper *reaper, void *connection)
{
    struct connection *c = connection;

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&reaper->lock);
    unlist(reaper, c);
    c->busy = true;
    (void)pthread_mutex_unlock(&reaper->lock);
}

void
emu_reaper_answer(emu_reaper *reaper, void *connection)
{
    struct connection *c = connection;

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&reaper->lock);
    postpone(reaper, c);
    (void)pthread_mutex_unlock(&reaper->lock);
}

void
emu_reaper_idle(emu_reaper *reaper, void *connection)
{
    struct connection *c = connection;

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&reaper->lock);
    postpone(reaper, c);
    c->busy = c->closed = false;
    (void)pthread_mutex_unlock(&reaper->lock);
}

void
emu_reaper_remove(emu_reaper *reaper, void *connection)
{
    struct connection *c = connection;

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&reaper->lock);
    reaper->count--;
    unlist(reaper, c);
    (void)pthread_mutex_unlock(&reaper->lock);
    free(c);
}
