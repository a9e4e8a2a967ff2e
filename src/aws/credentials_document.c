/* SPDX-License-Identifier: MIT */
/* Keys out of JSON documents. */

#include "aws/credentials_document.h"

#include <string.h>

#include "base/error.h"
#include "base/time.h"

const ivs_document_names ivs_document_token = {
    .keys = {"AccessKeyId", "SecretAccessKey", "Token"},
    .expiration = "Expiration",
    .must_expire = true,
    .must_have_token = true};
const ivs_document_names ivs_document_process = {
    .keys = {"AccessKeyId", "SecretAccessKey", "SessionToken"},
    .expiration = "Expiration"};
const ivs_document_names ivs_document_sso = {
    .keys = {"accessKeyId", "secretAccessKey", "sessionToken"},
    .expiration = "expiration",
    .milliseconds = true,
    .must_expire = true,
    .must_have_token = true};

bool
ivs_document_text(const ivs_json_slice *object, const char *name, ivs_buf *ret)
{
    const ivs_json_slice value = ivs_secret_json_get(object, name);
    size_t before = ret->len;

    return ivs_secret_json_text(&value, ret) &&
           (ret->failed || ret->len > before);
}

bool
ivs_document_time(const ivs_json_slice *object, const char *name, int64_t *ret)
{
    char mem[64]; /* longer ones are no times */
    ivs_buf text;

    ivs_buf_fixed(&text, mem, sizeof mem);
    if (!ivs_document_text(object, name, &text) || text.failed)
        return false;
    if (text.len > 3 && strcmp(mem + text.len - 3, "UTC") == 0) {
        text.len -= 2;
        mem[text.len - 1] = 'Z';
    }
    return ivs_time_parse(mem, text.len, ret);
}

static bool
has(const ivs_json_slice *object, const char *name)
{
    const ivs_json_slice value = ivs_secret_json_get(object, name);

    return value.at != NULL &&
           !(value.len == 4 && memcmp(value.at, "null", 4) == 0);
}

static ivs_status
read_part(const ivs_json_slice *object, const char *name, bool required,
          ivs_buf *ret, ivs_error *err)
{
    if (!required && !has(object, name)) {
        ivs_buf_puts(ret, "");
        return IVS_OK;
    }
    if (ivs_document_text(object, name, ret))
        return IVS_OK;
    return ivs_fail_member(err, IVS_E_CREDENTIALS, name,
                           "it gave %s %s, expected text",
                           has(object, name) ? "a malformed" : "no", name);
}

static ivs_status
read_expiration(const ivs_json_slice *object, const ivs_document_names *names,
                int64_t *ret, ivs_error *err)
{
    const ivs_json_slice value = ivs_secret_json_get(object, names->expiration);
    bool ok;

    *ret = IVS_NEVER;
    if (!names->must_expire && !has(object, names->expiration))
        return IVS_OK;
    if (names->milliseconds) {
        ok = ivs_secret_json_integer(&value, ret) && *ret >= 0;
        *ret /= 1000;
    } else {
        ok = ivs_document_time(object, names->expiration, ret);
    }
    if (ok)
        return IVS_OK;
    return ivs_fail_member(
        err, IVS_E_CREDENTIALS, names->expiration, "it gave %s %s, expected %s",
        value.at != NULL ? "a malformed" : "no", names->expiration,
        names->milliseconds ? "milliseconds since 1970"
                            : "a time such as 2026-11-23T05:30:00Z");
}

static ivs_status
read_keys(const ivs_json_slice *object, const ivs_document_names *names,
          ivs_credentials_keys *ret, ivs_error *err)
{
    ivs_key_parts parts;
    ivs_status s;

    s = read_part(object, names->keys.access_key_id, true, &ret->access_key_id,
                  err);
    if (s == IVS_OK)
        s = read_part(object, names->keys.secret_access_key, true,
                      &ret->secret_access_key, err);
    if (s == IVS_OK)
        s = read_part(object, names->keys.session_token, names->must_have_token,
                      &ret->session_token, err);
    if (s != IVS_OK)
        return s;
    if (ret->access_key_id.failed || ret->secret_access_key.failed ||
        ret->session_token.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    parts =
        (ivs_key_parts){ret->access_key_id.data, ret->secret_access_key.data,
                        ret->session_token.data};
    return ivs_key_parts_check(&parts, &names->keys, IVS_E_CREDENTIALS, err);
}

ivs_status
ivs_document_keys(const ivs_json_slice *object, const ivs_document_names *names,
                  ivs_provided *ret, ivs_error *err)
{
    ivs_provided found = {
        .keys = {IVS_BUF_SECRET, IVS_BUF_SECRET, IVS_BUF_SECRET}};
    ivs_status s = read_keys(object, names, &found.keys, err);

    if (s == IVS_OK)
        s = read_expiration(object, names, &found.expires_s, err);
    if (s == IVS_OK)
        *ret = found;
    else
        ivs_credentials_keys_free(&found.keys);
    return s;
}
