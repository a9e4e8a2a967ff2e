/* SPDX-License-Identifier: MIT */
/* An operation's row as JSON. */

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "service/operations.h"

static void append_members(ivs_buf *b, const ivs_member *members, bool top);

static void
append_text(ivs_buf *b, const char *text)
{
    ivs_json_quote(b, text, strlen(text));
}

static const char *
type_name(ivs_shape_kind kind)
{
    static const char *const names[] = {
        [IVS_SHAPE_STRING] = "string",       [IVS_SHAPE_INTEGER] = "integer",
        [IVS_SHAPE_LONG] = "long",           [IVS_SHAPE_BOOLEAN] = "boolean",
        [IVS_SHAPE_LIST] = "list",           [IVS_SHAPE_MAP] = "map",
        [IVS_SHAPE_STRUCTURE] = "structure",
    };

    return names[kind];
}

static const char *
location_name(ivs_location location)
{
    static const char *const names[] = {
        [IVS_IN_BODY] = "body",
        [IVS_IN_URI] = "uri",
        [IVS_IN_QUERY] = "querystring",
    };

    return names[location];
}

/* What stands in an object that describes a shape, without its braces. */
static void
append_shape(ivs_buf *b, const ivs_shape *shape)
{
    ivs_buf_printf(b, "\"type\":\"%s\"", type_name(shape->kind));
    if (shape->has_min)
        ivs_buf_printf(b, ",\"min\":%" PRId64, shape->min);
    if (shape->has_max)
        ivs_buf_printf(b, ",\"max\":%" PRId64, shape->max);
    if (shape->pattern != NULL) {
        ivs_buf_puts(b, ",\"pattern\":");
        append_text(b, shape->pattern);
    }
    if (shape->values != NULL) {
        ivs_buf_puts(b, ",\"enum\":[");
        for (size_t i = 0; shape->values[i] != NULL; i++) {
            ivs_buf_puts(b, i > 0 ? "," : "");
            append_text(b, shape->values[i]);
        }
        ivs_buf_putc(b, ']');
    }
    if (shape->key != NULL) {
        ivs_buf_puts(b, ",\"key\":{");
        append_shape(b, shape->key);
        ivs_buf_putc(b, '}');
    }
    if (shape->item != NULL) {
        ivs_buf_puts(b, ",\"item\":{");
        append_shape(b, shape->item);
        ivs_buf_putc(b, '}');
    }
    if (shape->members != NULL) {
        ivs_buf_puts(b, ",\"members\":");
        append_members(b, shape->members, false);
    }
}

/* Only members of the input itself have a location. */
static void
append_members(ivs_buf *b, const ivs_member *members, bool top)
{
    ivs_buf_putc(b, '[');
    for (const ivs_member *m = members; m->name != NULL; m++) {
        ivs_buf_puts(b, m == members ? "{\"name\":" : ",{\"name\":");
        append_text(b, m->name);
        ivs_buf_printf(b, ",\"required\":%s", m->required ? "true" : "false");
        if (top)
            ivs_buf_printf(b, ",\"location\":\"%s\"",
                           location_name(m->location));
        ivs_buf_putc(b, ',');
        append_shape(b, m->shape);
        ivs_buf_putc(b, '}');
    }
    ivs_buf_putc(b, ']');
}

/* What a success answers, and the member that it must have. */
static void
append_answer(ivs_buf *b, const ivs_operation *op)
{
    ivs_buf_printf(b, ",\"answer\":{\"empty\":%s,\"result\":",
                   op->answer == IVS_ANSWER_EMPTY ? "true" : "false");
    if (op->result != NULL)
        append_text(b, op->result);
    else
        ivs_buf_puts(b, "null");
    ivs_buf_putc(b, '}');
}

ivs_status
ivs_operation_describe(const char *name, char **ret_json, ivs_error *err)
{
    const ivs_operation *op;
    ivs_buf b = IVS_BUF_INIT;
    ivs_status s;

    if (name == NULL || ret_json == NULL)
        return ivs_fail(err, IVS_E_ARG, "name or ret_json is NULL");
    if ((s = ivs_operation_get(name, &op, err)) != IVS_OK)
        return s;
    ivs_buf_printf(&b,
                   "{\"name\":\"%s\",\"method\":\"%s\",\"path\":\"%s\","
                   "\"status\":%d,\"repeatable\":%s,\"paginator\":",
                   op->name, op->method, op->path, op->status,
                   op->repeatable ? "true" : "false");
    if (op->answer == IVS_ANSWER_PAGE)
        ivs_buf_printf(&b,
                       "{\"input\":\"" IVS_PAGE_TOKEN
                       "\",\"output\":\"" IVS_PAGE_TOKEN
                       "\",\"limit\":\"" IVS_PAGE_LIMIT "\",\"result\":\"%s\"}",
                       op->result);
    else
        ivs_buf_puts(&b, "null");
    append_answer(&b, op);
    ivs_buf_puts(&b, ",\"members\":");
    append_members(&b, op->input, true);
    ivs_buf_putc(&b, '}');
    if (b.failed) {
        ivs_buf_free(&b);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory describing %s", name);
    }
    *ret_json = ivs_buf_steal(&b, NULL);
    return IVS_OK;
}
