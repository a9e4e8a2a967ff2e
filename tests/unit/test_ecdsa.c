/* SPDX-License-Identifier: MIT */
/* token/ecdsa: both engines, against each other and at the edges. */

#include "support/test.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "support/keys.h"
#include "token/key.h"

#define SIG    IVS_ES384_SIGNATURE_BYTES
#define DIGEST IVS_ES384_DIGEST_BYTES
#define HALF   IVS_P384_BYTES

static ivs_engine built[2];
static size_t nbuilt;
static char *program; /* argv[0]; /proc/self/exe would be valgrind */

static int
find_engines(void **state)
{
    (void)state;
    nbuilt = engines_built(built);
    return 0;
}

static ivs_key *
key_of(const char *pem, ivs_engine engine)
{
    ivs_key_options opt;
    ivs_key *key = NULL;
    ivs_error err = {0};

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = engine;
    if (ivs_key_parse(pem, strlen(pem), &opt, &key, &err) != IVS_OK)
        fail_msg("%s", err.message);
    return key;
}

static void
digest_of(unsigned n, uint8_t ret[DIGEST])
{
    assert_true(ivs_sha384(&n, sizeof n, ret));
}

static bool
verifies(const ivs_key *key, const uint8_t digest[DIGEST],
         const uint8_t sig[SIG])
{
    ivs_error err = {0};
    bool good = false;

    if (ivs_key_verify_digest(key, digest, sig, &good, &err) != IVS_OK)
        fail_msg("%s: %s", ivs_key_engine(key), err.message);
    return good;
}

static void
sign(const ivs_key *key, const uint8_t digest[DIGEST], uint8_t ret[SIG])
{
    ivs_error err = {0};

    if (ivs_key_sign_digest(key, digest, ret, &err) != IVS_OK)
        fail_msg("%s: %s", ivs_key_engine(key), err.message);
}

/* ---- range ---- */

/* n of secp384r1, SEC 2 section 2.5.1 */
#define N_HEAD "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
#define N_START                                                                \
    N_HEAD N_HEAD "\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\x58\x1a\x0d\xb2\x48\xb0"   \
                  "\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29"
#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct {
    const char *name;
    const char *scalar;
    bool ok;
} scalars[] = {
    {"zero", ZEROS ZEROS "\0\0", false},
    {"one", ZEROS ZEROS "\0\1", true},
    {"n - 1", N_START "\x72", true},
    {"n", N_START "\x73", false},
    {"n + 1", N_START "\x74", false},
    {"all ones", N_HEAD N_HEAD N_HEAD N_HEAD, false},
};
#define NSCALARS (sizeof scalars / sizeof scalars[0])

static void
range_is_one_to_n_minus_one_for_r_and_s(void **state)
{
    uint8_t sig[SIG];

    (void)state;
    for (size_t r = 0; r < NSCALARS; r++) {
        for (size_t s = 0; s < NSCALARS; s++) {
            memcpy(sig, scalars[r].scalar, HALF);
            memcpy(sig + HALF, scalars[s].scalar, HALF);
            if (ivs_es384_in_range(sig) != (scalars[r].ok && scalars[s].ok))
                fail_msg("r = %s, s = %s", scalars[r].name, scalars[s].name);
        }
    }
}

static void
every_engine_refuses_r_or_s_at_the_edges(void **state)
{
    uint8_t digest[DIGEST], sig[SIG], good[SIG];

    (void)state;
    digest_of(1, digest);
    for (size_t e = 0; e < nbuilt; e++) {
        ivs_key *key = key_of(KEY_A_PKCS8, built[e]);

        sign(key, digest, good);
        for (size_t i = 0; i < NSCALARS; i++) {
            memcpy(sig, good, SIG);
            memcpy(sig, scalars[i].scalar, HALF);
            assert_false(verifies(key, digest, sig));
            memcpy(sig + HALF, scalars[i].scalar, HALF);
            assert_false(verifies(key, digest, sig));
            memcpy(sig, good, HALF);
            assert_false(verifies(key, digest, sig));
        }
        assert_true(verifies(key, digest, good));
        assert_int_equal(ERR_peek_error(), 0);
        ivs_key_free(key);
    }
}

