/* SPDX-License-Identifier: MIT */
/* Parts of a token to mint: UUID, resolution, playback URL. */

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "mint.h"

bool
mint_uuid(char ret[MINT_UUID_SIZE])
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return false;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(ret, MINT_UUID_SIZE,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                   "%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
                   b[10], b[11], b[12], b[13], b[14], b[15]);
    return true;
}

bool
mint_resolution(const char *text, ivs_resolution *ret)
{
    if (strcmp(text, "SD") == 0)
        *ret = IVS_RESOLUTION_SD;
    else if (strcmp(text, "HD") == 0)
        *ret = IVS_RESOLUTION_HD;
    else if (strcmp(text, "FULL_HD") == 0)
        *ret = IVS_RESOLUTION_FULL_HD;
    else
        return false;
    return true;
}

bool
mint_channel_of_url(const char *url, char ret[IVS_ARN_MAX + 1], ivs_error *err)
{
    ivs_arn arn;

    if (strstr(url, "?token=") != NULL || strstr(url, "&token=") != NULL) {
        (void)snprintf(err->message, sizeof err->message,
                       "the URL carries a token already");
        return false;
    }
    return ivs_arn_from_playback_url(url, strlen(url), &arn, err) == IVS_OK &&
           ivs_arn_format(&arn, ret, err) == IVS_OK;
}

/* 17 digits hold every double, and make 1.1 into 1.1000000000000001. */
char *
mint_claims_text(const json_t *claims)
{
    for (size_t digits = 15; digits < 17; digits++) {
        size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(digits);
        char *text = json_dumps(claims, flags);
        json_t *back = text != NULL ? json_loads(text, 0, NULL) : NULL;
        bool same = back != NULL && json_equal(back, claims);

        json_decref(back);
        if (same)
            return text;
        free(text);
    }
    return json_dumps(claims, JSON_COMPACT);
}

char *
mint_join_url(const char *url, const char *token)
{
    size_t head = strcspn(url, "#"), size = strlen(url) + strlen(token) + 8;
    const char *query = memchr(url, '?', head);
    const char *joint = query == NULL ? "?" : "&";
    char *joined = malloc(size);

    if (query != NULL && (url[head - 1] == '?' || url[head - 1] == '&'))
        joint = "";
    if (joined != NULL)
        (void)snprintf(joined, size, "%.*s%stoken=%s%s", (int)head, url, joint,
                       token, url + head);
    return joined;
}
