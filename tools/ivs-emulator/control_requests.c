/* SPDX-License-Identifier: MIT */
/* GET /_/requests: the latest requests, whole or by ?status=, ?channelArn= and
 * ?after=. */

#include <stdlib.h>
#include <string.h>

#include "control.h"

/* A parameter that is a number of at most 18 digits. False: res is the answer.
 */
static bool
read_number(const emu_request *req, const char *name, int64_t *ret,
            emu_response *res)
{
    ivs_buf text = IVS_BUF_INIT;
    bool good = true;

    if (emu_request_query(req, name, &text)) {
        good = text.len > 0 && text.len <= 18 && !text.failed &&
               strspn(text.data, "0123456789") == text.len;
        if (good)
            *ret = strtoll(text.data, NULL, 10);
        else
            (void)emu_refuse(res, EMU_VALIDATION, "expected a number for %s",
                             name);
    }
    ivs_buf_free(&text);
    return good;
}

void
emu_control_requests(emu_emulator *emu, const emu_request *req,
                     const json_t *input, emu_response *res)
{
    emu_requests_filter filter = {0};
    ivs_buf channel = IVS_BUF_INIT;
    int64_t status = 0, latest = 0;
    json_t *list;

    (void)input;
    if (!read_number(req, "after", &filter.after, res) ||
        !read_number(req, "status", &status, res))
        return;
    if (status > 999)
        status = -1; /* there is none */
    filter.status = (int)status;
    if (emu_request_query(req, "channelArn", &channel))
        filter.channel = channel.len == 0 ? "" : channel.data;
    list = channel.failed ? NULL
                          : emu_requests_list(emu->requests, &filter, &latest);
    (void)emu_response_json(res, 200,
                            json_pack("{s:o, s:I}", "requests", list, "latest",
                                      (json_int_t)latest));
    ivs_buf_free(&channel);
}
