/* SPDX-License-Identifier: MIT */
/* Keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.2).
 *
 * jansson would leave the private number unwiped on the heap, so it never sees
 * one: it reads a copy in which every string has been overwritten but member
 * names and the values of five public members. That copy goes through the
 * strict parser; d is then decoded from the caller's own bytes. */

#include <string.h>

#include "base/b64url.h"
#include "base/error.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "token/key_object.h"

struct slice {
    const char *at; /* NULL where there is none */
    size_t len;
};

static bool
is(const struct slice *s, const char *text)
{
    return s->at != NULL && s->len == strlen(text) &&
           memcmp(s->at, text, s->len) == 0;
}

static bool
is_public(const struct slice *name)
{
    return is(name, "kty") || is(name, "crv") || is(name, "alg") ||
           is(name, "x") || is(name, "y");
}

/* Length of the string whose opening quote stands before text; len where it
 * does not end. Of a secret in it, only that it has no quote becomes known. */
static size_t
string_len(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && !ivs_secret_is(text[i], '"'))
        i += ivs_secret_is(text[i], '\\') ? 2 : 1;
    return i < len ? i : len;
}

static bool
is_name(const char *after_quote, size_t len)
{
    size_t i = 0;

    while (i < len && strchr(" \t\r\n", after_quote[i]) != NULL)
        i++;
    return i < len && after_quote[i] == ':';
}

/* Overwrite the value of a member in copy, unless it is one of the five. What d
 * is made of is looked at when it is decoded; what is wrong with another would
 * be hidden from the parser. */
static ivs_status
mask_value(const struct slice *name, const struct slice *value, char *copy,
           struct slice *ret_d, ivs_error *err)
{
    if (is_public(name))
        return IVS_OK;
    if (is(name, "d"))
        *ret_d = *value;
    else if (!ivs_utf8_valid(value->at, value->len, NULL))
        return ivs_fail(err, IVS_E_FORMAT,
                        "a JSON Web Key that is not valid UTF-8");
    memset(copy, 'A', value->len);
    return IVS_OK;
}

/* Overwrite in copy what may be secret, and find d in text. */
static ivs_status
mask(const char *text, size_t len, char *copy, struct slice *ret_d,
     ivs_error *err)
{
    struct slice name = {0};
    size_t depth = 0;
    ivs_status s = IVS_OK;

    *ret_d = (struct slice){0};
    for (size_t i = 0; i < len && s == IVS_OK; i++) {
        struct slice string;

        if (text[i] == '{' || text[i] == '[')
            depth++;
        else if ((text[i] == '}' || text[i] == ']') && depth > 0)
            depth--;
        if (text[i] != '"') {
            if (text[i] == ',')
                name = (struct slice){0};
            continue;
        }
        string.at = text + i + 1;
        string.len = string_len(string.at, len - i - 1);
        i += string.len + 1;
        if (i >= len)
            return ivs_fail(err, IVS_E_FORMAT,
                            "a JSON Web Key that is cut short in a string");
        if (is_name(text + i + 1, len - i - 1))
            name = depth == 1 ? string : (struct slice){0};
        else
            s = mask_value(depth == 1 ? &name : &(struct slice){0}, &string,
                           copy + (string.at - text), ret_d, err);
    }
    return s;
}

static ivs_status
refuse_kty(const char *kty, ivs_error *err)
{
    if (kty == NULL)
        return ivs_fail(err, IVS_E_FORMAT,
                        "JSON without kty where a JSON Web Key was expected");
    if (strcmp(kty, "RSA") == 0)
        return ivs_fail(err, IVS_E_KEY,
                        "an RSA key where a P-384 key was expected");
    if (strcmp(kty, "oct") == 0)
        return ivs_fail(err, IVS_E_KEY,
                        "a symmetric key where a P-384 key was expected");
    return ivs_fail(err, IVS_E_KEY, "a key of kty %.16s where EC was expected",
                    kty);
}

