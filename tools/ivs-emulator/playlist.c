/* SPDX-License-Identifier: MIT */
/* A ladder of renditions like the ones the service makes of a 1080p stream. */

#include "playlist.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* What a variant playlist covers, in seconds. */
#define SEGMENT_S 2

struct rendition {
    const char *name;
    ivs_resolution resolution; /* class it belongs to */
    int bandwidth;
    const char *attributes; /* of EXT-X-STREAM-INF */
};

static const struct rendition ladder[] = {
    {"1080p60", IVS_RESOLUTION_FULL_HD, 8534030,
     "RESOLUTION=1920x1080,CODECS=\"avc1.64002A,mp4a.40.2\",FRAME-RATE=60.000"},
    {"720p60", IVS_RESOLUTION_HD, 3422999,
     "RESOLUTION=1280x720,CODECS=\"avc1.4D401F,mp4a.40.2\",FRAME-RATE=60.000"},
    {"480p30", IVS_RESOLUTION_SD, 1427999,
     "RESOLUTION=852x480,CODECS=\"avc1.4D401F,mp4a.40.2\",FRAME-RATE=30.000"},
    {"360p30", IVS_RESOLUTION_SD, 630000,
     "RESOLUTION=640x360,CODECS=\"avc1.4D401F,mp4a.40.2\",FRAME-RATE=30.000"},
    {"160p30", IVS_RESOLUTION_SD, 230000,
     "RESOLUTION=284x160,CODECS=\"avc1.4D401F,mp4a.40.2\",FRAME-RATE=30.000"},
    {"audio_only", IVS_RESOLUTION_SD, 160000, "CODECS=\"mp4a.40.2\""},
};

static bool
allowed(const struct rendition *r, ivs_resolution maximum_resolution)
{
    return maximum_resolution == IVS_RESOLUTION_ANY ||
           r->resolution <= maximum_resolution;
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
append_rendition(ivs_buf *b, const emu_playlist *p, const struct rendition *r)
{
    /* The one that is as it came in. */
    const char *group = r == ladder ? "chunked" : r->name;

    ivs_buf_printf(b,
                   "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"%s\",NAME=\"%s\","
                   "AUTOSELECT=YES,DEFAULT=YES\n",
                   group, r->name);
    ivs_buf_printf(b,
                   "#EXT-X-STREAM-INF:BANDWIDTH=%d,%s,VIDEO=\"%s\"\n"
                   "%s%s.%s.m3u8\n",
                   r->bandwidth, r->attributes, group, p->base, p->session,
                   r->name);
}

void
emu_playlist_multivariant(ivs_buf *b, const emu_playlist *p)
{
    ivs_buf_puts(b, "#EXTM3U\n");
    append_session_data(b, p);
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++)
        if (allowed(&ladder[i], p->maximum_resolution))
            append_rendition(b, p, &ladder[i]);
}

bool
emu_playlist_has(ivs_resolution maximum_resolution, const char *name)
{
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++)
        if (strcmp(ladder[i].name, name) == 0)
            return allowed(&ladder[i], maximum_resolution);
    return false;
}

void
emu_playlist_variant(ivs_buf *b, int64_t now_s)
{
    ivs_buf_printf(b,
                   "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n"
                   "#EXT-X-MEDIA-SEQUENCE:%" PRId64 "\n",
                   now_s / SEGMENT_S);
}
