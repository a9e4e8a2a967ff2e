/* SPDX-License-Identifier: MIT */
/* Requests for multivariant playlists: which channel, and what decides. */

#include "edge.h"

#include <string.h>

#include "edge_admit.h"
#include "edge_channel.h"
#include "edge_refuse.h"

const char *
emu_edge_origin(const emu_request *req)
{
    const char *origin = emu_request_header(req, "Origin", NULL);

    return origin == NULL || *origin == '\0' ? NULL : origin;
}

bool
emu_edge_method(const emu_request *req, emu_response *res)
{
    if (strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0)
        return true;
    if (strcmp(req->method, "OPTIONS") != 0) {
        (void)emu_refuse(res, EMU_METHOD, "expected GET, HEAD or OPTIONS");
        emu_response_header(res, "Allow", "GET, HEAD, OPTIONS");
        return false;
    }
    res->status = 204;
    emu_response_header(res, "Access-Control-Allow-Origin", "*");
    emu_response_header(res, "Access-Control-Allow-Methods",
                        "GET, HEAD, OPTIONS");
    emu_response_header(res, "Access-Control-Allow-Headers", "*");
    emu_response_header(res, "Access-Control-Max-Age", "600");
    return false;
}

/* The ARN a path names; the library tells them from URLs. */
static bool
read_path(const emu_request *req, ivs_arn *ret)
{
    ivs_buf url = IVS_BUF_INIT;
    bool read;

    ivs_buf_printf(&url, "http://localhost%s", req->path);
    read = !url.failed &&
           ivs_arn_from_playback_url(url.data, url.len, ret, NULL) == IVS_OK;
    ivs_buf_free(&url);
    return read;
}

void
emu_edge(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    emu_channel channel = {0};
    emu_found found = EMU_NONE;

    res->operation = "MultivariantPlaylist";
    if (!emu_edge_method(req, res))
        return;
    if (read_path(req, &channel.arn))
        found = emu_channel_load(emu, &channel);
    (void)snprintf(res->channel, sizeof res->channel, "%s", channel.arn_text);
    if (found == EMU_NONE) {
        emu_edge_refuse_channel(req, res);
        emu_response_reason(res, "channel_unknown",
                            "there is no such channel in that account and "
                            "region, or the path is none of a channel");
    } else if (found == EMU_FAILED) {
        emu_edge_fail(res, "cannot read the state");
    } else if (channel.played.authorized) {
        emu_edge_private(emu, req, &channel, res);
    } else {
        emu_edge_public(emu, req, &channel, res);
    }
    emu_channel_free(emu, &channel);
}
