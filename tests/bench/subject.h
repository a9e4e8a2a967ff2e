/* SPDX-License-Identifier: MIT */
#ifndef IVS_BENCH_SUBJECT_H
#define IVS_BENCH_SUBJECT_H

/* What is measured: operations on one key by one engine. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/key.h>
#include <ivs/token.h>

#include "raw.h"
#include "token/ecdsa.h"

/* The clock of all tokens here; mint and verify are told the time. */
#define BENCH_NOW INT64_C(1700000000)

enum { BENCH_STUB, BENCH_OPENSSL, BENCH_GNUTLS, BENCH_ENGINES };

enum {
    BENCH_LIBRARY_RANDOM, /* sign with a random nonce */
    BENCH_LIBRARY_SIGN,
    BENCH_LIBRARY_VERIFY,
    BENCH_ENGINE_SIGN,
    BENCH_ENGINE_VERIFY,
    BENCH_MINT,
    BENCH_VERIFY,
    BENCH_KEY_PEM,
    BENCH_KEY_NUMBERS,
    BENCH_KINDS
};

/* An engine, a key bound to it, and what that key has signed. */
typedef struct bench_subject {
    int engine;
    const bench_raw *raw; /* NULL for the stub */
    ivs_key *key;
    char *pem;
    size_t pem_len;
    uint8_t point[IVS_P384_POINT_BYTES];
    uint8_t d[IVS_P384_BYTES];
    uint8_t digest[IVS_ES384_DIGEST_BYTES];
    uint8_t signature[IVS_ES384_SIGNATURE_BYTES];
    char token[IVS_TOKEN_MAX];
    size_t token_len;
} bench_subject;

/* What one thread works with. */
typedef struct bench_lane {
    const bench_subject *subject;
    void *raw;
    char token[IVS_TOKEN_MAX];
} bench_lane;

extern const char *const bench_engine_names[BENCH_ENGINES];
extern const char *const bench_kind_names[BENCH_KINDS];

/* pem is a private key, borrowed. False with a message on stderr. */
bool bench_subject_init(bench_subject *s, int engine, const char *pem,
                        size_t pem_len);
void bench_subject_clear(bench_subject *s);

bool bench_lane_init(bench_lane *lane, const bench_subject *s);
void bench_lane_clear(bench_lane *lane);

/* Whether an engine has this operation: the stub only mints and verifies, and
 * only GnuTLS has a choice of nonces. */
bool bench_has(int engine, int kind);
/* Do it once; false if it failed. */
bool bench_do(bench_lane *lane, int kind);

#endif
