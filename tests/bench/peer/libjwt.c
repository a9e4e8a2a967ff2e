/* SPDX-License-Identifier: MIT */
/* libjwt 1.10.2, for either of its builds. It takes the key as PEM with every
 * call. */

#include <jwt.h>
#include <string.h>
#include <time.h>

#include "peer.h"

/* libjwt's parameters lack a const. */
static unsigned char *private_pem, *public_pem;
static int private_len, public_len;

static bool
open_key(const peer_key *key)
{
    private_pem = (unsigned char *)strdup(key->private_pem);
    public_pem = (unsigned char *)strdup(key->public_pem);
    if (private_pem == NULL || public_pem == NULL)
        return false;
    private_len = (int)strlen(key->private_pem);
    public_len = (int)strlen(key->public_pem);
    return true;
}

static char *
mint(void)
{
    jwt_t *jwt = NULL;
    char *text = NULL;

    if (jwt_new(&jwt) == 0 &&
        jwt_add_grant(jwt, "aws:channel-arn", PEER_CHANNEL) == 0 &&
        jwt_add_grant(jwt, "aws:access-control-allow-origin", PEER_ORIGIN) ==
            0 &&
        jwt_add_grant(jwt, "aws:viewer-id", PEER_VIEWER) == 0 &&
        jwt_add_grant_int(jwt, "aws:viewer-session-version", PEER_VERSION) ==
            0 &&
        jwt_add_grant_int(jwt, "exp", time(NULL) + PEER_TTL) == 0 &&
        jwt_set_alg(jwt, JWT_ALG_ES384, private_pem, private_len) == 0)
        text = jwt_encode_str(jwt);
    jwt_free(jwt);
    return text;
}

/* This version has no rules of its own for exp. */
static bool
verify(const char *token)
{
    jwt_t *jwt = NULL;
    bool good;

    good = jwt_decode(&jwt, token, public_pem, public_len) == 0 &&
           jwt_get_alg(jwt) == JWT_ALG_ES384 &&
           jwt_get_grant_int(jwt, "exp") > time(NULL);
    jwt_free(jwt);
    return good;
}

const peer peer_self = {open_key, mint, verify};
