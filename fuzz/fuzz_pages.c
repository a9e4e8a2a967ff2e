/* SPDX-License-Identifier: MIT */
/* Target: ivs_client_paginate(). Input: bodies of answers, each ended by a line
 * end; the last comes again and again. Property: it ends, whatever the tokens;
 * each page that is handed on has its list; each request has the token of the
 * page before; messages are clean UTF-8. */

#include <jansson.h>
#include <string.h>

#include <ivs/client.h>

#include "base/utf8.h"
#include "fuzz.h"

static const char *next, *end;
static size_t bodies, sent;
static json_t *token; /* of the page that was handed on last */

static ivs_status
play(const ivs_http_request *request, const ivs_http_sink *sink,
     int *ret_status, void *user, ivs_error *err)
{
    const char *stop = memchr(next, '\n', (size_t)(end - next));
    json_t *input = json_loadb(request->body, request->body_len, 0, NULL);
    size_t len = (size_t)((stop != NULL ? stop : end) - next);

    (void)user, (void)err;
    REQUIRE(json_is_object(input));
    REQUIRE(json_equal(json_object_get(input, "nextToken"), token) ||
            (sent == 0 && json_object_size(input) == 0));
    json_decref(input);
    REQUIRE(++sent <= 3 * bodies + 8);
    if (len > 0 && !sink->body(next, len, sink->user))
        return IVS_E_NETWORK;
    if (stop != NULL && stop + 1 < end)
        next = stop + 1;
    *ret_status = 200;
    return IVS_OK;
}

static bool
take(const ivs_result *page, void *user)
{
    size_t len;
    const char *body = ivs_result_body(page, &len);
    json_t *doc = json_loadb(body, len, JSON_DECODE_INT_AS_REAL, NULL);

    (void)user;
    REQUIRE(json_is_array(json_object_get(doc, "channels")));
    json_decref(token);
    token = json_incref(json_object_get(doc, "nextToken"));
    json_decref(doc);
    return true;
}

static ivs_client *
make_client(void)
{
    static ivs_credentials *credentials;
    ivs_client *client = NULL;
    ivs_client_options opt;

    REQUIRE(setenv("AWS_CONFIG_FILE", "/dev/null", 1) == 0 &&
            setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1) == 0);
    REQUIRE(unsetenv("AWS_PROFILE") == 0);
    REQUIRE(ivs_credentials_static("AKID", "0123456789abcdef", NULL,
                                   &credentials, NULL) == IVS_OK);
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "https://ivs.us-west-2.amazonaws.com";
    opt.credentials = credentials;
    opt.transport.send = play;
    opt.max_attempts = 1;
    REQUIRE(ivs_client_new(&opt, &client, NULL) == IVS_OK);
    return client;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ivs_client *client;
    ivs_error err = {.code = IVS_OK};
    ivs_status s;

    if (client == NULL)
        client = make_client();
    next = size > 0 ? (const char *)data : "";
    end = next + size;
    bodies = 1;
    for (size_t i = 0; i < size; i++)
        bodies += data[i] == '\n';
    sent = 0;
    s = ivs_client_paginate(client, "ListChannels", NULL, 0, take, NULL, &err);
    REQUIRE(s == IVS_OK || err.code == s);
    REQUIRE(ivs_utf8_valid(err.message, strlen(err.message), NULL));
    json_decref(token);
    token = NULL;
    return 0;
}
