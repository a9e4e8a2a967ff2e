/* SPDX-License-Identifier: MIT */
/* How often a call is tried and how long it waits in between: the standard mode
 * of the AWS SDKs as of 2026. */

#include <string.h>

#include "base/time.h"
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
}

int
ivs_retry_quota_take(ivs_retry_quota *q, bool throttled)
{
    int cost = throttled ? COST_THROTTLED : COST;

    if (q->tokens < cost)
        return 0;
    q->tokens -= cost;
    return cost;
}

void
ivs_retry_quota_return(ivs_retry_quota *q, int last_cost)
{
    q->tokens += last_cost > 0 ? last_cost : RETURN_UNUSED;
    if (q->tokens > QUOTA)
        q->tokens = QUOTA;
}

/* What is asked for beyond this makes no difference. */
#define ASKED_MAX_MS INT64_C(1000000)

/* A number in a unit of so many milliseconds; -1 for anything else. */
static int64_t
parse_number(const char *text, int64_t unit_ms)
{
    int64_t ms = 0;

    if (text[0] == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        ms = ms * 10 + (*text - '0') * unit_ms;
        if (ms > ASKED_MAX_MS)
            ms = ASKED_MAX_MS;
    }
    return ms;
}

int64_t
ivs_retry_asked_ms(const char *amz_retry_after, const char *retry_after,
                   int64_t now_s)
{
    int64_t ms = parse_number(amz_retry_after, 1), date;

    if (ms < 0)
        ms = parse_number(retry_after, 1000);
    if (ms < 0 && ivs_time_parse_http(retry_after, strlen(retry_after), &date))
        ms = date <= now_s                        ? 0
             : date - now_s > ASKED_MAX_MS / 1000 ? ASKED_MAX_MS
                                                  : (date - now_s) * 1000;
    return ms;
}

int64_t
ivs_retry_delay_ms(int i, bool throttled, uint32_t random, int64_t asked_ms)
{
    int64_t bound = throttled ? BASE_SLOW_MS : BASE_MS, delay;

    for (int n = 0; n < i && bound < CAP_MS; n++)
        bound *= 2;
    if (bound > CAP_MS)
        bound = CAP_MS;
    delay = (int64_t)(((uint64_t)random * (uint64_t)bound) >> 32);
    if (asked_ms > delay + RETRY_AFTER_ADD)
        asked_ms = delay + RETRY_AFTER_ADD;
    return asked_ms > delay ? asked_ms : delay;
}
