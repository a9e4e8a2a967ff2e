/* SPDX-License-Identifier: MIT */
/* The rate of a run. */

#include "service/revoke_meter.h"

#include <stddef.h>

#define COUNTS (IVS_REVOKE_METER_S + 1)

void
ivs_revoke_meter_init(ivs_revoke_meter *m, int64_t now_ms)
{
    *m = (ivs_revoke_meter){.begun_ms = now_ms};
}

static void
advance(ivs_revoke_meter *m, int64_t now_ms)
{
    int64_t second = (now_ms - m->begun_ms) / 1000;

    for (int i = 0; m->second < second; i++) {
        if (i == COUNTS)
            m->second = second - 1;
        m->second++;
        m->counts[m->second % COUNTS] = 0;
    }
}

void
ivs_revoke_meter_add(ivs_revoke_meter *m, uint64_t n, int64_t now_ms)
{
    advance(m, now_ms);
    m->counts[m->second % COUNTS] += n;
}

double
ivs_revoke_meter_rate(ivs_revoke_meter *m, int window_s, int64_t now_ms)
{
    int64_t passed_ms = now_ms - m->begun_ms;
    uint64_t sum = 0;

    advance(m, now_ms);
    for (int64_t i = 0; i <= window_s && i <= m->second; i++)
        sum += m->counts[(m->second - i) % COUNTS];
    /* The second that is being counted is not over. */
    if (m->second >= window_s)
        passed_ms = passed_ms % 1000 + window_s * INT64_C(1000);
    return passed_ms > 0 ? (double)sum * 1000 / (double)passed_ms : 0;
}
