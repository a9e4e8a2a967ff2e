/* SPDX-License-Identifier: MIT */
/* What a rotation will do, what it has done, and what to do where it cannot
 * begin. */

#include <inttypes.h>
#include <string.h>

#include "rotate.h"

/* ---- three of three ---- */

static void
hint_delete(const char *arn, const char *old, bool with_key, bool wanted,
            const char *dir)
{
    if (strcmp(arn, old) == 0 || with_key != wanted)
        return;
    if (dir == NULL)
        hint("  ivs-token key delete %s", arn);
    else if (with_key)
        hint("  ivs-token key delete %s (its private key is in %s)", arn, dir);
    else
        hint("  ivs-token key delete %s (no private key of it is in %s)", arn,
             dir);
}

static void
hint_room(const struct rotate *ro, const ivs_playback_keys *pairs,
          const struct key_files *files)
{
    size_t n = ivs_playback_keys_count(pairs);

    for (size_t i = 0; i < n; i++) {
        const ivs_playback_key *pair = ivs_playback_keys_at(pairs, i);
        const char *arn = ivs_playback_key_arn(pair);
        const char *print = ivs_playback_key_fingerprint(pair);

        hint("%s %s %s%s%s%s", arn, ivs_playback_key_name(pair), print,
             ro->opts->keys != NULL ? " " : "",
             ro->opts->keys != NULL ? key_files_name(files, print) : "",
             strcmp(arn, ro->opts->old) == 0 ? " (to be replaced)" : "");
    }
    hint("delete one that no token is minted with:");
    /* Those that nobody here can mint with come first. */
    for (int wanted = 0; wanted < 2; wanted++)
        for (size_t i = 0; i < n; i++) {
            const ivs_playback_key *pair = ivs_playback_keys_at(pairs, i);
            const struct key_file *file =
                key_files_find(files, ivs_playback_key_fingerprint(pair));

            hint_delete(ivs_playback_key_arn(pair), ro->opts->old,
                        file != NULL && file->private_file != NULL, wanted != 0,
                        ro->opts->keys);
        }
    if (ro->opts->keys == NULL)
        hint("(--keys DIR shows whose private key is in a directory)");
    hint("then run the same command again; where the tokens of the old pair "
         "may stop working at once:");
    hint("  ivs-token key delete %s", ro->opts->old);
    hint("and then key generate and key import");
}

int
rotate_no_room(struct rotate *ro)
{
    ivs_playback_keys *pairs = NULL;
    struct key_files files = {0};
    int code = pairs_list(ro->c, ro->client, &pairs);

    if (code == CLI_OK && ro->opts->keys != NULL)
        code = key_files_read(ro->c, ro->opts->keys, &files);
    if (code == CLI_OK) {
        code = fail(ro->c, CLI_REFUSED,
                    "region %s has %zu of %d key pairs, and a rotation needs "
                    "room for one more; nothing was imported",
                    ivs_client_region(ro->client),
                    ivs_playback_keys_count(pairs), IVS_PLAYBACK_KEYS_MAX);
        hint_room(ro, pairs, &files);
    }
    key_files_free(&files);
    ivs_playback_keys_free(pairs);
    return code;
}

/* ---- plan and result ---- */

static json_t *
text_or_null(const char *text)
{
    return text[0] != '\0' ? text_json(text) : json_null();
}

static json_t *
time_or_null(int64_t time_s)
{
    char text[VALUE_TIME_SIZE];

    if (time_s == 0)
        return json_null();
    value_time(time_s, text);
    return json_string(text);
}

static int
print_json(struct rotate *ro)
{
    const struct rotation *r = &ro->r;
    int64_t until = r->imported_s != 0 ? r->imported_s + r->wait_s : 0;

    return out_json(
        ro->c,
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:I, s:o, "
                  "s:o, s:b}",
                  "step", rotate_step_name(r->step), "resumed_from",
                  rotate_step_name(ro->resumed), "old_arn", r->old_arn,
                  "old_fingerprint", r->old_fingerprint, "new_arn",
                  text_or_null(r->new_arn), "new_fingerprint",
                  text_or_null(r->new_fingerprint), "name", r->name,
                  "private_key_file", text_json(ro->opts->out), "rotation_file",
                  text_json(ro->file.path), "grace_s", (json_int_t)r->wait_s,
                  "imported_at", time_or_null(r->imported_s), "delete_after",
                  time_or_null(until), "dry_run", ro->opts->dry_run));
}

static void
print_step(const struct rotate *ro, enum rotate_step step, const char *text,
           const char *what)
{
    (void)printf("%-8s  ", ro->r.step >= step ? "done" : "to do");
    (void)fputs(text, stdout);
    text_print(stdout, what, strlen(what));
    (void)putchar('\n');
}

int
rotate_print_plan(struct rotate *ro)
{
    const struct rotation *r = &ro->r;
    char wait[96], until[VALUE_TIME_SIZE];

    if (ro->c->g.json)
        return print_json(ro);
    value_time(r->imported_s + r->wait_s, until);
    if (r->imported_s != 0)
        (void)snprintf(wait, sizeof wait, "until %s", until);
    else
        (void)snprintf(wait, sizeof wait, "%" PRId64 " second%s from there on",
                       r->wait_s, plural((size_t)r->wait_s));
    print_step(ro, ROTATE_SAVED, "make a private key in ", ro->opts->out);
    print_step(ro, ROTATE_IMPORTED, "import its public half as ", r->name);
    print_step(ro, ROTATE_WAITED, "wait ", wait);
    print_step(ro, ROTATE_VERIFIED,
               "verify a token of the new key, and its fingerprint", "");
    print_step(ro, ROTATE_DELETED, "delete ", r->old_arn);
    if (r->step < ROTATE_DELETED) /* else nobody was asked */
        (void)fprintf(stderr,
                      "ivs-token: %zu of %d key pairs in %s; nothing was "
                      "done\n",
                      ro->npairs, IVS_PLAYBACK_KEYS_MAX, r->region);
    return CLI_OK;
}

int
rotate_print_done(struct rotate *ro)
{
    const struct rotation *r = &ro->r;

    out_done(ro->c, "%s was deleted, %s has taken its place", r->old_arn,
             r->new_arn);
    if (ro->resumed < ROTATE_DELETED)
        (void)fprintf(stderr, "ivs-token: deleted %s\n", r->old_arn);
    if (ro->c->g.json)
        return print_json(ro);
    out_line(ro->c, r->new_arn);
    return CLI_OK;
}
