/* SPDX-License-Identifier: MIT */
/* Tokens of IAM Identity Center. Source: AWS SDKs and Tools Reference Guide,
 * "IAM Identity Center credential provider"; IAM Identity Center OIDC API
 * Reference, CreateToken. */

#include "aws/sso_token.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_document.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/time.h"

#define FILE_MAX   (256 * 1024)
#define RENEW_S    (15 * 60)
#define TIMEOUT_MS 10000
#define ATTEMPTS   3

/* The cache file as it was read. */
struct cache {
    ivs_buf text; /* secret */
    ivs_json_slice object;
    ivs_buf access_token; /* secret */
    int64_t expires_s;
};

/* What a renewal gives; all secret. */
struct renewed {
    ivs_buf access_token, refresh_token; /* the second may be empty */
    int64_t expires_s;
};

ivs_status
ivs_sso_cache_file(const ivs_environment *env, const char *name, char **ret,
                   ivs_error *err)
{
    const char *home = ivs_environment_get(env, "HOME");
    uint8_t digest[IVS_SHA1_SIZE];
    char hex[2 * IVS_SHA1_SIZE + 1];
    ivs_buf path = IVS_BUF_INIT;

    if (home == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "HOME is not set, expected it for the cache of tokens");
    if (!ivs_sha1(name, strlen(name), digest))
        return ivs_fail(err, IVS_E_CRYPTO, "no SHA-1 for a file name");
    ivs_hex(digest, sizeof digest, hex);
    ivs_buf_printf(&path, "%s/.aws/sso/cache/%s.json", home, hex);
    if ((*ret = ivs_buf_steal(&path, NULL)) == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    return IVS_OK;
}

static ivs_status
fail_login(const ivs_sso_login *login, const char *what, ivs_error *err)
{
    return ivs_fail(err, IVS_E_CREDENTIALS, "%s; log in with: %s", what,
                    login->command);
}

/* ---- the cache file ---- */

static ivs_status
read_cache(const ivs_sso_login *login, struct cache *ret, ivs_error *err)
{
    ivs_status s = ivs_file_read(login->file, FILE_MAX, &ret->text, err);

    if (s == IVS_E_IO)
        return fail_login(login, "there is no token of a login", err);
    if (s == IVS_OK)
        s = ivs_secret_json_check(ret->text.data, ret->text.len,
                                  "the token file", err);
    if (s == IVS_E_FORMAT)
        return fail_login(login, "the token file is malformed", err);
    if (s != IVS_OK)
        return s;
    ret->object = (ivs_json_slice){ret->text.data, ret->text.len};
    if (!ivs_document_text(&ret->object, "accessToken", &ret->access_token) ||
        !ivs_document_time(&ret->object, "expiresAt", &ret->expires_s))
        return fail_login(login,
                          "the token file has no accessToken with "
                          "expiresAt",
                          err);
    if (ret->access_token.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a token");
    return IVS_OK;
}

static void
free_cache(struct cache *c)
{
    ivs_buf_free(&c->text);
    ivs_buf_free(&c->access_token);
}

static void
put(ivs_buf *b, const char *name, size_t name_len, const char *value,
    size_t len)
{
    ivs_buf_puts(b, b->len > 1 ? ", \"" : "\"");
    ivs_buf_append(b, name, name_len);
    ivs_buf_puts(b, "\": ");
    ivs_buf_append(b, value, len);
}

static void
put_text(ivs_buf *b, const char *name, const char *text)
{
    ivs_buf quoted = IVS_BUF_SECRET;

    ivs_json_quote(&quoted, text, strlen(text));
    put(b, name, strlen(name), quoted.failed ? "" : quoted.data, quoted.len);
    b->failed = b->failed || quoted.failed;
    ivs_buf_free(&quoted);
}

static bool
is(const ivs_json_slice *name, const char *text)
{
    return name->len == strlen(text) && memcmp(name->at, text, name->len) == 0;
}

/* Write the file anew, with members we do not know as they are. */
static ivs_status
write_cache(const ivs_sso_login *login, const struct cache *old,
            const struct renewed *fresh, ivs_error *err)
{
    ivs_buf text = IVS_BUF_SECRET;
    ivs_json_slice name, value;
    char expires[IVS_TIME_SIZE];
    ivs_status s;
    size_t at = 0;

    ivs_buf_putc(&text, '{');
    while (ivs_secret_json_next(&old->object, &at, &name, &value))
        if (!is(&name, "accessToken") && !is(&name, "expiresAt") &&
            !(is(&name, "refreshToken") && fresh->refresh_token.len > 0))
            put(&text, name.at, name.len, value.at, value.len);
    ivs_time_format(fresh->expires_s, expires);
    put_text(&text, "accessToken", fresh->access_token.data);
    put_text(&text, "expiresAt", expires);
    if (fresh->refresh_token.len > 0)
        put_text(&text, "refreshToken", fresh->refresh_token.data);
    ivs_buf_putc(&text, '}');
    s = text.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for a token")
            : ivs_file_replace(login->file, text.data, text.len, 0600, err);
    ivs_buf_free(&text);
    return s;
}

/* ---- renewal ---- */

static bool
add_member(const struct cache *c, const char *from, const char *to,
           ivs_buf *body)
{
    ivs_buf text = IVS_BUF_SECRET;
    bool ok = ivs_document_text(&c->object, from, &text);

    if (ok && !text.failed)
        put_text(body, to, text.data);
    body->failed = body->failed || text.failed;
    ivs_buf_free(&text);
    return ok;
}

/* False: the file has not all that a renewal needs, or has it no longer. */
static bool
make_body(const struct cache *c, int64_t now, ivs_buf *ret)
{
    int64_t until;

    if (ivs_secret_json_get(&c->object, "registrationExpiresAt").at != NULL &&
        (!ivs_document_time(&c->object, "registrationExpiresAt", &until) ||
         until <= now))
        return false;
    ivs_buf_putc(ret, '{');
    if (!add_member(c, "clientId", "clientId", ret) ||
        !add_member(c, "clientSecret", "clientSecret", ret) ||
        !add_member(c, "refreshToken", "refreshToken", ret))
        return false;
    put_text(ret, "grantType", "refresh_token");
    ivs_buf_putc(ret, '}');
    return true;
}

static ivs_status
judge(const ivs_source_answer *answer, int64_t now, struct renewed *ret,
      ivs_error *err)
{
    const ivs_json_slice object = {answer->body.data, answer->body.len};
    ivs_json_slice life;
    int64_t seconds = 0;
    ivs_status s;

    if (answer->status != 200)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the token could not be renewed: HTTP %d",
                        answer->status);
    s = ivs_secret_json_check(object.at, object.len, "the answer", err);
    if (s != IVS_OK)
        return s;
    life = ivs_secret_json_get(&object, "expiresIn");
    if (!ivs_document_text(&object, "accessToken", &ret->access_token) ||
        !ivs_secret_json_integer(&life, &seconds) || seconds <= 0 ||
        seconds > INT32_MAX)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "the answer has no accessToken with expiresIn");
    (void)ivs_document_text(&object, "refreshToken", &ret->refresh_token);
    if (ret->access_token.failed || ret->refresh_token.failed)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a token");
    ret->expires_s = now + seconds;
    return IVS_OK;
}

