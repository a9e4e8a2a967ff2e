/* SPDX-License-Identifier: MIT */
/* completion: the tables, as scripts of shells and as JSON. */

#include <stdlib.h>
#include <string.h>

#include "completion.h"
#include "opts_service.h"

/* ---- what the rows say ---- */

/* Close a stream over memory, which may have run out. */
static bool
closed_whole(FILE *f)
{
    bool whole = ferror(f) == 0;

    return fclose(f) == 0 && whole;
}

/* Every operation, as words that a value may be; released with free(). */
static char *
operation_words(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    if (f == NULL)
        return NULL;
    for (size_t i = 0; i < ivs_operation_count(); i++)
        (void)fprintf(f, "%s%s", i > 0 ? "|" : "", ivs_operation_name(i));
    if (closed_whole(f))
        return text;
    free(text);
    return NULL;
}

static const char *
values_of(const struct opt *o, const char *operations)
{
    if (o->metavar != NULL && strcmp(o->metavar, "OPERATION") == 0)
        return operations;
    return o->metavar;
}

static bool
first_of_noun(const struct cmd *cmd)
{
    return cmd == cli_cmds || strcmp(cmd->noun, cmd[-1].noun) != 0;
}

/* ---- scripts ---- */

/* A text in single quotes, as all three shells read it. */
static void
put_quoted(FILE *f, const char *text)
{
    (void)fputc('\'', f);
    for (; *text != '\0'; text++)
        if (*text == '\'')
            (void)fputs("'\\''", f);
        else
            (void)fputc(*text, f);
    (void)fputc('\'', f);
}

static void
put_word(FILE *f, const char *word, const char *meaning)
{
    (void)fprintf(f, "        __ivs_token_word %s ", word);
    put_quoted(f, meaning);
    (void)fputc('\n', f);
}

static void
put_rows(FILE *f, const struct opt *rows, const char *operations)
{
    for (const struct opt *o = rows; o->help != NULL; o++) {
        const char *values = values_of(o, operations);
        bool maybe = (o->flags & OPT_MAYBE) != 0;

        (void)fprintf(f, "        __ivs_token_row %s%s ",
                      o->name != NULL ? "--" : "''",
                      o->name != NULL ? o->name : "");
        if (o->letter != '\0')
            (void)fprintf(f, "-%c ", o->letter);
        else
            (void)fputs("'' ", f);
        (void)fprintf(f, "'%s%s%s' ", maybe ? "[=" : "",
                      values != NULL ? values : "", maybe ? "]" : "");
        put_quoted(f, o->help);
        (void)fputc('\n', f);
    }
}

/* A noun's meaning is its verbs; one without a verb is a command. */
static void
put_noun(FILE *f, const struct cmd *first)
{
    char verbs[128] = "";
    size_t at = 0;

    if (first->verb[0] == '\0') {
        put_word(f, first->noun, first->summary);
        return;
    }
    for (const struct cmd *cmd = first;
         cmd->noun != NULL && strcmp(cmd->noun, first->noun) == 0; cmd++)
        if (at < sizeof verbs)
            at += (size_t)snprintf(verbs + at, sizeof verbs - at, "%s%s",
                                   at > 0 ? ", " : "", cmd->verb);
    put_word(f, first->noun, verbs);
}

static void
put_label(FILE *f, const struct completion_shell *shell, const char *noun,
          const char *verb)
{
    (void)fprintf(f, "%s%s%s%s%s", shell->label, noun,
                  verb[0] != '\0' ? " " : "", verb, shell->label_end);
}

static void
put_verbs(FILE *f, const struct completion_shell *shell,
          const struct cmd *first)
{
    put_label(f, shell, first->noun, "");
    for (const struct cmd *cmd = first;
         cmd->noun != NULL && strcmp(cmd->noun, first->noun) == 0; cmd++)
        put_word(f, cmd->verb, cmd->summary);
    (void)fputs(shell->branch_end, f);
}

