/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_RATELIMIT_H
#define IVS_BASE_RATELIMIT_H

/* A token bucket with the time passed in: at most `burst` at once and so many a
 * second sustained. Counts are kept in millionths. */

#include <stdbool.h>
#include <stdint.h>

typedef struct ivs_ratelimit {
    int64_t milli_per_second;
    int64_t burst;
    int64_t level_micro;
    int64_t last_ms;
} ivs_ratelimit;

/* Full at now_ms. per_second and burst are 1..1,000,000. */
void ivs_ratelimit_init(ivs_ratelimit *r, int64_t per_second, int64_t burst,
                        int64_t now_ms);
/* Take one if there is one. Time that runs backwards adds nothing. */
bool ivs_ratelimit_take(ivs_ratelimit *r, int64_t now_ms);
/* How long until there is one; 0 for now. */
int64_t ivs_ratelimit_wait_ms(ivs_ratelimit *r, int64_t now_ms);
/* From now on so many thousandths a second, 1..1,000,000,000. */
void ivs_ratelimit_set_rate(ivs_ratelimit *r, int64_t milli_per_second,
                            int64_t now_ms);

#endif
