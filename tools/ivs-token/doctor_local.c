/* SPDX-License-Identifier: MIT */
/* doctor: what is at hand, key files and the playback URL, and the region. */

#include <stdlib.h>
#include <string.h>

#include "doctor.h"

static int
read_key(struct doctor *d, const char *path)
{
    struct doctor_key *k = &d->keys[d->nkeys++];
    int code;

    k->path = path;
    code = input_key_quietly(d->c, path, &k->key, &k->error);
    if (k->error.code == IVS_E_NOMEM)
        return fail_error(d->c, &k->error);
    if (code != CLI_OK)
        return k->error.code != IVS_OK ? CLI_OK : code;
    if (ivs_key_fingerprint(k->key, k->fingerprint, &k->error) != IVS_OK)
        return fail_error(d->c, &k->error);
    return CLI_OK;
}

static int
set_channel_of(struct doctor *d, const char *text, const char *from)
{
    ivs_error err = {0};

    if (ivs_arn_parse(text, strlen(text), &d->arn, &err) != IVS_OK)
        return fail_error(d->c, &err);
    (void)snprintf(d->channel, sizeof d->channel, "%s", text);
    d->channel_from = from;
    return value_check_region(d->c, &d->arn);
}

const char *
doctor_token_of_url(const char *url, size_t *ret_len)
{
    const char *found = NULL;

    for (const char *at = strstr(url, "token="); at != NULL;
         at = strstr(at + 1, "token=")) {
        if (at == url || (at[-1] != '?' && at[-1] != '&'))
            continue;
        found = at + 6;
        *ret_len = strcspn(found, "?&#");
        if (*ret_len > 0)
            break;
    }
    return found;
}

static int
read_url(struct doctor *d)
{
    const char *given = d->opts->url, *token;
    char arn_text[IVS_ARN_MAX + 1];
    size_t len = 0;
    ivs_arn arn;
    int code = CLI_OK;

    if (strcmp(given, "-") == 0)
        code = input_token(d->c, "-", "--playback-url", &d->url);
    else if ((d->url.data = strdup(given)) == NULL)
        code = fail(d->c, CLI_FAILED, "out of memory");
    else
        d->url.len = d->url.cap = strlen(given);
    if (code != CLI_OK)
        return code;
    token = doctor_token_of_url(d->url.data, &len);
    if (token != NULL && len > 0 && strcmp(given, "-") != 0)
        return usage(d->c,
                     "--playback-url: found a token, which others can see on "
                     "the command line; --playback-url - reads the URL from "
                     "standard input");
    if (token != NULL && len > 0 && d->token.data != NULL)
        return usage(d->c,
                     "--token is given, and the playback URL has a token, too: "
                     "expected one of them");
    if (token != NULL && len > 0) {
        d->token.data = strndup(token, len);
        if (d->token.data == NULL)
            return fail(d->c, CLI_FAILED, "out of memory");
        d->token.len = d->token.cap = len;
    }
    if (d->channel_from == NULL &&
        ivs_arn_from_playback_url(d->url.data, d->url.len, &arn, NULL) ==
            IVS_OK &&
        ivs_arn_format(&arn, arn_text, NULL) == IVS_OK)
        return set_channel_of(d, arn_text, "--playback-url");
    return CLI_OK;
}

int
doctor_gather(struct doctor *d)
{
    const struct doctor_opts *opts = d->opts;
    int code = CLI_OK;

    d->keys = calloc(opts->keys.n + 1, sizeof *d->keys);
    if (d->keys == NULL)
        return fail(d->c, CLI_FAILED, "out of memory");
    for (size_t i = 0; code == CLI_OK && i < opts->keys.n; i++)
        code = read_key(d, opts->keys.v[i]);
    if (code == CLI_OK && opts->channel != NULL)
        code = set_channel_of(d, opts->channel, "--channel");
    if (code == CLI_OK && opts->token != NULL)
        code = input_token(d->c, opts->token, "--token", &d->token);
    if (code == CLI_OK && opts->url != NULL)
        code = read_url(d);
    if (code == CLI_OK)
        code = doctor_read_token(d);
    return code;
}

