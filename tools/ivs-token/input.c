/* SPDX-License-Identifier: MIT */
/* What comes in: files, standard input, keys, a yes. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define TOKEN_INPUT_MAX (1024 * 1024)

void
secret_free(struct secret *s)
{
    if (s->data != NULL)
        explicit_bzero(s->data, s->cap);
    free(s->data);
    *s = (struct secret){0};
}

/* Room for 4096 more bytes and a NUL; the old block is wiped. */
static bool
secret_grow(struct secret *s)
{
    struct secret grown = {.len = s->len};

    if (s->cap - s->len > 4096)
        return true;
    grown.cap = s->cap * 2 + 8192;
    grown.data = malloc(grown.cap);
    if (grown.data == NULL)
        return false;
    if (s->len > 0)
        memcpy(grown.data, s->data, s->len);
    secret_free(s);
    *s = grown;
    return true;
}

static int
read_all(struct cli *c, int fd, const char *name, size_t max,
         struct secret *ret)
{
    for (;;) {
        ssize_t n;

        if (!secret_grow(ret))
            return fail(c, CLI_FAILED, "out of memory reading %s", name);
        n = read(fd, ret->data + ret->len, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(c, CLI_FAILED, "cannot read %s: %s", name,
                        strerror(errno));
        if (n == 0)
            break;
        ret->len += (size_t)n;
        if (ret->len > max)
            return fail(c, CLI_FAILED,
                        "%s is longer than the %zu bytes expected at most",
                        name, max);
    }
    ret->data[ret->len] = '\0';
    return CLI_OK;
}

int
input_open(struct cli *c, const char *path, const char *who, int *ret)
{
    if (strcmp(path, "-") != 0) {
        *ret = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        return *ret >= 0 ? CLI_OK
                         : fail(c, CLI_FAILED, "cannot open %s: %s", path,
                                strerror(errno));
    }
    if (c->stdin_reader != NULL)
        return usage(c,
                     "%s and %s both ask for standard input, which can be "
                     "read once",
                     c->stdin_reader, who);
    c->stdin_reader = who;
    *ret = STDIN_FILENO;
    return CLI_OK;
}

int
input_bytes(struct cli *c, const char *path, const char *who, size_t max,
            struct secret *ret)
{
    int fd = -1, code = input_open(c, path, who, &fd);

    if (code != CLI_OK)
        return code;
    code =
        read_all(c, fd, fd == STDIN_FILENO ? "standard input" : path, max, ret);
    if (fd != STDIN_FILENO)
        (void)close(fd);
    return code;
}

/* Take LF or CRLF off the end, once. */
static void
chop(struct secret *s)
{
    if (s->len == 0 || s->data[s->len - 1] != '\n')
        return;
    s->len--;
    if (s->len > 0 && s->data[s->len - 1] == '\r')
        s->len--;
    s->data[s->len] = '\0';
}

int
input_token(struct cli *c, const char *path, const char *who,
            struct secret *ret)
{
    int code;

