/* SPDX-License-Identifier: MIT */
/* The tables, and how a file of an earlier version gets those it lacks. */

#include <sqlite3.h>

#include "base/error.h"

#include "store_sql.h"

/* "IVSE": tells our files from other databases. */
#define APPLICATION_ID 0x49565345

/* steps[n] leads from schema version n to n + 1. */
static const char *const steps[] = {
    "CREATE TABLE resource("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER NOT NULL,"
    " account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,"
    " parent INTEGER REFERENCES resource(seq) ON DELETE CASCADE,"
    " name TEXT NOT NULL, document TEXT NOT NULL,"
    " UNIQUE(type, account, region, id)) STRICT;"
    "CREATE INDEX resource_order ON resource(type, account, region, seq);"
    "CREATE INDEX resource_parent ON resource(parent);"
    "CREATE TABLE revocation("
    " channel INTEGER NOT NULL REFERENCES resource(seq) ON DELETE CASCADE,"
    " viewer TEXT NOT NULL, version INTEGER NOT NULL,"
    " PRIMARY KEY(channel, viewer)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE used("
    " account TEXT NOT NULL, region TEXT NOT NULL, uuid TEXT NOT NULL,"
    " expires_s INTEGER NOT NULL,"
    " PRIMARY KEY(account, region, uuid)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX used_expiry ON used(expires_s);"
    "CREATE TABLE session("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " channel INTEGER NOT NULL REFERENCES resource(seq) ON DELETE CASCADE,"
    " viewer TEXT, version INTEGER NOT NULL, resolution INTEGER NOT NULL,"
    " origins TEXT, expires_s INTEGER NOT NULL) STRICT;"
    "CREATE INDEX session_expiry ON session(expires_s);"
    "CREATE INDEX session_channel ON session(channel);"
    "PRAGMA application_id = 1230394181;"
    "PRAGMA user_version = 1;",

    /* Every channel counted as live before: sessions of then had no stream. */
    "CREATE TABLE stream("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " channel INTEGER NOT NULL REFERENCES resource(seq) ON DELETE CASCADE,"
    " id TEXT NOT NULL UNIQUE, health TEXT NOT NULL, end_s INTEGER,"
    " document TEXT NOT NULL) STRICT;"
    "CREATE INDEX stream_channel ON stream(channel, seq);"
    "CREATE UNIQUE INDEX stream_live ON stream(channel) WHERE end_s IS NULL;"
    "CREATE TABLE cue("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " stream INTEGER NOT NULL REFERENCES stream(seq) ON DELETE CASCADE,"
    " document TEXT NOT NULL) STRICT;"
    "CREATE INDEX cue_stream ON cue(stream, seq);"
    "DELETE FROM session;"
    "PRAGMA user_version = 2;",

    /* Streams had no media before, and all renditions. */
    "ALTER TABLE stream ADD COLUMN ladder INTEGER NOT NULL DEFAULT 63;"
    "ALTER TABLE stream ADD COLUMN source TEXT;"
    "DELETE FROM session;"
    "ALTER TABLE session ADD COLUMN stream INTEGER"
    " REFERENCES stream(seq) ON DELETE CASCADE;"
    "PRAGMA user_version = 3;",

    /* Streams are forgotten, and their sessions with them. */
    ("CREATE INDEX session_stream ON session(stream);"
     "PRAGMA user_version = 4;"),

    /* When a stream began was only in its document before. */
    ("ALTER TABLE stream ADD COLUMN start_s INTEGER NOT NULL DEFAULT 0;"
     "UPDATE stream SET start_s = unixepoch(document ->> '$.startTime');"
     "PRAGMA user_version = 5;"),

    /* When a session began; one of before lived as long as without an option.
     */
    ("ALTER TABLE session ADD COLUMN start_s INTEGER NOT NULL DEFAULT 0;"
     "UPDATE session SET start_s = expires_s - 3600;"
     "PRAGMA user_version = 6;"),
};

#define SCHEMA_VERSION ((int)(sizeof steps / sizeof *steps))

static bool
read_number(sqlite3 *db, const char *sql, int *ret)
{
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW;

    if (ok)
        *ret = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st);
    return ok;
}

ivs_status
emu_schema_prepare(sqlite3 *db, const char *path, ivs_error *err)
{
    int application = 0, version = 0, tables = 0;

    if (!read_number(db, "PRAGMA application_id", &application) ||
        !read_number(db, "PRAGMA user_version", &version) ||
        !read_number(db, "SELECT count(*) FROM sqlite_schema", &tables))
        return ivs_fail(err, IVS_E_IO, "cannot read %s: %s", path,
                        sqlite3_errmsg(db));
    if (application == APPLICATION_ID &&
        (version < 1 || version > SCHEMA_VERSION))
        return ivs_fail(err, IVS_E_IO,
                        "%s has schema version %d, expected 1 to %d: it was "
                        "made by another version of ivs-emulator",
                        path, version, SCHEMA_VERSION);
    if (application != APPLICATION_ID && (application != 0 || tables != 0))
        return ivs_fail(err, IVS_E_IO,
                        "%s is a database of another program, expected one "
                        "made by ivs-emulator",
                        path);
    if (application != APPLICATION_ID)
        version = 0;
    for (; version < SCHEMA_VERSION; version++)
        if (sqlite3_exec(db, steps[version], NULL, NULL, NULL) != SQLITE_OK)
            return ivs_fail(err, IVS_E_IO, "cannot write %s: %s", path,
                            sqlite3_errmsg(db));
    return IVS_OK;
}
