/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_H
#define EMU_EDGE_H

/* The playback edge: multivariant playlists for whoever may watch, variant
 * playlists and segments for the sessions those begin. */

#include "emulator.h"

#define EMU_EDGE_PREFIX    "/api/video/v1/"
#define EMU_VARIANT_PREFIX "/v1/playlist/"
#define EMU_SEGMENT_PREFIX "/v1/segment/"

/* The Origin of a request; NULL where it names none. */
const char *emu_edge_origin(const emu_request *req);
/* GET and HEAD go on; false: a preflight or another method is answered. */
bool emu_edge_method(const emu_request *req, emu_response *res);

void emu_edge(emu_emulator *emu, const emu_request *req, emu_response *res);
void emu_edge_variant(emu_emulator *emu, const emu_request *req,
                      emu_response *res);
void emu_edge_segment(emu_emulator *emu, const emu_request *req,
                      emu_response *res);

#endif
