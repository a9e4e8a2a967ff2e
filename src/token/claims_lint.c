/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* Lint of claims. The codes are stable:
 *
 *   code                       severity  about
 *   too_long                   error     over IVS_TOKEN_MAX
 *   utf8 json json_duplicate   error     the payload does not parse; nothing
 *   json_depth                           else is said
 *   json_number                error     an integer outside int64
 *   channel_arn                error     missing, or off the pattern
 *   viewer_id                  error     not a string of 1 to 40 characters
 *   no_viewer_id               info      the token cannot be revoked
 *   viewer_session_version     error     not an integer from 0 to 2^63 - 1
 *   version_string             error     an integer in quotes
 *   version_not_revocable      warning   beyond the int32 of the API
 *   version_without_viewer_id  warning   has no effect
 *   single_use_uuid            error     no UUID
 *   resolution                 error     not SD, HD or FULL_HD
 *   origin_list                error     not a string
 *   origin_malformed           error     one finding an entry
 *   strict_origin              error     not a boolean
 *   strict_without_origins     error     nothing to enforce
 *   strict_too_many_origins    error     more than 5
 *   exp_missing                error
 *   exp_type                   error     not a number
 *   exp_float                  error     has a fraction or exponent
 *   exp_milliseconds           warning   the token practically never expires
 *   expired                    error
 *   exp_too_far                error     over 600 s with a viewer id or UUID
 *   clock_skew_margin          info      over 590 s with a viewer id or UUID
 *   long_life                  warning   over an hour without either
 *   nbf_future iat_future      error     not valid yet
 *   nbf_type iat_type          error     not a number
 *   unknown_aws_member         warning   an aws: claim that IVS does not have
 *   token_over_2kb             warning   may not fit where it has to travel
 */
/* clang-format on */

#include "token/claims.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/b64url.h"
#include "base/error.h"
#include "base/time.h"
#include "token/jws.h"

#define LONG_LIFE_S 3600
#define SKEW_S      10
#define LARGE_TOKEN 2048

void
ivs_findings_add(ivs_findings *f, const char *code, const char *severity,
                 const char *member, const char *message)
{
    if (f->count++ > 0)
        ivs_buf_putc(&f->json, ',');
    ivs_buf_printf(&f->json,
                   "{\"code\":\"%s\",\"severity\":\"%s\",\"member\":", code,
                   severity);
    ivs_json_quote(&f->json, member, strlen(member));
    ivs_buf_puts(&f->json, ",\"message\":");
    ivs_json_quote(&f->json, message, strlen(message));
    ivs_buf_putc(&f->json, '}');
}

IVS_PRINTF(5, 6)
static void
say(ivs_findings *f, const char *code, const char *severity, const char *member,
    const char *fmt, ...)
{
    char message[256];
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(message, sizeof message, fmt, ap) < 0)
        message[0] = '\0';
    va_end(ap);
    ivs_findings_add(f, code, severity, member, message);
}

/* What verify refuses. `lenient`: the service is believed to take it. */
static const char *
code_of(ivs_reject_reason reason, const json_t *value, bool lenient)
{
    switch (reason) {
    case IVS_REJECT_VIEWER_VERSION:
        return lenient ? "version_string" : "viewer_session_version";
    case IVS_REJECT_RESOLUTION:
        return "resolution";
    case IVS_REJECT_STRICT_ORIGIN:
        if (!json_is_true(value))
            return "strict_origin";
        return lenient ? "strict_without_origins" : "strict_too_many_origins";
    case IVS_REJECT_EXP_TYPE:
        return lenient ? "exp_float" : "exp_type";
    default:
        return ivs_reject_reason_name(reason);
    }
}

static void
lint_origins(const ivs_claims *c, ivs_findings *f)
{
    for (size_t i = 0; i < c->norigins; i++) {
        ivs_error why = {0};

        if (ivs_claim_check_origin(c->origins[i], &why) != IVS_OK)
            ivs_findings_add(f, "origin_malformed", "error", why.member,
                             why.message);
    }
}

/* Each claim by the rule of verify, then by that of the service so that what
 * follows knows its value. */
