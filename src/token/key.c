/* SPDX-License-Identifier: MIT */
/* The key object: making, checking and binding it to an engine. */

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "token/key.h"
#include "token/key_object.h"

#define GROUP "secp384r1"

void
ivs_key_options_init(ivs_key_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

ivs_status
ivs_key_options_read(const ivs_key_options *opt, ivs_key_options *ret,
                     ivs_error *err)
{
    ivs_key_options o = {.size = sizeof o};
    ivs_status s;

    if (opt != NULL) {
        s = ivs_options_copy(&o, sizeof o, opt, err);
        if (s != IVS_OK)
            return s;
    }
    if (o.engine != IVS_ENGINE_DEFAULT && o.engine != IVS_ENGINE_OPENSSL &&
        o.engine != IVS_ENGINE_GNUTLS)
        return ivs_fail(err, IVS_E_ARG, "there is no ECDSA engine number %d",
                        (int)o.engine);
    if (o.passphrase == NULL && o.passphrase_len != 0)
        return ivs_fail(err, IVS_E_ARG, "a passphrase length without one");
    if (o.passphrase_len > INT_MAX)
        return ivs_fail(err, IVS_E_ARG, "the passphrase is too long");
    *ret = o;
    return IVS_OK;
}

static ivs_status
fail_openssl(ivs_error *err, const char *what)
{
    ERR_clear_error();
    return ivs_fail(err, IVS_E_CRYPTO, "OpenSSL cannot %s", what);
}

/* ---- numbers and EVP_PKEY ---- */

/* A number of at most 48 bytes, big-endian. Not through
 * EVP_PKEY_get_bn_param(), which leaves a copy on the stack. */
static bool
get_number(EVP_PKEY *pkey, const char *name, uint8_t ret[IVS_P384_BYTES])
{
    uint8_t native[IVS_P384_BYTES] = {0};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_BN(name, native, sizeof native),
        OSSL_PARAM_construct_end(),
    };
    BIGNUM *n = NULL;
    bool ok;

    ok = EVP_PKEY_get_params(pkey, params) == 1 &&
         params[0].return_size <= sizeof native &&
         (n = BN_native2bn(native, (int)params[0].return_size, NULL)) != NULL &&
         BN_bn2binpad(n, ret, IVS_P384_BYTES) == IVS_P384_BYTES;
    BN_clear_free(n);
    ivs_wipe(native, sizeof native);
    return ok;
}

bool
ivs_key_private_number(EVP_PKEY *pkey, uint8_t ret[IVS_P384_BYTES])
{
    return get_number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, ret);
}

/* NULL also for a point that is not on the curve. */
static EVP_PKEY *
pkey_of_numbers(const uint8_t point[IVS_P384_POINT_BYTES], const uint8_t *d)
{
    char group[] = GROUP;
    uint8_t pub[IVS_P384_POINT_BYTES], native[IVS_P384_BYTES] = {0};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    BIGNUM *n = NULL;
    OSSL_PARAM params[4];
    size_t i = 0;

    memcpy(pub, point, sizeof pub);
    params[i++] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[i++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                                    pub, sizeof pub);
    if (d != NULL) {
        n = BN_bin2bn(d, IVS_P384_BYTES, NULL);
        if (n == NULL || BN_bn2nativepad(n, native, sizeof native) < 0)
            goto out;
        params[i++] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native,
                                              sizeof native);
    }
    params[i] = OSSL_PARAM_construct_end();
    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
        (void)EVP_PKEY_fromdata(
            ctx, &pkey, d == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
            params);
out:
    BN_clear_free(n);
    ivs_wipe(native, sizeof native);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* ---- checks ---- */

ivs_status
ivs_key_refuse_curve(int nid, const char *name, ivs_error *err)
{
    const char *nist = EC_curve_nid2nist(nid);

    if (nist != NULL)
        return ivs_fail(err, IVS_E_KEY,
                        "curve %s (%s) where P-384 was expected", name, nist);
    return ivs_fail(err, IVS_E_KEY, "curve %s where P-384 was expected", name);
}

/* Named curve secp384r1, and not its parameters spelled out: OpenSSL gives
 * both the same group name. */
