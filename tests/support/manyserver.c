/* SPDX-License-Identifier: MIT */
/* The server of the tests with threads. */

#include "support/manyserver.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256

struct many_server {
    many_mode mode;
    int listener;
    int port;
    pthread_t acceptor;
    pthread_t threads[CONNECTIONS_MAX];
    atomic_bool stopping;
    atomic_size_t requests, connections;
};

struct connection {
    many_server *server;
    int fd;
    char text[8192];
};

/* The body's text, or NULL when the peer is gone. */
static const char *
read_request(int fd, char *text, size_t cap)
{
    size_t n = 0;

    for (;;) {
        const char *end, *length;
        ssize_t got = recv(fd, text + n, cap - 1 - n, 0);

        if (got <= 0)
            return NULL;
        n += (size_t)got;
        text[n] = '\0';
        end = strstr(text, "\r\n\r\n");
        length = strstr(text, "Content-Length: ");
        if (end != NULL && length != NULL &&
            strlen(end + 4) >= strtoul(length + 16, NULL, 10))
            return end + 4;
    }
}

static bool
answer(many_server *s, int fd, size_t i, const char *body)
{
    char text[2048];
    int len;

    if (s->mode == MANY_MIXED && i % 10 == 3)
        len = snprintf(text, sizeof text,
                       "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n");
    else if (s->mode == MANY_MIXED && i % 10 == 7)
        len = snprintf(text, sizeof text,
                       "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    else
        len = snprintf(text, sizeof text,
                       "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n"
                       "{\"channel\":%s}",
                       strlen(body) + 12, body);
    return send(fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

static void *
serve(void *user)
{
    struct connection *c = user;
    many_server *s = c->server;
    const char *body;

    while ((body = read_request(c->fd, c->text, sizeof c->text)) != NULL) {
        size_t i = atomic_fetch_add(&s->requests, 1);

        if (s->mode != MANY_SILENT && !answer(s, c->fd, i, body))
            break;
    }
    (void)close(c->fd);
    free(c);
    return NULL;
}

static void *
accept_all(void *user)
{
    many_server *s = user;

    while (!atomic_load(&s->stopping)) {
        struct pollfd p = {.fd = s->listener, .events = POLLIN};
        struct connection *c;
        size_t n;

        if (poll(&p, 1, 20) <= 0)
            continue;
        n = atomic_load(&s->connections);
        c = malloc(sizeof *c);
        if (c == NULL || n >= CONNECTIONS_MAX)
            abort();
        c->server = s;
        c->fd = accept(s->listener, NULL, NULL);
        if (pthread_create(&s->threads[n], NULL, serve, c) != 0)
            abort();
        atomic_store(&s->connections, n + 1);
    }
    return NULL;
}

many_server *
many_server_start(many_mode mode)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    many_server *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->mode = mode;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->listener, 128), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->acceptor, NULL, accept_all, s), 0);
    return s;
}

int
many_server_port(const many_server *server)
{
    return server->port;
}

size_t
many_server_requests(many_server *server)
{
    return atomic_load(&server->requests);
}

size_t
many_server_connections(many_server *server)
{
    return atomic_load(&server->connections);
}

void
many_server_stop(many_server *server)
{
    size_t n;

    atomic_store(&server->stopping, true);
    (void)pthread_join(server->acceptor, NULL);
    n = atomic_load(&server->connections);
    for (size_t i = 0; i < n; i++)
        (void)pthread_join(server->threads[i], NULL);
    (void)close(server->listener);
    free(server);
}
