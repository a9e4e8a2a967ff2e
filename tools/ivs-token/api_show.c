/* SPDX-License-Identifier: MIT */
/* api list, describe: the operations as a table. */

#include <stdlib.h>
#include <string.h>

#include "api.h"

const char *
api_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

int
api_row(struct cli *c, const char *name, json_t **ret)
{
    ivs_error err = {0};
    char *text = NULL;

    if (ivs_operation_describe(name, &text, &err) != IVS_OK)
        return fail_error(c, &err);
    *ret = json_loads(text, 0, NULL);
    ivs_free(text);
    return *ret != NULL ? CLI_OK : fail(c, CLI_FAILED, "out of memory");
}

/* ---- list ---- */

static int
list_one(struct cli *c, const char *name, json_t *list)
{
    json_t *row = NULL;
    int code = api_row(c, name, &row);

    if (code != CLI_OK)
        return code;
    if (c->g.json)
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s}", "name", name,
                                              "method", api_text(row, "method"),
                                              "path", api_text(row, "path")));
    else
        (void)printf("%-36s %-6s %s\n", name, api_text(row, "method"),
                     api_text(row, "path"));
    json_decref(row);
    return CLI_OK;
}

int
api_list(struct cli *c, const void *values)
{
    json_t *list = json_array();
    int code = CLI_OK;

    (void)values;
    for (size_t i = 0; code == CLI_OK && i < ivs_operation_count(); i++)
        code = list_one(c, ivs_operation_name(i), list);
    if (code == CLI_OK && c->g.json)
        return out_json(c, list);
    json_decref(list);
    return code;
}

/* ---- describe ---- */

#define NESTED_MAX 8 /* deeper than the model is */

/* Members of a structure, or of a list's elements. */
static json_t *
nested(const json_t *row)
{
    json_t *members = json_object_get(row, "members");

    return members != NULL
               ? members
               : json_object_get(json_object_get(row, "item"), "members");
}

static const char *
type_of(const json_t *row, char *ret, size_t cap)
{
    const json_t *item = json_object_get(row, "item");

    if (item != NULL)
        (void)snprintf(ret, cap, "%s of %s", api_text(row, "type"),
                       api_text(item, "type"));
    else
        (void)snprintf(ret, cap, "%s", api_text(row, "type"));
    return ret;
}

/* The widest name with its indent. */
static size_t
name_width(const json_t *members, int depth)
{
    size_t widest = 0, i;
    json_t *row;

    json_array_foreach(members, i, row)
    {
        size_t own = strlen(api_text(row, "name")) + 2 * (size_t)depth;
        size_t inner =
            depth < NESTED_MAX ? name_width(nested(row), depth + 1) : 0;

        widest = own > widest ? own : widest;
        widest = inner > widest ? inner : widest;
    }
    return widest;
}

/* "1 to 50", "up to 5", "from 0" */
static void
print_range(const json_t *row, const char *unit)
{
    const json_t *min = json_object_get(row, "min");
    const json_t *max = json_object_get(row, "max");

    if (min != NULL && max != NULL)
        (void)printf("  %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT,
                     json_integer_value(min), json_integer_value(max));
    else if (min != NULL)
        (void)printf("  from %" JSON_INTEGER_FORMAT, json_integer_value(min));
    else if (max != NULL)
        (void)printf("  up to %" JSON_INTEGER_FORMAT, json_integer_value(max));
    else
        return;
    (void)printf("%s", unit);
}

static const char *
unit_of(const json_t *row)
{
    const char *type = api_text(row, "type");

    if (strcmp(type, "string") == 0)
        return " characters";
    return strcmp(type, "list") == 0  ? " elements"
           : strcmp(type, "map") == 0 ? " members"
                                      : "";
}

static void
print_limits(const json_t *row)
{
    const json_t *values = json_object_get(row, "enum"), *value;
    const char *pattern = api_text(row, "pattern");
    size_t i;

    print_range(row, unit_of(row));
    json_array_foreach(values, i, value)(void)
        printf("%s%s", i == 0 ? "  " : " | ", json_string_value(value));
    if (pattern[0] != '\0')
        (void)printf("  %s", pattern);
}

static void
print_members(const json_t *members, int depth, size_t width)
{
    json_t *row;
    size_t i;

    json_array_foreach(members, i, row)
    {
        const char *location = api_text(row, "location");
        char type[40];

        (void)printf(
            "  %*s%-*s  %-17s  %-8s", 2 * depth, "", (int)width - 2 * depth,
            api_text(row, "name"), type_of(row, type, sizeof type),
            json_is_true(json_object_get(row, "required")) ? "required"
                                                           : "optional");
        if (strcmp(location, "uri") == 0)
            (void)printf("  in the path");
        else if (strcmp(location, "querystring") == 0)
            (void)printf("  in the query");
        print_limits(row);
        if (json_object_get(row, "item") != NULL && nested(row) == NULL) {
            (void)printf("  each:");
            print_limits(json_object_get(row, "item"));
        }
        (void)putchar('\n');
        if (depth < NESTED_MAX)
            print_members(nested(row), depth + 1, width);
    }
}

static void
print_answer(const json_t *row)
{
    const json_t *answer = json_object_get(row, "answer");
    const json_t *paginator = json_object_get(row, "paginator");
    const char *result = api_text(answer, "result");

    (void)printf("  answers %" JSON_INTEGER_FORMAT ", ",
                 json_integer_value(json_object_get(row, "status")));
    if (json_is_true(json_object_get(answer, "empty")))
        (void)printf("without a body or with an object\n");
    else if (result[0] != '\0')
        (void)printf("an object with %s\n", result);
    else
        (void)printf("an object\n");
    if (json_is_true(json_object_get(row, "repeatable")))
        (void)printf("  safe to repeat\n");
    else
        (void)printf("  not repeated after a lost answer\n");
    if (json_is_object(paginator))
        (void)printf("  pages of %s: %s leads to the next, %s is their size\n",
                     api_text(paginator, "result"),
                     api_text(paginator, "input"),
                     api_text(paginator, "limit"));
}

int
api_describe(struct cli *c, const void *values)
{
    const struct api_opts *opts = values;
    json_t *row = NULL, *members;
    int code = api_row(c, opts->operation, &row);

    if (code != CLI_OK)
        return code;
    if (c->g.json)
        return out_json(c, row);
    members = json_object_get(row, "members");
    (void)printf("%s  %s %s\n", api_text(row, "name"), api_text(row, "method"),
                 api_text(row, "path"));
    print_answer(row);
    (void)putchar('\n');
    if (json_array_size(members) == 0)
        (void)printf("  no members\n");
    print_members(members, 0, name_width(members, 0));
    json_decref(row);
    return CLI_OK;
}
