/* SPDX-License-Identifier: MIT */
/* Claims to JSON: what mint is willing to write, and how it writes it. */

#include "token/claims.h"

#include <inttypes.h>
#include <string.h>

#include "base/b64url.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "token/jws.h"

static const char *const resolution_names[] = {
    [IVS_RESOLUTION_ANY] = NULL,
    [IVS_RESOLUTION_SD] = "SD",
    [IVS_RESOLUTION_HD] = "HD",
    [IVS_RESOLUTION_FULL_HD] = "FULL_HD",
};

/* A rule of the reading side, broken by an argument. */
static ivs_status
as_argument(ivs_status s, ivs_error *err)
{
    if (s != IVS_E_TOKEN && s != IVS_E_FORMAT)
        return s;
    if (err != NULL) {
        err->code = IVS_E_ARG;
        err->reason = IVS_REJECT_NONE;
    }
    return IVS_E_ARG;
}

static ivs_status
fail_expired(int64_t exp_s, int64_t now_s, ivs_error *err)
{
    char exp[IVS_TIME_BOTH_SIZE], now[IVS_TIME_BOTH_SIZE];

    ivs_time_format_both(exp_s, exp);
    ivs_time_format_both(now_s, now);
    return ivs_fail_member(err, IVS_E_ARG, "exp",
                           "the token would expire at %s, which is not after "
                           "now, %s",
                           exp, now);
}

static ivs_status
check_expiry(const ivs_claims *c, int64_t now_s, int64_t *ret_exp_s,
             ivs_error *err)
{
    int64_t exp_s = c->expires_at_s;

    if ((c->ttl_s != 0) == (exp_s != 0))
        return ivs_fail_member(err, IVS_E_ARG, "exp",
                               "expected exactly one of a life (ttl_s) and an "
                               "expiry (expires_at_s)");
    if (c->ttl_s != 0)
        exp_s = ivs_time_add(now_s, c->ttl_s);
    if (c->ttl_s < 0 || exp_s <= now_s)
        return fail_expired(exp_s, now_s, err);
    if (exp_s > IVS_EXP_MAX)
        return ivs_fail_member(err, IVS_E_ARG, "exp",
                               "expiry %" PRId64 " reads as milliseconds, "
                               "expected seconds since 1970",
                               exp_s);
    if (ivs_claims_are_bound(c) &&
        exp_s > ivs_time_add(now_s, IVS_BOUND_TTL_MAX))
        return ivs_fail_member(err, IVS_E_ARG, "exp",
                               "the token would live %" PRIu64
                               " s, expected at most %d s with a viewer id or "
                               "single-use UUID",
                               (uint64_t)exp_s - (uint64_t)now_s,
                               IVS_BOUND_TTL_MAX);
    *ret_exp_s = exp_s;
    return IVS_OK;
}

static ivs_status
check_viewer(const ivs_claims *c, ivs_error *err)
{
    if (c->viewer_id != NULL) {
        ivs_status s = ivs_claim_check_viewer_id(c->viewer_id, err);

        if (s != IVS_OK)
            return as_argument(s, err);
    }
    if (!c->has_viewer_session_version)
        return IVS_OK;
    if (c->viewer_session_version < 0)
        return ivs_fail_member(err, IVS_E_ARG, "aws:viewer-session-version",
                               "viewer session version %" PRId64
                               ", expected 0 or more",
                               c->viewer_session_version);
    if (c->viewer_id == NULL)
        return ivs_fail_member(err, IVS_E_ARG, "aws:viewer-session-version",
                               "a viewer session version without a viewer id "
                               "has no effect; give both");
    return IVS_OK;
}

