/* SPDX-License-Identifier: MIT */
/* The pace of one lane of the revocation engine. */

#include "service/revoke_lane.h"

#include "service/client_impl.h"

/* A lane is never slower than this part of its quota, and success gives it this
 * part back. */
#define SLOWEST_PART  16
#define RECOVERY_PART 20

void
ivs_revoke_pace_init(ivs_revoke_pace *p, int64_t quota_milli, int in_flight_max,
                     int64_t now_ms)
{
    *p = (ivs_revoke_pace){.quota_milli = quota_milli,
                           .rate_milli = quota_milli,
                           .paused_until_ms = now_ms,
                           .slowed_ms = now_ms,
                           .in_flight_max = in_flight_max};
    ivs_ratelimit_init(&p->limit, 1, 1, now_ms);
    ivs_ratelimit_set_rate(&p->limit, quota_milli, now_ms);
}

int64_t
ivs_revoke_pace_wait_ms(ivs_revoke_pace *p, int64_t now_ms)
{
    int64_t wait;

    if (p->in_flight >= p->in_flight_max)
        return INT64_MAX;
    wait = ivs_ratelimit_wait_ms(&p->limit, now_ms);
    if (p->paused_until_ms - now_ms > wait)
        wait = p->paused_until_ms - now_ms;
    return wait;
}

void
ivs_revoke_pace_begin(ivs_revoke_pace *p, int64_t now_ms)
{
    (void)ivs_ratelimit_take(&p->limit, now_ms);
    p->in_flight++;
}

static void
set_rate(ivs_revoke_pace *p, int64_t rate_milli, int64_t now_ms)
{
    int64_t slowest = p->quota_milli / SLOWEST_PART;

    if (rate_milli < slowest)
        rate_milli = slowest;
    if (rate_milli < 1)
        rate_milli = 1;
    if (rate_milli > p->quota_milli)
        rate_milli = p->quota_milli;
    p->rate_milli = rate_milli;
    ivs_ratelimit_set_rate(&p->limit, rate_milli, now_ms);
}

void
ivs_revoke_pace_good(ivs_revoke_pace *p, int64_t begun_ms, int64_t now_ms)
{
    p->in_flight--;
    p->failures = 0;
    if (begun_ms >= p->slowed_ms && p->rate_milli < p->quota_milli)
        set_rate(p, p->rate_milli + p->quota_milli / RECOVERY_PART + 1, now_ms);
}

/* Several calls in flight that fail for one reason count as one failure. */
static bool
is_news(ivs_revoke_pace *p, int64_t begun_ms, int64_t now_ms)
{
    p->in_flight--;
    if (begun_ms < p->slowed_ms)
        return false;
    p->slowed_ms = now_ms;
    p->failures++;
    return true;
}

static void
pause_lane(ivs_revoke_pace *p, bool throttled, int64_t now_ms, uint32_t random,
           int64_t retry_after_ms)
{
    int64_t delay =
        ivs_retry_delay_ms(p->failures - 1, throttled, random, retry_after_ms);

    if (now_ms + delay > p->paused_until_ms)
        p->paused_until_ms = now_ms + delay;
}

void
ivs_revoke_pace_throttled(ivs_revoke_pace *p, int64_t begun_ms, int64_t now_ms,
                          uint32_t random, int64_t retry_after_ms)
{
    if (!is_news(p, begun_ms, now_ms))
        return;
    set_rate(p, p->rate_milli / 2, now_ms);
    pause_lane(p, true, now_ms, random, retry_after_ms);
}

void
ivs_revoke_pace_failed(ivs_revoke_pace *p, int64_t begun_ms, int64_t now_ms,
                       uint32_t random, int64_t retry_after_ms)
{
    if (is_news(p, begun_ms, now_ms))
        pause_lane(p, false, now_ms, random, retry_after_ms);
}

void
ivs_revoke_pace_dropped(ivs_revoke_pace *p)
{
    p->in_flight--;
}
