/* SPDX-License-Identifier: MIT */
/* What doctor can say: its checks, the causes it tells, and which of several is
 * the likeliest. */

#include <stdarg.h>
#include <string.h>

#include "doctor.h"

const char *const doctor_check_names[DOCTOR_CHECKS] = {
    [CHECK_KEY] = "key",
    [CHECK_URL] = "url",
    [CHECK_TOKEN_FORMAT] = "token_format",
    [CHECK_TOKEN_SIGNATURE] = "token_signature",
    [CHECK_TOKEN_CHANNEL] = "token_channel",
    [CHECK_TOKEN_EXPIRY] = "token_expiry",
    [CHECK_TOKEN_CLAIMS] = "token_claims",
    [CHECK_TOKEN_ORIGIN] = "token_origin",
    [CHECK_REVOCATION] = "revocation",
    [CHECK_REGION] = "region",
    [CHECK_SERVICE] = "service",
    [CHECK_CLOCK] = "clock",
    [CHECK_CHANNEL] = "channel",
    [CHECK_PRIVATE] = "private",
    [CHECK_POLICY] = "policy",
    [CHECK_KEY_PAIRS] = "key_pairs",
    [CHECK_IMPORTED] = "key_imported",
    [CHECK_STREAM] = "stream",
    [CHECK_PROBE] = "probe",
};

#define CALL   "ivs-token api call --region {region} "
#define UPDATE CALL "UpdateChannel '{\"arn\":\"{channel}\","
#define STOP   CALL "StopStream '{\"channelArn\":\"{channel}\"}'"
#define SHOW   CALL "GetChannel '{\"arn\":\"{channel}\"}'"
#define IMPORT                                                                 \
    "ivs-token key import --key {key} --name playback --region {region}"
#define MAKE                                                                   \
    "ivs-token key generate --out playback-key.pem && "                        \
    "ivs-token key import --key playback-key.pem --name playback "             \
    "--region {region}"
#define MINT "ivs-token token mint --key {signkey} --channel {channel}{claims}"
#define NTP  "timedatectl set-ntp true"

/* From what makes all the rest pointless down to what harms no playback. What
 * the playback side says by itself comes behind what explains it. P n: pain n
 * of the list in tests/README.md. */
