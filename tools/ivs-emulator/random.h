/* SPDX-License-Identifier: MIT */
#ifndef EMU_RANDOM_H
#define EMU_RANDOM_H

/* Where ids and chances come from. With a seed they are the same in every run
 * that makes the same calls: for tests, and never a secret. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

typedef struct emu_random emu_random;

/* NULL: out of memory. */
emu_random *emu_random_new(uint64_t seed);
void emu_random_free(emu_random *random);
/* From the beginning again. */
void emu_random_restart(emu_random *random);

/* A sequence of its own besides those of the accounts and regions. */
#define EMU_RANDOM_REQUESTS (&(const emu_scope){"requests", ""})
#define EMU_RANDOM_FAULTS   (&(const emu_scope){"faults", ""})

/* Bytes of the scope's sequence; unforeseeable ones where random is NULL. */
bool emu_random_fill(emu_random *random, const emu_scope *scope, void *ret,
                     size_t len);

#endif
