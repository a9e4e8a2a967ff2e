/* SPDX-License-Identifier: MIT */
/* Credentials and the chain of sources they come from. */

#include "aws/credentials.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

struct ivs_credentials {
    ivs_credentials_keys keys;
    ivs_buf source;
};

/* Keys as they are found. */
struct parts {
    const char *access_key_id, *secret_access_key;
    const char *session_token; /* NULL: long-term keys */
};

/* Both go into headers: nothing that ends one or hides in it. */
static bool
is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7f)
            return false;
    return true;
}

/* What the parts are called where they come from. */
struct names {
    const char *access_key_id, *secret_access_key, *session_token;
};

static const struct names profile_names = {
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token"};

static ivs_status
check_part(const char *name, const char *value, ivs_status code, ivs_error *err)
{
    if (value != NULL && !is_plain(value))
        return ivs_fail_member(err, code, name,
                               "%s holds a space, a control byte or a byte "
                               "beyond ASCII, expected printable ASCII",
                               name);
    return IVS_OK;
}

static ivs_status
check_parts(const struct parts *k, const struct names *names, ivs_status code,
            ivs_error *err)
{
    ivs_status s;

    s = check_part(names->access_key_id, k->access_key_id, code, err);
    if (s == IVS_OK && strpbrk(k->access_key_id, "/,") != NULL)
        s = ivs_fail_member(err, code, names->access_key_id,
                            "%s holds a slash or comma, expected letters and "
                            "digits; are key id and secret swapped?",
                            names->access_key_id);
    if (s == IVS_OK)
        s = check_part(names->secret_access_key, k->secret_access_key, code,
                       err);
    if (s == IVS_OK)
        s = check_part(names->session_token, k->session_token, code, err);
    return s;
}

static ivs_status
copy_keys(const struct parts *k, ivs_credentials_keys *ret, ivs_error *err)
{
    ivs_credentials_keys keys = {IVS_BUF_SECRET, IVS_BUF_SECRET,
                                 IVS_BUF_SECRET};

    ivs_buf_puts(&keys.access_key_id, k->access_key_id);
    ivs_buf_puts(&keys.secret_access_key, k->secret_access_key);
    ivs_buf_puts(&keys.session_token,
                 k->session_token == NULL ? "" : k->session_token);
    if (keys.access_key_id.failed || keys.secret_access_key.failed ||
        keys.session_token.failed) {
        ivs_credentials_keys_free(&keys);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    }
    *ret = keys;
    return IVS_OK;
}

static ivs_status
make(const struct parts *k, const char *source, ivs_credentials **ret,
     ivs_error *err)
{
    ivs_credentials *c = calloc(1, sizeof *c);
    ivs_status s;

    if (c == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    ivs_buf_puts(&c->source, source);
    s = c->source.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials")
            : copy_keys(k, &c->keys, err);
    if (s == IVS_OK)
        *ret = c;
    else
        ivs_credentials_free(c);
    return s;
}

/* The environment's keys. *ret stays as it was where it has none. */
static ivs_status
from_environment(const ivs_environment *env, ivs_credentials **ret,
                 ivs_error *err)
{
    static const struct names names = {
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
    const struct parts k = {ivs_environment_get(env, names.access_key_id),
                            ivs_environment_get(env, names.secret_access_key),
                            ivs_environment_get(env, names.session_token)};
    ivs_status s;

    if (k.access_key_id == NULL && k.secret_access_key == NULL)
        return IVS_OK;
    if (k.access_key_id == NULL || k.secret_access_key == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "environment: %s is set and %s is not, expected both",
                        k.access_key_id != NULL ? names.access_key_id
                                                : names.secret_access_key,
                        k.access_key_id == NULL ? names.access_key_id
                                                : names.secret_access_key);
    if ((s = check_parts(&k, &names, IVS_E_CREDENTIALS, err)) != IVS_OK) {
        ivs_error_context(err, "environment");
        return s;
    }
    return make(&k, "environment", ret, err);
}

/* Keys that name a source of another kind. They come first: botocore, too,
 * assumes a role_arn although there are static keys beside it. */
static ivs_status
refuse_other_sources(const ivs_profile *p, ivs_error *err)
{
    static const char *const keys[] = {
        "role_arn",      "credential_source",       "source_profile",
        "sso_session",   "sso_start_url",           "sso_account_id",
        "sso_role_name", "web_identity_token_file", "credential_process",
        "login_session"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const ivs_ini_property *found = ivs_profile_get(p, keys[i]);

        if (found != NULL)
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "profile %.64s uses %s (in %.80s), which is not "
                            "supported yet; expected aws_access_key_id and "
                            "aws_secret_access_key",
                            p->name, keys[i], ivs_profile_file(p, found));
    }
    return IVS_OK;
}

/* A key pair belongs to one file: the last that has any part of one. */
struct pair {
    const ivs_ini_property *id, *secret, *token; /* NULL: not there or empty */
    const ivs_ini_property *last;                /* NULL: no part at all */
};

static const ivs_ini_property *
part(const ivs_profile *p, const char *key, struct pair *pair)
{
    const ivs_ini_property *found = ivs_profile_get(p, key);

    if (found == NULL)
        return NULL;
    if (pair->last == NULL || found->file > pair->last->file)
        pair->last = found;
    return found->value.len > 0 ? found : NULL;
}

static ivs_status
make_from_pair(const ivs_profile *p, const struct pair *pair,
               ivs_credentials **ret, ivs_error *err)
{
    struct parts k = {pair->id->value.data, pair->secret->value.data, NULL};
    const char *file = ivs_profile_file(p, pair->last);
    ivs_buf source = IVS_BUF_INIT;
    ivs_status s;

    if (pair->token != NULL && pair->token->file == pair->last->file)
        k.session_token = pair->token->value.data;
    if ((s = check_parts(&k, &profile_names, IVS_E_CREDENTIALS, err)) !=
        IVS_OK) {
        ivs_error_context(err, "profile %.64s in %.80s", p->name, file);
        return s;
    }
    ivs_buf_printf(&source, "profile %s in %s", p->name, file);
    s = source.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials")
            : make(&k, source.data, ret, err);
    ivs_buf_free(&source);
    return s;
}

/* The profile's static keys. *ret stays as it was where it has none. */
static ivs_status
from_profile(const ivs_profile *p, ivs_credentials **ret, ivs_error *err)
{
    struct pair pair = {0};
    ivs_status s;

    if ((s = refuse_other_sources(p, err)) != IVS_OK)
        return s;
    pair.id = part(p, profile_names.access_key_id, &pair);
    pair.secret = part(p, profile_names.secret_access_key, &pair);
    pair.token = part(p, profile_names.session_token, &pair);
    if (pair.last == NULL)
        return IVS_OK;
    if (pair.id == NULL || pair.secret == NULL ||
        pair.id->file != pair.last->file ||
        pair.secret->file != pair.last->file)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s has a part of its keys in %.80s, "
                        "expected aws_access_key_id and aws_secret_access_key "
                        "there",
                        p->name, ivs_profile_file(p, pair.last));
    return make_from_pair(p, &pair, ret, err);
}

ivs_status
ivs_credentials_find(const ivs_profile_options *opt, ivs_credentials **ret,
                     ivs_error *err)
{
    ivs_credentials *found = NULL;
    ivs_profile profile = {0};
    ivs_status s;

    if (opt->profile == NULL) {
        s = from_environment(&opt->env, &found, err);
        if (s != IVS_OK || found != NULL)
            goto out;
    }
    if ((s = ivs_profile_load(opt, &profile, err)) != IVS_OK ||
        (s = from_profile(&profile, &found, err)) != IVS_OK)
        goto out;
    if (found == NULL)
        s = ivs_fail(
            err, IVS_E_CREDENTIALS,
            "no credentials: %s profile %.32s has no keys in %.60s "
            "and %.60s",
            opt->profile != NULL ? "the" : "AWS_ACCESS_KEY_ID is not set, and",
            profile.name, profile.credentials_file, profile.config_file);
out:
    ivs_profile_free(&profile);
    if (s == IVS_OK)
        *ret = found;
    return s;
}

void
ivs_credentials_options_init(ivs_credentials_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

ivs_status
ivs_credentials_default(const ivs_credentials_options *opt,
                        ivs_credentials **ret, ivs_error *err)
{
    ivs_credentials_options known = {0};
    ivs_profile_options where = {0};
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    if (opt != NULL &&
        (s = ivs_options_copy(&known, sizeof known, opt, err)) != IVS_OK)
        return s;
    where.profile = known.profile;
    where.config_file = known.config_file;
    where.credentials_file = known.credentials_file;
    return ivs_credentials_find(&where, ret, err);
}

ivs_status
ivs_credentials_static(const char *access_key_id, const char *secret_access_key,
                       const char *session_token, ivs_credentials **ret,
                       ivs_error *err)
{
    static const struct names names = {"access_key_id", "secret_access_key",
                                       "session_token"};
    const struct parts k = {access_key_id, secret_access_key, session_token};
    ivs_status s;

    if (access_key_id == NULL || *access_key_id == '\0')
        return ivs_fail_member(err, IVS_E_ARG, names.access_key_id,
                               "access_key_id is NULL or empty");
    if (secret_access_key == NULL || *secret_access_key == '\0')
        return ivs_fail_member(err, IVS_E_ARG, names.secret_access_key,
                               "secret_access_key is NULL or empty");
    if (session_token != NULL && *session_token == '\0')
        return ivs_fail_member(err, IVS_E_ARG, names.session_token,
                               "session_token is empty, expected NULL or a "
                               "token");
    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    if ((s = check_parts(&k, &names, IVS_E_ARG, err)) != IVS_OK)
        return s;
    return make(&k, "static", ret, err);
}

ivs_status
ivs_credentials_get(ivs_credentials *credentials, ivs_credentials_keys *ret,
                    ivs_error *err)
{
    const ivs_credentials_keys *k = &credentials->keys;
    const struct parts parts = {k->access_key_id.data,
                                k->secret_access_key.data,
                                k->session_token.data};

    return copy_keys(&parts, ret, err);
}

/* Every source of today has fixed keys. */
void
ivs_credentials_expire(ivs_credentials *credentials,
                       const ivs_credentials_keys *refused)
{
    (void)credentials, (void)refused;
}

/* Real keys and tokens have 40 characters and more; a word such as "test" in
 * their place is no secret and may be in any sentence. */
#define SECRET_MIN 16

static bool
is_in(const char *text, const ivs_buf *secret)
{
    return secret->len >= SECRET_MIN && strstr(text, secret->data) != NULL;
}

bool
ivs_credentials_are_in(ivs_credentials *credentials, const char *text)
{
    return is_in(text, &credentials->keys.secret_access_key) ||
           is_in(text, &credentials->keys.session_token);
}

void
ivs_credentials_keys_free(ivs_credentials_keys *keys)
{
    ivs_buf_free(&keys->access_key_id);
    ivs_buf_free(&keys->secret_access_key);
    ivs_buf_free(&keys->session_token);
}

const char *
ivs_credentials_source(const ivs_credentials *credentials)
{
    return credentials->source.data;
}

void
ivs_credentials_free(ivs_credentials *credentials)
{
    if (credentials == NULL)
        return;
    ivs_credentials_keys_free(&credentials->keys);
    ivs_buf_free(&credentials->source);
    free(credentials);
}
