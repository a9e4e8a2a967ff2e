/* SPDX-License-Identifier: MIT */
/* How refusals look. */

#include "edge_refuse.h"

#include <ivs/token.h>

#include "redact.h"

void
emu_edge_refuse(const emu_request *req, emu_response *res, int status,
                const char *error, const char *code)
{
    json_t *answer =
        json_pack("[{s:s, s:s, s:s, s:s}]", "url", req->target, "error", error,
                  "error_code", code, "type", "error");

    (void)emu_response_json(res, status, answer);
    emu_response_header(res, "Access-Control-Allow-Origin", "*");
}

void
emu_edge_refuse_channel(const emu_request *req, emu_response *res)
{
    emu_edge_refuse(req, res, 404, "Can not find channel",
                    "transcode_does_not_exist");
}

void
emu_edge_refuse_token(const emu_request *req, const ivs_error *err,
                      emu_response *res)
{
    const char *code = "invalid_playback_auth_token";
    const char *error = "token is invalid";

    switch (err->reason) {
    case IVS_REJECT_SEGMENTS:
        error = "token contains an invalid number of segments";
        break;
    case IVS_REJECT_SIGNATURE:
        error = "crypto/ecdsa: verification error";
        break;
    case IVS_REJECT_EXPIRED:
        error = "Token is expired";
        break;
    case IVS_REJECT_NOT_YET_VALID:
        error = "Token is not valid yet";
        break;
    case IVS_REJECT_ORIGIN_MISSING:
        error = "origin required";
        break;
    case IVS_REJECT_REVOKED:
    case IVS_REJECT_USED:
        error = "token is refused";
        code = "playback_auth_error";
        break;
    default:
        break;
    }
    emu_edge_refuse(req, res, 403, error, code);
    emu_response_reason(res, ivs_reject_reason_name(err->reason), "%s",
                        err->message);
}

void
emu_edge_forbid(emu_response *res, const char *text)
{
    emu_response_text(res, 403, "text/plain", text);
    emu_response_header(res, "Access-Control-Allow-Origin", "*");
}

void
emu_edge_fail(emu_response *res, const char *why)
{
    (void)emu_refuse(res, EMU_INTERNAL, "internal error");
    emu_response_reason(res, "internal", "%s", why);
}

void
emu_edge_explain(emu_response *res)
{
    static const char name[] = "X-Ivs-Emulator-Reason";
    ivs_buf value = IVS_BUF_INIT;

    if (res->reason == NULL)
        return;
    ivs_buf_printf(&value, "%s: ", res->reason);
    emu_redact_text(&value, res->note);
    if (!value.failed) {
        emu_response_header(res, name, value.data);
        emu_response_header(res, "Access-Control-Expose-Headers", name);
    }
    ivs_buf_free(&value);
}
