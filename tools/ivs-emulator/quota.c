/* SPDX-License-Identifier: MIT */
/* One bucket for each caller and operation. */

#include "quota.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/ratelimit.h"

/* More of them at once than this share nothing; the longest idle one is
 * forgotten. */
#define BUCKETS_MAX 1024

struct bucket {
    emu_quota_key key;
    ivs_ratelimit limit;
};

struct emu_quota {
    pthread_mutex_t lock;
    size_t n;
    struct bucket buckets[BUCKETS_MAX];
};

emu_quota *
emu_quota_new(void)
{
    emu_quota *quota = calloc(1, sizeof *quota);

    if (quota != NULL && pthread_mutex_init(&quota->lock, NULL) != 0) {
        free(quota);
        return NULL;
    }
    return quota;
}

void
emu_quota_free(emu_quota *quota)
{
    if (quota == NULL)
        return;
    (void)pthread_mutex_destroy(&quota->lock);
    free(quota);
}

static struct bucket *
find(emu_quota *quota, const emu_quota_key *key)
{
    for (size_t i = 0; i < quota->n; i++) {
        const emu_quota_key *k = &quota->buckets[i].key;

        if (k->channel == key->channel &&
            strcmp(k->operation, key->operation) == 0 &&
            strcmp(k->scope.account, key->scope.account) == 0 &&
            strcmp(k->scope.region, key->scope.region) == 0)
            return &quota->buckets[i];
    }
    return NULL;
}

static struct bucket *
vacant(emu_quota *quota)
{
    struct bucket *oldest = &quota->buckets[0];

    if (quota->n < BUCKETS_MAX)
        return &quota->buckets[quota->n++];
    for (size_t i = 1; i < BUCKETS_MAX; i++)
        if (quota->buckets[i].limit.last_ms < oldest->limit.last_ms)
            oldest = &quota->buckets[i];
    return oldest;
}

bool
emu_quota_take(emu_quota *quota, const emu_quota_key *key, int per_second,
               int64_t now_ms)
{
    struct bucket *b;
    bool taken;

    (void)pthread_mutex_lock(&quota->lock);
    b = find(quota, key);
    if (b == NULL) {
        b = vacant(quota);
        b->key = *key;
        ivs_ratelimit_init(&b->limit, per_second, per_second, now_ms);
    }
    taken = ivs_ratelimit_take(&b->limit, now_ms);
    (void)pthread_mutex_unlock(&quota->lock);
    return taken;
}

void
emu_quota_reset(emu_quota *quota)
{
    (void)pthread_mutex_lock(&quota->lock);
    quota->n = 0;
    (void)pthread_mutex_unlock(&quota->lock);
}
