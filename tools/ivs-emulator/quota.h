/* SPDX-License-Identifier: MIT */
#ifndef EMU_QUOTA_H
#define EMU_QUOTA_H

/* Rate quotas of the service: calls per second for each operation, account and
 * region, and for some each channel, not adjustable (Amazon IVS user guide,
 * "Service quotas"). */

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

typedef struct emu_quota emu_quota;

/* NULL: out of memory. */
emu_quota *emu_quota_new(void);
void emu_quota_free(emu_quota *quota);
/* What is limited: an operation of a caller, or that on one of its channels. */
typedef struct emu_quota_key {
    emu_scope scope;
    const char *operation; /* lives as long as the quota */
    int64_t channel;       /* number of the channel, or 0 */
} emu_quota_key;

/* May it be called now, at so many calls a second? */
bool emu_quota_take(emu_quota *quota, const emu_quota_key *key, int per_second,
                    int64_t now_ms);
void emu_quota_reset(emu_quota *quota);

#endif
