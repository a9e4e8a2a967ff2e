/* SPDX-License-Identifier: MIT */
/* What the paths under /_/ have in common: their query, and why they refuse. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ivs/arn.h>

#include "control.h"

#define DIGITS_MAX 18
#define SHOWN_MAX  100

bool
emu_control_refuse(emu_response *res, const ivs_error *err)
{
    bool ours = err->code == IVS_E_NOMEM || err->code == IVS_E_IO ||
                err->code == IVS_E_CRYPTO;

    return emu_refuse(res, ours ? EMU_INTERNAL : EMU_VALIDATION, "%s",
                      err->message);
}

/* Is it a word of the names? */
static bool
is_among(const char *names, const char *name, size_t len)
{
    while (*names != '\0') {
        size_t word = strcspn(names, " ");

        if (word == len && memcmp(names, name, len) == 0)
            return true;
        names += word;
        names += strspn(names, " ");
    }
    return false;
}

bool
emu_control_query(const emu_request *req, const char *names, emu_response *res)
{
    const char *at = req->query;

    while (*at != '\0') {
        size_t pair = strcspn(at, "&"), len = strcspn(at, "=&");
        int shown = len < SHOWN_MAX ? (int)len : SHOWN_MAX;

        if (pair > 0 && !is_among(names, at, len))
            return emu_refuse(res, EMU_VALIDATION,
                              "the query has a parameter '%.*s', expected %s%s",
                              shown, at,
                              *names == '\0' ? "none" : "one of: ", names);
        if (pair > 0 && pair == len)
            return emu_refuse(res, EMU_VALIDATION,
                              "%.*s has no value, expected %.*s=VALUE", shown,
                              at, shown, at);
        at += pair;
        at += *at == '&';
    }
    return true;
}

bool
emu_control_number(const emu_request *req, const char *name, int64_t min,
                   int64_t max, int64_t *ret, emu_response *res)
{
    ivs_buf text = IVS_BUF_INIT;
    int64_t n = -1;
    bool good = true;

    ivs_buf_puts(&text, "");
    if (emu_request_query(req, name, &text)) {
        if (text.len > 0 && text.len <= DIGITS_MAX && !text.failed &&
            strspn(text.data, "0123456789") == text.len)
            n = strtoll(text.data, NULL, 10);
        good = n >= min && n <= max;
        if (good)
            *ret = n;
        else
            (void)emu_refuse(
                res, EMU_VALIDATION,
                "%s is '%.*s', expected a number from %" PRId64 " to %" PRId64,
                name, SHOWN_MAX, text.failed ? "" : text.data, min, max);
    }
    ivs_buf_free(&text);
    return good;
}

bool
emu_control_channel_arn(const emu_request *req, ivs_buf *ret, emu_response *res)
{
    ivs_arn arn;

    if (!emu_request_query(req, "channelArn", ret))
        return true;
    ivs_buf_puts(ret, "");
    if (ret->failed)
        return emu_refuse(res, EMU_INTERNAL, "out of memory");
    if (ivs_arn_parse(ret->data, ret->len, &arn, NULL) == IVS_OK &&
        arn.type == IVS_ARN_CHANNEL)
        return true;
    return emu_refuse(res, EMU_VALIDATION,
                      "channelArn is '%.*s', expected the ARN of a channel",
                      SHOWN_MAX, ret->data);
}
