/* SPDX-License-Identifier: MIT */
/* Transport streams: tables as ffmpeg writes them, with the CRCs it gives them;
 * segments of a stream that is made here. */

#include "support/test.h"

#include <string.h>

#include "ts_cutter.h"

#define VIDEO 0x100
#define SOUND 0x101

static const unsigned char pat[] = {0x00, 0xb0, 0x0d, 0x00, 0x01, 0xc1,
                                    0x00, 0x00, 0x00, 0x01, 0xf0, 0x00,
                                    0x2a, 0xb1, 0x04, 0xb2};
static const unsigned char pmt[] = {0x02, 0xb0, 0x17, 0x00, 0x01, 0xc1, 0x00,
                                    0x00, 0xe1, 0x00, 0xf0, 0x00, 0x1b, 0xe1,
                                    0x00, 0xf0, 0x00, 0x0f, 0xe1, 0x01, 0xf0,
                                    0x00, 0x2f, 0x44, 0xb9, 0x9b};
/* The same with metadata. The CRC is one of Python's, a bit at a time. */
static const unsigned char announced[] = {
    0x02, 0xb0, 0x3c, 0x00, 0x01, 0xc1, 0x00, 0x00, 0xe1, 0x00, 0xf0,
    0x11, 0x25, 0x0f, 0xff, 0xff, 'I',  'D',  '3',  ' ',  0xff, 'I',
    'D',  '3',  ' ',  0x00, 0x1f, 0x00, 0x01, 0x1b, 0xe1, 0x00, 0xf0,
    0x00, 0x0f, 0xe1, 0x01, 0xf0, 0x00, 0x15, 0xe1, 0xf0, 0xf0, 0x0f,
    0x26, 0x0d, 0xff, 0xff, 'I',  'D',  '3',  ' ',  0xff, 'I',  'D',
    '3',  ' ',  0x00, 0x0f, 0x32, 0x90, 0x14, 0x28};

static void
make_packet(unsigned char ret[EMU_TS_PACKET], unsigned pid,
            const unsigned char *payload, size_t len, bool random_access)
{
    size_t at = random_access ? 6 : 4;

    memset(ret, 0xff, EMU_TS_PACKET);
    ret[0] = 0x47;
    ret[1] = (unsigned char)(0x40 | pid >> 8);
    ret[2] = (unsigned char)pid;
    ret[3] = random_access ? 0x30 : 0x10;
    if (random_access) {
        ret[4] = 1;
        ret[5] = 0x40;
    }
    memcpy(ret + at, payload, len);
}

static void
make_section(unsigned char ret[EMU_TS_PACKET], unsigned pid,
             const unsigned char *section, size_t len)
{
    unsigned char payload[EMU_TS_PACKET - 4] = {0};

    memcpy(payload + 1, section, len);
    make_packet(ret, pid, payload, 1 + len, false);
}

/* PTS of 33 bits in 5 bytes, by its definition. */
static void
make_pes(unsigned char ret[EMU_TS_PACKET], unsigned pid, int64_t pts, bool key)
{
    unsigned char pes[14] = {0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5};

    pes[9] = (unsigned char)(0x20 | (pts / (1 << 30) % 8) * 2 | 1);
    pes[10] = (unsigned char)(pts / (1 << 22));
    pes[11] = (unsigned char)(pts / (1 << 15) % 128 * 2 | 1);
    pes[12] = (unsigned char)(pts / (1 << 7));
    pes[13] = (unsigned char)(pts % 128 * 2 | 1);
    make_packet(ret, pid, pes, sizeof pes, key);
}

static void
program_map_gets_metadata(void **state)
{
    unsigned char packet[EMU_TS_PACKET], got[EMU_TS_PACKET];
    emu_ts_packet p;
    emu_ts_map map;
    unsigned pid = 0;

    (void)state;
    make_section(packet, 0, pat, sizeof pat);
    assert_true(emu_ts_read(packet, &p));
    assert_true(emu_ts_read_pat(&p, &pid));
    assert_int_equal(pid, 0x1000);
    assert_false(emu_ts_announce(&p, &map, got));
    make_section(packet, pid, pmt, sizeof pmt);
    assert_true(emu_ts_read(packet, &p));
    assert_true(emu_ts_announce(&p, &map, got));
    assert_memory_equal(got + 5, announced, sizeof announced);
    assert_int_equal(got[5 + sizeof announced], 0xff);
    assert_int_equal(map.npids, 2);
    assert_int_equal(map.video, VIDEO);
    assert_true(emu_ts_read(got, &p));
    assert_int_equal(p.pid, 0x1000);
    assert_false(emu_ts_announce(&p, &map, packet)); /* it has them */
}

