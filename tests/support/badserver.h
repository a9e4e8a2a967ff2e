/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_BADSERVER_H
#define IVS_TEST_BADSERVER_H

/* A server on loopback that reads a request and then does what a script says,
 * byte for byte. One thread, one connection at a time. */

#include <stdbool.h>
#include <stddef.h>

typedef enum bad_end {
    BAD_CLOSE, /* FIN behind the bytes */
    BAD_RESET, /* RST behind the bytes */
    BAD_KEEP,  /* wait for the next request on this connection */
    BAD_HANG   /* say nothing more until the client goes away */
} bad_end;

typedef struct bad_step {
    const char *bytes; /* NULL: none */
    size_t len;        /* 0: strlen(bytes) */
    size_t times;      /* write them so often; 0: once */
    int pause_ms;      /* between two writes */
    bool unread;       /* do not wait for the request */
    bad_end end;
} bad_step;

typedef struct bad_server bad_server;

/* One step for each request; after the last one connections are refused. */
bad_server *bad_server_start(const bad_step *steps, size_t nsteps);
int bad_server_port(const bad_server *server);
/* Requests read so far, and the text of the last one. */
size_t bad_server_requests(bad_server *server);
size_t bad_server_connections(bad_server *server);
const char *bad_server_last(bad_server *server);
void bad_server_stop(bad_server *server);

#endif
