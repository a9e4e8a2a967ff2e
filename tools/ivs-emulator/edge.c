/* SPDX-License-Identifier: MIT */
/* Who may watch. What the service would not tell a viewer about a refusal goes
 * to the log. */

#include "edge.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"

#include "edge_keys.h"
#include "edge_refuse.h"
#include "playlist.h"

/* A later exp was meant in milliseconds: it would be the year 5138. */
#define MILLISECONDS_S INT64_C(100000000000)
#define KEYS_MAX       8
/* Between the 34 minutes after which a session of the service was seen alive
 * and the 87 after which it was seen dead. */
#define SESSION_S 3600

static const char playlist_type[] = "application/vnd.apple.mpegurl";

struct viewing {
    emu_emulator *emu;
    const emu_request *req;
    ivs_arn arn;
    char arn_text[IVS_ARN_MAX + 1];
    emu_scope scope;
    int64_t channel; /* its number */
    bool live;
    bool authorized;
    ivs_key *keys[KEYS_MAX];
    size_t nkeys;
    bool failed;        /* a key could not be read */
    const char *origin; /* of the request, or NULL */
    int64_t now_s;
};

const char *
emu_edge_origin(const emu_request *req)
{
    const char *origin = emu_request_header(req, "Origin", NULL);

    return origin == NULL || *origin == '\0' ? NULL : origin;
}

static bool
add_key(const emu_resource *row, void *user)
{
    struct viewing *v = user;
    ivs_key *key = v->nkeys == KEYS_MAX
                       ? NULL
                       : emu_keys_take(v->emu->keys, row->document);

    if (key != NULL)
        v->keys[v->nkeys++] = key;
    v->failed = key == NULL;
    return !v->failed;
}

/* The channel, whether it is live, and for a private one the keys of its
 * account and region. */
static emu_found
load(struct viewing *v)
{
    emu_filter keys = {.type = IVS_ARN_PLAYBACK_KEY};
    ivs_buf text = IVS_BUF_SECRET;
    json_t *channel = NULL;
    emu_stream stream = {0};
    emu_found found;

    if (!emu_store_begin(v->emu->store))
        return EMU_FAILED;
    found = emu_store_get(v->emu->store, &v->scope, IVS_ARN_CHANNEL, v->arn.id,
                          &text, &v->channel);
    if (found == EMU_FOUND &&
        ivs_json_parse(text.data, text.len, IVS_JSON_OBJECT,
                       "a stored document", &channel, NULL, NULL) != IVS_OK)
        found = EMU_FAILED;
    v->authorized = json_is_true(json_object_get(channel, "authorized"));
    if (found == EMU_FOUND &&
        emu_store_stream_get(v->emu->store, v->channel, NULL, &stream, &text) ==
            EMU_FAILED)
        found = EMU_FAILED;
    v->live = stream.live;
    if (found == EMU_FOUND && v->authorized &&
        (!emu_store_list(v->emu->store, &v->scope, &keys, add_key, v) ||
         v->failed))
        found = EMU_FAILED;
    (void)emu_store_end(v->emu->store, false);
    json_decref(channel);
    ivs_buf_free(&text);
    return found;
}

static ivs_decision
is_allowed(const ivs_claims *claims, void *user)
{
    struct viewing *v = user;
    int64_t version =
        claims->has_viewer_session_version ? claims->viewer_session_version : 0;
    emu_found revoked;

    if (!emu_store_begin(v->emu->store))
        return IVS_UNAVAILABLE;
    revoked = emu_store_is_revoked(v->emu->store, v->channel, claims->viewer_id,
                                   version);
    (void)emu_store_end(v->emu->store, false);
    if (revoked == EMU_FAILED)
        return IVS_UNAVAILABLE;
    return revoked == EMU_FOUND ? IVS_DENY : IVS_ALLOW;
}

/* A channel that is offline uses no token up: nothing is played. */
static ivs_decision
may_use(const ivs_claims *claims, void *user)
{
    struct viewing *v = user;
    emu_found used;

    if (!v->live)
        return IVS_ALLOW;
    if (!emu_store_begin(v->emu->store))
        return IVS_UNAVAILABLE;
    used = emu_store_use(v->emu->store, &v->scope, claims->single_use_uuid,
                         claims->expires_at_s, v->now_s);
    if (!emu_store_end(v->emu->store, used != EMU_FAILED))
        return IVS_UNAVAILABLE;
    return used == EMU_FOUND ? IVS_ALLOW : IVS_DENY;
}