static void
damaged_tables_are_refused(void **state)
{
    unsigned char packet[EMU_TS_PACKET], got[EMU_TS_PACKET] = {0};
    emu_ts_packet p;
    emu_ts_map map;
    unsigned pid = 7;

    (void)state;
    for (size_t i = 0; i < sizeof pmt * 8; i++) {
        make_section(packet, 0x1000, pmt, sizeof pmt);
        packet[5 + i / 8] ^= (unsigned char)(1 << i % 8);
        assert_true(emu_ts_read(packet, &p));
        assert_false(emu_ts_announce(&p, &map, got));
    }
    for (size_t i = 0; i < sizeof pat * 8; i++) {
        make_section(packet, 0, pat, sizeof pat);
        packet[5 + i / 8] ^= (unsigned char)(1 << i % 8);
        assert_true(emu_ts_read(packet, &p));
        assert_false(emu_ts_read_pat(&p, &pid));
    }
    /* a pointer beyond the packet, and one up to its end */
    for (int i = 160; i < 256; i++) {
        make_section(packet, 0, pat, sizeof pat);
        packet[4] = (unsigned char)i;
        assert_true(emu_ts_read(packet, &p));
        assert_false(emu_ts_read_pat(&p, &pid));
    }
    assert_int_equal(pid, 7);
    assert_int_equal(got[0], 0);
}

static void
what_is_no_packet_is_refused(void **state)
{
    static const struct {
        int at;
        unsigned char byte;
    } rows[] = {{0, 0x48}, {1, 0x80}, {3, 0x50}, {4, 184}, {4, 183}};
    unsigned char packet[EMU_TS_PACKET];
    emu_ts_packet p;
    int64_t pts;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_pes(packet, VIDEO, 0, true);
        packet[rows[i].at] = rows[i].byte;
        assert_false(emu_ts_read(packet, &p));
    }
    make_pes(packet, VIDEO, 0, true);
    packet[4] = 182; /* one byte of payload */
    assert_true(emu_ts_read(packet, &p));
    assert_false(emu_ts_pts(&p, &pts));
}

static void
pts_has_33_bits(void **state)
{
    static const int64_t rows[] = {0, 1, 90000, INT64_C(0x155555555),
                                   EMU_TS_WRAPS - 1};
    unsigned char packet[EMU_TS_PACKET];
    emu_ts_packet p;
    int64_t pts;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_pes(packet, VIDEO, rows[i], false);
        assert_true(emu_ts_read(packet, &p));
        assert_true(emu_ts_pts(&p, &pts));
        assert_int_equal(pts, rows[i]);
    }
    assert_int_equal(emu_ts_since(EMU_TS_WRAPS - 5, 5), 10);
    assert_int_equal(emu_ts_since(5, EMU_TS_WRAPS - 5), -10);
}

static void
text_is_an_id3_tag(void **state)
{
    /* of PID 0x1f0, its counter 15, and filled up */
    static const unsigned char head[] = {0x47, 0x41, 0xf0, 0x3f};
    ivs_buf b = IVS_BUF_INIT;
    char text[1025];
    emu_ts_packet p;
    unsigned counter = 15;
    int64_t pts;

    (void)state;
    /* 9 + 5 of the PES packet, 10 + 10 + 2 + 1 of the tag, 14 of the text */
    emu_ts_put_text(&b, "fourteen bytes", INT64_C(0x155555555), &counter);
    assert_false(b.failed);
    assert_int_equal(b.len, 188);
    assert_memory_equal(b.data, head, sizeof head);
    assert_true(emu_ts_read((const unsigned char *)b.data, &p));
    assert_int_equal(p.payload_len, 14 + 23 + 14);
    assert_true(emu_ts_pts(&p, &pts));
    assert_int_equal(pts, INT64_C(0x155555555));
    assert_memory_equal(p.payload + 14,
                        "ID3\4\0\0\0\0\0\x1b"
                        "TXXX\0\0\0\x11\0\0\3\0"
                        "fourteen bytes",
                        37);
    b.len = 0;
    memset(text, 'x', 1024);
    text[1024] = '\0';
    emu_ts_put_text(&b, text, 0, &counter);
    assert_int_equal(b.len, 6 * 188);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(b.data[i * 188 + 3] & 0x0f, i);
    ivs_buf_free(&b);
}

