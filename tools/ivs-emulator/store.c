/* SPDX-License-Identifier: MIT */
/* The database: opening, transactions, statements. */

#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#include "store_sql.h"

struct emu_store {
    sqlite3 *db;
    pthread_mutex_t lock;
    bool committed; /* what the lock is held for */
    sqlite3_stmt *statements[EMU_SQL_COUNT];
};

static const char *const texts[EMU_SQL_COUNT] = {
    /* Reads take no lock for writing; nobody else writes this database, so
     * that a later write always gets it. */
    [EMU_SQL_BEGIN] = "BEGIN",
    [EMU_SQL_COMMIT] = "COMMIT",
    [EMU_SQL_ROLLBACK] = "ROLLBACK",
    [EMU_SQL_INSERT] =
        "INSERT INTO resource(type, account, region, id, parent, name,"
        " document) VALUES(?1, ?2, ?3, ?4, nullif(?5, 0), ?6, ?7)",
    [EMU_SQL_GET] = "SELECT seq, document FROM resource WHERE type = ?1"
                    " AND account = ?2 AND region = ?3 AND id = ?4",
    [EMU_SQL_UPDATE] =
        "UPDATE resource SET name = ?2, document = ?3 WHERE seq = ?1",
    [EMU_SQL_DELETE] = "DELETE FROM resource WHERE seq = ?1",
    [EMU_SQL_LIST] =
        "SELECT seq, id, name, document FROM resource WHERE type = ?1"
        " AND account = ?2 AND region = ?3 AND seq > ?4"
        " AND (?5 IS NULL OR name = ?5) AND (?6 = 0 OR parent = ?6)"
        " AND (?7 IS NULL OR document ->> ?7 = ?8) ORDER BY seq",
    [EMU_SQL_REVOKE] = "INSERT INTO revocation(channel, viewer, version)"
                       " VALUES(?1, ?2, ?3) ON CONFLICT(channel, viewer)"
                       " DO UPDATE SET version = max(version, ?3)",
    [EMU_SQL_IS_REVOKED] = "SELECT 1 FROM revocation WHERE channel = ?1"
                           " AND viewer = ?2 AND version >= ?3",
    [EMU_SQL_USE] = "INSERT INTO used(account, region, uuid, expires_s)"
                    " VALUES(?1, ?2, lower(?3), ?4)"
                    " ON CONFLICT(account, region, uuid) DO NOTHING",
    [EMU_SQL_USE_PURGE] = "DELETE FROM used WHERE expires_s <= ?1"
                          " AND EXISTS(SELECT 1 FROM used LIMIT 1 OFFSET ?2)",
    [EMU_SQL_SESSION_ADD] =
        "INSERT INTO session(id, channel, viewer, version, resolution,"
        " origins, expires_s, stream, start_s)"
        " SELECT ?1, channel, ?3, ?4, ?5, ?6, ?7, seq, ?8"
        " FROM stream WHERE channel = ?2 AND end_s IS NULL",
    [EMU_SQL_SESSION_PURGE] = "DELETE FROM session WHERE seq <= ?1",
    [EMU_SQL_SESSION_PURGE_OVER] =
        "DELETE FROM session WHERE expires_s <= ?1 AND seq <= ?2",
    [EMU_SQL_SESSION_GET] =
        "SELECT s.channel, s.version, s.resolution, s.expires_s, s.viewer,"
        " s.origins, c.account, c.region, c.id,"
        " EXISTS(SELECT 1 FROM revocation AS r"
        "  WHERE r.channel = s.channel AND r.viewer = s.viewer"
        "  AND r.version >= s.version), t.id, t.end_s IS NOT NULL, t.ladder"
        " FROM session AS s JOIN resource AS c ON c.seq = s.channel"
        " JOIN stream AS t ON t.seq = s.stream WHERE s.id = ?1",
    [EMU_SQL_SESSION_END] =
        "UPDATE session SET expires_s = min(expires_s, ?2) WHERE channel = ?1",
    [EMU_SQL_SESSION_LIST] =
        "SELECT s.seq, c.id, s.viewer, s.version, s.resolution, s.expires_s,"
        " EXISTS(SELECT 1 FROM revocation AS r WHERE r.channel = s.channel"
        "  AND r.viewer = s.viewer AND r.version >= s.version), s.id, s.start_s"
        " FROM session AS s JOIN resource AS c ON c.seq = s.channel"
        " WHERE c.account = ?1 AND c.region = ?2 AND s.expires_s > ?3"
        " AND (?4 = 0 OR s.seq < ?4) ORDER BY s.seq DESC",
    [EMU_SQL_STREAM_START] =
        "INSERT INTO stream(channel, id, health, document, ladder, source,"
        " start_s) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
    [EMU_SQL_STREAM_PURGE] =
        "DELETE FROM stream WHERE channel = ?1 AND seq <= (SELECT seq"
        " FROM stream WHERE channel = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
    [EMU_SQL_STREAM_END] =
        "UPDATE stream SET end_s = ?2, document = ?3 WHERE seq = ?1",
    [EMU_SQL_STREAM_LATEST] =
        "SELECT seq, id, health, document, channel, end_s IS NULL, ladder,"
        " source, start_s FROM stream WHERE channel = ?1"
        " AND (?2 IS NULL OR id = ?2) ORDER BY seq DESC LIMIT 1",
    [EMU_SQL_STREAM_LIVE] =
        "SELECT t.seq, t.id, t.health, t.document, t.channel, 1, t.ladder,"
        " t.source, t.start_s"
        " FROM stream AS t JOIN resource AS c ON c.seq = t.channel"
        " WHERE t.end_s IS NULL AND c.account = ?1 AND c.region = ?2"
        " AND t.seq > ?3 AND (?4 IS NULL OR t.health = ?4) ORDER BY t.seq",
    [EMU_SQL_STREAM_MEDIA] =
        "SELECT seq, id, health, document, channel, 1, ladder, source, start_s"
        " FROM stream WHERE end_s IS NULL AND source IS NOT NULL ORDER BY seq",
    [EMU_SQL_STREAM_PAST] =
        "SELECT seq, id, health, document, channel, end_s IS NULL, ladder,"
        " source, start_s FROM stream WHERE channel = ?1"
        " AND (?2 = 0 OR seq < ?2) ORDER BY seq DESC",
    [EMU_SQL_PLAYED] =
        "SELECT c.seq, c.document ->> '$.authorized',"
        " c.document ->> '$.playbackRestrictionPolicyArn',"
        " t.seq, t.start_s, t.ladder FROM resource AS c"
        " LEFT JOIN stream AS t ON t.channel = c.seq AND t.end_s IS NULL"
        " WHERE c.type = ?1 AND c.account = ?2 AND c.region = ?3 AND c.id = ?4",
    [EMU_SQL_VIEWERS] =
        "SELECT count(*) FROM session AS s JOIN stream AS t ON t.seq = s.stream"
        " WHERE s.channel = ?1 AND t.end_s IS NULL AND s.expires_s > ?2 AND "
        "NOT EXISTS(SELECT 1 FROM revocation AS r"
        "  WHERE r.channel = s.channel AND r.viewer = s.viewer"
        "  AND r.version >= s.version)",
    [EMU_SQL_AUDIENCE] =
        "SELECT count(*) FROM (SELECT 1 FROM resource AS c"
        " JOIN session AS s ON s.channel = c.seq"
        " JOIN stream AS t ON t.seq = s.stream AND t.end_s IS NULL"
        " WHERE c.type = ?1"
        " AND c.account = ?2 AND c.region = ?3 AND s.expires_s > ?4"
        " AND NOT EXISTS(SELECT 1 FROM revocation AS r"
        "  WHERE r.channel = s.channel AND r.viewer = s.viewer"
        "  AND r.version >= s.version) LIMIT ?5)",
    [EMU_SQL_CUE_ADD] = "INSERT INTO cue(stream, document) VALUES(?1, ?2)",
    [EMU_SQL_CUE_PURGE] =
        "DELETE FROM cue WHERE stream = ?1 AND seq <= (SELECT seq FROM cue"
        " WHERE stream = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
    [EMU_SQL_CUE_LIST] =
        "SELECT document FROM cue WHERE stream = ?1 ORDER BY seq",
    [EMU_SQL_COUNT_RESOURCES] = "SELECT count(*) FROM resource",
    [EMU_SQL_COUNT_OF] = "SELECT count(*) FROM resource WHERE type = ?1"
                         " AND account = ?2 AND region = ?3",
    [EMU_SQL_SERIAL] = "SELECT coalesce(sum(seq), 0) FROM sqlite_sequence",
    [EMU_SQL_SCOPES] =
        "SELECT DISTINCT account, region FROM resource ORDER BY 1, 2",
    [EMU_SQL_REVOCATIONS] =
        "SELECT viewer, version FROM revocation WHERE channel = ?1 ORDER BY 1",
};

