/* SPDX-License-Identifier: MIT */
/* RFC 3339, SigV4 and HTTP times. */

#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_0     INT64_C(-62167219200)
#define YEAR_10000 INT64_C(253402300800)

struct civil {
    int year, month, day, hour, minute, second;
};

static bool
to_tm(int64_t time_s, struct tm *ret)
{
    time_t t = (time_t)time_s;

    if (time_s < YEAR_0 || time_s >= YEAR_10000)
        return false;
    return gmtime_r(&t, ret) != NULL;
}

/* The year in four digits, which %Y does not promise. */
static void
put_year(const struct tm *tm, char ret[4])
{
    int year = tm->tm_year + 1900;

    for (int i = 3; i >= 0; i--, year /= 10)
        ret[i] = (char)('0' + year % 10);
}

void
ivs_time_format(int64_t time_s, char ret[IVS_TIME_SIZE])
{
    struct tm tm;

    if (!to_tm(time_s, &tm)) {
        (void)snprintf(ret, IVS_TIME_SIZE, "%" PRId64, time_s);
        return;
    }
    put_year(&tm, ret);
    (void)strftime(ret + 4, IVS_TIME_SIZE - 4, "-%m-%dT%H:%M:%SZ", &tm);
}

void
ivs_time_format_both(int64_t time_s, char ret[IVS_TIME_BOTH_SIZE])
{
    char text[IVS_TIME_SIZE], number[IVS_TIME_SIZE];

    ivs_time_format(time_s, text);
    (void)snprintf(number, sizeof number, "%" PRId64, time_s);
    if (strcmp(text, number) == 0)
        (void)snprintf(ret, IVS_TIME_BOTH_SIZE, "%s", number);
    else
        (void)snprintf(ret, IVS_TIME_BOTH_SIZE, "%s (%s)", text, number);
}

bool
ivs_time_format_amz(int64_t time_s, char ret[17])
{
    struct tm tm;

    if (!to_tm(time_s, &tm))
        return false;
    put_year(&tm, ret);
    return strftime(ret + 4, 17 - 4, "%m%dT%H%M%SZ", &tm) == 12;
}

/* Read exactly n digits. */
static bool
digits(const char **at, const char *end, int n, int *ret)
{
    int value = 0;

    if (end - *at < n)
        return false;
    for (int i = 0; i < n; i++) {
        char c = *(*at)++;

        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *ret = value;
    return true;
}

static bool
literal(const char **at, const char *end, char c)
{
    if (*at == end || **at != c)
        return false;
    (*at)++;
    return true;
}

/* Seconds of a civil time; false where there is no such day or hour. A leap
 * second counts as the second before it. */
static bool
to_seconds(const struct civil *c, int64_t *ret)
{
    struct tm tm = {.tm_year = c->year - 1900,
                    .tm_mon = c->month - 1,
                    .tm_mday = c->day,
                    .tm_hour = c->hour,
                    .tm_min = c->minute,
                    .tm_sec = c->second == 60 ? 59 : c->second};
    time_t t;

    if (c->month < 1 || c->month > 12 || c->day < 1 || c->hour > 23 ||
        c->minute > 59 || c->second > 60)
        return false;
    t = timegm(&tm);
    /* timegm() turns 31 April into 1 May: such a day does not exist. */
    if (tm.tm_mday != c->day || tm.tm_mon != c->month - 1)
        return false;
    *ret = (int64_t)t;
    return true;
}

static bool
offset(const char **at, const char *end, int64_t *ret)
{
    int sign, hour, minute;

    if (literal(at, end, 'Z') || literal(at, end, 'z')) {
        *ret = 0;
        return true;
    }
    if (literal(at, end, '+'))
        sign = 1;
    else if (literal(at, end, '-'))
        sign = -1;
    else
        return false;
    if (!digits(at, end, 2, &hour) || !literal(at, end, ':') ||
        !digits(at, end, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ret = (int64_t)sign * (hour * 3600 + minute * 60);
    return true;
}

bool
ivs_time_parse(const char *text, size_t len, int64_t *ret)
{
    const char *at = text, *end = text + len;
    int64_t seconds, shift;
    struct civil c;

    if (!digits(&at, end, 4, &c.year) || !literal(&at, end, '-') ||
        !digits(&at, end, 2, &c.month) || !literal(&at, end, '-') ||
        !digits(&at, end, 2, &c.day))
        return false;
    if (!literal(&at, end, 'T') && !literal(&at, end, 't') &&
        !literal(&at, end, ' '))
        return false;
    if (!digits(&at, end, 2, &c.hour) || !literal(&at, end, ':') ||
        !digits(&at, end, 2, &c.minute) || !literal(&at, end, ':') ||
        !digits(&at, end, 2, &c.second))
        return false;
    if (literal(&at, end, '.')) {
        int ignored;

        if (!digits(&at, end, 1, &ignored))
            return false;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
    }
    if (!offset(&at, end, &shift) || at != end || !to_seconds(&c, &seconds))
        return false;
    *ret = seconds - shift;
    return true;
}

bool
ivs_time_parse_amz(const char *text, size_t len, int64_t *ret)
{
    const char *at = text, *end = text + len;
    struct civil c;

    return digits(&at, end, 4, &c.year) && digits(&at, end, 2, &c.month) &&
           digits(&at, end, 2, &c.day) && literal(&at, end, 'T') &&
           digits(&at, end, 2, &c.hour) && digits(&at, end, 2, &c.minute) &&
           digits(&at, end, 2, &c.second) && literal(&at, end, 'Z') &&
           at == end && to_seconds(&c, ret);
}

/* The number of a name of three letters, from 0. */
static bool
name_of_three(const char **at, const char *end, const char *names, int *ret)
{
    for (int i = 0; end - *at >= 3 && names[3 * i] != '\0'; i++) {
        if (memcmp(*at, names + 3 * (size_t)i, 3) == 0) {
            *at += 3;
            *ret = i;
            return true;
        }
    }
    return false;
}

bool
ivs_time_parse_http(const char *text, size_t len, int64_t *ret)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *at = text, *end = text + len;
    struct civil c;
    int day;

    if (!name_of_three(&at, end, days, &day) || !literal(&at, end, ',') ||
        !literal(&at, end, ' ') || !digits(&at, end, 2, &c.day) ||
        !literal(&at, end, ' ') || !name_of_three(&at, end, months, &c.month) ||
        !literal(&at, end, ' ') || !digits(&at, end, 4, &c.year) ||
        !literal(&at, end, ' ') || !digits(&at, end, 2, &c.hour) ||
        !literal(&at, end, ':') || !digits(&at, end, 2, &c.minute) ||
        !literal(&at, end, ':') || !digits(&at, end, 2, &c.second))
        return false;
    c.month++;
    return end - at == 4 && memcmp(at, " GMT", 4) == 0 && to_seconds(&c, ret);
}
