/* SPDX-License-Identifier: MIT */
/* Variant playlists. */

#include <string.h>

#include "edge.h"
#include "edge_session.h"
#include "playlist.h"

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

void
emu_edge_variant(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    char id[EMU_SESSION_ID_LEN + 1], name[32];
    emu_session session;

    res->operation = "VariantPlaylist";
    if (!emu_edge_method(req, res))
        return;
    if (!read_path(req->path, id, name, sizeof name)) {
        emu_edge_no_session(res);
        return;
    }
    if (!emu_edge_session(emu, req, id, name, &session, res))
        return;
    emu_response_text(res, 200, "application/vnd.apple.mpegurl", "");
    emu_playlist_variant(&res->body, emu_now_s(emu));
    emu_response_header(res, "Cache-Control", "no-store");
}
