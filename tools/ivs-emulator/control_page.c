/* SPDX-License-Identifier: MIT */
/* The page at /_/ and what it asks for. GET /_/state is in control_state.c. */

#include <stdio.h>
#include <string.h>

#include <ivs/ivs.h>

#include "base/error.h"
#include "base/json.h"

#include "api.h"
#include "control.h"
#include "stream.h"
#include "web.h"

#define TTL_DEFAULT_S 300

/* Only what is served here, and video from here under another local name, so
 * that a player sends an Origin as on a real page. hls.js makes the blob. */
static void
add_policy(const emu_request *req, emu_response *res)
{
    const char *host = emu_request_header(req, "Host", NULL);
    const char *port = strrchr(host, ':');
    ivs_buf policy = IVS_BUF_INIT;

    if (port == NULL || strchr(port, ']') != NULL)
        port = "";
    ivs_buf_printf(&policy,
                   "default-src 'none'; script-src 'self'; style-src 'self'; "
                   "img-src 'self' data:; "
                   "connect-src 'self' localhost%s 127.0.0.1%s; "
                   "media-src 'self' localhost%s 127.0.0.1%s blob:; "
                   "base-uri 'none'; form-action 'none'; "
                   "frame-ancestors 'none'",
                   port, port, port, port);
    if (policy.failed)
        res->body.failed = true;
    else
        emu_response_header(res, "Content-Security-Policy", policy.data);
    ivs_buf_free(&policy);
}

void
emu_control_page(emu_emulator *emu, const emu_request *req, const json_t *input,
                 emu_response *res)
{
    emu_web_file file;

    (void)emu;
    (void)input;
    if (!emu_web_find(req->path, &file)) {
        (void)emu_refuse(res, EMU_NOT_FOUND,
                         "hls.js was not there when ivs-emulator was built");
        return;
    }
    res->status = 200;
    emu_response_header(res, "Content-Type", file.type);
    ivs_buf_append(&res->body, file.data, file.len);
    add_policy(req, res);
    emu_response_header(res, "Referrer-Policy", "no-referrer");
    emu_response_header(res, "Cross-Origin-Opener-Policy", "same-origin");
    emu_response_header(res, "Cross-Origin-Resource-Policy", "same-origin");
}

/* {"token":TEXT}: what `ivs-token --json token inspect` says of it. */
void
emu_control_inspect(emu_emulator *emu, const emu_request *req,
                    const json_t *input, emu_response *res)
{
    const json_t *token = json_object_get(input, "token");
    ivs_error err = {0};
    char *text = NULL;

    (void)req;
    if (json_object_size(input) != 1 || !json_is_string(token)) {
        (void)emu_refuse(res, EMU_VALIDATION, "expected {\"token\":TEXT}");
        return;
    }
    if (ivs_token_inspect(json_string_value(token), json_string_length(token),
                          emu_now_s(emu), &text, &err) != IVS_OK) {
        (void)emu_refuse(res, EMU_INTERNAL, "%s", err.message);
        return;
    }
    emu_response_text(res, 200, "application/json", text);
    ivs_free(text);
}

/* Claims by their names, and a life where there is no exp. */
static ivs_status
read_claims(const json_t *input, ivs_claims **ret, ivs_error *err)
{
    const json_t *ttl = json_object_get(input, "ttl_s");
    ivs_buf text = IVS_BUF_SECRET;
    ivs_status s;

    ivs_json_append(&text, json_object_get(input, "claims"), false);
    s = text.failed ? ivs_fail(err, IVS_E_NOMEM, "out of memory")
                    : ivs_claims_parse(text.data, text.len, ret, err);
    ivs_buf_free(&text);
    if (s == IVS_OK && (ttl != NULL || (*ret)->expires_at_s == 0))
        (*ret)->ttl_s = ttl != NULL ? json_integer_value(ttl) : TTL_DEFAULT_S;
    return s;
}

/* The token, its claims as they were signed, and what is worth saying. */
static json_t *
describe_token(const ivs_claims *claims, const char *token, int64_t now_s)
{
    char *payload = NULL, *notices = NULL;
    json_t *shown = NULL;
    size_t len;

    if (ivs_claims_encode(claims, now_s, &payload, &len, NULL) == IVS_OK &&
        ivs_claims_lint(payload, len, now_s, &notices, NULL) == IVS_OK)
        shown = json_pack("{s:s, s:o, s:o}", "token", token, "claims",
                          json_loadb(payload, len, 0, NULL), "notices",
                          json_loads(notices, 0, NULL));
    ivs_free(payload);
    ivs_free(notices);
    return shown;
}

static void
mint(const emu_emulator *emu, const ivs_claims *claims, emu_response *res)
{
    ivs_buf token = IVS_BUF_SECRET;
    int64_t now_s = emu_now_s(emu);
    ivs_error err = {0};
    ivs_status s;

    if (!ivs_buf_reserve(&token, IVS_TOKEN_MAX))
        s = ivs_fail(&err, IVS_E_NOMEM, "out of memory");
    else
        s = ivs_token_mint(emu->mint_key, claims, now_s, token.data,
                           IVS_TOKEN_MAX, NULL, &err);
    if (s == IVS_OK)
        (void)emu_response_json(res, 200,
                                describe_token(claims, token.data, now_s));
    else
        (void)emu_refuse(res, s == IVS_E_ARG ? EMU_VALIDATION : EMU_INTERNAL,
                         "%s", err.message);
    ivs_buf_free(&token);
}

