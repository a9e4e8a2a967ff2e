/* SPDX-License-Identifier: MIT */
/* The file that a rotation is recorded in: FILE.rotation beside the new key.
 * It is locked while a run lives, and replaced as a whole. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rotate.h"

#define SUFFIX     ".rotation"
#define NEW_SUFFIX ".new"

static char *
join(const char *path, const char *suffix)
{
    size_t room = strlen(path) + strlen(suffix) + 1;
    char *joined = malloc(room);

    if (joined != NULL)
        (void)snprintf(joined, room, "%s%s", path, suffix);
    return joined;
}

static int
cannot(struct cli *c, const char *what, const char *path)
{
    return fail(c, CLI_FAILED, "cannot %s the rotation file %s: %s", what, path,
                strerror(errno));
}

/* ---- open ---- */

/* Whether the name still stands for the file that is locked: another run
 * replaces it. */
static bool
is_named(const struct rotate_file *file)
{
    struct stat by_name, by_fd;

    return lstat(file->path, &by_name) == 0 && fstat(file->fd, &by_fd) == 0 &&
           by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

static int
lock(struct cli *c, const struct rotate_file *file)
{
    bool locked = flock(file->fd, LOCK_EX | LOCK_NB) == 0;

    if (!locked && errno != EWOULDBLOCK)
        return cannot(c, "lock", file->path);
    if (locked && is_named(file))
        return CLI_OK;
    return fail(c, CLI_FAILED,
                "the rotation file %s is in use by another run; let that end, "
                "or end it, and run the same command again",
                file->path);
}

static int
check_out_free(struct cli *c, const char *out)
{
    struct stat st;

    if (lstat(out, &st) == 0)
        return fail(c, CLI_FAILED,
                    "%s exists already, and no rotation to it is recorded; a "
                    "key file is never overwritten",
                    out);
    return errno == ENOENT ? CLI_OK
                           : fail(c, CLI_FAILED, "cannot create %s: %s", out,
                                  strerror(errno));
}

static int
open_file(struct cli *c, const char *out, bool look, struct rotate_file *file)
{
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    struct stat st;
    int code;

    file->fd = open(file->path, flags | (look ? O_RDONLY : O_RDWR));
    if (file->fd < 0 && errno == ENOENT) {
        if ((code = check_out_free(c, out)) != CLI_OK || look)
            return code;
        file->fd = open(file->path, flags | O_RDWR | O_CREAT | O_EXCL,
                        S_IRUSR | S_IWUSR);
        file->made = file->fd >= 0;
    }
    if (file->fd < 0)
        return cannot(c, "open", file->path);
    if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fail(c, CLI_FAILED,
                    "%s is not a file, as a rotation file has to be",
                    file->path);
    return look ? CLI_OK : lock(c, file);
}

static int
damaged(struct cli *c, const char *path, const char *what, const char *out)
{
    (void)fail(c, CLI_FAILED, "the rotation file %s is damaged: %s", path,
               what);
    hint("see with ivs-token key match --key %s whether the new key was "
         "imported; finish with key import and key delete, or remove both "
         "files and begin again",
         out);
    return CLI_FAILED;
}

static int
read_file(struct cli *c, const char *out, const struct rotate_file *file,
          struct rotation *ret)
{
    char text[ROTATE_TEXT_MAX + 1];
    size_t len = 0;
    const char *wrong;
    ssize_t n = 1;

    while (n > 0 && len < sizeof text) {
        n = pread(file->fd, text + len, sizeof text - len, (off_t)len);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            return cannot(c, "read", file->path);
        else
            len += (size_t)n;
    }
    /* Made by a run that did not get any further. */
    if (len == 0)
        return check_out_free(c, out);
    wrong = len > ROTATE_TEXT_MAX ? "it is too long"
                                  : rotate_decode(text, len, ret);
    if (json_memory_failed())
        return fail(c, CLI_FAILED, "out of memory reading %s", file->path);
    return wrong == NULL ? CLI_OK : damaged(c, file->path, wrong, out);
}

int
rotate_file_open(struct cli *c, const char *out, bool look,
                 struct rotate_file *ret, struct rotation *ret_rotation)
{
    int code;

    ret->fd = -1;
    ret->path = join(out, SUFFIX);
    if (ret->path == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    code = open_file(c, out, look, ret);
    if (code != CLI_OK || ret->fd < 0)
        return code;
    return read_file(c, out, ret, ret_rotation);
}

void
rotate_file_close(struct rotate_file *file)
{
    struct stat st;

    /* One that we made and wrote nothing to is of no use to anybody. */
    if (file->made && fstat(file->fd, &st) == 0 && st.st_size == 0 &&
        is_named(file))
        (void)unlink(file->path);
    if (file->path != NULL && file->fd >= 0)
        (void)close(file->fd);
    free(file->path);
}

/* ---- write ---- */

static bool
write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno != EINTR)
            return false;
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool
sync_dir(char *path)
{
    char *slash = strrchr(path, '/');
    int fd;
    bool good;

    if (slash != NULL)
        slash[slash == path] = '\0';
    fd = open(slash != NULL ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* The new file is locked before it has the name, so that the name is never
 * that of an unlocked one. `temp` is cut. */
static bool
replace(struct rotate_file *file, char *temp, const char *text)
{
    int fd;

    /* What a killed run left; the lock is ours. */
    (void)unlink(temp);
    fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return false;
    if (!write_all(fd, text, strlen(text)) || !write_all(fd, "\n", 1) ||
        fsync(fd) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 ||
        rename(temp, file->path) != 0) {
        int saved = errno;

        (void)close(fd);
        (void)unlink(temp);
        errno = saved;
        return false;
    }
    (void)close(file->fd);
    file->fd = fd;
    return sync_dir(temp);
}

int
rotate_file_write(struct cli *c, struct rotate_file *file,
                  const struct rotation *r)
{
    char *text = rotate_encode(r), *temp = join(file->path, NEW_SUFFIX);
    int code = CLI_OK;

    if (text == NULL || temp == NULL)
        code = fail(c, CLI_FAILED, "out of memory");
    signals_hold(true);
    if (code == CLI_OK && !replace(file, temp, text))
        code = cannot(c, "write", file->path);
    signals_hold(false);
    free(text);
    free(temp);
    return code;
}