static ivs_status
check_curve(EVP_PKEY *pkey, ivs_error *err)
{
    int is_explicit = 1;
    char group[80] = "";
    size_t len = 0;

    if (EVP_PKEY_get_int_param(pkey,
                               OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &is_explicit) != 1 ||
        is_explicit != 0 ||
        EVP_PKEY_get_group_name(pkey, group, sizeof group, &len) != 1)
        return ivs_fail(err, IVS_E_KEY,
                        "explicit curve parameters where the named curve P-384 "
                        "was expected");
    if (strcmp(group, GROUP) == 0 || strcmp(group, "P-384") == 0)
        return IVS_OK;
    return ivs_key_refuse_curve(OBJ_sn2nid(group), group, err);
}

/* On the curve, 1 <= d < n, halves matching. */
static ivs_status
check_numbers(EVP_PKEY *pkey, bool has_private, ivs_error *err)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    ivs_status s = IVS_OK;

    if (ctx == NULL) {
        s = fail_openssl(err, "check a key");
        goto out;
    }
    if (has_private ? EVP_PKEY_check(ctx) == 1
                    : EVP_PKEY_public_check(ctx) == 1)
        goto out;
    if (EVP_PKEY_public_check(ctx) != 1)
        s = ivs_fail(err, IVS_E_KEY,
                     "a P-384 key whose public point is not on the curve");
    else if (EVP_PKEY_private_check(ctx) != 1)
        s = ivs_fail(err, IVS_E_KEY,
                     "a P-384 key whose private number is outside 1 to n - 1");
    else
        s = ivs_fail(err, IVS_E_KEY,
                     "a P-384 key whose private and public halves do not "
                     "match");
out:
    ERR_clear_error();
    EVP_PKEY_CTX_free(ctx);
    return s;
}

/* ---- engines ---- */

static ivs_status
bind_openssl(ivs_key *key, ivs_error *err)
{
    ivs_ecdsa ecdsa = {0};
    ivs_status s;

    s = ivs_ecdsa_openssl_new(key->pkey, &ecdsa, err);
    if (s == IVS_OK)
        s = ivs_ecdsa_self_test(&ecdsa, key->point, key->has_private, err);
    if (s != IVS_OK)
        ivs_ecdsa_free(&ecdsa);
    key->ecdsa = ecdsa;
    return s;
}

#ifdef IVS_HAVE_GNUTLS
static ivs_status
bind_gnutls(ivs_key *key, const uint8_t *d, ivs_error *err)
{
    ivs_ecdsa ecdsa = {0};
    ivs_status s;

    s = ivs_ecdsa_gnutls_new(key->point, d, &ecdsa, err);
    if (s == IVS_OK)
        s = ivs_ecdsa_self_test(&ecdsa, key->point, d != NULL, err);
    if (s != IVS_OK)
        ivs_ecdsa_free(&ecdsa);
    key->ecdsa = ecdsa;
    return s;
}
#else
static ivs_status
bind_gnutls(ivs_key *key, const uint8_t *d, ivs_error *err)
{
    (void)key;
    (void)d;
    return ivs_fail(err, IVS_E_CRYPTO,
                    "the gnutls engine is not built into this library; the "
                    "openssl engine is");
}
#endif

static ivs_status
bind_engine(ivs_key *key, const uint8_t *d, ivs_engine engine, ivs_error *err)
{
    if (engine == IVS_ENGINE_GNUTLS)
        return bind_gnutls(key, d, err);
    if (engine == IVS_ENGINE_DEFAULT && bind_gnutls(key, d, NULL) == IVS_OK)
        return IVS_OK;
    return bind_openssl(key, err);
}

/* ---- making ---- */

