/* SPDX-License-Identifier: MIT */
/* Algorithm confusion in all its forms (RFC 8725 sections 2.1, 3.1, 3.2, 3.10),
 * through verify and both engines. The foreign signatures are good ones, made
 * by OpenSSL; only the rule named can refuse them. */

#include "support/test.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/b64url.h"
#include "support/judge.h"
#include "token/key_object.h"

#define PAYLOAD "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060}"
#define ES384   FORGE_HEADER

/* Judge a token of this header and the plain payload with any signature. */
static void
expect_signed(const char *name, const char *header, const void *signature,
              size_t len, ivs_reject_reason reason)
{
    char *token = forge_join(header, strlen(header), PAYLOAD, strlen(PAYLOAD),
                             signature, len);

    judge_expect(name, token, strlen(token), NULL, reason);
    free(token);
}

/* ---- signatures by other algorithms ---- */

struct foreign {
    const char *alg, *type, *curve, *md;
    bool pss;
    size_t width; /* of r and of s; 0 where there are none */
    ivs_reject_reason as_es384;
};

static const struct foreign foreign[] = {
    {"ES256", "EC", "P-256", "SHA256", false, 32, IVS_REJECT_SIGNATURE_FORMAT},
    {"ES256K", "EC", "secp256k1", "SHA256", false, 32,
     IVS_REJECT_SIGNATURE_FORMAT},
    {"ES512", "EC", "P-521", "SHA512", false, 66, IVS_REJECT_SIGNATURE_FORMAT},
    {"ESB384", "EC", "brainpoolP384r1", "SHA384", false, 48,
     IVS_REJECT_SIGNATURE},
    {"ES384 ", "EC", "P-384", "SHA384", false, 48, IVS_REJECT_SIGNATURE},
    {"RS256", "RSA", NULL, "SHA256", false, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"RS384", "RSA", NULL, "SHA384", false, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"RS512", "RSA", NULL, "SHA512", false, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"PS256", "RSA", NULL, "SHA256", true, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"PS384", "RSA", NULL, "SHA384", true, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"PS512", "RSA", NULL, "SHA512", true, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"EdDSA", "ED25519", NULL, NULL, false, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"Ed25519", "ED25519", NULL, NULL, false, 0, IVS_REJECT_SIGNATURE_FORMAT},
    {"Ed448", "ED448", NULL, NULL, false, 0, IVS_REJECT_SIGNATURE_FORMAT},
};

static EVP_PKEY *
foreign_key(const struct foreign *f)
{
    EVP_PKEY *pkey;

    if (f->curve != NULL)
        pkey = EVP_EC_gen(f->curve);
    else if (strcmp(f->type, "RSA") == 0)
        pkey = EVP_RSA_gen(2048);
    else
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, f->type);
    assert_non_null(pkey);
    return pkey;
}

/* DER to r and s side by side; 0 where width is 0. */
static size_t
side_by_side(unsigned char *signature, size_t len, size_t width)
{
    const unsigned char *at = signature;
    ECDSA_SIG *rs;

    if (width == 0)
        return len;
    rs = d2i_ECDSA_SIG(NULL, &at, (long)len);
    assert_non_null(rs);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(rs), signature, (int)width),
                     width);
    assert_int_equal(
        BN_bn2binpad(ECDSA_SIG_get0_s(rs), signature + width, (int)width),
        width);
    ECDSA_SIG_free(rs);
    return 2 * width;
}

