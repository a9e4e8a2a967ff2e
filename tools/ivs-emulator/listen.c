/* SPDX-License-Identifier: MIT */
/* Resolving, binding, listening. */

#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

static bool
is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, address, sizeof in6);
        return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) != 0;
    }
    return false;
}

/* What the socket is bound to, for the ready line. */
static bool
describe(int fd, const char *scheme, emu_listener *ret)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr *address = (struct sockaddr *)&storage;
    socklen_t len = sizeof storage;
    char host[64], port[8];

    if (getsockname(fd, address, &len) != 0 ||
        getnameinfo(address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    *ret = (emu_listener){.fd = fd};
    ret->loopback = is_loopback(address);
    (void)sscanf(port, "%d", &ret->port);
    (void)snprintf(ret->host, sizeof ret->host,
                   address->sa_family == AF_INET6 ? "[%s]" : "%s", host);
    (void)snprintf(ret->url_host, sizeof ret->url_host, "%s",
                   strcmp(ret->host, "0.0.0.0") == 0 ? "127.0.0.1"
                   : strcmp(ret->host, "[::]") == 0  ? "[::1]"
                                                     : ret->host);
    (void)snprintf(ret->url, sizeof ret->url, "%s://%s:%d", scheme,
                   ret->url_host, ret->port);
    return true;
}

ivs_status
emu_listen(const char *host, int port, const char *scheme, emu_listener *ret,
           ivs_error *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[12];
    int fd, on = 1, rc;

    (void)snprintf(service, sizeof service, "%d", port);
    rc = getaddrinfo(host, service, &hints, &found);
    if (rc != 0)
        return ivs_fail(err, IVS_E_IO, "cannot resolve host %s: %s", host,
                        gai_strerror(rc));
    fd =
        socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(fd, SOMAXCONN) != 0 || !describe(fd, scheme, ret)) {
        ivs_status s = ivs_fail(
            err, IVS_E_IO, "cannot listen on %s port %d: %s%s", host, port,
            strerror(errno),
            errno == EADDRINUSE ? "; try --port 0 for a free one" : "");

        freeaddrinfo(found);
        if (fd >= 0)
            (void)close(fd);
        return s;
    }
    freeaddrinfo(found);
    return IVS_OK;
}
