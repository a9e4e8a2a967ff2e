/* SPDX-License-Identifier: MIT */
#ifndef EMU_PLAYLIST_H
#define EMU_PLAYLIST_H

/* The text of playlists (RFC 8216), after what Amazon IVS serves. */

#include <stdbool.h>
#include <stdint.h>

#include <ivs/arn.h>

#include "base/buf.h"

#include "ladder.h"

typedef struct emu_playlist {
    const char *base; /* "http://host:port/v1/playlist/" */
    const char *session;
    const char *serving; /* of this answer, 32 hex digits */
    const char *country; /* of the viewer */
    const ivs_arn *channel;
    emu_ladder ladder; /* of the stream */
    ivs_resolution maximum_resolution;
    int64_t stream; /* its number */
    int64_t started_s;
    int64_t now_s;
} emu_playlist;

/* Append the multivariant playlist; variants are BASE SESSION.NAME.m3u8. */
void emu_playlist_multivariant(ivs_buf *b, const emu_playlist *playlist);
/* Whether a rendition of that name is in such a playlist of a ladder. */
bool emu_playlist_has(emu_ladder ladder, ivs_resolution maximum_resolution,
                      const char *name);
typedef struct emu_playlist_segment {
    int64_t start_ms; /* since 1970 */
    int64_t duration_ms;
} emu_playlist_segment;

typedef struct emu_playlist_window {
    const char *base; /* URL of a segment without its number and ".ts" */
    int64_t first;    /* number of the first one */
    size_t n;
    const emu_playlist_segment *segments;
    bool ended; /* there will be no more */
} emu_playlist_window;

/* Append a live variant playlist. */
void emu_playlist_variant(ivs_buf *b, const emu_playlist_window *window);

#endif
