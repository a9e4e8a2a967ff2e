/* SPDX-License-Identifier: MIT */
/* Playlists like those of the service. */

#include "playlist.h"

#include <inttypes.h>

#include "base/time.h"

/* The attributes of EXT-X-STREAM-INF, but for its group. */
static void
attributes(ivs_buf *b, const emu_rendition *r)
{
    ivs_buf_printf(b, "BANDWIDTH=%d", r->bandwidth);
    if (r->width > 0)
        ivs_buf_printf(b, ",RESOLUTION=%dx%d", r->width, r->height);
    ivs_buf_printf(b, ",CODECS=\"%s\"", r->codecs);
    if (r->fps > 0)
        ivs_buf_printf(b, ",FRAME-RATE=%d.000", r->fps);
}

static void
session_data(ivs_buf *b, const char *id, const char *value)
{
    ivs_buf_printf(b, "#EXT-X-SESSION-DATA:DATA-ID=\"%s\",VALUE=\"%s\"\n", id,
                   value);
}

static void
session_time(ivs_buf *b, const char *id, int64_t value_s)
{
    ivs_buf_printf(
        b, "#EXT-X-SESSION-DATA:DATA-ID=\"%s\",VALUE=\"%" PRId64 ".00\"\n", id,
        value_s);
}

/* All that the service tells. Nodes and clusters are made up, and the address
 * is one for documentation (RFC 5737): nothing tells of this machine. */
static void
append_session_data(ivs_buf *b, const emu_playlist *p)
{
    int64_t since_s = p->now_s > p->started_s ? p->now_s - p->started_s : 0;

    session_data(b, "NODE", "ivs-emulator.emu01");
    session_data(b, "MANIFEST-NODE-TYPE", "weaver_cluster");
    session_data(b, "MANIFEST-NODE", "weaver-emulator.emu01");
    session_data(b, "SUPPRESS", "true");
    session_time(b, "SERVER-TIME", p->now_s);
    session_data(b, "TRANSCODESTACK", "2023-Transcode-QS-V1");
    session_data(b, "USER-IP", "192.0.2.1");
    session_data(b, "SERVING-ID", p->serving);
    session_data(b, "CLUSTER", "emu01");
    session_data(b, "ABS", "false");
    session_data(b, "VIDEO-SESSION-ID", p->session);
    ivs_buf_printf(b,
                   "#EXT-X-SESSION-DATA:DATA-ID=\"BROADCAST-ID\",VALUE=\""
                   "%" PRId64 "\"\n",
                   p->stream);
    session_time(b, "STREAM-TIME", since_s);
    session_data(b, "FUTURE", "true");
    session_data(b, "USER-COUNTRY", p->country);
    session_data(b, "MANIFEST-CLUSTER", "emu01");
    session_data(b, "ORIGIN", "emu01");
    session_data(b, "C", "aXZzLWVtdWxhdG9y"); /* base64 of a name */
    session_data(b, "E", "W10=");             /* and of no segments to probe */
    session_data(b, "CUSTOMER_ID", p->channel->account);
    session_data(b, "CONTENT_ID", p->channel->id);
}

static void
append_rendition(ivs_buf *b, const emu_playlist *p, size_t i)
{
    const emu_rendition *r = &emu_renditions[i];
    /* The best one is as it came in. */
    bool source = r->width > 0 && (p->ladder & ((1U << i) - 1)) == 0;
    const char *group = source ? "chunked" : r->name;

    ivs_buf_printf(b,
                   "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"%s\",NAME=\"%s\","
                   "AUTOSELECT=YES,DEFAULT=YES\n",
                   group, r->name);
    ivs_buf_puts(b, "#EXT-X-STREAM-INF:");
    attributes(b, r);
    ivs_buf_printf(b, ",VIDEO=\"%s\"\n%s%s.%s.m3u8\n", group, p->base,
                   p->session, r->name);
}

void
emu_playlist_multivariant(ivs_buf *b, const emu_playlist *p)
{
    emu_ladder ladder = emu_ladder_up_to(p->ladder, p->maximum_resolution);

    ivs_buf_puts(b, "#EXTM3U\n");
    append_session_data(b, p);
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (emu_ladder_has(ladder, i))
            append_rendition(b, p, i);
}

bool
emu_playlist_has(emu_ladder ladder, ivs_resolution maximum_resolution,
                 const char *name)
{
    return emu_ladder_find(emu_ladder_up_to(ladder, maximum_resolution), name,
                           NULL);
}

/* RFC 3339 with milliseconds. */
static void
append_date(ivs_buf *b, int64_t time_ms)
{
    char text[IVS_TIME_SIZE];

    ivs_time_format(time_ms / 1000, text);
    ivs_buf_printf(b, "#EXT-X-PROGRAM-DATE-TIME:%.19s.%03dZ\n", text,
                   (int)(time_ms % 1000));
}

void
emu_playlist_variant(ivs_buf *b, const emu_playlist_window *window)
{
    ivs_buf_printf(b,
                   "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n"
                   "#EXT-X-MEDIA-SEQUENCE:%" PRId64 "\n",
                   window->first);
    for (size_t i = 0; i < window->n; i++) {
        const emu_playlist_segment *segment = &window->segments[i];

        append_date(b, segment->start_ms);
        ivs_buf_printf(b, "#EXTINF:%" PRId64 ".%03d,live\n%s%" PRId64 ".ts\n",
                       segment->duration_ms / 1000,
                       (int)(segment->duration_ms % 1000), window->base,
                       window->first + (int64_t)i);
    }
    if (window->ended)
        ivs_buf_puts(b, "#EXT-X-ENDLIST\n");
}
