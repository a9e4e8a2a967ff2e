/* SPDX-License-Identifier: MIT */
/* Streams and what was put into them. */

#include <sqlite3.h>
#include <stdio.h>

#include "store_sql.h"

emu_found
emu_store_stream_start(emu_store *store, const emu_stream *stream)
{
    int changes = 0;

    if (!emu_sql_finish(store,
                        emu_sql_bind(store, EMU_SQL_STREAM_START, "itttiti",
                                     stream->channel, stream->id,
                                     stream->health, stream->document,
                                     (int64_t)stream->ladder, stream->source,
                                     stream->start_s),
                        NULL, &changes))
        return EMU_FAILED;
    if (changes == 0)
        return EMU_NONE;
    return emu_sql_finish(store,
                          emu_sql_bind(store, EMU_SQL_STREAM_PURGE, "ii",
                                       stream->channel,
                                       (int64_t)EMU_STREAMS_KEPT),
                          NULL, NULL)
               ? EMU_FOUND
               : EMU_FAILED;
}

bool
emu_store_stream_end(emu_store *store, const emu_stream *stream,
                     const char *document, int64_t end_s)
{
    return emu_sql_finish(store,
                          emu_sql_bind(store, EMU_SQL_STREAM_END, "iit",
                                       stream->seq, end_s, document),
                          NULL, NULL) &&
           emu_sql_finish(store,
                          emu_sql_bind(store, EMU_SQL_SESSION_END, "ii",
                                       stream->channel,
                                       end_s + EMU_SESSION_GRACE_S),
                          NULL, NULL);
}

/* The columns that all statements on streams begin with. False: no memory. */
static bool
read_row(sqlite3_stmt *st, emu_stream *ret)
{
    const char *id = (const char *)sqlite3_column_text(st, 1);

    ret->seq = sqlite3_column_int64(st, 0);
    ret->health = (const char *)sqlite3_column_text(st, 2);
    ret->document = (const char *)sqlite3_column_text(st, 3);
    ret->channel = sqlite3_column_int64(st, 4);
    ret->live = sqlite3_column_int(st, 5) != 0;
    ret->ladder = (emu_ladder)sqlite3_column_int(st, 6);
    ret->source = (const char *)sqlite3_column_text(st, 7);
    ret->start_s = sqlite3_column_int64(st, 8);
    if (id == NULL || ret->health == NULL || ret->document == NULL)
        return false;
    (void)snprintf(ret->id, sizeof ret->id, "%s", id);
    return true;
}

/* Text that is wanted after the statement is done with. */
static bool
keep_text(emu_stream *stream, ivs_buf *text)
{
    const char **kept[] = {&stream->health, &stream->document, &stream->source};
    size_t at[3];

    for (size_t i = 0; i < 3; i++) {
        at[i] = text->len;
        ivs_buf_puts(text, *kept[i] == NULL ? "" : *kept[i]);
        ivs_buf_putc(text, '\0');
    }
    if (text->failed)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (*kept[i] != NULL)
            *kept[i] = text->data + at[i];
    return true;
}

emu_found
emu_store_stream_get(emu_store *store, int64_t channel, const char *id,
                     emu_stream *ret, ivs_buf *text)
{
    sqlite3_stmt *st =
        emu_sql_bind(store, EMU_SQL_STREAM_LATEST, "it", channel, id);
    emu_stream stream = {0};
    emu_found found = EMU_FAILED;
    int rc;

    if (st == NULL)
        return EMU_FAILED;
    rc = sqlite3_step(st);
    if (rc == SQLITE_DONE)
        found = EMU_NONE;
    if (rc == SQLITE_ROW && read_row(st, &stream) && keep_text(&stream, text)) {
        *ret = stream;
        found = EMU_FOUND;
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return found;
}

/* Tell of each row of a statement that answers rows of streams. */
static bool
list(sqlite3_stmt *st, emu_stream_fn fn, void *user)
{
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        emu_stream row = {0};

        if (!read_row(st, &row)) {
            rc = SQLITE_NOMEM;
            break;
        }
        more = fn(&row, user);
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE || (!more && rc == SQLITE_ROW);
}

bool
emu_store_stream_live(emu_store *store, const emu_scope *scope, int64_t after,
                      const char *health, emu_stream_fn fn, void *user)
{
    return list(emu_sql_bind(store, EMU_SQL_STREAM_LIVE, "ttit", scope->account,
                             scope->region, after, health),
                fn, user);
}

bool
emu_store_stream_media(emu_store *store, emu_stream_fn fn, void *user)
{
    return list(emu_sql_bind(store, EMU_SQL_STREAM_MEDIA, ""), fn, user);
}

bool
emu_store_stream_past(emu_store *store, int64_t channel, int64_t before,
                      emu_stream_fn fn, void *user)
{
    return list(emu_sql_bind(store, EMU_SQL_STREAM_PAST, "ii", channel, before),
                fn, user);
}

int64_t
emu_store_viewers(emu_store *store, int64_t channel, int64_t now_s)
{
    return emu_sql_number(
        emu_sql_bind(store, EMU_SQL_VIEWERS, "ii", channel, now_s));
}

bool
emu_store_cue_add(emu_store *store, int64_t stream, const char *document)
{
    return emu_sql_finish(
               store,
               emu_sql_bind(store, EMU_SQL_CUE_ADD, "it", stream, document),
               NULL, NULL) &&
           emu_sql_finish(store,
                          emu_sql_bind(store, EMU_SQL_CUE_PURGE, "ii", stream,
                                       (int64_t)EMU_CUES_KEPT),
                          NULL, NULL);
}

bool
emu_store_cue_list(emu_store *store, int64_t stream,
                   bool (*fn)(const char *document, void *user), void *user)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_CUE_LIST, "i", stream);
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *document = (const char *)sqlite3_column_text(st, 0);

        if (document == NULL) {
            rc = SQLITE_NOMEM;
            break;
        }
        more = fn(document, user);
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE || (!more && rc == SQLITE_ROW);
}