/* ---- signing and verifying ---- */

static void
each_engine_verifies_every_engine(void **state)
{
    (void)state;
    for (size_t a = 0; a < nbuilt; a++) {
        for (size_t b = 0; b < nbuilt; b++) {
            ivs_key *signer = key_of(KEY_A_PKCS8, built[a]);
            ivs_key *verifier = key_of(KEY_A_SPKI, built[b]);
            ivs_key *other = key_of(KEY_B_SPKI, built[b]);
            uint8_t digest[DIGEST], another[DIGEST], sig[SIG];

            for (unsigned n = 0; n < 20; n++) {
                digest_of(n, digest);
                digest_of(n + 1, another);
                sign(signer, digest, sig);
                assert_true(verifies(verifier, digest, sig));
                assert_false(verifies(verifier, another, sig));
                assert_false(verifies(other, digest, sig));
                sig[n * 4 + 3] ^= 1;
                assert_false(verifies(verifier, digest, sig));
            }
            ivs_key_free(signer);
            ivs_key_free(verifier);
            ivs_key_free(other);
        }
    }
}

/* r or s below 2^376 come out of DER shorter than 48 bytes. */
static void
scalars_with_leading_zeros_are_padded(void **state)
{
    ivs_key *verifier = key_of(KEY_A_SPKI, IVS_ENGINE_OPENSSL);
    uint8_t digest[DIGEST], sig[SIG];

    (void)state;
    for (size_t e = 0; e < nbuilt; e++) {
        ivs_key *signer = key_of(KEY_A_PKCS8, built[e]);
        bool short_r = false, short_s = false;

        for (unsigned n = 0; n < 20000 && !(short_r && short_s); n++) {
            digest_of(n, digest);
            sign(signer, digest, sig);
            if (sig[0] != 0 && sig[HALF] != 0)
                continue;
            short_r |= sig[0] == 0;
            short_s |= sig[HALF] == 0;
            assert_true(verifies(signer, digest, sig));
            assert_true(verifies(verifier, digest, sig));
        }
        assert_true(short_r && short_s);
        ivs_key_free(signer);
    }
    ivs_key_free(verifier);
}

static void
gnutls_signs_the_same_digest_the_same_way(void **state)
{
    uint8_t digest[DIGEST], first[SIG], second[SIG];

    (void)state;
    for (size_t e = 0; e < nbuilt; e++) {
        ivs_key *key = key_of(KEY_A_PKCS8, built[e]);

        digest_of(7, digest);
        sign(key, digest, first);
        sign(key, digest, second);
        assert_int_equal(memcmp(first, second, SIG) == 0,
                         built[e] == IVS_ENGINE_GNUTLS);
        ivs_key_free(key);
    }
}

static void
public_key_cannot_sign_and_leaves_output_untouched(void **state)
{
    uint8_t digest[DIGEST] = {0}, sig[SIG], before[SIG];

    (void)state;
    memset(sig, 0xaa, sizeof sig);
    memcpy(before, sig, sizeof sig);
    for (size_t e = 0; e < nbuilt; e++) {
        ivs_key *key = key_of(KEY_A_SPKI, built[e]);
        ivs_error err = {0};

        assert_int_equal(ivs_key_sign_digest(key, digest, sig, &err),
                         IVS_E_KEY);
        assert_string_equal(err.message,
                            "a public key where a private key was expected");
        assert_memory_equal(sig, before, sizeof sig);
        ivs_key_free(key);
    }
}

/* ---- threads ---- */

#define ROUNDS 150

static void *
sign_and_verify(void *user)
{
    const ivs_key *key = user;
    size_t bad = 0;

    for (unsigned n = 0; n < ROUNDS; n++) {
        uint8_t digest[DIGEST], sig[SIG];
        bool good = false;

        if (!ivs_sha384(&n, sizeof n, digest) ||
            ivs_key_sign_digest(key, digest, sig, NULL) != IVS_OK ||
            ivs_key_verify_digest(key, digest, sig, &good, NULL) != IVS_OK ||
            !good)
            bad++;
        sig[5] ^= 4;
        if (ivs_key_verify_digest(key, digest, sig, &good, NULL) != IVS_OK ||
            good)
            bad++;
    }
    return bad == 0 ? NULL : user;
}

