/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_KEY_INPUT_H
#define IVS_TEST_KEY_INPUT_H

/*
 * Inputs for ivs_key_parse() and what is expected of it. Each test program runs
 * in a folder of its own, where a.pem and b.pem hold the keys of keys.h; most
 * inputs are made there by the openssl command.
 */

#include "support/test.h"

#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

#include "base/b64url.h"
#include "base/digest.h"
#include "support/keys.h"
#include "token/key_object.h"

#define PASSPHRASE "correct horse"

static char dir[] = "/tmp/ivs-key-input-XXXXXX";

struct input {
    char data[IVS_KEY_INPUT_MAX + 16];
    size_t len;
};
static struct input input;

/* What must never be in a message: key A's private number, however written. */
static char d_hex[2 * IVS_P384_BYTES + 1];
static const char *const secrets[] = {
    d_hex,
    KEY_A_D,
    "0pubhb3QkdhD2ebklb4Jrk3W", /* parts of it */
    "MIGbAgEBBDDSm5uFvdCR2EPZ", /* PKCS#8 body */
    "vgmuTdaKbgcGGyK4B7AZt23O",
    "MIGkAgEBBDDSm5uFvdCR2EPZ", /* SEC1 body */
    PASSPHRASE,
};

static inline bool
holds_secret(const char *message)
{
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        char part[13];

        (void)snprintf(part, sizeof part, "%s", secrets[i]);
        if (strstr(message, part) != NULL)
            return true;
    }
    return false;
}

/* The output of a shell command, run where a.pem and b.pem are the keys. */
static inline void
run(const char *command)
{
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    input.len = fread(input.data, 1, sizeof input.data, pipe);
    if (pclose(pipe) != 0 || input.len == 0)
        fail_msg("this command failed: %s", command);
}

static inline void
write_key(const char *name, const char *pem)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    assert_true(fputs(pem, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static inline int
make_folder(void **state)
{
    uint8_t d[IVS_P384_BYTES];
    size_t n;

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    write_key("a.pem", KEY_A_PKCS8);
    write_key("b.pem", KEY_B_PKCS8);
    assert_true(ivs_b64url_decode(KEY_A_D, strlen(KEY_A_D), d, sizeof d, &n));
    ivs_hex(d, sizeof d, d_hex);
    return 0;
}

static inline int
remove_folder(void **state)
{
    (void)state;
    (void)unlink("a.pem");
    (void)unlink("b.pem");
    (void)unlink("rsa.pem");
    return chdir("/") == 0 && rmdir(dir) == 0 ? 0 : -1;
}

/* From a block of exactly the input's size, so that a sanitizer sees a read
 * past its end. */
static inline ivs_status
parse(bool with_passphrase, ivs_key **ret, ivs_error *err)
{
    char *exact = malloc(input.len > 0 ? input.len : 1);
    ivs_key_options opt;
    ivs_status s;

    assert_non_null(exact);
    memcpy(exact, input.data, input.len);
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    if (with_passphrase) {
        opt.passphrase = PASSPHRASE;
        opt.passphrase_len = strlen(PASSPHRASE);
    }
    s = ivs_key_parse(exact, input.len, &opt, ret, err);
    free(exact);
    return s;
}

static inline void
expect_key(const char *name, bool is_private)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_key *key = NULL;
    ivs_error err = {0};

    if (parse(true, &key, &err) != IVS_OK)
        fail_msg("%s: %s", name, err.message);
    assert_int_equal(ivs_key_fingerprint(key, fingerprint, &err), IVS_OK);
    if (strcmp(fingerprint, KEY_A_FINGERPRINT) != 0 ||
        ivs_key_has_private(key) != is_private || ERR_peek_error() != 0)
        fail_msg("%s: another key came out", name);
    ivs_key_free(key);
}

static inline void
expect_refusal(const char *name, bool with_passphrase, ivs_status status,
               const char *message)
{
    ivs_key *const untouched = (ivs_key *)(void *)&input;
    ivs_key *key = untouched;
    ivs_error err = {0};
    ivs_status s;

    s = parse(with_passphrase, &key, &err);
    if (s != status)
        fail_msg("%s: %s, %s", name, ivs_status_name(s), err.message);
    if (strstr(err.message, message) == NULL)
        fail_msg("%s: \"%s\"", name, err.message);
    if (holds_secret(err.message) || key != untouched || ERR_peek_error() != 0)
        fail_msg("%s: secret shown, output touched or errors left", name);
}

static inline void
put(const void *data, size_t len)
{
    memcpy(input.data + input.len, data, len);
    input.len += len;
}

/* Ends of messages and starts of commands that many cases share. */
#define EXPECTED " where a P-384 key was expected"
#define SEAL     "openssl pkcs8 -topk8 -in a.pem -passout 'pass:" PASSPHRASE "' "

#endif
