/* SPDX-License-Identifier: MIT */
/* Reads the command line by the tables of commands and options. */

#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define ROWS_MAX     32
#define NAME_MAX_LEN 32
#define FAR          2

struct parser {
    struct cli *c;
    int argc;
    char **argv;
    int at;
    void *values;
    bool seen[ROWS_MAX];
    bool seen_global[ROWS_MAX];
    bool only_arguments; /* after "--" */
    bool help_word;
};

/* Edits that turn one name into the other (Levenshtein). */
static size_t
distance(const char *a, size_t alen, const char *b)
{
    size_t row[NAME_MAX_LEN + 1], blen = strlen(b);

    if (alen > NAME_MAX_LEN || blen > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    for (size_t j = 0; j <= blen; j++)
        row[j] = j;
    for (size_t i = 1; i <= alen; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            size_t cost = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            if (row[j] + 1 < cost)
                cost = row[j] + 1;
            if (row[j - 1] + 1 < cost)
                cost = row[j - 1] + 1;
            row[j] = cost;
        }
    }
    return row[blen];
}

/* How far a name is from what was given; above FAR it is no suggestion. Two
 * edits, or one in three letters, make any short name of any other, so the
 * first letter has to fit. */
static size_t
far_off(const char *given, size_t len, const char *name)
{
    size_t edits;

    if (len >= 3 && strncmp(given, name, len) == 0)
        return 1;
    edits = distance(given, len, name);
    if (given[0] != name[0] && (edits == FAR || (edits > 0 && len <= 3)))
        return FAR + 1;
    return edits;
}

static const char *
nearest(const struct opt *rows, const char *given, size_t len)
{
    const char *best = NULL;
    size_t least = FAR + 1;

    for (const struct opt *o = rows; o->help != NULL; o++)
        if (o->name != NULL && far_off(given, len, o->name) < least) {
            least = far_off(given, len, o->name);
            best = o->name;
        }
    return best;
}

static int
unknown_option(struct parser *p, const char *arg, size_t len)
{
    const char *near = NULL;

    if (len > NAME_MAX_LEN)
        len = NAME_MAX_LEN; /* whatever it is, it is no name */
    if (len > 2 && arg[1] == '-') {
        if (p->c->cmd != NULL)
            near = nearest(p->c->cmd->opts, arg + 2, len - 2);
        if (near == NULL)
            near = nearest(cli_globals, arg + 2, len - 2);
    }
    if (near != NULL)
        return usage(p->c, "unknown option %.*s; did you mean --%s?", (int)len,
                     arg, near);
    if (p->c->cmd == NULL)
        return usage(p->c,
                     "unknown option %.*s; options of a command follow its "
                     "two words",
                     (int)len, arg);
    return usage(p->c, "unknown option %.*s", (int)len, arg);
}

static const struct opt *
find(const struct opt *rows, const char *arg, size_t len)
{
    for (const struct opt *o = rows; o->help != NULL; o++) {
        if (o->name == NULL)
            continue;
        if (len == 2 && o->letter != '\0' && arg[1] == o->letter)
            return o;
        if (len > 2 && arg[1] == '-' && strlen(o->name) == len - 2 &&
            memcmp(o->name, arg + 2, len - 2) == 0)
            return o;
    }
    return NULL;
}

/* The text that belongs to an option; NULL after a message. */
static const char *
take_value(struct parser *p, const struct opt *o, const char *equals)
{
    const char *next;

    if (equals != NULL)
        return equals + 1;
    if ((o->flags & OPT_MAYBE) != 0)
        return "";
    next = p->at < p->argc ? p->argv[p->at] : NULL;
    if (next != NULL && (next[0] != '-' || next[1] == '\0')) {
        p->at++;
        return next;
    }
    if (next == NULL)
        (void)usage(p->c, "--%s: the value %s is missing", o->name, o->metavar);
    else
        (void)usage(p->c,
                    "--%s: the value %s is missing; one that begins with '-' "
                    "is given as --%s=VALUE",
                    o->name, o->metavar, o->name);
    return NULL;
}

static int
read_option(struct parser *p, const char *arg)
{
    const char *equals = strchr(arg, '='), *value = "";
    size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    const struct opt *rows = p->c->cmd != NULL ? p->c->cmd->opts : cli_globals;
    const struct opt *o = find(rows, arg, len);
    bool *seen = p->seen;
    char *base = p->values;

    if (o == NULL || rows == cli_globals) {
        rows = cli_globals;
        o = find(rows, arg, len);
        seen = p->seen_global;
        base = (char *)&p->c->g;
    }
    if (o == NULL)
        return unknown_option(p, arg, len);
    if (seen[o - rows] && (o->flags & OPT_LIST) == 0)
        return usage(p->c, "--%s is given twice", o->name);
    seen[o - rows] = true;
    if (o->metavar == NULL && equals != NULL)
        return usage(p->c, "--%s takes no value", o->name);
    if (o->metavar != NULL && (value = take_value(p, o, equals)) == NULL)
        return CLI_USAGE;
    return o->set(p->c, o, value, base + o->offset);
}

