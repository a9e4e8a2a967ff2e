/* SPDX-License-Identifier: MIT */
/*
 * Timed metadata as HTTP Live Streaming has it: an elementary stream of type
 * 0x15 with ID3 tags, which the program map announces with two descriptors
 * (ISO/IEC 13818-1 sections 2.6.58 to 2.6.61). Which frames the service puts
 * into its tags is not documented; its players tell of a text with a
 * description, which is what a TXXX frame holds.
 */

#include "ts.h"

#include <string.h>

#define TABLE_PAT      0x00
#define TABLE_PMT      0x02
#define TYPE_H264      0x1b
#define TYPE_METADATA  0x15
#define PRIVATE_STREAM 0xbd
/* A section up to the end of its length, and its CRC. */
#define SECTION_HEAD 3
#define CRC_LEN      4

static const unsigned char pointer[] = {0x25, 15,   0xff, 0xff, 'I', 'D',
                                        '3',  ' ',  0xff, 'I',  'D', '3',
                                        ' ',  0x00, 0x1f, 0x00, 0x01};
static const unsigned char stream[] = {TYPE_METADATA,
                                       0xe0 | EMU_TS_METADATA_PID >> 8,
                                       EMU_TS_METADATA_PID & 0xff,
                                       0xf0,
                                       15,
                                       0x26,
                                       13,
                                       0xff,
                                       0xff,
                                       'I',
                                       'D',
                                       '3',
                                       ' ',
                                       0xff,
                                       'I',
                                       'D',
                                       '3',
                                       ' ',
                                       0x00,
                                       0x0f};

/* The CRC of sections: polynomial 0x04c11db7, nothing reflected. Over a whole
 * section it is 0. */
static uint32_t
crc(const unsigned char *data, size_t len)
{
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        sum ^= (uint32_t)data[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            sum = sum << 1 ^ ((sum >> 31) != 0 ? 0x04c11db7U : 0);
    }
    return sum;
}

static size_t
get_12(const unsigned char *at)
{
    return (at[0] & 0x0fU) << 8 | at[1];
}

static unsigned
get_pid(const unsigned char *at)
{
    return (at[0] & 0x1fU) << 8 | at[1];
}

/* A whole section in one packet, up to its CRC. */
static const unsigned char *
section(const emu_ts_packet *packet, unsigned char table, size_t *ret_len)
{
    const unsigned char *at = packet->payload;
    size_t left = packet->payload_len, len;

    if (!packet->start || left < 1 || at[0] >= left - 1)
        return NULL;
    left -= 1U + at[0];
    at += 1U + at[0];
    if (left < SECTION_HEAD || at[0] != table)
        return NULL;
    len = SECTION_HEAD + get_12(at + 1);
    if (len > left || len < 8 + CRC_LEN || crc(at, len) != 0)
        return NULL;
    *ret_len = len - CRC_LEN;
    return at;
}

bool
emu_ts_read_pat(const emu_ts_packet *packet, unsigned *ret_pmt_pid)
{
    size_t len;
    const unsigned char *at = section(packet, TABLE_PAT, &len);

    if (at == NULL || len != 12 || (at[8] | at[9]) == 0)
        return false;
    *ret_pmt_pid = get_pid(at + 10);
    return true;
}

/* The streams of a map from at on. */
static bool
read_streams(const unsigned char *at, const unsigned char *end, emu_ts_map *ret)
{
    emu_ts_map map = {.npids = 0};

    while (at < end) {
        unsigned pid;

        if (end - at < 5 || map.npids == EMU_TS_STREAMS)
            return false;
        pid = get_pid(at + 1);
        if (pid == EMU_TS_METADATA_PID)
            return false;
        map.pids[map.npids++] = pid;
        if (at[0] == TYPE_H264 && map.video == 0)
            map.video = pid;
        if (get_12(at + 3) > (size_t)(end - at - 5))
            return false;
        at += 5 + get_12(at + 3);
    }
    *ret = map;
    return map.npids > 0;
}

static void
put_12(unsigned char *at, size_t number)
{
    at[0] = (unsigned char)((at[0] & 0xf0) | number >> 8);
    at[1] = (unsigned char)number;
}