static ivs_status
lint_rules(ivs_claim_set *set, ivs_findings *f, ivs_error *err)
{
    for (size_t i = 0; i < IVS_CLAIM_RULES; i++) {
        const ivs_claim_rule *rule = &ivs_claim_rules[i];
        const json_t *value = json_object_get(set->payload, rule->name);
        ivs_error why = {0};
        ivs_status s, lenient;

        if (value == NULL)
            continue;
        s = rule->read(value, 0, set, &why);
        if (s == IVS_OK)
            continue;
        lenient = rule->read(value, IVS_VERIFY_LIKE_SERVICE, set, NULL);
        if (s == IVS_E_NOMEM || lenient == IVS_E_NOMEM)
            return ivs_fail(err, IVS_E_NOMEM, "out of memory");
        if (why.reason == IVS_REJECT_ORIGIN_LIST && lenient == IVS_OK)
            lint_origins(&set->claims, f);
        else
            ivs_findings_add(f, code_of(why.reason, value, lenient == IVS_OK),
                             "error", why.member, why.message);
    }
    if (json_object_get(set->payload, "aws:channel-arn") == NULL)
        say(f, "channel_arn", "error", "aws:channel-arn",
            "the token names no channel");
    return IVS_OK;
}

static void
lint_viewer(const ivs_claim_set *set, ivs_findings *f)
{
    bool has_id = json_object_get(set->payload, "aws:viewer-id") != NULL;

    if (!has_id)
        say(f, "no_viewer_id", "info", "aws:viewer-id",
            "without a viewer id the token cannot be revoked");
    if (!set->claims.has_viewer_session_version)
        return;
    if (!has_id)
        say(f, "version_without_viewer_id", "warning",
            "aws:viewer-session-version",
            "a viewer session version without a viewer id has no effect");
    if (set->claims.viewer_session_version > IVS_REVOCABLE_VERSION_MAX)
        say(f, "version_not_revocable", "warning", "aws:viewer-session-version",
            "version %" PRId64 " cannot be revoked by version: the API takes "
            "at most %" PRId64,
            set->claims.viewer_session_version, IVS_REVOCABLE_VERSION_MAX);
}

static void
lint_expiry(const ivs_claim_set *set, int64_t now_s, ivs_findings *f)
{
    int64_t exp_s = set->claims.expires_at_s;
    bool bound = ivs_claims_are_bound(&set->claims);
    char exp[IVS_TIME_BOTH_SIZE], now[IVS_TIME_BOTH_SIZE];

    if (json_object_get(set->payload, "exp") == NULL)
        say(f, "exp_missing", "error", "exp", "the token has no exp");
    if (!set->has_exp)
        return;
    ivs_time_format_both(exp_s, exp);
    ivs_time_format_both(now_s, now);
    if (exp_s <= now_s)
        say(f, "expired", "error", "exp", "the token expired at %s; now is %s",
            exp, now);
    ivs_time_format_both(exp_s / 1000, exp);
    if (exp_s > IVS_EXP_MAX)
        say(f, "exp_milliseconds", "warning", "exp",
            "exp %" PRId64 " reads as milliseconds; taken as seconds, as it "
            "is, the token practically never expires; expected %s",
            exp_s, exp);
    if (bound && exp_s > ivs_time_add(now_s, IVS_BOUND_TTL_MAX))
        say(f, "exp_too_far", "error", "exp",
            "exp is more than %d s ahead, the limit with a viewer id or "
            "single-use UUID",
            IVS_BOUND_TTL_MAX);
    else if (bound && exp_s > ivs_time_add(now_s, IVS_BOUND_TTL_MAX - SKEW_S))
        say(f, "clock_skew_margin", "info", "exp",
            "exp is within %d s of the %d s limit; a clock that runs behind "
            "would refuse the token",
            SKEW_S, IVS_BOUND_TTL_MAX);
    else if (!bound && exp_s <= IVS_EXP_MAX &&
             exp_s > ivs_time_add(now_s, LONG_LIFE_S))
        say(f, "long_life", "warning", "exp",
            "the token lives for more than an hour; exp only matters when "
            "playback starts, so minutes are enough");
}

