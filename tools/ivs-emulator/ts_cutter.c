/* SPDX-License-Identifier: MIT */
/* Tables are taken out where they come and written anew at the head of each
 * segment, so their counters are ours; all other packets stay as they are. */

#include "ts_cutter.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define SEGMENT_TICKS_MAX (INT64_C(10) * EMU_TS_HZ)
#define SEGMENT_TICKS     ((int64_t)EMU_SEGMENT_S * EMU_TS_HZ)

struct text {
    struct text *next;
    int64_t pts;
    char text[];
};

struct emu_ts_cutter {
    emu_ts_segment_fn fn;
    void *user;
    unsigned char partial[EMU_TS_PACKET]; /* what came of a packet */
    size_t npartial;

    unsigned char pat[EMU_TS_PACKET], pmt[EMU_TS_PACKET];
    unsigned pmt_pid;
    emu_ts_map map; /* npids 0: no tables yet */
    unsigned tables_counter, metadata_counter;

    ivs_buf segment;
    bool begun;
    int64_t start;    /* PTS of the segment */
    int64_t next;     /* where sound alone is cut */
    int64_t position; /* the latest PTS */
    int64_t frame;    /* between the last two that decide */
    struct text *texts;
};

emu_ts_cutter *
emu_ts_cutter_new(emu_ts_segment_fn fn, void *user)
{
    emu_ts_cutter *c = calloc(1, sizeof *c);

    if (c != NULL) {
        c->fn = fn;
        c->user = user;
    }
    return c;
}

void
emu_ts_cutter_free(emu_ts_cutter *c)
{
    if (c == NULL)
        return;
    for (struct text *next; c->texts != NULL; c->texts = next) {
        next = c->texts->next;
        free(c->texts);
    }
    ivs_buf_free(&c->segment);
    free(c);
}

bool
emu_ts_cutter_position(const emu_ts_cutter *c, int64_t *ret)
{
    *ret = c->position;
    return c->begun;
}

bool
emu_ts_cutter_put_text(emu_ts_cutter *c, const char *text, int64_t pts)
{
    size_t size = strlen(text) + 1;
    struct text **at = &c->texts, *new = malloc(sizeof *new + size);

    if (new == NULL)
        return false;
    new->next = NULL;
    new->pts = pts;
    memcpy(new->text, text, size);
    while (*at != NULL)
        at = &(*at)->next;
    *at = new;
    return true;
}

/* Texts whose time has come. */
static void
put_texts(emu_ts_cutter *c, int64_t pts)
{
    struct text *first;

    while ((first = c->texts) != NULL && emu_ts_since(first->pts, pts) >= 0) {
        emu_ts_put_text(&c->segment, first->text, first->pts,
                        &c->metadata_counter);
        c->texts = first->next;
        free(first);
    }
}

static void
put_tables(emu_ts_cutter *c)
{
    emu_ts_set_counter(c->pat, c->tables_counter);
    emu_ts_set_counter(c->pmt, c->tables_counter);
    c->tables_counter++;
    ivs_buf_append(&c->segment, c->pat, sizeof c->pat);
    ivs_buf_append(&c->segment, c->pmt, sizeof c->pmt);
}

static bool
hand_over(emu_ts_cutter *c, int64_t ticks)
{
    emu_ts_segment segment = {.data = c->segment.data,
                              .len = c->segment.len,
                              .start = c->start,
                              .ticks = ticks};
    bool taken = !c->segment.failed && c->fn(&segment, c->user);

    c->segment.len = 0;
    c->begun = taken; /* else nothing is left to end with */
    return taken;
}

/* A PES packet of the stream that decides where to cut. */
static const char *
advance(emu_ts_cutter *c, int64_t pts, bool random_access)
{
    int64_t ticks = emu_ts_since(c->start, pts);
    int64_t frame = emu_ts_since(c->position, pts);

    if (!c->begun) {
        c->begun = true;
        c->start = c->position = pts;
        c->next = pts + SEGMENT_TICKS;
        return NULL;
    }
    if (frame < 0 || ticks > SEGMENT_TICKS_MAX)
        return "its times jump";
    c->frame = frame;
    c->position = pts;
    if (c->map.video != 0 ? !random_access || ticks < SEGMENT_TICKS / 2
                          : emu_ts_since(c->next, pts) < 0)
        return NULL;
    if (!hand_over(c, ticks))
        return "a segment cannot be stored";
    put_tables(c);
    c->start = pts;
    c->next = (c->next + SEGMENT_TICKS) & (EMU_TS_WRAPS - 1);
    return NULL;
}

static bool
in_map(const emu_ts_cutter *c, unsigned pid)
{
    for (size_t i = 0; i < c->map.npids; i++)
        if (c->map.pids[i] == pid)
            return true;
    return false;
}

static void
take_table(emu_ts_cutter *c, const unsigned char *data,
           const emu_ts_packet *packet)
{
    unsigned char pmt[EMU_TS_PACKET];

    if (packet->pid == 0) {
        if (emu_ts_read_pat(packet, &c->pmt_pid))
            memcpy(c->pat, data, sizeof c->pat);
    } else if (emu_ts_announce(packet, &c->map, pmt)) {
        memcpy(c->pmt, pmt, sizeof c->pmt);
        if (c->segment.len == 0)
            put_tables(c);
    }
}

static const char *
take(emu_ts_cutter *c, const unsigned char *data)
{
    const char *wrong = NULL;
    emu_ts_packet packet;
    int64_t pts;

    if (!emu_ts_read(data, &packet))
        return "it is no transport stream";
    if (packet.pid == 0 || (c->pmt_pid != 0 && packet.pid == c->pmt_pid)) {
        take_table(c, data, &packet);
        return NULL;
    }
    if (!in_map(c, packet.pid))
        return NULL;
    if (packet.pid == (c->map.video != 0 ? c->map.video : c->map.pids[0]) &&
        emu_ts_pts(&packet, &pts)) {
        wrong = advance(c, pts, packet.random_access);
        if (wrong != NULL)
            return wrong;
        put_texts(c, pts);
    }
    ivs_buf_append(&c->segment, data, EMU_TS_PACKET);
    return c->segment.len > SEGMENT_BYTES_MAX ? "a segment grows too large"
                                              : NULL;
}

const char *
emu_ts_cutter_feed(emu_ts_cutter *c, const char *data, size_t len)
{
    const char *wrong = NULL;

    while (len > 0 && wrong == NULL) {
        size_t n = EMU_TS_PACKET - c->npartial;

        n = n < len ? n : len;
        memcpy(c->partial + c->npartial, data, n);
        c->npartial += n;
        data += n;
        len -= n;
        if (c->npartial < EMU_TS_PACKET)
            break;
        c->npartial = 0;
        wrong = take(c, c->partial);
    }
    if (wrong == NULL && c->segment.failed)
        wrong = "there is no memory for a segment";
    return wrong;
}

bool
emu_ts_cutter_end(emu_ts_cutter *c)
{
    int64_t ticks = emu_ts_since(c->start, c->position) + c->frame;

    return !c->begun || ticks <= 0 || hand_over(c, ticks);
}
