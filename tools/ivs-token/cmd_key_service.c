/* SPDX-License-Identifier: MIT */
/* key import, list, get, delete, match: the service's key pairs. */

#include <stdlib.h>
#include <string.h>

#include "opts_service.h"
#include "pairs.h"

static json_t *
pair_json(const ivs_playback_key *pair)
{
    const ivs_tags *tags = ivs_playback_key_tags(pair);
    json_t *map = json_object();

    for (size_t i = 0; i < ivs_tags_count(tags); i++) {
        ivs_tag tag = ivs_tags_at(tags, i);

        (void)json_object_set_new(map, tag.key, json_string(tag.value));
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "arn", ivs_playback_key_arn(pair),
                     "name", ivs_playback_key_name(pair), "fingerprint",
                     ivs_playback_key_fingerprint(pair), "tags", map);
}

static void
print_text(const char *text)
{
    text_print(stdout, text, strlen(text));
}

static int
print_pair(struct cli *c, const ivs_playback_key *pair)
{
    const ivs_tags *tags = ivs_playback_key_tags(pair);

    if (c->g.json)
        return out_json(c, pair_json(pair));
    (void)fputs("arn          ", stdout);
    print_text(ivs_playback_key_arn(pair));
    (void)fputs("\nname         ", stdout);
    print_text(ivs_playback_key_name(pair));
    (void)fputs("\nfingerprint  ", stdout);
    print_text(ivs_playback_key_fingerprint(pair));
    (void)putchar('\n');
    for (size_t i = 0; i < ivs_tags_count(tags); i++) {
        ivs_tag tag = ivs_tags_at(tags, i);

        (void)fputs("tag          ", stdout);
        print_text(tag.key);
        (void)putchar('=');
        print_text(tag.value);
        (void)putchar('\n');
    }
    return CLI_OK;
}

/* The pair alone, or its ARN. */
static int
print_arn(struct cli *c, const ivs_playback_key *pair)
{
    if (c->g.json)
        return print_pair(c, pair);
    print_text(ivs_playback_key_arn(pair));
    (void)putchar('\n');
    return CLI_OK;
}

/* ---- import ---- */

struct tags {
    ivs_tag *v;
    char **texts; /* what the tags point into */
    size_t n;
};

static void
free_tags(struct tags *tags)
{
    for (size_t i = 0; i < tags->n; i++)
        free(tags->texts[i]);
    free(tags->texts);
    free(tags->v);
}

