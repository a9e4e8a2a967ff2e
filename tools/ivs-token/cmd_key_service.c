/* SPDX-License-Identifier: MIT */
/* key import, list, get, delete, match: the service's key pairs. */

#include <string.h>

#include "opts_service.h"

/* Key pairs of one account and region (Amazon IVS service quotas). */
#define PAIRS_MAX 3

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* ---- import ---- */

static int
make_tags(struct cli *c, const struct list *list, json_t **ret)
{
    json_t *tags = json_object();

    for (size_t i = 0; i < list->n; i++) {
        const char *equals = strchr(list->v[i], '=');
        json_t *name;

        if (equals == NULL || equals == list->v[i]) {
            json_decref(tags);
            return usage(c, "--tag: found \"%.60s\", expected NAME=VALUE",
                         list->v[i]);
        }
        name = json_stringn(list->v[i], (size_t)(equals - list->v[i]));
        if (json_object_get(tags, json_string_value(name)) != NULL) {
            (void)usage(c, "--tag: %.60s is given twice",
                        json_string_value(name));
            json_decref(name);
            json_decref(tags);
            return CLI_USAGE;
        }
        (void)json_object_set_new(tags, json_string_value(name),
                                  json_string(equals + 1));
        json_decref(name);
    }
    *ret = tags;
    return CLI_OK;
}

static int
check_room(struct cli *c, ivs_client *client)
{
    json_t *pairs = NULL;
    int code = pairs_list(c, client, &pairs);

    if (code == CLI_OK && json_array_size(pairs) >= PAIRS_MAX) {
        code =
            fail(c, CLI_REFUSED,
                 "region %s has %zu of %d key pairs already; nothing was "
                 "imported",
                 ivs_client_region(client), json_array_size(pairs), PAIRS_MAX);
        for (size_t i = 0; i < json_array_size(pairs); i++)
            hint("%s %s", member(json_array_get(pairs, i), "arn"),
                 member(json_array_get(pairs, i), "name"));
        hint("remove one with ivs-token key delete ARN");
    }
    json_decref(pairs);
    return code;
}

static int
print_pair(struct cli *c, const json_t *pair)
{
    static const char *const names[] = {"arn", "name", "fingerprint"};
    const char *key;
    json_t *value, *tags = json_object_get(pair, "tags");

    if (c->g.json)
        return out_json(c, json_deep_copy(pair));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = member(pair, names[i]);

        (void)printf("%-12s ", names[i]);
        text_print(stdout, text, strlen(text));
        (void)putchar('\n');
    }
    json_object_foreach(tags, key, value)
    {
        const char *text = json_string_value(value);

        (void)fputs("tag          ", stdout);
        text_print(stdout, key, strlen(key));
        (void)putchar('=');
        text_print(stdout, text != NULL ? text : "",
                   text != NULL ? strlen(text) : 0);
        (void)putchar('\n');
    }
    return CLI_OK;
}

static int
print_imported(struct cli *c, const json_t *answer, const char *fingerprint)
{
    const json_t *pair = json_object_get(answer, "keyPair");
    const char *arn = member(pair, "arn");

    if (arn[0] == '\0')
        return pairs_wrong_answer(c, "ImportPlaybackKeyPair",
                                  "keyPair with an arn");
    if (strcmp(member(pair, "fingerprint"), fingerprint) != 0) {
        (void)fail(c, CLI_FAILED,
                   "the service says the fingerprint is \"%s\", expected %s",
                   member(pair, "fingerprint"), fingerprint);
        hint("do not use %s; remove it with ivs-token key delete", arn);
        return CLI_FAILED;
    }
    if (c->g.json)
        return print_pair(c, pair);
    text_print(stdout, arn, strlen(arn));
    (void)putchar('\n');
    return CLI_OK;
}

