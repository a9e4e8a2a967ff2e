/* SPDX-License-Identifier: MIT */
/* api call: any operation of the service. */

#include <stdlib.h>
#include <string.h>

#include "api.h"

#define INPUT_MAX (1024 * 1024)
#define SHOWN_MAX 60

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
    if (strcmp(input, "@") == 0)
        return usage(c, "the input: found @ alone, expected the name of a file "
                        "behind it, as in @input.json");
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
refuse_input(struct cli *c, const char *input, const struct secret *text,
             const json_error_t *error)
{
    int code = is_argument(input) ? CLI_USAGE : CLI_FAILED, len;
    bool named = !is_argument(input) && input[0] == '@';
    const char *of = named ? " in " : "", *file = named ? input + 1 : "", *name;

    switch (json_error_code(error)) {
    case json_error_unknown: /* jansson fails so where an allocation did */
    case json_error_out_of_memory:
        return fail(c, CLI_FAILED, "out of memory reading the input");
    case json_error_duplicate_key:
        name = text_duplicate(text->data, error, &len);
        (void)fail(c, code,
                   "the input%s%s has the member \"%.*s\" twice, at line "
                   "%d, column %d",
                   of, file, len < SHOWN_MAX ? len : SHOWN_MAX, name,
                   error->line, error->column);
        break;
    default:
        (void)fail(c, code,
                   "the input%s%s is not well-formed JSON at line %d, column "
                   "%d",
                   of, file, error->line, error->column);
    }
    if (!is_argument(input) || input[strspn(input, " \t\r\n")] == '{')
        return code;
    if (strncmp(input, "arn:", 4) == 0)
        hint("the input is an object, such as '{\"arn\":\"%.128s\"}'", input);
    else
        hint("to send what is in a file, put @ before its name: @%.60s", input);
    return code;
}

/* The text, which the library judges by the model. */
static int
read_input(struct cli *c, const char *input, struct secret *ret)
{
    json_error_t error;
    json_t *doc;
    bool object;
    int code = find_input(c, input, ret);

    if (code != CLI_OK || input == NULL)
        return code;
    if (ret->len == 0)
        return fail(c, is_argument(input) ? CLI_USAGE : CLI_FAILED,
                    "the input is empty, expected a JSON object such as {}");
    doc = json_loadb(ret->data, ret->len, JSON_REJECT_DUPLICATES, &error);
    if (doc == NULL)
        return refuse_input(c, input, ret, &error);
    object = json_is_object(doc);
    json_decref(doc);
    if (object)
        return CLI_OK;
    return fail(c, is_argument(input) ? CLI_USAGE : CLI_FAILED,
                "the input is not a JSON object, expected one such as {}");
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
    size_t len;
    const char *body = ivs_result_body(result, &len);
    json_t *doc = len == 0 ? json_object() : json_loadb(body, len, 0, NULL);

    if (doc == NULL)
        return fail(c, CLI_REFUSED, "the answer is not a JSON object");
    return out_json(c, doc);
}

/* Input that the library refused before it was sent, as an argument on the
 * command line is. */
static int
refuse_call(struct cli *c, const struct api_opts *opts, const ivs_error *err)
{
    int code = fail_error(c, err);

    if (err->code == IVS_E_FORMAT && is_argument(opts->input))
        code = CLI_USAGE;
    if (err->code != IVS_E_ARG)
        return code;
    if (strstr(err->message, "but the call goes to region") != NULL)
        hint("choose that region with --region, AWS_REGION or the profile");
    else
        hint("its members: ivs-token api describe %s", opts->operation);
    if (!opts->no_validate)
        hint("to leave the check to the service: --no-validate");
    return code;
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
        code = refuse_call(c, opts, &err);
        hint_sent(operation, &err);
    } else {
        if (!only_reads(operation))
            out_done(c, "%s was carried out", operation);
        code = print_answer(c, result);
    }
    ivs_result_free(result);
    return code;
}

/* ---- call --skeleton ---- */

static int
print_skeleton(struct cli *c, const struct api_opts *opts)
{
    const char *with = opts->input != NULL ? "input"
                       : opts->paginate    ? "--paginate"
                       : opts->no_validate ? "--no-validate"
                                           : NULL;
    ivs_error err = {0};
    char *text = NULL;
    json_t *doc;

    if (with != NULL)
        return usage(c, "--skeleton: nothing is sent, so there is no %s", with);
    if (ivs_operation_skeleton(opts->operation, &text, &err) != IVS_OK)
        return fail_error(c, &err);
    doc = json_loads(text, 0, NULL);
    ivs_free(text);
    return out_json(c, doc);
}

int
api_call(struct cli *c, const void *values)
{
    const struct api_opts *opts = values;
    ivs_client *client = NULL;
    struct secret text = {0};
    json_t *row = NULL;
    int code;

    if (opts->skeleton)
        return print_skeleton(c, opts);
    /* A wrong name is said before credentials are looked for. */
    if ((code = api_row(c, opts->operation, &row)) != CLI_OK)
        goto out;
    if (opts->paginate && !json_is_object(json_object_get(row, "paginator"))) {
        code = api_refuse_pages(c, opts->operation);
        goto out;
    }
    c->no_validate = opts->no_validate;
    if ((code = read_input(c, opts->input, &text)) != CLI_OK ||
        (code = service_open(c, NULL, &client)) != CLI_OK)
        goto out;
    code = opts->paginate ? api_pages(c, client, row, &text)
                          : call_once(c, client, opts, &text);
out:
    json_decref(row);
    service_close(client);
    secret_free(&text);
    return code;
}
