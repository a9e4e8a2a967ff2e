/* SPDX-License-Identifier: MIT */
/* The calls of base and token that can fail, and what they return then. Not a
 * header to include anywhere: inject.c makes wrappers of the rows,
 * CMakeLists.txt the options of the linker, complete.sh compares them with the
 * objects.
 *
 *     WALL(name, result, failure, parameters, arguments)
 *
 * The walls: SYSTEM (errno), OPENSSL (its error queue), GNUTLS and JANSSON (the
 * result says all). ZERO is 0 or negative, as OpenSSL has both. Calls with rows
 * in CUSTOM have wrappers written out in inject.c. */

/* clang-format off */
CUSTOM(malloc)
CUSTOM(calloc)
CUSTOM(strndup)
CUSTOM(free)
CUSTOM(open)
CUSTOM(openat)
CUSTOM(close)
CUSTOM(read)
CUSTOM(write)
CUSTOM(EVP_PKEY_Q_keygen)
CUSTOM(PKCS8_encrypt)

SYSTEM(fstatat, int, -1, (int a, const char *b, struct stat *c, int d), (a, b, c, d))
SYSTEM(fsync, int, -1, (int a), (a))
SYSTEM(linkat, int, -1, (int a, const char *b, int c, const char *d, int e), (a, b, c, d, e))
SYSTEM(unlinkat, int, -1, (int a, const char *b, int c), (a, b, c))

OPENSSL(ASN1_INTEGER_get_uint64, int, 0, (uint64_t *a, const ASN1_INTEGER *b), (a, b))
OPENSSL(ASN1_TYPE_unpack_sequence, void *, NULL, (const ASN1_ITEM *a, const ASN1_TYPE *b), (a, b))
OPENSSL(BIO_ctrl, long, 0, (BIO *a, int b, long c, void *d), (a, b, c, d))
OPENSSL(BIO_new, BIO *, NULL, (const BIO_METHOD *a), (a))
OPENSSL(BN_bin2bn, BIGNUM *, NULL, (const unsigned char *a, int b, BIGNUM *c), (a, b, c))
OPENSSL(BN_bn2binpad, int, -1, (const BIGNUM *a, unsigned char *b, int c), (a, b, c))
OPENSSL(BN_bn2nativepad, int, -1, (const BIGNUM *a, unsigned char *b, int c), (a, b, c))
OPENSSL(BN_native2bn, BIGNUM *, NULL, (const unsigned char *a, int b, BIGNUM *c), (a, b, c))
OPENSSL(ECDSA_SIG_new, ECDSA_SIG *, NULL, (void), ())
OPENSSL(ECDSA_SIG_set0, int, 0, (ECDSA_SIG *a, BIGNUM *b, BIGNUM *c), (a, b, c))
OPENSSL(EC_GROUP_new_by_curve_name, EC_GROUP *, NULL, (int a), (a))
OPENSSL(EC_POINT_mul, int, 0, (const EC_GROUP *a, EC_POINT *b, const BIGNUM *c, const EC_POINT *d, const BIGNUM *e, BN_CTX *f), (a, b, c, d, e, f))
OPENSSL(EC_POINT_new, EC_POINT *, NULL, (const EC_GROUP *a), (a))
OPENSSL(EC_POINT_point2oct, size_t, 0, (const EC_GROUP *a, const EC_POINT *b, point_conversion_form_t c, unsigned char *d, size_t e, BN_CTX *f), (a, b, c, d, e, f))
OPENSSL(EVP_Digest, int, 0, (const void *a, size_t b, unsigned char *c, unsigned int *d, const EVP_MD *e, ENGINE *f), (a, b, c, d, e, f))
OPENSSL(EVP_MD_fetch, EVP_MD *, NULL, (OSSL_LIB_CTX *a, const char *b, const char *c), (a, b, c))
OPENSSL(EVP_PKEY_CTX_new_from_name, EVP_PKEY_CTX *, NULL, (OSSL_LIB_CTX *a, const char *b, const char *c), (a, b, c))
OPENSSL(EVP_PKEY_CTX_new_from_pkey, EVP_PKEY_CTX *, NULL, (OSSL_LIB_CTX *a, EVP_PKEY *b, const char *c), (a, b, c))
OPENSSL(EVP_PKEY_check, int, ZERO, (EVP_PKEY_CTX *a), (a))
OPENSSL(EVP_PKEY_fromdata, int, ZERO, (EVP_PKEY_CTX *a, EVP_PKEY **b, int c, OSSL_PARAM *d), (a, b, c, d))
OPENSSL(EVP_PKEY_fromdata_init, int, ZERO, (EVP_PKEY_CTX *a), (a))
OPENSSL(EVP_PKEY_get_group_name, int, 0, (const EVP_PKEY *a, char *b, size_t c, size_t *d), (a, b, c, d))
OPENSSL(EVP_PKEY_get_int_param, int, 0, (const EVP_PKEY *a, const char *b, int *c), (a, b, c))
OPENSSL(EVP_PKEY_get_params, int, 0, (const EVP_PKEY *a, OSSL_PARAM *b), (a, b))
OPENSSL(EVP_PKEY_private_check, int, ZERO, (EVP_PKEY_CTX *a), (a))
OPENSSL(EVP_PKEY_public_check, int, ZERO, (EVP_PKEY_CTX *a), (a))
OPENSSL(EVP_PKEY_sign, int, ZERO, (EVP_PKEY_CTX *a, unsigned char *b, size_t *c, const unsigned char *d, size_t e), (a, b, c, d, e))
OPENSSL(EVP_PKEY_sign_init, int, ZERO, (EVP_PKEY_CTX *a), (a))
OPENSSL(EVP_PKEY_up_ref, int, 0, (EVP_PKEY *a), (a))
OPENSSL(EVP_PKEY_verify, int, -1, (EVP_PKEY_CTX *a, const unsigned char *b, size_t c, const unsigned char *d, size_t e), (a, b, c, d, e))
OPENSSL(EVP_PKEY_verify_init, int, ZERO, (EVP_PKEY_CTX *a), (a))
OPENSSL(OBJ_obj2txt, int, ZERO, (char *a, int b, const ASN1_OBJECT *c, int d), (a, b, c, d))
OPENSSL(OSSL_DECODER_CTX_new_for_pkey, OSSL_DECODER_CTX *, NULL, (EVP_PKEY **a, const char *b, const char *c, const char *d, int e, OSSL_LIB_CTX *f, const char *g), (a, b, c, d, e, f, g))
OPENSSL(OSSL_DECODER_from_data, int, 0, (OSSL_DECODER_CTX *a, const unsigned char **b, size_t *c), (a, b, c))
OPENSSL(PEM_write_bio, int, 0, (BIO *a, const char *b, const char *c, const unsigned char *d, long e), (a, b, c, d, e))
OPENSSL(PEM_write_bio_PKCS8, int, 0, (BIO *a, const X509_SIG *b), (a, b))
OPENSSL(PKCS12_pbe_crypt, unsigned char *, NULL, (const X509_ALGOR *a, const char *b, int c, const unsigned char *d, int e, unsigned char **f, int *g, int h), (a, b, c, d, e, f, g, h))
OPENSSL(RAND_bytes, int, ZERO, (unsigned char *a, int b), (a, b))
OPENSSL(d2i_ASN1_OBJECT, ASN1_OBJECT *, NULL, (ASN1_OBJECT **a, const unsigned char **b, long c), (a, b, c))
OPENSSL(d2i_ECDSA_SIG, ECDSA_SIG *, NULL, (ECDSA_SIG **a, const unsigned char **b, long c), (a, b, c))
OPENSSL(d2i_PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO *, NULL, (PKCS8_PRIV_KEY_INFO **a, const unsigned char **b, long c), (a, b, c))
OPENSSL(d2i_X509_SIG, X509_SIG *, NULL, (X509_SIG **a, const unsigned char **b, long c), (a, b, c))
OPENSSL(i2d_ECDSA_SIG, int, ZERO, (const ECDSA_SIG *a, unsigned char **b), (a, b))

