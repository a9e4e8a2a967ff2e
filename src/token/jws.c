/* SPDX-License-Identifier: MIT */
/* JWS compact serialization, as strict as RFC 8725 asks for. */

#include "token/jws.h"

#include <string.h>

#include <ivs/token.h>

#include "base/ascii.h"
#include "base/b64url.h"
#include "base/error.h"
#include "base/json.h"

bool
ivs_jws_is_url(const char *text, size_t len)
{
    return (len >= 8 && ivs_ascii_starts_equal_nocase(text, "https://", 8)) ||
           (len >= 7 && ivs_ascii_starts_equal_nocase(text, "http://", 7));
}

ivs_status
ivs_jws_split(const char *token, size_t len, ivs_jws *ret, ivs_error *err)
{
    const char *end = token + len, *dot[2] = {NULL, NULL}, *p = token;
    size_t dots = 0;

    if (len > IVS_TOKEN_MAX)
        return ivs_reject(err, IVS_REJECT_TOO_LONG, NULL,
                          "a token of %zu bytes, expected at most %d", len,
                          IVS_TOKEN_MAX);
    if (ivs_jws_is_url(token, len))
        return ivs_reject(err, IVS_REJECT_SEGMENTS, NULL,
                          "a URL, expected the token that follows token= in "
                          "it");
    while ((p = memchr(p, '.', (size_t)(end - p))) != NULL) {
        if (dots < 2)
            dot[dots] = p;
        dots++;
        p++;
    }
    if (dots == 4)
        return ivs_reject(err, IVS_REJECT_SEGMENTS, NULL,
                          "five segments, as an encrypted JWE has; expected "
                          "the three of a signed token");
    if (dots != 2)
        return ivs_reject(err, IVS_REJECT_SEGMENTS, NULL,
                          "%zu segment%s between dots, expected 3", dots + 1,
                          dots == 0 ? "" : "s");
    ret->header = (ivs_segment){token, (size_t)(dot[0] - token)};
    ret->payload = (ivs_segment){dot[0] + 1, (size_t)(dot[1] - dot[0] - 1)};
    ret->signature = (ivs_segment){dot[1] + 1, (size_t)(end - dot[1] - 1)};
    ret->input_len = (size_t)(dot[1] - token);
    return IVS_OK;
}

/* Why a text is no canonical base64url. */
static const char *
base64url_fault(const ivs_segment *segment)
{
    for (size_t i = 0; i < segment->len; i++) {
        char c = segment->text[i];

        if (c == '=')
            return "is padded with =";
        if (c == '+' || c == '/')
            return "is in the plain base64 alphabet (+ and /)";
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            return "holds white space";
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return "holds a character outside the alphabet";
    }
    if (segment->len % 4 == 1)
        return "has a length that no bytes encode to; was it cut?";
    return "has loose bits after its last byte";
}

ivs_status
ivs_jws_decode(const ivs_segment *segment, const char *what, char *out,
               size_t *ret_len, ivs_error *err)
{
    if (ivs_b64url_decode(segment->text, segment->len, out,
                          segment->len / 4 * 3 + 2, ret_len))
        return IVS_OK;
    return ivs_reject(err, IVS_REJECT_BASE64URL, NULL,
                      "%s %s; expected base64url without padding", what,
                      base64url_fault(segment));
}

ivs_status
ivs_jws_json(const char *text, size_t len, unsigned json_flags,
             const char *what, json_t **ret, ivs_error *err)
{
    ivs_reject_reason reason = IVS_REJECT_JSON;
    ivs_status s = ivs_json_parse(text, len, json_flags | IVS_JSON_OBJECT, what,
                                  ret, &reason, err);

    if (s != IVS_E_FORMAT)
        return s;
    if (err != NULL) {
        err->code = IVS_E_TOKEN;
        err->reason = reason;
    }
    return IVS_E_TOKEN;
}

/* A string as it may stand in a message. */
static const char *
shown(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "not a string";
}

ivs_status
ivs_jws_check_alg(const json_t *header, ivs_error *err)
{
    const json_t *alg = json_object_get(header, "alg");

    if (alg == NULL)
        return ivs_reject(err, IVS_REJECT_ALG, "alg",
                          "no alg in the header, expected ES384");
    if (!json_is_string(alg) || strcmp(json_string_value(alg), "ES384") != 0)
        return ivs_reject(err, IVS_REJECT_ALG, "alg",
                          "alg is %.40s, expected exactly ES384", shown(alg));
    return IVS_OK;
}

ivs_status
ivs_jws_check_typ(const json_t *header, ivs_error *err)
{
    const json_t *typ = json_object_get(header, "typ");

    if (typ == NULL || (json_is_string(typ) &&
                        ivs_ascii_equal_nocase(json_string_value(typ), "JWT")))
        return IVS_OK;
    return ivs_reject(err, IVS_REJECT_TYP, "typ",
                      "typ is %.40s, expected JWT or none", shown(typ));
}

ivs_status
ivs_jws_check_members(const json_t *header, ivs_error *err)
{
    static const char *const refused[] = {"crit", "b64", "enc", "zip"};

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (json_object_get(header, refused[i]) != NULL)
            return ivs_reject(err, IVS_REJECT_HEADER_MEMBER, refused[i],
                              "header member %s, expected none that changes "
                              "how a token is read",
                              refused[i]);
    return IVS_OK;
}

/* SEQUENCE { INTEGER r, INTEGER s } with lengths that add up. */
bool
ivs_jws_is_der(const uint8_t *signature, size_t len)
{
    size_t at = 2, n;

    if (len < 8 || signature[0] != 0x30)
        return false;
    if (signature[1] == 0x81)
        at = 3;
    if (signature[at - 1] != len - at)
        return false;
    for (int i = 0; i < 2; i++) {
        if (len - at < 3 || signature[at] != 0x02)
            return false;
        n = signature[at + 1];
        if (n == 0 || n > len - at - 2)
            return false;
        at += 2 + n;
    }
    return at == len;
}

ivs_status
ivs_jws_check_signature(const uint8_t *signature, size_t len, ivs_error *err)
{
    if (len != IVS_ES384_SIGNATURE_BYTES && ivs_jws_is_der(signature, len))
        return ivs_reject(err, IVS_REJECT_SIGNATURE_FORMAT, NULL,
                          "a DER signature of %zu bytes; expected the two "
                          "48-byte numbers r and s side by side (96 bytes)",
                          len);
    if (len != IVS_ES384_SIGNATURE_BYTES)
        return ivs_reject(err, IVS_REJECT_SIGNATURE_FORMAT, NULL,
                          "a signature of %zu bytes, expected 96", len);
    if (!ivs_es384_in_range(signature))
        return ivs_reject(err, IVS_REJECT_SIGNATURE_FORMAT, NULL,
                          "r or s of the signature is zero or not below the "
                          "order of P-384");
    return IVS_OK;
}