static int
import(struct cli *c, ivs_client *client, const json_t *input,
       const struct import_opts *opts, const char *fingerprint)
{
    json_t *answer = NULL;
    ivs_error err = {0};
    int code = check_room(c, client);

    if (code != CLI_OK)
        return code;
    if (service_call(client, "ImportPlaybackKeyPair", input, &answer, &err) !=
        IVS_OK) {
        code = fail_error(c, &err);
        if (err.http_status == 409)
            hint("find it with ivs-token key match --key %s", opts->key);
        hint_unanswered(&err, "look with ivs-token key match --key %s",
                        opts->key);
        return code;
    }
    code = print_imported(c, answer, fingerprint);
    if (code == CLI_OK)
        out_done(c,
                 "%s was imported; ivs-token key match --key %s finds it "
                 "again",
                 member(json_object_get(answer, "keyPair"), "arn"), opts->key);
    json_decref(answer);
    return code;
}

/* The public half of a key file, and its fingerprint. */
static int
read_public(struct cli *c, const char *path, json_t **ret_pem,
            char fingerprint[IVS_FINGERPRINT_SIZE])
{
    ivs_error err = {0};
    ivs_key *key = NULL;
    char *pem = NULL;
    size_t len = 0;
    int code = input_key(c, path, &key);

    if (code != CLI_OK)
        return code;
    if (ivs_key_fingerprint(key, fingerprint, &err) != IVS_OK ||
        ivs_key_export(key, IVS_KEY_SPKI, NULL, &pem, &len, &err) != IVS_OK)
        code = fail_error(c, &err);
    else
        *ret_pem = json_stringn(pem, len);
    ivs_free_secret(pem, len);
    ivs_key_free(key);
    return code;
}

int
key_import(struct cli *c, const void *values)
{
    const struct import_opts *opts = values;
    char fingerprint[IVS_FINGERPRINT_SIZE];
    json_t *pem = NULL, *tags = NULL, *input = NULL;
    ivs_client *client = NULL;
    int code;

    if ((code = make_tags(c, &opts->tags, &tags)) != CLI_OK ||
        (code = read_public(c, opts->key, &pem, fingerprint)) != CLI_OK ||
        (code = service_open(c, NULL, &client)) != CLI_OK)
        goto out;
    input =
        json_pack("{s:O, s:s}", "publicKeyMaterial", pem, "name", opts->name);
    if (json_object_size(tags) > 0)
        (void)json_object_set(input, "tags", tags);
    code = import(c, client, input, opts, fingerprint);
out:
    json_decref(input);
    json_decref(tags);
    json_decref(pem);
    service_close(client);
    return code;
}

/* ---- list, get, delete, match ---- */

/* Whose pairs they are, as far as one of them says. */
static void
print_count(const json_t *pairs, const char *region)
{
    const char *first = member(json_array_get(pairs, 0), "arn");
    ivs_arn arn;

    (void)fprintf(stderr, "ivs-token: %zu of %d key pairs in %s",
                  json_array_size(pairs), PAIRS_MAX, region);
    if (ivs_arn_parse(first, strlen(first), &arn, NULL) == IVS_OK)
        (void)fprintf(stderr, ", account %s", arn.account);
    (void)fputc('\n', stderr);
}

static int
print_list(struct cli *c, json_t *pairs, const char *region)
{
    size_t n = json_array_size(pairs);

    if (c->g.json)
        return out_json(
            c, json_pack("{s:O, s:i}", "keyPairs", pairs, "quota", PAIRS_MAX));
    for (size_t i = 0; i < n; i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *arn = member(pair, "arn"), *name = member(pair, "name");
        const char *fingerprint = member(pair, "fingerprint");

        text_print(stdout, arn, strlen(arn));
        (void)putchar('\t');
        text_print(stdout, fingerprint, strlen(fingerprint));
        (void)putchar('\t');
        text_print(stdout, name, strlen(name));
        (void)putchar('\n');
    }
    print_count(pairs, region);
    return CLI_OK;
}

