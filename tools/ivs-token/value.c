/* SPDX-License-Identifier: MIT */
/* Values of options: durations, times, versions, ARNs, lists. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

/* A key or a token that somebody typed as an option's value. */
static bool
looks_secret(const char *value)
{
    return strncmp(value, "eyJ", 3) == 0 || strstr(value, "-----BEGIN") != NULL;
}

int
bad_value(struct cli *c, const struct opt *o, const char *value,
          const char *expected)
{
    const char *dashes = o->name != NULL ? "--" : "";
    const char *name = o->name != NULL ? o->name : o->metavar;

    if (looks_secret(value))
        return usage(c, "%s%s: expected %s", dashes, name, expected);
    return usage(c, "%s%s: found \"%.60s\"%s, expected %s", dashes, name, value,
                 strlen(value) > 60 ? "..." : "", expected);
}

/* "a|b|c" as "a, b or c". */
static void
list_words(const char *words, char *ret, size_t size)
{
    size_t at = 0;

    for (; *words != '\0' && at + 5 < size; words++) {
        const char *joint = strchr(words + 1, '|') != NULL ? ", " : " or ";

        if (*words == '|')
            at += (size_t)snprintf(ret + at, size - at, "%s", joint);
        else
            ret[at++] = *words;
    }
    ret[at] = '\0';
}

int
value_choice(struct cli *c, const struct opt *o, const char *value, size_t *ret)
{
    const char *word = o->metavar;
    char expected[128];

    for (size_t i = 0;; i++) {
        size_t len = strcspn(word, "|");

        if (strlen(value) == len && memcmp(value, word, len) == 0) {
            *ret = i;
            return CLI_OK;
        }
        if (word[len] == '\0')
            break;
        word += len + 1;
    }
    list_words(o->metavar, expected, sizeof expected);
    return bad_value(c, o, value, expected);
}

int
set_flag(struct cli *c, const struct opt *o, const char *value, void *at)
{
    (void)c;
    (void)o;
    (void)value;
    *(bool *)at = true;
    return CLI_OK;
}

int
set_text(struct cli *c, const struct opt *o, const char *value, void *at)
{
    if (text_count(value, strlen(value)) == SIZE_MAX)
        return bad_value(c, o, value, "UTF-8 text");
    *(const char **)at = value;
    return CLI_OK;
}

static int
check_file(struct cli *c, const struct opt *o, const char *value)
{
    if (looks_secret(value))
        return bad_value(c, o, value,
                         "the name of a file; what stands on a command line is "
                         "visible to others");
    if (value[0] == '\0')
        return bad_value(c, o, value, "the name of a file");
    return CLI_OK;
}

int
set_file(struct cli *c, const struct opt *o, const char *value, void *at)
{
    int code = check_file(c, o, value);

    if (code == CLI_OK)
        *(const char **)at = value;
    return code;
}

static int
append(struct cli *c, const char *value, struct list *list)
{
    const char **grown =
        realloc((void *)list->v, (list->n + 1) * sizeof *list->v);

    if (grown == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    list->v = grown;
    list->v[list->n++] = value;
    return CLI_OK;
}

int
set_list(struct cli *c, const struct opt *o, const char *value, void *at)
{
    if (text_count(value, strlen(value)) == SIZE_MAX)
        return bad_value(c, o, value, "UTF-8 text");
    return append(c, value, at);
}

int
set_files(struct cli *c, const struct opt *o, const char *value, void *at)
{
    int code = check_file(c, o, value);

    return code != CLI_OK ? code : append(c, value, at);
}

/* Digits that fit; *ret_end is what follows them. */
static bool
digits(const char *text, int64_t *ret, const char **ret_end)
{
    int64_t value = 0;
    const char *at = text;

    while (*at >= '0' && *at <= '9') {
        int digit = *at++ - '0';

        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    *ret_end = at;
    return at != text;
}

bool
value_number(const char *text, int64_t *ret)
{
    const char *end;

    return digits(text, ret, &end) && *end == '\0';
}

bool
value_duration(const char *text, int64_t *ret)
{
    int64_t count, unit = 1;
    const char *end;
    bool ok = digits(text, &count, &end);

    if (ok && *end != '\0') {
        unit = *end == 's'   ? 1
               : *end == 'm' ? 60
               : *end == 'h' ? 3600
               : *end == 'd' ? 86400
                             : 0;
        ok = unit != 0 && end[1] == '\0';
    }
    if (!ok || count > INT32_MAX / unit)
        return false;
    *ret = count * unit;
    return true;
}

int
set_duration(struct cli *c, const struct opt *o, const char *value, void *at)
{
    struct number *ret = at;

    if (!value_duration(value, &ret->value))
        return bad_value(c, o, value,
                         "a duration such as 90s, 5m or 1h, at most 24855d");
    ret->given = true;
    return CLI_OK;
}

/* Two digits within [low, high]. */
static bool
pair(const char *text, int low, int high, int *ret)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret = (text[0] - '0') * 10 + (text[1] - '0');
    return *ret >= low && *ret <= high;
}

/* "Z", "+hh:mm" or "-hh:mm", in seconds. */
static bool
zone(const char *text, int64_t *ret)
{
    int hour, minute;

    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
        *ret = 0;
        return true;
    }
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 ||
        text[3] != ':' || !pair(text + 1, 0, 23, &hour) ||
        !pair(text + 4, 0, 59, &minute))
        return false;
    *ret = (text[0] == '-' ? -60 : 60) * (hour * 60 + minute);
    return true;
}

