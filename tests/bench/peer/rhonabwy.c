/* SPDX-License-Identifier: MIT */
/* rhonabwy, on GnuTLS. */

#include <rhonabwy.h>
#include <string.h>

#include "peer.h"

static jwk_t *private, *public;

static bool
import(jwk_t **ret, int type, const char *pem)
{
    return r_jwk_init(ret) == RHN_OK &&
           r_jwk_import_from_pem_der(*ret, type, R_FORMAT_PEM,
                                     (const unsigned char *)pem,
                                     strlen(pem)) == RHN_OK;
}

static bool
open_key(const peer_key *key)
{
    return r_global_init() == RHN_OK &&
           import(&private, R_X509_TYPE_PRIVKEY, key->private_pem) &&
           import(&public, R_X509_TYPE_PUBKEY, key->public_pem);
}

static bool
fill(jwt_t *jwt)
{
    return r_jwt_set_sign_alg(jwt, R_JWA_ALG_ES384) == RHN_OK &&
           r_jwt_set_claim_str_value(jwt, "aws:channel-arn", PEER_CHANNEL) ==
               RHN_OK &&
           r_jwt_set_claim_str_value(jwt, "aws:access-control-allow-origin",
                                     PEER_ORIGIN) == RHN_OK &&
           r_jwt_set_claim_str_value(jwt, "aws:viewer-id", PEER_VIEWER) ==
               RHN_OK &&
           r_jwt_set_claim_int_value(jwt, "aws:viewer-session-version",
                                     PEER_VERSION) == RHN_OK &&
           r_jwt_set_claim_int_value(jwt, "exp", time(NULL) + PEER_TTL) ==
               RHN_OK;
}

static char *
mint(void)
{
    char *text = NULL, *copy = NULL;
    jwt_t *jwt = NULL;

    if (r_jwt_init(&jwt) == RHN_OK && fill(jwt))
        text = r_jwt_serialize_signed(jwt, private, 0);
    if (text != NULL)
        copy = strdup(text);
    r_free(text);
    r_jwt_free(jwt);
    return copy;
}

static bool
verify(const char *token)
{
    jwt_t *jwt = NULL;
    bool good;

    good = r_jwt_init(&jwt) == RHN_OK && r_jwt_parse(jwt, token, 0) == RHN_OK &&
           r_jwt_get_sign_alg(jwt) == R_JWA_ALG_ES384 &&
           r_jwt_verify_signature(jwt, public, 0) == RHN_OK &&
           r_jwt_validate_claims(jwt, R_JWT_CLAIM_EXP, R_JWT_CLAIM_NOW,
                                 R_JWT_CLAIM_NOP) == RHN_OK;
    r_jwt_free(jwt);
    return good;
}

const peer peer_self = {open_key, mint, verify};
