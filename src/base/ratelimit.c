/* SPDX-License-Identifier: MIT */
/* Token bucket. */

#include "base/ratelimit.h"

#define ONE 1000000

void
ivs_ratelimit_init(ivs_ratelimit *r, int64_t per_second, int64_t burst,
                   int64_t now_ms)
{
    r->milli_per_second = per_second * 1000;
    r->burst = burst;
    r->level_micro = burst * ONE;
    r->last_ms = now_ms;
}

/* One per second is one thousandth per millisecond. */
static void
refill(ivs_ratelimit *r, int64_t now_ms)
{
    int64_t full = r->burst * ONE, passed = now_ms - r->last_ms;

    if (passed > 0) {
        if (passed >= full / r->milli_per_second + 1)
            r->level_micro = full;
        else
            r->level_micro += passed * r->milli_per_second;
        if (r->level_micro > full)
            r->level_micro = full;
    }
    r->last_ms = now_ms;
}

bool
ivs_ratelimit_take(ivs_ratelimit *r, int64_t now_ms)
{
    refill(r, now_ms);
    if (r->level_micro < ONE)
        return false;
    r->level_micro -= ONE;
    return true;
}

int64_t
ivs_ratelimit_wait_ms(ivs_ratelimit *r, int64_t now_ms)
{
    int64_t missing;

    refill(r, now_ms);
    missing = ONE - r->level_micro;
    if (missing <= 0)
        return 0;
    return (missing + r->milli_per_second - 1) / r->milli_per_second;
}

void
ivs_ratelimit_set_rate(ivs_ratelimit *r, int64_t milli_per_second,
                       int64_t now_ms)
{
    refill(r, now_ms);
    r->milli_per_second = milli_per_second;
}
