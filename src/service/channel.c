/* SPDX-License-Identifier: MIT */
/* Whether a channel is private. */

#include <ivs/channel.h>

#include "base/error.h"
#include "service/typed.h"

/* What an answer says of the channel: not 0 or 1 where it does not. */
static int
says_authorized(const json_t *answer)
{
    const json_t *value =
        json_object_get(json_object_get(answer, "channel"), "authorized");

    return json_is_boolean(value) ? json_is_true(value) : -1;
}

ivs_status
ivs_channel_get_authorized(ivs_client *client, const char *channel_arn,
                           bool *ret, ivs_error *err)
{
    json_t *answer = NULL;
    int found;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    if ((s = ivs_typed_call_one(client, "GetChannel", "arn", channel_arn,
                                &answer, err)) != IVS_OK)
        return s;
    found = says_authorized(answer);
    json_decref(answer);
    if (found < 0)
        return ivs_typed_lacks("GetChannel", "authorized of true or false",
                               err);
    *ret = found == 1;
    return IVS_OK;
}

ivs_status
ivs_channel_set_authorized(ivs_client *client, const char *channel_arn,
                           bool authorized, ivs_error *err)
{
    ivs_buf input = IVS_BUF_INIT;
    json_t *answer = NULL;
    int found;
    ivs_status s;

    if (client == NULL || channel_arn == NULL)
        return ivs_fail(err, IVS_E_ARG, "client or channel_arn is NULL");
    ivs_buf_putc(&input, '{');
    ivs_typed_text(&input, "arn", channel_arn);
    ivs_buf_printf(&input, ",\"authorized\":%s}",
                   authorized ? "true" : "false");
    s = ivs_typed_call(client, "UpdateChannel", &input, &answer, err);
    ivs_buf_free(&input);
    if (s != IVS_OK)
        return s;
    found = says_authorized(answer);
    json_decref(answer);
    if (found != (int)authorized)
        return ivs_typed_lacks(
            "UpdateChannel",
            authorized ? "authorized of true" : "authorized of false", err);
    return IVS_OK;
}