/* By the documented rules, and where they say no as the service is believed to
 * do; strict then tells what they say. */
static ivs_status
verify(struct viewing *v, const ivs_buf *token, ivs_verified **ret,
       ivs_error *strict, ivs_error *err)
{
    const char *arn = v->arn_text;
    const ivs_key *const *keys = (const ivs_key *const *)v->keys;
    ivs_verify_options opt;
    ivs_status s;

    ivs_verify_options_init(&opt, sizeof opt);
    opt.channel_arns = &arn;
    opt.nchannel_arns = 1;
    opt.origin = v->origin;
    opt.is_allowed = is_allowed;
    opt.may_use = may_use;
    opt.user = v;
    s = ivs_token_verify(keys, v->nkeys, token->data, token->len, &opt,
                         v->now_s, ret, err);
    /* A signature is judged once, and a token is used once. */
    if (s != IVS_E_TOKEN || err->reason == IVS_REJECT_SIGNATURE ||
        err->reason == IVS_REJECT_REVOKED || err->reason == IVS_REJECT_USED)
        return s;
    *strict = *err;
    opt.flags = IVS_VERIFY_LIKE_SERVICE;
    return ivs_token_verify(keys, v->nkeys, token->data, token->len, &opt,
                            v->now_s, ret, err);
}

/* Comma-separated, as the claim has them. */
static void
join_origins(const ivs_claims *claims, ivs_buf *ret)
{
    for (size_t i = 0; i < claims->norigins; i++) {
        if (i > 0)
            ivs_buf_putc(ret, ',');
        ivs_buf_puts(ret, claims->origins[i]);
    }
}

static bool
any_origin(const ivs_claims *claims)
{
    if (claims == NULL || claims->norigins == 0)
        return true;
    for (size_t i = 0; i < claims->norigins; i++)
        if (strcmp(claims->origins[i], "*") == 0)
            return true;
    return false;
}

/* Begin a session and answer with its multivariant playlist. */
static void
admit(struct viewing *v, const ivs_claims *claims, emu_response *res)
{
    emu_session session = {.channel = v->channel,
                           .expires_s = v->now_s + SESSION_S};
    emu_playlist playlist = {.channel = &v->arn, .now_s = v->now_s};
    ivs_buf origins = IVS_BUF_INIT, base = IVS_BUF_INIT;
    unsigned char random[16];
    emu_found stored = EMU_FAILED;

    if (claims != NULL) {
        session.viewer = claims->viewer_id;
        session.version = claims->has_viewer_session_version
                              ? claims->viewer_session_version
                              : 0;
        session.maximum_resolution = claims->maximum_resolution;
        ivs_buf_puts(&origins, "");
        join_origins(claims, &origins);
        if (claims->strict_origin_enforcement)
            session.origins = origins.data;
    }
    if (ivs_random(random, sizeof random) && !origins.failed &&
        emu_store_begin(v->emu->store)) {
        ivs_hex(random, sizeof random, session.id);
        stored = emu_store_session_add(v->emu->store, &session, v->now_s);
        if (!emu_store_end(v->emu->store, stored == EMU_FOUND) &&
            stored == EMU_FOUND)
            stored = EMU_FAILED;
    }
    ivs_buf_printf(&base, "http://%s" EMU_VARIANT_PREFIX,
                   emu_request_header(v->req, "Host", NULL));
    if (stored == EMU_NONE) {
        emu_edge_refuse_channel(v->req, res);
        emu_response_reason(res, "channel_offline",
                            "the channel is offline, or gone");
    } else if (stored == EMU_FAILED || base.failed) {
        emu_edge_fail(res, "cannot store the session");
    } else {
        playlist.base = base.data;
        playlist.session = session.id;
        playlist.maximum_resolution = session.maximum_resolution;
        emu_response_text(res, 200, playlist_type, "");
        emu_playlist_multivariant(&res->body, &playlist);
        emu_response_header(res, "Cache-Control", "no-store");
        if (any_origin(claims))
            emu_response_header(res, "Access-Control-Allow-Origin", "*");
        else if (v->origin != NULL)
            emu_response_header(res, "Access-Control-Allow-Origin", v->origin);
        emu_response_header(res, "Vary", "Origin");
    }
    ivs_buf_free(&origins);
    ivs_buf_free(&base);
}

