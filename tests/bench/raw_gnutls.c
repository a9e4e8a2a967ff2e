/* SPDX-License-Identifier: MIT */
/* GnuTLS by itself. Signatures are reproducible, as those of our engine are,
 * and with a random nonce for comparison. */

#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

struct state {
    gnutls_privkey_t private;
    gnutls_pubkey_t public;
    gnutls_datum_t der;
};

static int
sign(struct state *st, const uint8_t *digest, unsigned flags,
     gnutls_datum_t *ret)
{
    uint8_t copy[IVS_ES384_DIGEST_BYTES];
    gnutls_datum_t hash = {copy, sizeof copy};

    memcpy(copy, digest, sizeof copy);
    return gnutls_privkey_sign_hash2(st->private, GNUTLS_SIGN_ECDSA_SHA384,
                                     flags, &hash, ret);
}

static void
raw_close(void *state)
{
    struct state *st = state;

    gnutls_privkey_deinit(st->private);
    gnutls_pubkey_deinit(st->public);
    gnutls_free(st->der.data);
    free(st);
}

static void *
raw_open(const uint8_t point[IVS_P384_POINT_BYTES],
         const uint8_t d[IVS_P384_BYTES],
         const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    struct state *st = calloc(1, sizeof *st);
    uint8_t numbers[3][IVS_P384_BYTES];
    gnutls_datum_t x = {numbers[0], IVS_P384_BYTES};
    gnutls_datum_t y = {numbers[1], IVS_P384_BYTES};
    gnutls_datum_t k = {numbers[2], IVS_P384_BYTES};

    if (st == NULL)
        return NULL;
    memcpy(numbers, point + 1, 2 * IVS_P384_BYTES);
    memcpy(numbers[2], d, IVS_P384_BYTES);
    if (gnutls_privkey_init(&st->private) >= 0 &&
        gnutls_pubkey_init(&st->public) >= 0 &&
        gnutls_privkey_import_ecc_raw(st->private, GNUTLS_ECC_CURVE_SECP384R1,
                                      &x, &y, &k) >= 0 &&
        gnutls_pubkey_import_ecc_raw(st->public, GNUTLS_ECC_CURVE_SECP384R1, &x,
                                     &y) >= 0 &&
        sign(st, digest, 0, &st->der) >= 0)
        return st;
    raw_close(st);
    return NULL;
}

static bool
raw_sign(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    gnutls_datum_t der = {0};
    bool ok = sign(state, digest, GNUTLS_PRIVKEY_FLAG_REPRODUCIBLE, &der) >= 0;

    gnutls_free(der.data);
    return ok;
}

static bool
raw_sign_random(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    gnutls_datum_t der = {0};
    bool ok = sign(state, digest, 0, &der) >= 0;

    gnutls_free(der.data);
    return ok;
}

static bool
raw_verify(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES])
{
    struct state *st = state;
    uint8_t copy[IVS_ES384_DIGEST_BYTES];
    gnutls_datum_t hash = {copy, sizeof copy};

    memcpy(copy, digest, sizeof copy);
    return gnutls_pubkey_verify_hash2(st->public, GNUTLS_SIGN_ECDSA_SHA384, 0,
                                      &hash, &st->der) >= 0;
}

const bench_raw bench_raw_gnutls = {
    .open = raw_open,
    .sign = raw_sign,
    .sign_random = raw_sign_random,
    .verify = raw_verify,
    .close = raw_close,
};
