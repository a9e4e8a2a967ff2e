/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_H
#define EMU_EDGE_H

/* The playback edge: multivariant playlists for whoever may watch, variant
 * playlists for the sessions those begin. */

#include "emulator.h"

#define EMU_EDGE_PREFIX    "/api/video/v1/"
#define EMU_VARIANT_PREFIX "/v1/playlist/"

/* GET, HEAD and OPTIONS only. */
void emu_edge(emu_emulator *emu, const emu_request *req, emu_response *res);
void emu_edge_variant(emu_emulator *emu, const emu_request *req,
                      emu_response *res);

#endif
