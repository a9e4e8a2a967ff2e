/* SPDX-License-Identifier: MIT */
/* A host of the revocation engine without threads and real time. */

#include "support/sim.h"

#include <string.h>

#include "base/error.h"

#define LATENCY_MS 200

void
sim_init(sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->state = seed;
    s->now_ms = 1000;
}

/* splitmix64 (Steele, Lea, Flood 2014), the upper half. */
uint32_t
sim_random(sim *s)
{
    uint64_t z = (s->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

uint32_t
sim_below(sim *s, uint32_t below)
{
    return (uint32_t)(((uint64_t)sim_random(s) * below) >> 32);
}

static int64_t
now_ms(void *user)
{
    return ((sim *)user)->now_ms;
}

static uint32_t
random_bits(void *user)
{
    return sim_random(user);
}

static ivs_status
send(ivs_revoke_request *request, void *user, ivs_error *err)
{
    sim *s = user;
    ivs_status fails = s->fails;

    s->fails = IVS_OK;
    if (fails != IVS_OK)
        return ivs_fail(err, fails, "scripted failure of a send");
    s->flight[s->in_flight].request = request;
    s->flight[s->in_flight++].ends_ms =
        s->now_ms + (s->latency_ms != NULL ? s->latency_ms(s) : LATENCY_MS);
    s->sent++;
    s->serve(request, s);
    return IVS_OK;
}

static ivs_revoke_request *
wait_until(int64_t until_ms, void *user)
{
    sim *s = user;
    ivs_revoke_request *request;
    size_t first = 0;

    for (size_t i = 1; i < s->in_flight; i++)
        if (s->flight[i].ends_ms < s->flight[first].ends_ms)
            first = i;
    if (s->in_flight == 0 || s->flight[first].ends_ms > until_ms) {
        if (until_ms > s->now_ms)
            s->now_ms = until_ms;
        return NULL;
    }
    if (s->flight[first].ends_ms > s->now_ms)
        s->now_ms = s->flight[first].ends_ms;
    request = s->flight[first].request;
    s->flight[first] = s->flight[--s->in_flight];
    return request;
}

static void
halt(void *user)
{
    ((sim *)user)->halts++;
}

ivs_revoke_host
sim_host(sim *s)
{
    return (ivs_revoke_host){.now_ms = now_ms,
                             .random = random_bits,
                             .send = send,
                             .wait = wait_until,
                             .halt = halt,
                             .user = s};
}
