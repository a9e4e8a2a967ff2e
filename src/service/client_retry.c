/* SPDX-License-Identifier: MIT */
/* How often a call is tried and how long it waits in between: the standard mode
 * of the AWS SDKs as of 2026. */

#include <stdlib.h>
#include <string.h>

#include "service/client_impl.h"

#define QUOTA           500
#define COST            14
#define COST_THROTTLED  5
#define RETURN_UNUSED   1
#define BASE_MS         50
#define BASE_SLOW_MS    1000
#define CAP_MS          20000
#define RETRY_AFTER_ADD 5000

void
ivs_retry_quota_init(ivs_retry_quota *q)
{
    q->tokens = QUOTA;
    q->last_cost = 0;
}

bool
ivs_retry_quota_take(ivs_retry_quota *q, bool throttled)
{
    int cost = throttled ? COST_THROTTLED : COST;

    if (q->tokens < cost)
        return false;
    q->tokens -= cost;
    q->last_cost = cost;
    return true;
}

void
ivs_retry_quota_return(ivs_retry_quota *q)
{
    q->tokens += q->last_cost > 0 ? q->last_cost : RETURN_UNUSED;
    if (q->tokens > QUOTA)
        q->tokens = QUOTA;
}

/* Milliseconds; -1 for anything but up to nine digits. */
static int64_t
parse_retry_after(const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len > 9 || strspn(text, "0123456789") != len)
        return -1;
    return strtol(text, NULL, 10);
}

int64_t
ivs_retry_delay_ms(int i, bool throttled, uint32_t random,
                   const char *retry_after)
{
    int64_t bound = throttled ? BASE_SLOW_MS : BASE_MS, delay, asked;

    for (int n = 0; n < i && bound < CAP_MS; n++)
        bound *= 2;
    if (bound > CAP_MS)
        bound = CAP_MS;
    delay = (int64_t)(((uint64_t)random * (uint64_t)bound) >> 32);
    asked = parse_retry_after(retry_after);
    if (asked > delay + RETRY_AFTER_ADD)
        asked = delay + RETRY_AFTER_ADD;
    return asked > delay ? asked : delay;
}
