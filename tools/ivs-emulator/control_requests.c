/* SPDX-License-Identifier: MIT */
/* GET /_/requests: the latest requests, whole or by ?status=, ?channelArn= and
 * ?after=. */

#include "control.h"

#define NUMBER_MAX INT64_C(999999999999999999)

void
emu_control_requests(emu_emulator *emu, const emu_request *req,
                     const json_t *input, emu_response *res)
{
    emu_requests_filter filter = {0};
    ivs_buf channel = IVS_BUF_INIT;
    int64_t status = 0, latest = 0;
    json_t *list;

    (void)input;
    if (!emu_control_number(req, "after", 0, NUMBER_MAX, &filter.after, res) ||
        !emu_control_number(req, "status", 100, 599, &status, res) ||
        !emu_control_channel_arn(req, &channel, res)) {
        ivs_buf_free(&channel);
        return;
    }
    filter.status = (int)status;
    filter.channel = channel.data;
    list = emu_requests_list(emu->requests, &filter, &latest);
    (void)emu_response_json(res, 200,
                            json_pack("{s:o, s:I}", "requests", list, "latest",
                                      (json_int_t)latest));
    ivs_buf_free(&channel);
}
