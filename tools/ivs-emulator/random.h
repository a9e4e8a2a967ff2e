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

/* `state` grows with what is stored, so that a run that goes on with a database
 * makes no id a second time. NULL: out of memory. */
emu_random *emu_random_new(uint64_t seed, uint64_t state);
void emu_random_free(emu_random *random);
/* From the beginning again. */
void emu_random_restart(emu_random *random);

/* A sequence of its own besides those of the accounts and regions. */
#define EMU_RANDOM_REQUESTS (&(const emu_scope){"requests", ""})
#define EMU_RANDOM_FAULTS   (&(const emu_scope){"faults", ""})

/* Bytes of the scope's sequence; unforeseeable ones where random is NULL. */
bool emu_random_fill(emu_random *random, const emu_scope *scope, void *ret,
                     size_t len);
/* The same as letters and digits, and a NUL. */
bool emu_random_id(emu_random *random, const emu_scope *scope, char *ret,
                   size_t len);
/* Up to so many as hex, 2 * len characters, and a NUL. */
#define EMU_RANDOM_HEX_MAX 32
bool emu_random_hex(emu_random *random, const emu_scope *scope, char *ret,
                    size_t len);
/* The same as a version 4 UUID (RFC 9562 section 5.4). */
bool emu_random_uuid(emu_random *random, const emu_scope *scope, char ret[37]);

#endif
