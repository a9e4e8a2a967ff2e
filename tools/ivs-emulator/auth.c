/* SPDX-License-Identifier: MIT */
/* The check of a signature. It shares with our client only the arithmetic of
 * src/aws/sigv4; what must be signed, and when, is decided here. */

#include "auth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/sigv4.h"
#include "base/digest.h"
#include "base/time.h"

#define SKEW_MAX_S 300

/* The header taken apart; text points into `copy`. */
struct authorization {
    ivs_buf copy;
    const char *access_key_id;
    const char *date;
    const char *region;
    const char *service;
    const char *terminator;
    const char *signed_headers;
    const char *signature;
};

/* Cut the text at the first of these bytes; NULL when it is not there. */
static char *
cut(char *text, char at)
{
    char *found = strchr(text, at);

    if (found == NULL)
        return NULL;
    *found = '\0';
    return found + 1;
}

static void
trim_end(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && text[len - 1] == ' ')
        text[--len] = '\0';
}

static bool
read_parameter(struct authorization *a, char *text, const char **credential,
               emu_response *res)
{
    const struct {
        const char *name;
        const char **ret;
    } known[] = {{"Credential", credential},
                 {"SignedHeaders", &a->signed_headers},
                 {"Signature", &a->signature}};
    char *value = cut(text, '=');

    for (size_t i = 0; i < 3; i++) {
        if (strcmp(text, known[i].name) != 0)
            continue;
        if (value == NULL || *value == '\0' || *known[i].ret != NULL)
            return emu_refuse(res, EMU_HALF_SIGNATURE,
                              "Authorization header: %s is empty or repeated",
                              known[i].name);
        *known[i].ret = value;
        return true;
    }
    return emu_refuse(res, EMU_HALF_SIGNATURE,
                      "Authorization header: expected Credential, "
                      "SignedHeaders and Signature, separated by commas");
}

static bool
read_credential(struct authorization *a, char *text, emu_response *res)
{
    const char **parts[] = {&a->access_key_id, &a->date, &a->region,
                            &a->service, &a->terminator};
    size_t n = 0;

    for (; n < 5 && text != NULL; n++) {
        *parts[n] = text;
        text = cut(text, '/');
    }
    if (n < 5 || text != NULL || strcmp(a->terminator, "aws4_request") != 0)
        return emu_refuse(res, EMU_HALF_SIGNATURE,
                          "Authorization header: expected Credential="
                          "KEY/YYYYMMDD/REGION/ivs/aws4_request");
    return true;
}

static bool
read_authorization(const char *header, struct authorization *a,
                   emu_response *res)
{
    static const char algorithm[] = "AWS4-HMAC-SHA256 ";
    const char *credential = NULL;
    char *next;

    if (strncmp(header, algorithm, sizeof algorithm - 1) != 0)
        return emu_refuse(res, EMU_HALF_SIGNATURE,
                          "Authorization header: expected the algorithm "
                          "AWS4-HMAC-SHA256");
    ivs_buf_puts(&a->copy, header + sizeof algorithm - 1);
    if (a->copy.failed || a->copy.data == NULL)
        return emu_refuse(res, EMU_HALF_SIGNATURE,
                          "Authorization header: nothing after the algorithm");
    for (char *at = a->copy.data; at != NULL; at = next) {
        at += strspn(at, " ");
        next = cut(at, ',');
        trim_end(at);
        if (!read_parameter(a, at, &credential, res))
            return false;
    }
    if (credential == NULL || a->signed_headers == NULL || a->signature == NULL)
        return emu_refuse(res, EMU_HALF_SIGNATURE,
                          "Authorization header: %s is missing",
                          credential == NULL          ? "Credential"
                          : a->signed_headers == NULL ? "SignedHeaders"
                                                      : "Signature");
    return read_credential(a, a->copy.data + (credential - a->copy.data), res);
}

