/* SPDX-License-Identifier: MIT */
/* doctor: the key pairs of the account, and whether a key is one of them. */

#include <string.h>

#include "doctor.h"

/* A pair whose fingerprint is not known may have any of the keys. */
static const ivs_playback_key *
unknown_pair(const struct doctor *d)
{
    size_t n = ivs_playback_keys_count(d->pairs);

    for (size_t i = 0; i < n; i++) {
        const ivs_playback_key *pair = ivs_playback_keys_at(d->pairs, i);

        if (ivs_playback_key_fingerprint(pair)[0] == '\0')
            return pair;
    }
    return NULL;
}

static void
say_missing(struct doctor *d, const struct doctor_key *k)
{
    size_t n = ivs_playback_keys_count(d->pairs);
    const ivs_playback_key *unknown = unknown_pair(d);
    char unasked[80] = "";

    if (d->unasked > 0)
        (void)snprintf(unasked, sizeof unasked,
                       "; %zu other region%s could not be asked", d->unasked,
                       plural(d->unasked));
    if (unknown != NULL)
        doctor_skip(d, CHECK_IMPORTED, "no fingerprint of %s: %s",
                    ivs_playback_key_arn(unknown),
                    ivs_playback_key_problem(unknown));
    else if (n >= IVS_PLAYBACK_KEYS_MAX)
        doctor_found_key(
            d, k, "key_no_room",
            "the key of %s is not imported in %s, which has %zu of %d key "
            "pairs already; key pairs are not tied to a channel or stream: "
            "mint with one that is imported, or delete one whose tokens "
            "nobody needs, for they end at once",
            k->path, d->region, n, IVS_PLAYBACK_KEYS_MAX);
    else if (k->elsewhere != NULL)
        doctor_found_key(d, k, "key_other_region",
                         "the key of %s is imported in %s, but keys count in "
                         "their own region, and this is %s",
                         k->path, k->elsewhere, d->region);
    else
        doctor_found_key(
            d, k, "key_not_imported",
            "the key of %s is not among the key pairs in %s (%zu of "
            "%d): it was never imported with these credentials, "
            "or was deleted%s",
            k->path, d->region, n, IVS_PLAYBACK_KEYS_MAX, unasked);
}

static void
check_imported(struct doctor *d, const struct doctor_key *k)
{
    const ivs_playback_key *pair;
    ivs_arn arn = {0};

    if (k->key == NULL || (d->signer != NULL && d->signer != k))
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
        doctor_skip(d, CHECK_KEY_PAIRS, "%s",
                    d->pairs_error.code != IVS_OK
                        ? d->pairs_error.message
                        : "the service could not be asked");
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
    if (unknown_pair(d) == NULL && n < IVS_PLAYBACK_KEYS_MAX)
        doctor_search_regions(d);
    for (size_t i = 0; i < d->nkeys; i++)
        check_imported(d, &d->keys[i]);
}
