/* SPDX-License-Identifier: MIT */
/* Keys as PEM (RFC 7468): one key block, with an EC PARAMETERS block and text
 * around them allowed. */

#include <stdio.h>
#include <string.h>

#include "base/b64url.h"
#include "base/error.h"
#include "base/secret.h"
#include "token/key_object.h"

#define BEGIN     "-----BEGIN "
#define DASHES    "-----"
#define LABEL_MAX 40

struct block {
    char label[LABEL_MAX + 1];
    const char *body;
    size_t body_len;
    const char *after;
};

static const struct {
    const char *label;
    ivs_key_form form;
    ivs_status status; /* of a refusal */
    const char *found;
} labels[] = {
    {"PRIVATE KEY", IVS_KEY_FORM_PKCS8, IVS_OK, NULL},
    {"ENCRYPTED PRIVATE KEY", IVS_KEY_FORM_SEALED, IVS_OK, NULL},
    {"EC PRIVATE KEY", IVS_KEY_FORM_SEC1, IVS_OK, NULL},
    {"PUBLIC KEY", IVS_KEY_FORM_SPKI, IVS_OK, NULL},
    {"RSA PRIVATE KEY", IVS_KEY_FORM_NONE, IVS_E_KEY, "an RSA key"},
    {"RSA PUBLIC KEY", IVS_KEY_FORM_NONE, IVS_E_KEY, "an RSA key"},
    {"DSA PRIVATE KEY", IVS_KEY_FORM_NONE, IVS_E_KEY, "a DSA key"},
    {"OPENSSH PRIVATE KEY", IVS_KEY_FORM_NONE, IVS_E_FORMAT,
     "an OpenSSH private key"},
    {"CERTIFICATE", IVS_KEY_FORM_NONE, IVS_E_FORMAT, "a certificate"},
    {"X509 CERTIFICATE", IVS_KEY_FORM_NONE, IVS_E_FORMAT, "a certificate"},
    {"TRUSTED CERTIFICATE", IVS_KEY_FORM_NONE, IVS_E_FORMAT, "a certificate"},
    {"CERTIFICATE REQUEST", IVS_KEY_FORM_NONE, IVS_E_FORMAT,
     "a certificate request"},
    {"NEW CERTIFICATE REQUEST", IVS_KEY_FORM_NONE, IVS_E_FORMAT,
     "a certificate request"},
};

/* 1 where a and b are the same character, without a branch. */
static unsigned
same(char a, char b)
{
    return ((unsigned)(unsigned char)(a ^ b) - 1) >> 31;
}

/* The character of the URL alphabet, and NUL for one of those two that was
 * there before; what is in neither alphabet stays wrong. */
static char
url_alphabet(char c)
{
    return (char)((unsigned char)c ^ same(c, '+') * ('+' ^ '-') ^
                  same(c, '/') * ('/' ^ '_') ^ same(c, '-') * '-' ^
                  same(c, '_') * '_');
}

bool
ivs_key_decode_base64(const char *text, size_t len, ivs_buf *ret)
{
    ivs_buf url = IVS_BUF_SECRET;
    size_t padding = 0, n = 0;
    bool ok = false;

    if (!ivs_buf_reserve(&url, len) || !ivs_buf_reserve(ret, len)) {
        ret->failed = true;
        goto out;
    }
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        unsigned pad = same(c, '='), space = same(c, ' ') | same(c, '\t') |
                                             same(c, '\r') | same(c, '\n');

        IVS_PUBLIC(&pad, sizeof pad); /* how the text is laid out */
        IVS_PUBLIC(&space, sizeof space);
        if (space != 0)
            continue;
        if (pad != 0)
            padding++;
        else if (padding > 0)
            goto out;
        else
            ivs_buf_putc(&url, url_alphabet(c));
    }
    if (padding > 2 || (url.len + padding) % 4 != 0)
        goto out;
    if (!ivs_b64url_decode(url.data, url.len, ret->data + ret->len, len, &n))
        goto out;
    ret->len += n;
    ret->data[ret->len] = '\0';
    ok = true;
out:
    ivs_buf_free(&url);
    return ok;
}

/* Split the block that starts at text. Labels are kept to a small alphabet, so
 * that they can be shown. */
