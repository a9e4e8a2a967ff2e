/* SPDX-License-Identifier: MIT */
/* Target: ivs_arn_parse(), ivs_arn_from_playback_url(). Input: text. Property:
 * an ARN that parses is formatted back to the same text, and a channel's is
 * found again in a playback URL made of its parts. */

#include <string.h>

#include <ivs/arn.h>

#include "fuzz.h"

static void
find_in_url(const ivs_arn *arn)
{
    char url[4 * IVS_ARN_MAX];
    ivs_arn found;
    int n = snprintf(url, sizeof url,
                     "https://h/api/video/v1/%s.%s.channel.%s.m3u8?a=b",
                     arn->region, arn->account, arn->id);

    REQUIRE(ivs_arn_from_playback_url(url, (size_t)n, &found, NULL) == IVS_OK);
    REQUIRE(memcmp(&found, arn, sizeof found) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char again[IVS_ARN_MAX + 1];
    ivs_error err;
    ivs_arn arn;

    if (ivs_arn_parse(text, size, &arn, &err) == IVS_OK) {
        REQUIRE(ivs_arn_format(&arn, again, NULL) == IVS_OK);
        REQUIRE(strlen(again) == size && memcmp(again, text, size) == 0);
        if (arn.type == IVS_ARN_CHANNEL)
            find_in_url(&arn);
    }
    if (ivs_arn_from_playback_url(text, size, &arn, &err) == IVS_OK) {
        REQUIRE(arn.type == IVS_ARN_CHANNEL);
        REQUIRE(ivs_arn_format(&arn, again, NULL) == IVS_OK);
        find_in_url(&arn);
    }
    return 0;
}