static void
put_script(FILE *f, const struct completion_shell *shell,
           const char *operations)
{
    (void)fprintf(f, "%s%s", shell->head, shell->open);
    put_label(f, shell, "", "");
    put_rows(f, cli_globals, operations);
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++)
        if (first_of_noun(cmd))
            put_noun(f, cmd);
    put_word(f, "help", "print help");
    (void)fputs(shell->branch_end, f);
    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++) {
        if (first_of_noun(cmd) && cmd->verb[0] != '\0')
            put_verbs(f, shell, cmd);
        put_label(f, shell, cmd->noun, cmd->verb);
        put_rows(f, cmd->opts, operations);
        (void)fputs(shell->branch_end, f);
    }
    (void)fprintf(f, "%s%s", shell->close, shell->tail);
}

static int
print_script(struct cli *c, const struct completion_shell *shell)
{
    char *script = NULL, *operations = operation_words();
    size_t len = 0;
    FILE *f = operations != NULL ? open_memstream(&script, &len) : NULL;
    int code = CLI_OK;

    if (f != NULL)
        put_script(f, shell, operations);
    if (f == NULL || !closed_whole(f))
        code = fail(c, CLI_FAILED, "out of memory making the script");
    else if (c->g.json)
        code = out_json(
            c, json_pack("{s:s, s:s}", "shell", shell->name, "script", script));
    else
        out_bytes(c, script, len);
    free(operations);
    free(script);
    return code;
}

/* ---- JSON ---- */

static json_t *
rows_json(const struct opt *rows, bool arguments)
{
    json_t *list = json_array();

    for (const struct opt *o = rows; o->help != NULL; o++) {
        char letter[2] = {o->letter, '\0'};
        json_t *row;

        if ((o->name == NULL) != arguments)
            continue;
        row =
            json_pack("{s:s*, s:s*, s:s*, s:b, s:b, s:b, s:s}", "name", o->name,
                      "letter", o->letter != '\0' ? letter : NULL, "value",
                      o->metavar, "value_optional", (o->flags & OPT_MAYBE) != 0,
                      "required", (o->flags & OPT_REQUIRED) != 0, "repeatable",
                      (o->flags & OPT_LIST) != 0, "help", o->help);
        if (json_array_append_new(list, row) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *
command_json(const struct cmd *cmd)
{
    const char *verb = cmd->verb[0] != '\0' ? cmd->verb : NULL;

    return json_pack("{s:[s, s*], s:s, s:o, s:o}", "words", cmd->noun, verb,
                     "summary", cmd->summary, "options",
                     rows_json(cmd->opts, false), "arguments",
                     rows_json(cmd->opts, true));
}

static int
print_tables(struct cli *c)
{
    json_t *cmds = json_array(), *exits = json_array();
    bool ok = true;

    for (const struct cmd *cmd = cli_cmds; cmd->noun != NULL; cmd++)
        ok = json_array_append_new(cmds, command_json(cmd)) == 0 && ok;
    for (const struct exit_row *e = cli_exits; e->meaning != NULL; e++)
        ok = json_array_append_new(exits,
                                   json_pack("{s:i, s:s}", "code", e->code,
                                             "meaning", e->meaning)) == 0 &&
             ok;
    if (!ok) {
        json_decref(cmds);
        json_decref(exits);
        return fail(c, CLI_FAILED, "out of memory making the JSON output");
    }
    return out_json(c, json_pack("{s:o, s:o, s:o}", "options",
                                 rows_json(cli_globals, false), "commands",
                                 cmds, "exit_codes", exits));
}

int
completion(struct cli *c, const void *values)
{
    (void)values;
    for (const struct completion_shell *s = completion_shells; s->name != NULL;
         s++)
        if (strcmp(s->name, c->cmd->verb) == 0)
            return print_script(c, s);
    return print_tables(c);
}
