/* SPDX-License-Identifier: MIT */
/* A list of connections that rest, and the thread that wakes the next. */

#include "server_delay.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct resting {
    struct resting *next;
    struct MHD_Connection *connection;
    int64_t until_ms;
};

struct emu_delay {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    struct resting *first; /* who is to wake next */
};

static void
wake_due(emu_delay *delay, int64_t now_ms)
{
    while (delay->first != NULL &&
           (delay->stop || delay->first->until_ms <= now_ms)) {
        struct resting *r = delay->first;

        delay->first = r->next;
        MHD_resume_connection(r->connection);
        free(r);
    }
}

static void *
run(void *user)
{
    emu_delay *delay = user;

    (void)pthread_mutex_lock(&delay->lock);
    while (!delay->stop) {
        if (delay->first == NULL) {
            (void)pthread_cond_wait(&delay->wake, &delay->lock);
        } else {
            int64_t until_ms = delay->first->until_ms;
            struct timespec until = {until_ms / 1000,
                                     until_ms % 1000 * 1000000};

            (void)pthread_cond_timedwait(&delay->wake, &delay->lock, &until);
        }
        wake_due(delay, ivs_clock_monotonic_ms());
    }
    /* The end may have come before the first look. */
    wake_due(delay, ivs_clock_monotonic_ms());
    (void)pthread_mutex_unlock(&delay->lock);
    return NULL;
}

emu_delay *
emu_delay_start(void)
{
    emu_delay *delay = calloc(1, sizeof *delay);
    pthread_condattr_t attributes;

    if (delay == NULL)
        return NULL;
    (void)pthread_mutex_init(&delay->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&delay->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    if (pthread_create(&delay->thread, NULL, run, delay) != 0) {
        emu_delay_free(delay);
        return NULL;
    }
    return delay;
}

void
emu_delay_end(emu_delay *delay)
{
    (void)pthread_mutex_lock(&delay->lock);
    delay->stop = true;
    (void)pthread_cond_signal(&delay->wake);
    (void)pthread_mutex_unlock(&delay->lock);
}

void
emu_delay_stop(emu_delay *delay)
{
    emu_delay_end(delay);
    (void)pthread_join(delay->thread, NULL);
}

void
emu_delay_free(emu_delay *delay)
{
    (void)pthread_cond_destroy(&delay->wake);
    (void)pthread_mutex_destroy(&delay->lock);
    free(delay);
}

bool
emu_delay_add(emu_delay *delay, struct MHD_Connection *connection, int ms)
{
    struct resting *r = malloc(sizeof *r), **at = &delay->first;
    bool rests;

    if (r == NULL)
        return false;
    r->connection = connection;
    r->until_ms = ivs_clock_monotonic_ms() + ms;
    (void)pthread_mutex_lock(&delay->lock);
    rests = !delay->stop;
    if (rests) {
        MHD_suspend_connection(connection);
        while (*at != NULL && (*at)->until_ms <= r->until_ms)
            at = &(*at)->next;
        r->next = *at;
        *at = r;
        (void)pthread_cond_signal(&delay->wake);
    }
    (void)pthread_mutex_unlock(&delay->lock);
    if (!rests)
        free(r);
    return rests;
}
