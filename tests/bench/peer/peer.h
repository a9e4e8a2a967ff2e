/* SPDX-License-Identifier: MIT */
#ifndef IVS_BENCH_PEER_H
#define IVS_BENCH_PEER_H

/*
 * A library that makes and checks JSON Web Tokens, used as its documentation
 * shows, with everything loaded in advance that it can keep. peer.c runs it for
 * the script `peers`; the peers in other languages speak the same protocol.
 */

#include <stdbool.h>
#include <stddef.h>

/* The token that every peer mints; exp is PEER_TTL from now. */
#define PEER_CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234"
#define PEER_VIEWER  "viewer-20394"
#define PEER_VERSION 1700000000
#define PEER_ORIGIN  "https://www.example.com"
#define PEER_TTL     300

typedef struct peer_key {
    const char *private_pem;
    const char *public_pem;
    const char *private_jwk;
    const char *engine; /* for peers that have several */
} peer_key;

typedef struct peer {
    bool (*open)(const peer_key *key);
    /* A token that lives PEER_TTL; to be freed with free(). */
    char *(*mint)(void);
    /* Signature and exp. */
    bool (*verify)(const char *token);
} peer;

extern const peer peer_self;

#endif
