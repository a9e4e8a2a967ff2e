/* SPDX-License-Identifier: MIT */
/*
 * The server library at its widest setting; what it lets through is looked at
 * in guard.c. A connection that has not brought a whole request in time is
 * ended by server_reaper.c, because the library's own timeout begins anew with
 * every byte.
 */

#include "server.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

#include "files.h"
#include "server_answer.h"
#include "server_delay.h"
#include "server_reaper.h"

/* They wait for the store and for each other, and one verifies a token for a
 * third of a millisecond: a few more than processors. */
#define THREADS 4
/* Request line and headers of one request live in this. */
#define CONNECTION_MEMORY (64 * 1024)
#define BODY_MAX          (1024 * 1024)
/* Beyond the first bytes, which every body may have, all that are arriving
 * share so many: many callers must not fill the memory with what each may send,
 * nor keep small requests out. */
#define BODY_SMALL      (64 * 1024)
#define BODIES_MAX      (64 * 1024 * 1024)
#define REQUEST_MS      30000 /* and for taking the answer */
#define IDLE_TIMEOUT_S  30
#define CONNECTIONS_MAX 4096
/* A connection is one, and what it is sent may be another. */
#define CONNECTION_FILES 2
/* Streams with pictures: more than a machine encodes. */
#define STREAMS_MAX 16
/* Besides them: the standard streams, the database, what each thread waits
 * on. */
#define OTHER_FILES  32
#define FILES_NEEDED 64
#define HEADERS_ROOM 101 /* one more than emu_admit() lets pass */

struct emu_server {
    emu_emulator *emu;
    struct MHD_Daemon *daemon;
    emu_reaper *reaper;
    emu_delay *delay;
    int listener;         /* ours after emu_server_drain(), else -1 */
    atomic_int busy;      /* requests that have begun and not ended */
    atomic_bool draining; /* connections end with their answers */
    atomic_size_t bodies; /* bytes of those that are arriving */
};

/* A request while it arrives. */
struct arrival {
    emu_server *server;
    emu_request req;
    emu_response res;
    emu_header headers[HEADERS_ROOM];
    char *target; /* as sent */
    char *path;
    ivs_buf body;
    size_t counted; /* of server->bodies */
    bool begun;
    bool handled;
    bool too_large;
    bool too_many;
};

static void
arrival_free(struct arrival *a)
{
    if (a == NULL)
        return;
    emu_response_free(&a->res);
    ivs_buf_free(&a->body);
    (void)atomic_fetch_sub(&a->server->bodies, a->counted);
    free(a->target);
    free(a->path);
    free(a);
}

/* What the reaper knows a connection by. */
static void *
place(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info == NULL ? NULL : info->socket_context;
}

/* Called with the request target before anything is decoded in it. */
static void *
on_target(void *user, const char *target, struct MHD_Connection *connection)
{
    struct arrival *a = calloc(1, sizeof *a);
    emu_server *server = user;
    size_t len = strcspn(target, "?");

    emu_reaper_request(server->reaper, place(connection));
    if (a == NULL)
        return NULL;
    a->server = server;
    a->body = IVS_BUF_SECRET;
    a->target = strdup(target);
    a->path = strndup(target, len);
    if (a->target == NULL || a->path == NULL ||
        !emu_response_init(&a->res, server->emu->random)) {
        arrival_free(a);
        return NULL;
    }
    atomic_fetch_add(&server->busy, 1);
    a->req.target = a->target;
    a->req.path = a->path;
    a->req.query = a->target[len] == '?' ? a->target + len + 1 : "";
    return a;
}

