/* SPDX-License-Identifier: MIT */
/* Target: ivs_time_parse(), ivs_time_parse_amz(). Input: text. Property: a time
 * that parses is formatted and parsed back to the same second, and in UTC to
 * the same text where that had no fraction and no leap second. */

#include <string.h>

#include "base/time.h"
#include "fuzz.h"

static void
round_trip(const char *text, size_t len, int64_t at)
{
    char again[IVS_TIME_SIZE];
    int64_t second = -1;

    ivs_time_format(at, again);
    /* An offset may lead beyond the four digits of a year. */
    if (strlen(again) == IVS_TIME_SIZE - 1 && again[10] == 'T')
        REQUIRE(ivs_time_parse(again, strlen(again), &second) && second == at);
    if (len == IVS_TIME_SIZE - 1 && text[10] == 'T' && text[len - 1] == 'Z' &&
        memcmp(text + 17, "60", 2) != 0)
        REQUIRE(memcmp(again, text, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char again[17];
    int64_t at;

    if (ivs_time_parse(text, size, &at))
        round_trip(text, size, at);
    if (ivs_time_parse_amz(text, size, &at)) {
        REQUIRE(size == sizeof again - 1 && ivs_time_format_amz(at, again));
        REQUIRE(memcmp(again, text, size) == 0 ||
                memcmp(text + 13, "60", 2) == 0);
    }
    return 0;
}
