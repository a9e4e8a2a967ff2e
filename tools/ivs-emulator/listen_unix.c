/* SPDX-License-Identifier: MIT */
/* A Unix socket: who may have its place, who removes it. */

#define _GNU_SOURCE /* O_PATH */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#include "listen.h"

/* Nobody has a folder locked for longer than it takes to bind a socket. */
#define LOCK_MS 5000
#define LOOK_MS 10

static ivs_status
fail(ivs_error *err, const char *path, const char *why)
{
    return ivs_fail(err, IVS_E_IO, "cannot listen on %s: %s", path, why);
}

/* Nobody listens there: what a killed process has left goes. */
static ivs_status
clear_place(const struct sockaddr_un *address, ivs_error *err)
{
    const char *path = address->sun_path;
    struct stat file;
    int fd, error = 0;

    if (lstat(path, &file) != 0)
        return errno == ENOENT ? IVS_OK : fail(err, path, strerror(errno));
    if (!S_ISSOCK(file.st_mode))
        return fail(err, path, "there is a file that is no socket");
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(err, path, strerror(errno));
    /* EAGAIN: one who listens is busy. */
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        error = errno;
    (void)close(fd);
    if (error == 0 || error == EAGAIN)
        return fail(err, path, "another process listens there");
    if (error != ECONNREFUSED)
        return fail(err, path, strerror(error));
    return unlink(path) == 0 ? IVS_OK : fail(err, path, strerror(errno));
}

/* Nobody else's file has its number as long as it is open. */
static bool
keep_file(emu_listener *listener)
{
    listener->file = open(listener->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return listener->file >= 0;
}

/* The mode is set before there is a file. */
static ivs_status
open_socket(const struct sockaddr_un *address, emu_listener *ret,
            ivs_error *err)
{
    ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ret->fd >= 0 && fchmod(ret->fd, 0600) == 0 &&
        bind(ret->fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
        listen(ret->fd, SOMAXCONN) == 0 && keep_file(ret))
        return IVS_OK;
    (void)fail(err, address->sun_path, strerror(errno));
    if (ret->fd >= 0)
        (void)close(ret->fd);
    return IVS_E_IO;
}

/* The socket's folder, locked: who looks at a socket there and takes its place
 * is alone with that. -1: err says why. The lock goes with the descriptor. */
static int
lock_folder(const char *path, ivs_error *err)
{
    const char *slash = strrchr(path, '/');
    char folder[sizeof((struct sockaddr_un *)0)->sun_path] = ".";
    int64_t end = ivs_clock_monotonic_ms() + LOCK_MS;
    int fd;

    if (slash != NULL)
        (void)snprintf(folder, sizeof folder, "%.*s",
                       slash == path ? 1 : (int)(slash - path), path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        (void)ivs_fail(err, IVS_E_IO,
                       "cannot listen on %s: its folder cannot be read, which "
                       "locking it takes: %s",
                       path, strerror(errno));
        return -1;
    }
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || ivs_clock_monotonic_ms() > end) {
            (void)fail(err, path,
                       errno == EWOULDBLOCK ? "another process has its folder "
                                              "locked"
                                            : strerror(errno));
            (void)close(fd);
            return -1;
        }
        ivs_clock_sleep_ms(LOOK_MS);
    }
    return fd;
}

ivs_status
emu_listen_unix(const char *path, const char *scheme, emu_listener *ret,
                ivs_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    ivs_status s;
    int lock;

    if (strlen(path) >= sizeof address.sun_path)
        return ivs_fail(err, IVS_E_IO,
                        "the path of the socket has %zu bytes, expected at "
                        "most %zu",
                        strlen(path), sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    *ret = (emu_listener){.loopback = true, .path = path};
    (void)snprintf(ret->url, sizeof ret->url, "%s://localhost", scheme);
    if ((lock = lock_folder(path, err)) < 0)
        return IVS_E_IO;
    if ((s = clear_place(&address, err)) == IVS_OK)
        s = open_socket(&address, ret, err);
    (void)close(lock);
    return s;
}

/* Also alone with the place, for another may be about to take it. */
void
emu_listener_end(const emu_listener *listener)
{
    struct stat there, ours;
    int lock;

    if (listener->path == NULL)
        return;
    lock = lock_folder(listener->path, NULL);
    if (lock >= 0 && lstat(listener->path, &there) == 0 &&
        fstat(listener->file, &ours) == 0 && there.st_dev == ours.st_dev &&
        there.st_ino == ours.st_ino)
        (void)unlink(listener->path);
    if (lock >= 0)
        (void)close(lock);
    (void)close(listener->file);
}
