/* SPDX-License-Identifier: MIT */
/* Variant playlists: open while their session lives, however long the token
 * that began it. */

#include <string.h>

#include "token/origin.h"

#include "edge.h"
#include "playlist.h"

#define SESSION_ID_LEN 32

/* SESSION.NAME.m3u8 after the prefix. */
static bool
read_path(const char *path, char session[SESSION_ID_LEN + 1], char *name,
          size_t cap)
{
    static const char suffix[] = ".m3u8";
    const char *at = path + sizeof EMU_VARIANT_PREFIX - 1;
    size_t len = strlen(at), tail = sizeof suffix - 1;

    if (len <= SESSION_ID_LEN + 1 + tail || at[SESSION_ID_LEN] != '.' ||
        strcmp(at + len - tail, suffix) != 0)
        return false;
    len -= SESSION_ID_LEN + 1 + tail;
    if (len >= cap)
        return false;
    memcpy(session, at, SESSION_ID_LEN);
    session[SESSION_ID_LEN] = '\0';
    memcpy(name, at + SESSION_ID_LEN + 1, len);
    name[len] = '\0';
    return true;
}

/* Does one entry of a comma-separated list cover the origin? */
static bool
list_covers(char *list, const char *origin)
{
    for (char *at = list, *next; at != NULL; at = next) {
        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        if (ivs_origin_match(at, origin))
            return true;
    }
    return false;
}

static void
forbid(emu_response *res, const char *text, const char *why)
{
    emu_response_text(res, 403, "text/plain", text);
    emu_response_header(res, "Access-Control-Allow-Origin", "*");
    emu_response_note(res, "%s", why);
}

static void
answer(const emu_session *session, const char *name, const emu_request *req,
       ivs_buf *text, int64_t now_s, emu_response *res)
{
    const char *origin = emu_edge_origin(req);
    bool strict = session->origins != NULL;

    if (!emu_playlist_has(session->maximum_resolution, name)) {
        forbid(res, "Forbidden", "the session has no such rendition");
        return;
    }
    if (strict && origin == NULL) {
        forbid(res, "origin required", "strict origin, and none was sent");
        return;
    }
    /* A strict token without origins asks for any Origin. */
    if (strict && *session->origins != '\0' &&
        !list_covers(text->data, origin)) {
        forbid(res, "Forbidden", "the origin is not among the token's");
        return;
    }
    emu_response_text(res, 200, "application/vnd.apple.mpegurl", "");
    emu_playlist_variant(&res->body, now_s);
    emu_response_header(res, "Cache-Control", "no-store");
    emu_response_header(res, "Access-Control-Allow-Origin",
                        strict ? origin : "*");
}

void
emu_edge_variant(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    char id[SESSION_ID_LEN + 1], name[32];
    ivs_buf text = IVS_BUF_INIT;
    int64_t now_s = emu_now_s(emu);
    emu_found found = EMU_NONE;
    emu_session session;

    if (!emu_edge_method(req, res))
        return;
    if (read_path(req->path, id, name, sizeof name)) {
        found = EMU_FAILED;
        if (emu_store_begin(emu->store)) {
            found =
                emu_store_session_get(emu->store, id, now_s, &session, &text);
            (void)emu_store_end(emu->store, false);
        }
    }
    if (found == EMU_FAILED)
        (void)emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    else if (found == EMU_NONE)
        forbid(res, "Forbidden", "no such session: ended, revoked or made up");
    else
        answer(&session, name, req, &text, now_s, res);
    ivs_buf_free(&text);
}
