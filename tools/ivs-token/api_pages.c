/* SPDX-License-Identifier: MIT */
/* api call --paginate: the list of every page, an element a line. */

#include <string.h>

#include "api.h"

struct pages {
    struct cli *c;
    const char *list; /* the member of each answer */
    size_t pages;
    size_t elements;
    int code;
};

static void
put(struct cli *c, const char *text)
{
    out_bytes(c, text, strlen(text));
}

static void
put_element(struct pages *p, const json_t *element)
{
    put(p->c, p->elements++ > 0 ? ",\n    " : "\n    ");
    p->code = out_json_line(p->c, element);
}

static bool
take_page(const ivs_result *page, void *user)
{
    struct pages *p = user;
    size_t len, i;
    const char *body = ivs_result_body(page, &len);
    json_t *doc = json_loadb(body, len, 0, NULL), *element;

    if (doc == NULL) {
        p->code = fail(p->c, CLI_REFUSED, "the answer is not a JSON object");
        return false;
    }
    if (p->pages++ == 0) {
        put(p->c, "{\n  \"");
        put(p->c, p->list);
        put(p->c, "\": [");
    }
    json_array_foreach(json_object_get(doc, p->list), i,
                       element) if (p->code == CLI_OK) put_element(p, element);
    json_decref(doc);
    return p->code == CLI_OK && p->c->out_errno == 0;
}

int
api_pages(struct cli *c, ivs_client *client, const json_t *row,
          const struct secret *input)
{
    struct pages p = {
        .c = c, .list = api_text(json_object_get(row, "paginator"), "result")};
    ivs_error err = {0};

    if (ivs_client_paginate(client, api_text(row, "name"), input->data,
                            input->len, take_page, &p, &err) != IVS_OK)
        p.code = fail_error(c, &err);
    if (p.code == CLI_OK)
        put(c, p.elements > 0 ? "\n  ]\n}\n" : "]\n}\n");
    else if (p.pages > 0) /* no document: it stays open */
        put(c, "\n");
    return p.code;
}

int
api_refuse_pages(struct cli *c, const char *name)
{
    int code = usage(c, "--paginate: %s has no pages", name);
    char known[512] = "";
    size_t n = 0;

    for (size_t i = 0; i < ivs_operation_count(); i++) {
        json_t *row = NULL;

        if (api_row(c, ivs_operation_name(i), &row) == CLI_OK &&
            json_is_object(json_object_get(row, "paginator")))
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s",
                                  n > 0 ? ", " : "", ivs_operation_name(i));
        json_decref(row);
    }
    hint("these have: %s", known);
    return code;
}
