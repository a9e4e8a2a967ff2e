/* SPDX-License-Identifier: MIT */
/* Target: ivs_claim_check_uuid(). Input: text. Property: what passes is what a
 * regular expression for RFC 9562 section 4 matches; mint takes the same texts;
 * a refusal is clean UTF-8. */

#include <regex.h>
#include <stdbool.h>
#include <string.h>

#include <ivs/token.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "support/forge.h"
#include "token/claims.h"

static bool
is_uuid(const char *text)
{
    static regex_t form;
    static bool compiled;

    if (!compiled)
        REQUIRE(regcomp(&form,
                        "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
                        REG_EXTENDED | REG_NOSUB) == 0);
    compiled = true;
    return regexec(&form, text, 0, NULL, 0) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(size + 1, 1), *json = NULL;
    ivs_error err = {.code = IVS_OK};
    ivs_claims claims;
    bool good;
    size_t len;

    REQUIRE(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    good = is_uuid(text);
    REQUIRE((ivs_claim_check_uuid(text, &err) == IVS_OK) == good);
    REQUIRE(good || err.reason == IVS_REJECT_SINGLE_USE_UUID);
    REQUIRE(ivs_utf8_valid(err.message, strlen(err.message), NULL));
    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = FORGE_CHANNEL;
    claims.single_use_uuid = text;
    claims.ttl_s = 60;
    REQUIRE((ivs_claims_encode(&claims, FORGE_NOW, &json, &len, NULL) ==
             IVS_OK) == good);
    REQUIRE(!good || strstr(json, text) != NULL);
    ivs_free(json);
    free(text);
    return 0;
}
