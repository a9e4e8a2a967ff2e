/* SPDX-License-Identifier: MIT */
/* Statuses, reasons and the error record. */

#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

_Static_assert(sizeof(ivs_error) == 512, "ivs_error is part of the ABI");

const char *
ivs_status_name(ivs_status status)
{
    switch (status) {
#define IVS_X(name, number, text)                                              \
    case name:                                                                 \
        return #name;
        IVS_STATUS_MAP(IVS_X)
#undef IVS_X
    }
    return "IVS_E_UNKNOWN";
}

const char *
ivs_status_text(ivs_status status)
{
    switch (status) {
#define IVS_X(name, number, text)                                              \
    case name:                                                                 \
        return text;
        IVS_STATUS_MAP(IVS_X)
#undef IVS_X
    }
    return "unknown status";
}

const char *
ivs_reject_reason_name(ivs_reject_reason reason)
{
    switch (reason) {
#define IVS_X(name, number, text)                                              \
    case name:                                                                 \
        return text;
        IVS_REJECT_MAP(IVS_X)
#undef IVS_X
    }
    return "unknown";
}

void
ivs_free(void *ptr)
{
    free(ptr);
}

void
ivs_free_secret(void *ptr, size_t len)
{
    if (ptr != NULL)
        ivs_wipe(ptr, len);
    free(ptr);
}

/* Copy text so that it can be printed anywhere; what does not fit is cut. */
static void
copy_printable(char *dst, size_t cap, const char *src)
{
    size_t len = strlen(src), out = 0, i = 0;

    while (i < len) {
        size_t n = ivs_utf8_printable(src + i, len - i);
        char hex[5];

        if (n == 0) {
            (void)snprintf(hex, sizeof hex, "\\x%02x", (unsigned char)src[i]);
            if (out + 4 >= cap)
                break;
            memcpy(dst + out, hex, 4);
            out += 4;
            i++;
            continue;
        }
        if (out + n >= cap)
            break;
        memcpy(dst + out, src + i, n);
        out += n;
        i += n;
    }
    dst[out] = '\0';
}

IVS_PRINTF(5, 0)
static void
fill(ivs_error *err, ivs_status code, ivs_reject_reason reason,
     const char *member, const char *fmt, va_list ap)
{
    char raw[1024];

    if (err == NULL)
        return;
    if (vsnprintf(raw, sizeof raw, fmt, ap) < 0)
        raw[0] = '\0';
    memset(err, 0, sizeof *err);
    err->code = code;
    err->reason = reason;
    if (member != NULL)
        copy_printable(err->member, sizeof err->member, member);
    copy_printable(err->message, sizeof err->message, raw);
}

ivs_status
ivs_fail(ivs_error *err, ivs_status code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(err, code, IVS_REJECT_NONE, NULL, fmt, ap);
    va_end(ap);
    return code;
}

ivs_status
ivs_fail_member(ivs_error *err, ivs_status code, const char *member,
                const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(err, code, IVS_REJECT_NONE, member, fmt, ap);
    va_end(ap);
    return code;
}

ivs_status
ivs_reject(ivs_error *err, ivs_reject_reason reason, const char *member,
           const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(err, IVS_E_TOKEN, reason, member, fmt, ap);
    va_end(ap);
    return IVS_E_TOKEN;
}

void
ivs_error_context(ivs_error *err, const char *fmt, ...)
{
    char prefix[256], joined[sizeof prefix + sizeof err->message + 2];
    va_list ap;

    if (err == NULL)
        return;
    va_start(ap, fmt);
    if (vsnprintf(prefix, sizeof prefix, fmt, ap) < 0)
        prefix[0] = '\0';
    va_end(ap);
    (void)snprintf(joined, sizeof joined, "%s: %s", prefix, err->message);
    copy_printable(err->message, sizeof err->message, joined);
}

ivs_status
ivs_options_copy(void *dst, size_t known, const void *src, ivs_error *err)
{
    const unsigned char *bytes = src;
    size_t size;

    memcpy(&size, src, sizeof size);
    /* Far more than any version will have: it was never initialised. */
    if (size < known || size > known + 1024)
        return ivs_fail(err, IVS_E_ARG,
                        "options of %zu bytes where %zu were expected; was the "
                        "struct set up by its init function?",
                        size, known);
    for (size_t i = known; i < size; i++)
        if (bytes[i] != 0)
            return ivs_fail(err, IVS_E_ARG,
                            "options use a member that this version of the "
                            "library does not know");
    memcpy(dst, src, known);
    return IVS_OK;
}