static ivs_status
check_origins(const ivs_claims *c, ivs_error *err)
{
    if (c->norigins > 0 && c->origins == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument: origins");
    for (size_t i = 0; i < c->norigins; i++) {
        ivs_status s;

        if (c->origins[i] == NULL)
            return ivs_fail(err, IVS_E_ARG, "NULL argument: origins[%zu]", i);
        s = ivs_claim_check_origin(c->origins[i], err);
        if (s != IVS_OK)
            return as_argument(s, err);
    }
    if (!c->strict_origin_enforcement)
        return IVS_OK;
    return as_argument(ivs_claim_check_strict(c->norigins, 0, err), err);
}

static ivs_status
check_extra(const char *text, ivs_error *err)
{
    size_t len = strlen(text);
    json_t *extra = NULL, *value;
    const char *name;
    ivs_status s;

    if (len > IVS_TOKEN_MAX)
        return ivs_fail(err, IVS_E_ARG,
                        "extra claims of %zu bytes, expected at most %d", len,
                        IVS_TOKEN_MAX);
    s = ivs_json_parse(text, len, IVS_JSON_OBJECT, "extra_json", &extra, NULL,
                       err);
    if (s != IVS_OK)
        return as_argument(s, err);
    json_object_foreach(extra, name, value)
    {
        if (strncmp(name, "aws:", 4) == 0 || strcmp(name, "exp") == 0) {
            s = ivs_fail_member(err, IVS_E_ARG, name,
                                "extra claim %.60s; the claims of Amazon IVS "
                                "and exp have members of their own",
                                name);
            break;
        }
    }
    json_decref(extra);
    return s;
}

ivs_status
ivs_claims_check(const ivs_claims *claims, int64_t now_s, ivs_claims *ret,
                 int64_t *ret_exp_s, ivs_error *err)
{
    ivs_status s = ivs_options_copy(ret, sizeof *ret, claims, err);

    if (s != IVS_OK)
        return s;
    if (ret->channel_arn == NULL)
        return ivs_fail_member(err, IVS_E_ARG, "aws:channel-arn",
                               "no channel ARN");
    s = ivs_claim_check_channel(ret->channel_arn, err);
    if (s != IVS_OK)
        return as_argument(s, err);
    if ((s = check_viewer(ret, err)) != IVS_OK)
        return s;
    if (ret->single_use_uuid != NULL &&
        (s = ivs_claim_check_uuid(ret->single_use_uuid, err)) != IVS_OK)
        return as_argument(s, err);
    if ((unsigned)ret->maximum_resolution > IVS_RESOLUTION_FULL_HD)
        return ivs_fail_member(err, IVS_E_ARG, "aws:maximum-resolution",
                               "unknown maximum resolution %d",
                               (int)ret->maximum_resolution);
    if ((s = check_origins(ret, err)) != IVS_OK)
        return s;
    if ((s = check_expiry(ret, now_s, ret_exp_s, err)) != IVS_OK)
        return s;
    return ret->extra_json != NULL ? check_extra(ret->extra_json, err) : IVS_OK;
}

static void
write_text(ivs_buf *b, const char *name, const char *value)
{
    ivs_buf_puts(b, name);
    ivs_json_quote(b, value, strlen(value));
}

static void
write_origins(const ivs_claims *c, ivs_buf *b)
{
    if (c->norigins == 0)
        return;
    ivs_buf_puts(b, ",\"aws:access-control-allow-origin\":\"");
    for (size_t i = 0; i < c->norigins; i++) {
        if (i > 0)
            ivs_buf_putc(b, ',');
        ivs_buf_puts(b, c->origins[i]);
    }
    ivs_buf_putc(b, '"');
}

/* The members of a checked object, each behind a comma and without white space,
 * spelled as the caller did: numbers keep every digit. */
static void
write_extra(const char *text, ivs_buf *b)
{
    const char *start = strchr(text, '{') + 1, *end = strrchr(text, '}');
    bool in_string = false, first = true;

    for (const char *p = start; p < end; p++) {
        if (!in_string && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
            continue;
        if (first)
            ivs_buf_putc(b, ',');
        first = false;
        if (in_string && *p == '\\')
            ivs_buf_putc(b, *p++);
        else if (*p == '"')
            in_string = !in_string;
        ivs_buf_putc(b, *p);
    }
}

void
ivs_claims_write(const ivs_claims *c, int64_t exp_s, ivs_buf *b)
{
    write_text(b, "{\"aws:channel-arn\":", c->channel_arn);
    write_origins(c, b);
    if (c->strict_origin_enforcement)
        ivs_buf_puts(b, ",\"aws:strict-origin-enforcement\":true");
    if (c->single_use_uuid != NULL)
        write_text(b, ",\"aws:single-use-uuid\":", c->single_use_uuid);
    if (c->viewer_id != NULL)
        write_text(b, ",\"aws:viewer-id\":", c->viewer_id);
    if (c->has_viewer_session_version)
        ivs_buf_printf(b, ",\"aws:viewer-session-version\":%" PRId64,
                       c->viewer_session_version);
    if (c->maximum_resolution != IVS_RESOLUTION_ANY)
        write_text(b, ",\"aws:maximum-resolution\":",
                   resolution_names[c->maximum_resolution]);
    if (c->extra_json != NULL)
        write_extra(c->extra_json, b);
    ivs_buf_printf(b, ",\"exp\":%" PRId64 "}", exp_s);
}

ivs_status
ivs_claims_encode(const ivs_claims *claims, int64_t now_s, char **ret,
                  size_t *ret_len, ivs_error *err)
{
    ivs_buf b = IVS_BUF_INIT;
    ivs_claims c;
    int64_t exp_s;
    size_t len;
    ivs_status s;
    char *text;

    if (claims == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    s = ivs_claims_check(claims, now_s, &c, &exp_s, err);
    if (s != IVS_OK)
        return s;
    ivs_claims_write(&c, exp_s, &b);
    text = ivs_buf_steal(&b, &len);
    if (text == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    if (IVS_JWS_LEN(IVS_B64URL_LEN(len)) >= IVS_TOKEN_MAX) {
        ivs_free(text);
        return ivs_fail(err, IVS_E_ARG,
                        "claims of %zu bytes make a token that is too long; "
                        "expected fewer than %d bytes of token",
                        len, IVS_TOKEN_MAX);
    }
    *ret = text;
    if (ret_len != NULL)
        *ret_len = len;
    return IVS_OK;
}
