/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_SESSION_H
#define EMU_EDGE_SESSION_H

/* What variant playlists and segments ask before they answer. */

#include "emulator.h"

#define EMU_SESSION_ID_LEN 32 /* hex digits */

/*
 * May a request have a rendition of a session? True: the session lives, no
 * revocation names it, its playlist has the rendition, a strict one allows the
 * request's origin; res has the CORS header and its answer is to follow. ret
 * tells the session, without its texts. False: res is the answer.
 */
bool emu_edge_session(emu_emulator *emu, const emu_request *req, const char *id,
                      const char *rendition, emu_session *ret,
                      emu_response *res);
/* Does an entry of a comma-separated list cover the origin? */
bool emu_edge_covers(const char *list, const char *origin);
/* The answer to a path that no session can have. */
void emu_edge_no_session(emu_response *res);

#endif
