/* SPDX-License-Identifier: MIT */
/* Seeding goes through the operations of the API, without signatures and rates:
 * what the service would refuse is refused here, too. */

#include "seed.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include "control.h"
#include "seed_resource.h"

#define FILE_MAX       (16 * 1024 * 1024)
#define ACCOUNT_LEN    12
#define ACCOUNT_ABSENT "000000000000"

const emu_seed_kind emu_seed_kinds[] = {
    {"playbackKeyPairs", "ImportPlaybackKeyPair", IVS_ARN_PLAYBACK_KEY,
     emu_import_playback_key_pair},
    {"recordingConfigurations", "CreateRecordingConfiguration",
     IVS_ARN_RECORDING_CONFIGURATION, emu_create_configuration},
    {"playbackRestrictionPolicies", "CreatePlaybackRestrictionPolicy",
     IVS_ARN_PLAYBACK_RESTRICTION_POLICY, emu_create_configuration},
    {"adConfigurations", "CreateAdConfiguration", IVS_ARN_AD_CONFIGURATION,
     emu_create_configuration},
    {"channels", "CreateChannel", IVS_ARN_CHANNEL, emu_create_channel},
    {NULL, NULL, IVS_ARN_CHANNEL, NULL}};

/* Whose resources an account of the document has. */
static bool
read_scope(const json_t *account, const emu_place *at, emu_scope *ret,
           ivs_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const char *id = ACCOUNT_ABSENT, *region = NULL;

    if (!emu_read_text(account, "account", at, ACCOUNT_LEN, &id, err) ||
        !emu_read_text(account, "region", at, EMU_REGION_MAX, &region, err))
        return false;
    if (strspn(id, "0123456789") != ACCOUNT_LEN)
        return emu_wrong(EMU_MEMBER(at, "account"), err,
                         "is '%s', expected 12 digits", id);
    if (region == NULL)
        return emu_wrong(EMU_MEMBER(at, "region"), err, "is missing");
    if (region[strspn(region, letters)] != '\0')
        return emu_wrong(EMU_MEMBER(at, "region"), err,
                         "is '%s', expected a region like us-west-2", region);
    memcpy(ret->account, id, strlen(id) + 1);
    memcpy(ret->region, region, strlen(region) + 1);
    return true;
}

static bool
seed_account(emu_emulator *emu, const json_t *account, const emu_place *at,
             ivs_error *err)
{
    static const char *const members[] = {"account",
                                          "region",
                                          "playbackKeyPairs",
                                          "recordingConfigurations",
                                          "playbackRestrictionPolicies",
                                          "adConfigurations",
                                          "channels",
                                          NULL};
    emu_seeding seeding = {.emu = emu, .err = err};

    if (!emu_read_object(account, at, members, err) ||
        !read_scope(account, at, &seeding.scope, err))
        return false;
    for (const emu_seed_kind *kind = emu_seed_kinds; kind->list; kind++) {
        const json_t *list = NULL;
        json_t *resource;
        size_t i;

        if (!emu_read_list(account, kind->list, at, &list, err))
            return false;
        json_array_foreach(list, i, resource)
        {
            if (!emu_seed_resource(&seeding, kind, resource,
                                   EMU_ELEMENT(at, kind->list, i)))
                return false;
        }
    }
    return true;
}

static bool
seed_accounts(emu_emulator *emu, const json_t *accounts, ivs_error *err)
{
    const json_t *account;
    size_t i;

    json_array_foreach(accounts, i, account)
    {
        if (!seed_account(emu, account, EMU_ELEMENT(NULL, "accounts", i), err))
            return false;
    }
    return true;
}

/* All or nothing of what is stored. */
static bool
store_all(emu_emulator *emu, const json_t *accounts, ivs_error *err)
{
    bool good;

    if (!emu_store_begin(emu->store)) {
        (void)ivs_fail(err, IVS_E_IO, "cannot open a transaction");
        return false;
    }
    good = seed_accounts(emu, accounts, err);
    if (!emu_store_end(emu->store, good) && good) {
        (void)ivs_fail(err, IVS_E_IO, "cannot store it");
        return false;
    }
    return good;
}

bool
emu_seed(emu_emulator *emu, const json_t *document, ivs_error *err)
{
    static const char *const members[] = {"clock", "faults", "accounts", NULL};
    int64_t offset_s = atomic_load(&emu->clock_offset_s);
    const json_t *accounts = NULL, *faults = NULL;
    emu_fault_rules *rules = NULL;
    bool stored;

    if (!emu_read_object(document, NULL, members, err) ||
        !emu_read_list(document, "accounts", NULL, &accounts, err) ||
        !emu_read_list(document, "faults", NULL, &faults, err) ||
        !emu_faults_read(faults, NULL, &rules, err))
        return false;
    if (!emu_faults_reserve(emu->faults, rules)) {
        emu_fault_rules_free(rules);
        return emu_wrong(EMU_MEMBER(NULL, "faults"), err,
                         "would make more than %d rules", EMU_FAULTS_MAX);
    }
    /* Streams begin at the time of the document. */
    if (json_object_get(document, "clock") != NULL &&
        !emu_clock_move(emu, json_object_get(document, "clock"),
                        EMU_MEMBER(NULL, "clock"), err)) {
        emu_faults_add(emu->faults, rules, false);
        return false;
    }
    stored = store_all(emu, accounts, err);
    if (!stored)
        atomic_store(&emu->clock_offset_s, offset_s);
    emu_faults_add(emu->faults, rules, stored);
    return stored;
}

bool
emu_seed_file(emu_emulator *emu, const char *path, bool *ret_done,
              ivs_error *err)
{
    ivs_buf text = IVS_BUF_SECRET; /* stream keys */
    json_t *document = NULL;
    bool done = false;
    int64_t n = -1;

    if (emu_store_begin(emu->store)) {
        n = emu_store_count(emu->store);
        (void)emu_store_end(emu->store, false);
    }
    *ret_done = n == 0;
    if (n > 0)
        return true;
    if (n < 0)
        (void)ivs_fail(err, IVS_E_IO, "cannot read the state");
    else if (ivs_file_read(path, FILE_MAX, &text, err) == IVS_OK &&
             ivs_json_parse(text.data == NULL ? "" : text.data, text.len, 0,
                            path, &document, NULL, err) == IVS_OK &&
             !(done = emu_seed(emu, document, err)))
        ivs_error_context(err, "%s", path);
    json_decref(document);
    ivs_buf_free(&text);
    return done;
}
