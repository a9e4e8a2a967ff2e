/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_PAUSE_H
#define IVS_AWS_PAUSE_H

/* The caller's clock, and pauses on it that a cancelled call ends. */

#include <stdbool.h>
#include <stdint.h>

#include <ivs/transport.h>

/* How often one that waits looks whether it still has to. */
#define IVS_LOOK_MS 100

/* Asks whether the call that waits was cancelled; safe from any thread. */
typedef struct ivs_cancel {
    bool (*cancelled)(void *user);
    void *user;
} ivs_cancel;

/* IVS_E_ARG: only one of the two functions. */
ivs_status ivs_clock_check(const ivs_clock *clock, ivs_error *err);
/* The clock, or the system's where it has no functions. */
ivs_clock ivs_clock_or_system(const ivs_clock *clock);

/* cancel may be NULL or zeroed: nothing cancels. */
bool ivs_is_cancelled(const ivs_cancel *cancel);
ivs_status ivs_fail_cancelled(ivs_error *err);
/* Sleep; IVS_E_CANCELLED soon after the call was cancelled. */
ivs_status ivs_pause(const ivs_clock *clock, int64_t ms,
                     const ivs_cancel *cancel, ivs_error *err);

#endif
