/* SPDX-License-Identifier: MIT */
#ifndef EMU_COMMAND_H
#define EMU_COMMAND_H

/* A command that runs while the emulator serves, with an environment that
 * points AWS clients at it. */

#include <signal.h>

typedef struct emu_command {
    char **words; /* NULL-terminated */
    const char *url;
    const char *host;    /* the one in the URL */
    const char *ca_file; /* whom to trust for TLS; NULL: no TLS */
    const char *access_key_id;
    const char *secret_access_key;
} emu_command;

/* As a shell tells them. */
enum { EMU_COMMAND_CANNOT_RUN = 126, EMU_COMMAND_NOT_FOUND = 127 };

/* What is passed on to a command, and the signal that tells its end: all
 * threads must block them. */
void emu_command_signals(sigset_t *ret);

/*
 * Run it to its end; `mask` is the signal mask it gets. Its exit code, 128 + N
 * where signal N ended it. It never outlives the calling thread.
 */
int emu_command_run(const emu_command *command, const sigset_t *mask);

/* Its environment, NULL-terminated; NULL: out of memory. */
char **emu_command_environment(const emu_command *command);
void emu_command_environment_free(char **environment);

#endif