/* RFC 3339 section 5.6; a fraction is cut off. */
static bool
rfc3339(const char *text, int64_t *ret)
{
    int century, year, month, day, hour, minute, second;
    const char *at = text + 19;
    struct tm tm = {0};
    int64_t shift;
    time_t t;

    if (strlen(text) < 20 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
        text[13] != ':' || text[16] != ':')
        return false;
    if (!pair(text, 0, 99, &century) || !pair(text + 2, 0, 99, &year) ||
        !pair(text + 5, 1, 12, &month) || !pair(text + 8, 1, 31, &day) ||
        !pair(text + 11, 0, 23, &hour) || !pair(text + 14, 0, 59, &minute) ||
        !pair(text + 17, 0, 59, &second))
        return false;
    if (*at == '.') {
        if (at[1] < '0' || at[1] > '9')
            return false;
        at += 1 + strspn(at + 1, "0123456789");
    }
    if (!zone(at, &shift))
        return false;
    tm.tm_year = century * 100 + year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    tm.tm_hour = hour;
    tm.tm_min = minute;
    tm.tm_sec = second;
    t = timegm(&tm);
    *ret = (int64_t)t - shift;
    /* timegm() turns 31 April into 1 May: such a day does not exist. */
    return tm.tm_mday == day;
}

bool
value_point(const char *text, int64_t *ret)
{
    return value_number(text, ret) || rfc3339(text, ret);
}

int
set_time(struct cli *c, const struct opt *o, const char *value, void *at)
{
    struct number *ret = at;

    if (!value_point(value, &ret->value))
        return bad_value(c, o, value,
                         "seconds since 1970 or a time such as "
                         "2026-01-31T12:00:00Z");
    ret->given = true;
    return CLI_OK;
}

static int
take_version(struct cli *c, const struct opt *o, const char *value, int64_t max,
             struct version *ret)
{
    int64_t version = 0;
    bool now = strcmp(value, "now") == 0;
    char expected[128];

    if (!now && (!value_number(value, &version) || version > max)) {
        (void)snprintf(expected, sizeof expected,
                       "an integer from 0 to %" PRId64 "%s, or now", max,
                       max < INT64_MAX
                           ? " (the highest that the service can revoke)"
                           : "");
        return bad_value(c, o, value, expected);
    }
    *ret = (struct version){true, now, version};
    return CLI_OK;
}

int
set_version(struct cli *c, const struct opt *o, const char *value, void *at)
{
    return take_version(c, o, value, INT64_MAX, at);
}

int
set_up_to(struct cli *c, const struct opt *o, const char *value, void *at)
{
    return take_version(c, o, value, IVS_REVOKE_VERSION_MAX, at);
}

static int
check_arn(struct cli *c, const struct opt *o, const char *value,
          ivs_arn_type type)
{
    ivs_error err = {0};
    ivs_arn arn;

    if (looks_secret(value))
        return bad_value(c, o, value, "an ARN");
    if (ivs_arn_parse(value, strlen(value), &arn, &err) != IVS_OK)
        return usage(c, "%s%s: %s", o->name != NULL ? "--" : "",
                     o->name != NULL ? o->name : o->metavar, err.message);
    if (arn.type != type)
        return bad_value(c, o, value,
                         type == IVS_ARN_CHANNEL
                             ? "the ARN of a channel"
                             : "the ARN of a playback key pair");
    return CLI_OK;
}

int
set_channel(struct cli *c, const struct opt *o, const char *value, void *at)
{
    int code = check_arn(c, o, value, IVS_ARN_CHANNEL);

    if (code == CLI_OK)
        *(const char **)at = value;
    return code;
}

int
set_channels(struct cli *c, const struct opt *o, const char *value, void *at)
{
    int code = check_arn(c, o, value, IVS_ARN_CHANNEL);

    return code != CLI_OK ? code : append(c, value, at);
}

int
set_key_arn(struct cli *c, const struct opt *o, const char *value, void *at)
{
    int code = check_arn(c, o, value, IVS_ARN_PLAYBACK_KEY);

    if (code == CLI_OK)
        *(const char **)at = value;
    return code;
}

int
value_other_region(struct cli *c, const ivs_arn *arn, const char *whose,
                   const char *region)
{
    (void)fail(c, CLI_USAGE, "the ARN is of region %s, but %s is %s",
               arn->region, whose, region);
    if (c->g.region != NULL)
        hint("leave --region away, or give --region %s", arn->region);
    else
        hint("give --region %s, or set %s to it", arn->region, whose);
    return CLI_USAGE;
}

int
value_check_region(struct cli *c, const ivs_arn *arn)
{
    if (c->g.region == NULL || strcmp(c->g.region, arn->region) == 0)
        return CLI_OK;
    return value_other_region(c, arn, "--region", c->g.region);
}

void
value_time(int64_t time_s, char ret[VALUE_TIME_SIZE])
{
    /* The years that RFC 3339 can write: 0 to 9999. */
    bool writable =
        time_s >= INT64_C(-62167219200) && time_s < INT64_C(253402300800);
    time_t t = (time_t)time_s;
    struct tm tm;

    if (writable && gmtime_r(&t, &tm) != NULL)
        (void)strftime(ret, VALUE_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
    else
        (void)snprintf(ret, VALUE_TIME_SIZE, "%" PRId64, time_s);
}

int64_t
value_now(const struct number *now)
{
    return now->given ? now->value : (int64_t)time(NULL);
}
