/* SPDX-License-Identifier: MIT */
/* Recognising the form a key comes in. */

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/secret.h"
#include "token/key_object.h"

#define PEM_BEGIN "-----BEGIN "

static ivs_status
refuse(const char *found, ivs_error *err)
{
    return ivs_fail(err, IVS_E_FORMAT, "%s where a P-384 key was expected",
                    found);
}

/* What else people hand in as a key, by how it starts. */
static ivs_status
refuse_text(const char *text, ivs_error *err)
{
    static const struct {
        const char *start;
        const char *found;
    } known[] = {
        {"<!DOCTYPE html", "an HTML page"},
        {"<!doctype html", "an HTML page"},
        {"<html", "an HTML page"},
        {"<HTML", "an HTML page"},
        {"<", "XML or HTML text"},
        {"[", "a JSON array"},
        {"ssh-", "an OpenSSH public key"},
        {"ecdsa-sha2-", "an OpenSSH public key"},
        {"sk-", "an OpenSSH public key"},
        {"---- BEGIN SSH2", "an SSH2 public key"},
        {"PuTTY-User-Key-File", "a PuTTY key"},
        {"eyJ", "a token (JWT)"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(text, known[i].start, strlen(known[i].start)) == 0)
            return refuse(known[i].found, err);
    return refuse("text in no known form", err);
}

/* Put line ends where text holds backslash-n, as environment variables and
 * JSON make of a PEM file. */
static void
unescape(ivs_buf *text)
{
    char *to = text->data;

    for (const char *at = text->data; !ivs_secret_is(*at, '\0'); at++) {
        if (ivs_secret_is(at[0], '\\') &&
            (ivs_secret_is(at[1], 'n') || ivs_secret_is(at[1], 'r'))) {
            at++;
            *to++ = '\n';
        } else {
            *to++ = *at;
        }
    }
    text->len = (size_t)(to - text->data);
    ivs_wipe(to, text->cap - text->len);
}

static ivs_status
parse_pem(ivs_buf *text, const ivs_key_options *opt, ivs_key **ret,
          ivs_error *err)
{
    unescape(text);
    return ivs_key_parse_pem(text->data, opt, ret, err);
}

static bool
holds_nul(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (ivs_secret_is((char)data[i], '\0'))
            return true;
    return false;
}

static ivs_status
parse_base64(const ivs_buf *decoded, const ivs_key_options *opt, ivs_key **ret,
             ivs_error *err)
{
    ivs_buf text = IVS_BUF_SECRET;
    ivs_status s;

    if (ivs_key_der_whole((const uint8_t *)decoded->data, decoded->len))
        return refuse("base64 without BEGIN and END lines", err);
    ivs_buf_append(&text, decoded->data, decoded->len);
    if (text.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
    else if (holds_nul((const uint8_t *)text.data, text.len) ||
             ivs_secret_find(text.data, PEM_BEGIN) == NULL)
        s = refuse("base64 of something that is not PEM", err);
    else
        s = parse_pem(&text, opt, ret, err);
    ivs_buf_free(&text);
    return s;
}

static ivs_status
parse_text(ivs_buf *text, const ivs_key_options *opt, ivs_key **ret,
           ivs_error *err)
{
    ivs_buf decoded = IVS_BUF_SECRET;
    const char *start = text->data;
    ivs_status s;

    if (strncmp(start, "\xef\xbb\xbf", 3) == 0)
        start += 3; /* the byte order mark some editors put before UTF-8 */
    start += strspn(start, " \t\r\n");
    if (*start == '\0')
        s = refuse("nothing but white space", err);
    else if (*start == '{')
        s = ivs_key_parse_jwk(start, text->len - (size_t)(start - text->data),
                              opt, ret, err);
    else if (*start == '<')
        s = refuse_text(start, err);
    else if (ivs_secret_find(start, PEM_BEGIN) != NULL)
        s = parse_pem(text, opt, ret, err);
    else if (ivs_key_decode_base64(start, strlen(start), &decoded))
        s = parse_base64(&decoded, opt, ret, err);
    else if (decoded.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
    else
        s = refuse_text(start, err);
    ivs_buf_free(&decoded);
    return s;
}

static bool
is_utf16(const uint8_t *data, size_t len)
{
    return len >= 2 && ((data[0] == 0xff && data[1] == 0xfe) ||
                        (data[0] == 0xfe && data[1] == 0xff) ||
                        (data[0] == 0) != (data[1] == 0));
}

static ivs_status
parse(const uint8_t *data, size_t len, const ivs_key_options *opt,
      ivs_key **ret, ivs_error *err)
{
    ivs_buf text = IVS_BUF_SECRET;
    ivs_status s;

    if (len == 0)
        return refuse("nothing", err);
    if (len > IVS_KEY_INPUT_MAX)
        return ivs_fail(err, IVS_E_FORMAT,
                        "%zu bytes where a key of at most %d was expected", len,
                        IVS_KEY_INPUT_MAX);
    /* Text may start with '0', but is never one whole SEQUENCE. */
    if (ivs_key_der_whole(data, len))
        return ivs_key_parse_der(data, len, opt, ret, err);
    if (is_utf16(data, len))
        return refuse("UTF-16 text", err);
    if (holds_nul(data, len) || (len > 1 && data[0] == 0x30 && data[1] > 0x7f))
        return refuse("binary data that is not one whole DER structure", err);
    ivs_buf_append(&text, data, len);
    if (text.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading a key");
    else
        s = parse_text(&text, opt, ret, err);
    ivs_buf_free(&text);
    return s;
}

ivs_status
ivs_key_parse(const void *data, size_t len, const ivs_key_options *opt,
              ivs_key **ret, ivs_error *err)
{
    ivs_key_options o;
    ivs_status s;

    if (data == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG,
                        "no bytes or no place for the key was given");
    if ((s = ivs_key_options_read(opt, &o, err)) != IVS_OK)
        return s;
    return parse(data, len, &o, ret, err);
}

ivs_status
ivs_key_load(const char *path, const ivs_key_options *opt, ivs_key **ret,
             ivs_error *err)
{
    ivs_buf data = IVS_BUF_SECRET;
    ivs_status s;

    if (path == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG,
                        "no file name or no place for the key was given");
    s = ivs_file_read(path, IVS_KEY_INPUT_MAX, &data, err);
    if (s != IVS_OK)
        goto out;
    s = ivs_key_parse(data.data, data.len, opt, ret, err);
    if (s != IVS_OK)
        ivs_error_context(err, "%s", path);
out:
    ivs_buf_free(&data);
    return s;
}
