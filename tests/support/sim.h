/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_SIM_H
#define IVS_TEST_SIM_H

/* The revocation engine on a clock that only waiting moves: calls take the time
 * that a test says and are answered by a function of it. One thread. */

#include <stddef.h>
#include <stdint.h>

#include "service/revoke_run.h"

typedef struct sim sim;

struct sim {
    /* Set by the test: what a call is answered, and how long that takes. */
    void (*serve)(ivs_revoke_request *request, sim *s);
    int64_t (*latency_ms)(sim *s); /* NULL: 200 ms */
    ivs_status fails;              /* of the next send, once */
    void *user;
    /* Told: */
    int64_t now_ms;
    uint64_t state; /* of the random numbers */
    uint64_t sent;
    uint64_t halts;
    /* Calls in flight */
    struct {
        ivs_revoke_request *request;
        int64_t ends_ms;
    } flight[IVS_REVOKE_REQUESTS];
    size_t in_flight;
};

/* The same numbers for the same seed. */
void sim_init(sim *s, uint64_t seed);
uint32_t sim_random(sim *s);
/* 0 .. below - 1 */
uint32_t sim_below(sim *s, uint32_t below);
ivs_revoke_host sim_host(sim *s);

#endif
