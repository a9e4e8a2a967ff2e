/* SPDX-License-Identifier: MIT */
#ifndef EMU_SERVER_H
#define EMU_SERVER_H

/* HTTP over libmicrohttpd: requests in, answers out, on a few threads. */

#include <ivs/error.h>

#include "emulator.h"

typedef struct emu_server emu_server;

/* Serve on a listening socket, which is the server's from then on. */
ivs_status emu_server_start(emu_emulator *emu, int listener, emu_server **ret,
                            ivs_error *err);
/* Ends all connections and waits for the threads. */
void emu_server_stop(emu_server *server);

#endif