/* clang-format off */
const struct doctor_cause doctor_causes[] = {
    /* another place than the one that is meant */
    {"url_of_variant", CHECK_URL, DOCTOR_PROBLEM, CLI_FAILED, SHOW}, /* P26 */
    {"url_malformed", CHECK_URL, DOCTOR_PROBLEM, CLI_FAILED, SHOW},
    {"url_other_channel", CHECK_URL, DOCTOR_PROBLEM, CLI_FAILED, SHOW},
    {"region_without_ivs", CHECK_REGION, DOCTOR_PROBLEM, CLI_FAILED, /* P28 */
     "ivs-token api call --region us-east-1 CreateChannel '{\"authorized\":true}'"},
    {"channel_other_account", CHECK_CHANNEL, DOCTOR_PROBLEM, CLI_FAILED, "ivs-token credentials"},
    {"channel_not_found", CHECK_CHANNEL, DOCTOR_PROBLEM, CLI_FAILED, CALL "ListChannels --paginate"},
    /* no token is looked at */
    {"policy_refuses_origin", CHECK_POLICY, DOCTOR_PROBLEM, CLI_FAILED,
     CALL "UpdatePlaybackRestrictionPolicy {input}"},
    {"probe_restricted", CHECK_PROBE, DOCTOR_PROBLEM, CLI_FAILED,
     CALL "GetPlaybackRestrictionPolicy {input}"},
    {"channel_public_live", CHECK_PRIVATE, DOCTOR_PROBLEM, CLI_FAILED, /* P25 */
     STOP " && " UPDATE "\"authorized\":true}'"},
    {"channel_public", CHECK_PRIVATE, DOCTOR_PROBLEM, CLI_FAILED, /* P4 */
     UPDATE "\"authorized\":true}'"},
    /* what arrives is no token */
    {"url_two_question_marks", CHECK_URL, DOCTOR_PROBLEM, CLI_FAILED, /* P2 */
     MINT " --playback-url {url}"},
    {"token_lost", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, /* P3 */
     MINT " --playback-url {url}"},
    {"segments", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P3 */
    {"too_long", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"base64url", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"header_json", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"utf8", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"json", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"json_duplicate", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"json_depth", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"json_number", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"alg", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"typ", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"header_member", CHECK_TOKEN_FORMAT, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"signature_der", CHECK_TOKEN_SIGNATURE, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P16 */
    {"signature_length", CHECK_TOKEN_SIGNATURE, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"signature_range", CHECK_TOKEN_SIGNATURE, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    /* a key that cannot sign for this channel */
    {"key_unreadable", CHECK_KEY, DOCTOR_PROBLEM, CLI_FAILED, "ls -l -- {key}"},
    {"key_locked", CHECK_KEY, DOCTOR_PROBLEM, CLI_FAILED,
     "ivs-token key show --key {key} --passphrase-file FILE"},
    {"key_unusable", CHECK_KEY, DOCTOR_PROBLEM, CLI_FAILED, /* P11 P12 */
     MAKE},
    {"token_other_region", CHECK_TOKEN_CHANNEL, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"token_other_channel", CHECK_TOKEN_CHANNEL, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"channel_arn", CHECK_TOKEN_CHANNEL, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"token_other_key", CHECK_TOKEN_SIGNATURE, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"key_other_region", CHECK_IMPORTED, DOCTOR_PROBLEM, CLI_FAILED, IMPORT},
    {"key_no_room", CHECK_IMPORTED, DOCTOR_PROBLEM, CLI_FAILED, /* P10 */
     "ivs-token key list --keys . --region {region} && "
     "ivs-token key delete ARN --region {region} && " IMPORT},
    {"key_not_imported", CHECK_IMPORTED, DOCTOR_PROBLEM, CLI_FAILED, IMPORT},
    /* claims that are refused */
    {"clock_misleads", CHECK_CLOCK, DOCTOR_PROBLEM, CLI_FAILED, NTP},
    {"expired", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"exp_too_far", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P18 */
    {"exp_missing", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"exp_type", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"nbf_future", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"nbf_type", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"iat_future", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"iat_type", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"viewer_id", CHECK_TOKEN_CLAIMS, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P19 */
    {"version_string", CHECK_TOKEN_CLAIMS, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P22 */
    {"viewer_session_version", CHECK_TOKEN_CLAIMS, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"single_use_uuid", CHECK_TOKEN_CLAIMS, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"resolution", CHECK_TOKEN_CLAIMS, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"origin_malformed", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P5 */
    {"origin_list", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"strict_origin", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"strict_without_origins", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"strict_too_many_origins", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"origin_missing", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P6 P7 */
    {"origin_mismatch", CHECK_TOKEN_ORIGIN, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    /* the service is believed to take these */
    {"exp_float", CHECK_TOKEN_EXPIRY, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"exp_milliseconds", CHECK_TOKEN_EXPIRY, DOCTOR_STANDS, CLI_REJECTED, MINT}, /* P1 */
    {"token_other", CHECK_TOKEN_CLAIMS, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    /* the playback side refuses, and nothing above says why */
    {"probe_no_token", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED,
     MINT " --playback-url {url}"}, /* P3 */
    {"probe_no_origin", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P6 */
    {"probe_expired", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"probe_other_key", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED,
     "ivs-token key list --keys . --region {region}"},
    {"probe_used_or_revoked", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P8 */
    {"probe_revoked", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED, MINT},
    {"probe_refused", CHECK_PROBE, DOCTOR_PROBLEM, CLI_REJECTED, MINT}, /* P4 */
    {"viewer_limit", CHECK_PROBE, DOCTOR_PROBLEM, CLI_FAILED,
     CALL "ListStreams --paginate"},
    /* nothing of a token */
    {"stream_offline", CHECK_STREAM, DOCTOR_PROBLEM, CLI_FAILED, /* P27 */
     CALL "ListStreamKeys '{\"channelArn\":\"{channel}\"}'{emulator}"},
    {"probe_offline", CHECK_PROBE, DOCTOR_PROBLEM, CLI_FAILED, /* P27 */
     CALL "GetStream '{\"channelArn\":\"{channel}\"}'{emulator}"},
    {"probe_failed", CHECK_PROBE, DOCTOR_PROBLEM, CLI_FAILED, SHOW},
    {"probe_unreachable", CHECK_PROBE, DOCTOR_PROBLEM, CLI_NETWORK,
     "ivs-token --debug doctor --playback-url {url} --probe"},
    {"clock_off", CHECK_CLOCK, DOCTOR_STANDS, CLI_FAILED, NTP},
    {"policy_ignored_live", CHECK_POLICY, DOCTOR_STANDS, CLI_FAILED, /* P24 */
     STOP " && " UPDATE "\"playbackRestrictionPolicyArn\":\"\"}'"},
    {"policy_ignored", CHECK_POLICY, DOCTOR_STANDS, CLI_FAILED, /* P24 */
     UPDATE "\"playbackRestrictionPolicyArn\":\"\"}'"},
    /* nobody could be asked */
    {"no_credentials", CHECK_SERVICE, DOCTOR_PROBLEM, CLI_CONFIG, "ivs-token credentials"},
    {"service_refuses", CHECK_SERVICE, DOCTOR_PROBLEM, CLI_REFUSED, "ivs-token credentials"},
    {"no_network", CHECK_SERVICE, DOCTOR_PROBLEM, CLI_NETWORK,
     "ivs-token --debug key list --region {region}"},
    {"service_failed", CHECK_SERVICE, DOCTOR_PROBLEM, CLI_FAILED,
     "ivs-token --debug key list --region {region}"},
    /* worth a look */
    {"key_readable_by_others", CHECK_KEY, DOCTOR_NOTE, CLI_OK, NULL}, /* P29 */
    {"url_without_token", CHECK_URL, DOCTOR_NOTE, CLI_OK, NULL}, /* P3 */
    {"kid_ignored", CHECK_TOKEN_FORMAT, DOCTOR_NOTE, CLI_OK, NULL}, /* P21 */
    {"token_over_2kb", CHECK_TOKEN_FORMAT, DOCTOR_NOTE, CLI_OK, NULL},
    {"long_life", CHECK_TOKEN_EXPIRY, DOCTOR_NOTE, CLI_OK, NULL}, /* P17 */
    {"clock_skew_margin", CHECK_TOKEN_EXPIRY, DOCTOR_NOTE, CLI_OK, NULL},
    {"single_use", CHECK_TOKEN_CLAIMS, DOCTOR_NOTE, CLI_OK, NULL}, /* P8 */
    {"version_without_viewer_id", CHECK_TOKEN_CLAIMS, DOCTOR_NOTE, CLI_OK, NULL},
    {"unknown_aws_member", CHECK_TOKEN_CLAIMS, DOCTOR_NOTE, CLI_OK, NULL},
    {"strict_needs_origin", CHECK_TOKEN_ORIGIN, DOCTOR_NOTE, CLI_OK, NULL}, /* P6 */
    {"no_viewer_id", CHECK_REVOCATION, DOCTOR_NOTE, CLI_OK, NULL}, /* P20 */
    {"version_not_revocable", CHECK_REVOCATION, DOCTOR_NOTE, CLI_OK, NULL}, /* P23 */
    {"environment_other_region", CHECK_REGION, DOCTOR_NOTE, CLI_OK, NULL},
    {"key_pairs_full", CHECK_KEY_PAIRS, DOCTOR_NOTE, CLI_OK, NULL}, /* P10 */
    {0},
};
/* clang-format on */

IVS_PRINTF(4, 0)
static void
say(struct doctor *d, enum doctor_check check, enum doctor_result result,
    const char *fmt, va_list ap)
{
    struct doctor_line *line = &d->lines[check];

    if (line->result > result)
        return;
    line->result = result;
    if (vsnprintf(line->detail, sizeof line->detail, fmt, ap) < 0)
        line->detail[0] = '\0';
}

void
doctor_ok(struct doctor *d, enum doctor_check check, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(d, check, DOCTOR_OK, fmt, ap);
    va_end(ap);
}

void
doctor_skip(struct doctor *d, enum doctor_check check, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(d, check, DOCTOR_NOT_CHECKED, fmt, ap);
    va_end(ap);
}

/* A code that is not known yet is a rule of tokens, and a problem. */
static const struct doctor_cause *
cause_of(const char *code)
{
    const struct doctor_cause *cause = doctor_causes;

    while (cause->code != NULL && strcmp(cause->code, code) != 0)
        cause++;
    return cause->code != NULL ? cause : cause_of("token_other");
}

/* A problem that cannot be why playback fails: the service let the token in, or
 * another key has signed it. Without strict enforcement it may be the browser
 * alone that looks at the origin. */
static bool
is_moot(const struct doctor *d, const struct doctor_cause *cause)
{
    if (cause->check == CHECK_KEY && d->signer != NULL)
        return true;
    if (cause->check == CHECK_SERVICE)
        return d->probed && d->probe_error.code == IVS_OK;
    if (cause->check == CHECK_TOKEN_ORIGIN &&
        (d->claims == NULL || !d->claims->strict_origin_enforcement ||
         d->opts->origin == NULL))
        return false;
    return d->let_in && cause->result != DOCTOR_STANDS;
}

IVS_PRINTF(4, 0)
static void
found(struct doctor *d, const struct doctor_key *key, const char *code,
      const char *fmt, va_list ap)
{
    struct doctor_finding f = {.cause = cause_of(code), .key = key};
    struct doctor_line *line = &d->lines[f.cause->check];

    f.result = f.cause->result;
    if (f.result == DOCTOR_PROBLEM && is_moot(d, f.cause))
        f.result = DOCTOR_NOTE;
    if (f.result == DOCTOR_STANDS)
        f.result = DOCTOR_PROBLEM;
    if (vsnprintf(f.message, sizeof f.message, fmt, ap) < 0)
        f.message[0] = '\0';
    if (line->result < f.result)
        line->result = f.result;
    if (f.result == DOCTOR_PROBLEM &&
        (d->why.cause == NULL || f.cause < d->why.cause))
        d->why = f;
    /* A token can break more rules than anyone wants to read. */
    if (d->nfindings < DOCTOR_FINDINGS_MAX)
        d->findings[d->nfindings++] = f;
}

void
doctor_found(struct doctor *d, const char *code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    found(d, NULL, code, fmt, ap);
    va_end(ap);
}

void
doctor_found_key(struct doctor *d, const struct doctor_key *key,
                 const char *code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    found(d, key, code, fmt, ap);
    va_end(ap);
}

const char *
doctor_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}
