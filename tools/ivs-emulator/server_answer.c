/* SPDX-License-Identifier: MIT */
/* From an emu_response to the library's. */

#include "server_answer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A body of which half is sent. */
struct half {
    int fd;
    int file; /* it is in there, and this is ours; -1: it is data */
    size_t len;
    char data[];
};

static void
half_free(void *user)
{
    struct half *half = user;

    if (half->file >= 0)
        (void)close(half->file);
    free(half);
}

/* The peer is not to take it for an orderly end, which closing would be: the
 * library says first that all was sent. */
static void
reset(int fd)
{
    static const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

    (void)connect(fd, &nobody, sizeof nobody);
}

static ssize_t
read_half(void *user, uint64_t at, char *ret, size_t max)
{
    const struct half *half = user;
    size_t left = half->len - (size_t)at;

    if (left == 0) {
        reset(half->fd);
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (left > max)
        left = max;
    if (half->file >= 0)
        return pread(half->file, ret, left, (off_t)at);
    memcpy(ret, half->data + at, left);
    return (ssize_t)left;
}

/* The head says how long the body is, and then it ends. Takes the file over. */
static struct MHD_Response *
make_half(int fd, emu_response *res)
{
    size_t len = res->has_file ? res->file_len : res->body.len;
    struct half *half = malloc(sizeof *half + res->body.len / 2);
    struct MHD_Response *response;

    if (half == NULL)
        return NULL;
    *half = (struct half){.fd = fd, .file = -1, .len = len / 2};
    if (res->has_file)
        half->file = res->file;
    else
        memcpy(half->data, res->body.data, half->len);
    res->has_file = false;
    response = MHD_create_response_from_callback(len, 4096, read_half, half,
                                                 half_free);
    if (response == NULL)
        half_free(half);
    return response;
}

/* NULL: there is none, and the connection ends. */
static struct MHD_Response *
make_cut(struct MHD_Connection *connection, emu_response *res)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info == NULL)
        return NULL;
    if (res->fault.cut == EMU_CUT_BODY && (res->has_file || res->body.len > 0))
        return make_half(info->connect_fd, res);
    reset(info->connect_fd);
    return NULL;
}

/* A file goes out with sendfile(), and is the response's from then on. */
static struct MHD_Response *
make_whole(emu_response *res)
{
    struct MHD_Response *response;

    if (!res->has_file)
        return MHD_create_response_from_buffer(
            res->body.len, res->body.len > 0 ? res->body.data : NULL,
            MHD_RESPMEM_MUST_COPY);
    response = MHD_create_response_from_fd64(res->file_len, res->file);
    if (response != NULL)
        res->has_file = false;
    return response;
}

static bool
add_headers(struct MHD_Response *response, emu_response *res)
{
    emu_response_header(res, "x-amzn-RequestId", res->request_id);
    emu_response_header(res, "X-Content-Type-Options", "nosniff");
    if (res->close)
        emu_response_header(res, "Connection", "close");
    for (size_t i = 0; i < res->nheaders; i++)
        if (res->headers[i].value.failed ||
            MHD_add_response_header(response, res->headers[i].name,
                                    res->headers[i].value.data) != MHD_YES)
            return false;
    return true;
}

enum MHD_Result
emu_answer(struct MHD_Connection *connection, emu_response *res)
{
    struct MHD_Response *response;
    enum MHD_Result queued = MHD_NO;

    if (res->body.failed)
        return MHD_NO;
    if (res->fault.cut != EMU_CUT_NONE)
        response = make_cut(connection, res);
    else
        response = make_whole(res);
    if (response == NULL)
        return MHD_NO;
    if (add_headers(response, res))
        queued =
            MHD_queue_response(connection, (unsigned)res->status, response);
    MHD_destroy_response(response);
    return queued;
}
