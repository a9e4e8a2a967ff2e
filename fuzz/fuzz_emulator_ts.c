/* SPDX-License-Identifier: MIT */
/* Target: the cutter of transport streams. Input: a length of pieces, then the
 * stream; tables in it get a right CRC. Property: each segment begins with its
 * tables, which announce timed metadata; behind them are the packets that came,
 * in their order, and a text that was put comes once; the length of pieces does
 * not matter. */

#include <string.h>

#include "fuzz.h"
#include "ts_cutter.h"

struct seen {
    const uint8_t *next, *end; /* what came and was not seen again */
    size_t segments, texts;
    uint64_t sum;
    bool broken; /* it ended before its end */
};

/* As ISO/IEC 13818-1 annex A draws it, a bit at a time. */
static uint32_t
crc(const uint8_t *data, size_t len)
{
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < len * 8; i++) {
        uint32_t bit = sum >> 31 ^ ((uint32_t)data[i / 8] >> (7 - i % 8) & 1);

        sum = sum << 1 ^ (bit != 0 ? 0x04c11db7U : 0);
    }
    return sum;
}

static void
mend(uint8_t *packet)
{
    emu_ts_packet p;
    size_t at, len;
    uint8_t *s;

    packet[0] = 0x47;
    if (!emu_ts_read(packet, &p) || !p.start || p.payload_len < 5 ||
        (at = 1U + p.payload[0]) + 3 > p.payload_len)
        return;
    s = packet + (p.payload - packet) + at;
    len = 3U + ((s[1] & 0x0fU) << 8 | s[2]);
    if (s[0] > 2 || len < 7 || len > p.payload_len - at)
        return;
    for (int i = 0; i < 4; i++)
        s[len - 4 + (size_t)i] = (uint8_t)(crc(s, len - 4) >> (24 - 8 * i));
}

static bool
look(const emu_ts_segment *segment, void *user)
{
    const uint8_t *at = (const uint8_t *)segment->data, *pmt = at + 188;
    struct seen *seen = user;
    emu_ts_packet p;
    emu_ts_map map;
    uint8_t packet[EMU_TS_PACKET];

    seen->segments++;
    seen->sum += (uint64_t)segment->ticks * 31 + segment->len;
    REQUIRE(segment->len % 188 == 0 && segment->len >= 376);
    REQUIRE(emu_ts_read(at, &p) && p.pid == 0);
    REQUIRE(emu_ts_read(pmt, &p) && p.start && p.payload[1] == 2);
    REQUIRE(crc(p.payload + 1,
                3U + ((p.payload[2] & 15U) << 8 | p.payload[3])) == 0);
    REQUIRE(!emu_ts_announce(&p, &map, packet)); /* it has metadata already */
    for (size_t i = 2; i < segment->len / 188; i++) {
        at += i == 2 ? 376 : 188;
        REQUIRE(emu_ts_read(at, &p));
        if (p.pid == EMU_TS_METADATA_PID) {
            seen->texts += p.start;
            continue;
        }
        while (seen->next < seen->end && memcmp(seen->next, at, 188) != 0)
            seen->next += 188;
        REQUIRE(seen->next < seen->end);
        seen->next += 188;
    }
    return true;
}

static struct seen
cut(const uint8_t *data, size_t size, size_t piece, bool text)
{
    struct seen seen = {.next = data, .end = data + size / 188 * 188};
    emu_ts_cutter *cutter = emu_ts_cutter_new(look, &seen);
    bool put = !text;
    int64_t pts;

    REQUIRE(cutter != NULL);
    for (size_t at = 0, n; at < size; at += n) {
        n = size - at < piece ? size - at : piece;
        seen.broken =
            emu_ts_cutter_feed(cutter, (const char *)data + at, n) != NULL;
        if (seen.broken)
            break;
        if (!put && emu_ts_cutter_position(cutter, &pts))
            put = emu_ts_cutter_put_text(cutter, "text", pts);
    }
    (void)emu_ts_cutter_end(cutter);
    emu_ts_cutter_free(cutter);
    REQUIRE(seen.texts <= text);
    return seen;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t stream[64 * 1024];
    struct seen one, other;

    if (size < 1 || size - 1 > sizeof stream)
        return 0;
    memcpy(stream, data + 1, size - 1);
    for (size_t at = 0; at + 188 <= size - 1; at += 188)
        mend(stream + at);
    one = cut(stream, size - 1, 188, false);
    other = cut(stream, size - 1, 1U + data[0], false);
    REQUIRE(one.segments == other.segments && one.sum == other.sum);
    other = cut(stream, size - 1, 188, true);
    REQUIRE(one.segments == other.segments);
    REQUIRE(one.segments == 0 || one.broken || other.texts == 1);
    return 0;
}
