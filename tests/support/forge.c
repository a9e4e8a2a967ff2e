/* SPDX-License-Identifier: MIT */
/* Hostile tokens with good signatures. */

#include "support/forge.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64url.h"
#include "base/digest.h"
#include "token/key.h"

#define RFC6979_POINT                                                          \
    "\"x\":\"7DpOQVtOGaRWhhgCn0J_pdqai8SukuAuBqrlKGswDGTe-PDqkFWGYGSiVFFUgLwT" \
    "\",\"y\":"                                                                \
    "\"gBXZty19VyROqO-awMYhiWcIpZNn-d-59UyoSz8cnbEoiyMcOuDU_nNE_SUzJkcg\""

static ivs_key *
key_from(const char *jwk, ivs_engine engine)
{
    ivs_key_options opt;
    ivs_key *key = NULL;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = engine;
    if (ivs_key_parse(jwk, strlen(jwk), &opt, &key, NULL) != IVS_OK)
        abort();
    return key;
}

ivs_key *
forge_key(ivs_engine engine)
{
    return key_from(
        "{\"kty\":\"EC\",\"crv\":\"P-384\"," RFC6979_POINT ",\"d\":"
        "\"a509rS4bjBwFsZh1tmWfTeI8O2Z78pe6mqR3QHhxN9iW1XJOTHCoJfhyyepg0u31\"}",
        engine);
}

ivs_key *
forge_public_key(ivs_engine engine)
{
    return key_from("{\"kty\":\"EC\",\"crv\":\"P-384\"," RFC6979_POINT "}",
                    engine);
}

char *
forge_join(const void *header, size_t header_len, const void *payload,
           size_t payload_len, const void *signature, size_t signature_len)
{
    size_t h = IVS_B64URL_LEN(header_len), p = IVS_B64URL_LEN(payload_len);
    size_t s = IVS_B64URL_LEN(signature_len);
    char *token = malloc(h + p + s + 3);

    if (token == NULL)
        abort();
    ivs_b64url_encode(header, header_len, token);
    token[h] = '.';
    ivs_b64url_encode(payload, payload_len, token + h + 1);
    token[h + 1 + p] = '.';
    ivs_b64url_encode(signature, signature_len, token + h + p + 2);
    token[h + p + s + 2] = '\0';
    return token;
}

char *
forge_over(const ivs_key *key, const char *input)
{
    uint8_t digest[IVS_ES384_DIGEST_BYTES];
    uint8_t signature[IVS_ES384_SIGNATURE_BYTES];
    size_t len = strlen(input);
    char *token = malloc(len + 1 + IVS_B64URL_LEN(sizeof signature) + 1);

    if (token == NULL || !ivs_sha384(input, len, digest) ||
        ivs_key_sign_digest(key, digest, signature, NULL) != IVS_OK)
        abort();
    memcpy(token, input, len);
    token[len] = '.';
    ivs_b64url_encode(signature, sizeof signature, token + len + 1);
    token[len + 1 + IVS_B64URL_LEN(sizeof signature)] = '\0';
    return token;
}

char *
forge_bytes(const ivs_key *key, const void *header, size_t header_len,
            const void *payload, size_t payload_len)
{
    char *input = forge_join(header, header_len, payload, payload_len, "", 0);
    char *token;

    input[strlen(input) - 1] = '\0'; /* the last dot */
    token = forge_over(key, input);
    free(input);
    return token;
}

char *
forge_token(const ivs_key *key, const char *header, const char *payload)
{
    return forge_bytes(key, header, strlen(header), payload, strlen(payload));
}
