/* SPDX-License-Identifier: MIT */
/* credential_process: a program that prints keys. Source: AWS SDKs and Tools
 * Reference Guide, "Process credential provider". */

#define _GNU_SOURCE /* pipe2, posix_spawn_file_actions_addclosefrom_np */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/credentials_document.h"
#include "aws/credentials_provider.h"
#include "aws/words.h"
#include "base/clock.h"
#include "base/error.h"

#define OUTPUT_MAX (64 * 1024)
#define NAP_MS     10

struct process {
    ivs_provider base;
    ivs_words words;
    const ivs_source_context *context;
};

/* A child under way. */
struct child {
    pid_t pid;
    int out;          /* reads what it prints; -1: closed */
    int64_t deadline; /* of the monotonic clock */
    int64_t timeout_ms;
    const ivs_cancel *cancel;
};

/* ---- start ---- */

/* No standard input, for that is the program's; its standard output into the
 * pipe; its standard error beside ours, so that a question or a complaint is
 * seen; and nothing else that is open here. */
static int
spawn(char *const *words, int out, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    int rc;

    if ((rc = posix_spawn_file_actions_init(&files)) != 0)
        return rc;
    if ((rc = posix_spawnattr_init(&attr)) != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return rc;
    }
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &all);
    (void)posix_spawnattr_setflags(
        &attr, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
                                              O_RDONLY, 0);
    if (rc == 0)
        rc =
            posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    if (rc == 0)
        rc = posix_spawnp(ret, words[0], &files, &attr, words, environ);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&files);
    return rc;
}

static ivs_status
start(const struct process *p, struct child *ret, ivs_error *err)
{
    int ends[2], rc;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return ivs_fail(err, IVS_E_CREDENTIALS, "no pipe for it: %s",
                        strerror(errno));
    rc = spawn(p->words.v, ends[1], &ret->pid);
    (void)close(ends[1]);
    if (rc != 0) {
        (void)close(ends[0]);
        return ivs_fail(err, IVS_E_CREDENTIALS, "cannot start %.80s: %s",
                        p->words.v[0], strerror(rc));
    }
    ret->out = ends[0];
    ret->timeout_ms = p->context->process_timeout_ms;
    ret->deadline = ivs_clock_monotonic_ms() + ret->timeout_ms;
    ret->cancel = &p->context->cancel;
    return IVS_OK;
}

/* ---- read and wait ---- */

/* Whether there is time left, and what for. */
static ivs_status
check_time(const struct child *c, ivs_error *err)
{
    if (ivs_is_cancelled(c->cancel))
        return ivs_fail_cancelled(err);
    if (ivs_clock_monotonic_ms() < c->deadline)
        return IVS_OK;
    return ivs_fail(err, IVS_E_CREDENTIALS,
                    "it did not end within %lld ms and was killed",
                    (long long)c->timeout_ms);
}

/* Wait until there is something to read. */
static ivs_status
wait_readable(const struct child *c, ivs_error *err)
{
    struct pollfd fd = {.fd = c->out, .events = POLLIN};
    ivs_status s;

    while ((s = check_time(c, err)) == IVS_OK) {
        int64_t left = c->deadline - ivs_clock_monotonic_ms();
        int n;

        if (left < 0)
            left = 0;
        n = poll(&fd, 1, left < IVS_LOOK_MS ? (int)left : IVS_LOOK_MS);
        if (n > 0)
            return IVS_OK;
        if (n < 0 && errno != EINTR)
            return ivs_fail(err, IVS_E_CREDENTIALS, "cannot wait for it: %s",
                            strerror(errno));
    }
    return s;
}

static ivs_status
read_output(const struct child *c, ivs_buf *ret, ivs_error *err)
{
    ivs_status s;

    for (;;) {
        ssize_t n;

        if ((s = wait_readable(c, err)) != IVS_OK)
            return s;
        if (!ivs_buf_reserve(ret, 4096))
            return ivs_fail(err, IVS_E_NOMEM, "out of memory for its output");
        n = read(c->out, ret->data + ret->len, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ivs_fail(err, IVS_E_CREDENTIALS, "cannot read it: %s",
                            strerror(errno));
        ret->len += (size_t)n;
        ret->data[ret->len] = '\0';
        if (n == 0)
            return IVS_OK;
        if (ret->len > OUTPUT_MAX)
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "it printed more than %d KiB, expected one JSON "
                            "object",
                            OUTPUT_MAX / 1024);
    }
}

