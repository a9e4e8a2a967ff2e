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
    uint64_t key[2]; /* seed, state */
    struct sequence *first;
};

emu_random *
emu_random_new(uint64_t seed, uint64_t state)
{
    emu_random *random = calloc(1, sizeof *random);

    if (random == NULL)
        return NULL;
    (void)pthread_mutex_init(&random->lock, NULL);
    random->key[0] = seed;
    random->key[1] = state;
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
           ivs_hmac_sha256(random->key, sizeof random->key, text, (size_t)n,
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

bool
emu_random_id(emu_random *random, const emu_scope *scope, char *ret, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t n = 0;

    while (n < len) {
        unsigned char bytes[64];

        if (!emu_random_fill(random, scope, bytes, sizeof bytes))
            return false;
        /* 248 = 4 * 62: no letter is likelier than another. */
        for (size_t i = 0; i < sizeof bytes && n < len; i++)
            if (bytes[i] < 248)
                ret[n++] = letters[bytes[i] % 62];
    }
    ret[len] = '\0';
    return true;
}

bool
emu_random_hex(emu_random *random, const emu_scope *scope, char *ret,
               size_t len)
{
    uint8_t bytes[EMU_RANDOM_HEX_MAX];

    if (len > sizeof bytes || !emu_random_fill(random, scope, bytes, len))
        return false;
    ivs_hex(bytes, len, ret);
    return true;
}

bool
emu_random_uuid(emu_random *random, const emu_scope *scope, char ret[37])
{
    uint8_t b[16];

    if (!emu_random_fill(random, scope, b, sizeof b))
        return false;
    ivs_uuid4_format(b, ret);
    return true;
}
