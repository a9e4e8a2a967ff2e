/* SPDX-License-Identifier: MIT */
/* Target: ivs_key_parse(). Input: a key in any form; encrypted ones are opened
 * with the passphrase "pw". Property: whatever is accepted comes back, in every
 * form it can be written in, as a key of the same fingerprint. */

#include <stdbool.h>
#include <string.h>

#include <ivs/key.h>

#include "fuzz.h"

static void
round_trip(const ivs_key *key, ivs_key_format fmt, const ivs_key_options *opt)
{
    char before[IVS_FINGERPRINT_SIZE], after[IVS_FINGERPRINT_SIZE];
    ivs_key *again = NULL;
    char *text = NULL;
    size_t len = 0;

    REQUIRE(ivs_key_export(key, fmt, NULL, &text, &len, NULL) == IVS_OK);
    REQUIRE(ivs_key_parse(text, len, opt, &again, NULL) == IVS_OK);
    REQUIRE(ivs_key_has_private(again) ==
            (ivs_key_has_private(key) && fmt != IVS_KEY_SPKI));
    REQUIRE(ivs_key_fingerprint(key, before, NULL) == IVS_OK);
    REQUIRE(ivs_key_fingerprint(again, after, NULL) == IVS_OK);
    REQUIRE(strcmp(before, after) == 0);
    ivs_key_free(again);
    ivs_free_secret(text, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ivs_key_options opt;
    ivs_key *key = NULL;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    opt.passphrase = "pw";
    opt.passphrase_len = 2;
    if (ivs_key_parse(data, size, &opt, &key, NULL) != IVS_OK) {
        REQUIRE(key == NULL);
        return 0;
    }
    round_trip(key, IVS_KEY_SPKI, &opt);
    round_trip(key, IVS_KEY_JWK, &opt);
    if (ivs_key_has_private(key)) {
        round_trip(key, IVS_KEY_PKCS8, &opt);
        round_trip(key, IVS_KEY_SEC1, &opt);
    }
    ivs_key_free(key);
    return 0;
}
