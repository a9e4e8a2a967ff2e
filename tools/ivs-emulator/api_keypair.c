/* SPDX-License-Identifier: MIT */
/* Playback key pairs. A document also holds the public key, which the service
 * never shows again. */

#include <string.h>

#include <ivs/key.h>

#include "base/json.h"

#include "api.h"

/* Not adjustable: quota L-5339BD50. */
#define KEY_PAIRS_MAX 3

struct imported {
    const char *public_key;
    size_t count;
    bool known;
    bool failed;
};

/* A PEM block "PUBLIC KEY" of a P-384 key and nothing else; ivs_key_parse()
 * alone would take many more forms. */
static ivs_key *
read_public_key(const char *material)
{
    static const char begin[] = "-----BEGIN PUBLIC KEY-----";
    const char *at = material + strspn(material, " \t\r\n");
    ivs_key *key = NULL;

    if (strncmp(at, begin, sizeof begin - 1) != 0)
        return NULL;
    at += sizeof begin - 1;
    if (*at != '\n' && *at != '\r')
        return NULL;
    if (ivs_key_parse(material, strlen(material), NULL, &key, NULL) != IVS_OK)
        return NULL;
    if (ivs_key_has_private(key)) {
        ivs_key_free(key);
        return NULL;
    }
    return key;
}

static bool
compare_key(const emu_resource *row, void *user)
{
    struct imported *imported = user;
    json_t *pair = NULL;
    const char *text;

    imported->failed =
        ivs_json_parse(row->document, strlen(row->document), IVS_JSON_OBJECT,
                       "a stored document", &pair, NULL, NULL) != IVS_OK;
    if (imported->failed)
        return false;
    text = json_string_value(json_object_get(pair, "publicKeyMaterial"));
    imported->known |= text != NULL && strcmp(text, imported->public_key) == 0;
    imported->count++;
    json_decref(pair);
    return true;
}

/* No key twice, and not too many. */
static bool
check_others(const emu_call *call, const char *public_key, emu_response *res)
{
    struct imported imported = {.public_key = public_key};
    emu_filter filter = {.type = IVS_ARN_PLAYBACK_KEY};

    if (!emu_store_list(call->emu->store, call->scope, &filter, compare_key,
                        &imported) ||
        imported.failed)
        return emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    if (imported.known)
        return emu_refuse(res, EMU_CONFLICT,
                          "this public key was imported before");
    if (imported.count >= KEY_PAIRS_MAX)
        return emu_refuse(res, EMU_RESOURCE_QUOTA,
                          "there are %d playback key pairs, which is the quota "
                          "of an account in a region",
                          KEY_PAIRS_MAX);
    return true;
}

/* The document as an answer shows it. */
static bool
answer_pair(json_t *pair, emu_response *res)
{
    json_t *answer;

    (void)json_object_del(pair, "publicKeyMaterial");
    answer = json_pack("{s:o}", "keyPair", pair);
    return emu_response_json(res, 200, answer);
}

static bool
import_key(const emu_call *call, const ivs_key *key, emu_response *res)
{
    emu_new new = {.type = IVS_ARN_PLAYBACK_KEY};
    char fingerprint[IVS_FINGERPRINT_SIZE];
    char *public_key = NULL;
    size_t len = 0;
    json_t *tags;

    if (ivs_key_fingerprint(key, fingerprint, NULL) != IVS_OK ||
        ivs_key_export(key, IVS_KEY_SPKI, NULL, &public_key, &len, NULL) !=
            IVS_OK)
        return emu_refuse(res, EMU_INTERNAL, "cannot write the public key");
    if (check_others(call, public_key, res) &&
        (tags = emu_input_tags(call, res)) != NULL) {
        new.document = json_pack("{s:s, s:s, s:o, s:s}", "name",
                                 emu_input_text(call, "name", ""),
                                 "fingerprint", fingerprint, "tags", tags,
                                 "publicKeyMaterial", public_key);
        if (new.document == NULL)
            (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    }
    ivs_free(public_key);
    if (new.document == NULL)
        return false;
    if (!emu_create(call, &new, NULL, res)) {
        json_decref(new.document);
        return false;
    }
    return answer_pair(new.document, res);
}

bool
emu_import_playback_key_pair(const emu_call *call, emu_response *res)
{
    ivs_key *key =
        read_public_key(emu_input_text(call, "publicKeyMaterial", ""));
    bool imported;

    if (key == NULL)
        return emu_refuse(res, EMU_VALIDATION,
                          "Request member: publicKeyMaterial failed to satisfy "
                          "the constraints");
    imported = import_key(call, key, res);
    ivs_key_free(key);
    return imported;
}

bool
emu_get_playback_key_pair(const emu_call *call, emu_response *res)
{
    json_t *pair = NULL;

    return emu_find_member(call, IVS_ARN_PLAYBACK_KEY, "arn", &pair, NULL,
                           res) &&
           answer_pair(pair, res);
}

bool
emu_list_playback_key_pairs(const emu_call *call, emu_response *res)
{
    static const char *const members[] = {"arn", "name", "tags", NULL};
    emu_listing listing = {.result = "keyPairs",
                           .members = members,
                           .filter = {.type = IVS_ARN_PLAYBACK_KEY}};

    return emu_list(call, &listing, res);
}

bool
emu_delete_playback_key_pair(const emu_call *call, emu_response *res)
{
    int64_t seq = 0;

    if (!emu_find_member(call, IVS_ARN_PLAYBACK_KEY, "arn", NULL, &seq, res))
        return false;
    if (!emu_store_delete(call->emu->store, seq))
        return emu_refuse(res, EMU_INTERNAL, "cannot delete the key pair");
    return emu_response_json(res, 200, json_object());
}
