/* SPDX-License-Identifier: MIT */
#ifndef EMU_STREAM_MEDIA_H
#define EMU_STREAM_MEDIA_H

/* Streams and their media: what a request asks for, and what becomes of a
 * stream whose encoder has ended. */

#include "media.h"
#include "stream.h"

/* The members "from", "ladder" and "loop" of a request to begin a stream, which
 * has "from". The source's file is open then, and the caller's. False: refused.
 */
bool emu_stream_plan(const emu_emulator *emu, const json_t *input,
                     emu_media_plan *ret, emu_response *res);
/* What GET /_/streams tells of a stream's media; NULL: it has none. */
json_t *emu_stream_describe_media(const emu_emulator *emu,
                                  const emu_stream *stream);

/* End a stream, if it is live: an emu_media_end_fn whose user is the
 * emulator. */
void emu_stream_ended(const char *channel_arn, const char *stream,
                      const char *why, void *emulator);
/* Let streams have media, and end those that had when the emulator ended. dir
 * NULL: TMPDIR, or /tmp. IVS_E_IO, IVS_E_NOMEM. */
ivs_status emu_streams_open(emu_emulator *emu, const char *dir, ivs_error *err);

#endif