int
key_list(struct cli *c, const void *values)
{
    ivs_client *client = NULL;
    json_t *pairs = NULL;
    int code = service_open(c, NULL, &client);

    (void)values;
    if (code != CLI_OK)
        return code;
    code = pairs_list_full(c, client, &pairs);
    if (code == CLI_OK)
        code = print_list(c, pairs, ivs_client_region(client));
    json_decref(pairs);
    service_close(client);
    return code;
}

/* A client for the region of a key pair's ARN, which a setter has checked. */
static int
open_for(struct cli *c, const char *text, ivs_client **ret)
{
    ivs_error err = {0};
    ivs_arn arn;

    if (ivs_arn_parse(text, strlen(text), &arn, &err) != IVS_OK)
        return fail_error(c, &err);
    return service_open(c, &arn, ret);
}

int
key_get(struct cli *c, const void *values)
{
    const struct arn_opts *opts = values;
    ivs_client *client = NULL;
    json_t *pair = NULL;
    ivs_error err = {0};
    int code = open_for(c, opts->arn, &client);

    if (code != CLI_OK)
        return code;
    if (pairs_get(client, opts->arn, &pair, &err) != IVS_OK)
        code = fail_error(c, &err);
    else if (pair == NULL)
        code = pairs_wrong_answer(c, "GetPlaybackKeyPair", "keyPair");
    else
        code = print_pair(c, pair);
    json_decref(pair);
    service_close(client);
    return code;
}

int
key_delete(struct cli *c, const void *values)
{
    const struct arn_opts *opts = values;
    ivs_client *client = NULL;
    json_t *input = NULL, *answer = NULL;
    char question[256];
    ivs_error err = {0};
    int code;

    (void)snprintf(question, sizeof question,
                   "Deleting %s makes every token signed with it useless.",
                   opts->arn);
    if ((code = input_confirm(c, question)) != CLI_OK ||
        (code = open_for(c, opts->arn, &client)) != CLI_OK)
        return code;
    input = json_pack("{s:s}", "arn", opts->arn);
    if (service_call(client, "DeletePlaybackKeyPair", input, &answer, &err) !=
        IVS_OK)
        code = fail_error(c, &err);
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
    json_decref(answer);
    json_decref(input);
    service_close(client);
    return code;
}

static int
print_match(struct cli *c, const json_t *pairs, const char *fingerprint,
            const char *region)
{
    size_t unknown = 0;

    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *arn = member(pair, "arn");

        unknown += member(pair, "fingerprint")[0] == '\0';
        if (strcmp(member(pair, "fingerprint"), fingerprint) != 0)
            continue;
        if (c->g.json)
            return print_pair(c, pair);
        text_print(stdout, arn, strlen(arn));
        (void)putchar('\n');
        return CLI_OK;
    }
    if (unknown > 0)
        return fail(c, CLI_REFUSED,
                    "cannot tell whether one of the %zu key pairs in %s has "
                    "the fingerprint %s: %zu of theirs are not known",
                    json_array_size(pairs), region, fingerprint, unknown);
    return fail(c, CLI_FAILED,
                "none of the %zu key pairs in %s has the fingerprint %s",
                json_array_size(pairs), region, fingerprint);
}

int
key_match(struct cli *c, const void *values)
{
    const struct match_opts *opts = values;
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_client *client = NULL;
    json_t *pem = NULL, *pairs = NULL;
    int code;

    if ((code = read_public(c, opts->key, &pem, fingerprint)) != CLI_OK ||
        (code = service_open(c, NULL, &client)) != CLI_OK ||
        (code = pairs_list_full(c, client, &pairs)) != CLI_OK)
        goto out;
    code = print_match(c, pairs, fingerprint, ivs_client_region(client));
out:
    json_decref(pairs);
    json_decref(pem);
    service_close(client);
    return code;
}
