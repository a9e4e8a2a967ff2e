/* SPDX-License-Identifier: MIT */
/* Variant playlists. */

#include <string.h>

#include "edge.h"
#include "edge_session.h"
#include "playlist.h"
#include "ts_cutter.h"

/* SESSION.NAME.m3u8 after the prefix. */
static bool
read_path(const char *path, char session[EMU_SESSION_ID_LEN + 1], char *name,
          size_t cap)
{
    static const char suffix[] = ".m3u8";
    const char *at = path + sizeof EMU_VARIANT_PREFIX - 1;
    size_t len = strlen(at), tail = sizeof suffix - 1;

    if (len <= EMU_SESSION_ID_LEN + 1 + tail || at[EMU_SESSION_ID_LEN] != '.' ||
        strcmp(at + len - tail, suffix) != 0)
        return false;
    len -= EMU_SESSION_ID_LEN + 1 + tail;
    if (len >= cap)
        return false;
    memcpy(session, at, EMU_SESSION_ID_LEN);
    session[EMU_SESSION_ID_LEN] = '\0';
    memcpy(name, at + EMU_SESSION_ID_LEN + 1, len);
    name[len] = '\0';
    return true;
}

/* What there is of the media, or nothing as of now. */
static void
answer(emu_emulator *emu, const emu_request *req, const emu_session *session,
       size_t rendition, emu_response *res)
{
    emu_media_listing listing = {.first = emu_now_s(emu) / EMU_SEGMENT_S};
    emu_playlist_segment segments[EMU_WINDOW_LISTED];
    ivs_buf base = IVS_BUF_INIT;

    (void)emu_media_list(emu->media, session->stream, rendition, &listing);
    for (size_t i = 0; i < listing.n; i++)
        segments[i] = (emu_playlist_segment){listing.segments[i].start_ms,
                                             listing.segments[i].duration_ms};
    ivs_buf_printf(&base, "%s://%s" EMU_SEGMENT_PREFIX "%s.%s.", emu->scheme,
                   emu_request_header(req, "Host", NULL), session->id,
                   emu_renditions[rendition].name);
    emu_response_text(res, 200, "application/vnd.apple.mpegurl", "");
    if (base.failed)
        res->body.failed = true;
    else
        emu_playlist_variant(&res->body,
                             &(emu_playlist_window){.base = base.data,
                                                    .first = listing.first,
                                                    .n = listing.n,
                                                    .segments = segments,
                                                    .ended = session->ended});
    ivs_buf_free(&base);
    emu_response_header(res, "Cache-Control", "no-store");
}

void
emu_edge_variant(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    char id[EMU_SESSION_ID_LEN + 1], name[32];
    emu_session session;
    size_t rendition;

    res->operation = "VariantPlaylist";
    if (!emu_edge_method(req, res))
        return;
    if (!read_path(req->path, id, name, sizeof name)) {
        emu_edge_no_session(res);
        return;
    }
    if (!emu_edge_session(emu, req, id, name, &session, res))
        return;
    if (emu_ladder_find(EMU_LADDER_ALL, name, &rendition))
        answer(emu, req, &session, rendition, res);
}
