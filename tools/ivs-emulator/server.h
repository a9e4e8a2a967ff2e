/* SPDX-License-Identifier: MIT */
#ifndef EMU_SERVER_H
#define EMU_SERVER_H

/* HTTP over libmicrohttpd: requests in, answers out, on a few threads. */

#include <ivs/error.h>

#include "certificate.h"
#include "emulator.h"

typedef struct emu_server emu_server;

/* Serve on a listening socket, which is the server's from then on; with a
 * certificate over TLS, which outlives the server. */
ivs_status emu_server_start(emu_emulator *emu, int listener,
                            const emu_certificate *certificate,
                            emu_server **ret, ivs_error *err);
/* Take no more connections, and end each with its next answer. */
void emu_server_drain(emu_server *server);
/* Are there requests without their answer? */
bool emu_server_busy(emu_server *server);
/* Ends all connections and waits for the threads. */
void emu_server_stop(emu_server *server);

#endif
