/* SPDX-License-Identifier: MIT */
/* The two revocation calls. A pair counts as acknowledged only when a complete
 * answer of the documented form says so. */

#include <ivs/revoke.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "service/client_impl.h"
#include "service/revoke_run.h"

#define VIEWER_ID_MAX 40

static ivs_status
check_channel(const char *region, const char *text, ivs_error *err)
{
    ivs_arn arn;

    if (text == NULL)
        return ivs_fail_member(err, IVS_E_ARG, "channel_arn",
                               "the channel ARN is missing");
    if (ivs_arn_parse(text, strlen(text), &arn, err) != IVS_OK) {
        if (err != NULL) {
            err->code = IVS_E_ARG;
            (void)snprintf(err->member, sizeof err->member, "channel_arn");
        }
        return IVS_E_ARG;
    }
    if (arn.type != IVS_ARN_CHANNEL)
        return ivs_fail_member(err, IVS_E_ARG, "channel_arn",
                               "%s is not a channel, expected "
                               "arn:aws:ivs:REGION:ACCOUNT:channel/ID",
                               text);
    if (region != NULL && strcmp(arn.region, region) != 0)
        return ivs_fail_member(err, IVS_E_ARG, "channel_arn",
                               "channel %s is in region %s, but the client is "
                               "for %s",
                               arn.id, arn.region, region);
    return IVS_OK;
}

ivs_status
ivs_revoke_check_pair(const char *region, const ivs_revocation *pair,
                      ivs_error *err)
{
    size_t chars = 0;
    ivs_status s;

    if ((s = check_channel(region, pair->channel_arn, err)) != IVS_OK)
        return s;
    if (pair->viewer_id == NULL ||
        !ivs_utf8_valid(pair->viewer_id, strlen(pair->viewer_id), &chars))
        return ivs_fail_member(err, IVS_E_ARG, "viewer_id",
                               "the viewer id is missing or not UTF-8");
    if (chars == 0)
        return ivs_fail_member(err, IVS_E_ARG, "viewer_id",
                               "the viewer id is empty, expected 1 to %d "
                               "characters",
                               VIEWER_ID_MAX);
    if (chars > VIEWER_ID_MAX)
        return ivs_fail_member(err, IVS_E_ARG, "viewer_id",
                               "the viewer id has %zu characters, expected 1 "
                               "to %d",
                               chars, VIEWER_ID_MAX);
    if (pair->has_version && (pair->up_to_version < 0 ||
                              pair->up_to_version > IVS_REVOKE_VERSION_MAX))
        return ivs_fail_member(err, IVS_E_ARG, "up_to_version",
                               "found version %" PRId64
                               ", expected 0 to %d, the range of the "
                               "revocation API",
                               pair->up_to_version, IVS_REVOKE_VERSION_MAX);
    return IVS_OK;
}

static bool
same_pair(const ivs_revocation *a, const char *channel, const char *viewer)
{
    return strcmp(a->channel_arn, channel) == 0 &&
           strcmp(a->viewer_id, viewer) == 0;
}

static ivs_status
check_pairs(const ivs_client *client, const ivs_revocation *pairs,
            size_t npairs, ivs_error *err)
{
    for (size_t i = 0; i < npairs; i++) {
        ivs_status s =
            ivs_revoke_check_pair(ivs_client_region(client), &pairs[i], err);

        if (s != IVS_OK) {
            ivs_error_context(err, "pairs[%zu]", i);
            return s;
        }
        for (size_t j = 0; j < i; j++)
            if (same_pair(&pairs[j], pairs[i].channel_arn, pairs[i].viewer_id))
                return ivs_fail_member(err, IVS_E_ARG, "viewer_id",
                                       "pairs[%zu] is the same viewer and "
                                       "channel as pairs[%zu], expected each "
                                       "once",
                                       i, j);
    }
    return IVS_OK;
}

static void
append_pair(ivs_buf *b, const ivs_revocation *pair)
{
    ivs_buf_puts(b, "{\"channelArn\":");
    ivs_json_quote(b, pair->channel_arn, strlen(pair->channel_arn));
    ivs_buf_puts(b, ",\"viewerId\":");
    ivs_json_quote(b, pair->viewer_id, strlen(pair->viewer_id));
    if (pair->has_version)
        ivs_buf_printf(b,
                       ",\"viewerSessionVersionsLessThanOrEqualTo\":%" PRId64,
                       pair->up_to_version);
    ivs_buf_putc(b, '}');
}

/* The call worked, but its answer proves nothing. */
static ivs_status
fail_answer(const ivs_result *result, const char *what, ivs_error *err)
{
    (void)ivs_fail(err, IVS_E_SERVICE, "the revocation was answered %d %s",
                   ivs_result_status(result), what);
    if (err != NULL) {
        err->http_status = ivs_result_status(result);
        (void)snprintf(err->request_id, sizeof err->request_id, "%s",
                       ivs_result_request_id(result));
    }
    return IVS_E_SERVICE;
}

