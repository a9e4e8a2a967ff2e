/* SPDX-License-Identifier: MIT */
#ifndef EMU_STREAM_H
#define EMU_STREAM_H

/* Streams: what they are, how they begin and end. Nothing is ingested here, so
 * the control API begins them, with pictures of its own or without. */

#include "api.h"

/* Begin a stream on the channel that the input's "channelArn" names, with the
 * health, ladder and source that are given; its id and time are set. False:
 * refused, which it is when the channel is live. */
bool emu_stream_start(const emu_call *call, emu_stream *stream,
                      emu_response *res);
/* End the channel's stream, and its media. False: refused, which it is when the
 * channel is offline. */
bool emu_stream_stop(const emu_call *call, emu_response *res);
/* The account and region of an ARN; false: it is none. */
bool emu_stream_scope(const char *arn, emu_scope *ret);
typedef bool (*emu_stream_step)(const emu_call *call, void *user,
                                emu_response *res);
/* Take a step on the channel of an input in a transaction of its own. False: it
 * was refused. */
bool emu_stream_call(emu_emulator *emu, const json_t *input,
                     emu_stream_step step, void *user, emu_response *res);
/* End the stream of a channel, if the channel's stream is the one of
 * that id; why is kept. */
bool emu_stream_end(emu_emulator *emu, const json_t *input, const char *id,
                    const char *why, emu_response *res);
/* The stream of that channel, which must be live, and its session's document;
 * ret_session may be NULL. */
bool emu_stream_find(const emu_call *call, emu_stream *ret, ivs_buf *text,
                     json_t **ret_session, emu_response *res);
/* Member of a session's document that is not the service's: why the stream
 * ended, where nobody stopped it. */
#define EMU_STREAM_END_REASON "endReason"
/* A time as the API writes it. */
json_t *emu_time(int64_t time_s);

#endif
