/* SPDX-License-Identifier: MIT */
/* ARNs of Amazon IVS resources and the playback URLs that carry the same. */

#include <ivs/arn.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/error.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const type_names[] = {
    [IVS_ARN_CHANNEL] = "channel",
    [IVS_ARN_PLAYBACK_KEY] = "playback-key",
    [IVS_ARN_STREAM_KEY] = "stream-key",
    [IVS_ARN_RECORDING_CONFIGURATION] = "recording-configuration",
    [IVS_ARN_PLAYBACK_RESTRICTION_POLICY] = "playback-restriction-policy",
    [IVS_ARN_AD_CONFIGURATION] = "ad-configuration",
};

/* Text still to be read. */
struct cursor {
    const char *p;
    const char *end;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_region_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

static bool
is_id_char(char c)
{
    return is_region_char(c) || (c >= 'A' && c <= 'Z');
}

static bool
is_host_char(char c)
{
    return is_id_char(c) || c == '.' || c == ':' || c == '[' || c == ']';
}

static bool
skip(struct cursor *in, const char *literal)
{
    size_t n = strlen(literal);

    if ((size_t)(in->end - in->p) < n || memcmp(in->p, literal, n) != 0)
        return false;
    in->p += n;
    return true;
}

/* Copy one or more allowed characters to ret, where it is not NULL. */
static bool
take(struct cursor *in, bool (*allowed)(char), char ret[IVS_ARN_MAX])
{
    const char *start = in->p;
    size_t n;

    while (in->p < in->end && allowed(*in->p))
        in->p++;
    n = (size_t)(in->p - start);
    if (n == 0 || (ret != NULL && n >= IVS_ARN_MAX))
        return false;
    if (ret != NULL) {
        memcpy(ret, start, n);
        ret[n] = '\0';
    }
    return true;
}

static bool
take_type(struct cursor *in, ivs_arn_type *ret)
{
    char name[IVS_ARN_MAX];

    if (!take(in, is_region_char, name))
        return false;
    for (size_t i = 0; i < COUNT(type_names); i++) {
        if (strcmp(name, type_names[i]) == 0) {
            *ret = (ivs_arn_type)i;
            return true;
        }
    }
    return false;
}

static ivs_status
malformed(ivs_error *err, const char *text, size_t len, const char *what)
{
    return ivs_fail(err, IVS_E_FORMAT,
                    "\"%.*s\" is no Amazon IVS ARN: %s; expected "
                    "arn:aws:ivs:REGION:ACCOUNT:TYPE/ID",
                    (int)len, text, what);
}

ivs_status
ivs_arn_parse(const char *text, size_t len, ivs_arn *ret, ivs_error *err)
{
    struct cursor in;
    ivs_arn arn;

    if (text == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    if (len > IVS_ARN_MAX)
        return ivs_fail(err, IVS_E_FORMAT,
                        "an ARN of %zu bytes, expected at most %d", len,
                        IVS_ARN_MAX);
    memset(&arn, 0, sizeof arn);
    in = (struct cursor){text, text + len};
    if (!skip(&in, "arn:"))
        return malformed(err, text, len, "it does not begin with \"arn:\"");
    if (!skip(&in, "aws:"))
        return malformed(err, text, len, "the partition is not aws");
    if (!skip(&in, "ivs:"))
        return malformed(err, text, len, "the service is not ivs");
    if (!take(&in, is_region_char, arn.region) || !skip(&in, ":"))
        return malformed(err, text, len, "the region is not [a-z0-9-]+");
    if (!take(&in, is_digit, arn.account) || !skip(&in, ":"))
        return malformed(err, text, len, "the account is not [0-9]+");
    if (!take_type(&in, &arn.type) || !skip(&in, "/"))
        return malformed(err, text, len, "unknown resource type");
    if (!take(&in, is_id_char, arn.id) || in.p != in.end)
        return malformed(err, text, len, "the id is not [a-zA-Z0-9-]+");
    *ret = arn;
    return IVS_OK;
}

/* Whether a caller's part is NUL-terminated and made of allowed characters. */
static bool
part_is_good(const char part[IVS_ARN_MAX], bool (*allowed)(char))
{
    size_t len = strnlen(part, IVS_ARN_MAX);
    struct cursor in = {part, part + len};

    return len < IVS_ARN_MAX && take(&in, allowed, NULL) && in.p == in.end;
}

ivs_status
ivs_arn_format(const ivs_arn *arn, char ret[IVS_ARN_MAX + 1], ivs_error *err)
{
    char text[4 * IVS_ARN_MAX];
    int n;

    if (arn == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    if ((size_t)arn->type >= COUNT(type_names))
        return ivs_fail(err, IVS_E_ARG, "unknown ARN type %d", (int)arn->type);
    if (!part_is_good(arn->region, is_region_char))
        return ivs_fail(err, IVS_E_FORMAT,
                        "ARN region is not of the form [a-z0-9-]+");
    if (!part_is_good(arn->account, is_digit))
        return ivs_fail(err, IVS_E_FORMAT,
                        "ARN account is not of the form [0-9]+");
    if (!part_is_good(arn->id, is_id_char))
        return ivs_fail(err, IVS_E_FORMAT,
                        "ARN id is not of the form [a-zA-Z0-9-]+");
    n = snprintf(text, sizeof text, "arn:aws:ivs:%s:%s:%s/%s", arn->region,
                 arn->account, type_names[arn->type], arn->id);
    if (n < 0 || n > IVS_ARN_MAX)
        return ivs_fail(err, IVS_E_FORMAT,
                        "an ARN of %d bytes, expected at most %d", n,
                        IVS_ARN_MAX);
    memcpy(ret, text, (size_t)n + 1);
    return IVS_OK;
}

static ivs_status
no_playback_url(ivs_error *err, const char *what)
{
    return ivs_fail(err, IVS_E_FORMAT,
                    "not an IVS playback URL: %s; expected https://HOST"
                    "/api/video/v1/REGION.ACCOUNT.channel.ID.m3u8",
                    what);
}

/* The path up to a query or fragment. */
static const char *
path_end(const char *p, const char *end)
{
    while (p < end && *p != '?' && *p != '#')
        p++;
    return p;
}

ivs_status
ivs_arn_from_playback_url(const char *url, size_t len, ivs_arn *ret,
                          ivs_error *err)
{
    struct cursor in;
    char text[IVS_ARN_MAX + 1];
    ivs_arn arn;

    if (url == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    memset(&arn, 0, sizeof arn);
    in = (struct cursor){url, path_end(url, url + len)};
    len = (size_t)(in.end - in.p);
    if (len >= 8 && ivs_ascii_starts_equal_nocase(url, "https://", 8))
        in.p += 8;
    else if (len >= 7 && ivs_ascii_starts_equal_nocase(url, "http://", 7))
        in.p += 7;
    else
        return no_playback_url(err, "the scheme is not https or http");
    if (!take(&in, is_host_char, NULL))
        return no_playback_url(err, "no host");
    if (!skip(&in, "/api/video/v1/"))
        return no_playback_url(err, "the path is not /api/video/v1/...");
    (void)skip(&in, "aws.ivs.");
    if (!take(&in, is_region_char, arn.region) || !skip(&in, "."))
        return no_playback_url(err, "no region in the path");
    if (!take(&in, is_digit, arn.account) || !skip(&in, ".channel."))
        return no_playback_url(err, "no account in the path");
    if (!take(&in, is_id_char, arn.id) || !skip(&in, ".m3u8") || in.p != in.end)
        return no_playback_url(err, "no channel id followed by .m3u8");
    if (ivs_arn_format(&arn, text, NULL) != IVS_OK)
        return no_playback_url(err, "its channel ARN would be too long");
    *ret = arn;
    return IVS_OK;
}
