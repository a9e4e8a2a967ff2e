/* SPDX-License-Identifier: MIT */
/* doctor: the key pairs of the account, and whether a key is one of them. */

#include <string.h>

#include "doctor.h"

const char *const doctor_regions[] = {
    "us-east-1",      "us-west-2",    "ap-south-1", "ap-northeast-1",
    "ap-northeast-2", "eu-central-1", "eu-west-1",  NULL,
};

/* The region that has the key pair, NULL for none that can be seen. */
static const char *
other_region(struct doctor *d, const char *fingerprint)
{
    const char *found = NULL;
    int attempts = d->c->max_attempts;

    d->c->max_attempts = 1;
    for (size_t i = 0; found == NULL && doctor_regions[i] != NULL; i++) {
        ivs_playback_keys *pairs = NULL;
        ivs_client *client = NULL;

        if (strcmp(doctor_regions[i], d->region) == 0 || signals_got() != 0 ||
            service_open_at(d->c, doctor_regions[i], &client, NULL) != IVS_OK)
            continue;
        if (ivs_playback_keys_list(client, true, &pairs, NULL) == IVS_OK &&
            ivs_playback_keys_find(pairs, fingerprint) != NULL)
            found = doctor_regions[i];
        ivs_playback_keys_free(pairs);
        service_close(client);
    }
    d->c->max_attempts = attempts;
    return found;
}

static void
say_missing(struct doctor *d, const struct doctor_key *k)
{
    size_t n = ivs_playback_keys_count(d->pairs);
    const char *region;

    for (size_t i = 0; i < n; i++) {
        const ivs_playback_key *pair = ivs_playback_keys_at(d->pairs, i);

        if (ivs_playback_key_fingerprint(pair)[0] == '\0') {
            doctor_skip(d, CHECK_IMPORTED, "no fingerprint of %s: %s",
                        ivs_playback_key_arn(pair),
                        ivs_playback_key_problem(pair));
            return;
        }
    }
    region = other_region(d, k->fingerprint);
    if (region != NULL)
        doctor_found(d, "key_other_region",
                     "the key of %s is imported in %s, but keys count in their "
                     "own region, and this is %s",
                     k->path, region, d->region);
    else if (n >= IVS_PLAYBACK_KEYS_MAX)
        doctor_found(d, "key_no_room",
                     "the key of %s is not imported in %s, which has %zu of %d "
                     "key pairs already; key pairs are not tied to a channel "
                     "or stream",
                     k->path, d->region, n, IVS_PLAYBACK_KEYS_MAX);
    else
        doctor_found(d, "key_not_imported",
                     "the key of %s is none of the %zu key pairs in %s: it was "
                     "never imported with these credentials, or was deleted",
                     k->path, n, d->region);
}

static void
check_imported(struct doctor *d, const struct doctor_key *k)
{
    const ivs_playback_key *pair;
    ivs_arn arn = {0};

    if (k->key == NULL)
        return;
    pair = ivs_playback_keys_find(d->pairs, k->fingerprint);
    if (pair == NULL) {
        say_missing(d, k);
        return;
    }
    (void)!ivs_arn_parse(ivs_playback_key_arn(pair),
                         strlen(ivs_playback_key_arn(pair)), &arn, NULL);
    doctor_ok(d, CHECK_IMPORTED,
              "%s is %s, for every private channel of account %s in %s",
              k->path, ivs_playback_key_arn(pair), arn.account, d->region);
}

void
doctor_check_pairs(struct doctor *d)
{
    size_t n;

    if (d->pairs == NULL) {
        doctor_skip(d, CHECK_KEY_PAIRS, "%s", "the service did not list them");
        doctor_skip(d, CHECK_IMPORTED, "the key pairs are not known");
        return;
    }
    n = ivs_playback_keys_count(d->pairs);
    doctor_ok(d, CHECK_KEY_PAIRS, "%zu of %d in %s", n, IVS_PLAYBACK_KEYS_MAX,
              d->region);
    if (n >= IVS_PLAYBACK_KEYS_MAX)
        doctor_found(d, "key_pairs_full",
                     "%zu of %d key pairs are in use: no other can be imported "
                     "in %s",
                     n, IVS_PLAYBACK_KEYS_MAX, d->region);
    doctor_skip(d, CHECK_IMPORTED, "no key was given that could tell");
    if (d->signer != NULL)
        check_imported(d, d->signer);
    for (size_t i = 0; d->signer == NULL && i < d->nkeys; i++)
        check_imported(d, &d->keys[i]);
}
