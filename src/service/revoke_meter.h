/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_REVOKE_METER_H
#define IVS_SERVICE_REVOKE_METER_H

/* How many a second, over the last seconds. Time is passed in. */

#include <stdint.h>

#define IVS_REVOKE_METER_S 60 /* that it looks back at most */

typedef struct ivs_revoke_meter {
    int64_t begun_ms;
    int64_t second; /* the one that is being counted */
    uint64_t counts[IVS_REVOKE_METER_S + 1];
} ivs_revoke_meter;

void ivs_revoke_meter_init(ivs_revoke_meter *m, int64_t now_ms);
void ivs_revoke_meter_add(ivs_revoke_meter *m, uint64_t n, int64_t now_ms);
/* Over the last window_s seconds, or what there is of them. */
double ivs_revoke_meter_rate(ivs_revoke_meter *m, int window_s, int64_t now_ms);

#endif
