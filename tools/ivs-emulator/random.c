/* SPDX-License-Identifier: MIT */
/* A counter for each scope, and a MAC over it: calls of one account do not move
 * what another gets. */

#include "random.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

struct sequence {
    struct sequence *next;
    emu_scope scope;
    uint64_t count;
};

struct emu_random {
    pthread_mutex_t lock;
    uint64_t seed;
    struct sequence *first;
};

emu_random *
emu_random_new(uint64_t seed)
{
    emu_random *random = calloc(1, sizeof *random);

    if (random == NULL)
        return NULL;
    (void)pthread_mutex_init(&random->lock, NULL);
    random->seed = seed;
    return random;
}

static void
forget(emu_random *random)
{
    while (random->first != NULL) {
        struct sequence *next = random->first->next;

        free(random->first);
        random->first = next;
    }
}

void
emu_random_free(emu_random *random)
{
    if (random == NULL)
        return;
    forget(random);
    (void)pthread_mutex_destroy(&random->lock);
    free(random);
}

void
emu_random_restart(emu_random *random)
{
    if (random == NULL)
        return;
    (void)pthread_mutex_lock(&random->lock);
    forget(random);
    (void)pthread_mutex_unlock(&random->lock);
}

/* NULL: out of memory. */
static struct sequence *
find(emu_random *random, const emu_scope *scope)
{
    struct sequence *s = random->first;

    while (s != NULL && (strcmp(s->scope.account, scope->account) != 0 ||
                         strcmp(s->scope.region, scope->region) != 0))
        s = s->next;
    if (s != NULL || (s = calloc(1, sizeof *s)) == NULL)
        return s;
    s->scope = *scope;
    s->next = random->first;
    random->first = s;
    return s;
}

static bool
next_block(const emu_random *random, struct sequence *s,
           uint8_t ret[IVS_SHA256_SIZE])
{
    char text[128];
    int n = snprintf(text, sizeof text, "%s/%s/%llu", s->scope.account,
                     s->scope.region, (unsigned long long)s->count++);

    return n > 0 && (size_t)n < sizeof text &&
           ivs_hmac_sha256(&random->seed, sizeof random->seed, text, (size_t)n,
                           ret);
}

bool
emu_random_fill(emu_random *random, const emu_scope *scope, void *ret,
                size_t len)
{
    uint8_t block[IVS_SHA256_SIZE], *at = ret;
    struct sequence *s;
    bool filled;

    if (random == NULL)
        return ivs_random(ret, len);
    (void)pthread_mutex_lock(&random->lock);
    s = find(random, scope);
    filled = s != NULL;
    while (filled && len > 0) {
        size_t n = len < sizeof block ? len : sizeof block;

        filled = next_block(random, s, block);
        memcpy(at, block, n);
        at += n;
        len -= n;
    }
    (void)pthread_mutex_unlock(&random->lock);
    return filled;
}
