/* SPDX-License-Identifier: MIT */
/* Telling what an answer means. */

#include <string.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json.h"
#include "service/client_impl.h"

/* The service takes signatures of some 5 minutes around its own time. */
#define SKEW_S (4 * 60)

/* What an error answer says. */
struct fault {
    char code[64];
    char message[192];
};

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
    ivs_answer_word(f->code, sizeof f->code, text, len);
}

static const char *
first_string(const json_t *object, const char *const *names)
{
    const char *text = NULL;

    for (; text == NULL && *names != NULL; names++)
        text = json_string_value(json_object_get(object, *names));
    return text;
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
    /* Below a first line there are details, of which a part is no use. */
    if (text != NULL)
        ivs_answer_text(f->message, sizeof f->message, text,
                        strcspn(text, "\r\n"));
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
/* It is the time for certain... */
static const char *const time_is_wrong[] = {
    "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed", NULL};
/* ...or may be. Every other 401 and 403 may be, too. */
static const char *const time_may_be_wrong[] = {
    "AccessDeniedException", "AuthFailure", "InvalidSignatureException",
    "SignatureDoesNotMatch", NULL};
static const char *const keys_are_stale[] = {"ExpiredToken",
                                             "ExpiredTokenException",
                                             "InvalidClientTokenId",
                                             "RequestExpired",
                                             "TokenRefreshRequired",
                                             "UnrecognizedClientException",
                                             NULL};

bool
ivs_code_is_throttling(const char *code)
{
    return is_one_of(code, throttling);
}

bool
ivs_code_is_transient(const char *code)
{
    return is_one_of(code, transient);
}

/* Whether a request signed at another time may be let in. */
static bool
blames_clock(const ivs_answer *answer, const struct fault *f)
{
    bool denied = answer->status == 401 || answer->status == 403;

    if (is_one_of(f->code, time_is_wrong))
        return true;
    if (!denied && !is_one_of(f->code, time_may_be_wrong))
        return false;
    return answer->skew_s >= SKEW_S ||
           strncmp(f->message, "Signature expired", 17) == 0 ||
           strncmp(f->message, "Signature not yet current", 25) == 0;
}

static unsigned
classify(const ivs_answer *answer, const struct fault *f)
{
    int status = answer->status;
    unsigned means = 0;

    if (status == 429 || ivs_code_is_throttling(f->code))
        return IVS_MEANS_THROTTLED;
    if (status == 500 || status == 502 || status == 503 || status == 504 ||
        ivs_code_is_transient(f->code))
        return IVS_MEANS_TRANSIENT;
    if (status == 404 && strcmp(f->code, "ResourceNotFoundException") == 0)
        return IVS_MEANS_GONE;
    if (status >= 500)
        return 0;
    if (blames_clock(answer, f))
        means |= IVS_MEANS_CLOCK;
    if (is_one_of(f->code, keys_are_stale))
        means |= IVS_MEANS_KEYS;
    return means;
}

static ivs_status
fail_answer(const ivs_answer *answer, ivs_status code, const char *aws_code,
            ivs_error *err)
{
    if (err == NULL)
        return code;
    err->http_status = answer->status;
    ivs_answer_text(err->aws_code, sizeof err->aws_code, aws_code,
                    strlen(aws_code));
    ivs_answer_text(err->request_id, sizeof err->request_id, answer->request_id,
                    strlen(answer->request_id));
    return code;
}

static ivs_status
fail_refused(const ivs_client *client, const ivs_operation *op,
             const ivs_answer *answer, unsigned *ret_means, ivs_error *err)
{
    ivs_status code = IVS_E_SERVICE;
    struct fault f;

    read_fault(client, answer, &f);
    *ret_means = classify(answer, &f);
    if ((*ret_means & IVS_MEANS_THROTTLED) != 0)
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
                 const ivs_answer *answer, unsigned *ret_means, ivs_error *err)
{
    *ret_means = 0;
    /* The service's guide and its model disagree on which of the two some
     * operations answer with. */
    if (answer->status == 200 || answer->status == 204)
        return check_success(client, op, answer, err);
    if (answer->status >= 400 && answer->status <= 599)
        return fail_refused(client, op, answer, ret_means, err);
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
