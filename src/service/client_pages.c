/* SPDX-License-Identifier: MIT */
/* All pages of a list, one after the other. */

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "service/client_impl.h"
#include "service/operations_pattern.h"

/*
 * Brent's way to notice that tokens go round in a circle, however long it is,
 * while holding one of them: each is compared with the one kept, which the
 * second, fourth, eighth, ... token takes the place of.
 */
struct circle {
    json_t *kept;
    size_t steps, limit;
};

static bool
goes_round(struct circle *c, json_t *token)
{
    if (json_equal(c->kept, token))
        return true;
    if (++c->steps >= c->limit) {
        json_decref(c->kept);
        c->kept = json_incref(token);
        c->steps = 0;
        c->limit *= 2;
    }
    return false;
}

static ivs_status
refuse_operation(const ivs_operation *op, ivs_error *err)
{
    char known[256] = "";
    size_t n = 0;

    for (size_t i = 0; i < ivs_operation_count(); i++) {
        const ivs_operation *o = ivs_operation_find(ivs_operation_name(i));

        if (o->answer == IVS_ANSWER_PAGE)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s",
                                  n > 0 ? ", " : "", o->name);
    }
    return ivs_fail(err, IVS_E_ARG, "%s has no pages, expected one of %s",
                    op->name, known);
}

/* As the input takes it, or else the next call would be refused. */
static bool
is_token(const ivs_operation *op, const char *text)
{
    const ivs_member *m = op->input;

    while (strcmp(m->name, IVS_PAGE_TOKEN) != 0)
        m++;
    return strlen(text) <= IVS_PAGE_TOKEN_MAX &&
           ivs_pattern_match(m->shape->pattern, text, strlen(text));
}

/* The token of the page behind an answer; *ret stays NULL for the last. */
static ivs_status
read_token(const ivs_operation *op, const ivs_result *page, json_t **ret,
           ivs_error *err)
{
    json_t *body = NULL, *token;
    const char *text;
    ivs_status s = ivs_json_parse(page->body.data, page->body.len,
                                  IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                                  "the answer", &body, NULL, err);

    if (s != IVS_OK)
        return s;
    token = json_object_get(body, IVS_PAGE_TOKEN);
    text = json_string_value(token);
    if (token != NULL && !json_is_null(token) &&
        (text == NULL || !is_token(op, text)))
        s = ivs_fail_member(err, IVS_E_SERVICE, IVS_PAGE_TOKEN,
                            "the answer to %s has a " IVS_PAGE_TOKEN
                            " that is no text of up to %d characters of "
                            "base64",
                            op->name, IVS_PAGE_TOKEN_MAX);
    else if (text != NULL && text[0] != '\0')
        *ret = json_incref(token);
    json_decref(body);
    return s;
}

/* One page to the callback. *ret_more says whether another is wanted; its token
 * is then in the input. */
static ivs_status
one_page(ivs_client *client, const ivs_operation *op, json_t *input,
         struct circle *circle, ivs_page_function *on_page, void *user,
         bool *ret_more, ivs_error *err)
{
    ivs_buf text = IVS_BUF_INIT;
    ivs_result *page = NULL;
    json_t *token = NULL;
    ivs_status s;

    ivs_json_append(&text, input, false);
    if (text.failed) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
        goto out;
    }
    if ((s = ivs_client_call(client, op->name, text.data, text.len, &page,
                             err)) != IVS_OK ||
        (s = read_token(op, page, &token, err)) != IVS_OK)
        goto out;
    if (token != NULL && goes_round(circle, token)) {
        s = ivs_fail_member(err, IVS_E_SERVICE, IVS_PAGE_TOKEN,
                            "the service gave the same " IVS_PAGE_TOKEN
                            " twice, so that the pages of %s would not end",
                            op->name);
        goto out;
    }
    if (token != NULL && json_object_set(input, IVS_PAGE_TOKEN, token) != 0) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
        goto out;
    }
    *ret_more = on_page(page, user) && token != NULL;
out:
    json_decref(token);
    ivs_result_free(page);
    ivs_buf_free(&text);
    return s;
}

ivs_status
ivs_client_paginate(ivs_client *client, const char *operation, const char *json,
                    size_t len, ivs_page_function *on_page, void *user,
                    ivs_error *err)
{
    const ivs_operation *op;
    struct circle circle = {.limit = 1};
    json_t *input = NULL;
    bool more = true;
    ivs_status s;

    if (client == NULL || operation == NULL || on_page == NULL)
        return ivs_fail(err, IVS_E_ARG, "client, operation or on_page is NULL");
    if ((s = ivs_operation_get(operation, &op, err)) != IVS_OK)
        return s;
    if (op->answer != IVS_ANSWER_PAGE)
        return refuse_operation(op, err);
    if ((s = ivs_call_parse(op, json, len, &input, err)) != IVS_OK)
        return s;
    circle.kept = json_incref(json_object_get(input, IVS_PAGE_TOKEN));
    for (size_t n = 1; s == IVS_OK && more; n++) {
        s = one_page(client, op, input, &circle, on_page, user, &more, err);
        if (s != IVS_OK && n > 1)
            ivs_error_context(err, "page %zu", n);
    }
    json_decref(circle.kept);
    json_decref(input);
    return s;
}
