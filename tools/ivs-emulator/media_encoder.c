/* SPDX-License-Identifier: MIT */
/* The child: no input, no environment but what it needs, its outputs in pipes,
 * a process group of its own. */

#define _GNU_SOURCE /* pipe2, close_range */

#include "media_encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

/* Descriptors of the child's are moved up here first, so that none of them is
 * in the place of another. */
#define ABOVE (EMU_ENCODER_OUT + EMU_RENDITIONS)

/* How long looking into a file may take. */
#define PROBE_MS 10000

char *
emu_encoder_find(void)
{
    const char *path = getenv("PATH");

    for (size_t len; path != NULL && *path != '\0'; path += len) {
        ivs_buf b = IVS_BUF_INIT;

        len = strcspn(path, ":");
        if (*path == '/') {
            ivs_buf_append(&b, path, len);
            ivs_buf_puts(&b, "/ffmpeg");
            if (!b.failed && access(b.data, X_OK) == 0)
                return ivs_buf_steal(&b, NULL);
            ivs_buf_free(&b);
        }
        len += path[len] == ':';
    }
    return NULL;
}

/* The child's side of things: in, outs, log. */
struct files {
    int in;
    int null;
    int log;
    int outs[EMU_RENDITIONS]; /* close together */
    int nouts;
};

/* After fork() of a program with threads: nothing but system calls. */
static _Noreturn void
become(const char *program, char *const *arguments, const struct files *files,
       pid_t parent)
{
    static char locale[] = "LC_ALL=C";
    char *const environment[] = {locale, NULL};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;
    bool ready;

    (void)sigemptyset(&none);
    (void)sigaction(SIGPIPE, &action, NULL);
    ready = sigprocmask(SIG_SETMASK, &none, NULL) == 0 && setpgid(0, 0) == 0 &&
            prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
            dup2(files->null, STDIN_FILENO) >= 0 &&
            dup2(files->null, STDOUT_FILENO) >= 0 &&
            dup2(files->log, STDERR_FILENO) >= 0 &&
            dup2(files->in, EMU_ENCODER_IN) >= 0;
    for (int i = 0; i < files->nouts && ready; i++)
        ready = dup2(files->outs[i], EMU_ENCODER_OUT + i) >= 0;
    if (ready &&
        close_range((unsigned)(EMU_ENCODER_OUT + files->nouts), ~0U, 0) == 0)
        (void)execve(program, arguments, environment);
    _exit(127);
}

/* A pipe whose end for writing is out of the way. */
static bool
open_pipe(int *ret_read, int *ret_write)
{
    int ends[2], above;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    above = fcntl(ends[1], F_DUPFD_CLOEXEC, ABOVE);
    (void)close(ends[1]);
    if (above < 0) {
        (void)close(ends[0]);
        return false;
    }
    *ret_read = ends[0];
    *ret_write = above;
    return true;
}

static void
close_all(const int *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (files[i] >= 0)
            (void)close(files[i]);
}

static bool
open_files(const emu_media_source *source, emu_ladder ladder,
           struct files *files, emu_encoder *encoder)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0)
        return false;
    files->null = fcntl(null, F_DUPFD_CLOEXEC, ABOVE);
    (void)close(null);
    files->in = fcntl(source->file >= 0 ? source->file : files->null,
                      F_DUPFD_CLOEXEC, ABOVE);
    if (files->null < 0 || files->in < 0 ||
        !open_pipe(&encoder->log, &files->log))
        return false;
    for (size_t i = 0; i < EMU_RENDITIONS; i++) {
        if (!emu_ladder_has(ladder, i))
            continue;
        if (!open_pipe(&encoder->outs[i], &files->outs[files->nouts]))
            return false;
        files->nouts++;
    }
    return true;
}

/* Takes the arguments. */
static ivs_status
start(const char *program, char **arguments, const emu_media_source *source,
      emu_ladder ladder, emu_encoder *ret, ivs_error *err)
{
    struct files files = {.in = -1, .null = -1, .log = -1};
    emu_encoder encoder = {.pid = -1, .log = -1};
    pid_t parent = getpid();
    bool opened;

    memset(files.outs, -1, sizeof files.outs);
    memset(encoder.outs, -1, sizeof encoder.outs);
    opened = arguments != NULL && open_files(source, ladder, &files, &encoder);
    if (opened)
        encoder.pid = fork();
    if (encoder.pid == 0)
        become(program, arguments, &files, parent);
    if (encoder.pid < 0)
        (void)ivs_fail(err, IVS_E_IO, "cannot start %s: %s", program,
                       arguments != NULL ? strerror(errno) : "out of memory");
    emu_encoder_free_arguments(arguments);
    close_all((int[]){files.in, files.null, files.log}, 3);
    close_all(files.outs, EMU_RENDITIONS);
    if (encoder.pid < 0) {
        close_all(encoder.outs, EMU_RENDITIONS);
        close_all(&encoder.log, 1);
        return IVS_E_IO;
    }
    *ret = encoder;
    return IVS_OK;
}

ivs_status
emu_encoder_start(const char *program, const emu_media_source *source,
                  emu_ladder ladder, emu_encoder *ret, ivs_error *err)
{
    return start(program, emu_encoder_arguments(source, ladder), source, ladder,
                 ret, err);
}

bool
emu_encoder_has_sound(const char *program, int file, int stop)
{
    emu_media_source source = {.file = file};
    struct pollfd files[] = {{.events = POLLIN},
                             {.fd = stop, .events = POLLIN}};
    int64_t left, end = ivs_clock_monotonic_ms() + PROBE_MS;
    emu_encoder encoder;
    char data[256];
    int status;

    if (start(program, emu_encoder_probe_arguments(), &source, 0, &encoder,
              NULL) != IVS_OK)
        return false;
    files[0].fd = encoder.log;
    while ((left = end - ivs_clock_monotonic_ms()) > 0 &&
           poll(files, 2, (int)left) > 0 && files[1].revents == 0 &&
           read(encoder.log, data, sizeof data) > 0)
        ;
    status = emu_encoder_end(&encoder);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
emu_encoder_end(emu_encoder *encoder)
{
    int status = 0;

    /* The group is made by the child, which may not have come to it yet. */
    (void)kill(encoder->pid, SIGKILL);
    (void)kill(-encoder->pid, SIGKILL);
    while (waitpid(encoder->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close_all(encoder->outs, EMU_RENDITIONS);
    close_all(&encoder->log, 1);
    return status;
}