/* The library must not decode anything: we read the target ourselves. */
static size_t
leave_encoded(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result
on_header(void *user, enum MHD_ValueKind kind, const char *name,
          const char *value)
{
    struct arrival *a = user;

    (void)kind;
    if (a->req.nheaders == HEADERS_ROOM)
        return MHD_NO;
    if (value == NULL)
        value = "";
    a->headers[a->req.nheaders++] = (emu_header){name, value};
    return MHD_YES;
}

static enum MHD_Result
answer(struct MHD_Connection *connection, const emu_server *server,
       struct arrival *a)
{
    a->res.close |= atomic_load(&server->draining);
    emu_log(server->emu, &a->req, &a->res);
    emu_reaper_answer(server->reaper, place(connection));
    return emu_answer(connection, &a->res);
}

static void
take(struct arrival *a, const char *data, size_t len)
{
    if (a->too_large || a->too_many)
        return;
    if (a->body.len + len > BODY_MAX) {
        a->too_large = true;
        return;
    }
    if (a->body.len + len > BODY_SMALL) {
        a->counted += len;
        a->too_many =
            atomic_fetch_add(&a->server->bodies, len) + len > BODIES_MAX;
    }
    if (!a->too_many)
        ivs_buf_append(&a->body, data, len);
}

/* The answer to a body that was not kept; what is left of it was read. */
static bool
refuse_body(struct arrival *a)
{
    if (a->too_large)
        return !emu_refuse(&a->res, EMU_BODY_TOO_LARGE,
                           "the body is longer than %d bytes", BODY_MAX);
    if (a->too_many)
        return !emu_refuse(&a->res, EMU_THROTTLED,
                           "large bodies that arrive at the same time are "
                           "longer than %d bytes together",
                           BODIES_MAX);
    return false;
}

static void
handle(const emu_server *server, struct arrival *a)
{
    a->handled = true;
    a->req.body = a->body.data;
    a->req.body_len = a->body.len;
    if (!refuse_body(a))
        emu_handle(server->emu, &a->req, &a->res);
}

/* Called when the headers are there, then for each piece of the body, then at
 * the end, and again where the answer was to be late. An answer at the first
 * call ends the connection. */
static enum MHD_Result
on_request(void *user, struct MHD_Connection *connection, const char *url,
           const char *method, const char *version, const char *data,
           size_t *len, void **context)
{
    emu_server *server = user;
    struct arrival *a = *context;

    (void)url;
    if (a == NULL)
        return MHD_NO;
    if (!a->begun) {
        a->begun = true;
        a->req.method = method;
        a->req.version = version;
        a->req.headers = a->headers;
        (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header,
                                        a);
        return emu_admit(server->emu, &a->req, &a->res)
                   ? MHD_YES
                   : answer(connection, server, a);
    }
    if (*len > 0) {
        take(a, data, *len);
        *len = 0;
        return a->body.failed ? MHD_NO : MHD_YES;
    }
    if (!a->handled) {
        emu_reaper_busy(server->reaper, place(connection));
        handle(server, a);
        if (a->res.fault.delay_ms > 0 &&
            emu_delay_add(server->delay, connection, a->res.fault.delay_ms))
            return MHD_YES;
    }
    return answer(connection, server, a);
}

static void
on_completed(void *user, struct MHD_Connection *connection, void **context,
             enum MHD_RequestTerminationCode code)
{
    emu_server *server = user;

    (void)code;
    emu_reaper_idle(server->reaper, place(connection));
    if (*context != NULL)
        atomic_fetch_sub(&server->busy, 1);
    arrival_free(*context);
    *context = NULL;
}

static void
on_connection(void *user, struct MHD_Connection *connection, void **context,
              enum MHD_ConnectionNotificationCode code)
{
    emu_server *server = user;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(
            connection, MHD_CONNECTION_INFO_CONNECTION_FD);

        *context = info == NULL
                       ? NULL
                       : emu_reaper_add(server->reaper, info->connect_fd);
    } else {
        emu_reaper_remove(server->reaper, *context);
        *context = NULL;
    }
}

/* The library writes to stderr about peers that go away; nobody wants that. */
static void
ignore_log(void *user, const char *format, va_list args)
{
    (void)user;
    (void)format;
    (void)args;
}