    if (path == NULL && isatty(STDIN_FILENO))
        return usage(c, "the token is missing; give a file, or - to type it");
    code = input_bytes(c, path != NULL ? path : "-", who, TOKEN_INPUT_MAX, ret);
    if (code != CLI_OK)
        return code;
    chop(ret);
    if (ret->len == 0)
        return fail(c, CLI_FAILED, "found no token in %s",
                    path == NULL || strcmp(path, "-") == 0 ? "standard input"
                                                           : path);
    return CLI_OK;
}

static int
choose_engine(struct cli *c, ivs_engine *ret)
{
    const char *name = getenv("IVS_TOKEN_ENGINE");

    if (name == NULL || name[0] == '\0')
        return CLI_OK;
    if (strcmp(name, "openssl") == 0)
        *ret = IVS_ENGINE_OPENSSL;
    else if (strcmp(name, "gnutls") == 0)
        *ret = IVS_ENGINE_GNUTLS;
    else
        return fail(c, CLI_CONFIG,
                    "IVS_TOKEN_ENGINE: found \"%.30s\", expected openssl or "
                    "gnutls",
                    name);
    return CLI_OK;
}

int
input_key_options(struct cli *c, ivs_key_options *ret)
{
    const char *path = c->g.passphrase_file;
    int code;

    ivs_key_options_init(ret, sizeof *ret);
    if ((code = choose_engine(c, &ret->engine)) != CLI_OK || path == NULL)
        return code;
    if (c->passphrase.data == NULL) {
        code = input_bytes(c, path, "--passphrase-file", IVS_KEY_INPUT_MAX,
                           &c->passphrase);
        if (code != CLI_OK)
            return code;
        chop(&c->passphrase);
    }
    if (c->passphrase.len == 0)
        return fail(c, CLI_FAILED, "the passphrase in %s is empty",
                    strcmp(path, "-") == 0 ? "standard input" : path);
    ret->passphrase = c->passphrase.data;
    ret->passphrase_len = c->passphrase.len;
    return CLI_OK;
}

bool
input_is_open_to_others(const char *path, unsigned *ret_mode)
{
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        (st.st_mode & (S_IRGRP | S_IROTH)) == 0)
        return false;
    *ret_mode = (unsigned)st.st_mode & 07777u;
    return true;
}

int
input_key_quietly(struct cli *c, const char *path, ivs_key **ret,
                  ivs_error *err)
{
    struct secret text = {0};
    char message[sizeof err->message];
    ivs_key_options opt;
    int code = input_key_options(c, &opt);

    if (code != CLI_OK)
        return code;
    if (strcmp(path, "-") != 0)
        return exit_code(ivs_key_load(path, &opt, ret, err));
    code = input_bytes(c, path, "--key", IVS_KEY_INPUT_MAX, &text);
    if (code == CLI_OK &&
        ivs_key_parse(text.data, text.len, &opt, ret, err) != IVS_OK) {
        memcpy(message, err->message, sizeof message);
        (void)snprintf(err->message, sizeof err->message,
                       "standard input: %.200s", message);
        code = exit_code(err->code);
    }
    secret_free(&text);
    return code;
}

int
input_key(struct cli *c, const char *path, ivs_key **ret)
{
    ivs_error err = {0};
    unsigned mode;
    int code = input_key_quietly(c, path, ret, &err);

    if (err.code != IVS_OK)
        return fail_error(c, &err);
    if (code == CLI_OK && strcmp(path, "-") != 0 && ivs_key_has_private(*ret) &&
        input_is_open_to_others(path, &mode))
        notice(c, "others can read the private key in %s (mode %04o)", path,
               mode);
    return code;
}

int
input_private_key(struct cli *c, const char *path, ivs_key **ret)
{
    int code = input_key(c, path, ret);

    if (code != CLI_OK || ivs_key_has_private(*ret))
        return code;
    return fail(c, CLI_FAILED,
                "%s holds a public key, but a private one is needed",
                strcmp(path, "-") == 0 ? "standard input" : path);
}

int
input_can_confirm(struct cli *c, const char *question)
{
    if (c->g.yes ||
        (!c->g.no_input && isatty(STDIN_FILENO) && isatty(STDERR_FILENO)))
        return CLI_OK;
    return usage(c, "%s %s, so it needs --yes", question,
                 c->g.no_input ? "With --no-input nobody is asked"
                               : "Without a terminal nobody can be asked");
}

int
input_confirm(struct cli *c, const char *question, const char *no)
{
    char answer[16];
    int code = input_can_confirm(c, question);

    if (code != CLI_OK || c->g.yes)
        return code;
    (void)fprintf(stderr, "%s [y/N] ", question);
    (void)fflush(stderr);
    if (fgets(answer, sizeof answer, stdin) != NULL &&
        (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
        return CLI_OK;
    return fail(c, CLI_FAILED, "%s", no);
}
