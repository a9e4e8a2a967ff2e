/* SPDX-License-Identifier: MIT */
/* Checking the counts, texts and numbers of an input. */

#include "service/operations_place.h"

#include <inttypes.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/error.h"
#include "base/utf8.h"
#include "service/operations_pattern.h"

/* A number of characters, elements or members. */
ivs_status
ivs_place_count(const ivs_place *at, const ivs_shape *shape, size_t n,
                const char *unit)
{
    int64_t count = (int64_t)n;

    if (shape->has_min && count < shape->min)
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s has %" PRId64 " %s, expected at least "
                               "%" PRId64,
                               at->path, count, unit, shape->min);
    if (shape->has_max && count > shape->max)
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s has %" PRId64 " %s, expected at most "
                               "%" PRId64,
                               at->path, count, unit, shape->max);
    return IVS_OK;
}

static ivs_status
check_enum(const ivs_place *at, const ivs_shape *shape, const char *text)
{
    char known[128] = "";
    size_t n = 0;

    for (size_t i = 0; shape->values[i] != NULL; i++) {
        if (strcmp(shape->values[i], text) == 0)
            return IVS_OK;
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s",
                              i > 0 ? ", " : "", shape->values[i]);
    }
    return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                           "%s is '%.40s', expected one of %s", at->path, text,
                           known);
}

static bool
is_printable(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = ivs_utf8_printable(text + i, len - i);

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

const char *
ivs_arn_type_of(const ivs_shape *shape, int *ret_len)
{
    static const char head[] = "arn:aws:ivs:[a-z0-9-]+:[0-9]+:";
    const char *type =
        shape->pattern != NULL ? strstr(shape->pattern, head) : NULL;

    if (type == NULL)
        return NULL;
    type += sizeof head - 1;
    *ret_len = (int)strcspn(type, "/");
    return type;
}

/* What is wrong with text that its pattern does not fit. */
static const char *
article(const char *noun)
{
    return strchr("aeiou", noun[0]) != NULL ? "an" : "a";
}

static ivs_status
refuse_pattern(const ivs_place *at, const ivs_shape *shape, const char *text,
               size_t len)
{
    int n = 0;
    const char *type = ivs_arn_type_of(shape, &n), *found;
    bool optional = shape->pattern[0] == '^';
    ivs_arn arn;

    if (type == NULL || ivs_arn_parse(text, len, &arn, NULL) != IVS_OK)
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is '%.60s', expected text like %s", at->path,
                               text, shape->pattern);
    found = strrchr(text, ':') + 1;
    return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                           "%s is '%.80s', the ARN of %s %.*s, expected that "
                           "of %s %.*s%s",
                           at->path, text, article(found),
                           (int)strcspn(found, "/"), found, article(type), n,
                           type, optional ? ", or nothing" : "");
}

static ivs_status
check_region(const ivs_place *at, const char *text, size_t len)
{
    ivs_arn arn;

    if (at->region == NULL || ivs_arn_parse(text, len, &arn, NULL) != IVS_OK ||
        strcmp(arn.region, at->region) == 0)
        return IVS_OK;
    return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                           "%s is of region %.40s, but the call goes to region "
                           "%.40s",
                           at->path, arn.region, at->region);
}

static ivs_status
check_rule(const ivs_place *at, const ivs_shape *shape, const char *text,
           size_t len)
{
    ivs_arn arn;
    int n;

    switch (shape->rule) {
    case IVS_RULE_PATTERN:
        if (shape->pattern == NULL)
            return IVS_OK;
        if (!ivs_pattern_match(shape->pattern, text, len))
            return refuse_pattern(at, shape, text, len);
        return ivs_arn_type_of(shape, &n) != NULL ? check_region(at, text, len)
                                                  : IVS_OK;
    case IVS_RULE_RESOURCE_ARN:
        if (ivs_arn_parse(text, len, &arn, NULL) == IVS_OK)
            return check_region(at, text, len);
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is '%.60s', expected the ARN of an IVS "
                               "resource",
                               at->path, text);
    case IVS_RULE_TAG:
        if (is_printable(text, len))
            return IVS_OK;
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s holds a control character, expected "
                               "printable text",
                               at->path);
    }
    return IVS_OK;
}

/* The service would take it; who sends it has forgotten to fill it in. */
static bool
is_placeholder(const ivs_place *at, const char *text)
{
    return at->region != NULL && (strncmp(text, IVS_FILL_REQUIRED,
                                          sizeof IVS_FILL_REQUIRED - 1) == 0 ||
                                  strncmp(text, IVS_FILL_OPTIONAL,
                                          sizeof IVS_FILL_OPTIONAL - 1) == 0);
}

ivs_status
ivs_place_text(const ivs_place *at, const ivs_shape *shape, const char *text,
               size_t len)
{
    size_t chars = 0;
    ivs_status s;

    if (strlen(text) != len || !ivs_utf8_valid(text, len, &chars))
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s holds a NUL or malformed UTF-8, expected "
                               "text",
                               at->path);
    if (is_placeholder(at, text))
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is the placeholder '%.60s' of a skeleton, "
                               "expected a value in its place",
                               at->path, text);
    if ((s = ivs_place_count(at, shape, chars, "characters")) != IVS_OK)
        return s;
    if (shape->values != NULL)
        return check_enum(at, shape, text);
    return check_rule(at, shape, text, len);
}

ivs_status
ivs_place_integer(const ivs_place *at, const ivs_shape *shape, int64_t n)
{
    bool narrow = shape->kind == IVS_SHAPE_INTEGER;
    int64_t min = narrow ? INT32_MIN : INT64_MIN;
    int64_t max = narrow ? INT32_MAX : INT64_MAX;

    if (shape->has_min)
        min = shape->min;
    if (shape->has_max)
        max = shape->max;
    if (n < min || n > max)
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is %" PRId64 ", expected %" PRId64
                               " to %" PRId64,
                               at->path, n, min, max);
    return IVS_OK;
}
