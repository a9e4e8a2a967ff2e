/* SPDX-License-Identifier: MIT */
/* Checking the input of an operation against its row. */

#include <string.h>

#include "base/error.h"
#include "service/operations_place.h"

static ivs_status check_value(ivs_place *at, const ivs_shape *shape,
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

/* Go one step down: "." and a name, or "[" and an index. Returns what to hand
 * to leave(). */
static size_t
enter(ivs_place *at, const char *name, size_t index)
{
    size_t len = strlen(at->path), room = sizeof at->path - len;

    if (name == NULL)
        (void)snprintf(at->path + len, room, "[%zu]", index);
    else
        (void)snprintf(at->path + len, room, "%s%s", len > 0 ? "." : "", name);
    return len;
}

static void
leave(ivs_place *at, size_t len)
{
    at->path[len] = '\0';
}

static ivs_status
check_list(ivs_place *at, const ivs_shape *shape, json_t *value)
{
    size_t n = json_array_size(value);
    ivs_status s = ivs_place_count(at, shape, n, "elements");

    for (size_t i = 0; s == IVS_OK && i < n; i++) {
        size_t mark = enter(at, NULL, i);

        s = check_value(at, shape->item, json_array_get(value, i));
        leave(at, mark);
    }
    return s;
}

static ivs_status
check_map(ivs_place *at, const ivs_shape *shape, json_t *value)
{
    ivs_status s =
        ivs_place_count(at, shape, json_object_size(value), "members");
    const char *key;
    json_t *item;

    json_object_foreach(value, key, item)
    {
        size_t mark;

        if (s != IVS_OK)
            break;
        mark = enter(at, key, 0);
        s = ivs_place_text(at, shape->key, key, strlen(key));
        if (s == IVS_OK)
            s = check_value(at, shape->item, item);
        leave(at, mark);
    }
    return s;
}

static const ivs_member *
find_member(const ivs_member *members, const char *name)
{
    while (members->name != NULL && strcmp(members->name, name) != 0)
        members++;
    return members->name != NULL ? members : NULL;
}

static ivs_status
refuse_unknown(ivs_place *at, const ivs_member *members, const char *key)
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
check_members(ivs_place *at, const ivs_member *members, json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        const ivs_member *m = find_member(members, key);
        ivs_status s;
        size_t mark;

        if (m == NULL)
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
check_value(ivs_place *at, const ivs_shape *shape, json_t *value)
{
    if (!has_kind(value, shape->kind))
        return ivs_fail_member(at->err, IVS_E_ARG, at->path,
                               "%s is %s, expected %s", at->path,
                               found_name(value), kind_name(shape->kind));
    switch (shape->kind) {
    case IVS_SHAPE_STRING:
        return ivs_place_text(at, shape, json_string_value(value),
                              json_string_length(value));
    case IVS_SHAPE_INTEGER:
    case IVS_SHAPE_LONG:
        return ivs_place_integer(at, shape, json_integer_value(value));
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
ivs_operation_check_in(const ivs_operation *op, const char *region,
                       json_t *input, ivs_error *err)
{
    ivs_place at = {.op = op, .region = region, .err = err};

    if (!json_is_object(input))
        return ivs_fail(err, IVS_E_ARG,
                        "the input of %s is not an object, expected one",
                        op->name);
    return check_members(&at, op->input, input);
}

ivs_status
ivs_operation_check(const ivs_operation *op, json_t *input, ivs_error *err)
{
    return ivs_operation_check_in(op, NULL, input, err);
}

/* A segment that stays one: dots alone would take others away. */
static bool
is_segment(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && text[strspn(text, ".")] != '\0';
}

static bool
is_text_list(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return json_is_array(value);
}

/* A request without a body has no place for what is not in its line. */
static ivs_status
check_placed(const ivs_operation *op, json_t *input, ivs_error *err)
{
    const char *key;
    json_t *value;

    if (strcmp(op->method, "POST") == 0)
        return IVS_OK;
    json_object_foreach(input, key, value)
    {
        if (find_member(op->input, key) == NULL)
            return ivs_fail_member(err, IVS_E_ARG, key,
                                   "%.40s has no place in a %s of %s", key,
                                   op->method, op->path);
    }
    return IVS_OK;
}

ivs_status
ivs_operation_check_line(const ivs_operation *op, json_t *input, ivs_error *err)
{
    for (const ivs_member *m = op->input; m->name != NULL; m++) {
        const json_t *value = json_object_get(input, m->name);

        if (m->location == IVS_IN_URI && !is_segment(value))
            return ivs_fail_member(err, IVS_E_ARG, m->name,
                                   "%s is no text or empty, expected a segment "
                                   "of the path %s",
                                   m->name, op->path);
        if (m->location == IVS_IN_QUERY && value != NULL &&
            !is_text_list(value))
            return ivs_fail_member(err, IVS_E_ARG, m->name,
                                   "%s is no array of strings, expected one "
                                   "for the query",
                                   m->name);
    }
    return check_placed(op, input, err);
}
