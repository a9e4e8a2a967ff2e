/* SPDX-License-Identifier: MIT */
/* Reading packets: ISO/IEC 13818-1, sections 2.4.3.2 to 2.4.3.7. */

#include "ts.h"

#define SYNC 0x47

bool
emu_ts_read(const unsigned char data[EMU_TS_PACKET], emu_ts_packet *ret)
{
    bool adapted = (data[3] & 0x20) != 0, payload = (data[3] & 0x10) != 0;
    size_t at = 4;

    if (data[0] != SYNC || (data[1] & 0x80) != 0 || (data[3] & 0xc0) != 0)
        return false;
    if (adapted)
        at += 1U + data[4];
    if (at > EMU_TS_PACKET || (payload && at == EMU_TS_PACKET))
        return false;
    *ret = (emu_ts_packet){
        .pid = (data[1] & 0x1fU) << 8 | data[2],
        .start = (data[1] & 0x40) != 0,
        .random_access = adapted && data[4] > 0 && (data[5] & 0x40) != 0,
        .payload = data + at,
        .payload_len = payload ? EMU_TS_PACKET - at : 0,
    };
    return true;
}

void
emu_ts_set_counter(unsigned char packet[EMU_TS_PACKET], unsigned counter)
{
    packet[3] = (unsigned char)((packet[3] & 0xf0) | (counter & 0x0f));
}

bool
emu_ts_pts(const emu_ts_packet *packet, int64_t *ret)
{
    const unsigned char *p = packet->payload;

    /* start code, stream id, length, flags, header length, PTS */
    if (!packet->start || packet->payload_len < 14 || p[0] != 0 || p[1] != 0 ||
        p[2] != 1 || (p[6] & 0xc0) != 0x80 || (p[7] & 0x80) == 0 || p[8] < 5)
        return false;
    *ret = (int64_t)(p[9] >> 1 & 0x07) << 30 | (int64_t)p[10] << 22 |
           (int64_t)(p[11] >> 1) << 15 | (int64_t)p[12] << 7 | p[13] >> 1;
    return true;
}

int64_t
emu_ts_since(int64_t a, int64_t b)
{
    int64_t ticks = (b - a) & (EMU_TS_WRAPS - 1);

    return ticks < EMU_TS_WRAPS / 2 ? ticks : ticks - EMU_TS_WRAPS;
}
