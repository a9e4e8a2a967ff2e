/* SPDX-License-Identifier: MIT */
/* Target: the header rules of ivs_token_verify(). Input: header JSON, which is
 * signed as it stands. Property: the token verifies exactly where a check of
 * other making finds one JSON object with alg ES384, typ JWT or none, and none
 * of crit, b64, enc and zip; like the service the verdict is the same. */

#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <ivs/token.h>

#include "fuzz.h"
#include "support/forge.h"

#define DEPTH_MAX  16
#define HEADER_MAX 8192

static size_t
depth_of(json_t *value)
{
    size_t deepest = 0, i;
    const char *name;
    json_t *below;

    json_array_foreach(value, i, below)
    {
        size_t depth = depth_of(below);

        deepest = depth > deepest ? depth : deepest;
    }
    json_object_foreach(value, name, below)
    {
        size_t depth = depth_of(below);

        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (json_is_array(value) || json_is_object(value));
}

static bool
is_good(const char *json, size_t len)
{
    json_t *h = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    const char *alg = json_string_value(json_object_get(h, "alg"));
    const json_t *typ = json_object_get(h, "typ");
    bool good = json_is_object(h) && depth_of(h) <= DEPTH_MAX && alg != NULL &&
                strcmp(alg, "ES384") == 0;

    if (good && typ != NULL)
        good = json_is_string(typ) &&
               strcasecmp(json_string_value(typ), "jwt") == 0;
    if (json_object_get(h, "crit") != NULL ||
        json_object_get(h, "b64") != NULL ||
        json_object_get(h, "enc") != NULL || json_object_get(h, "zip") != NULL)
        good = false;
    json_decref(h);
    return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char payload[] =
        "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}";
    const char *json = (const char *)data;
    static ivs_key *key;
    ivs_verify_options opt;
    ivs_status expected;
    char *token;

    if (size > HEADER_MAX)
        return 0;
    if (key == NULL)
        key = forge_key(IVS_ENGINE_DEFAULT);
    expected = is_good(json, size) ? IVS_OK : IVS_E_TOKEN;
    token = forge_bytes(key, data, size, payload, strlen(payload));
    ivs_verify_options_init(&opt, sizeof opt);
    for (; opt.flags <= IVS_VERIFY_LIKE_SERVICE; opt.flags++) {
        ivs_error err = {.code = IVS_OK};

        REQUIRE(ivs_token_verify((const ivs_key *const[]){key}, 1, token,
                                 strlen(token), &opt, FORGE_NOW, NULL,
                                 &err) == expected);
        REQUIRE(expected == IVS_OK || (err.reason >= IVS_REJECT_UTF8 &&
                                       err.reason <= IVS_REJECT_HEADER_MEMBER));
    }
    free(token);
    return 0;
}
