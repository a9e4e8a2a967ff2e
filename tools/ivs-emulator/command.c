/* SPDX-License-Identifier: MIT */
/* Starting a command, passing signals on to it, waiting for its end. */

#define _GNU_SOURCE /* execvpe, pipe2 */

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

static const int passed_on[] = {SIGHUP,  SIGINT,  SIGQUIT,
                                SIGTERM, SIGUSR1, SIGUSR2};

void
emu_command_signals(sigset_t *ret)
{
    (void)sigemptyset(ret);
    (void)sigaddset(ret, SIGCHLD);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        (void)sigaddset(ret, passed_on[i]);
}

/* The child, a copy of a process with threads: nothing here takes a lock. It
 * dies with us, whatever ends us, and begins when `go` ends. */
static _Noreturn void
become(char **words, char **environment, const sigset_t *mask, pid_t parent,
       const int go[2], int report)
{
    int error;
    char end;

    (void)close(go[1]);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EMU_COMMAND_CANNOT_RUN);
    while (read(go[0], &end, 1) < 0 && errno == EINTR)
        ;
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    emu_files_give_back();
    (void)execvpe(words[0], words, environment);
    error = errno;
    (void)!write(report, &error, sizeof error);
    _exit(EMU_COMMAND_CANNOT_RUN);
}

static bool
open_pipes(int ends[2], int go[2])
{
    int error;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    if (pipe2(go, O_CLOEXEC) == 0)
        return true;
    error = errno;
    (void)close(ends[0]);
    (void)close(ends[1]);
    errno = error;
    return false;
}

/* Signals that came before there was a child, also those of a terminal: it has
 * them waiting, too, and gets each once, for it begins after this. */
static void
pass_on_early(pid_t child)
{
    static const struct timespec now = {0};
    sigset_t signals;
    int got;

    emu_command_signals(&signals);
    (void)sigdelset(&signals, SIGCHLD);
    while ((got = sigtimedwait(&signals, NULL, &now)) > 0)
        (void)kill(child, got);
}

/* 0, or why it did not start. */
static int
start(const emu_command *command, const sigset_t *mask, pid_t *ret)
{
    char **environment = emu_command_environment(command);
    pid_t parent = getpid();
    int ends[2], go[2], error = 0;
    ssize_t n;

    if (environment == NULL)
        return ENOMEM;
    if (!open_pipes(ends, go)) {
        emu_command_environment_free(environment);
        return errno;
    }
    *ret = fork();
    if (*ret == 0)
        become(command->words, environment, mask, parent, go, ends[1]);
    if (*ret < 0)
        error = errno;
    else
        pass_on_early(*ret);
    emu_command_environment_free(environment);
    (void)close(go[0]);
    (void)close(go[1]);
    (void)close(ends[1]);
    /* Nothing comes when the pipe ends with the call of exec. */
    do
        n = read(ends[0], &error, sizeof error);
    while (n < 0 && errno == EINTR);
    (void)close(ends[0]);
    if (*ret > 0 && error != 0)
        (void)waitpid(*ret, NULL, 0);
    return error;
}

static int
exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Signals of a terminal reach the command without us. */
static int
attend(pid_t child)
{
    sigset_t signals;
    int status = 0;

    emu_command_signals(&signals);
    for (;;) {
        siginfo_t info;
        int got = sigwaitinfo(&signals, &info);

        if (got == SIGCHLD && waitpid(child, &status, WNOHANG) == child)
            return exit_code(status);
        if (got > 0 && got != SIGCHLD && info.si_code != SI_KERNEL)
            (void)kill(child, got);
    }
}

int
emu_command_run(const emu_command *command, const sigset_t *mask)
{
    pid_t child = 0;
    int error;

    (void)signal(SIGCHLD, SIG_DFL);
    if ((error = start(command, mask, &child)) == 0)
        return attend(child);
    (void)fprintf(stderr, "ivs-emulator: cannot run %s: %s\n",
                  command->words[0], strerror(error));
    return error == ENOENT ? EMU_COMMAND_NOT_FOUND : EMU_COMMAND_CANNOT_RUN;
}
