/* SPDX-License-Identifier: MIT */
/* api list, describe, call: every operation of the service. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "opts_service.h"

#define INPUT_MAX (1024 * 1024)

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static int
describe(struct cli *c, const char *name, json_t **ret)
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
    json_t *doc = NULL;
    int code = describe(c, name, &doc);

    if (code != CLI_OK)
        return code;
    if (c->g.json)
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s}", "name", name,
                                              "method", member(doc, "method"),
                                              "path", member(doc, "path")));
    else
        (void)printf("%-36s %-6s %s\n", name, member(doc, "method"),
                     member(doc, "path"));
    json_decref(doc);
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

static void
print_compact(const char *label, json_t *value)
{
    char *text;

    if (value == NULL || json_is_null(value))
        return;
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    (void)printf(" %s=%s", label, text != NULL ? text : "?");
    free(text);
}

static void
print_member(const json_t *row, int indent)
{
    static const char *const limits[] = {"min", "max", "enum", "pattern"};
    const json_t *item = json_object_get(row, "item");
    json_t *inner, *nested = json_object_get(row, "members");
    size_t i;

    if (nested == NULL)
        nested = json_object_get(item, "members");
    (void)printf("%*s%-*s %s", indent, "", 40 - indent, member(row, "name"),
                 member(row, "type"));
    if (json_is_object(item))
        (void)printf(" of %s", member(item, "type"));
    if (json_is_true(json_object_get(row, "required")))
        (void)printf(" required");
    if (json_is_string(json_object_get(row, "location")) &&
        strcmp(member(row, "location"), "body") != 0)
        (void)printf(" in the %s", member(row, "location"));
    for (i = 0; i < sizeof limits / sizeof limits[0]; i++)
        print_compact(limits[i], json_object_get(row, limits[i]));
    (void)putchar('\n');
    json_array_foreach(nested, i, inner) if (indent < 12)
        print_member(inner, indent + 2);
}

static void
print_operation(json_t *doc)
{
    json_t *row, *members = json_object_get(doc, "members");
    size_t i;

    (void)printf(
        "%s  %s %s  answers %" JSON_INTEGER_FORMAT "%s\n", member(doc, "name"),
        member(doc, "method"), member(doc, "path"),
        json_integer_value(json_object_get(doc, "status")),
        json_is_true(json_object_get(doc, "repeatable")) ? ", safe to repeat"
                                                         : "");
    if (json_array_size(members) == 0)
        (void)printf("  no members\n");
    json_array_foreach(members, i, row) print_member(row, 2);
}

int
api_describe(struct cli *c, const void *values)
{
    const struct api_opts *opts = values;
    json_t *doc = NULL;
    int code = describe(c, opts->operation, &doc);

    if (code != CLI_OK)
        return code;
    if (c->g.json)
        return out_json(c, doc);
    print_operation(doc);
    json_decref(doc);
    return CLI_OK;
}

/* ---- call ---- */

static bool
is_argument(const char *input)
{
    return input != NULL && input[0] != '@' && strcmp(input, "-") != 0;
}

static int
find_input(struct cli *c, const char *input, struct secret *ret)
{
    if (input == NULL)
        return CLI_OK;
    if (strcmp(input, "-") == 0)
        return input_bytes(c, "-", "the input", INPUT_MAX, ret);
    if (input[0] == '@')
        return input_bytes(c, input + 1, "the input", INPUT_MAX, ret);
    ret->cap = strlen(input) + 1;
    ret->data = malloc(ret->cap);
    if (ret->data == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    memcpy(ret->data, input, ret->cap);
    ret->len = ret->cap - 1;
    return CLI_OK;
}

/* What is wrong with a text that jansson does not take. */
static int
refuse_input(struct cli *c, const char *input, const json_error_t *error)
{
    int code = is_argument(input) ? CLI_USAGE : CLI_FAILED;

    switch (json_error_code(error)) {
    case json_error_unknown: /* jansson fails so where an allocation did */
    case json_error_out_of_memory:
        return fail(c, CLI_FAILED, "out of memory reading the input");
    case json_error_duplicate_key:
        (void)fail(c, code,
                   "the input has the same member twice, at line %d, column "
                   "%d",
                   error->line, error->column);
        break;
    default:
        (void)fail(c, code,
                   "the input is not well-formed JSON at line %d, column %d",
                   error->line, error->column);
    }
    if (is_argument(input) && access(input, F_OK) == 0)
        hint("to send what is in that file: @%s", input);
    return code;
}

/* The text, which the library judges by the model, and what it says. */
static int
read_input(struct cli *c, const char *input, struct secret *ret_text,
           json_t **ret)
{
    json_error_t error;
    int code = find_input(c, input, ret_text);

    if (code != CLI_OK)
        return code;
    if (ret_text->len == 0)
        *ret = json_object();
    else
        *ret = json_loadb(ret_text->data, ret_text->len, JSON_REJECT_DUPLICATES,
                          &error);
    if (*ret == NULL)
        return refuse_input(c, input, &error);
    if (json_is_object(*ret))
        return CLI_OK;
    return fail(c, is_argument(input) ? CLI_USAGE : CLI_FAILED,
                "the input is not a JSON object");
}

/* The service answers as if what another region has did not exist. */
static void
note_other_region(struct cli *c, const ivs_client *client, const json_t *input)
{
    static const char *const names[] = {"arn", "channelArn", "resourceArn"};
    const char *region = ivs_client_region(client);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = member(input, names[i]);
        ivs_arn arn;

        if (ivs_arn_parse(text, strlen(text), &arn, NULL) == IVS_OK &&
            strcmp(arn.region, region) != 0)
            notice(c, "%s is of region %s, but the call goes to region %s",
                   names[i], arn.region, region);
    }
}

