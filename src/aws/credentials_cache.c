/* SPDX-License-Identifier: MIT */
/* Keys that are kept until they have to be fetched again, for many threads. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/credentials_provider.h"
#include "base/error.h"

/* Seconds before the expiry from which on new keys are wanted and needed, for
 * keys with a longer life than twice and three times that. */
#define WANTED_S (15 * 60)
#define NEEDED_S (10 * 60)
/* After a failure a source that is only wanted is left alone for so long. */
#define REST_S 60

struct ivs_credentials {
    ivs_source_context *context;
    ivs_provider *provider;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t done;   /* a fetch has ended */
    bool fetching;
    bool has;     /* keys at hand */
    bool refused; /* by the service */
    ivs_provided at_hand;
    ivs_credentials_keys before; /* handed out until the last fetch */
    int64_t wanted_s, needed_s;  /* when they are to be replaced */
    uint64_t rounds; /* fetches that have ended, and how the last one did */
    ivs_status last;
    ivs_error last_error;
};

enum need { GOOD, WANTED, NEEDED };

static enum need
need(const ivs_credentials *c, int64_t now)
{
    if (!c->has)
        return NEEDED;
    if (c->provider->fixed)
        return GOOD;
    if (c->refused || now >= c->needed_s)
        return NEEDED;
    return now >= c->wanted_s ? WANTED : GOOD;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Take over what was fetched. */
static void
keep(ivs_credentials *c, ivs_provided *found, int64_t now)
{
    int64_t life = found->expires_s - now;

    ivs_credentials_keys_free(&c->before);
    c->before = c->at_hand.keys;
    c->at_hand = *found;
    *found = (ivs_provided){0};
    c->has = true;
    c->refused = false;
    c->wanted_s = c->needed_s = IVS_NEVER;
    if (c->at_hand.expires_s == IVS_NEVER)
        return;
    c->wanted_s = c->at_hand.expires_s - least(WANTED_S, life / 2);
    c->needed_s = c->at_hand.expires_s - least(NEEDED_S, life / 3);
}

/* Waits go by a clock that never jumps. */
static bool
init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attr;
    bool ok;

    if (pthread_condattr_init(&attr) != 0)
        return false;
    ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
         pthread_cond_init(condition, &attr) == 0;
    (void)pthread_condattr_destroy(&attr);
    return ok;
}

ivs_status
ivs_credentials_new(ivs_source_context *context, ivs_provider *provider,
                    ivs_credentials **ret, ivs_error *err)
{
    ivs_credentials *c = calloc(1, sizeof *c);

    if (c == NULL || pthread_mutex_init(&c->mutex, NULL) != 0) {
        free(c);
        c = NULL;
    } else if (!init_condition(&c->done)) {
        (void)pthread_mutex_destroy(&c->mutex);
        free(c);
        c = NULL;
    }
    if (c == NULL) {
        ivs_provider_free(provider);
        ivs_source_context_free(context);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    }
    c->context = context;
    c->provider = provider;
    *ret = c;
    return IVS_OK;
}

void
ivs_credentials_seed(ivs_credentials *credentials, ivs_provided *first)
{
    keep(credentials, first, ivs_source_now(credentials->context));
}

/* Ask the source while others may look on. Called and left with the mutex
 * held. */
static void
fetch(ivs_credentials *c, const ivs_cancel *cancel)
{
    ivs_provided found = {0};
    ivs_error error = {0};
    ivs_status s;

    c->fetching = true;
    c->context->cancel = cancel != NULL ? *cancel : (ivs_cancel){0};
    (void)pthread_mutex_unlock(&c->mutex);
    s = ivs_provider_fetch(c->provider, c->context, &found, &error);
    (void)pthread_mutex_lock(&c->mutex);
    c->fetching = false;
    c->rounds++;
    c->last = s;
    if (s == IVS_OK) {
        keep(c, &found, ivs_source_now(c->context));
    } else if (s != IVS_E_CANCELLED) {
        c->last_error = error;
        c->wanted_s = ivs_source_now(c->context) + REST_S;
    }
    (void)pthread_cond_broadcast(&c->done);
}