static size_t
openssl_sign(EVP_PKEY *pkey, const struct foreign *f, const char *header,
             unsigned char ret[1024])
{
    char *input =
        forge_join(header, strlen(header), PAYLOAD, strlen(PAYLOAD), "", 0);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    size_t len = 1024;

    assert_int_equal(
        EVP_DigestSignInit_ex(ctx, &how, f->md, NULL, NULL, pkey, NULL), 1);
    if (f->pss) {
        assert_int_equal(
            EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(
            EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    assert_int_equal(EVP_DigestSign(ctx, ret, &len,
                                    (const unsigned char *)input,
                                    strlen(input) - 1),
                     1);
    EVP_MD_CTX_free(ctx);
    free(input);
    return side_by_side(ret, len, f->width);
}

static void
signatures_of_other_algorithms_are_refused(void **state)
{
    unsigned char signature[1024];
    char header[64];

    (void)state;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const struct foreign *f = &foreign[i];
        EVP_PKEY *pkey = foreign_key(f);
        size_t len;

        (void)snprintf(header, sizeof header, "{\"alg\":\"%s\"}", f->alg);
        len = openssl_sign(pkey, f, header, signature);
        expect_signed(f->alg, header, signature, len, IVS_REJECT_ALG);
        len = openssl_sign(pkey, f, ES384, signature);
        expect_signed(f->alg, ES384, signature, len, f->as_es384);
        EVP_PKEY_free(pkey);
    }
}

static void
other_hashes_under_the_right_key_are_refused(void **state)
{
    static const struct {
        const char *name, *md;
        ivs_reject_reason reason;
    } rows[] = {
        {"SHA-384", "SHA384", IVS_REJECT_NONE},
        {"SHA-256", "SHA256", IVS_REJECT_SIGNATURE},
        {"SHA-512", "SHA512", IVS_REJECT_SIGNATURE},
        {"SHA-512/256", "SHA512-256", IVS_REJECT_SIGNATURE},
        {"SHA3-384", "SHA3-384", IVS_REJECT_SIGNATURE},
        {"SHA-1", "SHA1", IVS_REJECT_SIGNATURE},
    };
    unsigned char signature[1024];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct foreign f = {.md = rows[i].md, .width = 48};
        size_t len = openssl_sign(judge_key->pkey, &f, ES384, signature);

        expect_signed(rows[i].name, ES384, signature, len, rows[i].reason);
    }
}

/* ---- MACs ---- */

struct secret {
    const char *name;
    const void *data;
    size_t len;
};

static void
expect_no_mac(const struct secret *secret)
{
    static const char *const hashes[] = {"SHA256", "SHA384", "SHA512"};
    static const char *const headers[] = {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                                          "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
                                          "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
                                          "{\"alg\":\"none\"}", ES384};

    for (size_t h = 0; h < sizeof headers / sizeof *headers; h++) {
        char *input = forge_join(headers[h], strlen(headers[h]), PAYLOAD,
                                 strlen(PAYLOAD), "", 0);

        for (size_t i = 0; i < 3; i++) {
            unsigned char mac[192];
            unsigned len = 0;

            assert_non_null(HMAC(EVP_get_digestbyname(hashes[i]), secret->data,
                                 (int)secret->len, (const unsigned char *)input,
                                 strlen(input) - 1, mac, &len));
            expect_signed(secret->name, headers[h], mac, len,
                          h == 4 ? IVS_REJECT_SIGNATURE_FORMAT
                                 : IVS_REJECT_ALG);
            /* As long as a signature. */
            memcpy(mac + len, mac, len);
            memcpy(mac + 2 * len, mac, len);
            expect_signed(secret->name, headers[h], mac, 96,
                          h == 4 ? IVS_REJECT_SIGNATURE : IVS_REJECT_ALG);
        }
        free(input);
    }
}

static void
macs_keyed_with_anything_public_are_refused(void **state)
{
    char *pem = NULL, *jwk = NULL, fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_key *public = forge_public_key(IVS_ENGINE_OPENSSL);
    uint8_t spki[IVS_P384_SPKI_BYTES];
    size_t pem_len, jwk_len;

    (void)state;
    assert_int_equal(
        ivs_key_export(public, IVS_KEY_SPKI, NULL, &pem, &pem_len, NULL),
        IVS_OK);
    assert_int_equal(
        ivs_key_export(public, IVS_KEY_JWK, NULL, &jwk, &jwk_len, NULL),
        IVS_OK);
    assert_int_equal(ivs_key_fingerprint(public, fingerprint, NULL), IVS_OK);
    ivs_key_spki(public, spki);
    {
        const struct secret secrets[] = {
            {"public PEM", pem, pem_len},
            {"public PEM and its NUL", pem, pem_len + 1},
            {"public PEM less its newline", pem, pem_len - 1},
            {"SPKI", spki, sizeof spki},
            {"point", public->point, sizeof public->point},
            {"x", public->point + 1, IVS_P384_BYTES},
            {"JWK", jwk, jwk_len},
            {"fingerprint", fingerprint, strlen(fingerprint)},
            {"nothing", "", 0},
        };

        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
            expect_no_mac(&secrets[i]);
    }
    ivs_free(pem);
    ivs_free(jwk);
    ivs_key_free(public);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_of_other_algorithms_are_refused),
        cmocka_unit_test(other_hashes_under_the_right_key_are_refused),
        cmocka_unit_test(macs_keyed_with_anything_public_are_refused),
    };

    return judge_run(tests);
}
