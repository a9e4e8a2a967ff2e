/* SPDX-License-Identifier: MIT */
#ifndef EMU_SERVE_H
#define EMU_SERVE_H

/* From a state that is ready to the end of the program. */

#include <signal.h>

#include "emulator.h"
#include "options.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* What a signal is to the program, and to a command it runs. */
typedef struct emu_signals {
    sigset_t blocked;   /* by all threads */
    sigset_t inherited; /* what was blocked before */
} emu_signals;

/* Tell why on stderr; EXIT_FAILED. */
int emu_fail(const char *message);

/* Listen, say so, and answer until a signal comes or the command has ended; the
 * exit code. */
int emu_serve(const emu_options *opt, emu_emulator *emu,
              const emu_signals *signals);

#endif