/* The key is for nobody on another machine, who could name a local Host. */
static bool
check_key(const emu_emulator *emu, emu_response *res)
{
    if (emu->mint_key == NULL)
        return emu_refuse(res, EMU_CONFLICT,
                          "there is no key to mint with: start ivs-emulator "
                          "with --mint-key FILE");
    if (!emu->loopback)
        return emu_refuse(res, EMU_ACCESS_DENIED,
                          "tokens are minted only where no other machine can "
                          "ask for it: the emulator is not bound to a loopback "
                          "address");
    return true;
}

/* {"claims":{"aws:channel-arn":ARN, …}, "ttl_s":N} */
void
emu_control_mint(emu_emulator *emu, const emu_request *req, const json_t *input,
                 emu_response *res)
{
    const json_t *ttl = json_object_get(input, "ttl_s");
    ivs_claims *claims = NULL;
    ivs_error err = {0};

    (void)req;
    if (!json_is_object(json_object_get(input, "claims")) ||
        json_object_size(input) != (ttl == NULL ? 1 : 2) ||
        (ttl != NULL && !json_is_integer(ttl)))
        (void)emu_refuse(res, EMU_VALIDATION,
                         "expected {\"claims\":{\"aws:channel-arn\":ARN, ...}, "
                         "\"ttl_s\":N}, the last only where there is no exp");
    else if (ttl != NULL && json_integer_value(ttl) < 1)
        (void)emu_refuse(res, EMU_VALIDATION,
                         "ttl_s is %" JSON_INTEGER_FORMAT
                         ", expected a number of seconds from 1",
                         json_integer_value(ttl));
    else if (!check_key(emu, res))
        return;
    else if (read_claims(input, &claims, &err) != IVS_OK)
        (void)emu_control_refuse(res, &err);
    else
        mint(emu, claims, res);
    ivs_claims_free(claims);
}

/* The scope of {"account":A, "region":R}; false: refused. */
static bool
read_scope(const json_t *input, emu_scope *ret, emu_response *res)
{
    const char *account = json_string_value(json_object_get(input, "account"));
    const char *region = json_string_value(json_object_get(input, "region"));
    ivs_buf arn = IVS_BUF_INIT;
    bool read = false;

    if (account != NULL && region != NULL)
        ivs_buf_printf(&arn, "arn:aws:ivs:%s:%s:channel/a", region, account);
    if (arn.len > 0 && !arn.failed)
        read = emu_stream_scope(arn.data, ret);
    ivs_buf_free(&arn);
    return read || emu_refuse(res, EMU_VALIDATION,
                              "expected \"account\" and \"region\" as an ARN "
                              "has them");
}

/* Call an operation; takes the reference to input. */
static void
call(emu_emulator *emu, const emu_scope *scope, const char *operation,
     const emu_request *req, json_t *input, emu_response *res)
{
    if (input == NULL)
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    else
        emu_api_local(emu, scope, operation, req, input, res);
    json_decref(input);
}

/* {"account":A, "region":R}: import the public half of the key. */
void
emu_control_mint_key(emu_emulator *emu, const emu_request *req,
                     const json_t *input, emu_response *res)
{
    char *public_key = NULL;
    emu_scope scope;

    if (!read_scope(input, &scope, res) || !check_key(emu, res))
        return;
    if (ivs_key_export(emu->mint_key, IVS_KEY_SPKI, NULL, &public_key,
                       &(size_t){0}, NULL) != IVS_OK) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot write the public key");
        return;
    }
    call(emu, &scope, "ImportPlaybackKeyPair", req,
         json_pack("{s:s, s:s}", "name", "mint-key", "publicKeyMaterial",
                   public_key),
         res);
    ivs_free(public_key);
}

/* {"account":A, "region":R, "name":N}: make a private channel. */
void
emu_control_channel(emu_emulator *emu, const emu_request *req,
                    const json_t *input, emu_response *res)
{
    emu_scope scope;

    if (read_scope(input, &scope, res))
        call(emu, &scope, "CreateChannel", req,
             json_pack("{s:O*, s:b}", "name", json_object_get(input, "name"),
                       "authorized", 1),
             res);
}

/* {"channelArn":ARN, "viewerId":ID, "version":N} */
void
emu_control_revoke(emu_emulator *emu, const emu_request *req,
                   const json_t *input, emu_response *res)
{
    const char *arn = json_string_value(json_object_get(input, "channelArn"));
    emu_scope scope;

    if (arn == NULL || !emu_stream_scope(arn, &scope))
        (void)emu_refuse(
            res, EMU_VALIDATION,
            "channelArn is '%.100s', expected the ARN of a channel",
            arn == NULL ? "" : arn);
    else
        call(emu, &scope, "StartViewerSessionRevocation", req,
             json_pack("{s:s, s:O*, s:O*}", "channelArn", arn, "viewerId",
                       json_object_get(input, "viewerId"),
                       "viewerSessionVersionsLessThanOrEqualTo",
                       json_object_get(input, "version")),
             res);
}