static int
add_tag(struct cli *c, const char *text, struct tags *tags)
{
    const char *equals = strchr(text, '=');
    char *copy;

    if (equals == NULL || equals == text)
        return usage(c, "--tag: found \"%.60s\", expected NAME=VALUE", text);
    copy = strdup(text);
    if (copy == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    copy[equals - text] = '\0';
    tags->texts[tags->n] = copy;
    tags->v[tags->n++] =
        (ivs_tag){.key = copy, .value = copy + (equals - text) + 1};
    for (size_t i = 0; i + 1 < tags->n; i++)
        if (strcmp(tags->v[i].key, copy) == 0)
            return usage(c, "--tag: %.60s is given twice", copy);
    return CLI_OK;
}

static int
make_tags(struct cli *c, const struct list *list, struct tags *ret)
{
    int code = CLI_OK;

    if (list->n == 0)
        return CLI_OK;
    ret->v = calloc(list->n, sizeof *ret->v);
    ret->texts = calloc(list->n, sizeof *ret->texts);
    if (ret->v == NULL || ret->texts == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    for (size_t i = 0; code == CLI_OK && i < list->n; i++)
        code = add_tag(c, list->v[i], ret);
    return code;
}

static int
check_room(struct cli *c, ivs_client *client)
{
    ivs_playback_keys *pairs = NULL;
    ivs_error err = {0};
    int code = CLI_OK;
    size_t n;

    if (ivs_playback_keys_list(client, false, &pairs, &err) != IVS_OK)
        return fail_error(c, &err);
    n = ivs_playback_keys_count(pairs);
    if (n >= IVS_PLAYBACK_KEYS_MAX) {
        code = fail(c, CLI_REFUSED,
                    "region %s has %zu of %d key pairs already; nothing was "
                    "imported",
                    ivs_client_region(client), n, IVS_PLAYBACK_KEYS_MAX);
        for (size_t i = 0; i < n; i++)
            hint("%s %s", ivs_playback_key_arn(ivs_playback_keys_at(pairs, i)),
                 ivs_playback_key_name(ivs_playback_keys_at(pairs, i)));
        hint(
            "remove one with ivs-token key delete ARN; with room for one more, "
            "ivs-token key rotate replaces a pair without breaking its tokens");
    }
    ivs_playback_keys_free(pairs);
    return code;
}

static int
refuse_import(struct cli *c, const ivs_error *err, const char *path)
{
    int code = fail_error(c, err);

    if (err->code == IVS_E_KEY)
        hint("remove it with ivs-token key delete ARN");
    if (err->http_status == 409)
        hint("find it with ivs-token key match --key %s", path);
    hint_unanswered(err, "look with ivs-token key match --key %s", path);
    return code;
}

static int
import(struct cli *c, ivs_client *client, const ivs_key *key,
       const struct import_opts *opts, const struct tags *tags)
{
    ivs_playback_key *pair = NULL;
    ivs_import_options import;
    ivs_error err = {0};
    int code = check_room(c, client);

    if (code != CLI_OK)
        return code;
    ivs_import_options_init(&import, sizeof import);
    import.name = opts->name;
    import.tags = tags->v;
    import.ntags = tags->n;
    if (ivs_playback_key_import(client, key, &import, &pair, &err) != IVS_OK)
        return refuse_import(c, &err, opts->key);
    if (ivs_playback_key_recovered(pair))
        notice(c, "an answer was lost; %s was found afterwards",
               ivs_playback_key_arn(pair));
    code = print_arn(c, pair);
    if (code == CLI_OK)
        out_done(c,
                 "%s was imported; ivs-token key match --key %s finds it "
                 "again",
                 ivs_playback_key_arn(pair), opts->key);
    ivs_playback_key_free(pair);
    return code;
}

int
key_import(struct cli *c, const void *values)
{
    const struct import_opts *opts = values;
    struct tags tags = {0};
    ivs_client *client = NULL;
    ivs_key *key = NULL;
    int code;

    if ((code = make_tags(c, &opts->tags, &tags)) == CLI_OK &&
        (code = input_key(c, opts->key, &key)) == CLI_OK &&
        (code = service_open(c, NULL, &client)) == CLI_OK)
        code = import(c, client, key, opts, &tags);
    free_tags(&tags);
    ivs_key_free(key);
    service_close(client);
    return code;
}

/* ---- list, get, delete, match ---- */

/* Whose pairs they are, as far as one of them says. */
static void
print_count(const ivs_playback_keys *pairs, const char *region)
{
    size_t n = ivs_playback_keys_count(pairs);
    ivs_arn arn;

    (void)fprintf(stderr, "ivs-token: %zu of %d key pairs in %s", n,
                  IVS_PLAYBACK_KEYS_MAX, region);
    if (n > 0) {
        const char *first =
            ivs_playback_key_arn(ivs_playback_keys_at(pairs, 0));

        if (ivs_arn_parse(first, strlen(first), &arn, NULL) == IVS_OK)
            (void)fprintf(stderr, ", account %s", arn.account);
    }
    (void)fputc('\n', stderr);
}

/* The pair, and where a directory was looked through, its files. */
static json_t *
listed_json(const ivs_playback_key *pair, const struct key_files *files)
{
    const struct key_file *file =
        key_files_find(files, ivs_playback_key_fingerprint(pair));
    json_t *doc = pair_json(pair);

    (void)json_object_set_new(doc, "private_key_file",
                              file != NULL && file->private_file != NULL
                                  ? text_json(file->private_file)
                                  : json_null());
    (void)json_object_set_new(doc, "public_key_file",
                              file != NULL && file->public_file != NULL
                                  ? text_json(file->public_file)
                                  : json_null());
    return doc;
}

static void
print_row(const ivs_playback_key *pair, const char *file)
{
    print_text(ivs_playback_key_arn(pair));
    (void)putchar('\t');
    print_text(ivs_playback_key_fingerprint(pair));
    (void)putchar('\t');
    print_text(ivs_playback_key_name(pair));
    if (file != NULL) {
        (void)putchar('\t');
        print_text(file);
    }
    (void)putchar('\n');
}

/* `files` NULL: no directory was looked through. */
static int
print_list(struct cli *c, const ivs_playback_keys *pairs,
           const struct key_files *files, const char *region)
{
    size_t n = ivs_playback_keys_count(pairs);
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        const ivs_playback_key *pair = ivs_playback_keys_at(pairs, i);

        if (c->g.json)
            (void)json_array_append_new(list, files != NULL
                                                  ? listed_json(pair, files)
                                                  : pair_json(pair));
        else
            print_row(pair, files != NULL
                                ? key_files_name(
                                      files, ivs_playback_key_fingerprint(pair))
                                : NULL);
    }
    if (c->g.json)
        return out_json(c, json_pack("{s:o, s:i}", "keyPairs", list, "quota",
                                     IVS_PLAYBACK_KEYS_MAX));
    json_decref(list);
    print_count(pairs, region);
    return CLI_OK;
}

int
key_list(struct cli *c, const void *values)
{
    const struct list_opts *opts = values;
    struct key_files files = {0};
    ivs_client *client = NULL;
    ivs_playback_keys *pairs = NULL;
    int code = CLI_OK;

    if (opts->keys != NULL)
        code = key_files_read(c, opts->keys, &files);
    if (code == CLI_OK && (code = service_open(c, NULL, &client)) == CLI_OK &&
        (code = pairs_list(c, client, &pairs)) == CLI_OK)
        code = print_list(c, pairs, opts->keys != NULL ? &files : NULL,
                          ivs_client_region(client));
    ivs_playback_keys_free(pairs);
    key_files_free(&files);
    service_close(client);
    return code;
}

static int
fail_pair(struct cli *c, const ivs_error *err)
{
    int code = fail_error(c, err);

    if (err->http_status == 404)
        hint("ivs-token key list shows the key pairs of the region");
    return code;
}

int
key_get(struct cli *c, const void *values)
{
    const struct arn_opts *opts = values;
    ivs_client *client = NULL;
    ivs_playback_key *pair = NULL;
    ivs_error err = {0};
    int code = pairs_open(c, opts->arn, &client);

    if (code != CLI_OK)
        return code;
    if (ivs_playback_key_get(client, opts->arn, &pair, &err) != IVS_OK)
        code = fail_pair(c, &err);
    else
        code = print_pair(c, pair);
    ivs_playback_key_free(pair);
    service_close(client);
    return code;
}

int
key_delete(struct cli *c, const void *values)
{
    const struct arn_opts *opts = values;
    ivs_client *client = NULL;
    char question[256];
    ivs_error err = {0};
    int code;

    (void)snprintf(question, sizeof question,
                   "Deleting %s makes every token signed with it useless.",
                   opts->arn);
    if ((code = input_confirm(c, question, "nothing was done")) != CLI_OK ||
        (code = pairs_open(c, opts->arn, &client)) != CLI_OK)
        return code;
    if (ivs_playback_key_delete(client, opts->arn, &err) != IVS_OK)
        code = fail_pair(c, &err);
    else
        out_done(c, "%s was deleted", opts->arn);
    hint_unanswered(&err, "look with ivs-token key list");
    if (code != CLI_OK)
        goto out;
    if (c->g.json)
        code = out_json(c, json_pack("{s:s}", "deleted", opts->arn));
    else
        (void)fprintf(stderr, "ivs-token: deleted %s\n", opts->arn);
out:
    service_close(client);
    return code;
}

static int
print_match(struct cli *c, const ivs_playback_keys *pairs,
            const char *fingerprint, const char *region)
{
    const ivs_playback_key *found = ivs_playback_keys_find(pairs, fingerprint);
    size_t n = ivs_playback_keys_count(pairs), unknown = 0;

    if (found != NULL)
        return print_arn(c, found);
    for (size_t i = 0; i < n; i++)
        unknown += ivs_playback_key_fingerprint(
                       ivs_playback_keys_at(pairs, i))[0] == '\0';
    if (unknown > 0)
        return fail(c, CLI_REFUSED,
                    "cannot tell whether one of the %zu key pairs in %s has "
                    "the fingerprint %s: %zu of theirs are not known",
                    n, region, fingerprint, unknown);
    return fail(
        c, CLI_FAILED,
        "none of the key pairs in %s (%zu of %d) has the fingerprint %s",
        region, n, IVS_PLAYBACK_KEYS_MAX, fingerprint);
}

int
key_match(struct cli *c, const void *values)
{
    const struct match_opts *opts = values;
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_client *client = NULL;
    ivs_playback_keys *pairs = NULL;
    ivs_key *key = NULL;
    ivs_error err = {0};
    int code;

    if ((code = input_key(c, opts->key, &key)) != CLI_OK)
        goto out;
    if (ivs_key_fingerprint(key, fingerprint, &err) != IVS_OK) {
        code = fail_error(c, &err);
        goto out;
    }
    if ((code = service_open(c, NULL, &client)) == CLI_OK &&
        (code = pairs_list(c, client, &pairs)) == CLI_OK)
        code = print_match(c, pairs, fingerprint, ivs_client_region(client));
out:
    ivs_playback_keys_free(pairs);
    ivs_key_free(key);
    service_close(client);
    return code;
}