ivs_status
ivs_key_from_numbers(const uint8_t point[IVS_P384_POINT_BYTES],
                     const uint8_t *d, ivs_engine engine, ivs_key **ret,
                     ivs_error *err)
{
    ivs_key *key = calloc(1, sizeof *key);
    ivs_status s;

    if (key == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a key");
    memcpy(key->point, point, sizeof key->point);
    key->has_private = d != NULL;
    key->pkey = pkey_of_numbers(point, d);
    if (key->pkey == NULL) {
        ERR_clear_error();
        s = ivs_fail(err, IVS_E_KEY,
                     "a P-384 key whose public point is not on the curve");
        goto out;
    }
    if ((s = check_numbers(key->pkey, key->has_private, err)) != IVS_OK)
        goto out;
    if ((s = bind_engine(key, d, engine, err)) != IVS_OK)
        goto out;
    *ret = key;
    key = NULL;
out:
    ivs_key_free(key);
    return s;
}

ivs_status
ivs_key_from_pkey(EVP_PKEY *pkey, bool has_private, ivs_engine engine,
                  ivs_key **ret, ivs_error *err)
{
    uint8_t point[IVS_P384_POINT_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
    uint8_t d[IVS_P384_BYTES] = {0};
    ivs_status s;

    if ((s = check_curve(pkey, err)) != IVS_OK)
        goto out;
    if (!get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, point + 1) ||
        !get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y,
                    point + 1 + IVS_P384_BYTES)) {
        s = ivs_fail(err, IVS_E_KEY,
                     "a P-384 key whose public point is at infinity or absent");
        goto out;
    }
    if (has_private && !ivs_key_private_number(pkey, d)) {
        s = ivs_fail(err, IVS_E_KEY,
                     "a P-384 key whose private number is outside 1 to n - 1");
        goto out;
    }
    s = ivs_key_from_numbers(point, has_private ? d : NULL, engine, ret, err);
out:
    ERR_clear_error();
    ivs_wipe(d, sizeof d);
    return s;
}

ivs_status
ivs_key_generate(const ivs_key_options *opt, ivs_key **ret, ivs_error *err)
{
    ivs_key_options o = {0};
    EVP_PKEY *pkey;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "no place for the key was given");
    if ((s = ivs_key_options_read(opt, &o, err)) != IVS_OK)
        return s;
    pkey = EVP_EC_gen(GROUP);
    if (pkey == NULL)
        return fail_openssl(err, "generate a P-384 key");
    s = ivs_key_from_pkey(pkey, true, o.engine, ret, err);
    EVP_PKEY_free(pkey);
    return s;
}

void
ivs_key_free(ivs_key *key)
{
    if (key == NULL)
        return;
    ivs_ecdsa_free(&key->ecdsa);
    EVP_PKEY_free(key->pkey);
    free(key);
}

/* ---- using ---- */

bool
ivs_key_has_private(const ivs_key *key)
{
    return key != NULL && key->has_private;
}

const char *
ivs_key_engine(const ivs_key *key)
{
    return key == NULL ? "none" : key->ecdsa.engine->name;
}

ivs_status
ivs_key_sign_digest(const ivs_key *key,
                    const uint8_t digest[IVS_ES384_DIGEST_BYTES],
                    uint8_t ret[IVS_ES384_SIGNATURE_BYTES], ivs_error *err)
{
    if (!key->has_private)
        return ivs_fail(err, IVS_E_KEY,
                        "a public key where a private key was expected");
    return key->ecdsa.engine->sign(key->ecdsa.state, digest, ret, err);
}

ivs_status
ivs_key_verify_digest(const ivs_key *key,
                      const uint8_t digest[IVS_ES384_DIGEST_BYTES],
                      const uint8_t signature[IVS_ES384_SIGNATURE_BYTES],
                      bool *ret_good, ivs_error *err)
{
    if (!ivs_es384_in_range(signature)) {
        *ret_good = false;
        return IVS_OK;
    }
    return key->ecdsa.engine->verify(key->ecdsa.state, digest, signature,
                                     ret_good, err);
}

void
ivs_key_spki(const ivs_key *key, uint8_t ret[IVS_P384_SPKI_BYTES])
{
    static const uint8_t prefix[IVS_P384_SPKI_BYTES - IVS_P384_POINT_BYTES] = {
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
        0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
    };

    memcpy(ret, prefix, sizeof prefix);
    memcpy(ret + sizeof prefix, key->point, sizeof key->point);
}

ivs_status
ivs_key_fingerprint(const ivs_key *key, char ret[IVS_FINGERPRINT_SIZE],
                    ivs_error *err)
{
    uint8_t spki[IVS_P384_SPKI_BYTES], md5[IVS_MD5_SIZE];

    if (key == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "no key or no place was given");
    ivs_key_spki(key, spki);
    if (!ivs_md5(spki, sizeof spki, md5))
        return ivs_fail(err, IVS_E_CRYPTO,
                        "MD5, which names a key at IVS, is not available");
    for (size_t i = 0; i < sizeof md5; i++) {
        ivs_hex(md5 + i, 1, ret + 3 * i);
        ret[3 * i + 2] = i + 1 < sizeof md5 ? ':' : '\0';
    }
    return IVS_OK;
}
