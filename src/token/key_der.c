/* SPDX-License-Identifier: MIT */
/* Keys as DER. A small reader looks at the outside first: what it is and which
 * curve it names, so that OpenSSL decodes only what can be a P-384 key, and so
 * that a refusal can say what was found. */

#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

#include "base/error.h"
#include "token/key_object.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_BIT_STRING = 0x03,
    TAG_OCTET_STRING = 0x04,
    TAG_OID = 0x06,
    TAG_SEQUENCE = 0x30,
    TAG_CONTEXT_0 = 0xa0,
    TAG_CONTEXT_1 = 0xa1
};

struct der {
    const uint8_t *at;
    size_t len;
};

/* Take one element; its tag, or 0 where there is none. */
static int
next(struct der *in, struct der *ret)
{
    size_t used = 2, len;
    int tag;

    *ret = (struct der){0};
    if (in->len < 2)
        return 0;
    tag = in->at[0];
    len = in->at[1];
    if (len >= 0x80) {
        size_t n = len & 0x7f;

        if (n == 0 || n > 3 || in->len < used + n)
            return 0;
        for (len = 0; n > 0; n--)
            len = len << 8 | in->at[used++];
    }
    if (in->len - used < len)
        return 0;
    *ret = (struct der){.at = in->at + used, .len = len};
    in->at += used + len;
    in->len -= used + len;
    return tag;
}

bool
ivs_key_der_whole(const uint8_t *der, size_t len)
{
    struct der in = {.at = der, .len = len}, content;

    return next(&in, &content) == TAG_SEQUENCE && in.len == 0;
}

static ivs_key_form
form_with_version(const struct der *version, int tag, const char **ret_found)
{
    if (version->len == 1 && version->at[0] == 3) {
        *ret_found = "a PKCS#12 file";
        return IVS_KEY_FORM_NONE;
    }
    if (tag == TAG_SEQUENCE)
        return IVS_KEY_FORM_PKCS8;
    if (tag == TAG_OCTET_STRING)
        return IVS_KEY_FORM_SEC1;
    if (tag == TAG_INTEGER)
        *ret_found = "an RSA or DSA key";
    return IVS_KEY_FORM_NONE;
}

ivs_key_form
ivs_key_der_form(const uint8_t *der, size_t len, const char **ret_found)
{
    struct der in = {.at = der, .len = len}, outer, first, second, inner;
    int tag1, tag2;

    *ret_found = "DER data of another kind";
    if (next(&in, &outer) != TAG_SEQUENCE)
        return IVS_KEY_FORM_NONE;
    tag1 = next(&outer, &first);
    tag2 = next(&outer, &second);
    if (tag1 == TAG_INTEGER)
        return form_with_version(&first, tag2, ret_found);
    if (tag1 == TAG_OID)
        *ret_found = "a PKCS#7 file";
    if (tag1 != TAG_SEQUENCE)
        return IVS_KEY_FORM_NONE;
    if (next(&first, &inner) != TAG_OID) {
        *ret_found = "a certificate or certificate request";
        return IVS_KEY_FORM_NONE;
    }
    if (tag2 == TAG_BIT_STRING)
        return IVS_KEY_FORM_SPKI;
    if (tag2 == TAG_OCTET_STRING)
        return IVS_KEY_FORM_SEALED;
    return IVS_KEY_FORM_NONE;
}

/* ---- algorithm and curve ---- */

/* IVS_OK and NID_undef for one that is not known. */
static ivs_status
nid_of(const struct der *oid, char *name, int cap, int *ret_nid, ivs_error *err)
{
    ASN1_OBJECT *object;
    uint8_t tlv[66];
    const unsigned char *at = tlv;

    *ret_nid = NID_undef;
    (void)OPENSSL_strlcpy(name, "unknown", (size_t)cap);
    if (oid->len == 0 || oid->len > sizeof tlv - 2)
        return IVS_OK;
    tlv[0] = TAG_OID;
    tlv[1] = (uint8_t)oid->len;
    memcpy(tlv + 2, oid->at, oid->len);
    object = d2i_ASN1_OBJECT(NULL, &at, (long)oid->len + 2);
    if (object == NULL)
        return ivs_key_no_memory()
                   ? ivs_fail(err, IVS_E_NOMEM, "out of memory in OpenSSL")
                   : IVS_OK;
    *ret_nid = OBJ_obj2nid(object);
    if (*ret_nid != NID_undef)
        (void)OPENSSL_strlcpy(name, OBJ_nid2sn(*ret_nid), (size_t)cap);
    else if (OBJ_obj2txt(name, cap, object, 1) <= 0)
        ERR_clear_error();
    ASN1_OBJECT_free(object);
    return IVS_OK;
}

