/* SPDX-License-Identifier: MIT */
/* The service's key pairs, for the commands about them. */

#include "pairs.h"

#include <string.h>

int
pairs_list(struct cli *c, ivs_client *client, ivs_playback_keys **ret)
{
    ivs_error err = {0};

    if (ivs_playback_keys_list(client, true, ret, &err) != IVS_OK)
        return fail_error(c, &err);
    for (size_t i = 0; i < ivs_playback_keys_count(*ret); i++) {
        const ivs_playback_key *pair = ivs_playback_keys_at(*ret, i);

        if (ivs_playback_key_problem(pair)[0] != '\0')
            notice(c, "no fingerprint of %s: %s", ivs_playback_key_arn(pair),
                   ivs_playback_key_problem(pair));
    }
    return CLI_OK;
}

int
pairs_open(struct cli *c, const char *text, ivs_client **ret)
{
    ivs_error err = {0};
    ivs_arn arn;

    if (ivs_arn_parse(text, strlen(text), &arn, &err) != IVS_OK)
        return fail_error(c, &err);
    return service_open(c, &arn, ret);
}
