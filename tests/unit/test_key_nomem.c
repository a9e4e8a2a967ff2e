/* SPDX-License-Identifier: MIT */
/* Keys when OpenSSL runs out of memory: each of its allocations fails in turn.
 * OpenSSL engine only, for GMP below GnuTLS aborts. */

#include "support/test.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "support/keys.h"
#include "token/key.h"

static size_t until_failure = SIZE_MAX;

static bool
fails(void)
{
    if (until_failure == SIZE_MAX)
        return false;
    if (until_failure == 0)
        return true;
    until_failure--;
    return false;
}

static void *
limited_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(n);
}

static void *
limited_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(p, n);
}

static void
plain_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

/* One try with the n-th allocation and all after it failing; whether it went
 * through. */
typedef bool (*attempt)(size_t n);

static void
try_until_it_succeeds(attempt f)
{
    size_t n = 0;

    while (!f(n)) {
        until_failure = SIZE_MAX;
        assert_int_equal(ERR_peek_error(), 0);
        assert_true(++n < 10000);
    }
    until_failure = SIZE_MAX;
    assert_true(n > 0);
}

static ivs_status
parse(const char *text, ivs_key **ret)
{
    ivs_key_options opt;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    return ivs_key_parse(text, strlen(text), &opt, ret, NULL);
}

static bool
parse_once(size_t n)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_key *key = NULL;
    ivs_status s;

    until_failure = n;
    s = parse(KEY_A_PKCS8, &key);
    until_failure = SIZE_MAX;
    if (s != IVS_OK) {
        assert_null(key);
        return false;
    }
    assert_int_equal(ivs_key_fingerprint(key, fingerprint, NULL), IVS_OK);
    assert_string_equal(fingerprint, KEY_A_FINGERPRINT);
    ivs_key_free(key);
    return true;
}

static void
parsing_fails_cleanly_at_every_allocation(void **state)
{
    (void)state;
    try_until_it_succeeds(parse_once);
}

static bool
export_once(size_t n)
{
    char nothing[1], *text = nothing;
    ivs_key *key = NULL;
    ivs_status s;
    size_t len = 0;

    assert_int_equal(parse(KEY_A_PKCS8, &key), IVS_OK);
    until_failure = n;
    s = ivs_key_export(key, IVS_KEY_PKCS8, NULL, &text, &len, NULL);
    until_failure = SIZE_MAX;
    ivs_key_free(key);
    if (s != IVS_OK) {
        assert_true(s == IVS_E_NOMEM || s == IVS_E_CRYPTO);
        assert_ptr_equal(text, nothing);
        return false;
    }
    assert_string_equal(text, KEY_A_PKCS8);
    ivs_free_secret(text, len);
    return true;
}

static void
exporting_fails_cleanly_at_every_allocation(void **state)
{
    (void)state;
    try_until_it_succeeds(export_once);
}

static bool
verify_once(size_t n)
{
    uint8_t digest[IVS_ES384_DIGEST_BYTES] = {1};
    uint8_t sig[IVS_ES384_SIGNATURE_BYTES];
    ivs_key *key = NULL;
    bool good = false;
    ivs_status s;

    assert_int_equal(parse(KEY_A_PKCS8, &key), IVS_OK);
    assert_int_equal(ivs_key_sign_digest(key, digest, sig, NULL), IVS_OK);
    digest[0] = 2;
    until_failure = n;
    s = ivs_key_verify_digest(key, digest, sig, &good, NULL);
    until_failure = SIZE_MAX;
    ivs_key_free(key);
    assert_false(good);
    assert_true(s == IVS_OK || s == IVS_E_CRYPTO);
    return s == IVS_OK;
}

static void
verifying_never_says_good_at_any_allocation(void **state)
{
    (void)state;
    try_until_it_succeeds(verify_once);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing_fails_cleanly_at_every_allocation),
        cmocka_unit_test(exporting_fails_cleanly_at_every_allocation),
        cmocka_unit_test(verifying_never_says_good_at_any_allocation),
    };
    ivs_key *key = NULL;
    char *text = NULL;
    size_t len = 0;

    /* Only before OpenSSL's first allocation. Then let it load what it loads
     * once in a process, and remembers if it could not. */
    if (CRYPTO_set_mem_functions(limited_malloc, limited_realloc, plain_free) !=
            1 ||
        parse(KEY_A_PKCS8, &key) != IVS_OK ||
        ivs_key_export(key, IVS_KEY_PKCS8, NULL, &text, &len, NULL) != IVS_OK)
        return 1;
    ivs_free_secret(text, len);
    ivs_key_free(key);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
