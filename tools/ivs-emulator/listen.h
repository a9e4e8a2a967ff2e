/* SPDX-License-Identifier: MIT */
#ifndef EMU_LISTEN_H
#define EMU_LISTEN_H

/* The listening socket. */

#include <stdbool.h>

#include <ivs/error.h>

typedef struct emu_listener {
    int fd;
    int port;          /* the real one when 0 was asked for */
    bool loopback;     /* no other machine can reach it */
    char host[80];     /* numeric; IPv6 in brackets */
    char url_host[80]; /* the same, fit for a URL on this machine */
    char url[104];
    const char
        *path; /* of a Unix socket, which has no host and port, or NULL */
    int file;  /* the one it has made */
} emu_listener;

/* IVS_E_IO with a sentence, such as when the port is in use. */
ivs_status emu_listen(const char *host, int port, const char *scheme,
                      emu_listener *ret, ivs_error *err);
/* The same on a Unix socket for its owner only, in place of one that nobody
 * listens on any more. path outlives ret. */
ivs_status emu_listen_unix(const char *path, const char *scheme,
                           emu_listener *ret, ivs_error *err);
/* Remove what it has made in the file system, unless another has its place or
 * the folder stays locked. The socket itself is the server's. */
void emu_listener_end(const emu_listener *listener);

#endif
