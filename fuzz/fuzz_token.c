/* SPDX-License-Identifier: MIT */
/* Target: ivs_token_verify(), ivs_token_inspect(). Input: a byte that chooses,
 * then for 'm' edits of four bytes, else a token. Property: a minted token that
 * was edited in any way does not verify; both engines say the same of any
 * token, by the rules and like the service, and what passes the rules passes
 * like the service; inspect never fails. */

#include <stdbool.h>
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

/* What is done, where, with which byte; the new length. */
static size_t
edit(char *text, size_t len, const uint8_t how[4])
{
    size_t at = ((size_t)how[1] << 8 | how[2]) % len;

    if (how[0] == '+' && len < IVS_TOKEN_MAX) {
        memmove(text + at + 1, text + at, len - at);
        text[at] = (char)how[3];
        return len + 1;
    }
    if (how[0] == '-' && len > 1) {
        memmove(text + at, text + at + 1, len - at - 1);
        return len - 1;
    }
    text[at] = (char)(text[at] ^ how[3]);
    return len;
}

static void
judge_edited(const uint8_t *data, size_t size)
{
    static char minted[IVS_TOKEN_MAX], edited[IVS_TOKEN_MAX];
    size_t len, edited_len;
    ivs_claims c;
    ivs_error err;
    bool same;

    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.ttl_s = 60;
    REQUIRE(ivs_token_mint(keys[0], &c, FORGE_NOW, minted, sizeof minted, &len,
                           NULL) == IVS_OK);
    memcpy(edited, minted, len);
    edited_len = len;
    for (; size >= 4; size -= 4, data += 4)
        edited_len = edit(edited, edited_len, data);
    same = edited_len == len && memcmp(edited, minted, len) == 0;
    for (unsigned i = 0; i < 4; i++)
        REQUIRE((verify(i & 1, i >> 1, edited, edited_len, &err) == IVS_OK) ==
                same);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (keys[0] == NULL) {
        keys[0] = forge_key(IVS_ENGINE_DEFAULT);
        keys[1] = forge_key(IVS_ENGINE_OPENSSL);
    }
    if (size > 0 && data[0] == 'm')
        judge_edited(data + 1, size - 1);
    else if (size > 0)
        judge_any((const char *)data + 1, size - 1);
    return 0;
}
