/* SPDX-License-Identifier: MIT */
#ifndef EMU_STREAM_H
#define EMU_STREAM_H

/* Streams: what they are, how they begin and end. Nothing is ingested here, so
 * the control API begins them. */

#include "api.h"

/* Begin a stream on the channel that the input's "channelArn" names. False:
 * refused, which it is when the channel is live. */
bool emu_stream_start(const emu_call *call, const char *health,
                      emu_response *res);
/* End the channel's stream. False: refused, which it is when the channel is
 * offline. */
bool emu_stream_stop(const emu_call *call, emu_response *res);
/* The stream of that channel, which must be live, and its session's document;
 * ret_session may be NULL. */
bool emu_stream_find(const emu_call *call, emu_stream *ret, ivs_buf *text,
                     json_t **ret_session, emu_response *res);
/* A time as the API writes it. */
json_t *emu_time(int64_t time_s);

#endif