struct sqlite3_stmt *
emu_sql_bind(emu_store *store, emu_sql sql, const char *types, ...)
{
    sqlite3_stmt **st = &store->statements[sql];
    int rc = SQLITE_OK;
    va_list args;

    if (*st == NULL &&
        sqlite3_prepare_v3(store->db, texts[sql], -1, SQLITE_PREPARE_PERSISTENT,
                           st, NULL) != SQLITE_OK)
        return NULL;
    va_start(args, types);
    for (int i = 0; types[i] != '\0' && rc == SQLITE_OK; i++) {
        if (types[i] == 'i')
            rc = sqlite3_bind_int64(*st, i + 1, va_arg(args, int64_t));
        else /* text outlives the statement's use; NULL binds NULL */
            rc = sqlite3_bind_text(*st, i + 1, va_arg(args, const char *), -1,
                                   SQLITE_STATIC);
    }
    va_end(args);
    return rc == SQLITE_OK ? *st : NULL;
}

bool
emu_sql_finish(emu_store *store, struct sqlite3_stmt *st, int64_t *ret_seq,
               int *ret_changes)
{
    int rc;

    if (st == NULL)
        return false;
    rc = sqlite3_step(st);
    if (rc == SQLITE_DONE && ret_seq != NULL)
        *ret_seq = sqlite3_last_insert_rowid(store->db);
    if (rc == SQLITE_DONE && ret_changes != NULL)
        *ret_changes = sqlite3_changes(store->db);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE;
}

