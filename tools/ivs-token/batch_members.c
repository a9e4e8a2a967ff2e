/* SPDX-License-Identifier: MIT */
/* Members of a row: by the names of the claims, or short ones. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "batch_members.h"

bool
batch_refuse(struct batch_row *row, const char *member, const char *fmt, ...)
{
    ivs_error *err = &row->err;
    va_list ap;

    (void)snprintf(err->member, sizeof err->member, "%s",
                   member != NULL ? member : "");
    va_start(ap, fmt);
    (void)vsnprintf(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    return false;
}

static bool
expected(struct batch_row *row, const char *name, const json_t *value,
         const char *what)
{
    size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII;
    char *found = json_dumps(value, flags);

    if (found == NULL)
        return batch_refuse(row, name, "out of memory");
    (void)batch_refuse(row, name, "%s: found %.*s%s, expected %s", name,
                       BATCH_SHOWN, found,
                       strlen(found) > BATCH_SHOWN ? "..." : "", what);
    free(found);
    return false;
}

/* ---- one member each; a null takes the default away ---- */

static bool
take_string(struct batch_row *row, const char *name, json_t *value,
            const char **at)
{
    *at = json_string_value(value);
    if (*at == NULL && !json_is_null(value))
        return expected(row, name, value, "a string");
    return true;
}

static bool
take_channel(struct batch_row *row, const char *name, json_t *value)
{
    return take_string(row, name, value, &row->claims.channel_arn);
}

static bool
take_viewer(struct batch_row *row, const char *name, json_t *value)
{
    return take_string(row, name, value, &row->claims.viewer_id);
}

static bool
take_url(struct batch_row *row, const char *name, json_t *value)
{
    return take_string(row, name, value, &row->url);
}

static bool
take_version(struct batch_row *row, const char *name, json_t *value)
{
    const char *text = json_string_value(value);

    row->version_now = text != NULL && strcmp(text, "now") == 0;
    row->claims.has_viewer_session_version = !json_is_null(value);
    row->claims.viewer_session_version = json_integer_value(value);
    if (row->version_now || json_is_null(value) ||
        (json_is_integer(value) && json_integer_value(value) >= 0))
        return true;
    return expected(row, name, value,
                    "an integer from 0 to 9223372036854775807, or \"now\"");
}

static bool
take_boolean(struct batch_row *row, const char *name, json_t *value, bool *at)
{
    *at = json_is_true(value);
    return json_is_boolean(value) || json_is_null(value)
               ? true
               : expected(row, name, value, "true or false");
}

static bool
take_strict(struct batch_row *row, const char *name, json_t *value)
{
    return take_boolean(row, name, value,
                        &row->claims.strict_origin_enforcement);
}

static bool
take_single_use(struct batch_row *row, const char *name, json_t *value)
{
    row->claims.single_use_uuid = json_string_value(value);
    row->single_use = false;
    if (row->claims.single_use_uuid != NULL)
        return true;
    return take_boolean(row, name, value, &row->single_use)
               ? true
               : expected(row, name, value, "true, false or a UUID");
}

static bool
take_resolution(struct batch_row *row, const char *name, json_t *value)
{
    const char *text = json_string_value(value);

    row->claims.maximum_resolution = IVS_RESOLUTION_ANY;
    if (json_is_null(value) ||
        (text != NULL &&
         mint_resolution(text, &row->claims.maximum_resolution)))
        return true;
    return expected(row, name, value, "SD, HD or FULL_HD");
}

static bool
take_ttl(struct batch_row *row, const char *name, json_t *value)
{
    const char *text = json_string_value(value);
    int64_t ttl_s = json_integer_value(value);

    row->claims.expires_at_s = 0;
    if (json_is_null(value))
        ttl_s = MINT_TTL_DEFAULT;
    else if (text != NULL && !value_duration(text, &ttl_s))
        ttl_s = 0;
    row->claims.ttl_s = ttl_s;
    if (ttl_s > 0 && ttl_s <= INT32_MAX)
        return true;
    return expected(row, name, value,
                    "seconds from 1 to 2147483647 or a duration such as "
                    "\"90s\" or \"5m\"");
}

static bool
take_expiry(struct batch_row *row, const char *name, json_t *value)
{
    const char *text = json_string_value(value);
    int64_t at_s = json_integer_value(value);

    if (json_is_null(value))
        return take_ttl(row, name, value);
    if (text != NULL && !value_point(text, &at_s))
        at_s = 0;
    row->claims.ttl_s = 0;
    row->claims.expires_at_s = at_s;
    if (at_s > row->now_s)
        return true;
    return expected(row, name, value,
                    "a time in the future: seconds since 1970 or RFC 3339");
}

