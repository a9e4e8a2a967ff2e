/* SPDX-License-Identifier: MIT */
#ifndef EMU_SEED_RESOURCE_H
#define EMU_SEED_RESOURCE_H

/* One resource of a document that is seeded. */

#include "seed.h"

typedef struct emu_seeding {
    emu_emulator *emu;
    emu_scope scope;
    ivs_error *err;
} emu_seeding;

/* Within a transaction; false: refused, with the place of the mistake. */
bool emu_seed_resource(emu_seeding *seeding, const emu_seed_kind *kind,
                       json_t *resource, const emu_place *at);

#endif
