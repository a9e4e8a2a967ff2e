/* SPDX-License-Identifier: MIT */
/* OpenSSL by itself: EVP_PKEY_sign() and EVP_PKEY_verify() on contexts that are
 * made once. */

#include <openssl/evp.h>
#include <stdlib.h>

#include "raw.h"
#include "token/key_object.h"

struct state {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *sign;
    EVP_PKEY_CTX *verify;
    uint8_t der[128];
    size_t der_len;
};

static void
raw_close(void *state)
{
    struct state *st = state;

    EVP_PKEY_CTX_free(st->sign);
    EVP_PKEY_CTX_free(st->verify);
    EVP_PKEY_free(st->pkey);
    free(st);
}

static void *
raw_open(const uint8_t point[IVS_P384_POINT_BYTES],
         const uint8_t d[IVS_P384_BYTES],
         const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    struct state *st = calloc(1, sizeof *st);

    if (st == NULL)
        return NULL;
    st->der_len = sizeof st->der;
    st->pkey = ivs_key_pkey_of_numbers(point, d);
    if (st->pkey != NULL) {
        st->sign = EVP_PKEY_CTX_new_from_pkey(NULL, st->pkey, NULL);
        st->verify = EVP_PKEY_CTX_new_from_pkey(NULL, st->pkey, NULL);
    }
    if (st->sign != NULL && st->verify != NULL &&
        EVP_PKEY_sign_init(st->sign) == 1 &&
        EVP_PKEY_verify_init(st->verify) == 1 &&
        EVP_PKEY_sign(st->sign, st->der, &st->der_len, digest,
                      IVS_ES384_DIGEST_BYTES) == 1)
        return st;
    raw_close(st);
    return NULL;
}

static bool
raw_sign(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    struct state *st = state;
    uint8_t der[128];
    size_t len = sizeof der;

    return EVP_PKEY_sign(st->sign, der, &len, digest, IVS_ES384_DIGEST_BYTES) ==
           1;
}

static bool
raw_verify(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    struct state *st = state;

    return EVP_PKEY_verify(st->verify, st->der, st->der_len, digest,
                           IVS_ES384_DIGEST_BYTES) == 1;
}

const bench_raw bench_raw_openssl = {
    .open = raw_open,
    .sign = raw_sign,
    .verify = raw_verify,
    .close = raw_close,
};
