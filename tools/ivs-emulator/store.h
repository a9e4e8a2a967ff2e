/* SPDX-License-Identifier: MIT */
#ifndef EMU_STORE_H
#define EMU_STORE_H

/*
 * The state, in SQLite: resources of every type as JSON documents, viewer
 * revocations, used-up tokens, playback sessions. One connection, one lock:
 * emu_store_begin() takes it and opens a transaction, everything else but
 * opening and closing happens inside one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ivs/arn.h>
#include <ivs/error.h>
#include <ivs/token.h>

#include "base/buf.h"

typedef struct emu_store emu_store;

/* Whose resources: an account in a region. */
typedef struct emu_scope {
    char account[13];
    char region[33];
} emu_scope;

typedef enum emu_found {
    EMU_FAILED = 0, /* SQLite said no; the transaction must not be committed */
    EMU_FOUND = 1,  /* found, or done */
    EMU_NONE = 2    /* no such row */
} emu_found;

/* path NULL: in memory. IVS_E_IO with a sentence. */
ivs_status emu_store_open(const char *path, emu_store **ret, ivs_error *err);
void emu_store_close(emu_store *store);

bool emu_store_begin(emu_store *store);
/* Commits or rolls back, and releases the lock. False: nothing was stored. */
bool emu_store_end(emu_store *store, bool commit);
/* Drop all state. */
bool emu_store_clear(emu_store *store);

typedef struct emu_resource {
    ivs_arn_type type;
    int64_t seq;    /* grows with every resource made */
    int64_t parent; /* seq of the channel a stream key goes with, or 0 */
    char id[65];
    const char *name;
    const char *document; /* JSON */
} emu_resource;

/* Told for each row; false ends the listing. Row's text lives for the call. */
typedef bool (*emu_resource_fn)(const emu_resource *row, void *user);

/* id, name and document of res are stored; *ret_seq is its number. */
bool emu_store_insert(emu_store *store, const emu_scope *scope,
                      const emu_resource *res, int64_t *ret_seq);
/* Append the document, where ret is not NULL, and tell the number. */
emu_found emu_store_get(emu_store *store, const emu_scope *scope,
                        ivs_arn_type type, const char *id, ivs_buf *ret,
                        int64_t *ret_seq);
bool emu_store_update(emu_store *store, int64_t seq, const char *name,
                      const char *document);
bool emu_store_delete(emu_store *store, int64_t seq);
/* In the order they were made, those after a number; name NULL: any. */
bool emu_store_list(emu_store *store, const emu_scope *scope,
                    const emu_resource *like, emu_resource_fn fn, void *user);

/* Revoke versions up to one; a smaller one than before changes nothing. */
bool emu_store_revoke(emu_store *store, int64_t channel, const char *viewer,
                      int64_t version);
emu_found emu_store_is_revoked(emu_store *store, int64_t channel,
                               const char *viewer, int64_t version);
/* Note the use of a token. EMU_NONE: it was used before. */
emu_found emu_store_use(emu_store *store, const emu_scope *scope,
                        const char *uuid, int64_t expires_s, int64_t now_s);

typedef struct emu_session {
    char id[33];
    int64_t channel;    /* seq */
    const char *viewer; /* NULL: none; a revocation cannot name it */
    int64_t version;
    ivs_resolution maximum_resolution;
    const char *origins; /* comma-separated, of a strict token; else NULL */
    int64_t expires_s;
} emu_session;

/* EMU_NONE: its channel is gone. */
emu_found emu_store_session_add(emu_store *store, const emu_session *session,
                                int64_t now_s);
/* Found: it lives, and no revocation names it. Its origins are kept in `text`,
 * its viewer is not told. */
emu_found emu_store_session_get(emu_store *store, const char *id, int64_t now_s,
                                emu_session *ret, ivs_buf *text);

#endif
