/* SPDX-License-Identifier: MIT */
/* Target: ivs_sigv4_canonical_request(). Input: a request: "METHOD PATH?QUERY",
 * lines "Name: value", an empty line, a body. Property: the same bytes come out
 * twice, and the canonical query is its own canonical query. */

#include <string.h>

#include "aws/sigv4.h"
#include "fuzz.h"

#define MAX_HEADERS 64

/* Cut text at the first byte c; what follows, or "". */
static char *
cut(char *text, char c)
{
    char *at = strchr(text, c);

    if (at == NULL)
        return text + strlen(text);
    *at = '\0';
    return at + 1;
}

static size_t
read_headers(char **at, ivs_sigv4_header headers[MAX_HEADERS])
{
    size_t n = 0;

    while (**at != '\0' && **at != '\n' && n < MAX_HEADERS) {
        char *line = *at;

        *at = cut(line, '\n');
        headers[n].value = cut(line, ':');
        headers[n++].name = line;
    }
    return n;
}

/* The third line of a canonical request, on the heap. */
static char *
query_of(const char *canonical)
{
    const char *at = strchr(strchr(canonical, '\n') + 1, '\n') + 1;
    char *query = strndup(at, strcspn(at, "\n"));

    REQUIRE(query != NULL);
    return query;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ivs_buf one = IVS_BUF_INIT, two = IVS_BUF_INIT, three = IVS_BUF_INIT;
    ivs_sigv4_header headers[MAX_HEADERS];
    ivs_sigv4_request request = {.headers = headers, .normalize = size % 2};
    char *text = calloc(size + 1, 1), *at, *path, *query;

    REQUIRE(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    request.method = text;
    at = cut(text, '\n');
    path = cut(text, ' ');
    request.path = path;
    request.query = cut(path, '?');
    request.nheaders = read_headers(&at, headers);
    request.body = at;
    request.body_len = strlen(at);
    if (ivs_sigv4_canonical_request(&request, &one, NULL) == IVS_OK) {
        REQUIRE(ivs_sigv4_canonical_request(&request, &two, NULL) == IVS_OK);
        REQUIRE(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
        query = query_of(one.data);
        request.query = query;
        REQUIRE(ivs_sigv4_canonical_request(&request, &three, NULL) == IVS_OK);
        REQUIRE(strcmp(one.data, three.data) == 0);
        free(query);
    }
    ivs_buf_free(&one);
    ivs_buf_free(&two);
    ivs_buf_free(&three);
    free(text);
    return 0;
}
