/* SPDX-License-Identifier: MIT */
/* Links libivs-token alone: mints a token and verifies it. */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <ivs/ivs.h>

int
main(void)
{
    const char *channel = "arn:aws:ivs:us-west-2:000000000000:channel/abcdefgh";
    char token[IVS_TOKEN_MAX];
    const ivs_key *keys[1];
    ivs_verified *verified = NULL;
    ivs_key *key = NULL;
    int64_t now_s = (int64_t)time(NULL);
    int failed = 1;
    ivs_claims claims;
    ivs_error err;
    size_t len;

    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = channel;
    claims.viewer_id = "viewer-1";
    claims.ttl_s = 60;
    if (ivs_key_generate(NULL, &key, &err) != IVS_OK)
        goto out;
    keys[0] = key;
    if (ivs_token_mint(key, &claims, now_s, token, sizeof token, &len, &err) !=
            IVS_OK ||
        ivs_token_verify(keys, 1, token, len, NULL, now_s, &verified, &err) !=
            IVS_OK)
        goto out;
    failed = strcmp(ivs_verified_claims(verified)->channel_arn, channel) != 0;
    (void)printf("%s %s\n", IVS_VERSION, ivs_key_engine(key));
out:
    if (failed)
        (void)fprintf(stderr, "%s\n", err.message);
    ivs_verified_free(verified);
    ivs_key_free(key);
    return failed;
}
