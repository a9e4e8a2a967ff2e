/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* Inspection: decodes what it can and says what is wrong, without a key. The
 * codes about the envelope, stable as those of claims_lint.c, in order:
 *
 *   code              severity  about
 *   too_long          error     only the first IVS_TOKEN_MAX bytes are read
 *   segments          error     not three
 *   base64url         error     one finding a segment
 *   header_json       error     no strict JSON object
 *   alg typ           error     as verify has it
 *   header_member     error     crit, b64, enc or zip
 *   kid_ignored       info      kid, jwk, jku, x5u or x5c: never used
 *   signature_der     error     ASN.1 instead of r and s side by side
 *   signature_length  error     not 96 bytes
 *   signature_range   error     not 1 <= r,s < n
 */
/* clang-format on */

#include <ivs/token.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "token/claims.h"
#include "token/jws.h"

enum { HEADER, PAYLOAD, SIGNATURE, PARTS };

struct inspection {
    ivs_segment part[PARTS];
    bool decoded[PARTS];
    char *bytes[PARTS]; /* into one block */
    size_t len[PARTS];
    json_t *header;
    json_t *claims;
    ivs_findings envelope;
    ivs_findings about_claims;
};

static void
add(ivs_findings *f, const char *code, const ivs_error *why)
{
    ivs_findings_add(f, code, "error", why->member, why->message);
}

/* The parts that are there, however many there should be. A part that the end
 * of a cut text left incomplete is left out. */
static void
split_loosely(struct inspection *in, const char *token, size_t len, bool cut)
{
    const char *end = token + len;

    for (size_t i = 0; i < PARTS; i++) {
        const char *dot = memchr(token, '.', (size_t)(end - token));

        if (dot == NULL && cut)
            return;
        in->part[i].text = token;
        in->part[i].len = (size_t)((dot == NULL ? end : dot) - token);
        if (dot == NULL)
            return;
        token = dot + 1;
    }
}

static void
inspect_shape(struct inspection *in, const char *token, size_t len)
{
    char message[128];
    ivs_error why = {0};
    ivs_jws jws;

    if (len > IVS_TOKEN_MAX) {
        (void)snprintf(message, sizeof message,
                       "%zu bytes, expected at most %d; the rest is not looked "
                       "at",
                       len, IVS_TOKEN_MAX);
        ivs_findings_add(&in->envelope, "too_long", "error", "", message);
        split_loosely(in, token, IVS_TOKEN_MAX, true);
        return;
    }
    if (!ivs_jws_is_url(token, len))
        split_loosely(in, token, len, false);
    if (ivs_jws_split(token, len, &jws, &why) != IVS_OK)
        add(&in->envelope, "segments", &why);
}

static void
decode_parts(struct inspection *in, char *scratch)
{
    static const char *const names[PARTS] = {"the header", "the payload",
                                             "the signature"};

    for (size_t i = 0; i < PARTS; i++) {
        ivs_error why = {0};

        if (in->part[i].text == NULL)
            continue;
        in->bytes[i] = scratch;
        in->decoded[i] = ivs_jws_decode(&in->part[i], names[i], scratch,
                                        &in->len[i], &why) == IVS_OK;
        if (in->decoded[i])
            scratch += in->len[i];
        else
            add(&in->envelope, "base64url", &why);
    }
}

static ivs_status
inspect_header(struct inspection *in, ivs_error *err)
{
    static const char *const ignored[] = {"kid", "jwk", "jku", "x5u", "x5c"};
    ivs_error why = {0};
    ivs_status s;

    if (!in->decoded[HEADER])
        return IVS_OK;
    s = ivs_jws_json(in->bytes[HEADER], in->len[HEADER], 0, "the header",
                     &in->header, &why);
    if (s == IVS_E_TOKEN) {
        add(&in->envelope, "header_json", &why);
        return IVS_OK;
    }
    if (s != IVS_OK)
        return ivs_fail(err, s, "%s", why.message);
    if (ivs_jws_check_alg(in->header, &why) != IVS_OK)
        add(&in->envelope, "alg", &why);
    if (ivs_jws_check_typ(in->header, &why) != IVS_OK)
        add(&in->envelope, "typ", &why);
    if (ivs_jws_check_members(in->header, &why) != IVS_OK)
        add(&in->envelope, "header_member", &why);
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        if (json_object_get(in->header, ignored[i]) != NULL)
            ivs_findings_add(&in->envelope, "kid_ignored", "info", ignored[i],
                             "never used: the key is the verifier's own "
                             "choice");
    return IVS_OK;
}

