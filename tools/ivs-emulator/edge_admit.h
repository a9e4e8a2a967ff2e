/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_ADMIT_H
#define EMU_EDGE_ADMIT_H

/* Who decides about a multivariant playlist, and what a yes comes to. */

#include <ivs/token.h>

#include "edge_channel.h"

/* A private channel asks for a token, a public one obeys its restriction
 * policy. Each answers. */
void emu_edge_private(emu_emulator *emu, const emu_request *req,
                      const emu_channel *channel, emu_response *res);
void emu_edge_public(emu_emulator *emu, const emu_request *req,
                     const emu_channel *channel, emu_response *res);

/* Where a viewer watches from, two letters; false: unknown. */
bool emu_edge_country(const emu_emulator *emu, const emu_request *req,
                      char ret[3]);

typedef struct emu_admission {
    const ivs_claims *claims; /* of the token; NULL on a public channel */
    const char *origins;      /* those allowed, comma-separated; NULL: all */
    bool strict;              /* asked for in the session, too */
} emu_admission;

/*
 * Begin a session and answer with its multivariant playlist, unless the viewer
 * was revoked, the channel is offline, the token used or the house full: all of
 * it in one transaction, so that of racing requests one wins.
 */
void emu_edge_admit(emu_emulator *emu, const emu_request *req,
                    const emu_channel *channel, const emu_admission *admission,
                    emu_response *res);

#endif
