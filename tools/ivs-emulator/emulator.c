/* SPDX-License-Identifier: MIT */
/* Which part of the emulator answers, and what is logged about it. */

#include "emulator.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/time.h"

#include "api.h"
#include "control.h"
#include "edge.h"
#include "edge_refuse.h"
#include "redact.h"

int64_t
emu_now_s(const emu_emulator *emu)
{
    return ivs_clock_now_s() + atomic_load(&emu->clock_offset_s);
}

static bool
begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
is_known_method(const char *method)
{
    static const char *const known[] = {"GET",   "HEAD",   "POST",   "PUT",
                                        "PATCH", "DELETE", "OPTIONS"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], method) == 0)
            return true;
    return false;
}

/* /tags/{resourceArn}: one segment. */
static bool
is_tag_path(const char *path)
{
    static const char prefix[] = "/tags/";

    return begins(path, prefix) &&
           strchr(path + sizeof prefix - 1, '/') == NULL;
}

/* The three operations on it. */
static const ivs_operation *
find_tag_operation(const char *method)
{
    if (strcmp(method, "GET") == 0)
        return ivs_operation_find("ListTagsForResource");
    if (strcmp(method, "POST") == 0)
        return ivs_operation_find("TagResource");
    if (strcmp(method, "DELETE") == 0)
        return ivs_operation_find("UntagResource");
    return NULL;
}

static void
handle_api(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    bool tags = is_tag_path(req->path);
    const ivs_operation *op = tags ? find_tag_operation(req->method)
                                   : ivs_operation_find(req->path + 1);

    if (op != NULL && !tags && begins(op->path, "/tags/"))
        op = NULL;
    if (op != NULL && strcmp(op->method, req->method) == 0) {
        if (!emu_faults_strike(emu->faults, op->name, res))
            emu_api(emu, req, op, res);
    } else if (op != NULL || tags) {
        (void)emu_refuse(res, EMU_METHOD, "expected %s",
                         tags ? "GET, POST or DELETE" : op->method);
        emu_response_header(res, "Allow",
                            tags ? "GET, POST, DELETE" : op->method);
    } else {
        (void)emu_refuse(res, EMU_UNKNOWN_OPERATION,
                         "there is no operation of Amazon IVS at this path");
    }
}

static const struct playback {
    const char *prefix;
    const char *fault; /* its name in a rule */
    void (*run)(emu_emulator *emu, const emu_request *req, emu_response *res);
} playbacks[] = {
    {EMU_EDGE_PREFIX, "edge:multivariant", emu_edge},
    {EMU_VARIANT_PREFIX, "edge:variant", emu_edge_variant},
    {EMU_SEGMENT_PREFIX, "edge:segment", emu_edge_segment},
};

/* Playback, unless a fault answers; preflights have none. False: the path is
 * none of the edge. */
static bool
handle_edge(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    const struct playback *p = NULL;

    for (size_t i = 0; i < sizeof playbacks / sizeof *playbacks; i++)
        if (begins(req->path, playbacks[i].prefix))
            p = &playbacks[i];
    if (p == NULL)
        return false;
    if (strcmp(req->method, "OPTIONS") != 0 &&
        emu_faults_strike(emu->faults, p->fault, res))
        return true;
    p->run(emu, req, res);
    if (emu->explain)
        emu_edge_explain(res);
    return true;
}

void
emu_handle(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    if (!is_known_method(req->method)) {
        (void)emu_refuse(res, EMU_METHOD, "unknown method");
        emu_response_header(res, "Allow", "GET, HEAD, POST, DELETE, OPTIONS");
    } else if (begins(req->path, EMU_CONTROL_PREFIX)) {
        emu_control(emu, req, res);
    } else if (!handle_edge(emu, req, res)) {
        handle_api(emu, req, res);
    }
}

void
emu_log(const emu_emulator *emu, const emu_request *req,
        const emu_response *res)
{
    ivs_buf line = IVS_BUF_INIT;
    char now[IVS_TIME_SIZE];

    if (!begins(req->path, EMU_CONTROL_PREFIX))
        emu_requests_add(emu->requests, emu_now_s(emu), req, res);
    if (emu->quiet)
        return;
    ivs_time_format(ivs_clock_now_s(), now);
    ivs_buf_printf(&line, "%s %d ", now, res->status);
    emu_redact_word(&line, req->method);
    ivs_buf_putc(&line, ' ');
    emu_redact_target(&line, req->target);
    if (res->caller[0] != '\0')
        ivs_buf_printf(&line, " %s", res->caller);
    if (res->reason != NULL) {
        ivs_buf_printf(&line, " (%s: ", res->reason);
        emu_redact_text(&line, res->note);
        ivs_buf_putc(&line, ')');
    }
    if (res->fault.note[0] != '\0')
        ivs_buf_printf(&line, " (%s)", res->fault.note);
    ivs_buf_putc(&line, '\n');
    if (!line.failed)
        (void)fputs(line.data, stderr);
    ivs_buf_free(&line);
}
