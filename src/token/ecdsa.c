/* SPDX-License-Identifier: MIT */
/* What all ECDSA engines share: the range check and the self-test. */

#include "token/ecdsa.h"

#include <string.h>

#include "base/error.h"

/* The order of secp384r1 (SEC 2 section 2.5.1), big-endian. */
static const uint8_t order[IVS_P384_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
    0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
};

static bool
scalar_in_range(const uint8_t scalar[IVS_P384_BYTES])
{
    static const uint8_t zero[IVS_P384_BYTES];

    return memcmp(scalar, zero, sizeof zero) != 0 &&
           memcmp(scalar, order, sizeof order) < 0;
}

bool
ivs_es384_in_range(const uint8_t signature[IVS_ES384_SIGNATURE_BYTES])
{
    return scalar_in_range(signature) &&
           scalar_in_range(signature + IVS_P384_BYTES);
}

ivs_status
ivs_ecdsa_self_test(const ivs_ecdsa *ecdsa,
                    const uint8_t point[IVS_P384_POINT_BYTES], bool can_sign,
                    ivs_error *err)
{
    uint8_t digest[IVS_ES384_DIGEST_BYTES] = {0};
    uint8_t signature[IVS_ES384_SIGNATURE_BYTES];
    bool good = false, bad = true;
    ivs_status s = IVS_OK;

    memcpy(signature, point + 1, IVS_P384_BYTES);
    memcpy(signature + IVS_P384_BYTES, point + 1, IVS_P384_BYTES);
    if (can_sign)
        s = ecdsa->engine->sign(ecdsa->state, digest, signature, err);
    if (s == IVS_OK)
        s = ecdsa->engine->verify(ecdsa->state, digest, signature, &good, err);
    digest[0] = 1;
    if (s == IVS_OK)
        s = ecdsa->engine->verify(ecdsa->state, digest, signature, &bad, err);
    if (s == IVS_OK && (!good || bad))
        s = ivs_fail(err, IVS_E_CRYPTO,
                     "the %s engine gave a wrong answer in its self-test",
                     ecdsa->engine->name);
    return s;
}

void
ivs_ecdsa_free(ivs_ecdsa *ecdsa)
{
    if (ecdsa->engine != NULL)
        ecdsa->engine->free(ecdsa->state);
    *ecdsa = (ivs_ecdsa){0};
}