static void
lint_begin(const json_t *payload, int64_t now_s, ivs_findings *f)
{
    static const struct {
        const char *name, *future, *type;
    } rows[] = {{"nbf", "nbf_future", "nbf_type"},
                {"iat", "iat_future", "iat_type"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_t *value = json_object_get(payload, rows[i].name);
        char at[IVS_TIME_BOTH_SIZE], now[IVS_TIME_BOTH_SIZE];
        int64_t at_s;

        if (value == NULL)
            continue;
        if (!ivs_claim_date(value, true, &at_s)) {
            say(f, rows[i].type, "error", rows[i].name, "%s is not a number",
                rows[i].name);
        } else if (at_s > now_s) {
            ivs_time_format_both(at_s, at);
            ivs_time_format_both(now_s, now);
            say(f, rows[i].future, "error", rows[i].name,
                "%s %s is after now, %s", rows[i].name, at, now);
        }
    }
}

static void
lint_unknown(json_t *payload, ivs_findings *f)
{
    const char *name;
    json_t *value;

    json_object_foreach(payload, name, value)
    {
        if (strncmp(name, "aws:", 4) == 0 && !ivs_claim_is_known(name))
            say(f, "unknown_aws_member", "warning", name,
                "Amazon IVS documents no such claim");
    }
}

/* Strict, or after a finding with integers of any size. NULL where there is
 * nothing more to say. */
static ivs_status
parse_payload(const char *json, size_t len, ivs_findings *f, json_t **ret,
              ivs_error *err)
{
    ivs_reject_reason reason = IVS_REJECT_NONE;
    ivs_error why = {0};
    ivs_status s = ivs_json_parse(json, len, IVS_JSON_OBJECT, "the payload",
                                  ret, &reason, &why);

    if (s == IVS_E_FORMAT) {
        ivs_findings_add(f, ivs_reject_reason_name(reason), "error", "",
                         why.message);
        s = IVS_OK;
        if (reason == IVS_REJECT_JSON_NUMBER)
            s = ivs_json_parse(json, len,
                               IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                               "the payload", ret, NULL, NULL);
        if (s == IVS_E_FORMAT)
            s = IVS_OK;
    }
    return s == IVS_OK ? s : ivs_fail(err, s, "%s", ivs_status_text(s));
}

ivs_status
ivs_claims_lint_into(const char *json, size_t len, size_t token_len,
                     int64_t now_s, ivs_findings *f, json_t **ret_payload,
                     ivs_error *err)
{
    json_t *payload = NULL;
    ivs_claim_set set;
    ivs_status s = parse_payload(json, len, f, &payload, err);

    if (s != IVS_OK || payload == NULL)
        return s;
    ivs_claim_set_init(&set);
    set.payload = payload;
    s = lint_rules(&set, f, err);
    if (s == IVS_OK) {
        lint_viewer(&set, f);
        lint_expiry(&set, now_s, f);
        lint_begin(payload, now_s, f);
        lint_unknown(payload, f);
        if (token_len > LARGE_TOKEN)
            say(f, "token_over_2kb", "warning", "",
                "the token takes %zu bytes; beyond %d it may be refused on its "
                "way",
                token_len, LARGE_TOKEN);
        if (ret_payload != NULL)
            *ret_payload = json_incref(payload);
    }
    ivs_claim_set_clear(&set);
    return s;
}

ivs_status
ivs_claims_lint(const char *json, size_t len, int64_t now_s, char **ret_json,
                ivs_error *err)
{
    ivs_findings f = {0};
    ivs_status s;
    char *text;

    if (json == NULL || ret_json == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    ivs_buf_putc(&f.json, '[');
    if (len > IVS_TOKEN_MAX) {
        say(&f, "too_long", "error", "", "claims of %zu bytes, at most %d", len,
            IVS_TOKEN_MAX);
        s = IVS_OK;
    } else {
        s = ivs_claims_lint_into(json, len, IVS_JWS_LEN(IVS_B64URL_LEN(len)),
                                 now_s, &f, NULL, err);
    }
    ivs_buf_putc(&f.json, ']');
    if (s == IVS_OK) {
        text = ivs_buf_steal(&f.json, NULL);
        if (text != NULL)
            *ret_json = text;
        else
            s = ivs_fail(err, IVS_E_NOMEM, "out of memory");
    }
    ivs_buf_free(&f.json);
    return s;
}
