/* SPDX-License-Identifier: MIT */
/* Calls of the revocation engine on threads of its own: one more whenever a
 * call is to begin and none is idle. */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "service/revoke_run.h"

/* A ring; there are never more than so many calls. */
struct ring {
    ivs_revoke_request *v[IVS_REVOKE_REQUESTS];
    size_t first, n;
};

struct ivs_revoke_threads {
    pthread_mutex_t lock;
    pthread_cond_t work; /* for the workers */
    pthread_cond_t done; /* for the loop */
    struct ring waiting; /* not begun */
    struct ring ended;
    pthread_t workers[IVS_REVOKE_REQUESTS];
    size_t nworkers;
    size_t idle;
    bool over;
};

static void
put(struct ring *ring, ivs_revoke_request *q)
{
    ring->v[(ring->first + ring->n++) % IVS_REVOKE_REQUESTS] = q;
}

static ivs_revoke_request *
take(struct ring *ring)
{
    ivs_revoke_request *q = ring->v[ring->first];

    ring->first = (ring->first + 1) % IVS_REVOKE_REQUESTS;
    ring->n--;
    return q;
}

static void *
work(void *user)
{
    ivs_revoke_threads *t = user;

    (void)pthread_mutex_lock(&t->lock);
    for (;;) {
        ivs_revoke_request *q;

        while (t->waiting.n == 0 && !t->over) {
            t->idle++;
            (void)pthread_cond_wait(&t->work, &t->lock);
            t->idle--;
        }
        if (t->waiting.n == 0)
            break;
        q = take(&t->waiting);
        (void)pthread_mutex_unlock(&t->lock);
        ivs_revoke_carry_out(q);
        (void)pthread_mutex_lock(&t->lock);
        put(&t->ended, q);
        (void)pthread_cond_signal(&t->done);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* Signals are for the caller's threads. Called with the lock held. */
static int
start_worker(ivs_revoke_threads *t)
{
    sigset_t all, old;
    int rc;

    (void)sigfillset(&all);
    if ((rc = pthread_sigmask(SIG_SETMASK, &all, &old)) != 0)
        return rc;
    rc = pthread_create(&t->workers[t->nworkers], NULL, work, t);
    if (rc == 0)
        t->nworkers++;
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc;
}

static ivs_status
begin(ivs_revoke_request *q, void *user, ivs_error *err)
{
    ivs_revoke_threads *t = user;
    ivs_status s = IVS_OK;
    int rc = 0;

    (void)pthread_mutex_lock(&t->lock);
    if (t->idle <= t->waiting.n)
        rc = start_worker(t);
    /* With fewer threads it takes longer; without one it never ends. */
    if (rc != 0 && t->nworkers == 0) {
        s = ivs_fail(err, IVS_E_NOMEM, "cannot start a thread: %s",
                     strerror(rc));
    } else {
        put(&t->waiting, q);
        (void)pthread_cond_signal(&t->work);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return s;
}

static ivs_revoke_request *
wait_until(int64_t until_ms, void *user)
{
    ivs_revoke_threads *t = user;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};
    ivs_revoke_request *q = NULL;
    int rc = 0;

    (void)pthread_mutex_lock(&t->lock);
    while (t->ended.n == 0 && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&t->done, &t->lock, &until);
    if (t->ended.n > 0)
        q = take(&t->ended);
    (void)pthread_mutex_unlock(&t->lock);
    return q;
}

static void
halt(void *user)
{
    ivs_revoke_threads *t = user;

    (void)pthread_mutex_lock(&t->lock);
    while (t->waiting.n > 0) {
        ivs_revoke_request *q = take(&t->waiting);

        q->unsent = true;
        put(&t->ended, q);
    }
    (void)pthread_mutex_unlock(&t->lock);
}

static int64_t
monotonic_ms(void *user)
{
    (void)user;
    return ivs_clock_monotonic_ms();
}

/* Without random bytes the longest pause is the kind one. */
static uint32_t
random_bits(void *user)
{
    uint32_t bits;

    (void)user;
    return ivs_random(&bits, sizeof bits) ? bits : UINT32_MAX;
}

ivs_revoke_host
ivs_revoke_threads_host(ivs_revoke_threads *threads)
{
    return (ivs_revoke_host){.now_ms = monotonic_ms,
                             .random = random_bits,
                             .send = begin,
                             .wait = wait_until,
                             .halt = halt,
                             .user = threads};
}

ivs_status
ivs_revoke_threads_new(ivs_revoke_threads **ret, ivs_error *err)
{
    ivs_revoke_threads *t = calloc(1, sizeof *t);
    pthread_condattr_t attr;
    bool made = false;

    if (t == NULL || pthread_condattr_init(&attr) != 0)
        goto fail;
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    made = pthread_mutex_init(&t->lock, NULL) == 0 &&
           pthread_cond_init(&t->work, NULL) == 0 &&
           pthread_cond_init(&t->done, &attr) == 0;
    (void)pthread_condattr_destroy(&attr);
    if (made) {
        *ret = t;
        return IVS_OK;
    }
fail:
    free(t);
    return ivs_fail(err, IVS_E_NOMEM, "out of memory for threads");
}

void
ivs_revoke_threads_free(ivs_revoke_threads *t)
{
    (void)pthread_mutex_lock(&t->lock);
    t->over = true;
    (void)pthread_cond_broadcast(&t->work);
    (void)pthread_mutex_unlock(&t->lock);
    for (size_t i = 0; i < t->nworkers; i++)
        (void)pthread_join(t->workers[i], NULL);
    (void)pthread_cond_destroy(&t->done);
    (void)pthread_cond_destroy(&t->work);
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}
