/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_ECDSA_H
#define IVS_TOKEN_ECDSA_H

/*
 * The ECDSA engine: P-384 over a SHA-384 digest, signatures as r || s. A state
 * is immutable once made and shared by threads. Keys are parsed and checked by
 * key.c before they come here; each engine has its own constructor, because
 * later ones (PKCS#11, AWS KMS) have no numbers to hand over.
 */

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include <ivs/error.h>

#define IVS_P384_BYTES            48
#define IVS_P384_POINT_BYTES      97 /* 0x04 || x || y */
#define IVS_ES384_DIGEST_BYTES    48
#define IVS_ES384_SIGNATURE_BYTES 96

typedef struct ivs_ecdsa_engine {
    const char *name;
    /* Only called for a state made with a private half. */
    ivs_status (*sign)(const void *state,
                       const uint8_t digest[IVS_ES384_DIGEST_BYTES],
                       uint8_t ret[IVS_ES384_SIGNATURE_BYTES], ivs_error *err);
    /* IVS_OK with *ret_good told, or IVS_E_CRYPTO: nothing is known. The caller
     * has checked 1 <= r,s < n. */
    ivs_status (*verify)(const void *state,
                         const uint8_t digest[IVS_ES384_DIGEST_BYTES],
                         const uint8_t signature[IVS_ES384_SIGNATURE_BYTES],
                         bool *ret_good, ivs_error *err);
    void (*free)(void *state);
} ivs_ecdsa_engine;

typedef struct ivs_ecdsa {
    const ivs_ecdsa_engine *engine;
    void *state;
} ivs_ecdsa;

/* Takes its own reference to pkey. */
ivs_status ivs_ecdsa_openssl_new(EVP_PKEY *pkey, ivs_ecdsa *ret,
                                 ivs_error *err);
/* point is uncompressed; d is NULL for a public key. */
ivs_status ivs_ecdsa_gnutls_new(const uint8_t point[IVS_P384_POINT_BYTES],
                                const uint8_t *d, ivs_ecdsa *ret,
                                ivs_error *err);
void ivs_ecdsa_free(ivs_ecdsa *ecdsa);

/*
 * A good signature must be found good and a false one bad: a library whose
 * system policy forbids the curve may call every signature bad. The good one is
 * made by the key; for a public key it is r = s = x of its point over the
 * digest 0, which holds for any key, since then u1 = 0, u2 = 1 and R is the
 * point.
 */
ivs_status ivs_ecdsa_self_test(const ivs_ecdsa *ecdsa,
                               const uint8_t point[IVS_P384_POINT_BYTES],
                               bool can_sign, ivs_error *err);

/* 1 <= r,s < n of a signature (FIPS 186-5 section 6.4.2). */
bool ivs_es384_in_range(const uint8_t signature[IVS_ES384_SIGNATURE_BYTES]);

#endif
