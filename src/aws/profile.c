/* SPDX-License-Identifier: MIT */
/* Finding and reading the shared files, and one profile in them. */

#include "aws/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"

/* Far beyond any real file. */
#define FILE_MAX 1048576

/* What a name begins with that is to be looked for below HOME. */
#define HOME "~/"

const char *
ivs_environment_get(const ivs_environment *env, const char *name)
{
    const char *value =
        env->get == NULL ? getenv(name) : env->get(name, env->user);

    return value == NULL || *value == '\0' ? NULL : value;
}

/* The text of b as a string of its own. */
static ivs_status
take(ivs_buf *b, char **ret, ivs_error *err)
{
    char *text = ivs_buf_steal(b, NULL);

    if (text == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory reading a profile");
    *ret = text;
    return IVS_OK;
}

/* Where a file is: the option, the variable, or ~/.aws/. A leading ~/ is HOME;
 * without HOME it stays, and stands for no file. */
static ivs_status
locate(const char *option, const char *variable, const char *usual,
       const ivs_environment *env, char **ret, ivs_error *err)
{
    const char *home = ivs_environment_get(env, "HOME");
    const char *path = option;
    ivs_buf b = IVS_BUF_INIT;

    if (path == NULL)
        path = ivs_environment_get(env, variable);
    if (path == NULL)
        path = usual;
    if (strncmp(path, HOME, 2) == 0 && home != NULL) {
        ivs_buf_puts(&b, home);
        path++;
    }
    ivs_buf_puts(&b, path);
    return take(&b, ret, err);
}

static ivs_status
read_file(ivs_ini *ini, const char *path, ivs_ini_file file, ivs_error *err)
{
    ivs_buf text = IVS_BUF_SECRET;
    struct stat st;
    ivs_status s;

    if (strncmp(path, HOME, 2) == 0)
        return IVS_OK;
    if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return IVS_OK;
    s = ivs_file_read(path, FILE_MAX, &text, err);
    if (s == IVS_OK)
        s = ivs_ini_parse(ini, text.data, text.len, file, path, err);
    ivs_buf_free(&text);
    return s;
}

static bool
seen_before(const ivs_ini *ini, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (ini->sections[i].type == IVS_INI_PROFILE &&
            strcmp(ini->sections[i].name, ini->sections[index].name) == 0)
            return true;
    return false;
}

/* Of a list in a message; what comes after is left out. */
#define NAMES_MAX 120

/* The names of the first profiles, for a message. */
static void
list_profiles(const ivs_ini *ini, ivs_buf *ret)
{
    for (size_t i = 0; i < ini->nsections; i++) {
        if (ini->sections[i].type != IVS_INI_PROFILE || seen_before(ini, i))
            continue;
        ivs_buf_puts(ret, ret->len > 0 ? ", " : "");
        if (ret->len > NAMES_MAX) {
            ivs_buf_puts(ret, "...");
            return;
        }
        ivs_buf_puts(ret, ini->sections[i].name);
    }
    if (ret->len == 0)
        ivs_buf_puts(ret, "none");
}

static ivs_status
missing(const ivs_profile *p, ivs_error *err)
{
    ivs_buf names = IVS_BUF_INIT;
    ivs_status s;

    list_profiles(&p->ini, &names);
    s = ivs_fail(err, IVS_E_CREDENTIALS,
                 "no profile \"%.64s\" in the shared files%s; there are: %s",
                 p->name, ivs_profile_unread(p),
                 names.failed ? "" : names.data);
    ivs_buf_free(&names);
    return s;
}

ivs_status
ivs_profile_locate(const ivs_profile_options *opt, ivs_profile *ret,
                   ivs_error *err)
{
    const char *name = opt->profile;
    ivs_buf b = IVS_BUF_INIT;
    ivs_status s;

    if (name == NULL)
        name = ivs_environment_get(&opt->env, "AWS_PROFILE");
    ret->named = name != NULL;
    ivs_buf_puts(&b, name == NULL ? "default" : name);
    if ((s = take(&b, &ret->name, err)) != IVS_OK)
        return s;
    s = locate(opt->config_file, "AWS_CONFIG_FILE", "~/.aws/config", &opt->env,
               &ret->config_file, err);
    if (s != IVS_OK)
        return s;
    return locate(opt->credentials_file, "AWS_SHARED_CREDENTIALS_FILE",
                  "~/.aws/credentials", &opt->env, &ret->credentials_file, err);
}

ivs_status
ivs_profile_load(const ivs_profile_options *opt, ivs_profile *ret,
                 ivs_error *err)
{
    ivs_profile p = {0};
    ivs_status s;

    if ((s = ivs_profile_locate(opt, &p, err)) != IVS_OK)
        goto out;
    /* The credentials file comes second: what is read later wins. */
    if ((s = read_file(&p.ini, p.config_file, IVS_INI_CONFIG, err)) != IVS_OK)
        goto out;
    s = read_file(&p.ini, p.credentials_file, IVS_INI_CREDENTIALS, err);
    if (s != IVS_OK)
        goto out;
    if (p.named && !ivs_ini_has(&p.ini, IVS_INI_PROFILE, p.name)) {
        s = missing(&p, err);
        goto out;
    }
    *ret = p;
    p = (ivs_profile){0};
out:
    ivs_profile_free(&p);
    return s;
}

const ivs_ini_property *
ivs_profile_get(const ivs_profile *profile, const char *key)
{
    return ivs_ini_get(&profile->ini, IVS_INI_PROFILE, profile->name, key);
}

const char *
ivs_profile_file(const ivs_profile *profile, const ivs_ini_property *property)
{
    return property->file == IVS_INI_CONFIG ? profile->config_file
                                            : profile->credentials_file;
}

const char *
ivs_profile_unread(const ivs_profile *profile)
{
    return strncmp(profile->config_file, HOME, 2) == 0 ||
                   strncmp(profile->credentials_file, HOME, 2) == 0
               ? " (HOME is not set)"
               : "";
}

void
ivs_profile_free(ivs_profile *profile)
{
    free(profile->name);
    free(profile->config_file);
    free(profile->credentials_file);
    ivs_ini_free(&profile->ini);
    *profile = (ivs_profile){0};
}
