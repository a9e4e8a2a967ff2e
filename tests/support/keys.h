/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_KEYS_H
#define IVS_TEST_KEYS_H

/*
 * Two P-384 keys that serve no other purpose, made by OpenSSL:
 *   openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384
 *   openssl pkey -pubout
 *   openssl pkey -pubout -outform DER | openssl md5 -c
 * and their numbers as base64url of what openssl pkey -text prints.
 */

#include <stddef.h>
#include <string.h>

#include <ivs/key.h>

#define KEY_A_PKCS8                                                            \
    "-----BEGIN PRIVATE KEY-----\n"                                            \
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDSm5uFvdCR2EPZ5uSV\n"       \
    "vgmuTdaKbgcGGyK4B7AZt23Oty80QJHxBmTcS3gIWBBlR/ChZANiAAQTmqEwV83s\n"       \
    "81UIPDFcUj0GukoRo/Yk9vKfap8/e60uxSSBLrJjeCxdM2sFEgJR0SNZZ+oDHwWO\n"       \
    "cPy701mLjWtcftvnaQU5GIlHRAIzXNOvLBexSIL25RJhVhQe0jb6nbA=\n"               \
    "-----END PRIVATE KEY-----\n"
#define KEY_A_SPKI                                                             \
    "-----BEGIN PUBLIC KEY-----\n"                                             \
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEE5qhMFfN7PNVCDwxXFI9BrpKEaP2JPby\n"       \
    "n2qfP3utLsUkgS6yY3gsXTNrBRICUdEjWWfqAx8FjnD8u9NZi41rXH7b52kFORiJ\n"       \
    "R0QCM1zTrywXsUiC9uUSYVYUHtI2+p2w\n"                                       \
    "-----END PUBLIC KEY-----\n"
#define KEY_A_FINGERPRINT "04:fc:86:22:06:a5:e1:9d:3c:c8:43:d8:dc:2e:b2:27"
#define KEY_A_X                                                                \
    "E5qhMFfN7PNVCDwxXFI9BrpKEaP2JPbyn2qfP3utLsUkgS6yY3gsXTNrBRICUdEj"
#define KEY_A_Y                                                                \
    "WWfqAx8FjnD8u9NZi41rXH7b52kFORiJR0QCM1zTrywXsUiC9uUSYVYUHtI2-p2w"
#define KEY_A_D                                                                \
    "0pubhb3QkdhD2ebklb4Jrk3Wim4HBhsiuAewGbdtzrcvNECR8QZk3Et4CFgQZUfw"

#define KEY_B_PKCS8                                                            \
    "-----BEGIN PRIVATE KEY-----\n"                                            \
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBBN/4BWb5vcVkf8k1W\n"       \
    "LEaG/23cnR88pRt+xS1sTUFZ9ywjTt6xwVq0x5Jv9ijVfPahZANiAARgK6P+K/Kz\n"       \
    "K2ZdI+11RF8GeucQsCeJVYVEmP6paV6bj4VZoL7dg7O0st08xZxRLV91M8rvlEj2\n"       \
    "ghr1aobKl474oVRlzcBoraLaRKdPkANE5JA5Xg0C+46V82s9lQ9sIOk=\n"               \
    "-----END PRIVATE KEY-----\n"
#define KEY_B_SPKI                                                             \
    "-----BEGIN PUBLIC KEY-----\n"                                             \
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEYCuj/ivysytmXSPtdURfBnrnELAniVWF\n"       \
    "RJj+qWlem4+FWaC+3YOztLLdPMWcUS1fdTPK75RI9oIa9WqGypeO+KFUZc3AaK2i\n"       \
    "2kSnT5ADROSQOV4NAvuOlfNrPZUPbCDp\n"                                       \
    "-----END PUBLIC KEY-----\n"
#define KEY_B_FINGERPRINT "dd:a1:07:3e:50:5a:7c:f6:a2:96:18:be:20:39:99:7c"
#define KEY_B_X                                                                \
    "YCuj_ivysytmXSPtdURfBnrnELAniVWFRJj-qWlem4-FWaC-3YOztLLdPMWcUS1f"
#define KEY_B_Y                                                                \
    "dTPK75RI9oIa9WqGypeO-KFUZc3AaK2i2kSnT5ADROSQOV4NAvuOlfNrPZUPbCDp"
#define KEY_B_D                                                                \
    "QTf-AVm-b3FZH_JNVixGhv9t3J0fPKUbfsUtbE1BWfcsI07escFatMeSb_Yo1Xz2"

/* The engines this build has; their number. */
static inline size_t
engines_built(ivs_engine ret[2])
{
    ivs_key_options opt;
    ivs_key *key = NULL;
    ivs_error err;

    ret[0] = IVS_ENGINE_OPENSSL;
    ret[1] = IVS_ENGINE_GNUTLS;
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_GNUTLS;
    if (ivs_key_generate(&opt, &key, &err) != IVS_OK) {
        /* Any other failure is one, and the tests shall see it. */
        return strstr(err.message, "not built into") != NULL ? 1 : 2;
    }
    ivs_key_free(key);
    return 2;
}

#endif
