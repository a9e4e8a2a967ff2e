/* SPDX-License-Identifier: MIT */
/* Channels as they are played, revocations, used-up tokens and playback
 * sessions. */

#include <sqlite3.h>
#include <stdio.h>

#include "store_sql.h"

/* Oldest sessions go beyond this many, so that they cannot fill the memory. */
#define SESSIONS_MAX 100000
/* Those that are over are forgotten behind this many others, and looked for
 * every so many. */
#define OVER_KEPT  10000
#define OVER_EVERY 256
/* Expired uses are forgotten beyond this many only: the clock may go back, and
 * a token must not become new by that. */
#define USED_KEPT 10000

/* Whether it is private must be said. False also where a text is too long. */
static bool
read_played(sqlite3_stmt *st, emu_played *ret)
{
    const char *policy = (const char *)sqlite3_column_text(st, 2);
    int n = snprintf(ret->policy, sizeof ret->policy, "%s",
                     policy == NULL ? "" : policy);

    ret->channel = sqlite3_column_int64(st, 0);
    ret->authorized = sqlite3_column_int(st, 1) != 0;
    ret->stream = sqlite3_column_int64(st, 3);
    ret->start_s = sqlite3_column_int64(st, 4);
    ret->ladder = (emu_ladder)sqlite3_column_int(st, 5);
    return sqlite3_column_type(st, 1) == SQLITE_INTEGER && n >= 0 &&
           (size_t)n < sizeof ret->policy;
}

emu_found
emu_store_played(emu_store *store, const emu_scope *scope, const char *id,
                 emu_played *ret)
{
    sqlite3_stmt *st =
        emu_sql_bind(store, EMU_SQL_PLAYED, "ittt", (int64_t)IVS_ARN_CHANNEL,
                     scope->account, scope->region, id);
    emu_found found = EMU_FAILED;
    int rc;

    if (st == NULL)
        return EMU_FAILED;
    rc = sqlite3_step(st);
    if (rc == SQLITE_DONE)
        found = EMU_NONE;
    if (rc == SQLITE_ROW && read_played(st, ret))
        found = EMU_FOUND;
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return found;
}

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

/* Now and then, those that are over; always, the oldest of too many. */
static bool
purge_sessions(emu_store *store, int64_t seq, int64_t now_s)
{
    if (seq % OVER_EVERY == 0 &&
        !emu_sql_finish(store,
                        emu_sql_bind(store, EMU_SQL_SESSION_PURGE_OVER, "ii",
                                     now_s, seq - OVER_KEPT),
                        NULL, NULL))
        return false;
    return emu_sql_finish(
        store,
        emu_sql_bind(store, EMU_SQL_SESSION_PURGE, "i", seq - SESSIONS_MAX),
        NULL, NULL);
}

emu_found
emu_store_session_add(emu_store *store, const emu_session *session,
                      int64_t now_s)
{
    int64_t seq = 0;
    int changes = 0;

    if (!emu_sql_finish(
            store,
            emu_sql_bind(store, EMU_SQL_SESSION_ADD, "titiitii", session->id,
                         session->channel, session->viewer, session->version,
                         (int64_t)session->maximum_resolution, session->origins,
                         session->expires_s, now_s),
            &seq, &changes))
        return EMU_FAILED;
    if (changes == 0)
        return EMU_NONE;
    return purge_sessions(store, seq, now_s) ? EMU_FOUND : EMU_FAILED;
}

/* Texts that are wanted after the statement is done with: viewer, origins. */
static bool
keep_texts(sqlite3_stmt *st, ivs_buf *text, emu_session *ret)
{
    const char *viewer = (const char *)sqlite3_column_text(st, 4);
    const char *origins = (const char *)sqlite3_column_text(st, 5);
    size_t at = text->len, second;

    ivs_buf_puts(text, viewer == NULL ? "" : viewer);
    ivs_buf_putc(text, '\0');
    second = text->len;
    ivs_buf_puts(text, origins == NULL ? "" : origins);
    ivs_buf_putc(text, '\0');
    if (text->failed)
        return false;
    ret->viewer = viewer == NULL ? NULL : text->data + at;
    ret->origins = origins == NULL ? NULL : text->data + second;
    return true;
}

/* The ARN of its channel, and the id of its stream. */
static bool
read_channel(sqlite3_stmt *st, emu_session *ret)
{
    const char *account = (const char *)sqlite3_column_text(st, 6);
    const char *region = (const char *)sqlite3_column_text(st, 7);
    const char *id = (const char *)sqlite3_column_text(st, 8);
    const char *stream = (const char *)sqlite3_column_text(st, 10);
    ivs_arn arn = {.type = IVS_ARN_CHANNEL};

    if (account == NULL || region == NULL || id == NULL || stream == NULL)
        return false;
    (void)snprintf(arn.account, sizeof arn.account, "%s", account);
    (void)snprintf(arn.region, sizeof arn.region, "%s", region);
    (void)snprintf(arn.id, sizeof arn.id, "%s", id);
    (void)snprintf(ret->stream, sizeof ret->stream, "%s", stream);
    return ivs_arn_format(&arn, ret->channel_arn, NULL) == IVS_OK;
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
        ret->expires_s = sqlite3_column_int64(st, 3);
        ret->revoked = sqlite3_column_int(st, 9) != 0;
        ret->ended = sqlite3_column_int(st, 11) != 0;
        ret->ladder = (emu_ladder)sqlite3_column_int(st, 12);
        if (keep_texts(st, text, ret) && read_channel(st, ret))
            found = EMU_FOUND;
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return found;
}

int64_t
emu_store_audience(emu_store *store, const emu_scope *scope, int64_t now_s,
                   int64_t limit)
{
    return emu_sql_number(emu_sql_bind(store, EMU_SQL_AUDIENCE, "ittii",
                                       (int64_t)IVS_ARN_CHANNEL, scope->account,
                                       scope->region, now_s, limit));
}

/* A column's text, NULL for NULL. */
static const char *
column(sqlite3_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st, i);
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
    ret->start_s = sqlite3_column_int64(st, 8);
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
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE || (!more && rc == SQLITE_ROW);
}
