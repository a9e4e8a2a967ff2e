/* SPDX-License-Identifier: MIT */
#ifndef EMU_EMULATOR_H
#define EMU_EMULATOR_H

/* What all requests share, and the one way in. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ivs/key.h>

#include "base/buf.h"

#include "edge_keys.h"
#include "faults.h"
#include "http.h"
#include "media.h"
#include "quota.h"
#include "random.h"
#include "requests.h"
#include "store.h"

#define EMU_REGION_MAX 32

typedef struct emu_emulator {
    emu_store *store;
    emu_quota *quota;          /* NULL: no rate quotas */
    emu_keys *keys;            /* NULL: keys are read anew each time */
    emu_random *random;        /* NULL: nothing can be foreseen */
    emu_faults *faults;        /* NULL: none, and no control of them */
    emu_media *media;          /* NULL: streams have no pictures */
    emu_requests *requests;    /* the last ones */
    const char *access_key_id; /* besides those of 12 digits */
    const char *secret_access_key;
    const char *scheme;         /* of our URLs: "http", "https" */
    const char *viewer_country; /* of viewers that name none, or NULL */
    int64_t session_s;          /* how long a playback session lives */
    int64_t viewer_limit;       /* of an account in a region; 0: none */
    bool explain;               /* say in headers why playback is refused */
    const ivs_key *mint_key;    /* to mint with for the page; NULL: none */
    bool loopback; /* bound to a loopback address: no foreign Host */
    bool quiet;
    _Atomic int64_t clock_offset_s;
} emu_emulator;

/* The service's time: it can be moved, unlike the one of signatures. */
int64_t emu_now_s(const emu_emulator *emu);

/*
 * Look at a request whose body has not been read. False: res is the answer,
 * and the connection ends with it.
 */
bool emu_admit(const emu_emulator *emu, const emu_request *req,
               emu_response *res);
/* Answer a whole request that was admitted. */
void emu_handle(emu_emulator *emu, const emu_request *req, emu_response *res);

/* One line on stderr about an answered request, and a record of it. */
void emu_log(const emu_emulator *emu, const emu_request *req,
             const emu_response *res);

#endif
