/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_KEYS_H
#define EMU_EDGE_KEYS_H

/* Playback keys in the form that verifies, kept from one request to the next:
 * to read one and check it costs as much as to verify several tokens. */

#include <ivs/key.h>

typedef struct emu_keys emu_keys;

/* NULL: out of memory. */
emu_keys *emu_keys_new(void);
void emu_keys_free(emu_keys *keys);

/* The key in a key pair's stored document, to be given back; NULL: it cannot be
 * read. Without `keys` it is read anew each time. Safe from several threads. */
ivs_key *emu_keys_take(emu_keys *keys, const char *document);
void emu_keys_give_back(emu_keys *keys, ivs_key *key);

#endif