bool
emu_ts_announce(const emu_ts_packet *packet, emu_ts_map *ret,
                unsigned char ret_packet[EMU_TS_PACKET])
{
    size_t len, info, more = sizeof pointer + sizeof stream;
    const unsigned char *at = section(packet, TABLE_PMT, &len);
    unsigned char *to = ret_packet + 5, *s = to;
    uint32_t sum;

    if (at == NULL || len < 12)
        return false;
    info = 12 + get_12(at + 10);
    if (info > len || 5 + len + more + CRC_LEN > EMU_TS_PACKET ||
        !read_streams(at + info, at + len, ret))
        return false;
    memset(ret_packet, 0xff, EMU_TS_PACKET);
    memcpy(ret_packet, (unsigned char[]){0x47, 0x40, 0, 0x10, 0}, 5);
    ret_packet[1] |= (unsigned char)(packet->pid >> 8);
    ret_packet[2] = (unsigned char)packet->pid;
    memcpy(to, at, info);
    to += info;
    memcpy(to, pointer, sizeof pointer);
    memcpy(to + sizeof pointer - 2, at + 3, 2); /* the program's number */
    to += sizeof pointer;
    memcpy(to, at + info, len - info);
    to += len - info;
    memcpy(to, stream, sizeof stream);
    to += sizeof stream;
    put_12(s + 1, len + more + CRC_LEN - SECTION_HEAD);
    put_12(s + 10, info - 12 + sizeof pointer);
    sum = crc(s, len + more);
    for (int i = 0; i < CRC_LEN; i++)
        to[i] = (unsigned char)(sum >> (24 - 8 * i));
    return true;
}

/* A number of 28 bits, 7 in each byte (ID3 2.4, section 6.2). */
static void
put_syncsafe(ivs_buf *b, size_t number)
{
    for (int shift = 21; shift >= 0; shift -= 7)
        ivs_buf_putc(b, (char)(number >> shift & 0x7f));
}

/* A tag of one TXXX frame in UTF-8, its description empty. */
static void
put_tag(ivs_buf *b, const char *text)
{
    size_t frame = 1 + 1 + strlen(text) + 1;

    ivs_buf_append(b, "ID3\4\0\0", 6);
    put_syncsafe(b, 10 + frame);
    ivs_buf_puts(b, "TXXX");
    put_syncsafe(b, frame);
    ivs_buf_append(b, "\0\0\3\0", 4); /* no flags, UTF-8, "" */
    ivs_buf_append(b, text, strlen(text) + 1);
}

/* A PES packet: its data are aligned, and it has a PTS. */
static void
put_pes(ivs_buf *b, const ivs_buf *tag, int64_t pts)
{
    size_t len = 3 + 5 + tag->len;

    ivs_buf_append(b, "\0\0\1", 3);
    ivs_buf_putc(b, (char)PRIVATE_STREAM);
    ivs_buf_putc(b, (char)(len >> 8));
    ivs_buf_putc(b, (char)len);
    ivs_buf_append(b, "\x84\x80\5", 3);
    ivs_buf_putc(b, (char)(0x21 | (pts >> 29 & 0x0e)));
    ivs_buf_putc(b, (char)(pts >> 22));
    ivs_buf_putc(b, (char)(1 | pts >> 14));
    ivs_buf_putc(b, (char)(pts >> 7));
    ivs_buf_putc(b, (char)(1 | pts << 1));
    ivs_buf_append(b, tag->data, tag->len);
}

/* One packet with what is left, filled up by its adaptation field. */
static size_t
put_packet(ivs_buf *b, const char *data, size_t left, bool start,
           unsigned counter)
{
    unsigned char packet[EMU_TS_PACKET];
    size_t room = EMU_TS_PACKET - 4, gap = left < room ? room - left : 0;

    memset(packet, 0xff, sizeof packet);
    packet[0] = 0x47;
    packet[1] = (unsigned char)((start ? 0x40 : 0) | EMU_TS_METADATA_PID >> 8);
    packet[2] = EMU_TS_METADATA_PID & 0xff;
    packet[3] = gap > 0 ? 0x30 : 0x10;
    emu_ts_set_counter(packet, counter);
    if (gap > 0)
        packet[4] = (unsigned char)(gap - 1);
    if (gap > 1)
        packet[5] = 0; /* no flags */
    memcpy(packet + 4 + gap, data, room - gap);
    ivs_buf_append(b, packet, sizeof packet);
    return room - gap;
}

void
emu_ts_put_text(ivs_buf *b, const char *text, int64_t pts, unsigned *counter)
{
    ivs_buf tag = IVS_BUF_INIT, pes = IVS_BUF_INIT;

    put_tag(&tag, text);
    if (!tag.failed)
        put_pes(&pes, &tag, pts);
    if (tag.failed || pes.failed)
        b->failed = true;
    for (size_t at = 0; at < pes.len && !b->failed;)
        at += put_packet(b, pes.data + at, pes.len - at, at == 0, (*counter)++);
    ivs_buf_free(&tag);
    ivs_buf_free(&pes);
}
