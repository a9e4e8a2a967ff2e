/* SPDX-License-Identifier: MIT */
/* Help, from the same rows that the parser reads. */

#include <stdarg.h>
#include <string.h>

#include "cli.h"

#define WIDTH        80
#define COLUMN       30 /* of the text of an option */
#define USAGE_INDENT 8

/* Words from column `at` on; further lines begin at `indent`. Newlines in the
 * text are spaces. */
static void
wrap(FILE *f, size_t at, size_t indent, const char *text)
{
    bool first = true;

    for (text += strspn(text, " \n"); *text != '\0';
         text += strspn(text, " \n")) {
        size_t len = strcspn(text, " \n");

        if (!first && at + 1 + len > WIDTH) {
            (void)fprintf(f, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            (void)fputc(' ', f);
            at++;
        }
        (void)fprintf(f, "%.*s", (int)len, text);
        at += len;
        text += len;
        first = false;
    }
    (void)fputc('\n', f);
}

static void
show_row(const struct opt *o, FILE *f)
{
    bool maybe = (o->flags & OPT_MAYBE) != 0;
    const char *joint = maybe ? "[=" : o->metavar != NULL ? " " : "";
    const char *metavar = o->metavar != NULL ? o->metavar : "";
    char left[64], right[256];

    if (o->name == NULL)
        (void)snprintf(left, sizeof left, "  %s", metavar);
    else if (o->letter != '\0')
        (void)snprintf(left, sizeof left, "  -%c, --%s%s%s%s", o->letter,
                       o->name, joint, metavar, maybe ? "]" : "");
    else
        (void)snprintf(left, sizeof left, "      --%s%s%s%s", o->name, joint,
                       metavar, maybe ? "]" : "");
    (void)snprintf(right, sizeof right, "%s%s", o->help,
                   (o->flags & OPT_LIST) != 0 ? "; may be repeated" : "");
    if (strlen(left) < COLUMN)
        (void)fprintf(f, "%-*s ", COLUMN, left);
    else
        (void)fprintf(f, "%s\n%*s", left, COLUMN + 1, "");
    wrap(f, COLUMN + 1, COLUMN + 1, right);
}

static void
show_rows(const struct opt *rows, FILE *f)
{
    for (const struct opt *o = rows; o->help != NULL; o++)
        show_row(o, f);
}

/* A piece of the usage line, which is not torn apart. */
IVS_PRINTF(3, 4)
static void
show_piece(FILE *f, size_t *at, const char *fmt, ...)
{
    char piece[64];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(piece, sizeof piece, fmt, ap);
    va_end(ap);
    if (*at + 1 + strlen(piece) > WIDTH) {
        (void)fprintf(f, "\n%*s", USAGE_INDENT, "");
        *at = USAGE_INDENT;
    }
    (void)fprintf(f, " %s", piece);
    *at += 1 + strlen(piece);
}

/* The usage line: what has to be given, then the rest. */
static void
show_usage(const struct cmd *cmd, FILE *f)
{
    size_t at = strlen("usage:");

    (void)fputs("usage:", f);
    show_piece(f, &at, "ivs-token %s%s%s", cmd->noun, gap(cmd), cmd->verb);
    for (const struct opt *o = cmd->opts; o->help != NULL; o++)
        if (o->name != NULL && (o->flags & OPT_REQUIRED) != 0)
            show_piece(f, &at, "--%s %s", o->name, o->metavar);
    show_piece(f, &at, "[options]");
    for (const struct opt *o = cmd->opts; o->help != NULL; o++)
        if (o->name == NULL)
            show_piece(f, &at, (o->flags & OPT_REQUIRED) != 0 ? "%s" : "[%s]",
                       o->metavar);
    (void)fprintf(f, "\n\n%s.\n", cmd->summary);
}

static void
show_cmd(const struct cmd *cmd, FILE *f)
{
    show_usage(cmd, f);
    if (cmd->opts->help != NULL)
        (void)fputc('\n', f);
    show_rows(cmd->opts, f);
    if (cmd->notes == NULL)
        return;
    (void)fputc('\n', f);
    wrap(f, 0, 0, cmd->notes);
}

static void
show_globals(FILE *f)
{
    (void)fputs("\nOptions of every command:\n", f);
    show_rows(cli_globals, f);
}

static void
show_exit_codes(FILE *f)
{
    char text[512];
    size_t at = (size_t)snprintf(text, sizeof text, "Exit codes");

    for (const struct exit_row *e = cli_exits; e->meaning != NULL; e++)
        if (at < sizeof text)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s %d %s%s",
                                   e == cli_exits ? ":" : ",", e->code,
                                   e->meaning, e[1].meaning == NULL ? "." : "");
    (void)fputc('\n', f);
    wrap(f, 0, 0, text);
}

void
help_short(FILE *f)
{
    (void)fputs("usage: ivs-token [options] NOUN VERB [options]\n"
                "\n"
                "Keys, viewer tokens and revocation for Amazon IVS private "
                "channels.\n",
                f);
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++) {
        char words[40];

        if (cmd == cli_cmds || strcmp(cmd->noun, cmd[-1].noun) != 0)
            (void)fputc('\n', f);
        (void)snprintf(words, sizeof words, "%s %s", cmd->noun, cmd->verb);
        (void)fprintf(f, "  %-18s %s\n", words, cmd->summary);
    }
    (void)fputs("\n  ivs-token NOUN VERB --help   the options of a command\n",
                f);
}

/* Every command of a noun. */
static void
show_noun(const char *noun, FILE *f)
{
    bool first = true;

    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++) {
        if (strcmp(cmd->noun, noun) != 0)
            continue;
        if (!first)
            (void)fputc('\n', f);
        first = false;
        show_cmd(cmd, f);
    }
}

void
help_show(const struct cli *c, FILE *f)
{
    if (c->cmd != NULL)
        show_cmd(c->cmd, f);
    else if (c->noun != NULL)
        show_noun(c->noun, f);
    else
        help_short(f);
    show_globals(f);
    if (c->cmd == NULL)
        show_exit_codes(f);
}
