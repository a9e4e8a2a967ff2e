/* SPDX-License-Identifier: MIT */
/* Target: ivs_time_parse(), ivs_time_parse_amz(), ivs_time_parse_http(). Input:
 * text. Property: a time that parses is formatted and parsed back to the same
 * second, and in UTC to the same text where that had no fraction and no leap
 * second; strftime() writes the same day and hour of an HTTP date. */

#include <string.h>
#include <time.h>

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

/* Behind the day's name, which is not checked. */
static void
same_date(const char *text, size_t len, int64_t at)
{
    time_t t = (time_t)at;
    char again[32];
    struct tm tm;

    REQUIRE(len == 29 && gmtime_r(&t, &tm) != NULL);
    REQUIRE(strftime(again, sizeof again, " %b %Y %H:%M:", &tm) > 0);
    if (tm.tm_year + 1900 >= 1000)
        REQUIRE(memcmp(again, text + 7, 16) == 0);
    REQUIRE((text[5] - '0') * 10 + text[6] - '0' == tm.tm_mday);
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
    if (ivs_time_parse_http(text, size, &at))
        same_date(text, size, at);
    return 0;
}
