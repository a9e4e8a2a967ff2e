/* SPDX-License-Identifier: MIT */
/* Claims from JSON, and the rules on their values. Source of the claims:
 * Amazon IVS user guide, "Generate and sign playback tokens". */

#include "token/claims.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "token/jws.h"
#include "token/origin.h"

#define CHANNEL    "aws:channel-arn"
#define VIEWER_ID  "aws:viewer-id"
#define VERSION    "aws:viewer-session-version"
#define UUID       "aws:single-use-uuid"
#define RESOLUTION "aws:maximum-resolution"
#define ORIGINS    "aws:access-control-allow-origin"
#define STRICT     "aws:strict-origin-enforcement"

int64_t
ivs_time_add(int64_t now_s, int64_t by_s)
{
    if (by_s > 0 && now_s > INT64_MAX - by_s)
        return INT64_MAX;
    if (by_s < 0 && now_s < INT64_MIN - by_s)
        return INT64_MIN;
    return now_s + by_s;
}

bool
ivs_claims_are_bound(const ivs_claims *claims)
{
    return claims->viewer_id != NULL || claims->single_use_uuid != NULL;
}

/* ---- rules on values ---- */

ivs_status
ivs_claim_check_channel(const char *arn, ivs_error *err)
{
    ivs_error inner = {0};
    ivs_arn parsed;

    if (ivs_arn_parse(arn, strlen(arn), &parsed, &inner) != IVS_OK)
        return ivs_reject(err, IVS_REJECT_CHANNEL_ARN, CHANNEL, "%s",
                          inner.message);
    if (parsed.type != IVS_ARN_CHANNEL)
        return ivs_reject(err, IVS_REJECT_CHANNEL_ARN, CHANNEL,
                          "\"%s\" names no channel; expected "
                          "arn:aws:ivs:REGION:ACCOUNT:channel/ID",
                          arn);
    return IVS_OK;
}

ivs_status
ivs_claim_check_viewer_id(const char *id, ivs_error *err)
{
    size_t chars;

    if (!ivs_utf8_valid(id, strlen(id), &chars))
        return ivs_reject(err, IVS_REJECT_VIEWER_ID, VIEWER_ID,
                          "the viewer id is not valid UTF-8");
    if (chars == 0 || chars > IVS_VIEWER_ID_MAX)
        return ivs_reject(err, IVS_REJECT_VIEWER_ID, VIEWER_ID,
                          "a viewer id of %zu characters, expected 1 to %d",
                          chars, IVS_VIEWER_ID_MAX);
    return IVS_OK;
}

/* RFC 9562 section 4, in either case. */
ivs_status
ivs_claim_check_uuid(const char *uuid, ivs_error *err)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool good = strlen(uuid) == sizeof form - 1;

    for (size_t i = 0; good && form[i] != '\0'; i++) {
        char c = uuid[i];

        if (form[i] == '-')
            good = c == '-';
        else
            good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
                   (c >= 'A' && c <= 'F');
    }
    if (good)
        return IVS_OK;
    return ivs_reject(err, IVS_REJECT_SINGLE_USE_UUID, UUID,
                      "\"%.60s\" is no UUID; expected such as "
                      "123e4567-e89b-42d3-a456-426614174000",
                      uuid);
}

ivs_status
ivs_claim_check_origin(const char *entry, ivs_error *err)
{
    ivs_error inner = {0};

    if (ivs_origin_check(entry, strlen(entry), &inner) == IVS_OK)
        return IVS_OK;
    return ivs_reject(err, IVS_REJECT_ORIGIN_LIST, ORIGINS, "%s",
                      inner.message);
}

