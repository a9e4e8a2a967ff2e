/* SPDX-License-Identifier: MIT */
/* Keys of an instance of Amazon EC2, from its metadata service (IMDS). Source:
 * Amazon EC2 User Guide, "Use the Instance Metadata Service". */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_document.h"
#include "aws/credentials_provider.h"
#include "base/ascii.h"
#include "base/digest.h"
#include "base/error.h"

#define TOKEN_PATH "/latest/api/token"
#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"
#define TTL_HEADER "x-aws-ec2-metadata-token-ttl-seconds: 21600"
#define TOKEN_NAME "x-aws-ec2-metadata-token: "
#define ROLE_MAX   128

/* Keys that expire so soon are used beyond that: when the service cannot get
 * new ones, AWS goes on to accept the old. As botocore does it. */
#define EXTEND_S    (15 * 60)
#define EXTEND_MIN  120
#define EXTEND_SPAN (480 + 1)

struct instance {
    ivs_provider base;
    ivs_source_context *context;
    ivs_aws_config endpoint;
    bool v1_disabled;
    int timeout_s, attempts;
};

static ivs_status
ask(struct instance *p, const char *method, const char *path,
    const char *header, ivs_source_answer *ret, ivs_error *err)
{
    ivs_buf url = IVS_BUF_INIT;
    ivs_http_request request = {.method = method,
                                .headers = &header,
                                .nheaders = header != NULL ? 1 : 0,
                                .total_timeout_ms = p->timeout_s * 1000};
    ivs_status s;

    ivs_buf_printf(&url, "%s%s", p->endpoint.url, path);
    request.url = url.data;
    s = url.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for a request")
            : ivs_source_send(p->context, &request, p->attempts, ret, err);
    ivs_buf_free(&url);
    return s;
}

/* The header line of version 2; empty where the service only has version 1. */
static ivs_status
get_token(struct instance *p, ivs_buf *ret, ivs_error *err)
{
    ivs_source_answer answer = {0};
    ivs_status s = ask(p, "PUT", TOKEN_PATH, TTL_HEADER, &answer, err);
    int status = answer.status;

    if (s != IVS_OK)
        return s;
    if (status == 200 && answer.body.len > 0 &&
        ivs_is_plain(answer.body.data, answer.body.len)) {
        ivs_buf_puts(ret, TOKEN_NAME);
        ivs_buf_append(ret, answer.body.data, answer.body.len);
    } else if (status == 200) {
        s = ivs_fail(err, IVS_E_CREDENTIALS, "it gave a malformed token");
    } else if (status != 403 && status != 404 && status != 405) {
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "it answered HTTP %d where a token was asked for", status);
    } else if (p->v1_disabled) {
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "it answered HTTP %d where a token was asked for, and "
                     "version 1, which needs none, is disabled",
                     status);
    }
    ivs_buf_free(&answer.body);
    if (s == IVS_OK && ret->failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    return s;
}

/* The name of the role, the first line. IVS_E_NETWORK: there is none. That no
 * answer came, after one to the first request, is another matter. */
static ivs_status
get_role(struct instance *p, const char *token, char ret[ROLE_MAX],
         ivs_error *err)
{
    ivs_source_answer answer = {0};
    ivs_status s = ask(p, "GET", ROLES_PATH, token, &answer, err);
    size_t len = 0;

    if (s != IVS_OK)
        return s == IVS_E_NETWORK ? IVS_E_CREDENTIALS : s;
    if (answer.status == 200)
        len = strcspn(answer.body.data, "\r\n");
    if (answer.status == 404 || (answer.status == 200 && len == 0))
        s = ivs_fail(err, IVS_E_NETWORK, "the instance has no role");
    else if (answer.status != 200)
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "it answered HTTP %d where a role was asked for",
                     answer.status);
    else if (len >= ROLE_MAX || !ivs_is_plain(answer.body.data, len))
        s = ivs_fail(err, IVS_E_CREDENTIALS, "it gave a malformed role name");
    else
        (void)snprintf(ret, ROLE_MAX, "%.*s", (int)len, answer.body.data);
    ivs_buf_free(&answer.body);
    return s;
}

/* A 200 answer, too, may tell a failure. */
static ivs_status
judge(const ivs_source_answer *answer, ivs_provided *ret, ivs_error *err)
{
    const ivs_json_slice object = {answer->body.data, answer->body.len};
    char mem[80] = "";
    ivs_buf code;
    ivs_status s;

    if (answer->status != 200)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "it answered HTTP %d where keys were asked for",
                        answer->status);
    s = ivs_secret_json_check(object.at, object.len, "the answer", err);
    if (s != IVS_OK)
        return s;
    ivs_buf_fixed(&code, mem, sizeof mem);
    if (ivs_document_text(&object, "Code", &code) &&
        strcmp(mem, "Success") != 0)
        return ivs_fail(err, IVS_E_CREDENTIALS, "it has no keys to give: %s",
                        mem);
    return ivs_document_keys(&object, &ivs_document_token, ret, err);
}

