/* SPDX-License-Identifier: MIT */
/* token/key: generating, exporting, saving and loading. */

#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/keys.h"

#define PASSPHRASE "pa:ss %word"

static char dir[] = "/tmp/ivs-key-XXXXXX";

static int
enter_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    return chdir(dir);
}

static int
leave_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(dir) == 0 ? 0 : -1;
}

static size_t
files_here(void)
{
    DIR *d = opendir(".");
    struct dirent *e;
    size_t n = 0;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    (void)closedir(d);
    return n;
}

static ivs_key *
key_of(const char *pem)
{
    ivs_key *key = NULL;
    ivs_error err = {0};

    if (ivs_key_parse(pem, strlen(pem), NULL, &key, &err) != IVS_OK)
        fail_msg("%s", err.message);
    return key;
}

static ivs_key_options
with_passphrase(const char *passphrase)
{
    ivs_key_options opt;

    ivs_key_options_init(&opt, sizeof opt);
    opt.passphrase = passphrase;
    opt.passphrase_len = strlen(passphrase);
    return opt;
}

static void
expect_fingerprint(const ivs_key *key, const char *expected)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];

    assert_int_equal(ivs_key_fingerprint(key, fingerprint, NULL), IVS_OK);
    assert_string_equal(fingerprint, expected);
}

/* Run a command with data at its standard input; what it prints. */
static void
run(const char *command, const char *data, size_t len, char *out, size_t cap)
{
    FILE *f = fopen("in", "wb");
    size_t n;

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    f = popen(command, "r");
    assert_non_null(f);
    n = fread(out, 1, cap - 1, f);
    out[n] = '\0';
    if (pclose(f) != 0)
        fail_msg("this command failed: %s", command);
    assert_int_equal(unlink("in"), 0);
}

/* ---- generating ---- */

static void
generated_keys_differ_and_can_sign(void **state)
{
    char one[IVS_FINGERPRINT_SIZE], two[IVS_FINGERPRINT_SIZE];
    ivs_key *a = NULL, *b = NULL;

    (void)state;
    assert_int_equal(ivs_key_generate(NULL, &a, NULL), IVS_OK);
    assert_int_equal(ivs_key_generate(NULL, &b, NULL), IVS_OK);
    assert_true(ivs_key_has_private(a) && ivs_key_has_private(b));
    assert_int_equal(ivs_key_fingerprint(a, one, NULL), IVS_OK);
    assert_int_equal(ivs_key_fingerprint(b, two, NULL), IVS_OK);
    assert_string_not_equal(one, two);
    assert_int_equal(ERR_peek_error(), 0);
    ivs_key_free(a);
    ivs_key_free(b);
}

static void
generate_refuses_bad_arguments(void **state)
{
    ivs_key_options opt = {0};
    ivs_key *key = NULL;
    ivs_error err;

    (void)state;
    assert_int_equal(ivs_key_generate(NULL, NULL, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_generate(&opt, &key, &err), IVS_E_ARG);
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = (ivs_engine)-1;
    assert_int_equal(ivs_key_generate(&opt, &key, &err), IVS_E_ARG);
    assert_null(key);
    ivs_key_free(NULL);
    assert_false(ivs_key_has_private(NULL));
}

/* ---- fingerprint ---- */

static void
fingerprint_is_what_openssl_computes(void **state)
{
    static const char *const pems[] = {KEY_A_PKCS8, KEY_A_SPKI};
    char untouched[IVS_FINGERPRINT_SIZE] = "untouched";
    ivs_key *key;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        key = key_of(pems[i]);
        expect_fingerprint(key, KEY_A_FINGERPRINT);
        ivs_key_free(key);
    }
    key = key_of(KEY_B_SPKI);
    expect_fingerprint(key, KEY_B_FINGERPRINT);
    assert_int_equal(ivs_key_fingerprint(NULL, untouched, NULL), IVS_E_ARG);
    assert_int_equal(ivs_key_fingerprint(key, NULL, NULL), IVS_E_ARG);
    assert_string_equal(untouched, "untouched");
    ivs_key_free(key);
}