ivs_status
ivs_claim_check_strict(size_t norigins, unsigned flags, ivs_error *err)
{
    if (norigins == 0 && (flags & IVS_VERIFY_LIKE_SERVICE) == 0)
        return ivs_reject(err, IVS_REJECT_STRICT_ORIGIN, STRICT,
                          "strict origin enforcement without an origin; "
                          "expected 1 to %d",
                          IVS_STRICT_ORIGINS_MAX);
    if (norigins > IVS_STRICT_ORIGINS_MAX)
        return ivs_reject(err, IVS_REJECT_STRICT_ORIGIN, STRICT,
                          "strict origin enforcement with %zu origins; "
                          "expected 1 to %d",
                          norigins, IVS_STRICT_ORIGINS_MAX);
    return IVS_OK;
}

/* ---- one reader a claim ---- */

static ivs_status
read_channel(const json_t *value, unsigned flags, ivs_claim_set *set,
             ivs_error *err)
{
    ivs_status s;

    (void)flags;
    if (!json_is_string(value))
        return ivs_reject(err, IVS_REJECT_CHANNEL_ARN, CHANNEL,
                          "the channel ARN is not a string");
    s = ivs_claim_check_channel(json_string_value(value), err);
    if (s == IVS_OK)
        set->claims.channel_arn = json_string_value(value);
    return s;
}

static ivs_status
read_viewer_id(const json_t *value, unsigned flags, ivs_claim_set *set,
               ivs_error *err)
{
    ivs_status s;

    (void)flags;
    if (!json_is_string(value))
        return ivs_reject(err, IVS_REJECT_VIEWER_ID, VIEWER_ID,
                          "the viewer id is not a string");
    s = ivs_claim_check_viewer_id(json_string_value(value), err);
    if (s == IVS_OK)
        set->claims.viewer_id = json_string_value(value);
    return s;
}

/* Digits only, at most 2^63 - 1. */
static bool
parse_quoted_version(const char *text, int64_t *ret)
{
    int64_t value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (value > (INT64_MAX - (*text - '0')) / 10)
            return false;
        value = value * 10 + (*text - '0');
    }
    *ret = value;
    return true;
}

static ivs_status
read_version(const json_t *value, unsigned flags, ivs_claim_set *set,
             ivs_error *err)
{
    int64_t version = -1;

    if (json_is_integer(value)) {
        version = json_integer_value(value);
    } else if (json_is_string(value)) {
        if ((flags & IVS_VERIFY_LIKE_SERVICE) == 0 ||
            !parse_quoted_version(json_string_value(value), &version))
            return ivs_reject(err, IVS_REJECT_VIEWER_VERSION, VERSION,
                              "the viewer session version is a string, "
                              "expected a number without quotes");
    } else {
        return ivs_reject(err, IVS_REJECT_VIEWER_VERSION, VERSION,
                          "the viewer session version is not an integer");
    }
    if (version < 0)
        return ivs_reject(
            err, IVS_REJECT_VIEWER_VERSION, VERSION,
            "viewer session version %" PRId64 ", expected 0 or more", version);
    set->claims.has_viewer_session_version = true;
    set->claims.viewer_session_version = version;
    return IVS_OK;
}

static ivs_status
read_uuid(const json_t *value, unsigned flags, ivs_claim_set *set,
          ivs_error *err)
{
    ivs_status s;

    (void)flags;
    if (!json_is_string(value))
        return ivs_reject(err, IVS_REJECT_SINGLE_USE_UUID, UUID,
                          "the single-use UUID is not a string");
    s = ivs_claim_check_uuid(json_string_value(value), err);
    if (s == IVS_OK)
        set->claims.single_use_uuid = json_string_value(value);
    return s;
}

static ivs_status
read_resolution(const json_t *value, unsigned flags, ivs_claim_set *set,
                ivs_error *err)
{
    const char *name = json_string_value(value);

    (void)flags;
    if (name != NULL && strcmp(name, "SD") == 0)
        set->claims.maximum_resolution = IVS_RESOLUTION_SD;
    else if (name != NULL && strcmp(name, "HD") == 0)
        set->claims.maximum_resolution = IVS_RESOLUTION_HD;
    else if (name != NULL && strcmp(name, "FULL_HD") == 0)
        set->claims.maximum_resolution = IVS_RESOLUTION_FULL_HD;
    else
        return ivs_reject(err, IVS_REJECT_RESOLUTION, RESOLUTION,
                          "maximum resolution is %.40s, expected SD, HD or "
                          "FULL_HD",
                          name != NULL ? name : "not a string");
    return IVS_OK;
}

