/* SPDX-License-Identifier: MIT */
/* Listing in pages. A page's nextToken names the operation and the last item of
 * the page; clients take it as opaque. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/b64url.h"
#include "base/json.h"

#include "api.h"

#define PAGE_DEFAULT 100

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
make_token(const emu_call *call, int64_t place)
{
    char text[96], token[IVS_B64URL_LEN(sizeof text) + 1];
    int n = snprintf(text, sizeof text, "%s:%" PRId64, call->operation->name,
                     place);

    if (n < 0 || (size_t)n >= sizeof text)
        return NULL;
    ivs_b64url_encode(text, (size_t)n, token);
    token[IVS_B64URL_LEN((size_t)n)] = '\0';
    return json_string(token);
}

bool
emu_page_begin(const emu_call *call, emu_page *page, emu_response *res)
{
    const char *token = emu_input_text(call, "nextToken", "");

    *page = (emu_page){
        .max = (size_t)emu_input_number(call, "maxResults", PAGE_DEFAULT)};
    if (*token != '\0' && !read_token(call, token, &page->place))
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: nextToken failed to satisfy the "
                          "constraints: it was not handed out by %s",
                          call->operation->name);
    page->items = json_array();
    return true;
}

bool
emu_page_has_room(emu_page *page)
{
    page->more = json_array_size(page->items) == page->max;
    return !page->more;
}

bool
emu_page_add(emu_page *page, json_t *item, int64_t seq)
{
    page->place = seq;
    page->failed = json_array_append_new(page->items, item) != 0;
    return !page->failed;
}

bool
emu_page_end(const emu_call *call, emu_page *page, bool listed,
             const char *result, emu_response *res)
{
    json_t *answer;

    if (!listed || page->failed) {
        json_decref(page->items);
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    }
    answer = json_pack("{s:o}", result, page->items);
    if (page->more && json_object_set_new(answer, "nextToken",
                                          make_token(call, page->place)) != 0) {
        json_decref(answer);
        answer = NULL;
    }
    return emu_response_json(res, 200, answer);
}

json_t *
emu_summary(const char *document, const char *const *members)
{
    json_t *whole = NULL, *summary = json_object();

    if (ivs_json_parse(document, strlen(document), IVS_JSON_OBJECT,
                       "a stored document", &whole, NULL, NULL) != IVS_OK) {
        json_decref(summary);
        return NULL;
    }
    for (; *members != NULL; members++) {
        json_t *value = json_object_get(whole, *members);

        if (value != NULL && json_object_set(summary, *members, value) != 0) {
            json_decref(summary);
            summary = NULL;
            break;
        }
    }
    json_decref(whole);
    return summary;
}

struct listed {
    emu_page page;
    const char *const *members;
};

static bool
add_resource(const emu_resource *row, void *user)
{
    struct listed *listed = user;

    return emu_page_has_room(&listed->page) &&
           emu_page_add(&listed->page,
                        emu_summary(row->document, listed->members), row->seq);
}

bool
emu_list(const emu_call *call, const emu_listing *listing, emu_response *res)
{
    struct listed listed = {.members = listing->members};
    emu_filter filter = listing->filter;
    bool done;

    if (!emu_page_begin(call, &listed.page, res))
        return false;
    filter.after = listed.page.place;
    done = emu_store_list(call->emu->store, call->scope, &filter, add_resource,
                          &listed);
    return emu_page_end(call, &listed.page, done, listing->result, res);
}

bool
emu_batch_get(const emu_call *call, const char *result, emu_show_fn show,
              emu_response *res)
{
    json_t *found = json_array(), *errors = json_array(), *arn;
    size_t i;

    json_array_foreach(json_object_get(call->input, "arns"), i, arn)
    {
        json_t *document = NULL;
        emu_lookup lookup = EMU_LOOKUP_FAULT;

        if (!emu_fault_hits(&res->fault, i))
            lookup = emu_find(call, call->about, json_string_value(arn),
                              &document, NULL);
        if (lookup == EMU_LOOKUP_FOUND)
            (void)json_array_append_new(found, show(call, document));
        else
            (void)json_array_append_new(
                errors, json_pack("{s:O, s:o, s:s}", "arn", arn, "code",
                                  emu_lookup_code(lookup, res), "message",
                                  emu_lookup_message(lookup)));
    }
    if (json_array_size(found) + json_array_size(errors) != i) {
        json_decref(found);
        json_decref(errors);
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    return emu_response_json(
        res, 200, json_pack("{s:o, s:o}", result, found, "errors", errors));
}