JANSSON(json_dump_callback, int, -1, (const json_t *a, json_dump_callback_t b, void *c, size_t d), (a, b, c, d))
JANSSON(json_load_callback, json_t *, NULL, (json_load_callback_t a, void *b, size_t c, json_error_t *d), (a, b, c, d))

#ifdef IVS_HAVE_GNUTLS
GNUTLS(gnutls_decode_rs_value, (const gnutls_datum_t *a, gnutls_datum_t *b, gnutls_datum_t *c), (a, b, c))
GNUTLS(gnutls_encode_rs_value, (gnutls_datum_t *a, const gnutls_datum_t *b, const gnutls_datum_t *c), (a, b, c))
GNUTLS(gnutls_global_init, (void), ())
GNUTLS(gnutls_privkey_import_ecc_raw, (gnutls_privkey_t a, gnutls_ecc_curve_t b, const gnutls_datum_t *c, const gnutls_datum_t *d, const gnutls_datum_t *e), (a, b, c, d, e))
GNUTLS(gnutls_privkey_init, (gnutls_privkey_t *a), (a))
GNUTLS(gnutls_privkey_sign_hash2, (gnutls_privkey_t a, gnutls_sign_algorithm_t b, unsigned int c, const gnutls_datum_t *d, gnutls_datum_t *e), (a, b, c, d, e))
GNUTLS(gnutls_pubkey_import_ecc_raw, (gnutls_pubkey_t a, gnutls_ecc_curve_t b, const gnutls_datum_t *c, const gnutls_datum_t *d), (a, b, c, d))
GNUTLS(gnutls_pubkey_init, (gnutls_pubkey_t *a), (a))
GNUTLS(gnutls_pubkey_verify_hash2, (gnutls_pubkey_t a, gnutls_sign_algorithm_t b, unsigned int c, const gnutls_datum_t *d, const gnutls_datum_t *e), (a, b, c, d, e))
#endif
/* clang-format on */
