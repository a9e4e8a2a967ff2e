/* SPDX-License-Identifier: MIT */
/* The operation table against the service model of API 2020-07-14, member by
 * member, in both directions. */

#include "support/test.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "service/operations.h"

static json_t *model;

static const char *
text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void compare_shape(const char *at, const ivs_shape *shape,
                          const json_t *expected);

static void
compare_members(const char *at, const ivs_member *members,
                const json_t *expected, bool top)
{
    static const char *const locations[] = {[IVS_IN_BODY] = "body",
                                            [IVS_IN_URI] = "uri",
                                            [IVS_IN_QUERY] = "querystring"};
    size_t n = 0;

    for (const ivs_member *m = members; m->name != NULL; m++, n++) {
        const json_t *e = json_object_get(expected, m->name);
        char path[200];

        (void)snprintf(path, sizeof path, "%s.%s", at, m->name);
        if (e == NULL)
            fail_msg("%s is not in the model", path);
        if (m->required != json_is_true(json_object_get(e, "required")))
            fail_msg("%s: required differs", path);
        if (top && !same_text(locations[m->location], text_of(e, "location")))
            fail_msg("%s: location differs", path);
        if (!top && m->location != IVS_IN_BODY)
            fail_msg("%s: a nested member has a location", path);
        compare_shape(path, m->shape, e);
    }
    if (n != json_object_size(expected))
        fail_msg("%s has %zu members, the model %zu", at, n,
                 json_object_size(expected));
}

static void
compare_limit(const char *at, const char *name, bool has, int64_t limit,
              const json_t *expected)
{
    const json_t *e = json_object_get(expected, name);

    if (has != (e != NULL) || (has && limit != json_integer_value(e)))
        fail_msg("%s: %s differs", at, name);
}

static void
compare_enum(const char *at, const char *const *values, const json_t *expected)
{
    const json_t *list = json_object_get(expected, "enum");
    size_t n = 0;

    if ((values == NULL) != (list == NULL))
        fail_msg("%s: one of both has an enum", at);
    for (; values != NULL && values[n] != NULL; n++)
        if (!same_text(values[n], json_string_value(json_array_get(list, n))))
            fail_msg("%s: enum value %zu differs", at, n);
    if (n != json_array_size(list))
        fail_msg("%s: the model's enum is longer", at);
}

static void
compare_shape(const char *at, const ivs_shape *shape, const json_t *expected)
{
    static const char *const kinds[] = {
        [IVS_SHAPE_STRING] = "string",       [IVS_SHAPE_INTEGER] = "integer",
        [IVS_SHAPE_LONG] = "long",           [IVS_SHAPE_BOOLEAN] = "boolean",
        [IVS_SHAPE_LIST] = "list",           [IVS_SHAPE_MAP] = "map",
        [IVS_SHAPE_STRUCTURE] = "structure",
    };

    if (!same_text(kinds[shape->kind], text_of(expected, "type")))
        fail_msg("%s: type differs", at);
    compare_limit(at, "min", shape->has_min, shape->min, expected);
    compare_limit(at, "max", shape->has_max, shape->max, expected);
    if (!same_text(shape->pattern, text_of(expected, "pattern")))
        fail_msg("%s: pattern differs", at);
    compare_enum(at, shape->values, expected);
    if (shape->kind == IVS_SHAPE_LIST)
        compare_shape(at, shape->item, json_object_get(expected, "item"));
    if (shape->kind == IVS_SHAPE_MAP) {
        compare_shape(at, shape->key, json_object_get(expected, "key"));
        compare_shape(at, shape->item, json_object_get(expected, "value"));
    }
    if (shape->kind == IVS_SHAPE_STRUCTURE)
        compare_members(at, shape->members,
                        json_object_get(expected, "members"), false);
}

static void
table_is_the_model(void **state)
{
    (void)state;
    assert_int_equal(json_array_size(model), ivs_operation_count());
    for (size_t i = 0; i < json_array_size(model); i++) {
        const json_t *e = json_array_get(model, i);
        const ivs_operation *op = ivs_operation_find(text_of(e, "name"));

        assert_non_null(op);
        assert_string_equal(op->method, text_of(e, "method"));
        assert_string_equal(op->path, text_of(e, "path"));
        assert_int_equal(op->status, json_integer_value(
                                         json_object_get(e, "successStatus")));
        compare_members(op->name, op->input, json_object_get(e, "input"), true);
    }
}

