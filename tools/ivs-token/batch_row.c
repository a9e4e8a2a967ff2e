/* SPDX-License-Identifier: MIT */
/* One row of a batch: its answer, a token or an error. */

#include <stdlib.h>
#include <string.h>

#include "batch_members.h"

struct batch_row *
batch_row_new(const struct batch_defaults *defaults)
{
    struct batch_row *row = calloc(1, sizeof *row);

    if (row != NULL)
        row->defaults = defaults;
    return row;
}

void
batch_row_free(struct batch_row *row)
{
    if (row == NULL)
        return;
    free((void *)row->origins);
    free(row->origin_text);
    explicit_bzero(row->token, sizeof row->token);
    free(row);
}

/* ---- what needs more than one member ---- */

/* A row's URL names its channel and so does without the one of --channel. */
static bool
settle_url(struct batch_row *row)
{
    const char *channel = row->claims.channel_arn;
    unsigned seen = row->seen & (1u << BATCH_CHANNEL | 1u << BATCH_URL);
    ivs_error why = {0};

    if (!mint_channel_of_url(row->url, row->channel, &why))
        return batch_refuse(row, "playbackUrl", "%s", why.message);
    if (channel == NULL || seen == 1u << BATCH_URL)
        row->claims.channel_arn = row->channel;
    else if (strcmp(channel, row->channel) != 0)
        return batch_refuse(row, "playbackUrl",
                            "the playback URL is of %.100s, but the channel "
                            "is %.100s",
                            row->channel, channel);
    return true;
}

static bool
settle_channel(struct batch_row *row)
{
    const char *region = row->defaults->region, *channel;
    ivs_error why = {0};
    ivs_arn arn;

    if (row->url != NULL && !settle_url(row))
        return false;
    channel = row->claims.channel_arn;
    if (channel == NULL)
        return batch_refuse(row, "channelArn",
                            "found no channel in the row, and no --channel");
    /* What is no ARN at all is found by minting. */
    if (region == NULL ||
        ivs_arn_parse(channel, strlen(channel), &arn, &why) != IVS_OK ||
        strcmp(region, arn.region) == 0)
        return true;
    return batch_refuse(row, "channelArn",
                        "the ARN is of region %s, but --region is %s",
                        arn.region, region);
}

static bool
settle(struct batch_row *row)
{
    if (row->version_now)
        row->claims.viewer_session_version = row->now_s;
    if (row->single_use) {
        if (!mint_uuid(row->uuid))
            return batch_refuse(row, "singleUse", "no random bytes for a UUID");
        row->claims.single_use_uuid = row->uuid;
    }
    return settle_channel(row);
}

static bool
mint(struct batch_row *row)
{
    json_t *extra = row->extra != NULL ? row->extra : row->defaults->extra;
    char *text = NULL;
    bool ok;

    if (extra != NULL && json_object_size(extra) > 0) {
        text = mint_claims_text(extra);
        if (text == NULL)
            return batch_refuse(row, NULL, "out of memory");
        row->claims.extra_json = text;
    }
    ok =
        ivs_token_mint(row->defaults->key, &row->claims, row->now_s, row->token,
                       sizeof row->token, NULL, &row->err) == IVS_OK;
    free(text);
    return ok;
}

/* ---- the answer ---- */

static void
put_start(size_t line, struct text_buf *out)
{
    text_buf_puts(out, "{\"line\":");
    text_buf_number(out, (int64_t)line);
}

static void
put_member(struct text_buf *out, const char *name, const char *value)
{
    text_buf_puts(out, ",\"");
    text_buf_puts(out, name);
    text_buf_puts(out, "\":");
    if (value != NULL)
        text_buf_json(out, value);
    else
        text_buf_puts(out, "null");
}

static void
put_token(const struct batch_row *row, struct text_buf *out)
{
    const ivs_claims *claims = &row->claims;
    char *url = NULL;

    put_member(out, "token", row->token);
    text_buf_puts(out, ",\"expires_at\":");
    text_buf_number(out, claims->ttl_s != 0 ? row->now_s + claims->ttl_s
                                            : claims->expires_at_s);
    if (row->url != NULL) {
        url = mint_join_url(row->url, row->token);
        out->failed |= url == NULL;
        put_member(out, "url", url);
        free(url);
    }
}