static ivs_status
judge_status(int status, ivs_error *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return IVS_OK;
    if (WIFEXITED(status))
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "it ended with exit code %d, expected 0",
                        WEXITSTATUS(status));
    return ivs_fail(err, IVS_E_CREDENTIALS, "it was ended by signal %d",
                    WTERMSIG(status));
}

/* Its output is at its end; the process itself should be soon. */
static ivs_status
wait_exit(struct child *c, ivs_error *err)
{
    ivs_status s;

    for (;;) {
        int status = 0;
        pid_t got = waitpid(c->pid, &status, WNOHANG);

        if (got == c->pid) {
            c->pid = 0;
            return judge_status(status, err);
        }
        if (got < 0 && errno != EINTR) {
            c->pid = 0;
            return ivs_fail(err, IVS_E_CREDENTIALS,
                            "its exit code is not known: %s", strerror(errno));
        }
        if ((s = check_time(c, err)) != IVS_OK)
            return s;
        ivs_clock_sleep_ms(NAP_MS);
    }
}

/* Whatever became of it, leave no child and no descriptor behind. */
static void
end(struct child *c)
{
    (void)close(c->out);
    if (c->pid == 0)
        return;
    (void)kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* ---- what it printed ---- */

static ivs_status
judge_output(const ivs_buf *text, ivs_provided *ret, ivs_error *err)
{
    const ivs_json_slice object = {text->data, text->len};
    ivs_json_slice version;
    int64_t number = 0;
    ivs_status s;

    s = ivs_secret_json_check(text->data, text->len, "what it printed", err);
    if (s != IVS_OK)
        return s;
    version = ivs_secret_json_get(&object, "Version");
    if (!ivs_secret_json_integer(&version, &number))
        return ivs_fail(
            err, IVS_E_CREDENTIALS, "it gave %s, expected Version 1",
            version.at == NULL ? "no Version" : "a Version that is no integer");
    if (number != 1)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "it gave Version %" PRId64 ", expected Version 1",
                        number);
    return ivs_document_keys(&object, &ivs_document_process, ret, err);
}

static ivs_status
fetch(ivs_provider *self, ivs_provided *ret, ivs_error *err)
{
    const struct process *p = (struct process *)self;
    ivs_buf text = IVS_BUF_SECRET;
    struct child c;
    ivs_status s;

    if ((s = start(p, &c, err)) != IVS_OK)
        return s;
    s = read_output(&c, &text, err);
    if (s == IVS_OK)
        s = wait_exit(&c, err);
    end(&c);
    if (s == IVS_OK)
        s = judge_output(&text, ret, err);
    ivs_buf_free(&text);
    return s;
}

static void
release(ivs_provider *self)
{
    ivs_words_free(&((struct process *)self)->words);
}

ivs_status
ivs_source_process(const ivs_source_place *at, ivs_provider **ret,
                   ivs_error *err)
{
    const char *line = ivs_source_value(at, "credential_process");
    ivs_buf name = IVS_BUF_INIT;
    ivs_words words = {0};
    struct process *p;
    ivs_status s;

    if (line == NULL) {
        ivs_buf_printf(at->why, "profile %s has no credential_process",
                       at->profile->name);
        return IVS_OK;
    }
    ivs_buf_printf(&name, "credential_process of profile %s",
                   at->profile->name);
    s = ivs_words_split(line, strlen(line), &words, err);
    if (s == IVS_OK && words.n == 0)
        s = ivs_fail(err, IVS_E_CREDENTIALS, "no command");
    if (s != IVS_OK) {
        ivs_error_context(err, "%.120s", name.failed ? "" : name.data);
        ivs_buf_free(&name);
        ivs_words_free(&words);
        return s;
    }
    if ((p = ivs_provider_new(sizeof *p, &name, err)) == NULL) {
        ivs_words_free(&words);
        return IVS_E_NOMEM;
    }
    p->base.fetch = fetch;
    p->base.release = release;
    p->words = words;
    p->context = at->context;
    *ret = &p->base;
    return IVS_OK;
}
