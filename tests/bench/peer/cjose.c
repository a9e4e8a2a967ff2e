/* SPDX-License-Identifier: MIT */
/* cjose, on OpenSSL. It knows signatures, not claims: jansson makes and reads
 * them. */

#include <cjose/cjose.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peer.h"

static cjose_jwk_t *jwk;

static bool
open_key(const peer_key *key)
{
    jwk = cjose_jwk_import(key->private_jwk, strlen(key->private_jwk), NULL);
    return jwk != NULL;
}

static char *
claims_text(void)
{
    json_t *claims = json_pack(
        "{s:s, s:s, s:s, s:I, s:I}", "aws:channel-arn", PEER_CHANNEL,
        "aws:access-control-allow-origin", PEER_ORIGIN, "aws:viewer-id",
        PEER_VIEWER, "aws:viewer-session-version", (json_int_t)PEER_VERSION,
        "exp", (json_int_t)time(NULL) + PEER_TTL);
    char *text = json_dumps(claims, JSON_COMPACT);

    json_decref(claims);
    return text;
}

static char *
mint(void)
{
    cjose_header_t *header = cjose_header_new(NULL);
    char *claims = claims_text(), *copy = NULL;
    const char *text = NULL;
    cjose_jws_t *jws = NULL;

    if (header != NULL && claims != NULL &&
        cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES384, NULL))
        jws = cjose_jws_sign(jwk, header, (const uint8_t *)claims,
                             strlen(claims), NULL);
    if (jws != NULL && cjose_jws_export(jws, &text, NULL))
        copy = strdup(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    free(claims);
    return copy;
}

static bool
is_current(cjose_jws_t *jws)
{
    uint8_t *text = NULL;
    size_t len = 0;
    json_t *claims;
    bool good;

    if (!cjose_jws_get_plaintext(jws, &text, &len, NULL))
        return false;
    claims = json_loadb((const char *)text, len, 0, NULL);
    good = json_integer_value(json_object_get(claims, "exp")) > time(NULL);
    json_decref(claims);
    return good;
}

static bool
verify(const char *token)
{
    cjose_jws_t *jws = cjose_jws_import(token, strlen(token), NULL);
    const char *alg;
    bool good;

    if (jws == NULL)
        return false;
    alg = cjose_header_get(cjose_jws_get_protected(jws), CJOSE_HDR_ALG, NULL);
    good = alg != NULL && strcmp(alg, "ES384") == 0 &&
           cjose_jws_verify(jws, jwk, NULL) && is_current(jws);
    cjose_jws_release(jws);
    return good;
}

const peer peer_self = {open_key, mint, verify};
