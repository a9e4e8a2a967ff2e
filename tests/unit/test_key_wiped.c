/* SPDX-License-Identifier: MIT */
/* No block that OpenSSL or we give back holds the private number: OpenSSL wipes
 * its objects, but not all the texts it makes and reads on the way. */

#include "support/test.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/b64url.h"
#include "support/keys.h"
#include "token/key_object.h"

/* Of key A: big-endian, as it is in DER, little-endian as in a BIGNUM. A part
 * is enough; the start of a freed block is the allocator's. */
enum { PART = 16 };
static uint8_t big[PART], little[PART];
static size_t found;

static bool
holds(const uint8_t *block, size_t n)
{
    for (size_t i = 0; i + PART <= n; i++)
        if (memcmp(block + i, big, PART) == 0 ||
            memcmp(block + i, little, PART) == 0)
            return true;
    return false;
}

static void
look_and_free(void *p, const char *file, int line)
{
    size_t n = p == NULL ? 0 : malloc_usable_size(p);

    (void)file;
    (void)line;
    found += n > 0 && holds(p, n);
    free(p);
}

static void *
plain_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return calloc(1, n);
}

static void *
moving_realloc(void *p, size_t n, const char *file, int line)
{
    size_t had = p == NULL ? 0 : malloc_usable_size(p);
    void *moved = calloc(1, n);

    if (moved == NULL)
        return NULL;
    if (had > 0)
        memcpy(moved, p, had < n ? had : n);
    look_and_free(p, file, line);
    return moved;
}

static void
parse(const char *name, const char *text, size_t len, const char *passphrase,
      ivs_key **ret)
{
    ivs_error err = {0};
    ivs_key_options opt;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    opt.passphrase = passphrase;
    opt.passphrase_len = passphrase == NULL ? 0 : strlen(passphrase);
    found = 0;
    if (ivs_key_parse(text, len, &opt, ret, &err) != IVS_OK)
        fail_msg("%s: %s", name, err.message);
    if (found != 0)
        fail_msg("%s: %zu blocks with the number in parsing", name, found);
}

static void
every_form_leaves_no_private_number_behind(void **state)
{
    static const struct {
        const char *name;
        ivs_key_format fmt;
        const char *passphrase;
    } rows[] = {{"PKCS#8", IVS_KEY_PKCS8, NULL},
                {"encrypted PKCS#8", IVS_KEY_PKCS8, "correct horse"},
                {"SEC1", IVS_KEY_SEC1, NULL},
                {"JWK", IVS_KEY_JWK, NULL}};
    ivs_key *key = NULL, *again = NULL;

    (void)state;
    parse("PKCS#8", KEY_A_PKCS8, strlen(KEY_A_PKCS8), NULL, &key);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_key_options opt;
        char *text = NULL;
        size_t len = 0;

        ivs_key_options_init(&opt, sizeof opt);
        opt.passphrase = rows[i].passphrase;
        if (opt.passphrase != NULL)
            opt.passphrase_len = strlen(opt.passphrase);
        found = 0;
        assert_int_equal(
            ivs_key_export(key, rows[i].fmt, &opt, &text, &len, NULL), IVS_OK);
        if (found != 0)
            fail_msg("%s: %zu blocks with the number in writing", rows[i].name,
                     found);
        parse(rows[i].name, text, len, opt.passphrase, &again);
        ivs_key_free(again);
        ivs_free_secret(text, len);
        if (found != 0)
            fail_msg("%s: %zu blocks with the number in release", rows[i].name,
                     found);
    }
    ivs_key_free(key);
    assert_int_equal(found, 0);
}

static void
the_search_finds_what_is_left(void **state)
{
    uint8_t *p = OPENSSL_zalloc(64);

    (void)state;
    found = 0;
    assert_non_null(p);
    memcpy(p + 32, little, PART);
    OPENSSL_free(p);
    assert_int_equal(found, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_finds_what_is_left),
        cmocka_unit_test(every_form_leaves_no_private_number_behind),
    };
    uint8_t d[IVS_P384_BYTES];
    size_t len = 0;

    if (!ivs_b64url_decode(KEY_A_D, strlen(KEY_A_D), d, sizeof d, &len) ||
        CRYPTO_set_mem_functions(plain_malloc, moving_realloc, look_and_free) !=
            1)
        return 1;
    memcpy(big, d + PART, PART);
    for (size_t i = 0; i < PART; i++)
        little[i] = big[PART - 1 - i];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
