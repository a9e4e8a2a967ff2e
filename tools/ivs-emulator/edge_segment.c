/* SPDX-License-Identifier: MIT */
/* Segments: bytes of a stream's media, for the sessions of its channel. A path
 * is taken apart into a session, a rendition and a number; it never gets near
 * the file system. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "edge.h"
#include "edge_refuse.h"
#include "edge_session.h"

#define DIGITS_MAX 15

/* SESSION.RENDITION.NUMBER.ts after the prefix. */
static bool
read_path(const char *path, char session[EMU_SESSION_ID_LEN + 1], char *name,
          size_t cap, int64_t *ret_number)
{
    const char *at = path + sizeof EMU_SEGMENT_PREFIX - 1, *dot;
    size_t len, digits;

    if (strlen(at) <= EMU_SESSION_ID_LEN || at[EMU_SESSION_ID_LEN] != '.')
        return false;
    memcpy(session, at, EMU_SESSION_ID_LEN);
    session[EMU_SESSION_ID_LEN] = '\0';
    at += EMU_SESSION_ID_LEN + 1;
    dot = strchr(at, '.');
    if (dot == NULL || (len = (size_t)(dot - at)) >= cap)
        return false;
    memcpy(name, at, len);
    name[len] = '\0';
    at = dot + 1;
    digits = strspn(at, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX || (*at == '0' && digits > 1) ||
        strcmp(at + digits, ".ts") != 0)
        return false;
    *ret_number = strtoll(at, NULL, 10);
    return true;
}

void
emu_edge_segment(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    char id[EMU_SESSION_ID_LEN + 1], name[32];
    size_t rendition = 0, len = 0;
    emu_session session;
    int64_t number;
    int file;

    res->operation = "Segment";
    if (!emu_edge_method(req, res))
        return;
    if (!read_path(req->path, id, name, sizeof name, &number)) {
        emu_edge_no_session(res);
        return;
    }
    if (!emu_edge_session(emu, req, id, name, &session, res))
        return;
    (void)emu_ladder_find(session.ladder, name, &rendition);
    emu_response_header(res, "Cache-Control", "no-store");
    file = emu_media_open(emu->media, session.stream, rendition, number, &len);
    if (file >= 0) {
        emu_response_file(res, 200, "video/mp2t", file, len);
        return;
    }
    if (errno != ENOENT) {
        emu_edge_fail(res, strerror(errno));
        return;
    }
    emu_response_text(res, 404, "text/plain", "Not Found");
    emu_response_reason(res, "segment_gone",
                        "there is no such segment any more, or not yet");
}