/* ---- segments ---- */

struct seen {
    size_t n, packets[8], texts[8];
    int64_t start[8], ticks[8];
    bool refuse;
};

static bool
note(const emu_ts_segment *segment, void *user)
{
    struct seen *seen = user;
    const unsigned char *data = (const unsigned char *)segment->data;
    emu_ts_packet p;

    assert_true(seen->n < 8);
    assert_int_equal(segment->len % EMU_TS_PACKET, 0);
    assert_memory_equal(data + 5, pat, sizeof pat);
    assert_int_equal(data[188 + 5], 2);
    assert_int_equal(data[3] & 0x0f, seen->n % 16);
    seen->start[seen->n] = segment->start;
    seen->ticks[seen->n] = segment->ticks;
    seen->packets[seen->n] = segment->len / EMU_TS_PACKET - 2;
    for (size_t i = 2; i < segment->len / EMU_TS_PACKET; i++) {
        assert_true(emu_ts_read(data + i * EMU_TS_PACKET, &p));
        seen->texts[seen->n] += p.pid == EMU_TS_METADATA_PID && p.start;
    }
    seen->n++;
    return !seen->refuse;
}

static const char *
feed(emu_ts_cutter *cutter, const unsigned char packet[EMU_TS_PACKET])
{
    return emu_ts_cutter_feed(cutter, (const char *)packet, EMU_TS_PACKET);
}

static void
feed_tables(emu_ts_cutter *cutter)
{
    unsigned char packet[EMU_TS_PACKET];

    make_section(packet, 0, pat, sizeof pat);
    assert_null(feed(cutter, packet));
    make_section(packet, 0x1000, pmt, sizeof pmt);
    assert_null(feed(cutter, packet));
}

static const char *
feed_pes(emu_ts_cutter *cutter, unsigned pid, int64_t pts, bool key)
{
    unsigned char packet[EMU_TS_PACKET];

    make_pes(packet, pid, pts & (EMU_TS_WRAPS - 1), key);
    return feed(cutter, packet);
}

/* Ten pictures a second, a key frame every two, over the end of PTS; a table
 * now and then, and packets of a PID that no table names. */
static void
segments_begin_with_key_frames(void **state)
{
    struct seen seen = {0};
    emu_ts_cutter *cutter = emu_ts_cutter_new(note, &seen);
    int64_t first = EMU_TS_WRAPS - 3 * EMU_TS_HZ;

    (void)state;
    assert_null(feed_pes(cutter, VIDEO, 0, true)); /* before the tables */
    for (int i = 0; i < 70; i++) {
        int64_t pts = first + i * 9000;

        if (i % 7 == 0)
            feed_tables(cutter);
        if (i == 35)
            assert_true(emu_ts_cutter_put_text(
                cutter, "text", (pts + 9000) & (EMU_TS_WRAPS - 1)));
        assert_null(feed_pes(cutter, SOUND, pts, true));
        assert_null(feed_pes(cutter, VIDEO, pts, i % 20 == 0));
        assert_null(feed_pes(cutter, 0x11, pts, true));
    }
    assert_int_equal(seen.n, 3);
    assert_true(emu_ts_cutter_end(cutter));
    assert_int_equal(seen.n, 4);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seen.ticks[i], 180000);
        assert_int_equal(seen.start[i],
                         (first + (int64_t)i * 180000) & (EMU_TS_WRAPS - 1));
        assert_int_equal(seen.texts[i], i == 1);
    }
    /* The sound of the first picture of the next one is in it. */
    assert_int_equal(seen.packets[0], 41);
    assert_int_equal(seen.packets[1], 41);
    assert_int_equal(seen.packets[2], 40);
    assert_int_equal(seen.ticks[3], 90000);
    emu_ts_cutter_free(cutter);
}

