/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_CLOCK_H
#define IVS_BASE_CLOCK_H

/* The system's clocks. Only defaults of injectable clocks and the programs
 * call these; the token half never does. */

#include <stdint.h>

int64_t ivs_clock_now_s(void);        /* wall clock, since 1970 UTC */
int64_t ivs_clock_monotonic_ms(void); /* since some moment; never jumps */
void ivs_clock_sleep_ms(int64_t ms);  /* returns early on a signal */

#endif
