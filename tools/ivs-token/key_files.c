/* SPDX-License-Identifier: MIT */
/* The keys in a directory, found by their fingerprints. */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pairs.h"

void
key_files_free(struct key_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        free(files->v[i].private_file);
        free(files->v[i].public_file);
    }
    free(files->v);
    *files = (struct key_files){0};
}

static size_t
place(const struct key_files *files, const char *fingerprint)
{
    size_t i = 0;

    while (i < files->n && strcmp(files->v[i].fingerprint, fingerprint) != 0)
        i++;
    return i;
}

const struct key_file *
key_files_find(const struct key_files *files, const char *fingerprint)
{
    size_t i = place(files, fingerprint);

    return i < files->n ? &files->v[i] : NULL;
}

const char *
key_files_name(const struct key_files *files, const char *fingerprint)
{
    const struct key_file *file = key_files_find(files, fingerprint);

    if (file == NULL)
        return "-";
    return file->private_file != NULL ? file->private_file : file->public_file;
}

/* Takes the path. */
static bool
add(struct key_files *files, const char *fingerprint, bool is_private,
    char *path)
{
    size_t i = place(files, fingerprint);
    char **kept;

    if (i == files->n) {
        struct key_file *grown = realloc(files->v, (i + 1) * sizeof *files->v);

        if (grown == NULL) {
            free(path);
            return false;
        }
        files->v = grown;
        files->v[files->n++] = (struct key_file){0};
        memcpy(files->v[i].fingerprint, fingerprint, IVS_FINGERPRINT_SIZE);
    }
    kept = is_private ? &files->v[i].private_file : &files->v[i].public_file;
    if (*kept == NULL)
        *kept = path;
    else
        free(path);
    return true;
}

/* Look into one file. A key that is encrypted is worth a word, all else that is
 * no key of ours is not. */
static int
look(struct cli *c, const ivs_key_options *opt, char *path,
     struct key_files *files)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_key *key = NULL;
    ivs_error err = {0};
    struct stat st;
    int code = CLI_OK;
    ivs_status s;

    /* Opening a pipe would wait for its other end. */
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        goto out;
    s = ivs_key_load(path, opt, &key, &err);
    if (s == IVS_OK)
        s = ivs_key_fingerprint(key, fingerprint, &err);
    if (s == IVS_E_IO ||
        (s == IVS_E_KEY && strstr(err.message, "passphrase") != NULL))
        notice(c, "%s", err.message);
    else if (s == IVS_E_NOMEM || s == IVS_E_CRYPTO)
        code = fail_error(c, &err);
    if (s != IVS_OK)
        goto out;
    if (!add(files, fingerprint, ivs_key_has_private(key), path))
        code = fail(c, CLI_FAILED, "out of memory reading keys");
    path = NULL;
out:
    ivs_key_free(key);
    free(path);
    return code;
}

static char *
join(const char *dir, const char *name)
{
    size_t len = strlen(dir), room = len + strlen(name) + 2;
    const char *slash = dir[len - 1] == '/' ? "" : "/";
    char *path = malloc(room);

    if (path != NULL)
        (void)snprintf(path, room, "%s%s%s", dir, slash, name);
    return path;
}

int
key_files_read(struct cli *c, const char *dir, struct key_files *ret)
{
    struct dirent **entries = NULL;
    ivs_key_options opt;
    int code = input_key_options(c, &opt), n;

    if (code != CLI_OK)
        return code;
    n = scandir(dir, &entries, NULL, alphasort);
    if (n < 0)
        return fail(c, CLI_FAILED, "cannot read the directory %s: %s", dir,
                    strerror(errno));
    for (int i = 0; i < n; i++) {
        char *path = code == CLI_OK ? join(dir, entries[i]->d_name) : NULL;

        if (path != NULL)
            code = look(c, &opt, path, ret);
        else if (code == CLI_OK)
            code = fail(c, CLI_FAILED, "out of memory reading keys");
        free(entries[i]);
    }
    free(entries);
    return code;
}