static ivs_status
call(ivs_client *client, const char *operation, ivs_buf *input,
     ivs_result **ret, ivs_error *err)
{
    ivs_result *result = NULL;
    ivs_status s;

    if (input->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a revocation");
    s = ivs_client_call(client, operation, input->data, input->len, &result,
                        err);
    if (s != IVS_OK)
        return s;
    if (ivs_result_status(result) != 200) {
        s = fail_answer(result, "where only 200 counts", err);
        ivs_result_free(result);
        return s;
    }
    *ret = result;
    return IVS_OK;
}

ivs_status
ivs_revoke_viewer(ivs_client *client, const ivs_revocation *pair,
                  ivs_error *err)
{
    ivs_buf input = IVS_BUF_INIT;
    ivs_result *result = NULL;
    ivs_status s;

    if (client == NULL || pair == NULL)
        return ivs_fail(err, IVS_E_ARG, "client or pair is NULL");
    if ((s = ivs_revoke_check_pair(ivs_client_region(client), pair, err)) !=
        IVS_OK)
        return s;
    append_pair(&input, pair);
    /* The client has seen that the body is empty or a JSON object. */
    s = call(client, "StartViewerSessionRevocation", &input, &result, err);
    ivs_result_free(result);
    ivs_buf_free(&input);
    return s;
}

/* A string, or nothing: absent and null are the same. */
static bool
is_text_or_none(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_string(value);
}

/* `errors` as documented: absent, null, or objects that each name a pair. */
static bool
is_error_list(const json_t *errors)
{
    if (errors == NULL || json_is_null(errors))
        return true;
    if (!json_is_array(errors))
        return false;
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *e = json_array_get(errors, i);

        if (!json_is_string(json_object_get(e, "channelArn")) ||
            !json_is_string(json_object_get(e, "viewerId")) ||
            !is_text_or_none(json_object_get(e, "code")) ||
            !is_text_or_none(json_object_get(e, "message")))
            return false;
    }
    return true;
}

/* The service's text made printable, as in an error record. */
static void
copy_text(const ivs_client *client, char *dst, size_t cap, const json_t *value,
          const char *none)
{
    const char *text = json_string_value(value);
    ivs_error printable;
    size_t len;

    if (text == NULL || text[0] == '\0')
        text = none;
    if (ivs_answer_holds_secret(client, text))
        text = "(not shown: it repeats credentials)";
    (void)ivs_fail(&printable, IVS_E_SERVICE, "%s", text);
    len = strlen(printable.message);
    if (len >= cap)
        len = cap - 1;
    while (!ivs_utf8_valid(printable.message, len, NULL))
        len--;
    memcpy(dst, printable.message, len);
    dst[len] = '\0';
}

static void
set_outcomes(const ivs_client *client, const json_t *errors,
             const ivs_revocation *pairs, size_t npairs,
             ivs_revoke_outcome *ret)
{
    for (size_t i = 0; i < npairs; i++)
        ret[i] = (ivs_revoke_outcome){.state = IVS_REVOKE_ACKNOWLEDGED};
    for (size_t n = 0; n < json_array_size(errors); n++) {
        const json_t *e = json_array_get(errors, n);
        const char *channel =
            json_string_value(json_object_get(e, "channelArn"));
        const char *viewer = json_string_value(json_object_get(e, "viewerId"));

        /* A pair that was not sent says nothing about those that were. */
        for (size_t i = 0; i < npairs; i++) {
            if (!same_pair(&pairs[i], channel, viewer) ||
                ret[i].state == IVS_REVOKE_FAILED)
                continue;
            ret[i].state = IVS_REVOKE_FAILED;
            copy_text(client, ret[i].code, sizeof ret[i].code,
                      json_object_get(e, "code"), "unknown");
            copy_text(client, ret[i].message, sizeof ret[i].message,
                      json_object_get(e, "message"), "");
        }
    }
}

static ivs_status
read_outcomes(const ivs_client *client, const ivs_result *result,
              const ivs_revocation *pairs, size_t npairs,
              ivs_revoke_outcome *ret, ivs_error *err)
{
    json_t *body = NULL;
    const json_t *errors;
    size_t len = 0;
    const char *text = ivs_result_body(result, &len);
    ivs_status s;

    if ((s = ivs_json_parse(text, len, IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                            "answer", &body, NULL, err)) != IVS_OK)
        return s;
    errors = json_object_get(body, "errors");
    if (is_error_list(errors))
        set_outcomes(client, errors, pairs, npairs, ret);
    else
        s = fail_answer(result,
                        "with errors of another form, expected objects with "
                        "channelArn and viewerId; which pairs it took is "
                        "unknown",
                        err);
    json_decref(body);
    return s;
}

ivs_status
ivs_revoke_batch(ivs_client *client, const ivs_revocation *pairs, size_t npairs,
                 ivs_revoke_outcome *ret, ivs_error *err)
{
    ivs_buf input = IVS_BUF_INIT;
    ivs_result *result = NULL;
    ivs_status s;

    if (client == NULL || pairs == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "client, pairs or ret is NULL");
    if (npairs < 1 || npairs > IVS_REVOKE_BATCH_MAX)
        return ivs_fail(err, IVS_E_ARG, "%zu pairs, expected 1 to %d", npairs,
                        IVS_REVOKE_BATCH_MAX);
    if ((s = check_pairs(client, pairs, npairs, err)) != IVS_OK)
        return s;
    ivs_buf_puts(&input, "{\"viewerSessions\":[");
    for (size_t i = 0; i < npairs; i++) {
        if (i > 0)
            ivs_buf_putc(&input, ',');
        append_pair(&input, &pairs[i]);
    }
    ivs_buf_puts(&input, "]}");
    s = call(client, "BatchStartViewerSessionRevocation", &input, &result, err);
    if (s == IVS_OK)
        s = read_outcomes(client, result, pairs, npairs, ret, err);
    ivs_result_free(result);
    ivs_buf_free(&input);
    return s;
}
