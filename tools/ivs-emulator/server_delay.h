/* SPDX-License-Identifier: MIT */
#ifndef EMU_SERVER_DELAY_H
#define EMU_SERVER_DELAY_H

/* Answers that are late on purpose: their connections rest, and no thread waits
 * for them. */

#include <stdbool.h>

struct MHD_Connection;

typedef struct emu_delay emu_delay;

/* NULL: no memory, or no thread. */
emu_delay *emu_delay_start(void);
/* Wakes all that rest, and lets none rest any more. */
void emu_delay_end(emu_delay *delay);
/* The same, and waits until they are awake. */
void emu_delay_stop(emu_delay *delay);
/* When the server has ended. */
void emu_delay_free(emu_delay *delay);

/* Let a connection rest, called from its handler, which is called again
 * afterwards. False: it does not rest. */
bool emu_delay_add(emu_delay *delay, struct MHD_Connection *connection, int ms);

#endif
