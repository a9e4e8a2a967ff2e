/* SPDX-License-Identifier: MIT */
/* Playback begins. */

#include "edge_admit.h"

#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"

#include "edge.h"
#include "edge_refuse.h"
#include "edge_session.h"
#include "playlist.h"

enum verdict { FAILED, ADMITTED, OFFLINE, REVOKED, USED, FULL };

struct admitting {
    emu_emulator *emu;
    const emu_channel *channel;
    const emu_admission *admission;
    emu_session session;
    int64_t now_s;
};

static enum verdict
check_revoked(const struct admitting *a)
{
    if (a->session.viewer == NULL)
        return ADMITTED;
    switch (emu_store_is_revoked(a->emu->store, a->session.channel,
                                 a->session.viewer, a->session.version)) {
    case EMU_NONE:
        return ADMITTED;
    case EMU_FOUND:
        return REVOKED;
    case EMU_FAILED:
    default:
        return FAILED;
    }
}

static enum verdict
add_session(const struct admitting *a)
{
    switch (emu_store_session_add(a->emu->store, &a->session, a->now_s)) {
    case EMU_FOUND:
        return ADMITTED;
    case EMU_NONE:
        return OFFLINE;
    case EMU_FAILED:
    default:
        return FAILED;
    }
}

static enum verdict
use_token(const struct admitting *a)
{
    const ivs_claims *claims = a->admission->claims;

    if (claims == NULL || claims->single_use_uuid == NULL)
        return ADMITTED;
    switch (emu_store_use(a->emu->store, &a->channel->scope,
                          claims->single_use_uuid, claims->expires_at_s,
                          a->now_s)) {
    case EMU_FOUND:
        return ADMITTED;
    case EMU_NONE:
        return USED;
    case EMU_FAILED:
    default:
        return FAILED;
    }
}

/* The new session counts. */
static enum verdict
check_room(const struct admitting *a)
{
    int64_t limit = a->emu->viewer_limit, n;

    if (limit == 0)
        return ADMITTED;
    n = emu_store_audience(a->emu->store, &a->channel->scope, a->now_s,
                           limit + 1);
    return n < 0 ? FAILED : n > limit ? FULL : ADMITTED;
}

/* What is refused uses no token up. */
static enum verdict
admit(const struct admitting *a)
{
    enum verdict verdict;

    if (!emu_store_begin(a->emu->store))
        return FAILED;
    if ((verdict = check_revoked(a)) == ADMITTED &&
        (verdict = add_session(a)) == ADMITTED &&
        (verdict = use_token(a)) == ADMITTED)
        verdict = check_room(a);
    if (!emu_store_end(a->emu->store, verdict == ADMITTED) &&
        verdict == ADMITTED)
        return FAILED;
    return verdict;
}

static void
refuse(const struct admitting *a, enum verdict verdict, const emu_request *req,
       emu_response *res)
{
    ivs_error err = {0};

    switch (verdict) {
    case OFFLINE:
        emu_edge_refuse_channel(req, res);
        emu_response_reason(res, "channel_offline",
                            "the channel is offline: nothing streams to it");
        break;
    case REVOKED:
        (void)ivs_reject(&err, IVS_REJECT_REVOKED, "aws:viewer-id",
                         "viewer %s was revoked, and version %" PRId64
                         " with it: a token of a higher version plays",
                         a->session.viewer, a->session.version);
        emu_edge_refuse_token(req, &err, res);
        break;
    case USED:
        (void)ivs_reject(&err, IVS_REJECT_USED, "aws:single-use-uuid",
                         "the single-use token was used before");
        emu_edge_refuse_token(req, &err, res);
        break;
    case FULL:
        emu_edge_refuse(req, res, 429, "Too many concurrent viewers",
                        "concurrent_viewer_limit");
        emu_response_reason(res, "viewer_limit",
                            "%" PRId64 " viewers watch channels of %s/%s, "
                            "which is the limit",
                            a->emu->viewer_limit, a->channel->scope.account,
                            a->channel->scope.region);
        break;
    case ADMITTED:
    case FAILED:
    default:
        emu_edge_fail(res, "cannot store the session");
    }
}

static bool
write_playlist(const struct admitting *a, const emu_request *req,
               emu_response *res)
{
    char serving[2 * 16 + 1], country[3] = "ZZ";
    ivs_buf base = IVS_BUF_INIT;
    emu_playlist playlist = {.channel = &a->channel->arn,
                             .session = a->session.id,
                             .serving = serving,
                             .country = country,
                             .ladder = a->channel->played.ladder,
                             .maximum_resolution =
                                 a->session.maximum_resolution,
                             .stream = a->channel->played.stream,
                             .started_s = a->channel->played.start_s,
                             .now_s = a->now_s};
    bool written =
        emu_random_hex(a->emu->random, &a->channel->scope, serving, 16);

    (void)emu_edge_country(a->emu, req, country);
    ivs_buf_printf(&base, "%s://%s" EMU_VARIANT_PREFIX, a->emu->scheme,
                   emu_request_header(req, "Host", NULL));
    written = written && !base.failed;
    if (written) {
        playlist.base = base.data;
        emu_response_text(res, 200, "application/vnd.apple.mpegurl", "");
        emu_playlist_multivariant(&res->body, &playlist);
    }
    ivs_buf_free(&base);
    return written;
}

/* Every origin may read it, or the one that asked and was allowed to. */
static void
add_headers(const emu_admission *admission, const emu_request *req,
            emu_response *res)
{
    const char *origin = emu_edge_origin(req);

    emu_response_header(res, "Cache-Control", "no-store");
    if (admission->origins == NULL)
        origin = "*";
    if (origin != NULL)
        emu_response_header(res, "Access-Control-Allow-Origin", origin);
    emu_response_header(res, "Vary", "Origin");
}

void
emu_edge_admit(emu_emulator *emu, const emu_request *req,
               const emu_channel *channel, const emu_admission *admission,
               emu_response *res)
{
    int64_t now_s = emu_now_s(emu);
    struct admitting a = {.emu = emu,
                          .channel = channel,
                          .admission = admission,
                          .session = {.channel = channel->played.channel,
                                      .expires_s = now_s + emu->session_s},
                          .now_s = now_s};
    const ivs_claims *claims = admission->claims;
    enum verdict verdict = FAILED;

    if (claims != NULL) {
        a.session.viewer = claims->viewer_id;
        a.session.maximum_resolution = claims->maximum_resolution;
        if (claims->has_viewer_session_version)
            a.session.version = claims->viewer_session_version;
    }
    if (admission->strict)
        a.session.origins =
            admission->origins == NULL ? "*" : admission->origins;
    if (a.session.viewer != NULL)
        (void)snprintf(res->viewer, sizeof res->viewer, "%s", a.session.viewer);
    if (emu_random_hex(emu->random, &channel->scope, a.session.id,
                       EMU_SESSION_ID_LEN / 2))
        verdict = admit(&a);
    if (verdict == ADMITTED && write_playlist(&a, req, res))
        add_headers(admission, req, res);
    else
        refuse(&a, verdict, req, res);
}
