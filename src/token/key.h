/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_KEY_H
#define IVS_TOKEN_KEY_H

/* What mint and verify need of a key beyond <ivs/key.h>. */

#include <stdbool.h>
#include <stdint.h>

#include <ivs/key.h>

#include "token/ecdsa.h"

/* IVS_E_KEY without a private half, IVS_E_CRYPTO. No heap, no lock of ours. */
ivs_status ivs_key_sign_digest(const ivs_key *key,
                               const uint8_t digest[IVS_ES384_DIGEST_BYTES],
                               uint8_t ret[IVS_ES384_SIGNATURE_BYTES],
                               ivs_error *err);

/* *ret_good is false for r or s out of range, too, whatever the engine. */
ivs_status
ivs_key_verify_digest(const ivs_key *key,
                      const uint8_t digest[IVS_ES384_DIGEST_BYTES],
                      const uint8_t signature[IVS_ES384_SIGNATURE_BYTES],
                      bool *ret_good, ivs_error *err);

#endif
