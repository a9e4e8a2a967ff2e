/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_KEY_OBJECT_H
#define IVS_TOKEN_KEY_OBJECT_H

/*
 * What the key files share. A key object is made in one place only,
 * ivs_key_from_numbers(): every form is read down to the point and d, and the
 * key that is kept is rebuilt from these, so that the form it came in cannot
 * show through.
 */

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

#include <ivs/key.h>

#include "base/buf.h"
#include "token/ecdsa.h"

/* DER SubjectPublicKeyInfo of a P-384 key (RFC 5480): a fixed start, then the
 * uncompressed point. */
#define IVS_P384_SPKI_BYTES 120

struct ivs_key {
    EVP_PKEY *pkey;
    uint8_t point[IVS_P384_POINT_BYTES];
    bool has_private;
    ivs_ecdsa ecdsa;
};

/* What a DER structure holds, and what a PEM label promises. */
typedef enum ivs_key_form {
    IVS_KEY_FORM_NONE,
    IVS_KEY_FORM_PKCS8,
    IVS_KEY_FORM_SEALED, /* encrypted PKCS#8 */
    IVS_KEY_FORM_SEC1,
    IVS_KEY_FORM_SPKI
} ivs_key_form;

/* Copy a caller's options, or all defaults for NULL; refuse unknown ones. */
ivs_status ivs_key_options_read(const ivs_key_options *opt,
                                ivs_key_options *ret, ivs_error *err);

/* Check and make. d is NULL for a public key. */
ivs_status ivs_key_from_numbers(const uint8_t point[IVS_P384_POINT_BYTES],
                                const uint8_t *d, ivs_engine engine,
                                ivs_key **ret, ivs_error *err);
/* The same with the point of a key OpenSSL has decoded, which must be on the
 * named curve, or without has_point that of d. */
ivs_status ivs_key_from_pkey(EVP_PKEY *pkey, bool has_point, const uint8_t *d,
                             ivs_engine engine, ivs_key **ret, ivs_error *err);
/* Refuse a private number out of its range. */
ivs_status ivs_key_refuse_number(ivs_error *err);

/* The EVP_PKEY of numbers; NULL also for a point that is not on the curve. */
EVP_PKEY *ivs_key_pkey_of_numbers(const uint8_t point[IVS_P384_POINT_BYTES],
                                  const uint8_t *d);
/* On the curve, 1 <= d < n, halves matching. */
ivs_status ivs_key_check_numbers(EVP_PKEY *pkey, bool has_private,
                                 ivs_error *err);
/* The private half, 48 bytes big-endian; the caller wipes it. */
bool ivs_key_private_number(EVP_PKEY *pkey, uint8_t ret[IVS_P384_BYTES]);
void ivs_key_spki(const ivs_key *key, uint8_t ret[IVS_P384_SPKI_BYTES]);

/* Whether OpenSSL's error queue says so; it is empty afterwards. */
bool ivs_key_no_memory(void);
/* Refuse with a message for what OpenSSL could not do, unless it ran out of
 * memory, which is IVS_E_NOMEM. Its error queue is empty afterwards. */
ivs_status ivs_key_refuse_openssl(ivs_status code, const char *message,
                                  ivs_error *err);
/* Refuse a curve by OpenSSL's number and name for it. */
ivs_status ivs_key_refuse_curve(int nid, const char *name, ivs_error *err);

/* Whether the bytes are exactly one DER SEQUENCE. */
bool ivs_key_der_whole(const uint8_t *der, size_t len);
/* The form of such a SEQUENCE by its first elements; for another one NONE, and
 * *ret_found says in words what it is. */
ivs_key_form ivs_key_der_form(const uint8_t *der, size_t len,
                              const char **ret_found);
/* Read any form as DER. */
ivs_status ivs_key_parse_der(const uint8_t *der, size_t len,
                             const ivs_key_options *opt, ivs_key **ret,
                             ivs_error *err);
/* Append what encrypted PKCS#8 holds, if the passphrase opens it. */
ivs_status ivs_key_open_sealed(const uint8_t *der, size_t len,
                               const ivs_key_options *opt, ivs_buf *ret,
                               ivs_error *err);
/* Read PEM: NUL-terminated text with a BEGIN line in it. */
ivs_status ivs_key_parse_pem(const char *text, const ivs_key_options *opt,
                             ivs_key **ret, ivs_error *err);
/* Read a JSON Web Key: NUL-terminated text. */
ivs_status ivs_key_parse_jwk(const char *text, size_t len,
                             const ivs_key_options *opt, ivs_key **ret,
                             ivs_error *err);
/* Decode base64 (RFC 4648 section 4) with white space anywhere. False, too,
 * when memory runs out: ret->failed is set then. */
bool ivs_key_decode_base64(const char *text, size_t len, ivs_buf *ret);

#endif
