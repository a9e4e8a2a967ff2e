/* SPDX-License-Identifier: MIT */
/* Target: ivs_token_verify(), ivs_token_inspect(). Input: a byte that chooses,
 * then for 'm' triples of two bytes of position and one of difference, else a
 * token. Property: a minted token that was changed in any way does not verify;
 * both engines say the same of any token, by the rules and like the service,
 * and what passes the rules passes like the service; inspect never fails. */

#include <string.h>

#include <ivs/token.h>

#include "fuzz.h"
#include "support/forge.h"

static ivs_key *keys[2];

static ivs_status
verify(size_t engine, unsigned flags, const char *token, size_t len,
       ivs_error *err)
{
    const ivs_key *one[] = {keys[engine]};
    ivs_verify_options opt;
    ivs_verified *v = NULL;
    ivs_status s;

    ivs_verify_options_init(&opt, sizeof opt);
    opt.flags = flags;
    err->reason = IVS_REJECT_NONE;
    s = ivs_token_verify(one, 1, token, len, &opt, FORGE_NOW, &v, err);
    REQUIRE((s == IVS_OK) == (v != NULL));
    REQUIRE(s == IVS_OK || (s == IVS_E_TOKEN && err->reason != 0));
    ivs_verified_free(v);
    return s;
}

static void
judge_any(const char *token, size_t len)
{
    ivs_status rules = IVS_E_TOKEN, s[2];
    char *report = NULL;
    ivs_error err[2];

    for (unsigned flags = 0; flags <= IVS_VERIFY_LIKE_SERVICE; flags++) {
        for (size_t i = 0; i < 2; i++)
            s[i] = verify(i, flags, token, len, &err[i]);
        REQUIRE(s[0] == s[1] && err[0].reason == err[1].reason);
        if (flags == 0)
            rules = s[0];
    }
    REQUIRE(rules != IVS_OK || s[0] == IVS_OK);
    REQUIRE(ivs_token_inspect(token, len, FORGE_NOW, &report, NULL) == IVS_OK);
    REQUIRE(strncmp(report, "{\"verified\":false,", 18) == 0);
    ivs_free(report);
}

static void
judge_changed(const uint8_t *data, size_t size)
{
    static char minted[IVS_TOKEN_MAX], changed[IVS_TOKEN_MAX];
    ivs_claims c;
    ivs_error err;
    size_t len;

    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.ttl_s = 60;
    REQUIRE(ivs_token_mint(keys[0], &c, FORGE_NOW, minted, sizeof minted, &len,
                           NULL) == IVS_OK);
    memcpy(changed, minted, len);
    for (; size >= 3; size -= 3, data += 3) {
        size_t at = (size_t)data[0] << 8 | data[1];

        changed[at % len] = (char)(changed[at % len] ^ data[2]);
    }
    REQUIRE((verify(1, 0, changed, len, &err) == IVS_OK) ==
            (memcmp(changed, minted, len) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (keys[0] == NULL) {
        keys[0] = forge_key(IVS_ENGINE_DEFAULT);
        keys[1] = forge_key(IVS_ENGINE_OPENSSL);
    }
    if (size > 0 && data[0] == 'm')
        judge_changed(data + 1, size - 1);
    else if (size > 0)
        judge_any((const char *)data + 1, size - 1);
    return 0;
}
