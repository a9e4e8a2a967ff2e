/* SPDX-License-Identifier: MIT */
/* Revocations, used-up tokens and playback sessions. */

#include <sqlite3.h>
#include <stdio.h>

#include "store_sql.h"

/* Oldest sessions go beyond this many, so that they cannot fill the memory. */
#define SESSIONS_MAX 100000
/* Expired uses are forgotten beyond this many only: the clock may go back, and
 * a token must not become new by that. */
#define USED_KEPT 10000

bool
emu_store_revoke(emu_store *store, int64_t channel, const char *viewer,
                 int64_t version)
{
    return emu_sql_finish(
        store,
        emu_sql_bind(store, EMU_SQL_REVOKE, "iti", channel, viewer, version),
        NULL, NULL);
}

emu_found
emu_store_is_revoked(emu_store *store, int64_t channel, const char *viewer,
                     int64_t version)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_IS_REVOKED, "iti", channel,
                                    viewer, version);
    int rc;

    if (st == NULL)
        return EMU_FAILED;
    rc = sqlite3_step(st);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    if (rc == SQLITE_ROW)
        return EMU_FOUND;
    return rc == SQLITE_DONE ? EMU_NONE : EMU_FAILED;
}

emu_found
emu_store_use(emu_store *store, const emu_scope *scope, const char *uuid,
              int64_t expires_s, int64_t now_s)
{
    int changes = 0;

    if (!emu_sql_finish(store,
                        emu_sql_bind(store, EMU_SQL_USE_PURGE, "ii", now_s,
                                     (int64_t)USED_KEPT),
                        NULL, NULL) ||
        !emu_sql_finish(store,
                        emu_sql_bind(store, EMU_SQL_USE, "ttti", scope->account,
                                     scope->region, uuid, expires_s),
                        NULL, &changes))
        return EMU_FAILED;
    return changes == 1 ? EMU_FOUND : EMU_NONE;
}

emu_found
emu_store_session_add(emu_store *store, const emu_session *session,
                      int64_t now_s)
{
    int64_t seq = 0;
    int changes = 0;

    if (!emu_sql_finish(store,
                        emu_sql_bind(store, EMU_SQL_SESSION_ADD, "titiiti",
                                     session->id, session->channel,
                                     session->viewer, session->version,
                                     (int64_t)session->maximum_resolution,
                                     session->origins, session->expires_s),
                        &seq, &changes))
        return EMU_FAILED;
    if (changes == 0)
        return EMU_NONE;
    if (!emu_sql_finish(store,
                        emu_sql_bind(store, EMU_SQL_SESSION_PURGE, "ii", now_s,
                                     seq - SESSIONS_MAX),
                        NULL, NULL))
        return EMU_FAILED;
    return EMU_FOUND;
}

/* Text that is wanted after the statement is done with. */
static const char *
keep(sqlite3_stmt *st, int i, ivs_buf *text)
{
    const unsigned char *value = sqlite3_column_text(st, i);
    size_t at = text->len;

    if (value == NULL)
        return NULL;
    ivs_buf_puts(text, (const char *)value);
    ivs_buf_putc(text, '\0');
    return text->failed ? NULL : text->data + at;
}

emu_found
emu_store_session_get(emu_store *store, const char *id, emu_session *ret,
                      ivs_buf *text)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_SESSION_GET, "t", id);
    emu_found found = EMU_FAILED;
    int rc;

    if (st == NULL)
        return EMU_FAILED;
    rc = sqlite3_step(st);
    if (rc == SQLITE_DONE)
        found = EMU_NONE;
    if (rc == SQLITE_ROW) {
        *ret = (emu_session){0};
        (void)snprintf(ret->id, sizeof ret->id, "%s", id);
        ret->channel = sqlite3_column_int64(st, 0);
        ret->version = sqlite3_column_int64(st, 1);
        ret->maximum_resolution = (ivs_resolution)sqlite3_column_int(st, 2);
        ret->origins = keep(st, 3, text);
        ret->expires_s = sqlite3_column_int64(st, 4);
        ret->revoked = sqlite3_column_int(st, 5) != 0;
        found = text->failed ? EMU_FAILED : EMU_FOUND;
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return found;
}
