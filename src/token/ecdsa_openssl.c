/* SPDX-License-Identifier: MIT */
/* ECDSA by OpenSSL 3. It speaks DER, we speak r || s. */

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/error.h"
#include "token/ecdsa.h"

/* SEQUENCE of two INTEGERs of at most 49 bytes. */
#define DER_MAX 104

/* OpenSSL may leave errors behind whether it fails or not: each call takes its
 * own away, and none of the caller's. */

static ivs_status
fail(ivs_error *err, const char *what)
{
    return ivs_fail(err, IVS_E_CRYPTO, "OpenSSL cannot %s", what);
}

static bool
der_to_rs(const uint8_t *der, size_t len,
          uint8_t ret[IVS_ES384_SIGNATURE_BYTES])
{
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    bool ok;

    ok = sig != NULL && at == der + len &&
         BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, IVS_P384_BYTES) ==
             IVS_P384_BYTES &&
         BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + IVS_P384_BYTES,
                      IVS_P384_BYTES) == IVS_P384_BYTES;
    ECDSA_SIG_free(sig);
    return ok;
}

static bool
rs_to_der(const uint8_t rs[IVS_ES384_SIGNATURE_BYTES], uint8_t der[DER_MAX],
          size_t *ret_len)
{
    BIGNUM *r = BN_bin2bn(rs, IVS_P384_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(rs + IVS_P384_BYTES, IVS_P384_BYTES, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *at = der;
    int n = -1;

    if (r != NULL && s != NULL && sig != NULL &&
        ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        n = i2d_ECDSA_SIG(sig, NULL);
        if (n > 0)
            n = n <= DER_MAX ? i2d_ECDSA_SIG(sig, &at) : -1;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    if (n <= 0)
        return false;
    *ret_len = (size_t)n;
    return true;
}

static ivs_status
openssl_sign(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
             uint8_t ret[IVS_ES384_SIGNATURE_BYTES], ivs_error *err)
{
    union {
        const void *in;
        EVP_PKEY *pkey; /* EVP takes no const, and changes nothing */
    } key = {.in = state};
    EVP_PKEY_CTX *ctx;
    uint8_t der[DER_MAX];
    size_t len = sizeof der;
    ivs_status s = IVS_OK;

    (void)ERR_set_mark();
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key.pkey, NULL);
    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        EVP_PKEY_sign(ctx, der, &len, digest, IVS_ES384_DIGEST_BYTES) != 1 ||
        !der_to_rs(der, len, ret))
        s = fail(err, "sign");
    EVP_PKEY_CTX_free(ctx);
    (void)ERR_pop_to_mark();
    return s;
}

static ivs_status
openssl_verify(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
               const uint8_t signature[IVS_ES384_SIGNATURE_BYTES],
               bool *ret_good, ivs_error *err)
{
    union {
        const void *in;
        EVP_PKEY *pkey;
    } key = {.in = state};
    EVP_PKEY_CTX *ctx;
    ivs_status s = IVS_OK;
    uint8_t der[DER_MAX];
    size_t len = 0;
    int answer = -1;

    (void)ERR_set_mark();
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key.pkey, NULL);
    if (ctx != NULL && rs_to_der(signature, der, &len) &&
        EVP_PKEY_verify_init(ctx) == 1)
        answer = EVP_PKEY_verify(ctx, der, len, digest, IVS_ES384_DIGEST_BYTES);
    /* 1 is good, 0 is bad, anything else says nothing about the signature. */
    if (answer == 1 || answer == 0)
        *ret_good = answer == 1;
    else
        s = fail(err, "verify a signature");
    EVP_PKEY_CTX_free(ctx);
    (void)ERR_pop_to_mark();
    return s;
}

static void
openssl_free(void *state)
{
    EVP_PKEY_free(state);
}

static const ivs_ecdsa_engine engine = {
    .name = "openssl",
    .sign = openssl_sign,
    .verify = openssl_verify,
    .free = openssl_free,
};

ivs_status
ivs_ecdsa_openssl_new(EVP_PKEY *pkey, ivs_ecdsa *ret, ivs_error *err)
{
    if (EVP_PKEY_up_ref(pkey) != 1) {
        ERR_clear_error();
        return fail(err, "share a key");
    }
    *ret = (ivs_ecdsa){.engine = &engine, .state = pkey};
    return IVS_OK;
}
