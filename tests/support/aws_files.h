/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_AWS_FILES_H
#define IVS_TEST_AWS_FILES_H

/* A home directory with shared AWS files, and an environment to go with it. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/profile.h"
#include "support/test.h"

struct aws_files {
    char home[64];
    const char *const *env; /* "NAME=value", NULL at the end, or NULL */
};

static inline void
aws_files_write(const struct aws_files *f, const char *name, const char *text)
{
    char path[128];
    FILE *out;

    (void)snprintf(path, sizeof path, "%s/.aws/%s", f->home, name);
    out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/* NULL: no such file. */
static inline void
aws_files_make(struct aws_files *f, const char *config, const char *credentials)
{
    char path[128];

    (void)strcpy(f->home, "/tmp/ivs-test-XXXXXX");
    assert_non_null(mkdtemp(f->home));
    (void)snprintf(path, sizeof path, "%s/.aws", f->home);
    assert_int_equal(mkdir(path, 0700), 0);
    if (config != NULL)
        aws_files_write(f, "config", config);
    if (credentials != NULL)
        aws_files_write(f, "credentials", credentials);
}

static inline void
aws_files_remove(const struct aws_files *f)
{
    static const char *const names[] = {"/.aws/config", "/.aws/credentials",
                                        "/.aws", ""};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s%s", f->home, names[i]);
        if (unlink(path) != 0)
            (void)rmdir(path);
    }
    assert_int_not_equal(access(f->home, F_OK), 0);
}

static inline const char *
aws_files_getenv(const char *name, void *user)
{
    const struct aws_files *f = user;
    size_t n = strlen(name);

    for (size_t i = 0; f->env != NULL && f->env[i] != NULL; i++)
        if (strncmp(f->env[i], name, n) == 0 && f->env[i][n] == '=')
            return f->env[i] + n + 1;
    return strcmp(name, "HOME") == 0 ? f->home : NULL;
}

#endif
