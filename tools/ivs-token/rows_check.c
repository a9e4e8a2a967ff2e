/* SPDX-License-Identifier: MIT */
/* What a row may say, and the format a text is in. */

#include <string.h>

#include "rows.h"

int
rows_peek(struct rows_source *in)
{
    if (in->at == in->end && (in->more == NULL || !in->more(in)))
        return -1;
    return (unsigned char)*in->at;
}

int
rows_next(struct rows_source *in)
{
    int byte = rows_peek(in);

    if (byte >= 0)
        in->at++;
    return byte;
}

int
rows_parse(struct rows_source *in, const struct rows_sink *sink)
{
    const char *first;

    if (rows_peek(in) < 0)
        return 0;
    /* A byte order mark and blank lines do not tell the format. */
    if (in->end - in->at >= 3 && memcmp(in->at, "\xef\xbb\xbf", 3) == 0)
        in->at += 3;
    for (first = in->at; first < in->end; first++)
        if (strchr(" \t\r\n", *first) == NULL || *first == '\0')
            break;
    return first < in->end && *first == '{' ? rows_json(in, sink)
                                            : rows_csv(in, sink);
}

static const char *
check_channel(const char *part, ivs_arn *ret, char text[ROWS_WHY_SIZE])
{
    ivs_error err = {0};

    if (ivs_arn_parse(part, strlen(part), ret, &err) != IVS_OK) {
        (void)snprintf(text, ROWS_WHY_SIZE, "%s", err.message);
        return text;
    }
    if (ret->type == IVS_ARN_CHANNEL)
        return NULL;
    (void)snprintf(text, ROWS_WHY_SIZE,
                   "found %.120s, expected a channel's ARN", part);
    return text;
}

static const char *
check_viewer(const char *part, char text[ROWS_WHY_SIZE])
{
    size_t count = text_count(part, strlen(part));

    if (count == SIZE_MAX)
        return "the viewer id is not UTF-8";
    if (count == 0)
        return "the viewer id is empty, expected 1 to 40 characters";
    if (count <= IVS_VIEWER_ID_MAX)
        return NULL;
    (void)snprintf(text, ROWS_WHY_SIZE,
                   "the viewer id has %zu characters, expected 1 to %d", count,
                   IVS_VIEWER_ID_MAX);
    return text;
}

static const char *
check_version(const char *part, struct row *row, char text[ROWS_WHY_SIZE])
{
    int64_t value = 0;

    if (part == NULL || part[0] == '\0')
        return NULL;
    for (const char *at = part; *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9')
            value = value * 10 + (*at - '0');
        if (*at >= '0' && *at <= '9' && value <= IVS_REVOKE_VERSION_MAX)
            continue;
        (void)snprintf(text, ROWS_WHY_SIZE,
                       "found the version \"%.60s\", expected an integer from "
                       "0 to %d, the highest that the service can revoke",
                       part, IVS_REVOKE_VERSION_MAX);
        return text;
    }
    row->has_version = true;
    row->version = value;
    return NULL;
}

const char *
rows_check(const char *const part[3], struct row *ret, ivs_arn *ret_channel,
           char text[ROWS_WHY_SIZE])
{
    const char *why = check_channel(part[0], ret_channel, text);

    *ret = (struct row){.channel_arn = part[0], .viewer_id = part[1]};
    if (why == NULL)
        why = check_viewer(part[1], text);
    if (why == NULL)
        why = check_version(part[2], ret, text);
    return why;
}
