/* SPDX-License-Identifier: MIT */
/* libivs-token, through its public headers. */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ivs/key.h>
#include <ivs/token.h>

#include "peer.h"

static ivs_key *private, *public;

static bool
open_key(const peer_key *key)
{
    ivs_key_options opt;

    ivs_key_options_init(&opt, sizeof opt);
    if (strcmp(key->engine, "openssl") == 0)
        opt.engine = IVS_ENGINE_OPENSSL;
    else if (strcmp(key->engine, "gnutls") == 0)
        opt.engine = IVS_ENGINE_GNUTLS;
    return ivs_key_parse(key->private_pem, strlen(key->private_pem), &opt,
                         &private, NULL) == IVS_OK &&
           ivs_key_parse(key->public_pem, strlen(key->public_pem), &opt,
                         &public, NULL) == IVS_OK;
}

static char *
mint(void)
{
    static const char *const origins[] = {PEER_ORIGIN};
    char token[IVS_TOKEN_MAX];
    ivs_claims claims;

    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = PEER_CHANNEL;
    claims.viewer_id = PEER_VIEWER;
    claims.has_viewer_session_version = true;
    claims.viewer_session_version = PEER_VERSION;
    claims.origins = origins;
    claims.norigins = 1;
    claims.ttl_s = PEER_TTL;
    if (ivs_token_mint(private, &claims, time(NULL), token, sizeof token, NULL,
                       NULL) != IVS_OK)
        return NULL;
    return strdup(token);
}

static bool
verify(const char *token)
{
    const ivs_key *keys[] = {public};

    return ivs_token_verify(keys, 1, token, strlen(token), NULL, time(NULL),
                            NULL, NULL) == IVS_OK;
}

const peer peer_self = {open_key, mint, verify};