/* Until the fetch of another thread has ended, or the call was cancelled. The
 * mutex is held. */
static void
await(ivs_credentials *c, const ivs_cancel *cancel)
{
    uint64_t round = c->rounds;

    while (c->rounds == round && !ivs_is_cancelled(cancel)) {
        struct timespec then;

        (void)clock_gettime(CLOCK_MONOTONIC, &then);
        then.tv_nsec += IVS_LOOK_MS * 1000000L;
        then.tv_sec += then.tv_nsec / 1000000000L;
        then.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&c->done, &c->mutex, &then);
    }
}

/* See to it that there are keys to hand out. The mutex is held. A thread whose
 * call is cancelled leaves the fetch to those that still wait for it. */
static ivs_status
make_good(ivs_credentials *c, const ivs_cancel *cancel, ivs_error *err)
{
    enum need now;

    do {
        now = need(c, ivs_source_now(c->context));
        if (now == GOOD || (now == WANTED && c->fetching))
            return IVS_OK;
        if (c->fetching)
            await(c, cancel);
        else
            fetch(c, cancel);
        if (now == NEEDED && ivs_is_cancelled(cancel))
            return ivs_fail_cancelled(err);
    } while (now == NEEDED && c->last == IVS_E_CANCELLED);
    if (c->last == IVS_OK || now == WANTED)
        return IVS_OK;
    if (err != NULL)
        *err = c->last_error;
    return c->last;
}

ivs_status
ivs_credentials_get(ivs_credentials *credentials, const ivs_cancel *cancel,
                    ivs_credentials_keys *ret, ivs_error *err)
{
    ivs_credentials *c = credentials;
    ivs_status s;

    (void)pthread_mutex_lock(&c->mutex);
    s = make_good(c, cancel, err);
    if (s == IVS_OK) {
        const ivs_credentials_keys *k = &c->at_hand.keys;
        const ivs_key_parts parts = {k->access_key_id.data,
                                     k->secret_access_key.data,
                                     k->session_token.data};

        s = ivs_key_parts_copy(&parts, ret, err);
    }
    (void)pthread_mutex_unlock(&c->mutex);
    return s;
}

void
ivs_credentials_expire(ivs_credentials *credentials,
                       const ivs_credentials_keys *keys)
{
    ivs_credentials *c = credentials;

    (void)pthread_mutex_lock(&c->mutex);
    if (c->has && ivs_keys_equal(&c->at_hand.keys, keys))
        c->refused = true;
    (void)pthread_mutex_unlock(&c->mutex);
}

bool
ivs_credentials_are_in(ivs_credentials *credentials, const char *text)
{
    ivs_credentials *c = credentials;
    bool found;

    (void)pthread_mutex_lock(&c->mutex);
    found = ivs_keys_are_in(&c->at_hand.keys, text) ||
            ivs_keys_are_in(&c->before, text);
    (void)pthread_mutex_unlock(&c->mutex);
    return found;
}

int64_t
ivs_credentials_expiry(ivs_credentials *credentials)
{
    int64_t expires_s;

    (void)pthread_mutex_lock(&credentials->mutex);
    expires_s = credentials->at_hand.expires_s;
    (void)pthread_mutex_unlock(&credentials->mutex);
    return expires_s;
}

const char *
ivs_credentials_source(const ivs_credentials *credentials)
{
    return credentials->provider->name;
}

void
ivs_credentials_free(ivs_credentials *credentials)
{
    if (credentials == NULL)
        return;
    ivs_credentials_keys_free(&credentials->at_hand.keys);
    ivs_credentials_keys_free(&credentials->before);
    ivs_provider_free(credentials->provider);
    ivs_source_context_free(credentials->context);
    (void)pthread_cond_destroy(&credentials->done);
    (void)pthread_mutex_destroy(&credentials->mutex);
    free(credentials);
}