/* Of a row with an error, members behind it were not looked at. */
static const char *
viewer(const struct batch_row *row, const json_t *object, bool ok)
{
    const json_t *id = json_object_get(object, "viewerId");

    if (ok)
        return row->claims.viewer_id;
    if (id == NULL)
        id = json_object_get(object, "aws:viewer-id");
    return json_string_value(id);
}

static void
put_error(const struct batch_row *row, struct text_buf *out)
{
    const char *member = row->err.member;

    put_member(out, "error", row->err.message);
    put_member(out, "member", member[0] != '\0' ? member : NULL);
}

static void
start(struct batch_row *row)
{
    const struct batch_defaults *d = row->defaults;

    row->claims = d->claims;
    row->version_now = d->version_now;
    row->single_use = d->single_use;
    row->url = d->playback_url;
    row->now_s = value_now(&d->now);
    row->seen = 0;
    row->err = (ivs_error){0};
}

static size_t
count_blanks(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && (text[n] == ' ' || text[n] == '\t' || text[n] == '\r'))
        n++;
    return n;
}

/* jansson speaks of texts that may be arrays and end with a file. */
static void
refuse_text(struct batch_row *row, const char *text, size_t len,
            const json_error_t *error)
{
    const char *name;
    int name_len;

    if (memchr(text, '\0', len) != NULL)
        (void)batch_refuse(row, NULL,
                           "found a NUL byte in the row, expected text");
    else if (text[count_blanks(text, len)] != '{')
        (void)batch_refuse(row, NULL,
                           "found no JSON object, expected a row such as "
                           "{\"viewerId\":\"a\"}");
    else if (json_error_code(error) == json_error_premature_end_of_input)
        (void)batch_refuse(row, NULL,
                           "found a JSON object that is cut short, expected a "
                           "whole one on a line");
    else if (json_error_code(error) == json_error_end_of_input_expected)
        (void)batch_refuse(row, NULL,
                           "found more behind the JSON object, expected one a "
                           "line");
    else if (json_error_code(error) == json_error_duplicate_key) {
        name = text_duplicate(text, error, &name_len);
        (void)batch_refuse(row, NULL, "found the member \"%.*s\" twice",
                           name_len < BATCH_SHOWN ? name_len : BATCH_SHOWN,
                           name);
    } else
        (void)batch_refuse(row, NULL, "found no JSON object: %s", error->text);
}

static json_t *
read_object(struct batch_row *row, const char *text, size_t len)
{
    size_t blanks = count_blanks(text, len);
    json_t *object = NULL;
    json_error_t error;

    if (blanks == len) {
        (void)batch_refuse(row, NULL, "found an empty line, expected a row");
        return NULL;
    }
    memset(&error, 0, sizeof error);
    if (text[blanks] == '{')
        object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        refuse_text(row, text, len, &error);
    return object;
}

bool
batch_row_mint(struct batch_row *row, const char *text, size_t len, size_t line,
               struct text_buf *out)
{
    bool mark = line == 1 && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    json_t *object;
    const char *id;
    bool ok;

    start(row);
    /* Some editors put a byte order mark before UTF-8. */
    object = read_object(row, text + (mark ? 3 : 0), len - (mark ? 3 : 0));
    ok = object != NULL && batch_members(row, object) && settle(row) &&
         mint(row);
    put_start(line, out);
    id = viewer(row, object, ok);
    if (id != NULL)
        put_member(out, "viewerId", id);
    if (ok)
        put_token(row, out);
    else
        put_error(row, out);
    text_buf_puts(out, "}\n");
    json_decref(row->extra);
    json_decref(object);
    row->extra = NULL;
    out->failed |= json_memory_failed();
    return ok;
}

void
batch_row_too_long(size_t line, struct text_buf *out)
{
    char message[80];

    (void)snprintf(message, sizeof message,
                   "found a line of more than %d bytes, expected at most that",
                   BATCH_LINE_MAX);
    put_start(line, out);
    put_member(out, "error", message);
    put_member(out, "member", NULL);
    text_buf_puts(out, "}\n");
}
