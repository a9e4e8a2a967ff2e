/* SPDX-License-Identifier: MIT */
#ifndef EMU_SEED_H
#define EMU_SEED_H

/* State as one JSON document: put there at once, or told.
 *
 *   {"clock": {"now_s": N} or {"advance_s": N},
 *    "faults": [RULE, …],
 *    "accounts": [{"account": "000000000000", "region": REGION,
 *      "playbackKeyPairs", "recordingConfigurations",
 *      "playbackRestrictionPolicies", "adConfigurations": [INPUT, …],
 *      "channels": [INPUT with "streamKey", "passphrase", "stream" and
 *        "revocations", …]}]}
 *
 * INPUT is that of the operation that makes such a resource, with "id" for the
 * one in its ARN. */

#include "api.h"

/* A kind of resource in an account of the document. */
typedef struct emu_seed_kind {
    const char *list;
    const char *operation; /* that makes one */
    ivs_arn_type type;
    bool (*create)(const emu_call *call, emu_response *res);
} emu_seed_kind;

/* In the order in which they may refer to one another; ends with list NULL. */
extern const emu_seed_kind emu_seed_kinds[];

/* Add all of a document to the state, or nothing; a mistake is told with its
 * place. */
bool emu_seed(emu_emulator *emu, const json_t *document, ivs_error *err);
/* The same from a file, into a state without resources; *ret_done tells whether
 * it was one. */
bool emu_seed_file(emu_emulator *emu, const char *path, bool *ret_done,
                   ivs_error *err);
/* The present state; NULL on failure. */
json_t *emu_seed_export(emu_emulator *emu);

#endif
