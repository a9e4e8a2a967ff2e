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
} emu_listener;

/* IVS_E_IO with a sentence, such as when the port is in use. */
ivs_status emu_listen(const char *host, int port, emu_listener *ret,
                      ivs_error *err);

#endif
