/* SPDX-License-Identifier: MIT */
/* Taking an answer in and telling what it means. */

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json.h"
#include "service/client_impl.h"

/* What an error answer says. */
struct fault {
    char code[64];
    char message[192];
};

/* A cut falls in front of a character. */
static void
copy_value(char *dst, size_t cap, const char *value, size_t len)
{
    if (len >= cap) {
        len = cap - 1;
        while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(dst, value, len);
    dst[len] = '\0';
}

/* What is too long for its place is not what belongs there; a part of it could
 * be a part of a secret. */
static void
copy_whole(char *dst, size_t cap, const char *value, size_t len)
{
    copy_value(dst, cap, value, len < cap ? len : 0);
}

/* Names and ids of the service; anything else in their place is dropped. */
static void
keep_plain(char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._~+/=";

    if (text[strspn(text, plain)] != '\0')
        text[0] = '\0';
}

bool
ivs_answer_header(const char *name, size_t name_len, const char *value,
                  size_t value_len, ivs_answer *answer)
{
    const struct {
        const char *name;
        char *dst;
        size_t cap;
    } wanted[] = {
        {"x-amzn-errortype", answer->error_type, sizeof answer->error_type},
        {"x-amzn-requestid", answer->request_id, sizeof answer->request_id},
        {"content-type", answer->content_type, sizeof answer->content_type},
        {"x-amz-retry-after", answer->retry_after, sizeof answer->retry_after},
    };

    answer->header_bytes += name_len + value_len + 4;
    if (answer->header_bytes > IVS_ANSWER_HEADER_MAX) {
        answer->too_large = true;
        return false;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strlen(wanted[i].name) == name_len &&
            ivs_ascii_starts_equal_nocase(wanted[i].name, name, name_len))
            copy_whole(wanted[i].dst, wanted[i].cap, value, value_len);
    keep_plain(answer->request_id);
    return true;
}

bool
ivs_answer_body(const char *data, size_t len, ivs_answer *answer)
{
    if (len > IVS_ANSWER_BODY_MAX - answer->body.len) {
        answer->too_large = true;
        return false;
    }
    ivs_buf_append(&answer->body, data, len);
    return !answer->body.failed;
}

void
ivs_answer_free(ivs_answer *answer)
{
    ivs_buf_free(&answer->body);
    *answer = (ivs_answer){0};
}

/* "aws.ivs#Name:http://…" means Name, as the AWS SDKs read it. */
static void
set_code(struct fault *f, const char *text)
{
    size_t len = strcspn(text, ",:");
    const char *hash;

    while ((hash = memchr(text, '#', len)) != NULL) {
        len -= (size_t)(hash + 1 - text);
        text = hash + 1;
    }
    copy_whole(f->code, sizeof f->code, text, len);
    keep_plain(f->code);
}

static const char *
first_string(const json_t *object, const char *const *names)
{
    const char *text = NULL;

    for (; text == NULL && *names != NULL; names++)
        text = json_string_value(json_object_get(object, *names));
    return text;
}

bool
ivs_answer_holds_secret(const ivs_client *client, const char *text)
{
    return ivs_credentials_are_in(client->credentials, text) ||
           strstr(text, "Signature=") != NULL;
}

void
ivs_answer_redact(const ivs_client *client, ivs_answer *answer)
{
    char *const texts[] = {answer->error_type, answer->request_id,
                           answer->content_type};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i][0] != '\0' && ivs_answer_holds_secret(client, texts[i]))
            texts[i][0] = '\0';
}

static void
read_fault(const ivs_client *client, const ivs_answer *answer, struct fault *f)
{
    static const char *const codes[] = {"code", "Code", "__type", NULL};
    static const char *const messages[] = {"exceptionMessage", "message",
                                           "Message", NULL};
    json_t *body = NULL;
    const char *text;

    *f = (struct fault){0};
    set_code(f, answer->error_type);
    if (answer->body.len == 0 ||
        ivs_json_parse(answer->body.data, answer->body.len,
                       IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS, "answer", &body,
                       NULL, NULL) != IVS_OK)
        return;
    text = first_string(body, codes);
    if (f->code[0] == '\0' && text != NULL &&
        !ivs_answer_holds_secret(client, text))
        set_code(f, text);
    text = first_string(body, messages);
    if (text != NULL && ivs_answer_holds_secret(client, text))
        text = "(not shown: it repeats credentials)";
    if (text != NULL)
        copy_value(f->message, sizeof f->message, text, strlen(text));
    json_decref(body);
}