static void
one_key_serves_two_threads(void **state)
{
    (void)state;
    for (size_t e = 0; e < nbuilt; e++) {
        ivs_key *key = key_of(KEY_A_PKCS8, built[e]);
        pthread_t thread[2];
        void *bad;

        for (size_t i = 0; i < 2; i++)
            assert_int_equal(
                pthread_create(&thread[i], NULL, sign_and_verify, key), 0);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(thread[i], &bad), 0);
            assert_null(bad);
        }
        ivs_key_free(key);
    }
}

/* ---- failing engines ---- */

/* Ed25519 neither signs nor verifies a digest that was made outside. */
static void
openssl_failure_is_a_crypto_error_and_no_verdict(void **state)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    uint8_t digest[DIGEST] = {1}, sig[SIG], point[IVS_P384_POINT_BYTES] = {4};
    ivs_error err = {0};
    ivs_ecdsa ecdsa;
    bool good = false;

    (void)state;
    memset(sig, 1, sizeof sig);
    assert_non_null(pkey);
    assert_int_equal(ivs_ecdsa_openssl_new(pkey, &ecdsa, &err), IVS_OK);
    EVP_PKEY_free(pkey);
    assert_int_equal(ecdsa.engine->sign(ecdsa.state, digest, sig, &err),
                     IVS_E_CRYPTO);
    assert_string_equal(err.message, "OpenSSL cannot sign");
    assert_int_equal(
        ecdsa.engine->verify(ecdsa.state, digest, sig, &good, &err),
        IVS_E_CRYPTO);
    assert_string_equal(err.message, "OpenSSL cannot verify a signature");
    assert_false(good);
    assert_int_equal(ivs_ecdsa_self_test(&ecdsa, point, true, &err),
                     IVS_E_CRYPTO);
    assert_int_equal(ivs_ecdsa_self_test(&ecdsa, point, false, &err),
                     IVS_E_CRYPTO);
    assert_int_equal(ERR_peek_error(), 0);
    ivs_ecdsa_free(&ecdsa);
    ivs_ecdsa_free(&ecdsa); /* an empty one */
}

/* Says "good" to digests whose first byte the state names, or to all. */
struct stub {
    bool good_at_zero, good_at_one;
};

static ivs_status
stub_sign(const void *state, const uint8_t digest[DIGEST], uint8_t ret[SIG],
          ivs_error *err)
{
    (void)state;
    (void)digest;
    (void)err;
    memset(ret, 1, SIG);
    return IVS_OK;
}

static ivs_status
stub_verify(const void *state, const uint8_t digest[DIGEST],
            const uint8_t sig[SIG], bool *ret_good, ivs_error *err)
{
    const struct stub *stub = state;

    (void)sig;
    (void)err;
    *ret_good = digest[0] == 0 ? stub->good_at_zero : stub->good_at_one;
    return IVS_OK;
}

static void
stub_free(void *state)
{
    (void)state;
}

static void
self_test_refuses_an_engine_that_answers_wrongly(void **state)
{
    static const ivs_ecdsa_engine engine = {"stub", stub_sign, stub_verify,
                                            stub_free};
    static const struct {
        struct stub stub;
        ivs_status expected;
    } cases[] = {
        {{true, false}, IVS_OK},
        {{true, true}, IVS_E_CRYPTO},   /* everything is good */
        {{false, false}, IVS_E_CRYPTO}, /* nothing is */
        {{false, true}, IVS_E_CRYPTO},
    };
    uint8_t point[IVS_P384_POINT_BYTES] = {4};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stub stub = cases[i].stub;
        ivs_ecdsa ecdsa = {&engine, &stub};
        ivs_error err = {0};

        for (int can_sign = 0; can_sign <= 1; can_sign++)
            assert_int_equal(ivs_ecdsa_self_test(&ecdsa, point, can_sign, &err),
                             cases[i].expected);
        assert_string_equal(
            err.message,
            cases[i].expected == IVS_OK
                ? ""
                : "the stub engine gave a wrong answer in its self-test");
    }
}

