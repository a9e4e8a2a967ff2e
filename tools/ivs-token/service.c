/* SPDX-License-Identifier: MIT */
/* Calls to the service: which region, with what, and the answer. */

#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* All paginators of the service have tokens of one name and length. */
#define NEXT_TOKEN     "nextToken"
#define NEXT_TOKEN_MAX 1024

static struct canceller canceller;

static void
print_debug(const char *line, void *user)
{
    (void)user;
    (void)fputs("ivs-token: debug: ", stderr);
    text_print(stderr, line, strlen(line));
    (void)fputc('\n', stderr);
}

bool
environment_has(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0';
}

static bool
environment_names_region(void)
{
    return environment_has("AWS_REGION") ||
           environment_has("AWS_DEFAULT_REGION");
}

static void
cancel(void *client)
{
    ivs_client_cancel(client);
}

int
service_open(struct cli *c, const ivs_arn *arn, ivs_client **ret)
{
    ivs_client_options opt;
    ivs_client *client = NULL;
    ivs_error err = {0};
    int code = arn != NULL ? value_check_region(c, arn) : CLI_OK;

    if (code != CLI_OK)
        return code;
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = c->g.region;
    opt.profile = c->g.profile;
    opt.endpoint_url = c->g.endpoint_url;
    opt.ca_bundle = c->g.ca_bundle;
    opt.max_attempts = c->max_attempts;
    if (opt.region == NULL && arn != NULL && !environment_names_region())
        opt.region = arn->region;
    if (c->g.debug)
        opt.debug = print_debug;
    if (ivs_client_new(&opt, &client, &err) != IVS_OK) {
        code = fail_error(c, &err);
        /* All files that are read here are configuration. */
        return err.code == IVS_E_IO ? CLI_CONFIG : code;
    }
    if (arn != NULL && strcmp(arn->region, ivs_client_region(client)) != 0) {
        code = value_other_region(c, arn, "the environment's region",
                                  ivs_client_region(client));
        ivs_client_free(client);
        return code;
    }
    canceller = (struct canceller){cancel, client};
    signals_cancel(&canceller);
    *ret = client;
    return CLI_OK;
}

void
service_close(ivs_client *client)
{
    signals_cancel(NULL);
    ivs_client_free(client);
}

/* An answer without a body counts as {}. */
static ivs_status
read_answer(const ivs_result *result, json_t **ret, ivs_error *err)
{
    size_t len;
    const char *body = ivs_result_body(result, &len);
    json_t *doc = len == 0 ? json_object() : json_loadb(body, len, 0, NULL);

    if (json_is_object(doc)) {
        *ret = doc;
        return IVS_OK;
    }
    json_decref(doc);
    err->code = IVS_E_SERVICE;
    err->http_status = ivs_result_status(result);
    (void)snprintf(err->message, sizeof err->message,
                   "the answer is not a JSON object, as one was expected");
    return err->code;
}

ivs_status
service_call(ivs_client *client, const char *operation, const json_t *input,
             json_t **ret, ivs_error *err)
{
    char *text = input != NULL ? json_dumps(input, JSON_COMPACT) : NULL;
    ivs_result *result = NULL;
    ivs_status s;

    if (input != NULL && (text == NULL || json_memory_failed())) {
        free(text);
        err->code = IVS_E_NOMEM;
        (void)snprintf(err->message, sizeof err->message, "out of memory");
        return err->code;
    }
    s = ivs_client_call(client, operation, text,
                        text != NULL ? strlen(text) : 0, &result, err);
    if (s == IVS_OK)
        s = read_answer(result, ret, err);
    ivs_result_free(result);
    free(text);
    return s;
}

int
service_next_page(struct cli *c, const json_t *answer, json_t *input,
                  bool *ret_more)
{
    json_t *token = json_object_get(answer, NEXT_TOKEN);
    const char *text = json_string_value(token);
    bool more = text != NULL && text[0] != '\0';

    if (token != NULL && !json_is_null(token) && text == NULL)
        return fail(c, CLI_REFUSED,
                    "the answer has a " NEXT_TOKEN " that is not text");
    if (more && text_count(text, strlen(text)) > NEXT_TOKEN_MAX)
        return fail(c, CLI_REFUSED,
                    "the answer has a " NEXT_TOKEN " of more than %d "
                    "characters",
                    NEXT_TOKEN_MAX);
    if (more && json_equal(token, json_object_get(input, NEXT_TOKEN)))
        return fail(c, CLI_REFUSED,
                    "the service gave the same " NEXT_TOKEN " twice");
    if (more && json_object_set(input, NEXT_TOKEN, token) != 0)
        return fail(c, CLI_FAILED, "out of memory joining pages");
    *ret_more = more;
    return CLI_OK;
}
