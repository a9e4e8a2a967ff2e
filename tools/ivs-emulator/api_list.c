/* SPDX-License-Identifier: MIT */
/* Listing in pages. A page's nextToken names the operation and the last
 * resource of the page; clients take it as opaque. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/b64url.h"
#include "base/json.h"

#include "api.h"

#define PAGE_DEFAULT 100

struct page {
    const emu_listing *listing;
    json_t *items;
    size_t max;
    int64_t last; /* number of the last item */
    bool more;
    bool failed;
};

/* OPERATION:NUMBER in base64url. */
static bool
read_token(const emu_call *call, const char *token, int64_t *ret)
{
    size_t name_len = strlen(call->operation->name), len;
    char text[128];
    int64_t n = 0;

    if (!ivs_b64url_decode(token, strlen(token), text, sizeof text - 1, &len))
        return false;
    text[len] = '\0';
    if (len < name_len + 2 || len > name_len + 16 ||
        memcmp(text, call->operation->name, name_len) != 0 ||
        text[name_len] != ':')
        return false;
    for (size_t i = name_len + 1; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        n = n * 10 + (text[i] - '0');
    }
    *ret = n;
    return true;
}

static json_t *
make_token(const emu_call *call, int64_t last)
{
    char text[96], token[IVS_B64URL_LEN(sizeof text) + 1];
    int n =
        snprintf(text, sizeof text, "%s:%" PRId64, call->operation->name, last);

    if (n < 0 || (size_t)n >= sizeof text)
        return NULL;
    ivs_b64url_encode(text, (size_t)n, token);
    token[IVS_B64URL_LEN((size_t)n)] = '\0';
    return json_string(token);
}

static json_t *
summarize(const emu_resource *row, const char *const *members)
{
    json_t *document = NULL, *summary = json_object();

    if (ivs_json_parse(row->document, strlen(row->document), IVS_JSON_OBJECT,
                       "a stored document", &document, NULL, NULL) != IVS_OK) {
        json_decref(summary);
        return NULL;
    }
    for (; *members != NULL; members++) {
        json_t *value = json_object_get(document, *members);

        if (value != NULL && json_object_set(summary, *members, value) != 0) {
            json_decref(summary);
            summary = NULL;
            break;
        }
    }
    json_decref(document);
    return summary;
}

static bool
add_to_page(const emu_resource *row, void *user)
{
    struct page *page = user;

    if (json_array_size(page->items) == page->max) {
        page->more = true;
        return false;
    }
    page->last = row->seq;
    page->failed =
        json_array_append_new(page->items,
                              summarize(row, page->listing->members)) != 0;
    return !page->failed;
}

bool
emu_list(const emu_call *call, const emu_listing *listing, emu_response *res)
{
    const char *token = emu_input_text(call, "nextToken", "");
    struct page page = {
        .listing = listing,
        .items = json_array(),
        .max = (size_t)emu_input_number(call, "maxResults", PAGE_DEFAULT)};
    emu_resource like = {.type = listing->type, .name = listing->name};
    json_t *answer;

    if (*token != '\0' && !read_token(call, token, &like.seq)) {
        json_decref(page.items);
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: nextToken failed to satisfy the "
                          "constraints: it was not handed out by %s",
                          call->operation->name);
    }
    if (!emu_store_list(call->emu->store, call->scope, &like, add_to_page,
                        &page) ||
        page.failed) {
        json_decref(page.items);
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    }
    answer = json_pack("{s:o}", listing->result, page.items);
    if (page.more && json_object_set_new(answer, "nextToken",
                                         make_token(call, page.last)) != 0) {
        json_decref(answer);
        answer = NULL;
    }
    return emu_response_json(res, 200, answer);
}
