/* SPDX-License-Identifier: MIT */
/* Checking the input of an operation against its row. */

#include <inttypes.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/error.h"
#include "base/utf8.h"
#include "service/operations.h"
#include "service/operations_pattern.h"

/* Where in the input the check is: "viewerSessions[3].viewerId". Names of the
 * model fit; a tag key may be cut. */
struct place {
    const ivs_operation *op;
    ivs_error *err;
    char path[160];
};

static ivs_status check_value(struct place *at, const ivs_shape *shape,
                              json_t *value);

static const char *
kind_name(ivs_shape_kind kind)
{
    switch (kind) {
    case IVS_SHAPE_STRING:
        return "a string";
    case IVS_SHAPE_INTEGER:
    case IVS_SHAPE_LONG:
        return "an integer";
    case IVS_SHAPE_BOOLEAN:
        return "true or false";
    case IVS_SHAPE_LIST:
        return "an array";
    case IVS_SHAPE_MAP:
    case IVS_SHAPE_STRUCTURE:
        return "an object";
    }
    return "";
}

static const char *
found_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction or exponent";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "";
}

static bool
has_kind(const json_t *value, ivs_shape_kind kind)
{
    switch (kind) {
    case IVS_SHAPE_STRING:
        return json_is_string(value);
    case IVS_SHAPE_INTEGER:
    case IVS_SHAPE_LONG:
        return json_is_integer(value);
    case IVS_SHAPE_BOOLEAN:
        return json_is_boolean(value);
    case IVS_SHAPE_LIST:
        return json_is_array(value);
    case IVS_SHAPE_MAP:
    case IVS_SHAPE_STRUCTURE:
        return json_is_object(value);
    }
    return false;
}

/* A number of characters, elements or members. */
static ivs_status
check_count(const struct place *at, const ivs_shape *shape, size_t n,
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
check_enum(const struct place *at, const ivs_shape *shape, const char *text)
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

static ivs_status
check_rule(const struct place *at, const ivs_shape *shape, const char *text,
           size_t len)
{
    ivs_arn arn;

    switch (shape->rule) {
    case IVS_RULE_PATTERN:
        if (shape->pattern == NULL ||
            ivs_pattern_match(shape->pattern, text, len))
            return IVS_OK;
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is '%.60s', expected text like %s", at->path,
                               text, shape->pattern);
    case IVS_RULE_RESOURCE_ARN:
        if (ivs_arn_parse(text, len, &arn, NULL) == IVS_OK)
            return IVS_OK;
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

static ivs_status
check_text(const struct place *at, const ivs_shape *shape, const char *text,
           size_t len)
{
    size_t chars = 0;
    ivs_status s;

    if (strlen(text) != len || !ivs_utf8_valid(text, len, &chars))
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s holds a NUL or malformed UTF-8, expected "
                               "text",
                               at->path);
    if ((s = check_count(at, shape, chars, "characters")) != IVS_OK)
        return s;
    if (shape->values != NULL)
        return check_enum(at, shape, text);
    return check_rule(at, shape, text, len);
}

static ivs_status
check_integer(const struct place *at, const ivs_shape *shape, int64_t n)
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

/* Go one step down: "." and a name, or "[" and an index. Returns what to hand
 * to leave(). */
static size_t
enter(struct place *at, const char *name, size_t index)
{
    size_t len = strlen(at->path), room = sizeof at->path - len;

    if (name == NULL)
        (void)snprintf(at->path + len, room, "[%zu]", index);
    else
        (void)snprintf(at->path + len, room, "%s%s", len > 0 ? "." : "", name);
    return len;
}

static void
leave(struct place *at, size_t len)
{
    at->path[len] = '\0';
}

static ivs_status
check_list(struct place *at, const ivs_shape *shape, json_t *value)
{
    size_t n = json_array_size(value);
    ivs_status s = check_count(at, shape, n, "elements");

    for (size_t i = 0; s == IVS_OK && i < n; i++) {
        size_t mark = enter(at, NULL, i);

        s = check_value(at, shape->item, json_array_get(value, i));
        leave(at, mark);
    }
    return s;
}

static ivs_status
check_map(struct place *at, const ivs_shape *shape, json_t *value)
{
    ivs_status s = check_count(at, shape, json_object_size(value), "members");
    const char *key;
    json_t *item;

    json_object_foreach(value, key, item)
    {
        size_t mark;

        if (s != IVS_OK)
            break;
        mark = enter(at, key, 0);
        s = check_text(at, shape->key, key, strlen(key));
        if (s == IVS_OK)
            s = check_value(at, shape->item, item);
        leave(at, mark);
    }
    return s;
}

static ivs_status
refuse_unknown(struct place *at, const ivs_member *members, const char *key)
{
    const char *nearest = NULL;
    size_t best = IVS_EDIT_FAR;
    char where[sizeof at->path];

    for (const ivs_member *m = members; m->name != NULL; m++) {
        size_t d = ivs_edit_distance(key, m->name);

        if (d < best) {
            best = d;
            nearest = m->name;
        }
    }
    memcpy(where, at->path, sizeof where);
    (void)enter(at, key, 0);
    if (where[0] == '\0')
        (void)snprintf(where, sizeof where, "%s", at->op->name);
    if (nearest == NULL || best > strlen(key) / 2)
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s has no member '%.40s'", where, key);
    return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                           "%s has no member '%.40s'; did you mean '%s'?",
                           where, key, nearest);
}

static ivs_status
check_members(struct place *at, const ivs_member *members, json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        const ivs_member *m = members;
        ivs_status s;
        size_t mark;

        while (m->name != NULL && strcmp(m->name, key) != 0)
            m++;
        if (m->name == NULL)
            return refuse_unknown(at, members, key);
        mark = enter(at, key, 0);
        if ((s = check_value(at, m->shape, value)) != IVS_OK)
            return s;
        leave(at, mark);
    }
    for (const ivs_member *m = members; m->name != NULL; m++) {
        if (!m->required || json_object_get(object, m->name) != NULL)
            continue;
        (void)enter(at, m->name, 0);
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is missing, expected %s", at->path,
                               kind_name(m->shape->kind));
    }
    return IVS_OK;
}

static ivs_status
check_value(struct place *at, const ivs_shape *shape, json_t *value)
{
    if (!has_kind(value, shape->kind))
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is %s, expected %s", at->path,
                               found_name(value), kind_name(shape->kind));
    switch (shape->kind) {
    case IVS_SHAPE_STRING:
        return check_text(at, shape, json_string_value(value),
                          json_string_length(value));
    case IVS_SHAPE_INTEGER:
    case IVS_SHAPE_LONG:
        return check_integer(at, shape, json_integer_value(value));
    case IVS_SHAPE_LIST:
        return check_list(at, shape, value);
    case IVS_SHAPE_MAP:
        return check_map(at, shape, value);
    case IVS_SHAPE_STRUCTURE:
        return check_members(at, shape->members, value);
    case IVS_SHAPE_BOOLEAN:
        break;
    }
    return IVS_OK;
}

ivs_status
ivs_operation_check(const ivs_operation *op, json_t *input, ivs_error *err)
{
    struct place at = {.op = op, .err = err};

    if (!json_is_object(input))
        return ivs_fail(err, IVS_E_ARG,
                        "the input of %s is not an object, expected one",
                        op->name);
    return check_members(&at, op->input, input);
}