/* Name of the signature's form. */
static const char *
inspect_signature(struct inspection *in)
{
    const uint8_t *bytes = (const uint8_t *)in->bytes[SIGNATURE];
    size_t len = in->len[SIGNATURE];
    const char *code = "signature_range", *form = "p1363";
    ivs_error why = {0};

    if (!in->decoded[SIGNATURE])
        return "unknown";
    if (len != IVS_ES384_SIGNATURE_BYTES && ivs_jws_is_der(bytes, len)) {
        code = "signature_der";
        form = "der";
    } else if (len != IVS_ES384_SIGNATURE_BYTES) {
        code = "signature_length";
        form = "unknown";
    }
    if (ivs_jws_check_signature(bytes, len, &why) != IVS_OK)
        add(&in->envelope, code, &why);
    return form;
}

static void
append_document(ivs_buf *b, const json_t *value)
{
    if (value == NULL)
        ivs_buf_puts(b, "null");
    else
        ivs_json_append(b, value, false);
}

static void
append_findings(ivs_buf *b, const ivs_findings *f)
{
    if (f->json.failed)
        b->failed = true;
    else if (f->count > 0)
        ivs_buf_append(b, f->json.data, f->json.len);
}

static ivs_status
write_report(const struct inspection *in, const char *form, char **ret_json,
             ivs_error *err)
{
    ivs_buf b = IVS_BUF_INIT;
    char *text;

    ivs_buf_puts(&b, "{\"verified\":false,\"header\":");
    append_document(&b, in->header);
    ivs_buf_puts(&b, ",\"claims\":");
    append_document(&b, in->claims);
    ivs_buf_printf(&b,
                   ",\"signature\":{\"bytes\":%zu,\"form\":\"%s\"},"
                   "\"findings\":[",
                   in->len[SIGNATURE], form);
    append_findings(&b, &in->envelope);
    if (in->envelope.count > 0 && in->about_claims.count > 0)
        ivs_buf_putc(&b, ',');
    append_findings(&b, &in->about_claims);
    ivs_buf_puts(&b, "]}");
    text = ivs_buf_steal(&b, NULL);
    ivs_buf_free(&b);
    if (text == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    *ret_json = text;
    return IVS_OK;
}

ivs_status
ivs_token_inspect(const char *token, size_t len, int64_t now_s, char **ret_json,
                  ivs_error *err)
{
    struct inspection in = {0};
    char *scratch = NULL;
    ivs_status s;

    if (token == NULL || ret_json == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    inspect_shape(&in, token, len);
    /* What the parts decode to is shorter than their text. */
    scratch = malloc((len < IVS_TOKEN_MAX ? len : IVS_TOKEN_MAX) + 1);
    if (scratch == NULL) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory");
        goto out;
    }
    decode_parts(&in, scratch);
    if ((s = inspect_header(&in, err)) != IVS_OK)
        goto out;
    if (in.decoded[PAYLOAD] &&
        (s = ivs_claims_lint_into(in.bytes[PAYLOAD], in.len[PAYLOAD], len,
                                  now_s, &in.about_claims, &in.claims, err)) !=
            IVS_OK)
        goto out;
    s = write_report(&in, inspect_signature(&in), ret_json, err);
out:
    json_decref(in.header);
    json_decref(in.claims);
    ivs_buf_free(&in.envelope.json);
    ivs_buf_free(&in.about_claims.json);
    free(scratch);
    return s;
}
