/* SPDX-License-Identifier: MIT */
/* The command that repairs: what is known goes into its places, safe for a
 * shell. */

#include <string.h>

#include "doctor.h"

static void
put_word(struct text_buf *t, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                                "uvwxyz0123456789_./:=@%+,-";

    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        text_buf_puts(t, word);
        return;
    }
    text_buf_puts(t, "'");
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            text_buf_puts(t, "'\\''");
        else
            text_buf_put(t, word, 1);
    }
    text_buf_puts(t, "'");
}

static bool
is_why(const struct doctor *d, const char *code)
{
    return strcmp(d->why.cause->code, code) == 0;
}

/* A version as the token has it, where it can be revoked; one that is higher
 * where it was. */
static void
put_version(const json_t *claims, bool revoked, struct text_buf *t)
{
    const json_t *version =
        json_object_get(claims, "aws:viewer-session-version");
    json_int_t n = json_integer_value(version);

    if (version == NULL && !revoked)
        return;
    text_buf_puts(t, " --viewer-version ");
    if (json_is_integer(version) && n >= 0 && n <= INT32_MAX && !revoked)
        text_buf_number(t, n);
    else
        text_buf_puts(t, "now");
}

/* The origins of the token, and the player's. One that sends none, or is asked
 * for one in vain, is let in by a token that is not strict. */
static void
put_origins(const struct doctor *d, struct text_buf *t)
{
    const char *origin = d->opts->origin != NULL ? d->opts->origin : "";
    bool strict = d->claims != NULL && d->claims->strict_origin_enforcement;
    bool has = origin[0] == '\0';

    for (size_t i = 0; d->claims != NULL && i < d->claims->norigins; i++) {
        has = has || strcmp(d->claims->origins[i], origin) == 0;
        text_buf_puts(t, " --origin ");
        put_word(t, d->claims->origins[i]);
    }
    if (!has) {
        text_buf_puts(t, " --origin ");
        put_word(t, origin);
    }
    if (strict && !is_why(d, "origin_missing") && !is_why(d, "probe_no_origin"))
        text_buf_puts(t, " --strict-origin");
}

/* The options that make a token like the one at hand. */
static void
put_claims(const struct doctor *d, struct text_buf *t)
{
    const json_t *claims = json_object_get(d->inspected, "claims");
    const char *viewer = doctor_text(claims, "aws:viewer-id");
    const char *resolution = doctor_text(claims, "aws:maximum-resolution");
    size_t length = text_count(viewer, strlen(viewer));

    if (json_object_get(claims, "aws:viewer-id") != NULL) {
        text_buf_puts(t, " --viewer-id ");
        put_word(t, length > 0 && length <= IVS_VIEWER_ID_MAX ? viewer : "ID");
    }
    put_version(claims, is_why(d, "probe_revoked"), t);
    put_origins(d, t);
    if (json_object_get(claims, "aws:single-use-uuid") != NULL)
        text_buf_puts(t, " --single-use");
    if (strcmp(resolution, "SD") == 0 || strcmp(resolution, "HD") == 0 ||
        strcmp(resolution, "FULL_HD") == 0) {
        text_buf_puts(t, " --max-resolution ");
        put_word(t, resolution);
    }
    text_buf_puts(t, " --ttl 5m");
}

/* Whether a key will do: the token's where that is known, and with a private
 * half where it is to sign. */
static bool
is_fit(const struct doctor *d, const struct doctor_key *k, bool signs)
{
    if (k->key == NULL || (signs && !ivs_key_has_private(k->key)))
        return false;
    return d->signer == NULL ||
           strcmp(d->signer->fingerprint, k->fingerprint) == 0;
}

/* The key that the cause is about, or the first that will do. */
static const char *
key_path(const struct doctor *d, const struct doctor_finding *why, bool signs)
{
    if (why->key != NULL)
        return why->key->path;
    for (size_t i = 0; i < d->nkeys; i++)
        if (is_fit(d, &d->keys[i], signs))
            return d->keys[i].path;
    return "KEY.pem";
}

/* The playback URL without its token. */
static void
put_url(const struct doctor *d, struct text_buf *t)
{
    const char *text = d->url.data != NULL
                           ? d->url.data
                           : doctor_text(doctor_channel(d), "playbackUrl");
    struct text_buf url = {0};

    text_buf_put(&url, text, strcspn(text, "?#"));
    text_buf_put(&url, "", 1);
    put_word(t, !url.failed && url.len > 1 ? url.data : "URL");
    text_buf_free(&url);
}

static bool
is_loopback(const char *endpoint)
{
    const char *host = strstr(endpoint, "://");

    if (host == NULL)
        return false;
    host += 3;
    if (strncmp(host, "127.", 4) == 0)
        host += strspn(host, "0123456789.");
    else if (strncmp(host, "localhost", 9) == 0)
        host += 9;
    else if (strncmp(host, "[::1]", 5) == 0)
        host += 5;
    else
        return false;
    return strchr(":/", *host) != NULL;
}

/* What streams to a channel of ivs-emulator, where the service may be one. */
static void
put_emulator(const struct doctor *d, struct text_buf *t)
{
    const char *endpoint =
        d->client != NULL ? ivs_client_endpoint(d->client) : "";

    if (!is_loopback(endpoint))
        return;
    text_buf_puts(t, " && ivs-emulator stream start --channel ");
    put_word(t, d->channel);
    text_buf_puts(t, " --url ");
    put_word(t, endpoint);
}

static void
put_place(const struct doctor *d, const struct doctor_finding *why,
          const char *name, size_t len, struct text_buf *t)
{
    if (strncmp(name, "claims", len) == 0)
        put_claims(d, t);
    else if (strncmp(name, "signkey", len) == 0)
        put_word(t, key_path(d, why, true));
    else if (strncmp(name, "key", len) == 0)
        put_word(t, key_path(d, why, false));
    else if (strncmp(name, "channel", len) == 0)
        put_word(t, d->channel_from != NULL ? d->channel : "CHANNEL_ARN");
    else if (strncmp(name, "region", len) == 0)
        put_word(t, d->region != NULL ? d->region : "REGION");
    else if (strncmp(name, "emulator", len) == 0)
        put_emulator(d, t);
    else if (strncmp(name, "input", len) == 0)
        put_word(t, d->input != NULL ? d->input : "INPUT");
    else
        put_url(d, t);
}

void
doctor_repair(const struct doctor *d, const struct doctor_finding *why,
              struct text_buf *ret)
{
    const char *at = why->cause->repair;

    while (*at != '\0') {
        size_t plain = 0, len;

        /* A place is {letters}; JSON has another character there. */
        while (at[plain] != '\0' && !(at[plain] == '{' && at[plain + 1] >= 'a'))
            plain++;
        text_buf_put(ret, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        len = strcspn(at, "}");
        put_place(d, why, at + 1, len - 1, ret);
        at += len + 1;
    }
    text_buf_put(ret, "", 1);
}
