/* SPDX-License-Identifier: MIT */
/* The system's clocks. */

#include "base/clock.h"

#include <time.h>

int64_t
ivs_clock_now_s(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_REALTIME, &t) == 0 ? (int64_t)t.tv_sec : 0;
}

int64_t
ivs_clock_monotonic_ms(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
ivs_clock_sleep_ms(int64_t ms)
{
    struct timespec t;

    if (ms <= 0)
        return;
    t.tv_sec = (time_t)(ms / 1000);
    t.tv_nsec = (long)(ms % 1000) * 1000000;
    (void)nanosleep(&t, NULL);
}