/* ---- exporting ---- */

static void
export_writes_what_openssl_writes(void **state)
{
    static const struct {
        ivs_key_format fmt;
        const char *expected_from;
    } cases[] = {
        {IVS_KEY_PKCS8, "openssl pkey -in in"},
        {IVS_KEY_SEC1, "openssl ec -in in 2>&-"},
        {IVS_KEY_SPKI, "openssl pkey -in in -pubout"},
    };
    ivs_key *key = key_of(KEY_A_PKCS8);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = NULL, expected[1024];
        size_t len = 0;

        run(cases[i].expected_from, KEY_A_PKCS8, strlen(KEY_A_PKCS8), expected,
            sizeof expected);
        assert_int_equal(
            ivs_key_export(key, cases[i].fmt, NULL, &text, &len, NULL), IVS_OK);
        assert_string_equal(text, expected);
        assert_int_equal(strlen(text), len);
        ivs_free_secret(text, len);
    }
    ivs_key_free(key);
}

static void
export_does_not_show_the_form_the_key_came_in(void **state)
{
    char compressed[1024], *text = NULL;
    ivs_key *key;
    size_t len;

    (void)state;
    run("openssl pkey -in in -pubout -ec_conv_form compressed", KEY_A_PKCS8,
        strlen(KEY_A_PKCS8), compressed, sizeof compressed);
    key = key_of(compressed);
    assert_int_equal(ivs_key_export(key, IVS_KEY_SPKI, NULL, &text, &len, NULL),
                     IVS_OK);
    assert_string_equal(text, KEY_A_SPKI);
    ivs_free_secret(text, len);
    ivs_key_free(key);
    run("openssl ec -in in -conv_form compressed -no_public 2>&-", KEY_A_PKCS8,
        strlen(KEY_A_PKCS8), compressed, sizeof compressed);
    key = key_of(compressed);
    assert_int_equal(
        ivs_key_export(key, IVS_KEY_PKCS8, NULL, &text, &len, NULL), IVS_OK);
    assert_string_equal(text, KEY_A_PKCS8);
    ivs_free_secret(text, len);
    ivs_key_free(key);
}

static void
jwk_has_the_numbers_and_d_only_of_a_private_key(void **state)
{
    static const char public_jwk[] =
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X
        "\",\"y\":\"" KEY_A_Y "\"}\n";
    static const char private_jwk[] =
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X
        "\",\"y\":\"" KEY_A_Y "\",\"d\":\"" KEY_A_D "\"}\n";
    ivs_key *key = key_of(KEY_A_SPKI);
    char *text = NULL;
    size_t len;

    (void)state;
    assert_int_equal(ivs_key_export(key, IVS_KEY_JWK, NULL, &text, &len, NULL),
                     IVS_OK);
    assert_string_equal(text, public_jwk);
    ivs_free_secret(text, len);
    ivs_key_free(key);
    key = key_of(KEY_A_PKCS8);
    assert_int_equal(ivs_key_export(key, IVS_KEY_JWK, NULL, &text, &len, NULL),
                     IVS_OK);
    assert_string_equal(text, private_jwk);
    ivs_free_secret(text, len);
    ivs_key_free(key);
}

static void
encrypted_export_opens_with_its_passphrase_only(void **state)
{
    ivs_key_options opt = with_passphrase(PASSPHRASE), wrong;
    ivs_key *key = key_of(KEY_A_PKCS8), *again = NULL;
    char *text = NULL, plain[1024];
    ivs_error err = {0};
    size_t len = 0;

    (void)state;
    assert_int_equal(
        ivs_key_export(key, IVS_KEY_PKCS8, &opt, &text, &len, &err), IVS_OK);
    assert_memory_equal(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38);
    run("openssl pkey -in in -passin 'pass:" PASSPHRASE "'", text, len, plain,
        sizeof plain);
    assert_string_equal(plain, KEY_A_PKCS8);
    assert_int_equal(ivs_key_parse(text, len, &opt, &again, &err), IVS_OK);
    expect_fingerprint(again, KEY_A_FINGERPRINT);
    ivs_key_free(again);
    again = NULL;
    wrong = with_passphrase("pa:ss %wore");
    assert_int_equal(ivs_key_parse(text, len, &wrong, &again, &err), IVS_E_KEY);
    assert_null(again);
    ivs_free_secret(text, len);
    ivs_key_free(key);
}

