/* SPDX-License-Identifier: MIT */
/* The key object: making it, binding it to an engine, using it. */

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "token/key.h"
#include "token/key_object.h"

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
    key->pkey = ivs_key_pkey_of_numbers(point, d);
    if (key->pkey == NULL) {
        s = ivs_key_refuse_openssl(
            IVS_E_KEY, "a P-384 key whose public point is not on the curve",
            err);
        goto out;
    }
    if ((s = ivs_key_check_numbers(key->pkey, key->has_private, err)) != IVS_OK)
        goto out;
    if ((s = bind_engine(key, d, engine, err)) != IVS_OK)
        goto out;
    *ret = key;
    key = NULL;
out:
    ERR_clear_error(); /* OpenSSL may leave errors when it succeeds, too */
    ivs_key_free(key);
    return s;
}

ivs_status
ivs_key_generate(const ivs_key_options *opt, ivs_key **ret, ivs_error *err)
{
    uint8_t d[IVS_P384_BYTES] = {0};
    ivs_key_options o = {0};
    EVP_PKEY *pkey;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "no place for the key was given");
    if ((s = ivs_key_options_read(opt, &o, err)) != IVS_OK)
        return s;
    pkey = EVP_EC_gen("secp384r1");
    if (pkey == NULL)
        return ivs_key_refuse_openssl(IVS_E_CRYPTO,
                                      "OpenSSL cannot generate a key", err);
    if (ivs_key_private_number(pkey, d))
        s = ivs_key_from_pkey(pkey, true, d, o.engine, ret, err);
    else
        s = ivs_key_refuse_openssl(IVS_E_CRYPTO, "OpenSSL cannot read a key",
                                   err);
    ivs_wipe(d, sizeof d);
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
