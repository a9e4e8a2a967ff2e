/* SPDX-License-Identifier: MIT */
/* What leaves the command: the result on stdout, sentences on stderr. */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

const char *
out_paint(const struct cli *c, const char *code)
{
    return c->color_out ? code : "";
}

const char *
gap(const struct cmd *cmd)
{
    return cmd->verb[0] != '\0' ? " " : "";
}

const char *
plural(size_t n)
{
    return n == 1 ? "" : "s";
}

IVS_PRINTF(2, 0)
static void
say(const char *prefix, const char *fmt, va_list ap)
{
    char text[1024];
    int n = vsnprintf(text, sizeof text, fmt, ap);
    size_t len = n < 0 ? 0 : (size_t)n;

    if (len >= sizeof text)
        len = sizeof text - 1;
    (void)fputs(prefix, stderr);
    text_print(stderr, text, len);
    (void)fputc('\n', stderr);
}

IVS_PRINTF(2, 0)
static void
say_error(const struct cli *c, const char *fmt, va_list ap)
{
    say(c->color_err ? "\x1b[31mivs-token:\x1b[0m " : "ivs-token: ", fmt, ap);
}

int
fail(struct cli *c, int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say_error(c, fmt, ap);
    va_end(ap);
    return code;
}

int
usage(struct cli *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say_error(c, fmt, ap);
    va_end(ap);
    if (c->cmd != NULL)
        hint("try ivs-token %s%s%s --help", c->cmd->noun, gap(c->cmd),
             c->cmd->verb);
    else if (c->noun != NULL)
        hint("try ivs-token %s --help", c->noun);
    else
        hint("try ivs-token --help");
    return CLI_USAGE;
}

void
notice(struct cli *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(c->color_err ? "\x1b[33mivs-token: notice:\x1b[0m "
                     : "ivs-token: notice: ",
        fmt, ap);
    va_end(ap);
}

void
hint(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say("  ", fmt, ap);
    va_end(ap);
}

void
hint_unanswered(const ivs_error *err, const char *fmt, ...)
{
    va_list ap;

    if (err->unanswered == 0)
        return;
    va_start(ap, fmt);
    say("  it may or may not have been carried out; ", fmt, ap);
    va_end(ap);
}

void
out_done(struct cli *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(c->done, sizeof c->done, fmt, ap) < 0)
        c->done[0] = '\0';
    va_end(ap);
}

const struct exit_row cli_exits[] = {
    {CLI_OK, "done"},
    {CLI_FAILED, "failed"},
    {CLI_USAGE, "usage"},
    {CLI_REJECTED, "token rejected"},
    {CLI_CONFIG, "credentials or configuration"},
    {CLI_REFUSED, "refused by the service"},
    {CLI_PARTLY, "partly done"},
    {CLI_NETWORK, "network"},
    {CLI_SIGNAL + SIGHUP, "hung up"},
    {CLI_SIGNAL + SIGINT, "interrupted"},
    {CLI_SIGNAL + SIGTERM, "terminated"},
    {0},
};

int
exit_code(ivs_status status)
{
    switch (status) {
    case IVS_OK:
        return CLI_OK;
    case IVS_E_ARG:
        return CLI_USAGE;
    case IVS_E_TOKEN:
        return CLI_REJECTED;
    case IVS_E_CREDENTIALS:
        return CLI_CONFIG;
    case IVS_E_SERVICE:
    case IVS_E_THROTTLED:
        return CLI_REFUSED;
    case IVS_E_NETWORK:
        return CLI_NETWORK;
    case IVS_E_CANCELLED:
        return signals_got() != 0 ? CLI_SIGNAL + signals_got() : CLI_FAILED;
    default:
        return CLI_FAILED;
    }
}

/* Settings that have to be given or changed, by their names here. */
static void
hint_setting(const ivs_error *err)
{
    if (err->code == IVS_E_NETWORK &&
        strstr(err->message, "AWS_CA_BUNDLE names") != NULL)
        hint("here: --ca-bundle FILE");
    if (err->code != IVS_E_CREDENTIALS)
        return;
    if (strncmp(err->message, "no region", 9) == 0)
        hint("give --region, or set AWS_REGION or the profile's region");
    if (strncmp(err->message, "no profile", 10) == 0)
        hint("its section is [profile NAME] in the config file, [NAME] in the "
             "credentials file");
    if (strstr(err->message, "unless that is allowed") != NULL)
        hint("to allow it: --allow-http");
}

int
fail_error(struct cli *c, const ivs_error *err)
{
    int code = exit_code(err->code);

    if (code == CLI_USAGE)
        return usage(c, "%s", err->message);
    (void)fail(c, code, "%s", err->message);
    hint_setting(err);
    if (err->request_id[0] != '\0')
        hint("request id %s", err->request_id);
    if (err->code == IVS_E_KEY && c->g.passphrase_file == NULL &&
        strstr(err->message, "passphrase") != NULL)
        hint("give its passphrase with --passphrase-file FILE");
    return code;
}

void
out_bytes(struct cli *c, const char *data, size_t len)
{
    if (fflush(stdout) != 0 && c->out_errno == 0)
        c->out_errno = errno;
    while (len > 0 && c->out_errno == 0) {
        ssize_t n = write(STDOUT_FILENO, data, len);

        if (n < 0 && errno == EINTR && signals_got() == 0)
            continue;
        if (n < 0) {
            c->out_errno = errno;
            return;
        }
        data += n;
        len -= (size_t)n;
    }
}

void
out_line(struct cli *c, const char *text)
{
    out_bytes(c, text, strlen(text));
    out_bytes(c, "\n", 1);
}

static int
put_json(struct cli *c, const json_t *value, size_t flags)
{
    char *text = NULL;
    size_t len, from = 0;

    if (value != NULL)
        text = json_dumps(value, flags | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
    if (text == NULL || json_memory_failed()) {
        free(text);
        return fail(c, CLI_FAILED, "out of memory making the JSON output");
    }
    len = strlen(text);
    /* DEL is the one control byte that JSON leaves alone. */
    for (size_t i = 0; i < len; i++)
        if (text[i] == 0x7f) {
            out_bytes(c, text + from, i - from);
            out_bytes(c, "\\u007f", 6);
            from = i + 1;
        }
    out_bytes(c, text + from, len - from);
    explicit_bzero(text, len);
    free(text);
    return CLI_OK;
}

int
out_json(struct cli *c, json_t *doc)
{
    int code = put_json(c, doc, JSON_INDENT(2));

    json_decref(doc);
    if (code == CLI_OK)
        out_bytes(c, "\n", 1);
    return code;
}

int
out_json_line(struct cli *c, const json_t *value)
{
    return put_json(c, value, 0);
}

int
out_finish(struct cli *c, int code)
{
    bool failed = ferror(stdout) != 0;

    if (fflush(stdout) != 0 && c->out_errno == 0)
        c->out_errno = errno;
    if (close(STDOUT_FILENO) != 0 && c->out_errno == 0)
        c->out_errno = errno;
    if (c->out_errno == 0 && !failed)
        return code;
    (void)fail(c, CLI_FAILED, "cannot write to standard output: %s",
               c->out_errno != 0 ? strerror(c->out_errno) : "write error");
    if (c->done[0] != '\0')
        hint("%s", c->done);
    return code == CLI_OK ? CLI_FAILED : code;
}
