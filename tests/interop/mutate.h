/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_MUTATE_H
#define IVS_TEST_MUTATE_H

/* Tokens gone wrong in every way we could think of, each made from its number
 * alone. */

#include <stddef.h>
#include <stdint.h>

#include <ivs/key.h>

#define MUTANT_MAX 8192

struct mutant {
    const char *kind;      /* what was done */
    char text[MUTANT_MAX]; /* no NUL inside */
    size_t len;
};

/* What signs: the key the judges have, another one, and the former's public
 * PEM for those who would key a MAC with it. */
struct signers {
    const ivs_key *right;
    const ivs_key *wrong;
    const char *pem;
};

void mutate(uint64_t number, const struct signers *signers, struct mutant *ret);

#endif
