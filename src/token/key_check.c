/* SPDX-License-Identifier: MIT */
/* A key's numbers in and out of OpenSSL, and the checks every key passes. */

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

#include "base/error.h"
#include "token/key_object.h"

#define GROUP "secp384r1"

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

EVP_PKEY *
ivs_key_pkey_of_numbers(const uint8_t point[IVS_P384_POINT_BYTES],
                        const uint8_t *d)
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

bool
ivs_key_no_memory(void)
{
    bool no_memory = false;
    unsigned long e;

    while ((e = ERR_get_error()) != 0)
        no_memory |= ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
    return no_memory;
}

ivs_status
ivs_key_refuse_openssl(ivs_status code, const char *message, ivs_error *err)
{
    if (ivs_key_no_memory())
        return ivs_fail(err, IVS_E_NOMEM, "out of memory in OpenSSL");
    return ivs_fail(err, code, "%s", message);
}

ivs_status
ivs_key_refuse_number(ivs_error *err)
{
    return ivs_key_refuse_openssl(
        IVS_E_KEY, "a P-384 key whose private number is outside 1 to n - 1",
        err);
}

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
        return ivs_key_refuse_openssl(
            IVS_E_KEY,
            "explicit curve parameters where the named curve P-384 was "
            "expected",
            err);
    if (strcmp(group, GROUP) == 0 || strcmp(group, "P-384") == 0)
        return IVS_OK;
    return ivs_key_refuse_curve(OBJ_sn2nid(group), group, err);
}

ivs_status
ivs_key_check_numbers(EVP_PKEY *pkey, bool has_private, ivs_error *err)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    ivs_status s = IVS_OK;

    if (ctx == NULL)
        return ivs_key_refuse_openssl(IVS_E_CRYPTO,
                                      "OpenSSL cannot check a key", err);
    if (has_private ? EVP_PKEY_check(ctx) == 1
                    : EVP_PKEY_public_check(ctx) == 1)
        goto out;
    if (EVP_PKEY_public_check(ctx) != 1)
        s = ivs_key_refuse_openssl(
            IVS_E_KEY, "a P-384 key whose public point is not on the curve",
            err);
    else if (EVP_PKEY_private_check(ctx) != 1)
        s = ivs_key_refuse_number(err);
    else
        s = ivs_key_refuse_openssl(
            IVS_E_KEY,
            "a P-384 key whose private and public halves do not match", err);
out:
    EVP_PKEY_CTX_free(ctx);
    return s;
}

/* d times the base point; false also for d = 0, which has no such point. */
static bool
point_of_number(const uint8_t d[IVS_P384_BYTES],
                uint8_t ret[IVS_P384_POINT_BYTES])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_secp384r1);
    EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
    BIGNUM *n = BN_bin2bn(d, IVS_P384_BYTES, NULL);
    bool ok = false;

    if (n != NULL && point != NULL) {
        BN_set_flags(n, BN_FLG_CONSTTIME);
        ok = EC_POINT_mul(group, point, n, NULL, NULL, NULL) == 1 &&
             EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
                                ret, IVS_P384_POINT_BYTES,
                                NULL) == IVS_P384_POINT_BYTES;
    }
    BN_clear_free(n);
    EC_POINT_clear_free(point);
    EC_GROUP_free(group);
    return ok;
}

ivs_status
ivs_key_from_pkey(EVP_PKEY *pkey, bool has_point, const uint8_t *d,
                  ivs_engine engine, ivs_key **ret, ivs_error *err)
{
    uint8_t point[IVS_P384_POINT_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
    ivs_status s;

    if ((s = check_curve(pkey, err)) != IVS_OK)
        goto out;
    if (!has_point && !point_of_number(d, point))
        s = ivs_key_refuse_number(err);
    else if (has_point &&
             (!get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, point + 1) ||
              !get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y,
                          point + 1 + IVS_P384_BYTES)))
        s = ivs_key_refuse_openssl(
            IVS_E_KEY, "a P-384 key whose public point is at infinity", err);
    else
        s = ivs_key_from_numbers(point, d, engine, ret, err);
out:
    ERR_clear_error();
    return s;
}