static void
pages_are_those_of_the_model(void **state)
{
    (void)state;
    for (size_t i = 0; i < json_array_size(model); i++) {
        const json_t *e = json_array_get(model, i);
        const ivs_operation *op = ivs_operation_find(text_of(e, "name"));
        const json_t *p = json_object_get(e, "paginator");

        assert_int_equal(op->answer == IVS_ANSWER_PAGE, json_is_object(p));
        if (op->answer != IVS_ANSWER_PAGE)
            continue;
        assert_string_equal(op->result, text_of(p, "result"));
        assert_string_equal(text_of(p, "input"), IVS_PAGE_TOKEN);
        assert_string_equal(text_of(p, "output"), IVS_PAGE_TOKEN);
        assert_string_equal(text_of(p, "limit"), IVS_PAGE_LIMIT);
        assert_int_equal(
            json_integer_value(json_object_get(
                json_object_get(json_object_get(e, "output"), IVS_PAGE_TOKEN),
                "max")),
            IVS_PAGE_TOKEN_MAX);
    }
}

/* The members of a body; headers are outputs of the model too. The one that
 * counts is the required one, or else the first where it is a structure. */
static size_t
body_members(const json_t *outputs, const char **ret_name,
             const json_t **ret_member)
{
    const char *name;
    json_t *member;
    size_t n = 0;

    *ret_name = NULL;
    *ret_member = NULL;
    json_object_foreach((json_t *)(uintptr_t)outputs, name, member)
    {
        bool required = json_is_true(json_object_get(member, "required"));

        if (strcmp(text_of(member, "location"), "body") != 0)
            continue;
        if (required ||
            (n == 0 && strcmp(text_of(member, "type"), "structure") == 0)) {
            *ret_name = name;
            *ret_member = member;
        }
        n++;
    }
    return n;
}

static void
answers_are_those_of_the_model(void **state)
{
    (void)state;
    for (size_t i = 0; i < json_array_size(model); i++) {
        const json_t *e = json_array_get(model, i), *member;
        const ivs_operation *op = ivs_operation_find(text_of(e, "name"));
        const char *name;
        size_t n = body_members(json_object_get(e, "output"), &name, &member);
        ivs_answer_form form = IVS_ANSWER_OBJECT;

        if (n == 0)
            form = IVS_ANSWER_EMPTY;
        else if (name != NULL && strcmp(text_of(member, "type"), "list") == 0)
            form = IVS_ANSWER_PAGE;
        else if (name != NULL)
            form = IVS_ANSWER_MEMBER;
        print_message("  %s\n", op->name);
        assert_int_equal(op->answer, form);
        assert_true(same_text(op->result, name));
        if (op->status == 204)
            assert_int_equal(op->answer, IVS_ANSWER_EMPTY);
    }
}

static void
all_that_the_model_calls_idempotent_is_repeatable(void **state)
{
    (void)state;
    for (size_t i = 0; i < json_array_size(model); i++) {
        const json_t *e = json_array_get(model, i);

        if (json_is_true(json_object_get(e, "idempotent")))
            assert_true(ivs_operation_find(text_of(e, "name"))->repeatable);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_the_model),
        cmocka_unit_test(pages_are_those_of_the_model),
        cmocka_unit_test(answers_are_those_of_the_model),
        cmocka_unit_test(all_that_the_model_calls_idempotent_is_repeatable),
    };
    const char *dir = getenv("IVS_VECTORS");
    ivs_buf text = IVS_BUF_INIT;
    char path[1024];
    int failed;

    (void)snprintf(path, sizeof path, "%s/../facts/operations.json",
                   dir != NULL ? dir : "");
    if (dir == NULL || ivs_file_read(path, 8 << 20, &text, NULL) != IVS_OK)
        return 77;
    if (ivs_json_parse(text.data, text.len, 0, "model", &model, NULL, NULL) !=
        IVS_OK)
        return 1;
    ivs_buf_free(&text);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(model);
    return failed;
}
