/* SPDX-License-Identifier: MIT */
/* Keys as text, and to a file. */

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/b64url.h"
#include "base/error.h"
#include "base/file.h"
#include "token/key_object.h"

/* PBKDF2-HMAC-SHA256 rounds of a passphrase; OpenSSL's own default is 2048. */
#define PBKDF2_ROUNDS 600000

/* A memory BIO wipes what it held when it grows and when it is freed. */
static bool
take_bio(BIO *bio, ivs_buf *b)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);

    if (len <= 0)
        return false;
    ivs_buf_append(b, data, (size_t)len);
    return true;
}

/* Length of PKCS#8, the longer form. */
enum { PRIVATE_DER_MAX = 185 };

/* DER of a private key, what stands around its numbers. OpenSSL's encoders
 * would free copies of the private one as they are. */
static const uint8_t pkcs8_head[] = {
    0x30, 0x81, 0xb6, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
    0x04, 0x81, 0x9e, 0x30, 0x81, 0x9b, 0x02, 0x01, 0x01, 0x04, 0x30,
};
static const uint8_t sec1_head[] = {
    0x30, 0x81, 0xa4, 0x02, 0x01, 0x01, 0x04, 0x30,
};
static const uint8_t sec1_curve[] = {
    0xa0, 0x07, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
};
static const uint8_t point_head[] = {0xa1, 0x64, 0x03, 0x62, 0x00};

/* PKCS#8 (RFC 5958), or ECPrivateKey (RFC 5915) that names the curve. */
static bool
put_private(const ivs_key *key, ivs_key_format fmt, ivs_buf *der)
{
    uint8_t d[IVS_P384_BYTES] = {0};
    bool ok = ivs_key_private_number(key->pkey, d);

    if (fmt == IVS_KEY_PKCS8)
        ivs_buf_append(der, pkcs8_head, sizeof pkcs8_head);
    else
        ivs_buf_append(der, sec1_head, sizeof sec1_head);
    ivs_buf_append(der, d, sizeof d);
    if (fmt == IVS_KEY_SEC1)
        ivs_buf_append(der, sec1_curve, sizeof sec1_curve);
    ivs_buf_append(der, point_head, sizeof point_head);
    ivs_buf_append(der, key->point, sizeof key->point);
    ivs_wipe(d, sizeof d);
    return ok && !der->failed;
}

static bool
write_encrypted(const ivs_buf *der, const ivs_key_options *opt, BIO *bio)
{
    const uint8_t *at = (const uint8_t *)der->data;
    PKCS8_PRIV_KEY_INFO *p8 =
        d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der->len);
    X509_SIG *sealed = NULL;
    bool ok;

    if (p8 != NULL)
        sealed = PKCS8_encrypt(-1, EVP_aes_256_cbc(), opt->passphrase,
                               (int)opt->passphrase_len, NULL, 16,
                               PBKDF2_ROUNDS, p8);
    ok = sealed != NULL && PEM_write_bio_PKCS8(bio, sealed) == 1;
    X509_SIG_free(sealed);
    PKCS8_PRIV_KEY_INFO_free(p8);
    return ok;
}

static bool
write_private(const ivs_key *key, ivs_key_format fmt,
              const ivs_key_options *opt, BIO *bio)
{
    char mem[PRIVATE_DER_MAX + 1];
    ivs_buf der;
    bool ok;

    ivs_buf_fixed(&der, mem, sizeof mem);
    der.secret = true;
    ok = put_private(key, fmt, &der);
    if (ok && opt->passphrase != NULL)
        ok = write_encrypted(&der, opt, bio);
    else if (ok)
        ok = PEM_write_bio(bio,
                           fmt == IVS_KEY_SEC1 ? PEM_STRING_ECPRIVATEKEY
                                               : PEM_STRING_PKCS8INF,
                           "", (const uint8_t *)der.data, (long)der.len) > 0;
    ivs_buf_free(&der);
    return ok;
}

static bool
write_spki(const ivs_key *key, BIO *bio)
{
    uint8_t spki[IVS_P384_SPKI_BYTES];

    ivs_key_spki(key, spki);
    return PEM_write_bio(bio, PEM_STRING_PUBLIC, "", spki, sizeof spki) > 0;
}

