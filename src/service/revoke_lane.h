/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_REVOKE_LANE_H
#define IVS_SERVICE_REVOKE_LANE_H

/* When the next call of one kind may go to one region: spaced at its quota with
 * a burst of one, slower after throttling, with pauses after failures. No
 * clock: time is passed in, in milliseconds. */

#include <stdbool.h>
#include <stdint.h>

#include "base/ratelimit.h"

typedef struct ivs_revoke_pace {
    ivs_ratelimit limit;
    int64_t quota_milli; /* calls a second at most, in thousandths */
    int64_t rate_milli;  /* calls a second now */
    int64_t paused_until_ms;
    int64_t slowed_ms; /* what was begun before says nothing new */
    int failures;      /* in a row */
    int in_flight;
    int in_flight_max; /* 0: the lane is not used */
} ivs_revoke_pace;

void ivs_revoke_pace_init(ivs_revoke_pace *p, int64_t quota_milli,
                          int in_flight_max, int64_t now_ms);
/* How long until a call may begin; 0 for now, INT64_MAX while too many are in
 * flight. */
int64_t ivs_revoke_pace_wait_ms(ivs_revoke_pace *p, int64_t now_ms);
/* Begin a call: only when the wait is 0. */
void ivs_revoke_pace_begin(ivs_revoke_pace *p, int64_t now_ms);
/* How a call ended that was begun at begun_ms; one of these for each. random is
 * 32 random bits, retry_after_ms what the service asked for, or 0. */
void ivs_revoke_pace_good(ivs_revoke_pace *p, int64_t begun_ms, int64_t now_ms);
void ivs_revoke_pace_throttled(ivs_revoke_pace *p, int64_t begun_ms,
                               int64_t now_ms, uint32_t random,
                               int64_t retry_after_ms);
void ivs_revoke_pace_failed(ivs_revoke_pace *p, int64_t begun_ms,
                            int64_t now_ms, uint32_t random,
                            int64_t retry_after_ms);
/* It was never sent. */
void ivs_revoke_pace_dropped(ivs_revoke_pace *p);

#endif
