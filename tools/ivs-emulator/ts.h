/* SPDX-License-Identifier: MIT */
#ifndef EMU_TS_H
#define EMU_TS_H

/* Packets of an MPEG transport stream (ISO/IEC 13818-1), and the timed metadata
 * that is put between them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define EMU_TS_PACKET  188
#define EMU_TS_PID_MAX 0x1fff
/* Ticks a second of PTS, which has 33 bits. */
#define EMU_TS_HZ    90000
#define EMU_TS_WRAPS (INT64_C(1) << 33)

typedef struct emu_ts_packet {
    unsigned pid;
    bool start;         /* a PES packet or a section begins in it */
    bool random_access; /* decoding can begin with it */
    const unsigned char *payload;
    size_t payload_len;
} emu_ts_packet;

/* False: it is none, or a damaged one. ret points into data. */
bool emu_ts_read(const unsigned char data[EMU_TS_PACKET], emu_ts_packet *ret);
void emu_ts_set_counter(unsigned char packet[EMU_TS_PACKET], unsigned counter);
/* PTS of the PES packet that begins in a packet. */
bool emu_ts_pts(const emu_ts_packet *packet, int64_t *ret);
/* How far b is behind a, either may have wrapped. */
int64_t emu_ts_since(int64_t a, int64_t b);

/* The PID of the only program's map, of a program association table in one
 * packet. */
bool emu_ts_read_pat(const emu_ts_packet *packet, unsigned *ret_pmt_pid);

#define EMU_TS_STREAMS 8

/* What a program map says of its streams. */
typedef struct emu_ts_map {
    unsigned pids[EMU_TS_STREAMS];
    size_t npids;
    unsigned video; /* the one of H.264; 0: none */
} emu_ts_map;

/* The PID of timed metadata, which a map must not have yet. */
#define EMU_TS_METADATA_PID 0x1f0

/* Read a map in one packet and write the same with timed metadata. False:
 * refused, nothing is written. */
bool emu_ts_announce(const emu_ts_packet *packet, emu_ts_map *ret,
                     unsigned char ret_packet[EMU_TS_PACKET]);
/* Append packets with a text as of a time; *counter goes on. */
void emu_ts_put_text(ivs_buf *b, const char *text, int64_t pts,
                     unsigned *counter);

#endif
