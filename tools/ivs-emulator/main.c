/* SPDX-License-Identifier: MIT */
/* ivs-emulator: options, state, and what ends it. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <ivs/ivs.h>

#include "base/buf.h"
#include "base/file.h"

#include "command.h"
#include "emulator.h"
#include "options.h"
#include "seed.h"
#include "serve.h"
#include "stream_command.h"
#include "stream_media.h"

#define SECRET_MAX 256

/* The file's first line, which must be its only one. */
static ivs_status
read_secret(const char *path, ivs_buf *ret, ivs_error *err)
{
    ivs_status s;

    if (path == NULL) {
        ivs_buf_puts(ret, "test");
        return IVS_OK;
    }
    if ((s = ivs_file_read(path, SECRET_MAX, ret, err)) != IVS_OK)
        return s;
    if (ret->len > 0 && ret->data[ret->len - 1] == '\n')
        ret->data[--ret->len] = '\0';
    if (ret->len == 0 || strlen(ret->data) != ret->len ||
        strpbrk(ret->data, "\r\n") != NULL) {
        (void)snprintf(err->message, sizeof err->message,
                       "%s does not hold one line with the secret access key",
                       path);
        return IVS_E_FORMAT;
    }
    return IVS_OK;
}

/* A key to sign with; without a path there is none. No core file holds it, and
 * other processes of the user do not see it. */
static ivs_status
read_mint_key(const char *path, ivs_key **ret, ivs_error *err)
{
    ivs_status s;

    if (path == NULL)
        return IVS_OK;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if ((s = ivs_key_load(path, NULL, ret, err)) != IVS_OK)
        return s;
    if (ivs_key_has_private(*ret))
        return IVS_OK;
    (void)snprintf(err->message, sizeof err->message,
                   "found a public key in %s, expected a private one", path);
    return IVS_E_KEY;
}

static bool
seed(const emu_options *opt, emu_emulator *emu)
{
    ivs_error err = {0};
    bool done = false;

    if (opt->seed_file == NULL)
        return true;
    if (!emu_seed_file(emu, opt->seed_file, &done, &err)) {
        (void)emu_fail(err.message);
        return false;
    }
    if (!done)
        (void)fprintf(stderr,
                      "ivs-emulator: %s has resources, %s is left alone\n",
                      opt->db, opt->seed_file);
    return true;
}

/* NULL: out of memory, or the state cannot be read. */
static emu_random *
new_random(const emu_options *opt, emu_emulator *emu)
{
    int64_t serial = -1;

    if (emu_store_begin(emu->store)) {
        serial = emu_store_serial(emu->store);
        (void)emu_store_end(emu->store, false);
    }
    return serial < 0 ? NULL
                      : emu_random_new((uint64_t)opt->seed, (uint64_t)serial);
}

static int
run(const emu_options *opt, const emu_signals *signals)
{
    emu_emulator emu = {.access_key_id = opt->access_key_id,
                        .scheme = opt->tls ? "https" : "http",
                        .viewer_country = opt->viewer_country,
                        .session_s = opt->session_s,
                        .viewer_limit = opt->viewer_limit,
                        .explain = opt->explain,
                        .quiet = opt->quiet};
    ivs_buf secret = IVS_BUF_SECRET;
    int code = EXIT_FAILED;
    ivs_key *key = NULL;
    ivs_error err = {0};

    if (read_secret(opt->secret_access_key_file, &secret, &err) != IVS_OK ||
        read_mint_key(opt->mint_key, &key, &err) != IVS_OK ||
        emu_store_open(opt->db, &emu.store, &err) != IVS_OK) {
        (void)emu_fail(err.message);
        goto out;
    }
    emu.secret_access_key = secret.data;
    if (opt->seed >= 0 && (emu.random = new_random(opt, &emu)) == NULL) {
        (void)emu_fail("cannot begin with the seed");
        goto out;
    }
    emu.mint_key = key;
    if ((emu.faults = emu_faults_new(emu.random)) == NULL ||
        (!opt->no_quotas && (emu.quota = emu_quota_new()) == NULL)) {
        (void)emu_fail("out of memory");
        goto out;
    }
    if ((emu.keys = emu_keys_new()) == NULL ||
        (emu.requests = emu_requests_new()) == NULL) {
        (void)emu_fail("out of memory");
        goto out;
    }
    if (emu_streams_open(&emu, NULL, &err) != IVS_OK) {
        (void)emu_fail(err.message);
        goto out;
    }
    if (!seed(opt, &emu))
        goto out;
    code = emu_serve(opt, &emu, signals);
out:
    emu_media_free(emu.media);
    emu_requests_free(emu.requests);
    emu_keys_free(emu.keys);
    emu_faults_free(emu.faults);
    emu_random_free(emu.random);
    emu_quota_free(emu.quota);
    emu_store_close(emu.store);
    ivs_key_free(key);
    ivs_buf_free(&secret);
    return code;
}

static int
printed(void)
{
    if (fflush(stdout) == 0)
        return EXIT_DONE;
    (void)fprintf(stderr, "ivs-emulator: cannot write to stdout: %s\n",
                  strerror(errno));
    return EXIT_FAILED;
}

/* What is opened later must not take the place of a standard stream that is
 * closed: the log would go there. */
static bool
fill_standard_streams(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

int
main(int argc, char **argv)
{
    emu_signals signals;
    emu_options opt;

    if (!fill_standard_streams())
        return EXIT_FAILED;
    if (argc > 1 && strcmp(argv[1], "stream") == 0)
        return emu_stream_command(argc - 1, argv + 1);
    if (!emu_options_read(argc, argv, &opt))
        return EXIT_USAGE;
    if (opt.help) {
        emu_options_help();
        return printed();
    }
    if (opt.version) {
        (void)printf("ivs-emulator %s\n", IVS_VERSION);
        return printed();
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&signals.blocked);
    (void)sigaddset(&signals.blocked, SIGINT);
    (void)sigaddset(&signals.blocked, SIGTERM);
    if (opt.command != NULL)
        emu_command_signals(&signals.blocked);
    (void)pthread_sigmask(SIG_BLOCK, &signals.blocked, &signals.inherited);
    return run(&opt, &signals);
}
