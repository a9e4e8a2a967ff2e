/* SPDX-License-Identifier: MIT */
/* AWS Signature Version 4: string to sign, signature, Authorization. */

#include "aws/sigv4.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/time.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"

/* A part of the credential scope: nothing that would end the part. */
static bool
is_scope_part(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7f || *text == '/' || *text == ',')
            return false;
    return true;
}

static void
put_scope(ivs_buf *b, const ivs_sigv4_scope *scope, const char date[9])
{
    ivs_buf_printf(b, "%s/%s/%s/" TERMINATOR, date, scope->region,
                   scope->service);
}

/* The time as SigV4 writes it and the day, both NUL-terminated. */
static ivs_status
read_scope(const ivs_sigv4_scope *scope, char time[17], char date[9],
           ivs_error *err)
{
    if (!ivs_time_format_amz(scope->time_s, time))
        return ivs_fail(err, IVS_E_FORMAT,
                        "signing time beyond the year 9999, expected seconds "
                        "since 1970");
    memcpy(date, time, 8);
    date[8] = '\0';
    if (!is_scope_part(scope->region) || !is_scope_part(scope->service))
        return ivs_fail(err, IVS_E_FORMAT,
                        "credential scope %s/%s, expected REGION/SERVICE",
                        scope->region, scope->service);
    return IVS_OK;
}

static ivs_status
finish(const ivs_buf *ret, ivs_error *err)
{
    if (ret->failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory signing a request");
    return IVS_OK;
}

ivs_status
ivs_sigv4_string_to_sign(const ivs_sigv4_scope *scope, const char *canonical,
                         size_t len, ivs_buf *ret, ivs_error *err)
{
    char time[17], date[9], hex[2 * IVS_SHA256_SIZE + 1];
    uint8_t hash[IVS_SHA256_SIZE];
    ivs_status s;

    if ((s = read_scope(scope, time, date, err)) != IVS_OK)
        return s;
    if (!ivs_sha256(canonical, len, hash))
        return ivs_fail(err, IVS_E_CRYPTO, "SHA-256 failed");
    ivs_hex(hash, sizeof hash, hex);
    ivs_buf_printf(ret, ALGORITHM "\n%s\n", time);
    put_scope(ret, scope, date);
    ivs_buf_printf(ret, "\n%s", hex);
    return finish(ret, err);
}

ivs_status
ivs_sigv4_signature(const ivs_sigv4_scope *scope, const char *secret_access_key,
                    const char *string_to_sign, size_t len, char ret[65],
                    ivs_error *err)
{
    ivs_buf secret = IVS_BUF_SECRET;
    uint8_t key[IVS_SHA256_SIZE], mac[IVS_SHA256_SIZE];
    char time[17], date[9];
    const char *steps[] = {date, scope->region, scope->service, TERMINATOR};
    ivs_status s;
    bool ok;

    if ((s = read_scope(scope, time, date, err)) != IVS_OK)
        return s;
    ivs_buf_puts(&secret, "AWS4");
    ivs_buf_puts(&secret, secret_access_key);
    if (secret.failed) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory signing a request");
        goto out;
    }
    ok = ivs_hmac_sha256(secret.data, secret.len, steps[0], strlen(steps[0]),
                         key);
    for (size_t i = 1; ok && i < sizeof steps / sizeof steps[0]; i++) {
        ok = ivs_hmac_sha256(key, sizeof key, steps[i], strlen(steps[i]), mac);
        memcpy(key, mac, sizeof key);
    }
    ok = ok && ivs_hmac_sha256(key, sizeof key, string_to_sign, len, mac);
    if (ok)
        ivs_hex(mac, sizeof mac, ret);
    else
        s = ivs_fail(err, IVS_E_CRYPTO, "HMAC-SHA-256 failed");
out:
    ivs_wipe(key, sizeof key);
    ivs_wipe(mac, sizeof mac);
    ivs_buf_free(&secret);
    return s;
}

ivs_status
ivs_sigv4_authorization(const ivs_sigv4_request *request,
                        const ivs_sigv4_scope *scope,
                        const ivs_sigv4_credentials *credentials, ivs_buf *ret,
                        ivs_error *err)
{
    /* The canonical request has the session token in it. */
    ivs_buf canonical = IVS_BUF_SECRET, to_sign = IVS_BUF_INIT;
    ivs_buf names = IVS_BUF_INIT;
    char signature[65], time[17], date[9];
    ivs_status s;

    if (!is_scope_part(credentials->access_key_id))
        return ivs_fail(err, IVS_E_FORMAT,
                        "malformed access key id, expected letters and digits");
    if ((s = read_scope(scope, time, date, err)) != IVS_OK)
        return s;
    s = ivs_sigv4_canonical_request(request, &canonical, err);
    if (s == IVS_OK)
        s = ivs_sigv4_signed_headers(request, &names, err);
    if (s == IVS_OK)
        s = ivs_sigv4_string_to_sign(scope, canonical.data, canonical.len,
                                     &to_sign, err);
    if (s == IVS_OK)
        s = ivs_sigv4_signature(scope, credentials->secret_access_key,
                                to_sign.data, to_sign.len, signature, err);
    if (s != IVS_OK)
        goto out;
    ivs_buf_printf(ret, ALGORITHM " Credential=%s/",
                   credentials->access_key_id);
    put_scope(ret, scope, date);
    ivs_buf_printf(ret, ", SignedHeaders=%s, Signature=%s",
                   names.data == NULL ? "" : names.data, signature);
    s = finish(ret, err);
out:
    ivs_buf_free(&canonical);
    ivs_buf_free(&to_sign);
    ivs_buf_free(&names);
    return s;
}
