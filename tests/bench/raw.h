/* SPDX-License-Identifier: MIT */
#ifndef IVS_BENCH_RAW_H
#define IVS_BENCH_RAW_H

/*
 * The cryptographic libraries as their own users call them, with nothing of
 * ours around: the key is ready, and so is whatever may be kept between two
 * calls. One state belongs to one thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "token/ecdsa.h"

typedef struct bench_raw {
    /* NULL on failure. The state keeps a signature over the digest. */
    void *(*open)(const uint8_t point[IVS_P384_POINT_BYTES],
                  const uint8_t d[IVS_P384_BYTES],
                  const uint8_t digest[IVS_ES384_DIGEST_BYTES]);
    bool (*sign)(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES]);
    /* The same with a random nonce, where sign makes a reproducible signature;
     * NULL elsewhere. */
    bool (*sign_random)(void *state,
                        const uint8_t digest[IVS_ES384_DIGEST_BYTES]);
    /* The signature that is kept. */
    bool (*verify)(void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES]);
    void (*close)(void *state);
} bench_raw;

extern const bench_raw bench_raw_openssl;
extern const bench_raw bench_raw_gnutls;

#endif
