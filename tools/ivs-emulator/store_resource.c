/* SPDX-License-Identifier: MIT */
/* Resources of every type. */

#include <sqlite3.h>
#include <stdio.h>

#include "store_sql.h"

bool
emu_store_insert(emu_store *store, const emu_scope *scope,
                 const emu_resource *res, int64_t *ret_seq)
{
    return emu_sql_finish(store,
                          emu_sql_bind(store, EMU_SQL_INSERT, "itttitt",
                                       (int64_t)res->type, scope->account,
                                       scope->region, res->id, res->parent,
                                       res->name, res->document),
                          ret_seq, NULL);
}

/* A column's text, NULL for NULL. */
static const char *
column(sqlite3_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st, i);
}

emu_found
emu_store_get(emu_store *store, const emu_scope *scope, ivs_arn_type type,
              const char *id, ivs_buf *ret, int64_t *ret_seq)
{
    sqlite3_stmt *st = emu_sql_bind(store, EMU_SQL_GET, "ittt", (int64_t)type,
                                    scope->account, scope->region, id);
    emu_found found = EMU_FAILED;
    int rc;

    if (st == NULL)
        return EMU_FAILED;
    rc = sqlite3_step(st);
    if (rc == SQLITE_DONE) {
        found = EMU_NONE;
    } else if (rc == SQLITE_ROW && column(st, 1) != NULL) {
        if (ret_seq != NULL)
            *ret_seq = sqlite3_column_int64(st, 0);
        if (ret != NULL)
            ivs_buf_puts(ret, column(st, 1));
        found = ret != NULL && ret->failed ? EMU_FAILED : EMU_FOUND;
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return found;
}

bool
emu_store_update(emu_store *store, int64_t seq, const char *name,
                 const char *document)
{
    return emu_sql_finish(
        store, emu_sql_bind(store, EMU_SQL_UPDATE, "itt", seq, name, document),
        NULL, NULL);
}

bool
emu_store_delete(emu_store *store, int64_t seq)
{
    return emu_sql_finish(store, emu_sql_bind(store, EMU_SQL_DELETE, "i", seq),
                          NULL, NULL);
}

bool
emu_store_list(emu_store *store, const emu_scope *scope,
               const emu_filter *filter, emu_resource_fn fn, void *user)
{
    sqlite3_stmt *st =
        emu_sql_bind(store, EMU_SQL_LIST, "ittititt", (int64_t)filter->type,
                     scope->account, scope->region, filter->after, filter->name,
                     filter->parent, filter->member, filter->value);
    bool more = true;
    int rc = SQLITE_ERROR;

    if (st == NULL)
        return false;
    while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        emu_resource row = {.type = filter->type};

        row.seq = sqlite3_column_int64(st, 0);
        row.name = column(st, 2);
        row.document = column(st, 3);
        if (column(st, 1) == NULL || row.name == NULL || row.document == NULL) {
            rc = SQLITE_NOMEM;
            break;
        }
        (void)snprintf(row.id, sizeof row.id, "%s", column(st, 1));
        more = fn(&row, user);
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return rc == SQLITE_DONE || (!more && rc == SQLITE_ROW);
}
