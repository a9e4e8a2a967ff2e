/* SPDX-License-Identifier: MIT */
/* Preloaded into a command: a disk that fails, or that loses its power. Only
 * regular files count, and directories for fsync.
 *
 *   PRELOAD_FAIL=CALL:N:ERROR   the N-th call of pwrite, write, fsync (with
 *                               fdatasync), ftruncate, rename or unlink fails
 *                               with EIO, ENOSPC or EROFS; with N+ all from it
 *                               on; say so where it came to that
 *   PRELOAD_CUT=N:SEED          before the N-th fsync takes effect the power
 *                               goes: of what was not synced before, some is
 *                               undone, by SEED; 0 undoes everything
 */

#include "preload_disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);
EXPORT ssize_t write(int fd, const void *data, size_t len);
EXPORT int ftruncate64(int fd, off64_t len);
EXPORT int fsync(int fd);
EXPORT int fdatasync(int fd);
EXPORT int unlink(const char *path);

/* The next function of that name, into a pointer of any type. */
#define NEXT(pointer, name)                                                    \
    do {                                                                       \
        void *found = dlsym(RTLD_NEXT, name);                                  \
        if (found == NULL)                                                     \
            abort();                                                           \
        memcpy(&(pointer), &found, sizeof(pointer));                           \
    } while (0)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char fail_call[16];
static long fail_at, cut_at;
static bool fail_on;
static int fail_errno;
static uint64_t seed;

__attribute__((constructor)) static void
read_wishes(void)
{
    const char *fail = getenv("PRELOAD_FAIL"), *cut = getenv("PRELOAD_CUT");
    char error[8] = "", plus[2] = "";
    long from = 0;

    if (fail != NULL &&
        (sscanf(fail, "%15[a-z]:%ld:%7s", fail_call, &fail_at, error) == 3 ||
         sscanf(fail, "%15[a-z]:%ld%1[+]:%7s", fail_call, &fail_at, plus,
                error) == 4)) {
        fail_on = plus[0] != '\0';
        fail_errno = strcmp(error, "EIO") == 0      ? EIO
                     : strcmp(error, "ENOSPC") == 0 ? ENOSPC
                                                    : EROFS;
    }
    if (cut != NULL && sscanf(cut, "%ld:%ld", &cut_at, &from) == 2)
        seed = (uint64_t)from;
}

static bool
is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

bool
disk_fails(const char *call)
{
    static const char text[] = "preload: the disk failed\n";
    ssize_t (*real)(int, const void *, size_t);
    bool fails;

    if (strcmp(call, fail_call) != 0)
        return false;
    (void)pthread_mutex_lock(&lock);
    fail_at--;
    fails = fail_at == 0 || (fail_at < 0 && fail_on);
    (void)pthread_mutex_unlock(&lock);
    if (!fails)
        return false;
    NEXT(real, "write");
    (void)!real(STDERR_FILENO, text, sizeof text - 1);
    errno = fail_errno;
    return true;
}

/* ---- what is not on the disk yet ---- */

enum kind { WRITTEN, CUT_OFF, UNLINKED };

static struct change {
    enum kind kind;
    int fd; /* a copy of the file's own */
    ino_t ino;
    off64_t at, had_size, has_size;
    size_t old_len, new_len;
    char *old, *new;
    char *path; /* of what was unlinked; it has another name until then */
    char *kept;
} changes[8192];
static size_t nchanges;

static char *
copy(const void *data, size_t len)
{
    char *copied = malloc(len + 1);

    if (copied == NULL)
        abort();
    memcpy(copied, data, len);
    copied[len] = '\0';
    return copied;
}

/* Note the bytes from `at` on, before they are changed. */
static struct change *
note(enum kind kind, int fd, off64_t at, size_t len)
{
    struct change *c = &changes[nchanges];
    struct stat st;
    ssize_t n;

    if (nchanges == sizeof changes / sizeof *changes || fstat(fd, &st) != 0)
        abort();
    *c = (struct change){.kind = kind,
                         .fd = fcntl(fd, F_DUPFD_CLOEXEC, 100),
                         .ino = st.st_ino,
                         .at = at,
                         .had_size = st.st_size,
                         .old = malloc(len + 1)};
    if (c->fd < 0 || c->old == NULL)
        abort();
    n = pread64(fd, c->old, len, at);
    c->old_len = n > 0 ? (size_t)n : 0;
    nchanges++;
    return c;
}

