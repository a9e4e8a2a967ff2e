/* SPDX-License-Identifier: MIT */
/* Time as the caller has it. */

#include "aws/pause.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

static int64_t
system_now_s(void *user)
{
    (void)user;
    return ivs_clock_now_s();
}

static void
system_sleep_ms(int64_t ms, void *user)
{
    (void)user;
    ivs_clock_sleep_ms(ms);
}

ivs_status
ivs_clock_check(const ivs_clock *clock, ivs_error *err)
{
    if ((clock->now_s == NULL) != (clock->sleep_ms == NULL))
        return ivs_fail_member(err, IVS_E_ARG, "clock",
                               "half a clock, expected now_s and sleep_ms or "
                               "neither");
    return IVS_OK;
}

ivs_clock
ivs_clock_or_system(const ivs_clock *clock)
{
    return clock->now_s != NULL ? *clock
                                : (ivs_clock){.now_s = system_now_s,
                                              .sleep_ms = system_sleep_ms};
}

bool
ivs_is_cancelled(const ivs_cancel *cancel)
{
    return cancel != NULL && cancel->cancelled != NULL &&
           cancel->cancelled(cancel->user);
}

ivs_status
ivs_fail_cancelled(ivs_error *err)
{
    return ivs_fail(err, IVS_E_CANCELLED, "the call was cancelled");
}

/* In pieces, so that a cancelled call ends soon. */
ivs_status
ivs_pause(const ivs_clock *clock, int64_t ms, const ivs_cancel *cancel,
          ivs_error *err)
{
    while (ms > 0 && !ivs_is_cancelled(cancel)) {
        int64_t nap = ms < IVS_LOOK_MS ? ms : IVS_LOOK_MS;

        clock->sleep_ms(nap, clock->user);
        ms -= nap;
    }
    return ivs_is_cancelled(cancel) ? ivs_fail_cancelled(err) : IVS_OK;
}