static void
sound_alone_is_cut_each_two_seconds(void **state)
{
    static const unsigned char alone[] = {
        0x02, 0xb0, 0x12, 0x00, 0x01, 0xc1, 0x00, 0x00, 0xe1, 0x01, 0xf0,
        0x00, 0x0f, 0xe1, 0x01, 0xf0, 0x00, 0xec, 0xe2, 0xb0, 0x94};
    struct seen seen = {0};
    emu_ts_cutter *cutter = emu_ts_cutter_new(note, &seen);
    unsigned char packet[EMU_TS_PACKET];
    int64_t pts = 0;

    (void)state;
    make_section(packet, 0, pat, sizeof pat);
    assert_null(feed(cutter, packet));
    make_section(packet, 0x1000, alone, sizeof alone);
    assert_null(feed(cutter, packet));
    for (; pts < 12 * EMU_TS_HZ; pts += 1920) /* 1024 samples of 48000 */
        assert_null(feed_pes(cutter, SOUND, pts, true));
    assert_int_equal(seen.n, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_in_range(seen.ticks[i], 178080, 181920);
        assert_in_range(seen.start[i], i * 180000, i * 180000 + 1919);
    }
    emu_ts_cutter_free(cutter);
}

static void
broken_streams_end(void **state)
{
    struct seen seen = {0};
    emu_ts_cutter *cutter = emu_ts_cutter_new(note, &seen);
    const char *wrong = NULL;

    (void)state;
    feed_tables(cutter);
    assert_null(feed_pes(cutter, VIDEO, 900000, true));
    assert_non_null(strstr(feed_pes(cutter, VIDEO, 890000, false), "jump"));
    emu_ts_cutter_free(cutter);

    /* no key frame for more than ten seconds */
    cutter = emu_ts_cutter_new(note, &seen);
    feed_tables(cutter);
    for (int64_t pts = 0; wrong == NULL; pts += 9000) {
        assert_true(pts <= 11 * EMU_TS_HZ);
        wrong = feed_pes(cutter, VIDEO, pts, pts == 0);
    }
    assert_int_equal(seen.n, 0);
    emu_ts_cutter_free(cutter);

    seen.refuse = true;
    cutter = emu_ts_cutter_new(note, &seen);
    feed_tables(cutter);
    assert_null(feed_pes(cutter, VIDEO, 0, true));
    assert_non_null(strstr(feed_pes(cutter, VIDEO, 180000, true), "stored"));
    emu_ts_cutter_free(cutter);
}

/* What came before is a segment yet; one that was refused is not offered
 * again. */
static void
ends_of_broken_streams_are_sound(void **state)
{
    struct seen seen = {0};
    emu_ts_cutter *cutter = emu_ts_cutter_new(note, &seen);

    (void)state;
    feed_tables(cutter);
    assert_null(feed_pes(cutter, VIDEO, 0, true));
    assert_null(feed_pes(cutter, VIDEO, 9000, false));
    assert_non_null(feed_pes(cutter, VIDEO, INT64_C(3600) * 90000, false));
    assert_true(emu_ts_cutter_end(cutter));
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.ticks[0], 18000);
    assert_int_equal(seen.packets[0], 2);
    emu_ts_cutter_free(cutter);

    seen = (struct seen){.refuse = true};
    cutter = emu_ts_cutter_new(note, &seen);
    feed_tables(cutter);
    assert_null(feed_pes(cutter, VIDEO, 0, true));
    assert_null(feed_pes(cutter, VIDEO, 9000, false));
    assert_non_null(feed_pes(cutter, VIDEO, 180000, true));
    assert_int_equal(seen.n, 1);
    assert_true(emu_ts_cutter_end(cutter));
    assert_int_equal(seen.n, 1);
    emu_ts_cutter_free(cutter);
}

static void
bytes_that_are_no_stream_end_it(void **state)
{
    char text[EMU_TS_PACKET];
    emu_ts_cutter *cutter = emu_ts_cutter_new(note, NULL);

    (void)state;
    memset(text, 'x', sizeof text);
    assert_null(emu_ts_cutter_feed(cutter, text, sizeof text - 1));
    assert_non_null(
        strstr(emu_ts_cutter_feed(cutter, text, 1), "no transport"));
    emu_ts_cutter_free(cutter);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(program_map_gets_metadata),
        cmocka_unit_test(damaged_tables_are_refused),
        cmocka_unit_test(what_is_no_packet_is_refused),
        cmocka_unit_test(pts_has_33_bits),
        cmocka_unit_test(text_is_an_id3_tag),
        cmocka_unit_test(segments_begin_with_key_frames),
        cmocka_unit_test(sound_alone_is_cut_each_two_seconds),
        cmocka_unit_test(broken_streams_end),
        cmocka_unit_test(ends_of_broken_streams_are_sound),
        cmocka_unit_test(bytes_that_are_no_stream_end_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
