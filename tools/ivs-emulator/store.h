/* SPDX-License-Identifier: MIT */
#ifndef EMU_STORE_H
#define EMU_STORE_H

/*
 * The state, in SQLite: resources of every type as JSON documents, streams,
 * viewer revocations, used-up tokens, playback sessions. One connection, one
 * lock:
 * emu_store_begin() takes it and opens a transaction, everything else but
 * opening and closing happens inside one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ivs/arn.h>
#include <ivs/error.h>
#include <ivs/token.h>

#include "base/buf.h"

#include "ladder.h"

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
/* Commit, and go on keeping others out: for what must not be done before, nor
 * after another has come. emu_store_end() rolls nothing back then. */
bool emu_store_commit(emu_store *store);
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

typedef struct emu_filter {
    ivs_arn_type type;
    int64_t after;      /* only those with a greater number */
    int64_t parent;     /* only those of that channel; 0: of any */
    const char *name;   /* NULL: any */
    const char *member; /* of the document, a string; NULL: any document */
    const char *value;  /* what it is */
} emu_filter;

/* In the order they were made. */
bool emu_store_list(emu_store *store, const emu_scope *scope,
                    const emu_filter *filter, emu_resource_fn fn, void *user);

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
    /* Told by emu_store_session_get() only. */
    char stream[27];   /* id of the stream it began with */
    bool ended;        /* that stream has */
    emu_ladder ladder; /* of that stream */
    bool revoked;
    char channel_arn[IVS_ARN_MAX + 1];
} emu_session;

/* It begins now. EMU_NONE: its channel is gone, or not live. One that is over
 * is kept while there are few, for the clock may go back. */
emu_found emu_store_session_add(emu_store *store, const emu_session *session,
                                int64_t now_s);
/* Found: it may be over or revoked. Its texts are kept in `text`. */
emu_found emu_store_session_get(emu_store *store, const char *id,
                                emu_session *ret, ivs_buf *text);

/* A session as it is listed. */
typedef struct emu_session_row {
    int64_t seq;         /* grows with every session begun */
    emu_session session; /* without number of its channel, and origins */
    const char *channel; /* id */
    int64_t start_s;
} emu_session_row;

/* Told for each row; false ends the listing. Row's text lives for the call. */
typedef bool (*emu_session_fn)(const emu_session_row *row, void *user);
/* Those whose time is not up, the latest first, those before a number; 0: from
 * the latest. */
bool emu_store_session_list(emu_store *store, const emu_scope *scope,
                            int64_t now_s, int64_t before, emu_session_fn fn,
                            void *user);

/* A stream, live or over. A channel is live while it has one that is live. */
typedef struct emu_stream {
    int64_t seq;
    int64_t channel; /* seq */
    char id[27];
    bool live;
    int64_t start_s;
    emu_ladder ladder;
    const char *health;
    const char *source;   /* what its media are made of; NULL: it has none */
    const char *document; /* JSON, the session of GetStreamSession */
} emu_stream;

typedef bool (*emu_stream_fn)(const emu_stream *row, void *user);

/* EMU_NONE: the channel is live already. Of its streams the latest
 * EMU_STREAMS_KEPT stay; what was put into the others and the sessions that
 * began with them go with them. */
#define EMU_STREAMS_KEPT 100
emu_found emu_store_stream_start(emu_store *store, const emu_stream *stream);
/* It ends, and the playback sessions of its channel soon after: a player has to
 * hear of it. */
#define EMU_SESSION_GRACE_S 30
bool emu_store_stream_end(emu_store *store, const emu_stream *stream,
                          const char *document, int64_t end_s);
/* The channel's latest stream, or the one of that id; id NULL: any. Text of
 * ret lives in `text`. */
emu_found emu_store_stream_get(emu_store *store, int64_t channel,
                               const char *id, emu_stream *ret, ivs_buf *text);
/* Streams that are live, in the order they started, those after a number;
 * health NULL: any. */
bool emu_store_stream_live(emu_store *store, const emu_scope *scope,
                           int64_t after, const char *health, emu_stream_fn fn,
                           void *user);
/* Those that are live and have media, of whatever channel. */
bool emu_store_stream_media(emu_store *store, emu_stream_fn fn, void *user);
/* All of a channel, the latest first, those before a number; 0: from the
 * latest. */
bool emu_store_stream_past(emu_store *store, int64_t channel, int64_t before,
                           emu_stream_fn fn, void *user);

/* A channel as it is played. */
typedef struct emu_played {
    int64_t channel;              /* seq */
    bool authorized;              /* private */
    char policy[IVS_ARN_MAX + 1]; /* its restriction policy, or "" */
    int64_t stream;               /* seq of the one that is live, or 0 */
    int64_t start_s;              /* since when */
    emu_ladder ladder;            /* its renditions */
} emu_played;

/* Of its document those members alone are read. EMU_FAILED: also where they
 * make no sense. */
emu_found emu_store_played(emu_store *store, const emu_scope *scope,
                           const char *id, emu_played *ret);
/* Playback sessions of a channel that are alive; -1 on failure. */
int64_t emu_store_viewers(emu_store *store, int64_t channel, int64_t now_s);
/* Those of all channels of an account in a region, counted up to a limit. */
int64_t emu_store_audience(emu_store *store, const emu_scope *scope,
                           int64_t now_s, int64_t limit);

/* What was put into a stream: timed metadata and ad breaks, as JSON. */
bool emu_store_cue_add(emu_store *store, int64_t stream, const char *document);
/* In the order they were put there; at most the latest EMU_CUES_KEPT. */
#define EMU_CUES_KEPT 1000
bool emu_store_cue_list(emu_store *store, int64_t stream,
                        bool (*fn)(const char *document, void *user),
                        void *user);

/* How many resources there are of all; -1 on failure. */
int64_t emu_store_count(emu_store *store);
/* Those of a type in an account and region; -1 on failure. */
int64_t emu_store_count_of(emu_store *store, const emu_scope *scope,
                           ivs_arn_type type);
/* Grows with whatever is added, never back; -1 on failure. */
int64_t emu_store_serial(emu_store *store);
/* Accounts and regions that have resources, in order. False: fn said so, or it
 * failed. */
bool emu_store_scopes(emu_store *store,
                      bool (*fn)(const emu_scope *, void *user), void *user);
/* What was revoked on a channel, in the order of viewers. */
bool emu_store_revocations(emu_store *store, int64_t channel,
                           bool (*fn)(const char *viewer, int64_t version,
                                      void *user),
                           void *user);

#endif
