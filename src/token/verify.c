/* SPDX-License-Identifier: MIT */
/* Verification. Every step returns IVS_OK or refuses; ivs_token_verify() runs
 * them in the order of IVS_REJECT_MAP and alone says yes. */

#include <ivs/token.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "token/claims.h"
#include "token/jws.h"
#include "token/key.h"
#include "token/origin.h"

#define LEEWAY_MAX 300

struct ivs_verified {
    ivs_claim_set set;
    size_t key_index;
    char scratch[]; /* decoded segments, header first */
};

struct job {
    const ivs_key *const *keys;
    size_t nkeys;
    const char *token;
    ivs_verify_options opt;
    int64_t now_s;
    ivs_jws jws;
    const char *payload;
    const uint8_t *signature;
    size_t header_len;
    size_t payload_len;
    size_t signature_len;
    json_t *header; /* NULL when it is the one that mint writes */
    json_t *claims;
};

void
ivs_verify_options_init(ivs_verify_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

static ivs_status
check_options(const ivs_verify_options *in, ivs_verify_options *ret,
              ivs_error *err)
{
    ivs_verify_options_init(ret, sizeof *ret);
    if (in != NULL) {
        ivs_status s = ivs_options_copy(ret, sizeof *ret, in, err);

        if (s != IVS_OK)
            return s;
    }
    if (ret->leeway_s < 0 || ret->leeway_s > LEEWAY_MAX)
        return ivs_fail(err, IVS_E_ARG,
                        "leeway of %" PRId64 " s, expected 0 to %d",
                        ret->leeway_s, LEEWAY_MAX);
    if ((ret->flags & ~IVS_VERIFY_LIKE_SERVICE) != 0)
        return ivs_fail(err, IVS_E_ARG, "unknown verify flags 0x%x",
                        ret->flags);
    if (ret->nchannel_arns > 0 && ret->channel_arns == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument: channel_arns");
    for (size_t i = 0; i < ret->nchannel_arns; i++)
        if (ret->channel_arns[i] == NULL)
            return ivs_fail(err, IVS_E_ARG, "NULL argument: channel_arns[%zu]",
                            i);
    return IVS_OK;
}

static ivs_status
check_arguments(const struct job *job, ivs_error *err)
{
    if (job->keys == NULL || job->nkeys == 0)
        return ivs_fail(err, IVS_E_ARG, "no key to verify with");
    for (size_t i = 0; i < job->nkeys; i++)
        if (job->keys[i] == NULL)
            return ivs_fail(err, IVS_E_ARG, "NULL argument: keys[%zu]", i);
    if (job->token == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument: token");
    return IVS_OK;
}

static bool
header_is_ours(const ivs_jws *jws)
{
    return jws->header.len == IVS_JWS_HEADER_CHARS &&
           memcmp(jws->header.text, IVS_JWS_HEADER, IVS_JWS_HEADER_CHARS) == 0;
}

/* Canonical base64url of all three segments, into scratch. The header that mint
 * writes is known and stays as it is. */
static ivs_status
decode_segments(struct job *job, char *scratch, ivs_error *err)
{
    char *payload, *signature;
    ivs_status s;

    if (!header_is_ours(&job->jws)) {
        s = ivs_jws_decode(&job->jws.header, "the header", scratch,
                           &job->header_len, err);
        if (s != IVS_OK)
            return s;
    }
    payload = scratch + job->header_len;
    s = ivs_jws_decode(&job->jws.payload, "the payload", payload,
                       &job->payload_len, err);
    if (s != IVS_OK)
        return s;
    signature = payload + job->payload_len;
    job->payload = payload;
    job->signature = (const uint8_t *)signature;
    return ivs_jws_decode(&job->jws.signature, "the signature", signature,
                          &job->signature_len, err);
}

static ivs_status
parse_segments(struct job *job, const char *scratch, ivs_error *err)
{
    unsigned flags = (job->opt.flags & IVS_VERIFY_LIKE_SERVICE) != 0
                         ? IVS_JSON_BIG_INTEGERS
                         : 0;
    ivs_status s;

    if (!header_is_ours(&job->jws)) {
        s = ivs_jws_json(scratch, job->header_len, 0, "the header",
                         &job->header, err);
        if (s != IVS_OK)
            return s;
    }
    return ivs_jws_json(job->payload, job->payload_len, flags, "the payload",
                        &job->claims, err);
}

static ivs_status
check_envelope(const struct job *job, ivs_error *err)
{
    ivs_status s;

    if (job->header != NULL) {
        if ((s = ivs_jws_check_alg(job->header, err)) != IVS_OK ||
            (s = ivs_jws_check_typ(job->header, err)) != IVS_OK ||
            (s = ivs_jws_check_members(job->header, err)) != IVS_OK)
            return s;
    }
    return ivs_jws_check_signature(job->signature, job->signature_len, err);
}

static ivs_status
check_signature(const struct job *job, size_t *ret_key_index, ivs_error *err)
{
    uint8_t digest[IVS_ES384_DIGEST_BYTES];

    if (!ivs_sha384(job->token, job->jws.input_len, digest))
        return ivs_fail(err, IVS_E_CRYPTO, "SHA-384 failed");
    for (size_t i = 0; i < job->nkeys; i++) {
        bool good = false;
        ivs_status s = ivs_key_verify_digest(job->keys[i], digest,
                                             job->signature, &good, err);

        if (s != IVS_OK)
            return s;
        if (good) {
            *ret_key_index = i;
            return IVS_OK;
        }
    }
    return ivs_reject(err, IVS_REJECT_SIGNATURE, NULL,
                      "the signature was not made by %s over this header and "
                      "payload",
                      job->nkeys == 1 ? "the key" : "any of the keys");
}

static ivs_status
reject_expired(int64_t exp_s, int64_t now_s, ivs_error *err)
{
    char exp[IVS_TIME_BOTH_SIZE], now[IVS_TIME_BOTH_SIZE];

    ivs_time_format_both(exp_s, exp);
    ivs_time_format_both(now_s, now);
    return ivs_reject(err, IVS_REJECT_EXPIRED, "exp",
                      "the token expired at %s; now is %s", exp, now);
}

static ivs_status
reject_too_far(int64_t exp_s, int64_t now_s, ivs_error *err)
{
    char exp[IVS_TIME_BOTH_SIZE], now[IVS_TIME_BOTH_SIZE];

    ivs_time_format_both(exp_s, exp);
    ivs_time_format_both(now_s, now);
    return ivs_reject(err, IVS_REJECT_EXP_TOO_FAR, "exp",
                      "exp %s is more than %d s after now, %s: the limit with "
                      "a viewer id or single-use UUID",
                      exp, IVS_BOUND_TTL_MAX, now);
}

static ivs_status
reject_early(const char *name, int64_t at_s, int64_t now_s, ivs_error *err)
{
    char at[IVS_TIME_BOTH_SIZE], now[IVS_TIME_BOTH_SIZE];

    ivs_time_format_both(at_s, at);
    ivs_time_format_both(now_s, now);
    return ivs_reject(err, IVS_REJECT_NOT_YET_VALID, name,
                      "%s %s is after now, %s", name, at, now);
}

static ivs_status
check_expiry(const struct job *job, const ivs_claim_set *set, ivs_error *err)
{
    int64_t exp_s = set->claims.expires_at_s, leeway_s = job->opt.leeway_s;

    if (!set->has_exp)
        return ivs_reject(err, IVS_REJECT_EXP_MISSING, "exp",
                          "the token has no exp");
    if (exp_s <= ivs_time_add(job->now_s, -leeway_s))
        return reject_expired(exp_s, job->now_s, err);
    if (ivs_claims_are_bound(&set->claims) &&
        exp_s > ivs_time_add(job->now_s, IVS_BOUND_TTL_MAX + leeway_s))
        return reject_too_far(exp_s, job->now_s, err);
    return IVS_OK;
}

/* nbf and iat are no claims of IVS; the service is believed to honour them. */
static ivs_status
check_begin(const struct job *job, ivs_error *err)
{
    static const char *const names[] = {"nbf", "iat"};
    int64_t latest_s = ivs_time_add(job->now_s, job->opt.leeway_s), at_s;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *value = json_object_get(job->claims, names[i]);

        if (value == NULL)
            continue;
        if (!ivs_claim_date(value, true, &at_s))
            return ivs_reject(err, IVS_REJECT_NOT_YET_VALID, names[i],
                              "%s is not a number", names[i]);
        if (at_s > latest_s)
            return reject_early(names[i], at_s, job->now_s, err);
    }
    return IVS_OK;
}

static ivs_status
check_channel(const struct job *job, const ivs_claims *claims, ivs_error *err)
{
    for (size_t i = 0; i < job->opt.nchannel_arns; i++)
        if (strcmp(job->opt.channel_arns[i], claims->channel_arn) == 0)
            return IVS_OK;
    if (job->opt.nchannel_arns == 0)
        return IVS_OK;
    return ivs_reject(err, IVS_REJECT_CHANNEL_MISMATCH, "aws:channel-arn",
                      "the token is for %s, not for %s", claims->channel_arn,
                      job->opt.nchannel_arns == 1 ? job->opt.channel_arns[0]
                                                  : "the expected channels");
}

ivs_status
ivs_claims_check_origin(const ivs_claims *claims, const char *origin,
                        ivs_error *err)
{
    if (claims == NULL || claims->size != sizeof *claims)
        return ivs_fail(err, IVS_E_ARG, "claims is NULL or not set up");
    if (origin == NULL || origin[0] == '\0') {
        if (!claims->strict_origin_enforcement)
            return IVS_OK;
        return ivs_reject(err, IVS_REJECT_ORIGIN_MISSING,
                          "aws:strict-origin-enforcement",
                          "the token enforces its origins and the request "
                          "names none");
    }
    if (claims->norigins == 0)
        return IVS_OK;
    for (size_t i = 0; i < claims->norigins; i++)
        if (ivs_origin_match(claims->origins[i], origin))
            return IVS_OK;
    return ivs_reject(
        err, IVS_REJECT_ORIGIN_MISMATCH, "aws:access-control-allow-origin",
        "origin %.100s is none of those the token allows%s", origin,
        strstr(origin, "://") != NULL || strcmp(origin, "null") == 0
            ? ""
            : ": it has no scheme, expected such as https://example.com");
}

/* Only IVS_ALLOW is a yes. */
static ivs_status
ask(ivs_verify_fn fn, const struct job *job, const ivs_claims *claims,
    ivs_reject_reason reason, ivs_error *err)
{
    bool revoked = reason == IVS_REJECT_REVOKED;

    switch (fn(claims, job->opt.user)) {
    case IVS_ALLOW:
        return IVS_OK;
    case IVS_DENY:
        return ivs_reject(err, reason,
                          revoked ? "aws:viewer-id" : "aws:single-use-uuid",
                          revoked ? "the viewer session is revoked"
                                  : "the single-use token was used before");
    case IVS_UNAVAILABLE:
    default:
        return ivs_fail(err, IVS_E_STATE,
                        "could not learn whether the token is %s",
                        revoked ? "revoked" : "used up");
    }
}

static ivs_status
ask_store(const struct job *job, const ivs_claims *claims, ivs_error *err)
{
    ivs_status s = IVS_OK;

    if (job->opt.is_allowed != NULL && claims->viewer_id != NULL)
        s = ask(job->opt.is_allowed, job, claims, IVS_REJECT_REVOKED, err);
    if (s == IVS_OK && job->opt.may_use != NULL &&
        claims->single_use_uuid != NULL)
        s = ask(job->opt.may_use, job, claims, IVS_REJECT_USED, err);
    return s;
}

/* From the signature on: every check in order. */
static ivs_status
judge(struct job *job, ivs_verified *v, ivs_error *err)
{
    const ivs_claims *claims = &v->set.claims;
    ivs_status s;

    if ((s = check_envelope(job, err)) != IVS_OK ||
        (s = check_signature(job, &v->key_index, err)) != IVS_OK ||
        (s = ivs_claim_set_read(&v->set, json_incref(job->claims),
                                job->opt.flags, err)) != IVS_OK ||
        (s = check_expiry(job, &v->set, err)) != IVS_OK ||
        (s = check_begin(job, err)) != IVS_OK ||
        (s = check_channel(job, claims, err)) != IVS_OK ||
        (s = ivs_claims_check_origin(claims, job->opt.origin, err)) != IVS_OK)
        return s;
    return ask_store(job, claims, err);
}

ivs_status
ivs_token_verify(const ivs_key *const *keys, size_t nkeys, const char *token,
                 size_t len, const ivs_verify_options *opt, int64_t now_s,
                 ivs_verified **ret, ivs_error *err)
{
    struct job job = {
        .keys = keys, .nkeys = nkeys, .token = token, .now_s = now_s};
    ivs_verified *v = NULL;
    ivs_status s;

    if ((s = check_arguments(&job, err)) != IVS_OK ||
        (s = check_options(opt, &job.opt, err)) != IVS_OK ||
        (s = ivs_jws_split(token, len, &job.jws, err)) != IVS_OK)
        goto out;
    v = malloc(sizeof *v + len + 1);
    if (v == NULL) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory");
        goto out;
    }
    ivs_claim_set_init(&v->set);
    v->key_index = 0;
    if ((s = decode_segments(&job, v->scratch, err)) != IVS_OK ||
        (s = parse_segments(&job, v->scratch, err)) != IVS_OK ||
        (s = judge(&job, v, err)) != IVS_OK)
        goto out;
    if (ret != NULL) {
        *ret = v;
        v = NULL;
    }
out:
    json_decref(job.header);
    json_decref(job.claims);
    ivs_verified_free(v);
    return s;
}

const ivs_claims *
ivs_verified_claims(const ivs_verified *verified)
{
    return &verified->set.claims;
}

size_t
ivs_verified_key_index(const ivs_verified *verified)
{
    return verified->key_index;
}

void
ivs_verified_free(ivs_verified *verified)
{
    if (verified == NULL)
        return;
    ivs_claim_set_clear(&verified->set);
    free(verified);
}