static bool
take_extra(struct batch_row *row, const char *name, json_t *value)
{
    json_t *all;

    if (!json_is_object(value) && !json_is_null(value))
        return expected(row, name, value, "an object of further claims");
    all = json_object();
    if (all == NULL ||
        (json_is_object(value) && row->defaults->extra != NULL &&
         json_object_update(all, row->defaults->extra) != 0) ||
        (json_is_object(value) && json_object_update(all, value) != 0)) {
        json_decref(all);
        return batch_refuse(row, name, "out of memory");
    }
    row->extra = all;
    return true;
}

/* ---- origins ---- */

static bool
add_origin(struct batch_row *row, const char *origin)
{
    ivs_claims *claims = &row->claims;

    if (claims->norigins == row->origins_room) {
        size_t room = row->origins_room * 2 + 8;
        const char **grown =
            realloc((void *)row->origins, room * sizeof *grown);

        if (grown == NULL)
            return batch_refuse(row, NULL, "out of memory");
        row->origins = grown;
        row->origins_room = room;
    }
    row->origins[claims->norigins++] = origin;
    return true;
}

/* Split at commas, spaces trimmed, as readers of the claim do. */
static bool
add_origin_list(struct batch_row *row, const char *list)
{
    bool more = true;
    char *at;

    free(row->origin_text);
    row->origin_text = at = strdup(list);
    if (at == NULL)
        return batch_refuse(row, NULL, "out of memory");
    while (more) {
        size_t len = strcspn(at, ","), used;

        more = at[len] == ',';
        at[len] = '\0';
        at += strspn(at, " ");
        used = strlen(at);
        len = used;
        while (len > 0 && at[len - 1] == ' ')
            at[--len] = '\0';
        if (!add_origin(row, at))
            return false;
        at += used + 1;
    }
    return true;
}

static bool
take_origins(struct batch_row *row, const char *name, json_t *value)
{
    json_t *item;
    bool ok = true;
    size_t i;

    row->claims.norigins = 0;
    if (json_is_string(value))
        ok = add_origin_list(row, json_string_value(value));
    else if (!json_is_array(value) && !json_is_null(value))
        ok = expected(row, name, value,
                      "an array of origins, or one string with "
                      "commas");
    json_array_foreach(value, i, item)
    {
        if (!ok)
            break;
        ok = json_is_string(item)
                 ? add_origin(row, json_string_value(item))
                 : expected(row, name, value, "strings as origins");
    }
    row->claims.origins = row->origins;
    return ok;
}

/* ---- all of them ---- */

static const struct member {
    const char *name;
    enum batch_claim claim;
    bool (*set)(struct batch_row *row, const char *name, json_t *value);
} members[] = {
    {"viewerId", BATCH_VIEWER, take_viewer},
    {"channelArn", BATCH_CHANNEL, take_channel},
    {"channel", BATCH_CHANNEL, take_channel},
    {"viewerVersion", BATCH_VERSION, take_version},
    {"origins", BATCH_ORIGINS, take_origins},
    {"strictOrigin", BATCH_STRICT, take_strict},
    {"singleUse", BATCH_SINGLE_USE, take_single_use},
    {"maxResolution", BATCH_RESOLUTION, take_resolution},
    {"ttl", BATCH_EXPIRY, take_ttl},
    {"expiresAt", BATCH_EXPIRY, take_expiry},
    {"playbackUrl", BATCH_URL, take_url},
    {"claims", BATCH_EXTRA, take_extra},
    {"aws:channel-arn", BATCH_CHANNEL, take_channel},
    {"aws:viewer-id", BATCH_VIEWER, take_viewer},
    {"aws:viewer-session-version", BATCH_VERSION, take_version},
    {"aws:access-control-allow-origin", BATCH_ORIGINS, take_origins},
    {"aws:strict-origin-enforcement", BATCH_STRICT, take_strict},
    {"aws:single-use-uuid", BATCH_SINGLE_USE, take_single_use},
    {"aws:maximum-resolution", BATCH_RESOLUTION, take_resolution},
    {"exp", BATCH_EXPIRY, take_expiry},
};

static const struct member *
find(const char *name)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

bool
batch_members(struct batch_row *row, json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        const struct member *m = find(name);

        if (m == NULL)
            return batch_refuse(row, name, "unknown member %.60s%s", name,
                                strchr(name, ':') == NULL
                                    ? ""
                                    : "; other claims belong into claims");
        if ((row->seen & 1u << m->claim) != 0)
            return batch_refuse(row, name,
                                "%s says again what another member of the row "
                                "says",
                                name);
        row->seen |= 1u << m->claim;
        if (!m->set(row, name, value))
            return false;
    }
    return true;
}