/* All of a file is on the disk. */
static void
synced(int fd)
{
    struct stat st;
    int (*real)(const char *);
    size_t left = 0;

    NEXT(real, "unlink");
    if (fstat(fd, &st) != 0)
        return;
    for (size_t i = nchanges; i > 0; i--) {
        struct change *c = &changes[i - 1];

        if (c->kind == UNLINKED && S_ISDIR(st.st_mode))
            (void)real(c->kept);
        else if (c->kind == UNLINKED || c->ino != st.st_ino)
            continue;
        /* Its descriptor stays open: closing one drops the file's locks. */
        c->fd = -1;
    }
    for (size_t i = 0; i < nchanges; i++)
        if (changes[i].fd >= 0)
            changes[left++] = changes[i];
    nchanges = left;
}

/* splitmix64 */
static bool
coin(void)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((z ^ (z >> 31)) & 1) != 0;
}

static void
redo(const struct change *c)
{
    int (*cut_off)(int, off64_t);
    ssize_t (*put)(int, const void *, size_t, off64_t);

    NEXT(cut_off, "ftruncate64");
    NEXT(put, "pwrite64");
    if (c->kind == CUT_OFF)
        (void)!cut_off(c->fd, c->at);
    else if (c->kind == WRITTEN)
        (void)!put(c->fd, c->new, c->new_len, c->at);
}

/* The power goes. */
static void
cut(void)
{
    int (*cut_off)(int, off64_t);
    ssize_t (*put)(int, const void *, size_t, off64_t);
    bool some = seed != 0;

    NEXT(cut_off, "ftruncate64");
    NEXT(put, "pwrite64");
    for (size_t i = nchanges; i > 0; i--) {
        const struct change *c = &changes[i - 1];

        if (c->kind == UNLINKED) {
            if (!some || coin())
                (void)rename(c->kept, c->path);
            continue;
        }
        (void)!put(c->fd, c->old, c->old_len, c->at);
        (void)!cut_off(c->fd, c->had_size);
    }
    for (size_t i = 0; i < nchanges && some; i++)
        if (coin())
            redo(&changes[i]);
    (void)raise(SIGKILL);
}

/* ---- calls ---- */

static ssize_t
put_at(int fd, const void *data, size_t len, off64_t at)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);
    ssize_t n;

    NEXT(real, "pwrite64");
    (void)pthread_mutex_lock(&lock);
    if (cut_at > 0 && is_file(fd)) {
        struct change *c = note(WRITTEN, fd, at, len);

        c->new = copy(data, len);
        c->new_len = len;
    }
    n = real(fd, data, len, at);
    (void)pthread_mutex_unlock(&lock);
    return n;
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    return is_file(fd) && disk_fails("pwrite") ? -1 : put_at(fd, data, len, at);
}

ssize_t
write(int fd, const void *data, size_t len)
{
    ssize_t (*real)(int, const void *, size_t);

    NEXT(real, "write");
    return is_file(fd) && fd > STDERR_FILENO && disk_fails("write")
               ? -1
               : real(fd, data, len);
}

int
ftruncate64(int fd, off64_t len)
{
    int (*real)(int, off64_t);
    struct stat st;
    int done;

    NEXT(real, "ftruncate64");
    if (disk_fails("ftruncate"))
        return -1;
    (void)pthread_mutex_lock(&lock);
    if (cut_at > 0 && fstat(fd, &st) == 0)
        (void)note(CUT_OFF, fd, len,
                   st.st_size > len ? (size_t)(st.st_size - len) : 0);
    done = real(fd, len);
    (void)pthread_mutex_unlock(&lock);
    return done;
}

static int
sync_file(int fd, const char *name)
{
    int (*real)(int);
    int done;

    NEXT(real, name);
    if (disk_fails("fsync"))
        return -1;
    (void)pthread_mutex_lock(&lock);
    if (cut_at > 0 && --cut_at == 0)
        cut();
    done = real(fd);
    synced(fd);
    (void)pthread_mutex_unlock(&lock);
    return done;
}

int
fsync(int fd)
{
    return sync_file(fd, "fsync");
}

int
fdatasync(int fd)
{
    return sync_file(fd, "fdatasync");
}

int
unlink(const char *path)
{
    int (*real)(const char *);
    int done;

    NEXT(real, "unlink");
    if (disk_fails("unlink"))
        return -1;
    if (cut_at == 0)
        return real(path);
    (void)pthread_mutex_lock(&lock);
    if (nchanges == sizeof changes / sizeof *changes)
        abort();
    changes[nchanges] = (struct change){.kind = UNLINKED,
                                        .path = copy(path, strlen(path)),
                                        .kept = malloc(strlen(path) + 32)};
    if (changes[nchanges].kept == NULL)
        abort();
    (void)sprintf(changes[nchanges].kept, "%s.gone%zu", path, nchanges);
    done = rename(path, changes[nchanges].kept);
    nchanges += done == 0;
    (void)pthread_mutex_unlock(&lock);
    return done;
}
