/* SPDX-License-Identifier: MIT */
/* Help, from the same rows that the parser reads. */

#include <string.h>

#include "cli.h"

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
    (void)fputs("\n  ivs-token NOUN VERB --help   the options of a command\n"
                "  ivs-token help               all of this and the options "
                "of every command\n",
                f);
}

static void
show_rows(const struct opt *rows, FILE *f)
{
    for (const struct opt *o = rows; o->help != NULL; o++) {
        const char *metavar = o->metavar != NULL ? o->metavar : "";
        char left[64];

        if (o->name == NULL)
            (void)snprintf(left, sizeof left, "%s", metavar);
        else
            (void)snprintf(left, sizeof left, "%c%c%s--%s%s%s%s",
                           o->letter != '\0' ? '-' : ' ',
                           o->letter != '\0' ? o->letter : ' ',
                           o->letter != '\0' ? ", " : "  ", o->name,
                           (o->flags & OPT_MAYBE) != 0 ? "[="
                           : o->metavar != NULL        ? " "
                                                       : "",
                           metavar, (o->flags & OPT_MAYBE) != 0 ? "]" : "");
        (void)fprintf(f, "  %-28s %s%s\n", left, o->help,
                      (o->flags & OPT_LIST) != 0 ? "; may be repeated" : "");
    }
}

/* The usage line: what has to be given, then the rest. */
static void
show_usage(const struct cmd *cmd, FILE *f)
{
    (void)fprintf(f, "usage: ivs-token %s %s", cmd->noun, cmd->verb);
    for (const struct opt *o = cmd->opts; o->help != NULL; o++)
        if (o->name != NULL && (o->flags & OPT_REQUIRED) != 0)
            (void)fprintf(f, " --%s %s", o->name, o->metavar);
    (void)fputs(" [options]", f);
    for (const struct opt *o = cmd->opts; o->help != NULL; o++)
        if (o->name == NULL)
            (void)fprintf(f, (o->flags & OPT_REQUIRED) != 0 ? " %s" : " [%s]",
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
    if (cmd->notes != NULL)
        (void)fprintf(f, "\n%s", cmd->notes);
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
    (void)fputs("\nExit codes: 0 done, 1 failed, 2 usage, 3 token rejected, "
                "4 credentials or\nconfiguration, 5 refused by the service, "
                "6 partly done, 7 network,\n130 interrupted, 143 "
                "terminated.\n",
                f);
}

void
help_show(const struct cli *c, FILE *f)
{
    bool first = c->noun != NULL;

    if (c->cmd != NULL) {
        show_cmd(c->cmd, f);
        show_globals(f);
        return;
    }
    if (c->noun == NULL)
        help_short(f);
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++) {
        if (c->noun != NULL && strcmp(c->noun, cmd->noun) != 0)
            continue;
        if (!first)
            (void)fputc('\n', f);
        first = false;
        show_cmd(cmd, f);
    }
    show_globals(f);
    show_exit_codes(f);
}