static void
export_refuses_what_makes_no_sense(void **state)
{
    static const struct {
        const char *pem;
        ivs_key_format fmt;
        const char *passphrase;
        ivs_status status;
        const char *message;
    } cases[] = {
        {KEY_A_SPKI, IVS_KEY_PKCS8, NULL, IVS_E_KEY,
         "a public key where a private key was expected"},
        {KEY_A_SPKI, IVS_KEY_SEC1, NULL, IVS_E_KEY,
         "a public key where a private key was expected"},
        {KEY_A_PKCS8, IVS_KEY_SEC1, "x", IVS_E_ARG,
         "a passphrase for a form that is never encrypted; only PKCS#8 is"},
        {KEY_A_PKCS8, IVS_KEY_JWK, "x", IVS_E_ARG,
         "a passphrase for a form that is never encrypted; only PKCS#8 is"},
        {KEY_A_PKCS8, IVS_KEY_SPKI, "x", IVS_E_ARG,
         "a passphrase for a form that is never encrypted; only PKCS#8 is"},
        {KEY_A_PKCS8, IVS_KEY_PKCS8, "", IVS_E_ARG, "an empty passphrase"},
        {KEY_A_PKCS8, (ivs_key_format)4, NULL, IVS_E_ARG,
         "there is no key form number 4"},
    };
    char nothing[1], *text = nothing;
    size_t len = 77;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ivs_key *key = key_of(cases[i].pem);
        ivs_key_options opt = with_passphrase(
            cases[i].passphrase == NULL ? "" : cases[i].passphrase);
        ivs_error err = {0};

        if (cases[i].passphrase == NULL)
            opt.passphrase = NULL;
        assert_int_equal(
            ivs_key_export(key, cases[i].fmt, &opt, &text, &len, &err),
            cases[i].status);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(
            ivs_key_export(key, IVS_KEY_SPKI, NULL, NULL, &len, NULL),
            IVS_E_ARG);
        ivs_key_free(key);
    }
    assert_int_equal(
        ivs_key_export(NULL, IVS_KEY_SPKI, NULL, &text, &len, NULL), IVS_E_ARG);
    assert_ptr_equal(text, nothing);
    assert_int_equal(len, 77);
}

/* ---- saving and loading ---- */

