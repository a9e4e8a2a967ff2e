/* SPDX-License-Identifier: MIT */
/* Keys that stand somewhere as they are: the environment, a shared file, the
 * caller's. */

#include <string.h>

#include "aws/credentials_provider.h"
#include "base/error.h"
#include "base/time.h"

struct fixed {
    ivs_provider base;
    ivs_provided keys;
};

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    const ivs_provided *p = &((struct fixed *)self)->keys;
    const ivs_key_parts parts = {p->keys.access_key_id.data,
                                 p->keys.secret_access_key.data,
                                 p->keys.session_token.data};

    ret->expires_s = p->expires_s;
    return ivs_key_parts_copy(&parts, &ret->keys, err);
}

static void
release(ivs_provider *self)
{
    ivs_credentials_keys_free(&((struct fixed *)self)->keys.keys);
}

ivs_status
ivs_source_fixed(const char *name, const ivs_key_parts *parts,
                 int64_t expires_s, ivs_provider **ret, ivs_error *err)
{
    ivs_buf text = IVS_BUF_INIT;
    struct fixed *f;
    ivs_status s;

    ivs_buf_puts(&text, name);
    if ((f = ivs_provider_new(sizeof *f, &text, err)) == NULL)
        return IVS_E_NOMEM;
    f->base.fetch = fetch;
    f->base.release = release;
    f->base.fixed = expires_s == IVS_NEVER;
    f->keys.expires_s = expires_s;
    s = ivs_key_parts_copy(parts, &f->keys.keys, err);
    if (s == IVS_OK)
        *ret = &f->base;
    else
        ivs_provider_free(&f->base);
    return s;
}

/* ---- environment ---- */

static ivs_status
read_expiration(const ivs_environment *env, int64_t *ret, ivs_error *err)
{
    const char *text = ivs_environment_get(env, "AWS_CREDENTIAL_EXPIRATION");

    *ret = IVS_NEVER;
    if (text == NULL || ivs_time_parse(text, strlen(text), ret))
        return IVS_OK;
    return ivs_fail(err, IVS_E_CREDENTIALS,
                    "environment: AWS_CREDENTIAL_EXPIRATION is \"%.40s\", "
                    "expected a time such as 2026-11-23T05:30:00Z",
                    text);
}

ivs_status
ivs_source_environment(const ivs_source_place *at, ivs_provider **ret,
                       ivs_error *err)
{
    /* The older name of the token comes first, as in botocore. */
    bool older = ivs_environment_get(at->env, "AWS_SECURITY_TOKEN") != NULL;
    const ivs_key_names names = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                 older ? "AWS_SECURITY_TOKEN"
                                       : "AWS_SESSION_TOKEN"};
    const ivs_key_parts k = {
        ivs_environment_get(at->env, names.access_key_id),
        ivs_environment_get(at->env, names.secret_access_key),
        ivs_environment_get(at->env, names.session_token)};
    int64_t expires_s;
    ivs_status s;

    if (k.access_key_id == NULL && k.secret_access_key == NULL) {
        ivs_buf_puts(at->why, "AWS_ACCESS_KEY_ID is not set");
        return IVS_OK;
    }
    if (k.access_key_id == NULL || k.secret_access_key == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "environment: %s is set and %s is not, expected both",
                        k.access_key_id != NULL ? names.access_key_id
                                                : names.secret_access_key,
                        k.access_key_id == NULL ? names.access_key_id
                                                : names.secret_access_key);
    if ((s = ivs_key_parts_check(&k, &names, IVS_E_CREDENTIALS, err)) !=
        IVS_OK) {
        ivs_error_context(err, "environment");
        return s;
    }
    if ((s = read_expiration(at->env, &expires_s, err)) != IVS_OK)
        return s;
    return ivs_source_fixed("environment", &k, expires_s, ret, err);
}

/* ---- shared files ---- */

static const ivs_key_names names = {
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token"};

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

static struct pair
find_pair(const ivs_profile *p)
{
    struct pair pair = {0};

    pair.id = part(p, names.access_key_id, &pair);
    pair.secret = part(p, names.secret_access_key, &pair);
    pair.token = part(p, names.session_token, &pair);
    return pair;
}

static ivs_status
make_from_pair(const ivs_profile *p, const struct pair *pair,
               ivs_provider **ret, ivs_error *err)
{
    ivs_key_parts k = {pair->id->value.data, pair->secret->value.data, NULL};
    const char *file = ivs_profile_file(p, pair->last);
    ivs_buf name = IVS_BUF_INIT;
    ivs_status s;

    if (pair->token != NULL && pair->token->file == pair->last->file)
        k.session_token = pair->token->value.data;
    if ((s = ivs_key_parts_check(&k, &names, IVS_E_CREDENTIALS, err)) !=
        IVS_OK) {
        ivs_error_context(err, "profile %.64s in %.80s", p->name, file);
        return s;
    }
    ivs_buf_printf(&name, "profile %s in %s", p->name, file);
    s = name.failed
            ? ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials")
            : ivs_source_fixed(name.data, &k, IVS_NEVER, ret, err);
    ivs_buf_free(&name);
    return s;
}

/* The pair, where it is in a file that counts. */
static ivs_status
from_profile(const ivs_source_place *at, bool config, bool credentials,
             ivs_provider **ret, ivs_error *err)
{
    const ivs_profile *p = at->profile;
    struct pair pair = find_pair(p);

    if (pair.last == NULL ||
        !(pair.last->file == IVS_INI_CONFIG ? config : credentials)) {
        ivs_buf_printf(at->why, "profile %s has no keys in %s%s", p->name,
                       credentials ? p->credentials_file : p->config_file,
                       ivs_profile_unread(p));
        return IVS_OK;
    }
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
ivs_source_keys(const ivs_source_place *at, ivs_provider **ret, ivs_error *err)
{
    return from_profile(at, true, true, ret, err);
}

ivs_status
ivs_source_keys_of_config(const ivs_source_place *at, ivs_provider **ret,
                          ivs_error *err)
{
    return from_profile(at, true, false, ret, err);
}

ivs_status
ivs_source_keys_of_credentials(const ivs_source_place *at, ivs_provider **ret,
                               ivs_error *err)
{
    return from_profile(at, false, true, ret, err);
}
