/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_CHANNEL_H
#define EMU_EDGE_CHANNEL_H

/* A channel as playback sees it, in one look at the state. */

#include <ivs/key.h>

#include "emulator.h"

/* More than may be imported for an account and region. */
#define EMU_CHANNEL_KEYS 8

typedef struct emu_channel {
    ivs_arn arn; /* set by the caller */
    char arn_text[IVS_ARN_MAX + 1];
    emu_scope scope;
    emu_played played;
    json_t *policy; /* its playback restriction policy, or NULL */
    ivs_key *keys[EMU_CHANNEL_KEYS]; /* of its account and region, where it is
                                        private */
    size_t nkeys;
} emu_channel;

/* Whatever comes of it, there may be something to free. */
emu_found emu_channel_load(emu_emulator *emu, emu_channel *channel);
void emu_channel_free(emu_emulator *emu, emu_channel *channel);

#endif
