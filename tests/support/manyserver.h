/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_MANYSERVER_H
#define IVS_TEST_MANYSERVER_H

/* A server on loopback with a thread for each connection, which is kept for the
 * next request. The answer is a JSON object with the request's body in it, so
 * that everyone can tell whether it got its own. */

#include <stddef.h>

typedef enum many_mode {
    MANY_GOOD,
    MANY_MIXED, /* each tenth request is answered 429, each tenth 503 */
    MANY_SILENT /* no answer, until the client goes away */
} many_mode;

typedef struct many_server many_server;

many_server *many_server_start(many_mode mode);
int many_server_port(const many_server *server);
size_t many_server_requests(many_server *server);
size_t many_server_connections(many_server *server);
/* Clients must have closed their connections. */
void many_server_stop(many_server *server);

#endif
