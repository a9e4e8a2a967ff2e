/* SPDX-License-Identifier: MIT */
/* Members of a document with their types, and the place of a mistake. */

#include "read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

static void
append_place(ivs_buf *b, const emu_place *at)
{
    if (at->above != NULL) {
        append_place(b, at->above);
        ivs_buf_putc(b, '.');
    }
    ivs_buf_puts(b, at->member);
    if (at->element)
        ivs_buf_printf(b, "[%zu]", at->index);
}

bool
emu_wrong(const emu_place *at, ivs_error *err, const char *fmt, ...)
{
    ivs_buf place = IVS_BUF_INIT;
    char text[320];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (at == NULL)
        ivs_buf_puts(&place, "the document");
    else
        append_place(&place, at);
    (void)ivs_fail(err, IVS_E_FORMAT, "%s %s",
                   place.failed ? "a member" : place.data, text);
    ivs_buf_free(&place);
    return false;
}

static const char *
kind(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        break;
    }
    return "null";
}

static bool
unknown_member(const char *name, const emu_place *at,
               const char *const *members, ivs_error *err)
{
    ivs_buf known = IVS_BUF_INIT;

    for (size_t i = 0; members[i] != NULL; i++)
        ivs_buf_printf(&known, "%s%s", i == 0 ? "" : ", ", members[i]);
    (void)emu_wrong(at, err,
                    "has a member '%.40s', which is unknown, expected %s", name,
                    known.failed || known.len == 0 ? "none" : known.data);
    ivs_buf_free(&known);
    return false;
}

bool
emu_read_object(const json_t *value, const emu_place *at,
                const char *const *members, ivs_error *err)
{
    const json_t *member;
    const char *name;

    if (!json_is_object(value))
        return emu_wrong(at, err, "is %s, expected an object", kind(value));
    /* Not changed: the macro takes no pointer to const. */
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        size_t i = 0;

        while (members[i] != NULL && strcmp(members[i], name) != 0)
            i++;
        if (members[i] == NULL)
            return unknown_member(name, at, members, err);
    }
    return true;
}

bool
emu_read_list(const json_t *object, const char *member, const emu_place *at,
              const json_t **ret, ivs_error *err)
{
    const json_t *value = json_object_get(object, member);

    *ret = value;
    if (value == NULL || json_is_array(value))
        return true;
    return emu_wrong(EMU_MEMBER(at, member), err, "is %s, expected a list",
                     kind(value));
}

bool
emu_read_text(const json_t *object, const char *member, const emu_place *at,
              size_t max, const char **ret, ivs_error *err)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL)
        return true;
    if (!json_is_string(value))
        return emu_wrong(EMU_MEMBER(at, member), err,
                         "is %s, expected a string", kind(value));
    if (json_string_length(value) == 0 || json_string_length(value) > max)
        return emu_wrong(EMU_MEMBER(at, member), err,
                         "has %zu bytes, expected 1 to %zu",
                         json_string_length(value), max);
    *ret = json_string_value(value);
    return true;
}

bool
emu_read_integer(const json_t *object, const char *member, const emu_place *at,
                 int64_t min, int64_t max, int64_t *ret, ivs_error *err)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL)
        return true;
    if (!json_is_integer(value))
        return emu_wrong(EMU_MEMBER(at, member), err,
                         "is %s, expected an integer", kind(value));
    if (json_integer_value(value) < min || json_integer_value(value) > max)
        return emu_wrong(EMU_MEMBER(at, member), err,
                         "is %" PRId64 ", expected %" PRId64 " to %" PRId64,
                         (int64_t)json_integer_value(value), min, max);
    *ret = json_integer_value(value);
    return true;
}

bool
emu_read_bool(const json_t *object, const char *member, const emu_place *at,
              bool *ret, ivs_error *err)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL)
        return true;
    if (!json_is_boolean(value))
        return emu_wrong(EMU_MEMBER(at, member), err,
                         "is %s, expected true or false", kind(value));
    *ret = json_is_true(value);
    return true;
}