static ivs_status
read_block(const char *text, struct block *ret, ivs_error *err)
{
    const char *label = text + strlen(BEGIN), *end = strstr(label, DASHES);
    char end_line[LABEL_MAX + 16];
    size_t len = strspn(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789# ");

    if (end == NULL || len == 0 || len > LABEL_MAX || label + len != end)
        return ivs_fail(err, IVS_E_FORMAT,
                        "a PEM block whose BEGIN line is malformed");
    memcpy(ret->label, label, len);
    ret->label[len] = '\0';
    ret->body = end + strlen(DASHES);
    (void)snprintf(end_line, sizeof end_line, "-----END %s-----", ret->label);
    end = ivs_secret_find(ret->body, "-----END ");
    if (end == NULL)
        return ivs_fail(err, IVS_E_FORMAT,
                        "a truncated PEM block: no END line");
    if (strncmp(end, end_line, strlen(end_line)) != 0)
        return ivs_fail(err, IVS_E_FORMAT,
                        "a PEM block whose END line does not match its BEGIN "
                        "line, %s",
                        ret->label);
    ret->body_len = (size_t)(end - ret->body);
    ret->after = end + strlen(end_line);
    return IVS_OK;
}

static ivs_status
check_label(const struct block *b, ivs_key_form *ret, ivs_error *err)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i].label, b->label) != 0)
            continue;
        *ret = labels[i].form;
        if (labels[i].status == IVS_OK)
            return IVS_OK;
        return ivs_fail(err, labels[i].status,
                        "%s where a P-384 key was expected", labels[i].found);
    }
    return ivs_fail(err, IVS_E_FORMAT,
                    "a PEM block %s where a P-384 key was expected", b->label);
}

static ivs_status
decode_body(const struct block *b, ivs_buf *ret, ivs_error *err)
{
    const char *colon = ivs_secret_find(b->body, ":");

    if (colon != NULL && colon < b->body + b->body_len)
        return ivs_fail(err, IVS_E_FORMAT,
                        "a PEM block with header lines (old-style encryption) "
                        "where PKCS#8 was expected: convert it with openssl "
                        "pkcs8 -topk8");
    if (ivs_key_decode_base64(b->body, b->body_len, ret)) {
        IVS_PUBLIC(ret->data, ret->len); /* what is in it has its own proof */
        return IVS_OK;
    }
    if (ret->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
    return ivs_fail(err, IVS_E_FORMAT,
                    "a PEM block %s that is not base64 inside", b->label);
}

/* Find the one key block, and the parameters where there are any. */
static ivs_status
split(const char *text, struct block *ret_key, struct block *ret_parameters,
      ivs_error *err)
{
    const char *after = text, *at;
    ivs_status s;

    ret_key->label[0] = ret_parameters->label[0] = '\0';
    while ((at = ivs_secret_find(after, BEGIN)) != NULL) {
        struct block b, *to;

        if ((s = read_block(at, &b, err)) != IVS_OK)
            return s;
        to = strcmp(b.label, "EC PARAMETERS") == 0 ? ret_parameters : ret_key;
        if (to->label[0] != '\0')
            return ivs_fail(err, IVS_E_FORMAT,
                            "a second PEM block, %s, where one key was "
                            "expected",
                            b.label);
        *to = b;
        after = b.after;
    }
    if (ret_key->label[0] == '\0')
        return ivs_fail(err, IVS_E_FORMAT,
                        "EC PARAMETERS alone where a key was expected");
    return IVS_OK;
}

/* The EC PARAMETERS block says again what the key says: P-384 by name. */
static ivs_status
check_parameters(const struct block *b, ivs_error *err)
{
    static const uint8_t oid[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    ivs_buf der = IVS_BUF_INIT;
    ivs_status s;

    s = decode_body(b, &der, err);
    if (s == IVS_OK &&
        (der.len != sizeof oid || memcmp(der.data, oid, sizeof oid) != 0))
        s = ivs_fail(err, IVS_E_KEY,
                     "an EC PARAMETERS block that does not name P-384, as the "
                     "key does");
    ivs_buf_free(&der);
    return s;
}

ivs_status
ivs_key_parse_pem(const char *text, const ivs_key_options *opt, ivs_key **ret,
                  ivs_error *err)
{
    ivs_buf der = IVS_BUF_SECRET;
    struct block b, parameters;
    ivs_key *key = NULL;
    ivs_key_form form = IVS_KEY_FORM_NONE;
    const char *found;
    ivs_status s;

    if ((s = split(text, &b, &parameters, err)) != IVS_OK)
        return s;
    if ((s = check_label(&b, &form, err)) != IVS_OK)
        return s;
    if ((s = decode_body(&b, &der, err)) != IVS_OK)
        goto out;
    if (ivs_key_der_form((const uint8_t *)der.data, der.len, &found) != form) {
        s = ivs_fail(err, IVS_E_FORMAT,
                     "a PEM block %s that holds no such structure", b.label);
        goto out;
    }
    s = ivs_key_parse_der((const uint8_t *)der.data, der.len, opt, &key, err);
    if (s != IVS_OK)
        goto out;
    if (parameters.label[0] != '\0' &&
        (s = check_parameters(&parameters, err)) != IVS_OK)
        goto out;
    *ret = key;
    key = NULL;
out:
    ivs_key_free(key);
    ivs_buf_free(&der);
    return s;
}