static bool
is_one_of(const char *code, const char *const *codes)
{
    for (; *codes != NULL; codes++)
        if (strcmp(code, *codes) == 0)
            return true;
    return false;
}

/* The lists of the AWS SDKs. */
static ivs_verdict
classify(int status, const char *code)
{
    static const char *const throttling[] = {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        NULL};
    static const char *const transient[] = {"RequestTimeout",
                                            "RequestTimeoutException", NULL};

    if (status == 429 || is_one_of(code, throttling))
        return IVS_VERDICT_THROTTLED;
    if (status == 500 || status == 502 || status == 503 || status == 504 ||
        is_one_of(code, transient))
        return IVS_VERDICT_TRANSIENT;
    return IVS_VERDICT_FINAL;
}

static ivs_status
fail_answer(const ivs_answer *answer, ivs_status code, const char *aws_code,
            ivs_error *err)
{
    if (err == NULL)
        return code;
    err->http_status = answer->status;
    copy_value(err->aws_code, sizeof err->aws_code, aws_code, strlen(aws_code));
    copy_value(err->request_id, sizeof err->request_id, answer->request_id,
               strlen(answer->request_id));
    return code;
}

static ivs_status
fail_refused(const ivs_client *client, const ivs_operation *op,
             const ivs_answer *answer, ivs_verdict *ret_verdict, ivs_error *err)
{
    ivs_status code = IVS_E_SERVICE;
    struct fault f;

    read_fault(client, answer, &f);
    *ret_verdict = classify(answer->status, f.code);
    if (*ret_verdict == IVS_VERDICT_THROTTLED)
        code = IVS_E_THROTTLED;
    if (f.code[0] == '\0' && f.message[0] == '\0')
        (void)ivs_fail(err, code,
                       "the server at %s answered %s with %d and no AWS error "
                       "(%.40s)",
                       client->config.host, op->name, answer->status,
                       answer->content_type[0] != '\0' ? answer->content_type
                                                       : "no content type");
    else
        (void)ivs_fail(err, code, "%s: %d %s%s%s", op->name, answer->status,
                       f.code, f.message[0] != '\0' ? ": " : "", f.message);
    return fail_answer(answer, code, f.code, err);
}

static ivs_status
fail_not_json(const ivs_client *client, const ivs_answer *answer,
              ivs_error *err)
{
    if (answer->content_type[0] != '\0' &&
        !ivs_ascii_starts_equal_nocase(answer->content_type, "application/json",
                                       16))
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "the server at %s answered %d with %s, not JSON: is "
                       "that the endpoint?",
                       client->config.host, answer->status,
                       answer->content_type);
    else
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "the server at %s answered %d, but its body is not one "
                       "JSON object: is that the endpoint?",
                       client->config.host, answer->status);
    return fail_answer(answer, IVS_E_SERVICE, "", err);
}

/* A success has an empty body or one JSON object, as its row says. */
static ivs_status
check_success(const ivs_client *client, const ivs_operation *op,
              const ivs_answer *answer, ivs_error *err)
{
    json_t *body = NULL;
    ivs_status s;

    if (answer->body.len > 0) {
        s = ivs_json_parse(answer->body.data, answer->body.len,
                           IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS, "its body",
                           &body, NULL, err);
        if (s != IVS_OK)
            return s == IVS_E_NOMEM ? s : fail_not_json(client, answer, err);
    }
    s = ivs_operation_check_answer(op, body, err);
    json_decref(body);
    return s == IVS_OK ? s : fail_answer(answer, s, "", err);
}

ivs_status
ivs_answer_judge(const ivs_client *client, const ivs_operation *op,
                 const ivs_answer *answer, ivs_verdict *ret_verdict,
                 ivs_error *err)
{
    *ret_verdict = IVS_VERDICT_FINAL;
    /* The service's guide and its model disagree on which of the two some
     * operations answer with. */
    if (answer->status == 200 || answer->status == 204)
        return check_success(client, op, answer, err);
    if (answer->status >= 400 && answer->status <= 599)
        return fail_refused(client, op, answer, ret_verdict, err);
    if (answer->status >= 300 && answer->status <= 399)
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "the server at %s answered with a redirect (%d), which "
                       "is never followed: is that the endpoint?",
                       client->config.host, answer->status);
    else
        (void)ivs_fail(err, IVS_E_SERVICE,
                       "the server at %s answered %s with %d, expected %d",
                       client->config.host, op->name, answer->status,
                       op->status);
    return fail_answer(answer, IVS_E_SERVICE, "", err);
}
