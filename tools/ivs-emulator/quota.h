/* SPDX-License-Identifier: MIT */
#ifndef EMU_QUOTA_H
#define EMU_QUOTA_H

/* Rate quotas of the service: calls per second for each operation, account and
 * region, not adjustable (Amazon IVS user guide, "Service quotas"). */

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

typedef struct emu_quota emu_quota;

/* NULL: out of memory. */
emu_quota *emu_quota_new(void);
void emu_quota_free(emu_quota *quota);
/* May this caller call this operation, of so many calls a second, now? */
bool emu_quota_take(emu_quota *quota, const emu_scope *scope,
                    const char *operation, int per_second, int64_t now_ms);
void emu_quota_reset(emu_quota *quota);

#endif