static bool
is_account(const char *text)
{
    return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

static bool
check_scope(const emu_emulator *emu, const struct authorization *a,
            emu_scope *ret, emu_response *res)
{
    static const char region[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(a->region);

    if (strcmp(a->service, "ivs") != 0)
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "the credential is scoped to service '%.32s', "
                          "expected 'ivs'",
                          a->service);
    if (len == 0 || len >= sizeof ret->region ||
        strspn(a->region, region) < len)
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "the credential is scoped to a region that cannot "
                          "be one");
    if (is_account(a->access_key_id))
        (void)snprintf(ret->account, sizeof ret->account, "%.12s",
                       a->access_key_id);
    else if (strcmp(a->access_key_id, emu->access_key_id) == 0)
        (void)snprintf(ret->account, sizeof ret->account, "%s", "000000000000");
    else
        return emu_refuse(res, EMU_UNKNOWN_KEY,
                          "no such access key id; the emulator knows the one "
                          "it was started with, and any account number of 12 "
                          "digits");
    (void)snprintf(ret->region, sizeof ret->region, "%s", a->region);
    return true;
}

static bool
check_time(const emu_request *req, const struct authorization *a,
           int64_t time_s, int64_t *ret, emu_response *res)
{
    const char *date = emu_request_header(req, "X-Amz-Date", NULL);
    char now[17];

    if (date == NULL)
        return emu_refuse(res, EMU_HALF_SIGNATURE,
                          "there is no X-Amz-Date header");
    if (!ivs_time_parse_amz(date, strlen(date), ret) ||
        !ivs_time_format_amz(time_s, now))
        return emu_refuse(res, EMU_HALF_SIGNATURE,
                          "X-Amz-Date is not a time like 20261123T053000Z");
    if (strlen(a->date) != 8 || memcmp(a->date, date, 8) != 0)
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "the credential is scoped to another day than "
                          "X-Amz-Date says");
    if (*ret < time_s - SKEW_MAX_S)
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "Signature expired: it was made at %s, and now it is "
                          "%s (allowed are 5 min)",
                          date, now);
    if (*ret > time_s + SKEW_MAX_S)
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "Signature not yet current: it was made at %s, and "
                          "now it is %s (allowed are 5 min)",
                          date, now);
    return true;
}

/* Is a header named in a list like "host;x-amz-date"? */
static bool
is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = list; *at != '\0';) {
        size_t n = strcspn(at, ";");

        if (n == len && strncasecmp(at, name, n) == 0)
            return true;
        at += n;
        at += *at == ';';
    }
    return false;
}

/* The headers a signature covers; those it must cover are among them. */
static bool
select_headers(const emu_request *req, const char *list,
               ivs_sigv4_header *selected, size_t *ret_n, emu_response *res)
{
    size_t n = 0;

    if (!is_listed(list, "host") || !is_listed(list, "x-amz-date"))
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "SignedHeaders must name host and x-amz-date");
    for (size_t i = 0; i < req->nheaders; i++) {
        const emu_header *h = &req->headers[i];

        if (is_listed(list, h->name))
            selected[n++] = (ivs_sigv4_header){h->name, h->value};
        else if (strncasecmp(h->name, "x-amz-", 6) == 0)
            return emu_refuse(res, EMU_BAD_SIGNATURE,
                              "header %s is not among SignedHeaders", h->name);
    }
    *ret_n = n;
    return true;
}

static bool
check_payload(const emu_request *req, emu_response *res)
{
    const char *claimed = emu_request_header(req, "X-Amz-Content-Sha256", NULL);
    char hex[2 * IVS_SHA256_SIZE + 1];
    uint8_t hash[IVS_SHA256_SIZE];

    if (claimed == NULL)
        return true;
    if (!ivs_sha256(req->body, req->body_len, hash))
        return emu_refuse(res, EMU_INTERNAL, "cannot hash the body");
    ivs_hex(hash, sizeof hash, hex);
    if (strcmp(claimed, hex) != 0)
        return emu_refuse(res, EMU_BAD_SIGNATURE,
                          "X-Amz-Content-Sha256 is not the hash of the body; "
                          "unsigned payloads are not accepted");
    return true;
}

/* The canonical request for the eyes of the client, without its session
 * token. */
static void
append_redacted(ivs_buf *b, const char *canonical)
{
    static const char name[] = "\nx-amz-security-token:";
    const char *at = strstr(canonical, name);

    if (at == NULL) {
        ivs_buf_puts(b, canonical);
        return;
    }
    at += sizeof name - 1;
    ivs_buf_append(b, canonical, (size_t)(at - canonical));
    ivs_buf_puts(b, "(redacted)");
    ivs_buf_puts(b, at + strcspn(at, "\n"));
}

