/* SPDX-License-Identifier: MIT */
#ifndef EMU_SERVER_REAPER_H
#define EMU_SERVER_REAPER_H

#include <stdint.h>

/* Ends connections that hold a place without bringing a request or taking an
 * answer: each has `request_ms` for its next request, however its bytes trickle
 * in, and as long again for the answer. When places run short, those go that
 * have waited longest. None goes while its answer is made. A peer that has
 * closed its side waits for nothing but the answer. */

typedef struct emu_reaper emu_reaper;

/* NULL on failure. */
emu_reaper *emu_reaper_start(int connections_max, int64_t request_ms);
void emu_reaper_stop(emu_reaper *reaper);

/* A connection came; the handle, or NULL when there is no memory, is for the
 * calls below, which accept NULL. */
void *emu_reaper_add(emu_reaper *reaper, int fd);
/* Its request line is there. */
void emu_reaper_request(emu_reaper *reaper, void *connection);
/* Its request is about to be handled: it may not send more. */
void emu_reaper_busy(emu_reaper *reaper, void *connection);
/* The answer is about to be sent. */
void emu_reaper_answer(emu_reaper *reaper, void *connection);
/* Its request was answered; the next one may take its time. */
void emu_reaper_idle(emu_reaper *reaper, void *connection);
/* It ends; its descriptor is still open. */
void emu_reaper_remove(emu_reaper *reaper, void *connection);

#endif
