/* SPDX-License-Identifier: MIT */
/* Keys of a container: Amazon ECS, EKS Pod Identity and what is like them.
 * Source: AWS SDKs and Tools Reference Guide, "Container credential
 * provider". */

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_document.h"
#include "aws/credentials_provider.h"
#include "base/error.h"
#include "base/file.h"

#define RELATIVE   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL       "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN      "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

#define HOST       "http://169.254.170.2"
#define TOKEN_MAX  (16 * 1024)
#define TIMEOUT_MS 2000
#define ATTEMPTS   3

struct container {
    ivs_provider base;
    ivs_source_context *context;
    char *url;
    char *token_file; /* NULL: the token, if any */
    ivs_buf token;    /* secret */
};

/* It is sent as it is: what a header cannot carry is refused, not repaired. */
static ivs_status
check_token(const ivs_buf *token, const char *source, ivs_error *err)
{
    for (size_t i = 0; i < token->len; i++) {
        unsigned char c = (unsigned char)token->data[i];

        if (c == '\r' || c == '\n')
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "the token of %s holds a line end, expected none; "
                            "is there one at its end?",
                            source);
        if (c < ' ' || c >= 0x7f)
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "the token of %s holds a byte that no header may "
                            "carry, expected printable ASCII",
                            source);
    }
    return IVS_OK;
}

/* The header line, empty where there is no token. */
static ivs_status
make_header(const struct container *c, ivs_buf *ret, ivs_error *err)
{
    ivs_buf read = IVS_BUF_SECRET;
    const ivs_buf *token = &c->token;
    ivs_status s = IVS_OK;

    if (c->token_file != NULL) {
        s = ivs_file_read(c->token_file, TOKEN_MAX, &read, err);
        token = &read;
    }
    if (s == IVS_OK)
        s = check_token(token, c->token_file != NULL ? TOKEN_FILE : TOKEN, err);
    if (s == IVS_OK && token->len > 0) {
        ivs_buf_puts(ret, "Authorization: ");
        ivs_buf_append(ret, token->data, token->len);
    }
    ivs_buf_free(&read);
    if (s == IVS_OK && ret->failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    return s;
}

static ivs_status
judge(const ivs_source_answer *answer, ivs_provided *ret, ivs_error *err)
{
    const ivs_json_slice object = {answer->body.data, answer->body.len};
    ivs_status s;

    if (answer->status != 200)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the server answered HTTP %d, expected 200",
                        answer->status);
    s = ivs_secret_json_check(object.at, object.len, "the answer", err);
    return s == IVS_OK
               ? ivs_document_keys(&object, &ivs_document_token, ret, err)
               : s;
}

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    struct container *c = (struct container *)self;
    ivs_buf authorization = IVS_BUF_SECRET;
    ivs_source_answer answer = {0};
    const char *headers[2] = {"Accept: application/json"};
    ivs_http_request request = {.method = "GET",
                                .url = c->url,
                                .headers = headers,
                                .nheaders = 1,
                                .total_timeout_ms = TIMEOUT_MS};
    ivs_status s = make_header(c, &authorization, err);

    if (s == IVS_OK) {
        if (authorization.len > 0)
            headers[request.nheaders++] = authorization.data;
        s = ivs_source_send(c->context, &request, ATTEMPTS, &answer, err);
    }
    if (s == IVS_OK)
        s = judge(&answer, ret, err);
    ivs_buf_free(&answer.body);
    ivs_buf_free(&authorization);
    return s;
}

static void
release(ivs_provider *self)
{
    struct container *c = (struct container *)self;

    free(c->url);
    free(c->token_file);
    ivs_buf_free(&c->token);
}

/* The URL, where one is configured. */
static ivs_status
find_url(const ivs_environment *env, ivs_buf *ret, ivs_error *err)
{
    const char *path = ivs_environment_get(env, RELATIVE);
    const char *url = ivs_environment_get(env, FULL);

    if (path != NULL && path[0] != '/')
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "container: " RELATIVE " does not begin with a slash");
    if (path != NULL)
        ivs_buf_puts(ret, HOST);
    if (path != NULL || url != NULL)
        ivs_buf_puts(ret, path != NULL ? path : url);
    if (ret->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    if (ret->len == 0)
        return IVS_OK;
    return ivs_endpoint_check_container(ret->data,
                                        path != NULL ? RELATIVE : FULL, err);
}

static ivs_status
fill(struct container *c, const ivs_environment *env, ivs_buf *url,
     ivs_error *err)
{
    const char *file = ivs_environment_get(env, TOKEN_FILE);
    const char *token = ivs_environment_get(env, TOKEN);

    c->base.fetch = fetch;
    c->base.release = release;
    c->token = IVS_BUF_SECRET;
    c->url = ivs_buf_steal(url, NULL);
    ivs_buf_puts(&c->token, token == NULL ? "" : token);
    if (file != NULL)
        c->token_file = strdup(file);
    if (c->url == NULL || c->token.failed ||
        (file != NULL && c->token_file == NULL))
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    return IVS_OK;
}

ivs_status
ivs_source_container(const ivs_source_place *at, ivs_provider **ret,
                     ivs_error *err)
{
    ivs_buf url = IVS_BUF_INIT, name = IVS_BUF_INIT;
    struct container *c;
    ivs_status s;

    if ((s = find_url(at->env, &url, err)) != IVS_OK || url.len == 0) {
        if (s == IVS_OK)
            ivs_buf_puts(at->why, "neither " RELATIVE " nor " FULL " is set");
        ivs_buf_free(&url);
        return s;
    }
    ivs_buf_puts(&name, "container");
    if ((c = ivs_provider_new(sizeof *c, &name, err)) == NULL) {
        ivs_buf_free(&url);
        return IVS_E_NOMEM;
    }
    c->context = at->context;
    s = fill(c, at->env, &url, err);
    if (s == IVS_OK)
        *ret = &c->base;
    else
        ivs_provider_free(&c->base);
    return s;
}
