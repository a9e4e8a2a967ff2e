/* SPDX-License-Identifier: MIT */
/* ECDSA by GnuTLS. It checks no key, so key.c has checked them with OpenSSL; it
 * speaks DER, we speak r || s. */

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "token/ecdsa.h"

struct state {
    gnutls_privkey_t private; /* NULL for a public key */
    gnutls_pubkey_t public;
};

static ivs_status
fail(ivs_error *err, const char *what, int rc)
{
    return ivs_fail(err,
                    rc == GNUTLS_E_MEMORY_ERROR ? IVS_E_NOMEM : IVS_E_CRYPTO,
                    "GnuTLS cannot %s: %s", what, gnutls_strerror(rc));
}

/* The datum's type has no const; GnuTLS only reads through these. */
static gnutls_datum_t
datum(const uint8_t *data, size_t len)
{
    union {
        const uint8_t *in;
        unsigned char *out;
    } p = {.in = data};

    return (gnutls_datum_t){.data = p.out, .size = (unsigned)len};
}

/* A scalar without its leading zeros, as DER wants it. */
static gnutls_datum_t
minimal(const uint8_t scalar[IVS_P384_BYTES])
{
    size_t skip = 0;

    while (skip < IVS_P384_BYTES - 1 && scalar[skip] == 0)
        skip++;
    return datum(scalar + skip, IVS_P384_BYTES - skip);
}

/* 49 bytes when the top bit is set, fewer than 48 when there were zeros. */
static bool
pad(const gnutls_datum_t *in, uint8_t ret[IVS_P384_BYTES])
{
    const unsigned char *at = in->data;
    size_t len = in->size;

    while (len > 0 && *at == 0) {
        at++;
        len--;
    }
    if (len == 0 || len > IVS_P384_BYTES)
        return false;
    memset(ret, 0, IVS_P384_BYTES - len);
    memcpy(ret + IVS_P384_BYTES - len, at, len);
    return true;
}

static ivs_status
gnutls_sign(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
            uint8_t ret[IVS_ES384_SIGNATURE_BYTES], ivs_error *err)
{
    const struct state *st = state;
    gnutls_datum_t hash = datum(digest, IVS_ES384_DIGEST_BYTES);
    gnutls_datum_t der = {0}, r = {0}, s = {0};
    ivs_status status = IVS_OK;
    int rc;

    /* Reproducible (RFC 6979): no nonce hangs on a random generator, and no
     * generator state is left behind by a thread that signs and exits. */
    rc = gnutls_privkey_sign_hash2(st->private, GNUTLS_SIGN_ECDSA_SHA384,
                                   GNUTLS_PRIVKEY_FLAG_REPRODUCIBLE, &hash,
                                   &der);
    if (rc >= 0)
        rc = gnutls_decode_rs_value(&der, &r, &s);
    if (rc < 0)
        status = fail(err, "sign", rc);
    else if (!pad(&r, ret) || !pad(&s, ret + IVS_P384_BYTES))
        status = ivs_fail(err, IVS_E_CRYPTO,
                          "GnuTLS made a signature of a wrong size");
    gnutls_free(der.data);
    gnutls_free(r.data);
    gnutls_free(s.data);
    return status;
}

static ivs_status
gnutls_verify(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
              const uint8_t signature[IVS_ES384_SIGNATURE_BYTES],
              bool *ret_good, ivs_error *err)
{
    const struct state *st = state;
    gnutls_datum_t hash = datum(digest, IVS_ES384_DIGEST_BYTES);
    gnutls_datum_t r = minimal(signature);
    gnutls_datum_t s = minimal(signature + IVS_P384_BYTES);
    gnutls_datum_t der = {0};
    int rc;

    rc = gnutls_encode_rs_value(&der, &r, &s);
    if (rc >= 0)
        rc = gnutls_pubkey_verify_hash2(st->public, GNUTLS_SIGN_ECDSA_SHA384, 0,
                                        &hash, &der);
    gnutls_free(der.data);
    if (rc < 0 && rc != GNUTLS_E_PK_SIG_VERIFY_FAILED)
        return fail(err, "verify a signature", rc);
    *ret_good = rc >= 0;
    return IVS_OK;
}

static void
gnutls_state_free(void *state)
{
    struct state *st = state;

    gnutls_privkey_deinit(st->private);
    gnutls_pubkey_deinit(st->public);
    free(st);
    gnutls_global_deinit();
}

static const ivs_ecdsa_engine engine = {
    .name = "gnutls",
    .sign = gnutls_sign,
    .verify = gnutls_verify,
    .free = gnutls_state_free,
};

static int
import(struct state *st, const uint8_t *point, const uint8_t *d)
{
    gnutls_datum_t x = datum(point + 1, IVS_P384_BYTES);
    gnutls_datum_t y = datum(point + 1 + IVS_P384_BYTES, IVS_P384_BYTES);
    int rc;

    if ((rc = gnutls_pubkey_init(&st->public)) < 0)
        return rc;
    rc = gnutls_pubkey_import_ecc_raw(st->public, GNUTLS_ECC_CURVE_SECP384R1,
                                      &x, &y);
    if (rc >= 0 && d != NULL) {
        gnutls_datum_t k = datum(d, IVS_P384_BYTES);

        if ((rc = gnutls_privkey_init(&st->private)) < 0)
            return rc;
        rc = gnutls_privkey_import_ecc_raw(
            st->private, GNUTLS_ECC_CURVE_SECP384R1, &x, &y, &k);
    }
    return rc;
}

ivs_status
ivs_ecdsa_gnutls_new(const uint8_t point[IVS_P384_POINT_BYTES],
                     const uint8_t *d, ivs_ecdsa *ret, ivs_error *err)
{
    struct state *st;
    int rc;

    rc = gnutls_global_init();
    if (rc < 0)
        return fail(err, "start", rc);
    st = calloc(1, sizeof *st);
    if (st == NULL) {
        gnutls_global_deinit();
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a key");
    }
    rc = import(st, point, d);
    if (rc < 0) {
        gnutls_state_free(st);
        return fail(err, "take a P-384 key", rc);
    }
    *ret = (ivs_ecdsa){.engine = &engine, .state = st};
    return IVS_OK;
}