static ivs_status
renew(const ivs_sso_login *login, ivs_source_context *c,
      const struct cache *cache, struct renewed *ret, ivs_error *err)
{
    const char *header = "Content-Type: application/json";
    ivs_buf body = IVS_BUF_SECRET, url = IVS_BUF_INIT;
    ivs_source_answer answer = {0};
    ivs_http_request request = {.method = "POST",
                                .headers = &header,
                                .nheaders = 1,
                                .total_timeout_ms = TIMEOUT_MS,
                                .once = true};
    int64_t now = ivs_source_now(c);
    ivs_status s = IVS_OK;

    if (!make_body(cache, now, &body))
        s = ivs_fail(err, IVS_E_CREDENTIALS, "the token cannot be renewed");
    ivs_buf_printf(&url, "%s/token", login->endpoint.url);
    if (s == IVS_OK && (body.failed || url.failed))
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory for a request");
    request.url = url.data;
    request.body = body.data;
    request.body_len = body.len;
    /* Once: a refresh token may be good for one use. */
    if (s == IVS_OK)
        s = ivs_source_send(c, &request, 1, &answer, err);
    if (s == IVS_OK)
        s = judge(&answer, now, ret, err);
    if (s == IVS_OK)
        s = write_cache(login, cache, ret, err);
    ivs_buf_free(&answer.body);
    ivs_buf_free(&url);
    ivs_buf_free(&body);
    return s;
}

/* ---- the token ---- */

static ivs_status
pick(const ivs_sso_login *login, ivs_source_context *c,
     const struct cache *cache, struct renewed *fresh, const ivs_buf **ret,
     ivs_error *err)
{
    int64_t left = cache->expires_s - ivs_source_now(c);
    ivs_error why = {0};
    ivs_status s = IVS_E_CREDENTIALS;

    *ret = &cache->access_token;
    if (left >= RENEW_S || (!login->renewable && left > 0))
        return IVS_OK;
    if (login->renewable)
        s = renew(login, c, cache, fresh, &why);
    if (s == IVS_OK)
        *ret = &fresh->access_token;
    if (s == IVS_OK || (left > 0 && s != IVS_E_NOMEM && s != IVS_E_CANCELLED))
        return IVS_OK;
    if (s == IVS_E_NOMEM)
        return ivs_fail(err, s, "out of memory for a token");
    if (s == IVS_E_CANCELLED)
        return ivs_fail_cancelled(err);
    (void)fail_login(login, "the token of the login has expired", err);
    if (why.message[0] != '\0')
        ivs_error_context(err, "%.100s", why.message);
    return IVS_E_CREDENTIALS;
}

ivs_status
ivs_sso_token(const ivs_sso_login *login, ivs_source_context *c, ivs_buf *ret,
              ivs_error *err)
{
    struct cache cache = {.text = IVS_BUF_SECRET,
                          .access_token = IVS_BUF_SECRET};
    struct renewed fresh = {.access_token = IVS_BUF_SECRET,
                            .refresh_token = IVS_BUF_SECRET};
    const ivs_buf *token = NULL;
    ivs_status s = read_cache(login, &cache, err);

    if (s == IVS_OK)
        s = pick(login, c, &cache, &fresh, &token, err);
    if (s == IVS_OK && !ivs_is_plain(token->data, token->len))
        s = fail_login(login, "the token holds a byte that no header may carry",
                       err);
    if (s == IVS_OK)
        ivs_buf_append(ret, token->data, token->len);
    free_cache(&cache);
    ivs_buf_free(&fresh.access_token);
    ivs_buf_free(&fresh.refresh_token);
    return s;
}

void
ivs_sso_login_free(ivs_sso_login *login)
{
    free(login->file);
    free(login->command);
    ivs_aws_config_free(&login->endpoint);
}