/* Without a key there is nothing to verify with. */
static void
refuse_without_keys(const struct viewing *v, emu_response *res)
{
    emu_edge_refuse(v->req, res, 403, "crypto/ecdsa: verification error",
                    "invalid_playback_auth_token");
    emu_response_reason(res, "no_key",
                        "no playback key pair was imported into %s/%s",
                        v->scope.account, v->scope.region);
}

/* Where the service takes what the documented rules do not allow, or what the
 * signer can hardly have meant. */
static void
note_leniency(const ivs_error *strict, const ivs_claims *claims,
              emu_response *res)
{
    if (res->status != 200)
        return;
    if (strict->reason != IVS_REJECT_NONE)
        emu_response_reason(res, ivs_reject_reason_name(strict->reason),
                            "accepted as the service is believed to, but %s",
                            strict->message);
    else if (claims->expires_at_s > MILLISECONDS_S)
        emu_response_reason(
            res, "exp_milliseconds",
            "accepted as the service does, but exp is in milliseconds");
}

static void
play_private(struct viewing *v, emu_response *res)
{
    ivs_buf token = IVS_BUF_SECRET;
    ivs_verified *verified = NULL;
    ivs_error err = {0}, strict = {0};
    ivs_status s;

    if (!emu_request_query(v->req, "token", &token) || token.len == 0) {
        err.reason = IVS_REJECT_SEGMENTS;
        (void)snprintf(err.message, sizeof err.message,
                       "the channel is private and there is no token");
        emu_edge_refuse_token(v->req, &err, res);
        goto out;
    }
    if (v->nkeys == 0) {
        refuse_without_keys(v, res);
        goto out;
    }
    s = verify(v, &token, &verified, &strict, &err);
    if (s == IVS_OK) {
        admit(v, ivs_verified_claims(verified), res);
        note_leniency(&strict, ivs_verified_claims(verified), res);
    } else if (s == IVS_E_TOKEN) {
        emu_edge_refuse_token(v->req, &err, res);
    } else {
        emu_edge_fail(res, err.message);
    }
out:
    ivs_verified_free(verified);
    ivs_buf_free(&token);
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

/* The channel a path names; ARNs are told from URLs by the library. */
static bool
read_path(struct viewing *v)
{
    ivs_buf url = IVS_BUF_INIT;
    bool read;

    ivs_buf_printf(&url, "http://localhost%s", v->req->path);
    read =
        !url.failed &&
        ivs_arn_from_playback_url(url.data, url.len, &v->arn, NULL) == IVS_OK &&
        ivs_arn_format(&v->arn, v->arn_text, NULL) == IVS_OK &&
        strlen(v->arn.account) < sizeof v->scope.account &&
        strlen(v->arn.region) < sizeof v->scope.region;
    ivs_buf_free(&url);
    if (!read)
        return false;
    memcpy(v->scope.account, v->arn.account, strlen(v->arn.account) + 1);
    memcpy(v->scope.region, v->arn.region, strlen(v->arn.region) + 1);
    return true;
}

void
emu_edge(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    struct viewing v = {.emu = emu,
                        .req = req,
                        .origin = emu_edge_origin(req),
                        .now_s = emu_now_s(emu)};
    emu_found found;

    if (!emu_edge_method(req, res))
        return;
    found = read_path(&v) ? load(&v) : EMU_NONE;
    if (found == EMU_NONE)
        emu_edge_refuse_channel(req, res);
    else if (found == EMU_FAILED)
        emu_edge_fail(res, "cannot read the state");
    else if (v.authorized)
        play_private(&v, res);
    else
        admit(&v, NULL, res);
    for (size_t i = 0; i < v.nkeys; i++)
        emu_keys_give_back(emu->keys, v.keys[i]);
}