int64_t
emu_sql_number(struct sqlite3_stmt *st)
{
    int64_t n = -1;

    if (st == NULL)
        return -1;
    if (sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return n;
}

bool
emu_store_begin(emu_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    if (emu_sql_finish(store, emu_sql_bind(store, EMU_SQL_BEGIN, ""), NULL,
                       NULL))
        return true;
    (void)pthread_mutex_unlock(&store->lock);
    return false;
}

bool
emu_store_commit(emu_store *store)
{
    store->committed = emu_sql_finish(
        store, emu_sql_bind(store, EMU_SQL_COMMIT, ""), NULL, NULL);
    return store->committed;
}

bool
emu_store_end(emu_store *store, bool commit)
{
    bool done = store->committed || (commit && emu_store_commit(store));

    store->committed = false;
    if (!done)
        (void)emu_sql_finish(store, emu_sql_bind(store, EMU_SQL_ROLLBACK, ""),
                             NULL, NULL);
    (void)pthread_mutex_unlock(&store->lock);
    return done;
}

bool
emu_store_clear(emu_store *store)
{
    return sqlite3_exec(store->db,
                        "DELETE FROM cue; DELETE FROM session;"
                        "DELETE FROM stream; DELETE FROM used;"
                        "DELETE FROM revocation; DELETE FROM resource;",
                        NULL, NULL, NULL) == SQLITE_OK;
}

static ivs_status
open_database(emu_store *store, const char *path, ivs_error *err)
{
    static const char pragmas[] =
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; BEGIN IMMEDIATE";
    const char *name = path == NULL ? "the database in memory" : path;
    ivs_status s;

    if (path != NULL) {
        /* SQLite gives its journal files the mode of this one. */
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0)
            return ivs_fail(err, IVS_E_IO, "cannot open %s: %s", path,
                            strerror(errno));
        (void)close(fd);
    }
    if (sqlite3_open_v2(path == NULL ? ":memory:" : path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        sqlite3_exec(store->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        return ivs_fail(err, IVS_E_IO, "cannot open %s: %s%s", name,
                        sqlite3_errmsg(store->db),
                        sqlite3_errcode(store->db) == SQLITE_BUSY
                            ? "; is another ivs-emulator using it?"
                            : "");
    if ((s = emu_schema_prepare(store->db, name, err)) != IVS_OK)
        return s;
    if (sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return ivs_fail(err, IVS_E_IO, "cannot write %s: %s", name,
                        sqlite3_errmsg(store->db));
    return IVS_OK;
}

ivs_status
emu_store_open(const char *path, emu_store **ret, ivs_error *err)
{
    emu_store *store = calloc(1, sizeof *store);
    ivs_status s;

    if (store == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    (void)pthread_mutex_init(&store->lock, NULL);
    if (path != NULL && strcmp(path, ":memory:") == 0)
        path = NULL; /* SQLite's own name for it */
    if ((s = open_database(store, path, err)) != IVS_OK) {
        emu_store_close(store);
        return s;
    }
    *ret = store;
    return IVS_OK;
}

void
emu_store_close(emu_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < EMU_SQL_COUNT; i++)
        (void)sqlite3_finalize(store->statements[i]);
    (void)sqlite3_close(store->db);
    (void)pthread_mutex_destroy(&store->lock);
    free(store);
}
