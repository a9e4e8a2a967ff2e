/* SPDX-License-Identifier: MIT */
/* Private channels: whoever has a token that holds may watch. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

#include "edge.h"
#include "edge_admit.h"
#include "edge_refuse.h"

/* A later exp was meant in milliseconds: it would be the year 5138. One that
 * would be that in milliseconds, too, was meant in neither. */
#define MILLISECONDS_S   INT64_C(100000000000)
#define MILLISECONDS_END (MILLISECONDS_S * 1000)

struct viewing {
    const emu_request *req;
    const emu_channel *channel;
    int64_t now_s;
};

/* Strictly, or as the service does. Revocations and uses are looked at when a
 * session begins. */
static ivs_status
verify(const struct viewing *v, const ivs_buf *token, unsigned flags,
       ivs_verified **ret, ivs_error *err)
{
    const char *arn = v->channel->arn_text;
    ivs_verify_options opt;

    ivs_verify_options_init(&opt, sizeof opt);
    opt.channel_arns = &arn;
    opt.nchannel_arns = 1;
    opt.origin = emu_edge_origin(v->req);
    opt.flags = flags;
    return ivs_token_verify((const ivs_key *const *)v->channel->keys,
                            v->channel->nkeys, token->data, token->len, &opt,
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
    for (size_t i = 0; i < claims->norigins; i++)
        if (strcmp(claims->origins[i], "*") == 0)
            return true;
    return claims->norigins == 0;
}

/* Remarks on a token that plays: where the service takes what the documented
 * rules do not allow (strict has it, or IVS_REJECT_NONE), what the signer can
 * hardly have meant, and what has no effect. */
static void
remark(const struct viewing *v, const ivs_claims *claims,
       const ivs_error *strict, emu_response *res)
{
    if (strict->reason != IVS_REJECT_NONE)
        emu_response_reason(res, ivs_reject_reason_name(strict->reason),
                            "accepted as the service is believed to, but %s",
                            strict->message);
    else if (claims->expires_at_s > MILLISECONDS_S)
        emu_response_reason(res, "exp_milliseconds",
                            "accepted as the service does, but exp is in "
                            "milliseconds: the token practically never "
                            "expires");
    else if (v->channel->policy != NULL)
        emu_response_reason(res, "policy_ignored",
                            "accepted, but the channel's playback restriction "
                            "policy does nothing: it is a private channel");
}

static void
admit(emu_emulator *emu, const struct viewing *v, const ivs_claims *claims,
      const ivs_error *strict, emu_response *res)
{
    emu_admission admission = {.claims = claims,
                               .strict = claims->strict_origin_enforcement};
    ivs_buf origins = IVS_BUF_INIT;

    if (!any_origin(claims)) {
        join_origins(claims, &origins);
        admission.origins = origins.data;
    }
    if (origins.failed)
        emu_edge_fail(res, "out of memory");
    else
        emu_edge_admit(emu, v->req, v->channel, &admission, res);
    if (res->status == 200)
        remark(v, claims, strict, res);
    ivs_buf_free(&origins);
}

/* The exp of a token that was read before and refused; 0 where it is none in
 * whole seconds. */
static int64_t
read_exp(const ivs_buf *token, int64_t now_s)
{
    json_t *report = NULL;
    char *text = NULL;
    int64_t exp_s = 0;

    if (ivs_token_inspect(token->data, token->len, now_s, &text, NULL) ==
            IVS_OK &&
        ivs_json_parse(text, strlen(text), IVS_JSON_OBJECT, "the report",
                       &report, NULL, NULL) == IVS_OK)
        exp_s = json_integer_value(
            json_object_get(json_object_get(report, "claims"), "exp"));
    json_decref(report);
    ivs_free(text);
    return exp_s;
}

static void
refuse(const struct viewing *v, const ivs_buf *token, const ivs_error *err,
       emu_response *res)
{
    const emu_scope *scope = &v->channel->scope;
    int64_t exp_s;

    emu_edge_refuse_token(v->req, err, res);
    if (err->reason == IVS_REJECT_SIGNATURE)
        emu_response_reason(res, "signature",
                            "%s: %zu playback key pair%s imported into %s/%s",
                            err->message, v->channel->nkeys,
                            v->channel->nkeys == 1 ? " was" : "s were",
                            scope->account, scope->region);
    if (err->reason != IVS_REJECT_EXP_TOO_FAR)
        return;
    exp_s = read_exp(token, v->now_s);
    if (exp_s > MILLISECONDS_S && exp_s < MILLISECONDS_END)
        emu_response_reason(res, "exp_milliseconds",
                            "exp is in milliseconds, expected seconds: %" PRId64
                            " rather than %" PRId64,
                            exp_s / 1000, exp_s);
}

static void
refuse_without_token(const emu_request *req, emu_response *res)
{
    ivs_error err = {0};

    (void)ivs_reject(&err, IVS_REJECT_SEGMENTS, NULL,
                     "the channel is private and there is no token");
    emu_edge_refuse_token(req, &err, res);
}

/* Without a key there is nothing to verify with. */
static void
refuse_without_keys(const struct viewing *v, emu_response *res)
{
    ivs_error err = {.reason = IVS_REJECT_SIGNATURE};

    emu_edge_refuse_token(v->req, &err, res);
    emu_response_reason(res, "no_key",
                        "no playback key pair was imported into %s/%s",
                        v->channel->scope.account, v->channel->scope.region);
}

/* Most tokens hold strictly, and then one look at the signature is enough. */
static void
judge(emu_emulator *emu, const struct viewing *v, const ivs_buf *token,
      emu_response *res)
{
    ivs_verified *verified = NULL;
    ivs_error strict = {0}, err = {0};
    ivs_status s = verify(v, token, 0, &verified, &strict);

    if (s == IVS_E_TOKEN && strict.reason != IVS_REJECT_SIGNATURE)
        s = verify(v, token, IVS_VERIFY_LIKE_SERVICE, &verified, &err);
    else
        err = strict;
    if (s == IVS_OK)
        admit(emu, v, ivs_verified_claims(verified), &strict, res);
    else if (s == IVS_E_TOKEN)
        refuse(v, token, &err, res);
    else
        emu_edge_fail(res, err.message);
    ivs_verified_free(verified);
}

void
emu_edge_private(emu_emulator *emu, const emu_request *req,
                 const emu_channel *channel, emu_response *res)
{
    struct viewing v = {req, channel, emu_now_s(emu)};
    ivs_buf token = IVS_BUF_SECRET;

    if (!emu_request_query(req, "token", &token) || token.len == 0)
        refuse_without_token(req, res);
    else if (token.failed)
        emu_edge_fail(res, "out of memory");
    else if (channel->nkeys == 0)
        refuse_without_keys(&v, res);
    else
        judge(emu, &v, &token, res);
    ivs_buf_free(&token);
}
