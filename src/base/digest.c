/* SPDX-License-Identifier: MIT */
/* Hashes, HMAC, random bytes and UUIDs through OpenSSL. */

#include "base/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>

static bool
digest(const char *name, const char *properties, const void *data, size_t len,
       uint8_t *ret)
{
    EVP_MD *md = EVP_MD_fetch(NULL, name, properties);
    bool ok = md != NULL && EVP_Digest(data, len, ret, NULL, md, NULL) == 1;

    EVP_MD_free(md);
    if (!ok)
        ERR_clear_error();
    return ok;
}

bool
ivs_md5(const void *data, size_t len, uint8_t ret[IVS_MD5_SIZE])
{
    return digest("MD5", "-fips", data, len, ret);
}

bool
ivs_sha1(const void *data, size_t len, uint8_t ret[IVS_SHA1_SIZE])
{
    return digest("SHA1", "-fips", data, len, ret);
}

/* EVP_sha256() and EVP_sha384() are fetched once by OpenSSL and cached; an
 * explicit fetch for every token would cost more than the hash. */
bool
ivs_sha256(const void *data, size_t len, uint8_t ret[IVS_SHA256_SIZE])
{
    if (EVP_Digest(data, len, ret, NULL, EVP_sha256(), NULL) == 1)
        return true;
    ERR_clear_error();
    return false;
}

bool
ivs_sha384(const void *data, size_t len, uint8_t ret[IVS_SHA384_SIZE])
{
    if (EVP_Digest(data, len, ret, NULL, EVP_sha384(), NULL) == 1)
        return true;
    ERR_clear_error();
    return false;
}

bool
ivs_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                uint8_t ret[IVS_SHA256_SIZE])
{
    if (key_len <= INT32_MAX &&
        HMAC(EVP_sha256(), key, (int)key_len, data, len, ret, NULL) != NULL)
        return true;
    ERR_clear_error();
    return false;
}

bool
ivs_random(void *ret, size_t len)
{
    if (len <= INT32_MAX && RAND_bytes(ret, (int)len) == 1)
        return true;
    ERR_clear_error();
    return false;
}

void
ivs_uuid4_format(uint8_t b[16], char ret[37])
{
    char hex[33];

    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    ivs_hex(b, 16, hex);
    (void)snprintf(ret, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
}

bool
ivs_uuid4(char ret[37])
{
    uint8_t b[16];

    if (!ivs_random(b, sizeof b))
        return false;
    ivs_uuid4_format(b, ret);
    return true;
}

/* Without a table, so that secrets may pass. */
static char
hex_digit(unsigned v)
{
    return (char)(v + '0' + ((9 - v) >> 31) * ('a' - '9' - 1));
}

void
ivs_hex(const void *data, size_t len, char *ret)
{
    const uint8_t *in = data;

    for (size_t i = 0; i < len; i++) {
        ret[2 * i] = hex_digit(in[i] >> 4);
        ret[2 * i + 1] = hex_digit(in[i] & 15);
    }
    ret[2 * len] = '\0';
}
