/* SPDX-License-Identifier: MIT */
/* Reading whole files and creating durable ones. */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"

static ivs_status
read_all(int fd, const char *path, size_t max, ivs_buf *ret, ivs_error *err)
{
    size_t start = ret->len;

    for (;;) {
        ssize_t n;

        if (!ivs_buf_reserve(ret, 4096))
            return ivs_fail(err, IVS_E_NOMEM, "out of memory reading %s", path);
        n = read(fd, ret->data + ret->len, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ivs_fail(err, IVS_E_IO, "cannot read %s: %s", path,
                            strerror(errno));
        if (n == 0)
            break;
        ret->len += (size_t)n;
        if (ret->len - start > max)
            return ivs_fail(err, IVS_E_IO,
                            "%s is longer than the %zu bytes expected at most",
                            path, max);
    }
    ret->data[ret->len] = '\0';
    return IVS_OK;
}

ivs_status
ivs_file_read(const char *path, size_t max, ivs_buf *ret, ivs_error *err)
{
    ivs_status s;
    int fd;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ivs_fail(err, IVS_E_IO, "cannot open %s: %s", path,
                        strerror(errno));
    s = read_all(fd, path, max, ret, err);
    (void)close(fd);
    return s;
}

static bool
write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* The directory of a path, as an open descriptor. */
static int
open_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir;
    int fd;

    if (slash == NULL)
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    dir = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (dir == NULL)
        return -1;
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(dir);
    return fd;
}

/* Write, sync and name the file. On failure errno says why. */
static bool
create_in(int dir, const char *temp, const char *name, bool replace,
          const void *data, size_t len, mode_t mode)
{
    bool ok = false;
    int saved, fd;

    fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                mode);
    if (fd < 0)
        return false;
    ok = write_all(fd, data, len) && fsync(fd) == 0;
    saved = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        saved = errno;
    }
    /* link() never replaces a file, unlike rename(). */
    if (ok && (replace ? renameat(dir, temp, dir, name)
                       : linkat(dir, temp, dir, name, 0)) != 0) {
        ok = false;
        saved = errno;
    }
    (void)unlinkat(dir, temp, 0);
    if (ok && fsync(dir) != 0) {
        ok = false;
        saved = errno;
        if (!replace)
            (void)unlinkat(dir, name, 0);
    }
    errno = saved;
    return ok;
}

static ivs_status
write_file(const char *path, bool replace, const void *data, size_t len,
           mode_t mode, ivs_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char temp[] = ".ivs-token-0123456789abcdef";
    ivs_status s = IVS_OK;
    unsigned char salt[8];
    struct stat st;
    int dir;

    if (*name == '\0')
        return ivs_fail(err, IVS_E_IO, "cannot create %s: not a file name",
                        path);
    dir = open_parent(path);
    if (dir < 0)
        return ivs_fail(err, IVS_E_IO, "cannot create %s: %s", path,
                        strerror(errno));
    if (!ivs_random(salt, sizeof salt)) {
        s = ivs_fail(err, IVS_E_CRYPTO, "no random bytes for %s", path);
        goto out;
    }
    ivs_hex(salt, sizeof salt, temp + strlen(temp) - 2 * sizeof salt);
    if (!replace && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        s = ivs_fail(err, IVS_E_IO,
                     "%s exists already; it is never overwritten", path);
        goto out;
    }
    if (!create_in(dir, temp, name, replace, data, len, mode))
        s = errno == EEXIST
                ? ivs_fail(err, IVS_E_IO,
                           "%s exists already; it is never overwritten", path)
                : ivs_fail(err, IVS_E_IO, "cannot create %s: %s", path,
                           strerror(errno));
out:
    (void)close(dir);
    return s;
}

ivs_status
ivs_file_create(const char *path, const void *data, size_t len, mode_t mode,
                ivs_error *err)
{
    return write_file(path, false, data, len, mode, err);
}

ivs_status
ivs_file_replace(const char *path, const void *data, size_t len, mode_t mode,
                 ivs_error *err)
{
    return write_file(path, true, data, len, mode, err);
}
