/* SPDX-License-Identifier: MIT */
/* The present state as a document that seeds it. Past streams, playback
 * sessions, used-up tokens and what was put into streams are not in it. */

#include <stdio.h>
#include <string.h>

#include "base/json.h"

#include "seed.h"

static json_t *
parse(const char *document)
{
    json_t *value = NULL;

    (void)ivs_json_parse(document, strlen(document), IVS_JSON_OBJECT,
                         "a stored document", &value, NULL, NULL);
    return value;
}

static bool
says_nothing(const json_t *value)
{
    return (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* The members of the operation's input that the document has. */
static json_t *
make_input(const char *operation, const json_t *document)
{
    const ivs_operation *op = ivs_operation_find(operation);
    json_t *input = json_object();

    for (const ivs_member *m = op->input; m->name != NULL; m++) {
        json_t *value = json_object_get(document, m->name);

        if (value != NULL && !says_nothing(value) &&
            json_object_set(input, m->name, value) != 0) {
            json_decref(input);
            return NULL;
        }
    }
    return input;
}

static bool
add_stream_key(const emu_resource *row, void *user)
{
    json_t *key = parse(row->document);
    bool done =
        json_object_set_new(user, "streamKey",
                            json_pack("{s:s, s:O}", "id", row->id, "value",
                                      json_object_get(key, "value"))) == 0;

    json_decref(key);
    return done;
}

static bool
add_revocation(const char *viewer, int64_t version, void *user)
{
    return json_array_append_new(
               user, json_pack("{s:s, s:I}", "viewerId", viewer,
                               "viewerSessionVersionsLessThanOrEqualTo",
                               (json_int_t)version)) == 0;
}

static bool
add_stream(emu_store *store, int64_t channel, json_t *shown)
{
    ivs_buf text = IVS_BUF_SECRET;
    emu_stream stream = {0};
    bool done = emu_store_stream_get(store, channel, NULL, &stream, &text) !=
                EMU_FAILED;

    if (done && stream.live)
        done = json_object_set_new(
                   shown, "stream",
                   json_pack("{s:s}", "health", stream.health)) == 0;
    ivs_buf_free(&text);
    return done;
}

static bool
add_channel_parts(emu_store *store, const emu_scope *scope, const json_t *row,
                  json_t *shown)
{
    const json_t *document = json_object_get(row, "document");
    int64_t channel = json_integer_value(json_object_get(row, "seq"));
    emu_filter keys = {.type = IVS_ARN_STREAM_KEY, .parent = channel};
    json_t *revocations = json_array();

    return json_object_set_new(shown, "revocations", revocations) == 0 &&
           json_object_set(shown, "passphrase",
                           json_object_get(json_object_get(document, "srt"),
                                           "passphrase")) == 0 &&
           json_object_set_new(shown, "streamKey", json_null()) == 0 &&
           emu_store_list(store, scope, &keys, add_stream_key, shown) &&
           emu_store_revocations(store, channel, add_revocation, revocations) &&
           add_stream(store, channel, shown);
}

/* A statement cannot be used within its own rows: they are gathered first. */
static bool
gather(const emu_resource *row, void *user)
{
    json_t *document = parse(row->document);

    return json_array_append_new(
               user, json_pack("{s:I, s:s, s:o}", "seq", (json_int_t)row->seq,
                               "id", row->id, "document", document)) == 0;
}

/* The resources of a kind; NULL on failure. */
static json_t *
export_kind(emu_store *store, const emu_scope *scope, const emu_seed_kind *kind)
{
    emu_filter filter = {.type = kind->type};
    json_t *rows = json_array(), *list = json_array(), *row;
    bool done = emu_store_list(store, scope, &filter, gather, rows);
    size_t i;

    json_array_foreach(rows, i, row)
    {
        json_t *shown =
            make_input(kind->operation, json_object_get(row, "document"));

        done = done &&
               json_object_set(shown, "id", json_object_get(row, "id")) == 0 &&
               (kind->type != IVS_ARN_CHANNEL ||
                add_channel_parts(store, scope, row, shown));
        done = json_array_append_new(list, shown) == 0 && done;
    }
    json_decref(rows);
    if (done)
        return list;
    json_decref(list);
    return NULL;
}

static bool
add_account(const emu_scope *scope, void *user)
{
    return json_array_append_new(user, json_pack("{s:s, s:s}", "account",
                                                 scope->account, "region",
                                                 scope->region)) == 0;
}

static bool
export_account(emu_store *store, json_t *account)
{
    emu_scope scope;

    (void)snprintf(scope.account, sizeof scope.account, "%s",
                   json_string_value(json_object_get(account, "account")));
    (void)snprintf(scope.region, sizeof scope.region, "%s",
                   json_string_value(json_object_get(account, "region")));
    for (const emu_seed_kind *kind = emu_seed_kinds; kind->list; kind++) {
        json_t *list = export_kind(store, &scope, kind);

        if (list == NULL || json_object_set_new(account, kind->list, list) != 0)
            return false;
    }
    return true;
}

json_t *
emu_seed_export(emu_emulator *emu)
{
    json_t *accounts = json_array(), *account;
    bool done = emu_store_begin(emu->store);
    size_t i;

    if (done) {
        done = emu_store_scopes(emu->store, add_account, accounts);
        json_array_foreach(accounts, i, account)
        {
            done = done && export_account(emu->store, account);
        }
        (void)emu_store_end(emu->store, false);
    }
    if (done)
        return json_pack("{s:{s:I}, s:o, s:o}", "clock", "advance_s",
                         (json_int_t)atomic_load(&emu->clock_offset_s),
                         "faults", emu_faults_list(emu->faults, false),
                         "accounts", accounts);
    json_decref(accounts);
    return NULL;
}