static void
put_number(ivs_buf *b, const char *name, const uint8_t n[IVS_P384_BYTES])
{
    char text[IVS_B64URL_LEN(IVS_P384_BYTES)];

    ivs_b64url_encode(n, IVS_P384_BYTES, text);
    ivs_buf_printf(b, ",\"%s\":\"", name);
    ivs_buf_append(b, text, sizeof text);
    ivs_buf_putc(b, '"');
    ivs_wipe(text, sizeof text);
}

static bool
write_jwk(const ivs_key *key, ivs_buf *b)
{
    uint8_t d[IVS_P384_BYTES] = {0};

    if (key->has_private && !ivs_key_private_number(key->pkey, d))
        return false;
    ivs_buf_puts(b, "{\"kty\":\"EC\",\"crv\":\"P-384\"");
    put_number(b, "x", key->point + 1);
    put_number(b, "y", key->point + 1 + IVS_P384_BYTES);
    if (key->has_private)
        put_number(b, "d", d);
    ivs_buf_puts(b, "}\n");
    ivs_wipe(d, sizeof d);
    return true;
}

static bool
write_pem(const ivs_key *key, ivs_key_format fmt, const ivs_key_options *opt,
          ivs_buf *b)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = false;

    if (bio == NULL)
        return false;
    if (fmt == IVS_KEY_SPKI)
        ok = write_spki(key, bio);
    else
        ok = write_private(key, fmt, opt, bio);
    ok = ok && take_bio(bio, b);
    BIO_free(bio);
    return ok;
}

static ivs_status
check_request(const ivs_key *key, ivs_key_format fmt,
              const ivs_key_options *opt, ivs_error *err)
{
    if (fmt != IVS_KEY_PKCS8 && fmt != IVS_KEY_SEC1 && fmt != IVS_KEY_SPKI &&
        fmt != IVS_KEY_JWK)
        return ivs_fail(err, IVS_E_ARG, "there is no key form number %d",
                        (int)fmt);
    if (opt->passphrase != NULL && fmt != IVS_KEY_PKCS8)
        return ivs_fail(err, IVS_E_ARG,
                        "a passphrase for a form that is never encrypted; only "
                        "PKCS#8 is");
    if (opt->passphrase != NULL && opt->passphrase_len == 0)
        return ivs_fail(err, IVS_E_ARG, "an empty passphrase");
    if ((fmt == IVS_KEY_PKCS8 || fmt == IVS_KEY_SEC1) && !key->has_private)
        return ivs_fail(err, IVS_E_KEY,
                        "a public key where a private key was expected");
    return IVS_OK;
}

ivs_status
ivs_key_export(const ivs_key *key, ivs_key_format fmt,
               const ivs_key_options *opt, char **ret, size_t *ret_len,
               ivs_error *err)
{
    ivs_buf b = IVS_BUF_SECRET;
    ivs_key_options o;
    char *text;
    size_t len;
    ivs_status s;

    if (key == NULL || ret == NULL || ret_len == NULL)
        return ivs_fail(err, IVS_E_ARG, "no key or no place was given");
    if ((s = ivs_key_options_read(opt, &o, err)) != IVS_OK)
        return s;
    if ((s = check_request(key, fmt, &o, err)) != IVS_OK)
        return s;
    if (fmt == IVS_KEY_JWK ? !write_jwk(key, &b)
                           : !write_pem(key, fmt, &o, &b)) {
        s = ivs_key_refuse_openssl(IVS_E_CRYPTO, "OpenSSL cannot write the key",
                                   err);
        goto out;
    }
    text = ivs_buf_steal(&b, &len);
    if (text == NULL) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory writing a key");
        goto out;
    }
    *ret = text;
    *ret_len = len;
out:
    ERR_clear_error(); /* OpenSSL may leave errors when it succeeds, too */
    ivs_buf_free(&b);
    return s;
}

ivs_status
ivs_key_save(const ivs_key *key, const char *path, const ivs_key_options *opt,
             ivs_error *err)
{
    bool is_private = ivs_key_has_private(key);
    char *text = NULL;
    size_t len = 0;
    ivs_status s;

    if (key == NULL || path == NULL)
        return ivs_fail(err, IVS_E_ARG, "no key or no file name was given");
    s = ivs_key_export(key, is_private ? IVS_KEY_PKCS8 : IVS_KEY_SPKI, opt,
                       &text, &len, err);
    if (s == IVS_OK)
        s = ivs_file_create(path, text, len, is_private ? 0600 : 0644, err);
    ivs_free_secret(text, len);
    return s;
}