/* A word after the command: the next positional argument that is free. */
static int
read_argument(struct parser *p, const char *arg)
{
    const struct opt *rows = p->c->cmd->opts;

    for (const struct opt *o = rows; o->help != NULL; o++)
        if (o->name == NULL && !p->seen[o - rows]) {
            p->seen[o - rows] = true;
            return o->set(p->c, o, arg, (char *)p->values + o->offset);
        }
    if (strncmp(arg, "eyJ", 3) == 0)
        return usage(p->c, "one argument too many");
    for (const struct opt *o = rows; o->help != NULL; o++)
        if ((o->flags & OPT_REQUIRED) != 0 && !p->seen[o - rows])
            return usage(p->c, "one argument too many: %.60s; is it for --%s?",
                         arg, o->name);
    return usage(p->c, "one argument too many: %.60s", arg);
}

static int
unknown_noun(struct parser *p, const char *arg)
{
    /* what is a command elsewhere, such as version */
    for (const struct opt *o = cli_globals; o->help != NULL; o++)
        if (strcmp(arg, o->name) == 0)
            return usage(p->c, "unknown command %.30s; did you mean --%s?", arg,
                         o->name);
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++)
        if (far_off(arg, strlen(arg), cmd->noun) <= FAR)
            return usage(p->c, "unknown command %.30s; did you mean %s?", arg,
                         cmd->noun);
    return usage(p->c, "unknown command %.30s", arg);
}

static int
choose(struct parser *p, const struct cmd *cmd)
{
    p->c->cmd = cmd;
    p->values = calloc(1, CLI_VALUES_MAX);
    return p->values != NULL ? CLI_OK : fail(p->c, CLI_FAILED, "out of memory");
}

static int
read_noun(struct parser *p, const char *arg)
{
    if (strcmp(arg, "help") == 0 && !p->help_word) {
        p->help_word = p->c->g.help = true;
        return CLI_OK;
    }
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++)
        if (strcmp(arg, cmd->noun) == 0) {
            p->c->noun = cmd->noun;
            return cmd->verb[0] == '\0' ? choose(p, cmd) : CLI_OK;
        }
    return unknown_noun(p, arg);
}

void
opt_verbs(const char *noun, char *ret, size_t size)
{
    size_t at = 0;

    ret[0] = '\0';
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++) {
        bool last = cmd[1].noun == NULL || strcmp(cmd[1].noun, noun) != 0;

        if (strcmp(cmd->noun, noun) != 0 || at >= size)
            continue;
        at += (size_t)snprintf(ret + at, size - at, "%s%s",
                               at == 0 ? ""
                               : last  ? " or "
                                       : ", ",
                               cmd->verb);
    }
}

static int
read_verb(struct parser *p, const char *arg)
{
    const char *near = NULL;
    size_t least = FAR + 1;
    char verbs[128];

    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++) {
        if (strcmp(p->c->noun, cmd->noun) != 0)
            continue;
        if (far_off(arg, strlen(arg), cmd->verb) < least) {
            least = far_off(arg, strlen(arg), cmd->verb);
            near = cmd->verb;
        }
        if (strcmp(arg, cmd->verb) != 0)
            continue;
        return choose(p, cmd);
    }
    if (near != NULL)
        return usage(p->c, "unknown command %s %.30s; did you mean %s %s?",
                     p->c->noun, arg, p->c->noun, near);
    opt_verbs(p->c->noun, verbs, sizeof verbs);
    return usage(p->c, "unknown command %s %.30s, expected %s %s", p->c->noun,
                 arg, p->c->noun, verbs);
}

static int
read_word(struct parser *p, const char *arg)
{
    if (p->c->noun == NULL)
        return read_noun(p, arg);
    if (p->c->cmd == NULL)
        return read_verb(p, arg);
    return read_argument(p, arg);
}

static int
check_required(struct parser *p)
{
    const struct opt *rows = p->c->cmd->opts;

    for (const struct opt *o = rows; o->help != NULL; o++) {
        if ((o->flags & OPT_REQUIRED) == 0 || p->seen[o - rows])
            continue;
        if (o->name == NULL)
            return usage(p->c, "the argument %s is missing", o->metavar);
        return usage(p->c, "the option --%s %s is missing", o->name,
                     o->metavar);
    }
    return CLI_OK;
}

int
opt_parse(struct cli *c, int argc, char **argv, void **ret_values)
{
    struct parser p = {.c = c, .argc = argc, .argv = argv, .at = 1};
    int code = CLI_OK;

    while (code == CLI_OK && p.at < argc) {
        const char *arg = argv[p.at++];

        if (!p.only_arguments && strcmp(arg, "--") == 0)
            p.only_arguments = true;
        else if (!p.only_arguments && arg[0] == '-' && arg[1] != '\0')
            code = read_option(&p, arg);
        else
            code = read_word(&p, arg);
    }
    if (code == CLI_OK && c->cmd != NULL && !c->g.help && !c->g.version)
        code = check_required(&p);
    *ret_values = p.values;
    return code;
}

void
opt_free(const struct cmd *cmd, void *values)
{
    if (cmd == NULL || values == NULL)
        return;
    for (const struct opt *o = cmd->opts; o->help != NULL; o++)
        if ((o->flags & OPT_LIST) != 0) {
            struct list *list = (void *)((char *)values + o->offset);

            free((void *)list->v);
        }
    free(values);
}
