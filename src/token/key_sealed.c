/* SPDX-License-Identifier: MIT */
/* Encrypted PKCS#8 (RFC 5958 section 3) opened with a passphrase. */

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "token/key_object.h"

/* Rounds of key derivation taken from a file: some seconds of work. */
#define PBKDF2_ROUNDS_MAX 4000000
#define TEXT_(number)     #number
#define TEXT(number)      TEXT_(number)
/* N * r * p of scrypt (RFC 7914); openssl pkcs8 writes 2^17. */
#define SCRYPT_WORK_MAX ((uint64_t)1 << 22)

static bool
at_most(const ASN1_INTEGER *n, uint64_t max, uint64_t *ret)
{
    return n != NULL && ASN1_INTEGER_get_uint64(ret, n) == 1 && *ret <= max;
}

static bool
pbkdf2_bounded(const ASN1_TYPE *parameter)
{
    PBKDF2PARAM *p =
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), parameter);
    uint64_t n;
    bool ok = p != NULL && at_most(p->iter, PBKDF2_ROUNDS_MAX, &n);

    PBKDF2PARAM_free(p);
    return ok;
}

static bool
scrypt_bounded(const ASN1_TYPE *parameter)
{
    SCRYPT_PARAMS *p =
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), parameter);
    uint64_t n, r, lanes;
    bool ok = p != NULL && at_most(p->costParameter, 1 << 20, &n) &&
              at_most(p->blockSize, 1 << 10, &r) &&
              at_most(p->parallelizationParameter, 1 << 10, &lanes) &&
              n * r * lanes <= SCRYPT_WORK_MAX;

    SCRYPT_PARAMS_free(p);
    return ok;
}

static bool
pbes2_bounded(const ASN1_TYPE *parameter)
{
    PBE2PARAM *p =
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameter);
    bool ok = false;

    if (p != NULL && OBJ_obj2nid(p->keyfunc->algorithm) == NID_id_pbkdf2)
        ok = pbkdf2_bounded(p->keyfunc->parameter);
    else if (p != NULL && OBJ_obj2nid(p->keyfunc->algorithm) == NID_id_scrypt)
        ok = scrypt_bounded(p->keyfunc->parameter);
    PBE2PARAM_free(p);
    return ok;
}

/* A work factor is never taken from the input unbounded. */
static bool
work_bounded(const X509_ALGOR *algorithm)
{
    uint64_t n;
    PBEPARAM *p;
    bool ok;

    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
        return pbes2_bounded(algorithm->parameter);
    p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM),
                                  algorithm->parameter);
    ok = p != NULL && at_most(p->iter, PBKDF2_ROUNDS_MAX, &n);
    PBEPARAM_free(p);
    return ok;
}

static ivs_status
unseal(const X509_SIG *sig, const ivs_key_options *opt, ivs_buf *ret,
       ivs_error *err)
{
    const ASN1_OCTET_STRING *sealed = NULL;
    const X509_ALGOR *algorithm = NULL;
    unsigned char *plain = NULL;
    int len = 0;

    X509_SIG_get0(sig, &algorithm, &sealed);
    if (!work_bounded(algorithm))
        return ivs_key_refuse_openssl(
            IVS_E_KEY,
            "an encrypted key of an unknown scheme, or one that asks for more "
            "work than is accepted (" TEXT(PBKDF2_ROUNDS_MAX) " rounds)",
            err);
    if (PKCS12_pbe_crypt(algorithm, opt->passphrase, (int)opt->passphrase_len,
                         ASN1_STRING_get0_data(sealed),
                         ASN1_STRING_length(sealed), &plain, &len, 0) == NULL)
        return ivs_key_refuse_openssl(
            IVS_E_KEY,
            "the passphrase does not open the encrypted key, or OpenSSL does "
            "not offer its cipher",
            err);
    ivs_buf_append(ret, plain, (size_t)len);
    OPENSSL_clear_free(plain, (size_t)len);
    if (ret->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
    return IVS_OK;
}

ivs_status
ivs_key_open_sealed(const uint8_t *der, size_t len, const ivs_key_options *opt,
                    ivs_buf *ret, ivs_error *err)
{
    const unsigned char *at = der;
    X509_SIG *sig;
    ivs_status s;

    if (opt->passphrase == NULL)
        return ivs_fail(err, IVS_E_KEY,
                        "an encrypted key and no passphrase for it");
    sig = d2i_X509_SIG(NULL, &at, (long)len);
    if (sig == NULL || at != der + len)
        s = ivs_key_refuse_openssl(IVS_E_FORMAT, "a damaged encrypted key",
                                   err);
    else
        s = unseal(sig, opt, ret, err);
    ERR_clear_error();
    X509_SIG_free(sig);
    return s;
}
