/* SPDX-License-Identifier: MIT */
/* Token bucket. */

#include "base/ratelimit.h"

void
ivs_ratelimit_init(ivs_ratelimit *r, int64_t per_second, int64_t burst,
                   int64_t now_ms)
{
    r->per_second = per_second;
    r->burst = burst;
    r->level_milli = burst * 1000;
    r->last_ms = now_ms;
}

bool
ivs_ratelimit_take(ivs_ratelimit *r, int64_t now_ms)
{
    int64_t full = r->burst * 1000, passed = now_ms - r->last_ms;

    if (passed > 0) {
        /* One per second is one thousandth per millisecond. */
        if (passed >= full / r->per_second + 1)
            r->level_milli = full;
        else
            r->level_milli += passed * r->per_second;
        if (r->level_milli > full)
            r->level_milli = full;
    }
    r->last_ms = now_ms;
    if (r->level_milli < 1000)
        return false;
    r->level_milli -= 1000;
    return true;
}
