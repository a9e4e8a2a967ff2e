/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_FORGE_H
#define IVS_TEST_FORGE_H

/* Tokens that mint would never make: any header and payload bytes, signed with
 * the P-384 key published in RFC 6979 section A.2.6. */

#include <stddef.h>
#include <stdint.h>

#include <ivs/key.h>

#define FORGE_CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define FORGE_UUID    "123e4567-e89b-42d3-a456-426614174000"
#define FORGE_HEADER  "{\"alg\":\"ES384\",\"typ\":\"JWT\"}"
#define FORGE_NOW     INT64_C(1700000000)

/* The RFC's key, bound to an engine; aborts where that fails. */
ivs_key *forge_key(ivs_engine engine);
/* Its public half. */
ivs_key *forge_public_key(ivs_engine engine);

/* Join base64url of the three parts with dots; free() the result. */
char *forge_join(const void *header, size_t header_len, const void *payload,
                 size_t payload_len, const void *signature,
                 size_t signature_len);
/* Sign header and payload texts; free() the result. */
char *forge_token(const ivs_key *key, const char *header, const char *payload);
/* The same from bytes. */
char *forge_bytes(const ivs_key *key, const void *header, size_t header_len,
                  const void *payload, size_t payload_len);
/* Sign text as it stands and append a dot and the signature; free() it. */
char *forge_over(const ivs_key *key, const char *input);

#endif