static const char *
text_of(const json_t *jwk, const char *name)
{
    return json_string_value(json_object_get(jwk, name));
}

static ivs_status
check_members(const json_t *jwk, ivs_error *err)
{
    const char *kty = text_of(jwk, "kty"), *crv = text_of(jwk, "crv");
    const json_t *alg = json_object_get(jwk, "alg");

    if (json_object_get(jwk, "keys") != NULL)
        return ivs_fail(err, IVS_E_FORMAT,
                        "a set of JSON Web Keys where one was expected");
    if (kty == NULL || strcmp(kty, "EC") != 0)
        return refuse_kty(kty, err);
    if (crv == NULL || strcmp(crv, "P-384") != 0)
        return ivs_fail(err, IVS_E_KEY, "curve %.16s where P-384 was expected",
                        crv == NULL ? "(none)" : crv);
    if (alg != NULL &&
        (!json_is_string(alg) || strcmp(json_string_value(alg), "ES384") != 0))
        return ivs_fail(err, IVS_E_KEY,
                        "a JSON Web Key for another algorithm than ES384");
    return IVS_OK;
}

/* Exactly 48 bytes (RFC 7518 sections 6.2.1.2 and 6.2.2.1). */
static ivs_status
read_number(const char *name, const struct slice *text,
            uint8_t ret[IVS_P384_BYTES], ivs_error *err)
{
    size_t n = 0;

    if (text->at == NULL ||
        !ivs_b64url_decode(text->at, text->len, ret, IVS_P384_BYTES, &n) ||
        n != IVS_P384_BYTES)
        return ivs_fail(err, IVS_E_KEY,
                        "a JSON Web Key whose %s is not 48 bytes in base64url",
                        name);
    return IVS_OK;
}

static ivs_status
read_coordinate(const json_t *jwk, const char *name,
                uint8_t ret[IVS_P384_BYTES], ivs_error *err)
{
    const json_t *value = json_object_get(jwk, name);
    struct slice s = {json_string_value(value), json_string_length(value)};

    return read_number(name, &s, ret, err);
}

static ivs_status
read_key(const json_t *jwk, const struct slice *d_text, ivs_engine engine,
         ivs_key **ret, ivs_error *err)
{
    uint8_t point[IVS_P384_POINT_BYTES] = {0x04}, d[IVS_P384_BYTES] = {0};
    bool has_private = json_object_get(jwk, "d") != NULL;
    ivs_status s;

    if ((s = check_members(jwk, err)) != IVS_OK)
        return s;
    if ((s = read_coordinate(jwk, "x", point + 1, err)) != IVS_OK)
        return s;
    s = read_coordinate(jwk, "y", point + 1 + IVS_P384_BYTES, err);
    if (s != IVS_OK)
        return s;
    /* d_text is empty, too, for a d spelled with an escape. */
    if (has_private && (s = read_number("d", d_text, d, err)) != IVS_OK)
        goto out;
    s = ivs_key_from_numbers(point, has_private ? d : NULL, engine, ret, err);
out:
    ivs_wipe(d, sizeof d);
    return s;
}

ivs_status
ivs_key_parse_jwk(const char *text, size_t len, const ivs_key_options *opt,
                  ivs_key **ret, ivs_error *err)
{
    ivs_buf copy = IVS_BUF_SECRET;
    json_t *jwk = NULL;
    struct slice d;
    ivs_status s;

    ivs_buf_append(&copy, text, len);
    if (copy.failed) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
        goto out;
    }
    if ((s = mask(text, len, copy.data, &d, err)) != IVS_OK)
        goto out;
    s = ivs_json_parse(copy.data, len, IVS_JSON_OBJECT, "the JSON Web Key",
                       &jwk, NULL, err);
    if (s == IVS_OK)
        s = read_key(jwk, &d, opt->engine, ret, err);
out:
    json_decref(jwk);
    ivs_buf_free(&copy);
    return s;
}
