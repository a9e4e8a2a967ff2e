/* SPDX-License-Identifier: MIT */
#ifndef EMU_OPTIONS_H
#define EMU_OPTIONS_H

/* The command line. */

#include <stdbool.h>

typedef struct emu_options {
    int port;              /* 0: a free one */
    char **command;        /* to run meanwhile; NULL: none */
    const char *host;      /* NULL: not said, and 127.0.0.1 */
    const char *db;        /* NULL: in memory */
    const char *seed_file; /* NULL: begin with nothing */
    const char *access_key_id;
    const char *secret_access_key_file; /* NULL: "test" */
    int seed;                           /* of ids and chances; -1: none */
    int session_s;
    int viewer_limit;           /* 0: none */
    const char *viewer_country; /* NULL: unknown */
    const char *unix_path; /* a socket in place of host and port, or NULL */
    bool tls;
    const char *tls_cert; /* where to write whom to trust, or NULL */
    bool explain;
    const char *mint_key; /* file; NULL: none */
    bool no_quotas;
    bool quiet;
    bool version;
    bool help;
} emu_options;

/* Fill options; a fault is told on stderr and answered with false. */
bool emu_options_read(int argc, char **argv, emu_options *ret);
void emu_options_help(void);

#endif