static void
expect_saved(const char *pem, const ivs_key_options *opt, mode_t mode)
{
    ivs_key *key = key_of(pem), *again = NULL;
    ivs_error err = {0};
    struct stat st;

    if (ivs_key_save(key, "key", opt, &err) != IVS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(stat("key", &st), 0);
    assert_int_equal(st.st_mode & 07777, mode);
    if (ivs_key_load("key", opt, &again, &err) != IVS_OK)
        fail_msg("%s", err.message);
    expect_fingerprint(again, KEY_A_FINGERPRINT);
    assert_int_equal(ivs_key_has_private(key), ivs_key_has_private(again));
    ivs_key_free(key);
    ivs_key_free(again);
    assert_int_equal(unlink("key"), 0);
    assert_int_equal(files_here(), 0);
}

static void
save_and_load_give_the_key_back_with_the_right_mode(void **state)
{
    ivs_key_options opt = with_passphrase(PASSPHRASE);
    mode_t before = umask(0);

    (void)state;
    expect_saved(KEY_A_PKCS8, NULL, 0600);
    expect_saved(KEY_A_SPKI, NULL, 0644);
    (void)umask(077);
    expect_saved(KEY_A_PKCS8, &opt, 0600);
    expect_saved(KEY_A_SPKI, NULL, 0600);
    (void)umask(before);
}

static void
save_never_touches_an_existing_file(void **state)
{
    ivs_key *key = key_of(KEY_A_PKCS8);
    ivs_error err = {0};
    char line[16] = "";
    FILE *f;

    (void)state;
    f = fopen("key", "w");
    assert_non_null(f);
    assert_true(fputs("mine", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(ivs_key_save(key, "key", NULL, &err), IVS_E_IO);
    assert_string_equal(err.message,
                        "key exists already; it is never overwritten");
    f = fopen("key", "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(fclose(f), 0);
    assert_string_equal(line, "mine");
    assert_int_equal(unlink("key"), 0);
    assert_int_equal(symlink("nowhere", "key"), 0);
    assert_int_equal(ivs_key_save(key, "key", NULL, &err), IVS_E_IO);
    assert_int_equal(unlink("key"), 0);
    assert_int_equal(files_here(), 0);
    ivs_key_free(key);
}

/* A limit on the size of files stands in for a full disk: write() fails in the
 * middle of the key. */
static void
full_disk_leaves_nothing_behind(void **state)
{
    struct rlimit before, small;
    ivs_key *key = key_of(KEY_A_PKCS8);
    ivs_error err = {0};
    ivs_status s;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100;
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    s = ivs_key_save(key, "key", NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
    assert_int_equal(s, IVS_E_IO);
    assert_non_null(strstr(err.message, "cannot create key: "));
    assert_non_null(strstr(err.message, strerror(EFBIG)));
    assert_int_equal(files_here(), 0);
    ivs_key_free(key);
}

static void
save_says_why_it_fails(void **state)
{
    ivs_key_options opt = with_passphrase("x");
    ivs_key *key = key_of(KEY_A_PKCS8), *public = key_of(KEY_A_SPKI);
    ivs_error err = {0};

    (void)state;
    assert_int_equal(ivs_key_save(NULL, "key", NULL, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_save(key, NULL, NULL, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_save(public, "key", &opt, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_save(key, "none/key", NULL, &err), IVS_E_IO);
    assert_string_equal(err.message,
                        "cannot create none/key: No such file or directory");
    assert_int_equal(files_here(), 0);
    ivs_key_free(key);
    ivs_key_free(public);
}

static void
load_says_why_it_fails_and_names_the_file(void **state)
{
    ivs_key *key = NULL;
    ivs_error err = {0};
    FILE *f;

    (void)state;
    assert_int_equal(ivs_key_load(NULL, NULL, &key, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_load("key", NULL, NULL, &err), IVS_E_ARG);
    assert_int_equal(ivs_key_load("key", NULL, &key, &err), IVS_E_IO);
    assert_string_equal(err.message,
                        "cannot open key: No such file or directory");
    assert_int_equal(ivs_key_load(".", NULL, &key, &err), IVS_E_IO);
    assert_string_equal(err.message, "cannot read .: Is a directory");
    f = fopen("key", "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(ivs_key_load("key", NULL, &key, &err), IVS_E_FORMAT);
    assert_string_equal(err.message,
                        "key: nothing where a P-384 key was expected");
    assert_int_equal(truncate("key", IVS_KEY_INPUT_MAX + 1), 0);
    assert_int_equal(ivs_key_load("key", NULL, &key, &err), IVS_E_IO);
    assert_null(key);
    assert_int_equal(unlink("key"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_keys_differ_and_can_sign),
        cmocka_unit_test(generate_refuses_bad_arguments),
        cmocka_unit_test(fingerprint_is_what_openssl_computes),
        cmocka_unit_test(export_writes_what_openssl_writes),
        cmocka_unit_test(export_does_not_show_the_form_the_key_came_in),
        cmocka_unit_test(jwk_has_the_numbers_and_d_only_of_a_private_key),
        cmocka_unit_test(encrypted_export_opens_with_its_passphrase_only),
        cmocka_unit_test(export_refuses_what_makes_no_sense),
        cmocka_unit_test(save_and_load_give_the_key_back_with_the_right_mode),
        cmocka_unit_test(save_never_touches_an_existing_file),
        cmocka_unit_test(full_disk_leaves_nothing_behind),
        cmocka_unit_test(save_says_why_it_fails),
        cmocka_unit_test(load_says_why_it_fails_and_names_the_file),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
