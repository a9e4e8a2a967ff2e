/* SPDX-License-Identifier: MIT */
/* The state as a whole: how much there is, whose, what was revoked. */

#include <sqlite3.h>
#include <stdio.h>

#include "store_sql.h"

int64_t
emu_store_count(emu_store *store)
{
    return emu_sql_number(emu_sql_bind(store, EMU_SQL_COUNT_RESOURCES, ""));
}

int64_t
emu_store_count_of(emu_store *store, const emu_scope *scope, ivs_arn_type type)
{
    return emu_sql_number(emu_sql_bind(store, EMU_SQL_COUNT_OF, "itt",
                                       (int64_t)type, scope->account,
                                       scope->region));
}

int64_t
emu_store_serial(emu_store *store)
{
    return emu_sql_number(emu_sql_bind(store, EMU_SQL_SERIAL, ""));
}

bool
emu_store_scopes(emu_store *store, bool (*fn)(const emu_scope *, void *user),
                 void *user)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_SCOPES, "");
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *account = (const char *)sqlite3_column_text(st, 0);
        const char *region = (const char *)sqlite3_column_text(st, 1);
        emu_scope scope;

        more = account != NULL && region != NULL;
        if (!more)
            break;
        (void)snprintf(scope.account, sizeof scope.account, "%s", account);
        (void)snprintf(scope.region, sizeof scope.region, "%s", region);
        more = fn(&scope, user);
    }
    (void)sqlite3_reset(st);
    return rc == SQLITE_DONE;
}

bool
emu_store_revocations(emu_store *store, int64_t channel,
                      bool (*fn)(const char *viewer, int64_t version,
                                 void *user),
                      void *user)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_REVOCATIONS, "i", channel);
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *viewer = (const char *)sqlite3_column_text(st, 0);

        more = viewer != NULL && fn(viewer, sqlite3_column_int64(st, 1), user);
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE;
}
