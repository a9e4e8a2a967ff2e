/* SPDX-License-Identifier: MIT */
#ifndef EMU_STORE_SQL_H
#define EMU_STORE_SQL_H

/* What the files of the store share: the statements, prepared at first use. */

#include "store.h"

struct sqlite3;
struct sqlite3_stmt;

typedef enum emu_sql {
    EMU_SQL_BEGIN,
    EMU_SQL_COMMIT,
    EMU_SQL_ROLLBACK,
    EMU_SQL_INSERT,
    EMU_SQL_GET,
    EMU_SQL_UPDATE,
    EMU_SQL_DELETE,
    EMU_SQL_LIST,
    EMU_SQL_REVOKE,
    EMU_SQL_IS_REVOKED,
    EMU_SQL_USE,
    EMU_SQL_USE_PURGE,
    EMU_SQL_SESSION_ADD,
    EMU_SQL_SESSION_PURGE,
    EMU_SQL_SESSION_PURGE_OVER,
    EMU_SQL_SESSION_GET,
    EMU_SQL_SESSION_END,
    EMU_SQL_SESSION_LIST,
    EMU_SQL_STREAM_START,
    EMU_SQL_STREAM_PURGE,
    EMU_SQL_STREAM_END,
    EMU_SQL_STREAM_LATEST,
    EMU_SQL_STREAM_LIVE,
    EMU_SQL_STREAM_MEDIA,
    EMU_SQL_STREAM_PAST,
    EMU_SQL_PLAYED,
    EMU_SQL_VIEWERS,
    EMU_SQL_AUDIENCE,
    EMU_SQL_CUE_ADD,
    EMU_SQL_CUE_PURGE,
    EMU_SQL_CUE_LIST,
    EMU_SQL_COUNT_RESOURCES,
    EMU_SQL_COUNT_OF,
    EMU_SQL_SERIAL,
    EMU_SQL_SCOPES,
    EMU_SQL_REVOCATIONS,
    EMU_SQL_COUNT
} emu_sql;

/* Make the tables in an empty database, bring those of an earlier version up
 * to date, refuse a database that is not ours. Within a transaction. */
ivs_status emu_schema_prepare(struct sqlite3 *db, const char *path,
                              ivs_error *err);

/* The statement with its parameters bound by a letter each: i int64_t, t text
 * or NULL. NULL on failure. */
struct sqlite3_stmt *emu_sql_bind(emu_store *store, emu_sql sql,
                                  const char *types, ...);
/* Bind and run a statement that answers no rows; *ret_seq and *ret_changes may
 * be NULL. */
bool emu_sql_finish(emu_store *store, struct sqlite3_stmt *st, int64_t *ret_seq,
                    int *ret_changes);
/* Run a bound statement for the one number it answers; -1 on failure. */
int64_t emu_sql_number(struct sqlite3_stmt *st);

#endif