/* ECParameters (RFC 5480 section 2.1.1): only a named curve is allowed. */
static ivs_status
check_parameters(struct der in, ivs_error *err)
{
    struct der value;
    int tag = next(&in, &value), nid;
    char name[80];
    ivs_status s;

    if (tag == TAG_SEQUENCE)
        return ivs_fail(err, IVS_E_KEY,
                        "explicit curve parameters where the named curve P-384 "
                        "was expected");
    if (tag != TAG_OID)
        return ivs_fail(err, IVS_E_KEY,
                        "an EC key that names no curve where P-384 was "
                        "expected");
    if ((s = nid_of(&value, name, sizeof name, &nid, err)) != IVS_OK)
        return s;
    if (nid == NID_secp384r1)
        return IVS_OK;
    return ivs_key_refuse_curve(nid, name, err);
}

/* AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
static ivs_status
check_algorithm(struct der in, ivs_error *err)
{
    static const struct {
        int nid;
        const char *words;
    } known[] = {
        {NID_rsaEncryption, "an RSA key"},
        {NID_rsassaPss, "an RSA-PSS key"},
        {NID_dsa, "a DSA key"},
        {NID_ED25519, "an Ed25519 key"},
        {NID_ED448, "an Ed448 key"},
        {NID_X25519, "an X25519 key"},
        {NID_X448, "an X448 key"},
        {NID_dhKeyAgreement, "a DH key"},
        {NID_dhpublicnumber, "a DH key"},
    };
    struct der oid;
    char name[80];
    ivs_status s;
    int nid;

    if (next(&in, &oid) != TAG_OID)
        return ivs_fail(err, IVS_E_FORMAT,
                        "a damaged key: it names no algorithm");
    if ((s = nid_of(&oid, name, sizeof name, &nid, err)) != IVS_OK)
        return s;
    if (nid == NID_X9_62_id_ecPublicKey)
        return check_parameters(in, err);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].nid == nid)
            return ivs_fail(err, IVS_E_KEY, "%s where a P-384 key was expected",
                            known[i].words);
    return ivs_fail(err, IVS_E_KEY,
                    "a key of algorithm %s where a P-384 key was expected",
                    name);
}

/* What a key says about itself, before OpenSSL decodes it. The inside of
 * PKCS#8 may contradict it; ivs_key_from_pkey() finds that. */
static ivs_status
check_outside(ivs_key_form form, const uint8_t *der, size_t len, ivs_error *err)
{
    struct der in = {.at = der, .len = len}, outer, value;

    (void)next(&in, &outer);
    (void)next(&outer, &value); /* version, or the algorithm of SPKI */
    if (form == IVS_KEY_FORM_SPKI)
        return check_algorithm(value, err);
    (void)next(&outer, &value);
    if (form == IVS_KEY_FORM_PKCS8)
        return check_algorithm(value, err);
    if (next(&outer, &value) != TAG_CONTEXT_0)
        value = (struct der){0};
    return check_parameters(value, err);
}

/* ---- decoding ---- */

/* What OpenSSL decodes. Its decoder frees copies of its input as they are, so
 * it gets one in which the private number has been overwritten with 1. */
struct masked {
    ivs_buf der;
    bool has_point;
    uint8_t d[IVS_P384_BYTES];
};

/* The number in ECPrivateKey (RFC 5915), and whether the point stands there. */
static bool
find_number(struct der in, struct der *ret_d, bool *ret_has_point)
{
    struct der outer, value;
    int tag;

    *ret_has_point = false;
    if (next(&in, &outer) != TAG_SEQUENCE ||
        next(&outer, &value) != TAG_INTEGER ||
        next(&outer, ret_d) != TAG_OCTET_STRING)
        return false;
    while ((tag = next(&outer, &value)) != 0)
        if (tag == TAG_CONTEXT_1)
            *ret_has_point = true;
    return outer.len == 0;
}

/* The ECPrivateKey in PKCS#8 (RFC 5958). */
static struct der
inside_pkcs8(struct der in)
{
    struct der outer, value;

    (void)next(&in, &outer);
    (void)next(&outer, &value); /* version */
    (void)next(&outer, &value); /* algorithm */
    if (next(&outer, &value) != TAG_OCTET_STRING)
        value = (struct der){0};
    return value;
}

