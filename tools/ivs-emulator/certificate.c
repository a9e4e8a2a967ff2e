/* SPDX-License-Identifier: MIT */
/* X.509 by OpenSSL (RFC 5280). */

#include "certificate.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/error.h"

#define DAY_S       86400L
#define VALID_DAYS  365
#define SERIAL_BITS 127

/* A certificate and the key it is about. */
struct pair {
    EVP_PKEY *key;
    X509 *certificate;
};

static void
pair_free(struct pair *pair)
{
    EVP_PKEY_free(pair->key);
    X509_free(pair->certificate);
}

static bool
add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509_EXTENSION *extension;
    X509V3_CTX context;
    bool added;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool
set_serial(X509 *certificate)
{
    BIGNUM *serial = BN_new();
    bool set =
        serial != NULL &&
        BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ==
            1 &&
        BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != NULL;

    BN_free(serial);
    return set;
}

/* A key and a certificate about it, from a day ago to in a year. */
static bool
begin(struct pair *ret, const char *name)
{
    X509_NAME *subject;

    ret->key = EVP_EC_gen("P-256");
    ret->certificate = X509_new();
    if (ret->key == NULL || ret->certificate == NULL)
        return false;
    subject = X509_get_subject_name(ret->certificate);
    return X509_set_version(ret->certificate, X509_VERSION_3) == 1 &&
           set_serial(ret->certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(ret->certificate), -DAY_S) !=
               NULL &&
           X509_gmtime_adj(X509_getm_notAfter(ret->certificate),
                           VALID_DAYS * DAY_S) != NULL &&
           X509_set_pubkey(ret->certificate, ret->key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                      (const unsigned char *)name, -1, -1,
                                      0) == 1;
}

static bool
finish(struct pair *pair, const struct pair *issuer)
{
    X509 *by = issuer->certificate;

    return X509_set_issuer_name(pair->certificate, X509_get_subject_name(by)) ==
               1 &&
           add_extension(pair->certificate, by, NID_subject_key_identifier,
                         "hash") &&
           add_extension(pair->certificate, by, NID_authority_key_identifier,
                         "keyid") &&
           X509_sign(pair->certificate, issuer->key, EVP_sha256()) > 0;
}

static bool
make_authority(struct pair *ret)
{
    return begin(ret, "ivs-emulator authority") &&
           add_extension(ret->certificate, ret->certificate,
                         NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(ret->certificate, ret->certificate, NID_key_usage,
                         "critical,keyCertSign") &&
           finish(ret, ret);
}

/* The names; a host of "[::1]" or "0.0.0.0" is one, too. */
static void
append_names(ivs_buf *b, const char *host)
{
    static const char always[] = "IP:127.0.0.1,IP:::1,DNS:localhost";
    unsigned char address[16];

    ivs_buf_puts(b, always);
    if (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0 ||
        strcmp(host, "localhost") == 0)
        return;
    if (inet_pton(AF_INET, host, address) == 1 ||
        inet_pton(AF_INET6, host, address) == 1)
        ivs_buf_printf(b, ",IP:%s", host);
    else
        ivs_buf_printf(b, ",DNS:%s", host);
}

static bool
make_own(struct pair *ret, const struct pair *authority, const char *host)
{
    ivs_buf names = IVS_BUF_INIT;
    X509 *by = authority->certificate;
    bool made;

    append_names(&names, host);
    made =
        !names.failed && begin(ret, "ivs-emulator") &&
        add_extension(ret->certificate, by, NID_basic_constraints,
                      "critical,CA:FALSE") &&
        add_extension(ret->certificate, by, NID_key_usage,
                      "critical,digitalSignature") &&
        add_extension(ret->certificate, by, NID_ext_key_usage, "serverAuth") &&
        add_extension(ret->certificate, by, NID_subject_alt_name, names.data) &&
        finish(ret, authority);
    ivs_buf_free(&names);
    return made;
}

/* Append what OpenSSL has written, and wipe it there. */
static bool
take(BIO *from, ivs_buf *ret)
{
    char *data = NULL;
    long len = BIO_get_mem_data(from, &data);

    if (len <= 0)
        return false;
    ivs_buf_append(ret, data, (size_t)len);
    ivs_wipe(data, (size_t)len);
    return !ret->failed;
}

static bool
write_certificate(X509 *certificate, ivs_buf *ret)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool written = bio != NULL && PEM_write_bio_X509(bio, certificate) == 1 &&
                   take(bio, ret);

    (void)BIO_free(bio);
    return written;
}

static bool
write_key(EVP_PKEY *key, ivs_buf *ret)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool written =
        bio != NULL &&
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        take(bio, ret);

    (void)BIO_free(bio);
    return written;
}

ivs_status
emu_certificate_make(const char *host, emu_certificate *ret, ivs_error *err)
{
    struct pair authority = {0}, own = {0};
    bool made;

    *ret = (emu_certificate){.key = IVS_BUF_SECRET};
    made = make_authority(&authority) && make_own(&own, &authority, host) &&
           write_certificate(authority.certificate, &ret->authority) &&
           write_certificate(own.certificate, &ret->own) &&
           write_key(own.key, &ret->key);
    pair_free(&authority);
    pair_free(&own);
    ERR_clear_error();
    if (!made)
        return ivs_fail(err, IVS_E_CRYPTO,
                        "cannot make a certificate for host %s", host);
    return IVS_OK;
}

void
emu_certificate_free(emu_certificate *certificate)
{
    ivs_buf_free(&certificate->authority);
    ivs_buf_free(&certificate->own);
    ivs_buf_free(&certificate->key);
}