static bool
mismatch(const ivs_buf *canonical, const ivs_buf *to_sign, emu_response *res)
{
    ivs_buf shown = IVS_BUF_INIT;

    append_redacted(&shown, canonical->data);
    if (shown.failed)
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    else
        (void)emu_refuse(res, EMU_BAD_SIGNATURE,
                         "The signature does not match: the secret access key "
                         "is not the emulator's (test, unless it was given "
                         "another), or the request was changed after it was "
                         "signed.\nComputed here, the canonical request "
                         "is\n'%s'\n\nand the string to sign is\n'%s'\n",
                         shown.data, to_sign->data);
    ivs_buf_free(&shown);
    return false;
}

static bool
compare_signature(const ivs_sigv4_request *canonical_of,
                  const ivs_sigv4_scope *scope, const struct authorization *a,
                  const char *secret, emu_response *res)
{
    ivs_buf canonical = IVS_BUF_SECRET, to_sign = IVS_BUF_INIT;
    ivs_buf names = IVS_BUF_INIT;
    char signature[65] = "";
    bool same = false;

    if (ivs_sigv4_signed_headers(canonical_of, &names, NULL) != IVS_OK ||
        ivs_sigv4_canonical_request(canonical_of, &canonical, NULL) != IVS_OK ||
        ivs_sigv4_string_to_sign(scope, canonical.data, canonical.len, &to_sign,
                                 NULL) != IVS_OK ||
        ivs_sigv4_signature(scope, secret, to_sign.data, to_sign.len, signature,
                            NULL) != IVS_OK)
        (void)emu_refuse(res, EMU_INTERNAL, "cannot compute the signature");
    else if (strcmp(names.data, a->signed_headers) != 0)
        (void)emu_refuse(res, EMU_BAD_SIGNATURE,
                         "SignedHeaders must name headers of this request, in "
                         "lower case, sorted, once each");
    else if (strlen(a->signature) != 64 ||
             !ivs_equal_ct(a->signature, signature, 64))
        (void)mismatch(&canonical, &to_sign, res);
    else
        same = true;
    ivs_wipe(signature, sizeof signature);
    ivs_buf_free(&names);
    ivs_buf_free(&canonical);
    ivs_buf_free(&to_sign);
    return same;
}

static bool
check_signature(const emu_emulator *emu, const emu_request *req,
                const struct authorization *a, int64_t signed_at_s,
                emu_response *res)
{
    ivs_sigv4_header *selected = calloc(req->nheaders + 1, sizeof *selected);
    ivs_sigv4_request canonical_of = {.method = req->method,
                                      .path = req->path,
                                      .query = req->query,
                                      .headers = selected,
                                      .body = req->body,
                                      .body_len = req->body_len,
                                      .normalize = true};
    ivs_sigv4_scope scope = {signed_at_s, a->region, a->service};
    bool good = false;

    if (selected == NULL)
        (void)emu_refuse(res, EMU_INTERNAL, "out of memory");
    else if (select_headers(req, a->signed_headers, selected,
                            &canonical_of.nheaders, res) &&
             check_payload(req, res))
        good = compare_signature(&canonical_of, &scope, a,
                                 emu->secret_access_key, res);
    free(selected);
    return good;
}

bool
emu_authenticate(const emu_emulator *emu, const emu_request *req,
                 int64_t time_s, emu_scope *ret, emu_response *res)
{
    const char *header = emu_request_header(req, "Authorization", NULL);
    struct authorization a = {.copy = IVS_BUF_INIT};
    emu_scope scope = {0};
    int64_t signed_at_s = 0;
    bool good;

    if (header == NULL && strstr(req->query, "X-Amz-") != NULL)
        return emu_refuse(res, EMU_NO_SIGNATURE,
                          "presigned requests are not accepted; sign with an "
                          "Authorization header");
    if (header == NULL)
        return emu_refuse(res, EMU_NO_SIGNATURE,
                          "there is no Authorization header");
    good = read_authorization(header, &a, res) &&
           check_scope(emu, &a, &scope, res) &&
           check_time(req, &a, time_s, &signed_at_s, res) &&
           check_signature(emu, req, &a, signed_at_s, res);
    if (good)
        *ret = scope;
    ivs_buf_free(&a.copy);
    return good;
}
