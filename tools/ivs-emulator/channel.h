/* SPDX-License-Identifier: MIT */
#ifndef EMU_CHANNEL_H
#define EMU_CHANNEL_H

/* The document of a channel. It holds everything but the playback URL, which
 * depends on the name under which the client reaches us. */

#include "api.h"

/* A type of resource that a channel may refer to, and the member it does so
 * with. Ends with member NULL. */
typedef struct emu_reference {
    ivs_arn_type type;
    const char *member;
} emu_reference;

extern const emu_reference emu_references[];

/* Members a client sets, with what they are when it does not. */
json_t *emu_channel_defaults(void);
/* Put what the input says over a document; false: refused. */
bool emu_channel_apply(const emu_call *call, json_t *channel,
                       emu_response *res);
/* Where to send a stream to. */
bool emu_channel_add_endpoints(const emu_call *call, json_t *channel);
/* An emu_show_fn. */
json_t *emu_channel_show(const emu_call *call, json_t *channel);

/* Make a channel's stream key; NULL: refused. */
json_t *emu_stream_key_new(const emu_call *call, const json_t *channel,
                           int64_t parent, json_t *tags, emu_response *res);

#endif
