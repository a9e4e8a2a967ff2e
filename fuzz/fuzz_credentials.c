/* SPDX-License-Identifier: MIT */
/* Target: ivs_secret_json_check() and what reads from it. Input: the JSON that
 * credentials come in, of a process, a container, an instance or a login.
 * Property: jansson, which these documents are kept from, finds the same
 * members with the same text and numbers; keys are taken only where it finds
 * text that a header may carry. */

#include <string.h>

#include "aws/credentials_document.h"
#include "base/json.h"
#include "fuzz.h"

static void
same_text(const json_t *want, const ivs_json_slice *value)
{
    ivs_buf text = IVS_BUF_INIT;
    bool read = ivs_secret_json_text(value, &text);

    REQUIRE(!read || json_is_string(want));
    if (read)
        REQUIRE(text.len == json_string_length(want) &&
                memcmp(text.data, json_string_value(want), text.len) == 0);
    ivs_buf_free(&text);
}

static void
same_members(const json_t *want, const ivs_json_slice *object)
{
    ivs_json_slice name, value;
    size_t at = 0, n = 0;
    int64_t number;

    while (ivs_secret_json_next(object, &at, &name, &value)) {
        char key[256];
        const json_t *member;

        n++;
        if (name.len >= sizeof key || memchr(name.at, '\\', name.len) != NULL)
            continue; /* looked up by nobody */
        memcpy(key, name.at, name.len);
        key[name.len] = '\0';
        member = json_object_get(want, key);
        REQUIRE(member != NULL);
        same_text(member, &value);
        if (ivs_secret_json_integer(&value, &number))
            REQUIRE(json_is_integer(member) &&
                    json_integer_value(member) == number);
        if (json_is_object(member))
            same_members(member, &value);
    }
    REQUIRE(n == json_object_size(want));
}

static void
same_keys(const json_t *want, const ivs_json_slice *object,
          const ivs_document_names *names)
{
    ivs_provided found = {0};
    const char *id;

    if (ivs_document_keys(object, names, &found, NULL) != IVS_OK)
        return;
    id = json_string_value(json_object_get(want, names->keys.access_key_id));
    REQUIRE(id != NULL && strcmp(id, found.keys.access_key_id.data) == 0);
    REQUIRE(found.keys.secret_access_key.len > 0);
    REQUIRE(strpbrk(found.keys.secret_access_key.data, "\r\n ") == NULL);
    REQUIRE(found.expires_s == IVS_NEVER || !names->milliseconds ||
            found.expires_s >= 0);
    ivs_credentials_keys_free(&found.keys);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ivs_json_slice object = {(const char *)data, size};
    json_t *want = NULL;
    bool checked, parsed;

    checked = ivs_secret_json_check(object.at, size, "it", NULL) == IVS_OK;
    parsed = ivs_json_parse(object.at, size, IVS_JSON_OBJECT, "it", &want, NULL,
                            NULL) == IVS_OK;
    REQUIRE(checked || !parsed);
    if (parsed) {
        same_members(want, &object);
        same_keys(want, &object, &ivs_document_token);
        same_keys(want, &object, &ivs_document_process);
        same_keys(want, &object, &ivs_document_sso);
    }
    json_decref(want);
    return 0;
}
