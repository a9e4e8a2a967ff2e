/* SPDX-License-Identifier: MIT */
/* doctor: the regions that have IVS, and which of them has a key. */

#include <string.h>
#include <time.h>

#include "doctor.h"

/* For all regions together, and for one answer. */
#define SEARCH_MS 15000
#define ANSWER_MS 5000

static const char *const regions[] = {
    "us-east-1",      "us-west-2",    "ap-south-1", "ap-northeast-1",
    "ap-northeast-2", "eu-central-1", "eu-west-1",
};

#define NREGIONS (sizeof regions / sizeof regions[0])

bool
doctor_knows_region(const char *region)
{
    for (size_t i = 0; i < NREGIONS; i++)
        if (strcmp(regions[i], region) == 0)
            return true;
    return false;
}

static int64_t
now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A key that is neither here nor found elsewhere yet. */
static bool
is_sought(const struct doctor *d, const struct doctor_key *k)
{
    return k->key != NULL && k->elsewhere == NULL &&
           (d->signer == NULL || d->signer == k) &&
           ivs_playback_keys_find(d->pairs, k->fingerprint) == NULL;
}

static bool
any_sought(const struct doctor *d)
{
    for (size_t i = 0; i < d->nkeys; i++)
        if (is_sought(d, &d->keys[i]))
            return true;
    return false;
}

static ivs_status
search(struct doctor *d, const char *region)
{
    ivs_playback_keys *pairs = NULL;
    ivs_client *client = NULL;
    ivs_status s = service_open_at(d->c, region, NULL, &client, NULL);

    if (s != IVS_OK)
        return s;
    s = ivs_playback_keys_list(client, true, &pairs, NULL);
    for (size_t i = 0; s == IVS_OK && i < d->nkeys; i++)
        if (is_sought(d, &d->keys[i]) &&
            ivs_playback_keys_find(pairs, d->keys[i].fingerprint) != NULL)
            d->keys[i].elsewhere = region;
    ivs_playback_keys_free(pairs);
    service_close(client);
    return s;
}

void
doctor_search_regions(struct doctor *d)
{
    int attempts = d->c->max_attempts;
    int64_t end = now_ms() + SEARCH_MS;
    bool reachable = true;

    d->c->max_attempts = 1;
    for (size_t i = 0; any_sought(d) && i < NREGIONS; i++) {
        int64_t left = end - now_ms();
        ivs_status s;

        if (strcmp(regions[i], d->region) == 0)
            continue;
        if (left <= 0 || !reachable || signals_got() != 0) {
            d->unasked++;
            continue;
        }
        d->c->total_timeout_ms = left < ANSWER_MS ? left : ANSWER_MS;
        s = search(d, regions[i]);
        d->unasked += s != IVS_OK;
        /* What keeps one region from answering is not in the region. */
        reachable = s != IVS_E_NETWORK;
    }
    d->c->max_attempts = attempts;
    d->c->total_timeout_ms = 0;
}
