/* SPDX-License-Identifier: MIT */
/* The latest segments of a rendition. */

#define _GNU_SOURCE /* mkostemp */

#include "media_window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

static bool
write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

int
emu_media_file(const char *dir, const char *data, size_t len)
{
    ivs_buf path = IVS_BUF_INIT;
    int fd = -1, cause = ENOMEM;

    ivs_buf_printf(&path, "%s/ivs-emulator-XXXXXX", dir);
    if (path.failed)
        goto out;
    fd = mkostemp(path.data, O_CLOEXEC);
    if (fd >= 0 && (unlink(path.data) != 0 || !write_all(fd, data, len))) {
        cause = errno;
        (void)close(fd);
        fd = -1;
    } else {
        cause = errno;
    }
out:
    ivs_buf_free(&path);
    errno = cause;
    return fd;
}

void
emu_media_window_add(emu_media_window *window, const emu_media_segment *segment)
{
    emu_media_segment *at = &window->segments[window->end % EMU_WINDOW_KEPT];

    if (window->end >= EMU_WINDOW_KEPT)
        (void)close(at->fd);
    *at = *segment;
    window->end++;
}

const emu_media_segment *
emu_media_window_get(const emu_media_window *window, int64_t n)
{
    if (n < 0 || n >= window->end || n < window->end - EMU_WINDOW_KEPT)
        return NULL;
    return &window->segments[n % EMU_WINDOW_KEPT];
}

void
emu_media_window_clear(emu_media_window *window)
{
    for (int64_t n = window->end - EMU_WINDOW_KEPT; n < window->end; n++)
        if (n >= 0)
            (void)close(window->segments[n % EMU_WINDOW_KEPT].fd);
    window->end = 0;
}