static ivs_status
mask(ivs_key_form form, const uint8_t *der, size_t len, struct masked *ret,
     ivs_error *err)
{
    struct der in = {.at = der, .len = len}, d;
    uint8_t *copy;
    size_t at;

    ivs_buf_append(&ret->der, der, len);
    if (ret->der.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
    ret->has_point = true;
    if (form == IVS_KEY_FORM_SPKI)
        return IVS_OK;
    if (form == IVS_KEY_FORM_PKCS8)
        in = inside_pkcs8(in);
    if (!find_number(in, &d, &ret->has_point))
        return ivs_fail(err, IVS_E_KEY,
                        "a damaged P-384 key: it holds no private number");
    copy = (uint8_t *)ret->der.data;
    at = (size_t)(d.at - der);
    ivs_wipe(copy + at, d.len);
    if (d.len > 0)
        copy[at + d.len - 1] = 1;
    for (; d.len > IVS_P384_BYTES && *d.at == 0; d.len--)
        d.at++;
    if (d.len > IVS_P384_BYTES)
        return ivs_key_refuse_number(err);
    memcpy(ret->d + IVS_P384_BYTES - d.len, d.at, d.len);
    return IVS_OK;
}

static ivs_status
decode_masked(ivs_key_form form, const struct masked *m, ivs_engine engine,
              ivs_key **ret, ivs_error *err)
{
    bool is_public = form == IVS_KEY_FORM_SPKI;
    const char *structure = is_public ? "SubjectPublicKeyInfo"
                            : form == IVS_KEY_FORM_PKCS8 ? "PrivateKeyInfo"
                                                         : "type-specific";
    const uint8_t *der = (const uint8_t *)m->der.data;
    size_t len = m->der.len;
    OSSL_DECODER_CTX *ctx = NULL;
    EVP_PKEY *pkey = NULL;
    ivs_status s;

    ctx = OSSL_DECODER_CTX_new_for_pkey(
        &pkey, "DER", structure, "EC",
        is_public ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, NULL, NULL);
    if (ctx == NULL || OSSL_DECODER_from_data(ctx, &der, &len) != 1 || len != 0)
        s = ivs_key_refuse_openssl(
            IVS_E_KEY,
            "a damaged P-384 key: its public point is not on the curve, or its "
            "structure is broken",
            err);
    else
        s = ivs_key_from_pkey(pkey, m->has_point, is_public ? NULL : m->d,
                              engine, ret, err);
    ERR_clear_error();
    EVP_PKEY_free(pkey);
    OSSL_DECODER_CTX_free(ctx);
    return s;
}

static ivs_status
decode(ivs_key_form form, const uint8_t *der, size_t len, ivs_engine engine,
       ivs_key **ret, ivs_error *err)
{
    struct masked m = {.der = IVS_BUF_SECRET};
    ivs_status s;

    if ((s = check_outside(form, der, len, err)) == IVS_OK &&
        (s = mask(form, der, len, &m, err)) == IVS_OK)
        s = decode_masked(form, &m, engine, ret, err);
    ivs_buf_free(&m.der);
    ivs_wipe(m.d, sizeof m.d);
    return s;
}

static ivs_status
decode_sealed(const uint8_t *der, size_t len, const ivs_key_options *opt,
              ivs_key **ret, ivs_error *err)
{
    ivs_buf plain = IVS_BUF_SECRET;
    const uint8_t *in;
    const char *found;
    ivs_status s;

    s = ivs_key_open_sealed(der, len, opt, &plain, err);
    if (s != IVS_OK)
        goto out;
    in = (const uint8_t *)plain.data;
    /* One wrong passphrase in 256 passes the padding check of CBC. */
    if (!ivs_key_der_whole(in, plain.len) ||
        ivs_key_der_form(in, plain.len, &found) != IVS_KEY_FORM_PKCS8)
        s = ivs_fail(err, IVS_E_KEY,
                     "the passphrase does not open the encrypted key");
    else
        s = decode(IVS_KEY_FORM_PKCS8, in, plain.len, opt->engine, ret, err);
out:
    ivs_buf_free(&plain);
    return s;
}

ivs_status
ivs_key_parse_der(const uint8_t *der, size_t len, const ivs_key_options *opt,
                  ivs_key **ret, ivs_error *err)
{
    const char *found;
    ivs_key_form form;

    if (!ivs_key_der_whole(der, len))
        return ivs_fail(err, IVS_E_FORMAT,
                        "DER data that is cut short or goes on too long where "
                        "one key was expected");
    form = ivs_key_der_form(der, len, &found);
    if (form == IVS_KEY_FORM_NONE)
        return ivs_fail(err, IVS_E_FORMAT, "%s where a P-384 key was expected",
                        found);
    if (form == IVS_KEY_FORM_SEALED)
        return decode_sealed(der, len, opt, ret, err);
    return decode(form, der, len, opt->engine, ret, err);
}
