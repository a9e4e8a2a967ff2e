/* SPDX-License-Identifier: MIT */
/* What there is, for somebody who looks. */

#include <sqlite3.h>
#include <stdio.h>

#include "store_sql.h"

/* A column's text, NULL for NULL. */
static const char *
column(sqlite3_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st, i);
}

static bool
end_list(sqlite3_stmt *st, int rc, bool more)
{
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE || (!more && rc == SQLITE_ROW);
}

static bool
read_session(sqlite3_stmt *st, emu_session_row *ret)
{
    ret->seq = sqlite3_column_int64(st, 0);
    ret->channel = column(st, 1);
    ret->session.viewer = column(st, 2);
    ret->session.version = sqlite3_column_int64(st, 3);
    ret->session.maximum_resolution = (ivs_resolution)sqlite3_column_int(st, 4);
    ret->session.expires_s = sqlite3_column_int64(st, 5);
    ret->session.revoked = sqlite3_column_int(st, 6) != 0;
    if (ret->channel == NULL || column(st, 7) == NULL)
        return false;
    (void)snprintf(ret->session.id, sizeof ret->session.id, "%s",
                   column(st, 7));
    return true;
}

bool
emu_store_session_list(emu_store *store, const emu_scope *scope, int64_t now_s,
                       int64_t before, emu_session_fn fn, void *user)
{
    sqlite3_stmt *st =
        emu_sql_bind(store, EMU_SQL_SESSION_LIST, "ttii", scope->account,
                     scope->region, now_s, before);
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        emu_session_row row = {0};

        if (!read_session(st, &row)) {
            rc = SQLITE_NOMEM;
            break;
        }
        more = fn(&row, user);
    }
    return end_list(st, rc, more);
}

bool
emu_store_scopes(emu_store *store, int64_t max,
                 bool (*fn)(const emu_scope *scope, void *user), void *user)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_SCOPES, "i", max);
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        emu_scope scope;

        if (column(st, 0) == NULL || column(st, 1) == NULL) {
            rc = SQLITE_NOMEM;
            break;
        }
        (void)snprintf(scope.account, sizeof scope.account, "%s",
                       column(st, 0));
        (void)snprintf(scope.region, sizeof scope.region, "%s", column(st, 1));
        more = fn(&scope, user);
    }
    return end_list(st, rc, more);
}