static bool
begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool
only_reads(const char *operation)
{
    return begins(operation, "Get") || begins(operation, "List") ||
           begins(operation, "BatchGet");
}

static void
hint_sent(const char *operation, const ivs_error *err)
{
    if (only_reads(operation))
        return;
    if (strstr(operation, "ViewerSessionRevocation") != NULL)
        hint_unanswered(err, "to send it again does no harm");
    else
        hint_unanswered(err, "look before you send it again");
}

static int
print_answer(struct cli *c, const ivs_result *result)
{
    size_t len = 0;
    const char *body = ivs_result_body(result, &len);
    json_t *doc = len == 0 ? json_object() : json_loadb(body, len, 0, NULL);

    if (doc == NULL)
        return fail(c, CLI_REFUSED, "the answer is not a JSON object");
    return out_json(c, doc);
}

static int
call_once(struct cli *c, ivs_client *client, const struct api_opts *opts,
          const struct secret *input)
{
    const char *operation = opts->operation;
    ivs_result *result = NULL;
    ivs_error err = {0};
    int code;

    if (ivs_client_call(client, operation, input->data, input->len, &result,
                        &err) != IVS_OK) {
        code = fail_error(c, &err);
        if (err.code == IVS_E_FORMAT && is_argument(opts->input))
            code = CLI_USAGE;
        hint_sent(operation, &err);
        if (err.code == IVS_E_ARG)
            hint("its members: ivs-token api describe %s", operation);
    } else {
        if (!only_reads(operation))
            out_done(c, "%s was carried out", operation);
        code = print_answer(c, result);
    }
    ivs_result_free(result);
    return code;
}

/* ---- call --paginate ---- */

/* Join a page to those before it; *ret_more says whether another follows. */
static int
join_page(struct cli *c, const json_t *paginator, json_t *answer, json_t *input,
          json_t **joined, bool *ret_more)
{
    const char *list = member(paginator, "result");
    const json_t *page = json_object_get(answer, list);
    int code;

    if (!json_is_array(page))
        return fail(c, CLI_REFUSED, "the answer has no array %s", list);
    if ((code = service_next_page(c, answer, input, ret_more)) != CLI_OK)
        return code;
    (void)json_object_del(answer, member(paginator, "output"));
    if (*joined == NULL)
        *joined = json_incref(answer);
    else if (json_array_extend(json_object_get(*joined, list),
                               json_object_get(answer, list)) != 0)
        return fail(c, CLI_FAILED, "out of memory joining pages");
    return CLI_OK;
}

static int
call_pages(struct cli *c, ivs_client *client, const json_t *row, json_t *input)
{
    const json_t *paginator = json_object_get(row, "paginator");
    json_t *joined = NULL;
    bool more = true;
    int code = CLI_OK;

    while (code == CLI_OK && more) {
        json_t *answer = NULL;
        ivs_error err = {0};

        if (service_call(client, member(row, "name"), input, &answer, &err) !=
            IVS_OK)
            code = fail_error(c, &err);
        else
            code = join_page(c, paginator, answer, input, &joined, &more);
        json_decref(answer);
    }
    if (code == CLI_OK)
        code = out_json(c, json_incref(joined));
    json_decref(joined);
    return code;
}

int
api_call(struct cli *c, const void *values)
{
    const struct api_opts *opts = values;
    ivs_client *client = NULL;
    struct secret text = {0};
    json_t *row = NULL, *input = NULL;
    int code;

    /* A wrong name is said before credentials are looked for. */
    if ((code = describe(c, opts->operation, &row)) != CLI_OK)
        goto out;
    if (opts->paginate && !json_is_object(json_object_get(row, "paginator"))) {
        code = usage(c, "--paginate: %s has no pages", opts->operation);
        goto out;
    }
    if ((code = read_input(c, opts->input, &text, &input)) != CLI_OK ||
        (code = service_open(c, NULL, &client)) != CLI_OK)
        goto out;
    note_other_region(c, client, input);
    code = opts->paginate ? call_pages(c, client, row, input)
                          : call_once(c, client, opts, &text);
out:
    json_decref(row);
    json_decref(input);
    service_close(client);
    secret_free(&text);
    return code;
}
