/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_DIGEST_H
#define IVS_BASE_DIGEST_H

/* Hashes, HMAC and random bytes, all OpenSSL's. False means that OpenSSL
 * failed; the error queue is left clear. Safe from any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IVS_MD5_SIZE    16
#define IVS_SHA1_SIZE   20
#define IVS_SHA256_SIZE 32
#define IVS_SHA384_SIZE 48

/* MD5 and SHA-1 are fetched outside FIPS: they name things here and protect
 * nothing. */
bool ivs_md5(const void *data, size_t len, uint8_t ret[IVS_MD5_SIZE]);
bool ivs_sha1(const void *data, size_t len, uint8_t ret[IVS_SHA1_SIZE]);
bool ivs_sha256(const void *data, size_t len, uint8_t ret[IVS_SHA256_SIZE]);
bool ivs_sha384(const void *data, size_t len, uint8_t ret[IVS_SHA384_SIZE]);
bool ivs_hmac_sha256(const void *key, size_t key_len, const void *data,
                     size_t len, uint8_t ret[IVS_SHA256_SIZE]);
bool ivs_random(void *ret, size_t len);
/* A version 4 UUID (RFC 9562 section 5.4), lower case, NUL-terminated. */
bool ivs_uuid4(char ret[37]);
/* The same of the caller's random bytes, which are changed. */
void ivs_uuid4_format(uint8_t b[16], char ret[37]);
/* Lower-case hex, 2 * len characters and a NUL. */
void ivs_hex(const void *data, size_t len, char *ret);

#endif