static const char *
code_of(const ivs_error *err)
{
    if (err->code == IVS_E_IO)
        return "key_unreadable";
    return strstr(err->message, "passphrase") != NULL ? "key_locked"
                                                      : "key_unusable";
}

void
doctor_check_keys(struct doctor *d)
{
    unsigned mode;

    if (d->nkeys == 0)
        doctor_skip(d, CHECK_KEY, "no --key was given");
    for (size_t i = 0; i < d->nkeys; i++) {
        const struct doctor_key *k = &d->keys[i];
        bool private = k->key != NULL && ivs_key_has_private(k->key);

        if (k->key == NULL) {
            doctor_found_key(d, k, code_of(&k->error), "%s", k->error.message);
            continue;
        }
        doctor_ok(d, CHECK_KEY, "%s: %s key on P-384, fingerprint %s", k->path,
                  private ? "private" : "public", k->fingerprint);
        if (private && strcmp(k->path, "-") != 0 &&
            input_is_open_to_others(k->path, &mode))
            doctor_found_key(
                d, k, "key_readable_by_others",
                "others can read the private key in %s (mode %04o)", k->path,
                mode);
    }
}

/* Variant playlists and segments: /v1/playlist/, /v1/segment/. */
static bool
is_of_session(const char *url)
{
    size_t len = strcspn(url, "?#");
    const char *path = strstr(url, "/v1/playlist/");

    if (path == NULL)
        path = strstr(url, "/v1/segment/");
    return path != NULL && (size_t)(path - url) < len;
}

void
doctor_check_url(struct doctor *d)
{
    const char *url = d->url.data, *query, *token;
    char text[IVS_ARN_MAX + 1] = "";
    ivs_error err = {0};
    size_t len = 0;
    ivs_arn arn;

    if (url == NULL) {
        doctor_skip(d, CHECK_URL, "no --playback-url was given");
        return;
    }
    if (ivs_arn_from_playback_url(url, d->url.len, &arn, &err) != IVS_OK ||
        ivs_arn_format(&arn, text, &err) != IVS_OK) {
        if (is_of_session(url))
            doctor_found(
                d, "url_of_variant",
                "that is the URL of a variant playlist or segment, "
                "which belongs to one playback and is good for an hour "
                "or so: players begin with the playback URL");
        else
            doctor_found(d, "url_malformed", "%s", err.message);
        return;
    }
    if (strcmp(text, d->channel) != 0)
        doctor_found(d, "url_other_channel",
                     "the playback URL is of %s, but %s says %s", text,
                     d->channel_from, d->channel);
    query = strchr(url, '?');
    token = doctor_token_of_url(url, &len);
    if (query != NULL && strchr(query + 1, '?') != NULL)
        doctor_found(d, "url_two_question_marks",
                     "the playback URL has two question marks, so that its "
                     "token does not arrive; expected one, then token=");
    else if (token != NULL && len == 0)
        doctor_found(d, "token_lost",
                     "token= in the playback URL is empty: the service answers "
                     "403 \"token contains an invalid number of segments\"");
    else if (token == NULL && d->token.data == NULL)
        doctor_found(d, "url_without_token",
                     "the playback URL has no token: a private channel answers "
                     "403 to it as it is");
    doctor_ok(d, CHECK_URL, "of %s", text);
}

/* The region that key pairs go to where no option says another, or NULL. */
static const char *
environment_region(const char **ret_name)
{
    static const char *const names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (environment_has(names[i])) {
            *ret_name = names[i];
            return getenv(names[i]);
        }
    return NULL;
}

void
doctor_check_region(struct doctor *d)
{
    const char *name = NULL, *environment = environment_region(&name);

    if (d->region == NULL) {
        doctor_skip(d, CHECK_REGION, "nothing names a region");
        return;
    }
    if (!doctor_knows_region(d->region))
        doctor_found(d, "region_without_ivs",
                     "Amazon IVS is not known to be in the region %s",
                     d->region);
    if (environment != NULL && d->c->g.region == NULL &&
        strcmp(environment, d->region) != 0)
        doctor_found(d, "environment_other_region",
                     "the channel is in %s, but %s is %s: key pairs are "
                     "imported there without --region",
                     d->region, name, environment);
    doctor_ok(d, CHECK_REGION, "%s", d->region);
}