/* Connections as many as there may be open files for: with none left nobody new
 * is heard, and no room is made. Where files are few, streams get at most a
 * third of them. */
static ivs_status
count_places(int *ret, size_t *ret_streams, ivs_error *err)
{
    rlim_t files = emu_files_raise(), streams;

    if (files < FILES_NEEDED)
        return ivs_fail(err, IVS_E_IO,
                        "the process may open %d files, expected at least %d "
                        "(ulimit -n)",
                        (int)files, FILES_NEEDED);
    streams = files / 3 / EMU_MEDIA_FILES;
    if (streams > STREAMS_MAX)
        streams = STREAMS_MAX;
    files -= OTHER_FILES + streams * EMU_MEDIA_FILES;
    *ret = CONNECTIONS_MAX;
    if (files < CONNECTIONS_MAX * CONNECTION_FILES)
        *ret = (int)files / CONNECTION_FILES;
    *ret_streams = (size_t)streams;
    return IVS_OK;
}

static bool
start_threads(emu_server *server, int places)
{
    if ((server->reaper = emu_reaper_start(places, REQUEST_MS)) == NULL)
        return false;
    if ((server->delay = emu_delay_start()) != NULL)
        return true;
    emu_reaper_stop(server->reaper);
    return false;
}

/* NULL: it did not start. */
static struct MHD_Daemon *
start_daemon(emu_server *server, int listener, int places,
             const emu_certificate *certificate)
{
    static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, NULL},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, NULL},
                                   {MHD_OPTION_HTTPS_PRIORITIES, 0, NULL},
                                   {MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;

    if (certificate == NULL) {
        tls[0].option = MHD_OPTION_END;
    } else {
        flags |= MHD_USE_TLS;
        tls[0].ptr_value = certificate->own.data;
        tls[1].ptr_value = certificate->key.data;
        tls[2].ptr_value = priorities;
    }
    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER,
        ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)places,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        server, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
}

ivs_status
emu_server_start(emu_emulator *emu, int listener,
                 const emu_certificate *certificate, emu_server **ret,
                 ivs_error *err)
{
    emu_server *server = NULL;
    ivs_status s;
    size_t streams = 0;
    int places = 0;

    if ((s = count_places(&places, &streams, err)) != IVS_OK) {
        (void)close(listener);
        return s;
    }
    server = calloc(1, sizeof *server);
    if (server == NULL || !start_threads(server, places)) {
        free(server);
        (void)close(listener);
        return ivs_fail(err, IVS_E_NOMEM, "cannot start the server's threads");
    }
    emu_media_allow(emu->media, streams);
    server->emu = emu;
    server->listener = -1;
    server->daemon = start_daemon(server, listener, places, certificate);
    if (server->daemon == NULL) {
        emu_delay_stop(server->delay);
        emu_delay_free(server->delay);
        emu_reaper_stop(server->reaper);
        free(server);
        (void)close(listener);
        return ivs_fail(err, IVS_E_IO, "libmicrohttpd cannot serve%s",
                        certificate != NULL ? " over TLS" : "");
    }
    *ret = server;
    return IVS_OK;
}

void
emu_server_drain(emu_server *server)
{
    atomic_store(&server->draining, true);
    server->listener = MHD_quiesce_daemon(server->daemon);
    if (server->listener >= 0) /* to be closed when no thread looks at it */
        (void)shutdown(server->listener, SHUT_RDWR);
    emu_delay_end(server->delay);
}

bool
emu_server_busy(emu_server *server)
{
    return atomic_load(&server->busy) > 0;
}

void
emu_server_stop(emu_server *server)
{
    emu_delay_stop(server->delay);
    MHD_stop_daemon(server->daemon);
    if (server->listener >= 0)
        (void)close(server->listener);
    emu_delay_free(server->delay);
    emu_reaper_stop(server->reaper);
    free(server);
}
