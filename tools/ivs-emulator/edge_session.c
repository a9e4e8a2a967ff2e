/* SPDX-License-Identifier: MIT */
/* A session is open while it lives, however long the token that began it. */

#include "edge_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "token/origin.h"

#include "edge.h"
#include "edge_refuse.h"
#include "playlist.h"

/* An entry that is longer is no origin. */
#define ENTRY_MAX 512

bool
emu_edge_covers(const char *list, const char *origin)
{
    char entry[ENTRY_MAX + 1];

    for (const char *at = list; *at != '\0'; at += *at == ',') {
        size_t len = strcspn(at, ",");

        if (len <= ENTRY_MAX) {
            memcpy(entry, at, len);
            entry[len] = '\0';
            if (ivs_origin_match(entry, origin))
                return true;
        }
        at += len;
    }
    return false;
}

void
emu_edge_no_session(emu_response *res)
{
    emu_edge_forbid(res, "Forbidden");
    emu_response_reason(res, "session_unknown",
                        "there is no such session: it is long over, or was "
                        "made up");
}

static bool
check_alive(const emu_session *session, int64_t now_s, emu_response *res)
{
    if (session->revoked) {
        emu_edge_forbid(res, "Forbidden");
        emu_response_reason(res, "session_revoked",
                            "the session's viewer was revoked, and its version "
                            "%" PRId64 " with it",
                            session->version);
        return false;
    }
    if (session->expires_s <= now_s) {
        emu_edge_forbid(res, "Forbidden");
        emu_response_reason(res, "session_ended",
                            "the session ended %" PRId64 " seconds ago: begin "
                            "another with the multivariant playlist",
                            now_s - session->expires_s);
        return false;
    }
    return true;
}

static bool
check_origin(const char *origins, const char *origin, emu_response *res)
{
    if (origin == NULL) {
        emu_edge_forbid(res, "origin required");
        emu_response_reason(res, "origin_missing",
                            "the session enforces its origins and the request "
                            "names none");
        return false;
    }
    if (!emu_edge_covers(origins, origin)) {
        emu_edge_forbid(res, "Forbidden");
        emu_response_reason(res, "origin_mismatch",
                            "origin %.100s is none of those of the session",
                            origin);
        return false;
    }
    return true;
}

static bool
check(const emu_session *session, const emu_request *req, const char *rendition,
      int64_t now_s, emu_response *res)
{
    const char *origin = emu_edge_origin(req);
    bool strict = session->origins != NULL;

    if (!check_alive(session, now_s, res))
        return false;
    if (!emu_playlist_has(session->ladder, session->maximum_resolution,
                          rendition)) {
        emu_edge_forbid(res, "Forbidden");
        emu_response_reason(res, "rendition_unknown",
                            "the session has no rendition %.40s", rendition);
        return false;
    }
    if (strict && !check_origin(session->origins, origin, res))
        return false;
    emu_response_header(res, "Access-Control-Allow-Origin",
                        strict ? origin : "*");
    return true;
}

/* Whose it is, for the request log. */
static void
note(const emu_session *session, emu_response *res)
{
    (void)snprintf(res->channel, sizeof res->channel, "%s",
                   session->channel_arn);
    (void)snprintf(res->viewer, sizeof res->viewer, "%s",
                   session->viewer == NULL ? "" : session->viewer);
}

bool
emu_edge_session(emu_emulator *emu, const emu_request *req, const char *id,
                 const char *rendition, emu_session *ret, emu_response *res)
{
    ivs_buf text = IVS_BUF_INIT;
    emu_found found = EMU_FAILED;
    emu_session session;
    bool allowed = false;

    if (emu_store_begin(emu->store)) {
        found = emu_store_session_get(emu->store, id, &session, &text);
        (void)emu_store_end(emu->store, false);
    }
    if (found == EMU_FOUND)
        note(&session, res);
    if (found == EMU_FAILED)
        emu_edge_fail(res, "cannot read the state");
    else if (found == EMU_NONE)
        emu_edge_no_session(res);
    else
        allowed = check(&session, req, rendition, emu_now_s(emu), res);
    if (allowed) {
        *ret = session;
        ret->viewer = ret->origins = NULL;
    }
    ivs_buf_free(&text);
    return allowed;
}
