/* SPDX-License-Identifier: MIT */
/* Target: ivs_claims_parse(), ivs_claims_encode(), ivs_claims_lint(). Input: a
 * payload. Property: parse refuses exactly what verify refuses for a reason
 * other than time, and with the same reason; lint reports an error exactly
 * where verify refuses; what is written is read back and written the same. */

#include <stdbool.h>
#include <string.h>

#include <ivs/token.h>

#include "fuzz.h"
#include "support/forge.h"

#define PAYLOAD_MAX 8192

static bool
is_about_time(ivs_reject_reason reason)
{
    return reason == IVS_REJECT_EXP_MISSING || reason == IVS_REJECT_EXPIRED ||
           reason == IVS_REJECT_EXP_TOO_FAR ||
           reason == IVS_REJECT_NOT_YET_VALID;
}

static ivs_reject_reason
verify(const char *json, size_t len)
{
    static ivs_key *key;
    ivs_error err = {0};
    char *token;
    ivs_status s;

    if (key == NULL)
        key = forge_key(IVS_ENGINE_DEFAULT);
    token = forge_bytes(key, FORGE_HEADER, strlen(FORGE_HEADER), json, len);
    s = ivs_token_verify((const ivs_key *const[]){key}, 1, token, strlen(token),
                         NULL, FORGE_NOW, NULL, &err);
    free(token);
    REQUIRE(s == IVS_OK || s == IVS_E_TOKEN);
    /* Asked for without a request. */
    return err.reason == IVS_REJECT_ORIGIN_MISSING ? IVS_REJECT_NONE
                                                   : err.reason;
}

static void
write_and_read(const ivs_claims *claims)
{
    ivs_claims *again = NULL;
    char *first = NULL, *second = NULL;
    size_t len;

    if (ivs_claims_encode(claims, FORGE_NOW, &first, &len, NULL) != IVS_OK)
        return;
    if (ivs_claims_parse(first, len, &again, NULL) == IVS_OK) {
        REQUIRE(ivs_claims_encode(again, FORGE_NOW, &second, NULL, NULL) ==
                IVS_OK);
        REQUIRE(strcmp(first, second) == 0);
    } else {
        REQUIRE(len > IVS_TOKEN_MAX); /* numbers are spelled out */
    }
    ivs_claims_free(again);
    ivs_free(first);
    ivs_free(second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *json = (const char *)data;
    ivs_claims *claims = NULL;
    ivs_reject_reason reason;
    ivs_error err = {0};
    char *findings = NULL;

    if (size > PAYLOAD_MAX)
        return 0;
    reason = verify(json, size);
    if (ivs_claims_parse(json, size, &claims, &err) == IVS_OK)
        REQUIRE(reason == IVS_REJECT_NONE || is_about_time(reason));
    else
        REQUIRE(reason == err.reason);
    REQUIRE(ivs_claims_lint(json, size, FORGE_NOW, &findings, NULL) == IVS_OK);
    REQUIRE((strstr(findings, "\"severity\":\"error\"") != NULL) ==
            (reason != IVS_REJECT_NONE));
    if (claims != NULL)
        write_and_read(claims);
    ivs_claims_free(claims);
    ivs_free(findings);
    return 0;
}