static void
extend(const struct instance *p, int64_t *expires_s)
{
    int64_t now = ivs_source_now(p->context);
    uint32_t random = 0;

    if (*expires_s - now >= EXTEND_S)
        return;
    /* Without random bytes the shortest time is the careful one. */
    (void)ivs_random(&random, sizeof random);
    *expires_s = now + EXTEND_S + EXTEND_MIN + random % EXTEND_SPAN;
}

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    struct instance *p = (struct instance *)self;
    ivs_source_answer answer = {0};
    ivs_buf token = IVS_BUF_SECRET, path = IVS_BUF_INIT;
    char role[ROLE_MAX];
    ivs_status s = get_token(p, &token, err);

    if (s == IVS_OK)
        s = get_role(p, token.data, role, err);
    if (s == IVS_OK) {
        ivs_buf_puts(&path, ROLES_PATH);
        ivs_url_encode(&path, role);
        s = path.failed
                ? ivs_fail(err, IVS_E_NOMEM, "out of memory for a request")
                : ask(p, "GET", path.data, token.data, &answer, err);
        if (s == IVS_E_NETWORK)
            s = IVS_E_CREDENTIALS;
    }
    if (s == IVS_OK)
        s = judge(&answer, ret, err);
    if (s == IVS_OK)
        extend(p, &ret->expires_s);
    ivs_buf_free(&answer.body);
    ivs_buf_free(&path);
    ivs_buf_free(&token);
    return s;
}

static void
release(ivs_provider *self)
{
    ivs_aws_config_free(&((struct instance *)self)->endpoint);
}

/* ---- settings ---- */

/* A switch; off where nothing is configured. key may be NULL. */
static ivs_status
read_switch(const ivs_source_place *at, const char *variable, const char *key,
            bool *ret, ivs_error *err)
{
    const char *text = ivs_source_setting(at, variable, key);

    *ret = text != NULL && ivs_ascii_equal_nocase(text, "true");
    if (text == NULL || *ret || ivs_ascii_equal_nocase(text, "false"))
        return IVS_OK;
    return ivs_fail(err, IVS_E_CREDENTIALS,
                    "instance metadata: %s%s%s is \"%.16s\", expected true or "
                    "false",
                    variable, key != NULL ? " or " : "", key != NULL ? key : "",
                    text);
}

static ivs_status
read_number(const ivs_source_place *at, const char *variable, const char *key,
            int *ret, ivs_error *err)
{
    const char *text = ivs_source_setting(at, variable, key);
    size_t n;

    *ret = 1;
    if (text == NULL)
        return IVS_OK;
    n = strspn(text, "0123456789");
    if (n == 0 || n > 2 || text[n] != '\0' || (*ret = atoi(text)) == 0)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "instance metadata: %s or %s is \"%.16s\", expected a "
                        "number from 1 to 99",
                        variable, key, text);
    return IVS_OK;
}

static ivs_status
read_endpoint(const ivs_source_place *at, ivs_aws_config *ret, ivs_error *err)
{
    const char *url =
        ivs_source_setting(at, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                           "ec2_metadata_service_endpoint");
    const char *mode =
        ivs_source_setting(at, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                           "ec2_metadata_service_endpoint_mode");
    bool six = mode != NULL && ivs_ascii_equal_nocase(mode, "ipv6");

    if (mode != NULL && !six && !ivs_ascii_equal_nocase(mode, "ipv4"))
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "instance metadata: the endpoint mode is \"%.16s\", "
                        "expected IPv4 or IPv6",
                        mode);
    if (url == NULL)
        url = six ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    return ivs_endpoint_parse(url, "AWS_EC2_METADATA_SERVICE_ENDPOINT", true,
                              ret, err);
}

static ivs_status
fill(struct instance *p, const ivs_source_place *at, ivs_error *err)
{
    ivs_status s;

    p->base.fetch = fetch;
    p->base.release = release;
    p->context = at->context;
    if ((s = read_switch(at, "AWS_EC2_METADATA_V1_DISABLED",
                         "ec2_metadata_v1_disabled", &p->v1_disabled, err)) !=
            IVS_OK ||
        (s = read_endpoint(at, &p->endpoint, err)) != IVS_OK ||
        (s = read_number(at, "AWS_METADATA_SERVICE_TIMEOUT",
                         "metadata_service_timeout", &p->timeout_s, err)) !=
            IVS_OK)
        return s;
    return read_number(at, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                       "metadata_service_num_attempts", &p->attempts, err);
}

ivs_status
ivs_source_instance(const ivs_source_place *at, ivs_provider **ret,
                    ivs_error *err)
{
    ivs_buf name = IVS_BUF_INIT;
    struct instance *p;
    bool disabled;
    ivs_status s;

    if ((s = read_switch(at, "AWS_EC2_METADATA_DISABLED", NULL, &disabled,
                         err)) != IVS_OK)
        return s;
    if (disabled) {
        ivs_buf_puts(at->why, "AWS_EC2_METADATA_DISABLED is true");
        return IVS_OK;
    }
    ivs_buf_puts(&name, "instance metadata");
    if ((p = ivs_provider_new(sizeof *p, &name, err)) == NULL)
        return IVS_E_NOMEM;
    s = fill(p, at, err);
    if (s == IVS_OK)
        *ret = &p->base;
    else
        ivs_provider_free(&p->base);
    return s;
}
