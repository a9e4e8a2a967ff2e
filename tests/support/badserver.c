/* SPDX-License-Identifier: MIT */
/* The misbehaving server of the integration tests. */

#include "support/badserver.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct bad_server {
    const bad_step *steps;
    size_t nsteps;
    int listener;
    int port;
    pthread_t thread;
    atomic_bool stopping;
    atomic_size_t requests, connections;
    char incoming[8192], last[8192];
};

/* Wait for input; false when the peer is gone or the test is over. */
static bool
wait_readable(bad_server *s, int fd)
{
    while (!atomic_load(&s->stopping)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};

        if (poll(&p, 1, 20) > 0)
            return true;
    }
    return false;
}

static bool
is_complete(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n"), *length;

    if (end == NULL)
        return false;
    length = strstr(text, "Content-Length: ");
    return length == NULL || strlen(end + 4) >= strtoul(length + 16, NULL, 10);
}

static bool
read_request(bad_server *s, int fd)
{
    size_t n = 0;

    s->incoming[0] = '\0';
    while (!is_complete(s->incoming) && n < sizeof s->incoming - 1) {
        ssize_t got;

        if (!wait_readable(s, fd))
            return false;
        got = recv(fd, s->incoming + n, sizeof s->incoming - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        s->incoming[n] = '\0';
    }
    /* The test reads it after the answer, which comes after this. */
    memcpy(s->last, s->incoming, sizeof s->last);
    atomic_fetch_add(&s->requests, 1);
    return true;
}

static void
write_bytes(bad_server *s, int fd, const bad_step *step)
{
    size_t len = step->len > 0 ? step->len : strlen(step->bytes);

    for (size_t i = 0; i < (step->times > 0 ? step->times : 1); i++) {
        size_t n = 0;

        while (n < len && !atomic_load(&s->stopping)) {
            ssize_t put = send(fd, step->bytes + n, len - n, MSG_NOSIGNAL);

            if (put <= 0)
                return;
            n += (size_t)put;
        }
        if (step->pause_ms > 0)
            (void)usleep((useconds_t)step->pause_ms * 1000);
        if (atomic_load(&s->stopping))
            return;
    }
}

/* Act one step. True: the next one is for the same connection. */
static bool
act(bad_server *s, int fd, const bad_step *step)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    char byte;

    if (!step->unread && !read_request(s, fd))
        return false;
    if (step->bytes != NULL)
        write_bytes(s, fd, step);
    switch (step->end) {
    case BAD_KEEP:
        return true;
    case BAD_RESET:
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        break;
    case BAD_HANG:
        while (wait_readable(s, fd) && recv(fd, &byte, 1, 0) > 0)
            ;
        break;
    case BAD_CLOSE:
        (void)shutdown(fd, SHUT_WR);
        break;
    }
    return false;
}

static void *
serve(void *user)
{
    bad_server *s = user;
    size_t i = 0;

    while (i < s->nsteps && wait_readable(s, s->listener)) {
        int fd = accept(s->listener, NULL, NULL);

        if (fd < 0)
            break;
        atomic_fetch_add(&s->connections, 1);
        while (i < s->nsteps && act(s, fd, &s->steps[i++]))
            ;
        (void)close(fd);
    }
    (void)close(s->listener);
    return NULL;
}

bad_server *
bad_server_start(const bad_step *steps, size_t nsteps)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    bad_server *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->steps = steps;
    s->nsteps = nsteps;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return s;
}

int
bad_server_port(const bad_server *server)
{
    return server->port;
}

size_t
bad_server_requests(bad_server *server)
{
    return atomic_load(&server->requests);
}

size_t
bad_server_connections(bad_server *server)
{
    return atomic_load(&server->connections);
}

const char *
bad_server_last(bad_server *server)
{
    return server->last;
}

void
bad_server_stop(bad_server *server)
{
    atomic_store(&server->stopping, true);
    (void)pthread_join(server->thread, NULL);
    free(server);
}
