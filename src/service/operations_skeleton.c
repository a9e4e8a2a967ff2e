/* SPDX-License-Identifier: MIT */
/* An input of an operation to fill in. */

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "service/operations_place.h"

static void append_members(ivs_buf *b, const ivs_member *members);

/* What belongs in the place of a string. */
static void
append_what(ivs_buf *b, const ivs_shape *shape)
{
    int n = 0;
    const char *type = ivs_arn_type_of(shape, &n);

    if (shape->values != NULL)
        for (size_t i = 0; shape->values[i] != NULL; i++)
            ivs_buf_printf(b, "%s%s", i > 0 ? " | " : "", shape->values[i]);
    else if (shape->rule == IVS_RULE_RESOURCE_ARN)
        ivs_buf_puts(b, "ARN of a resource");
    else if (type != NULL)
        ivs_buf_printf(b, "ARN of a %.*s", n, type);
    else if (shape->has_max)
        ivs_buf_printf(b, "text of %" PRId64 " to %" PRId64 " characters",
                       shape->min, shape->max);
    else
        ivs_buf_puts(b, "text");
}

static void
append_string(ivs_buf *b, const ivs_shape *shape, bool required)
{
    ivs_buf_printf(b, "\"%s", required ? IVS_FILL_REQUIRED : IVS_FILL_OPTIONAL);
    append_what(b, shape);
    ivs_buf_puts(b, ">\"");
}

static void
append_value(ivs_buf *b, const ivs_shape *shape, bool required)
{
    switch (shape->kind) {
    case IVS_SHAPE_STRING:
        append_string(b, shape, required);
        break;
    case IVS_SHAPE_INTEGER:
    case IVS_SHAPE_LONG:
        ivs_buf_printf(b, "%" PRId64, shape->has_min ? shape->min : 0);
        break;
    case IVS_SHAPE_BOOLEAN:
        ivs_buf_puts(b, "false");
        break;
    case IVS_SHAPE_LIST:
        ivs_buf_putc(b, '[');
        append_value(b, shape->item, required);
        ivs_buf_putc(b, ']');
        break;
    case IVS_SHAPE_MAP:
        ivs_buf_putc(b, '{');
        append_string(b, shape->key, required);
        ivs_buf_putc(b, ':');
        append_value(b, shape->item, required);
        ivs_buf_putc(b, '}');
        break;
    case IVS_SHAPE_STRUCTURE:
        append_members(b, shape->members);
        break;
    }
}

static void
append_members(ivs_buf *b, const ivs_member *members)
{
    ivs_buf_putc(b, '{');
    for (const ivs_member *m = members; m->name != NULL; m++) {
        ivs_buf_printf(b, "%s\"%s\":", m == members ? "" : ",", m->name);
        append_value(b, m->shape, m->required);
    }
    ivs_buf_putc(b, '}');
}

ivs_status
ivs_operation_skeleton(const char *name, char **ret_json, ivs_error *err)
{
    const ivs_operation *op;
    ivs_buf b = IVS_BUF_INIT;
    ivs_status s;

    if (name == NULL || ret_json == NULL)
        return ivs_fail(err, IVS_E_ARG, "name or ret_json is NULL");
    if ((s = ivs_operation_get(name, &op, err)) != IVS_OK)
        return s;
    append_members(&b, op->input);
    if (b.failed) {
        ivs_buf_free(&b);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a skeleton");
    }
    *ret_json = ivs_buf_steal(&b, NULL);
    return IVS_OK;
}