/* Split at commas and trim spaces, into one block. */
static ivs_status
split_origins(const char *text, ivs_claim_set *set, ivs_error *err)
{
    size_t len = strlen(text), count = 1;
    const char **entry;
    char *copy;

    for (size_t i = 0; i < len; i++)
        count += text[i] == ',';
    entry = malloc(count * sizeof *entry + len + 1);
    if (entry == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    free(set->origins);
    set->origins = entry;
    set->claims.origins = entry;
    set->claims.norigins = count;
    copy = (char *)(entry + count);
    memcpy(copy, text, len + 1);
    for (size_t i = 0; i < count; i++) {
        size_t n = strcspn(copy, ",");
        char *next = copy + n + 1;

        while (n > 0 && copy[n - 1] == ' ')
            n--;
        copy[n] = '\0';
        entry[i] = copy + strspn(copy, " ");
        copy = next;
    }
    return IVS_OK;
}

static ivs_status
read_origins(const json_t *value, unsigned flags, ivs_claim_set *set,
             ivs_error *err)
{
    ivs_status s;

    if (!json_is_string(value))
        return ivs_reject(err, IVS_REJECT_ORIGIN_LIST, ORIGINS,
                          "the origins are not a string, expected one string "
                          "with commas between the entries");
    s = split_origins(json_string_value(value), set, err);
    if (s != IVS_OK || (flags & IVS_VERIFY_LIKE_SERVICE) != 0)
        return s;
    for (size_t i = 0; i < set->claims.norigins && s == IVS_OK; i++)
        s = ivs_claim_check_origin(set->claims.origins[i], err);
    return s;
}

static ivs_status
read_strict(const json_t *value, unsigned flags, ivs_claim_set *set,
            ivs_error *err)
{
    if (!json_is_boolean(value))
        return ivs_reject(err, IVS_REJECT_STRICT_ORIGIN, STRICT,
                          "strict origin enforcement is not true or false");
    set->claims.strict_origin_enforcement = json_is_true(value);
    if (!json_is_true(value))
        return IVS_OK;
    return ivs_claim_check_strict(set->claims.norigins, flags, err);
}

bool
ivs_claim_date(const json_t *value, bool up, int64_t *ret_s)
{
    double d;

    if (json_is_integer(value)) {
        *ret_s = json_integer_value(value);
        return true;
    }
    if (!json_is_real(value))
        return false;
    d = json_real_value(value);
    if (d >= 9223372036854775808.0)
        *ret_s = INT64_MAX;
    else if (d < -9223372036854775808.0)
        *ret_s = INT64_MIN;
    else
        *ret_s = up ? (int64_t)d + (d > (double)(int64_t)d)
                    : (int64_t)d - (d < (double)(int64_t)d);
    return true;
}

static ivs_status
read_exp(const json_t *value, unsigned flags, ivs_claim_set *set,
         ivs_error *err)
{
    if (json_is_real(value) && (flags & IVS_VERIFY_LIKE_SERVICE) == 0)
        return ivs_reject(err, IVS_REJECT_EXP_TYPE, "exp",
                          "exp has a fraction or exponent, expected an integer "
                          "of seconds");
    if (!ivs_claim_date(value, false, &set->claims.expires_at_s))
        return ivs_reject(err, IVS_REJECT_EXP_TYPE, "exp",
                          "exp is not a number, expected seconds since 1970");
    set->has_exp = true;
    return IVS_OK;
}

const ivs_claim_rule ivs_claim_rules[IVS_CLAIM_RULES] = {
    {CHANNEL, read_channel},       {VIEWER_ID, read_viewer_id},
    {VERSION, read_version},       {UUID, read_uuid},
    {RESOLUTION, read_resolution}, {ORIGINS, read_origins},
    {STRICT, read_strict},         {"exp", read_exp},
};

/* ---- all claims ---- */

bool
ivs_claim_is_known(const char *name)
{
    for (size_t i = 0; i < IVS_CLAIM_RULES; i++)
        if (strcmp(name, ivs_claim_rules[i].name) == 0)
            return true;
    return false;
}

void
ivs_claim_set_init(ivs_claim_set *set)
{
    memset(set, 0, sizeof *set);
    ivs_claims_init(&set->claims, sizeof set->claims);
}

void
ivs_claim_set_clear(ivs_claim_set *set)
{
    json_decref(set->payload);
    free(set->origins);
    free(set->extra);
    ivs_claim_set_init(set);
}

/* Members that are not ours, as one JSON object. */
static ivs_status
keep_extra(ivs_claim_set *set, ivs_error *err)
{
    ivs_buf b = IVS_BUF_INIT;
    const char *name;
    json_t *value;

    json_object_foreach(set->payload, name, value)
    {
        if (ivs_claim_is_known(name))
            continue;
        ivs_buf_putc(&b, b.len == 0 ? '{' : ',');
        ivs_json_quote(&b, name, strlen(name));
        ivs_buf_putc(&b, ':');
        ivs_json_append(&b, value, false);
    }
    ivs_buf_putc(&b, '}');
    set->extra = ivs_buf_steal(&b, NULL);
    ivs_buf_free(&b);
    if (set->extra == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    set->claims.extra_json = set->extra;
    return IVS_OK;
}

ivs_status
ivs_claim_set_read(ivs_claim_set *set, json_t *payload, unsigned flags,
                   ivs_error *err)
{
    size_t found = 0;

    set->payload = payload;
    if (json_object_get(payload, CHANNEL) == NULL)
        return ivs_reject(err, IVS_REJECT_CHANNEL_ARN, CHANNEL,
                          "the token names no channel");
    for (size_t i = 0; i < IVS_CLAIM_RULES; i++) {
        const json_t *value = json_object_get(payload, ivs_claim_rules[i].name);
        ivs_status s;

        if (value == NULL)
            continue;
        found++;
        s = ivs_claim_rules[i].read(value, flags, set, err);
        if (s != IVS_OK)
            return s;
    }
    return found < json_object_size(payload) ? keep_extra(set, err) : IVS_OK;
}

void
ivs_claims_init(ivs_claims *claims, size_t size)
{
    memset(claims, 0, size);
    claims->size = size;
}

ivs_status
ivs_claims_parse(const char *json, size_t len, ivs_claims **ret, ivs_error *err)
{
    ivs_claim_set *set = NULL;
    json_t *payload = NULL;
    ivs_status s;

    if (json == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    if (len > IVS_TOKEN_MAX)
        return ivs_reject(err, IVS_REJECT_TOO_LONG, NULL,
                          "claims of %zu bytes, expected at most %d", len,
                          IVS_TOKEN_MAX);
    set = malloc(sizeof *set);
    if (set == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    ivs_claim_set_init(set);
    s = ivs_jws_json(json, len, 0, "claims", &payload, err);
    if (s == IVS_OK)
        s = ivs_claim_set_read(set, payload, 0, err);
    if (s == IVS_OK) {
        *ret = &set->claims;
        set = NULL;
    }
    if (set != NULL)
        ivs_claims_free(&set->claims);
    return s;
}

void
ivs_claims_free(ivs_claims *claims)
{
    ivs_claim_set *set = (ivs_claim_set *)(void *)claims;

    if (set == NULL)
        return;
    ivs_claim_set_clear(set);
    free(set);
}