/* ---- a system policy that refuses the curve ---- */

/* Runs in a process of its own, for GnuTLS reads its policy once. */
static int
under_policy(void)
{
    static const char *const pems[] = {KEY_A_PKCS8, KEY_A_SPKI};
    ivs_key_options opt;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_GNUTLS;
    for (size_t i = 0; i < 2; i++) {
        const char *pem = pems[i];
        ivs_key *key = NULL;

        if (ivs_key_parse(pem, strlen(pem), &opt, &key, NULL) != IVS_E_CRYPTO ||
            key != NULL)
            return 1;
        if (ivs_key_parse(pem, strlen(pem), NULL, &key, NULL) != IVS_OK)
            return 2;
        if (strcmp(ivs_key_engine(key), "openssl") != 0)
            return 3;
        ivs_key_free(key);
    }
    return 0;
}

static void
check_policy(const char *text)
{
    char policy[] = "/tmp/ivs-policy-XXXXXX";
    char mode[] = "under-policy", *argv[] = {program, mode, NULL};
    int fd = mkstemp(policy), status = -1;
    pid_t child;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    child = fork();
    if (child == 0) {
        (void)setenv("GNUTLS_SYSTEM_PRIORITY_FILE", policy, 1);
        (void)execv(program, argv);
        _exit(127);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(unlink(policy), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* With the curve disabled GnuTLS calls good signatures bad; with the algorithm
 * marked insecure it gives an error. */
static void
policy_against_ecdsa_fails_gnutls_by_name_and_default_falls_back(void **state)
{
    (void)state;
    if (nbuilt < 2)
        return;
    check_policy("[overrides]\ndisabled-curve = secp384r1\n");
    check_policy("[overrides]\ninsecure-sig = ECDSA-SHA384\n");
}

static void
engine_is_the_one_asked_for_and_gnutls_by_default(void **state)
{
    ivs_key *key = key_of(KEY_A_SPKI, IVS_ENGINE_DEFAULT);
    ivs_error err = {0};
    ivs_key_options opt;

    (void)state;
    assert_string_equal(ivs_key_engine(key),
                        nbuilt == 2 ? "gnutls" : "openssl");
    ivs_key_free(key);
    key = key_of(KEY_A_SPKI, IVS_ENGINE_OPENSSL);
    assert_string_equal(ivs_key_engine(key), "openssl");
    ivs_key_free(key);
    assert_string_equal(ivs_key_engine(NULL), "none");
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_GNUTLS;
    key = NULL;
    if (nbuilt == 2) {
        key = key_of(KEY_A_SPKI, IVS_ENGINE_GNUTLS);
        assert_string_equal(ivs_key_engine(key), "gnutls");
        ivs_key_free(key);
        return;
    }
    assert_int_equal(ivs_key_generate(&opt, &key, &err), IVS_E_CRYPTO);
    assert_null(key);
    assert_string_equal(err.message,
                        "the gnutls engine is not built into this library; the "
                        "openssl engine is");
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_is_one_to_n_minus_one_for_r_and_s),
        cmocka_unit_test(every_engine_refuses_r_or_s_at_the_edges),
        cmocka_unit_test(each_engine_verifies_every_engine),
        cmocka_unit_test(scalars_with_leading_zeros_are_padded),
        cmocka_unit_test(gnutls_signs_the_same_digest_the_same_way),
        cmocka_unit_test(public_key_cannot_sign_and_leaves_output_untouched),
        cmocka_unit_test(one_key_serves_two_threads),
        cmocka_unit_test(openssl_failure_is_a_crypto_error_and_no_verdict),
        cmocka_unit_test(self_test_refuses_an_engine_that_answers_wrongly),
        cmocka_unit_test(
            policy_against_ecdsa_fails_gnutls_by_name_and_default_falls_back),
        cmocka_unit_test(engine_is_the_one_asked_for_and_gnutls_by_default),
    };

    program = argv[0];
    if (argc > 1 && strcmp(argv[1], "under-policy") == 0)
        return under_policy();
    return cmocka_run_group_tests(tests, find_engines, NULL);
}
