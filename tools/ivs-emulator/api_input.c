/* SPDX-License-Identifier: MIT */
/* The input of an operation: its body, and for tags path and query, too. */

#include <string.h>

#include "base/json.h"

#include "api.h"

const char *
emu_input_text(const emu_call *call, const char *member, const char *absent)
{
    const char *text = json_string_value(json_object_get(call->input, member));

    return text == NULL ? absent : text;
}

int64_t
emu_input_number(const emu_call *call, const char *member, int64_t absent)
{
    const json_t *value = json_object_get(call->input, member);

    return json_is_integer(value) ? json_integer_value(value) : absent;
}

json_t *
emu_input_tags(const emu_call *call, emu_response *res)
{
    json_t *tags = json_object_get(call->input, "tags");
    const char *key;
    json_t *value;

    json_object_foreach(tags, key, value)
    {
        if (strncmp(key, "aws:", 4) == 0) {
            (void)emu_refuse(res, EMU_VALIDATION,
                             "Request member: tags failed to satisfy the "
                             "constraints: keys beginning with aws: are "
                             "reserved");
            return NULL;
        }
    }
    return tags == NULL ? json_object() : json_deep_copy(tags);
}

/* A body has a meaning where the method is POST. */
static bool
read_body(const emu_request *req, const ivs_operation *operation, json_t **ret,
          emu_response *res)
{
    bool empty = req->body_len == 0 || strcmp(operation->method, "POST") != 0;
    ivs_error err = {0};

    if (ivs_json_parse(empty ? "{}" : req->body, empty ? 2 : req->body_len,
                       IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                       "the request body", ret, NULL, &err) != IVS_OK)
        return emu_refuse(res, EMU_VALIDATION, "%s", err.message);
    return true;
}

/* A path holds one member at most, which ends it. */
static json_t *
read_uri(const emu_request *req)
{
    ivs_buf text = IVS_BUF_INIT;
    json_t *value = NULL;

    ivs_buf_puts(&text, "");
    emu_request_segment(req, &text);
    if (!text.failed)
        value = json_stringn(text.data, text.len);
    ivs_buf_free(&text);
    return value;
}

/* NULL: not UTF-8, or out of memory. */
static json_t *
read_query(const emu_request *req, const char *name)
{
    const char *at = req->query;
    json_t *list = json_array();
    bool failed = false, found;

    do {
        ivs_buf text = IVS_BUF_INIT;

        ivs_buf_puts(&text, "");
        found = emu_request_query_next(&at, name, &text);
        if (found)
            failed = text.failed ||
                     json_array_append_new(
                         list, json_stringn(text.data, text.len)) != 0;
        ivs_buf_free(&text);
    } while (found && !failed);
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

static bool
read_rest(const emu_request *req, const ivs_operation *operation, json_t *input,
          emu_response *res)
{
    for (const ivs_member *m = operation->input; m->name != NULL; m++) {
        json_t *value;

        if (m->location == IVS_IN_BODY)
            continue;
        value = m->location == IVS_IN_URI ? read_uri(req)
                                          : read_query(req, m->name);
        if (value == NULL)
            return emu_refuse(res, EMU_VALIDATION,
                              "Request member: %s failed to satisfy the "
                              "constraints: it is not UTF-8",
                              m->name);
        if (m->location == IVS_IN_QUERY && json_array_size(value) == 0)
            json_decref(value); /* absent */
        else if (json_object_set_new(input, m->name, value) != 0)
            return emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    return true;
}

bool
emu_check_input(const ivs_operation *operation, json_t *input,
                emu_response *res)
{
    ivs_error err = {0};

    if (ivs_operation_check(operation, input, &err) == IVS_OK)
        return true;
    if (err.member[0] == '\0')
        return emu_refuse(res, EMU_VALIDATION, "%s", err.message);
    return emu_refuse(res, EMU_VALIDATION,
                      "Request member: %s failed to satisfy the constraints: "
                      "%s",
                      err.member, err.message);
}

bool
emu_read_input(const emu_request *req, const ivs_operation *operation,
               json_t **ret, emu_response *res)
{
    json_t *input = NULL;

    if (!read_body(req, operation, &input, res))
        return false;
    if (!read_rest(req, operation, input, res) ||
        !emu_check_input(operation, input, res)) {
        json_decref(input);
        return false;
    }
    *ret = input;
    return true;
}
