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

/* The options that make a token like the one at hand. */
static void
put_claims(const struct doctor *d, struct text_buf *t)
{
    const json_t *claims = json_object_get(d->inspected, "claims");
    const char *origin = d->opts->origin;
    const char *viewer = doctor_text(claims, "aws:viewer-id");
    size_t length = text_count(viewer, strlen(viewer));

    if (json_object_get(claims, "aws:viewer-id") != NULL) {
        text_buf_puts(t, " --viewer-id ");
        put_word(t, length > 0 && length <= IVS_VIEWER_ID_MAX ? viewer : "ID");
    }
    if (origin != NULL && origin[0] != '\0') {
        text_buf_puts(t, " --origin ");
        put_word(t, origin);
    }
    text_buf_puts(t, " --ttl 5m");
}

static const char *
key_path(const struct doctor *d, bool usable)
{
    if (d->signer != NULL)
        return d->signer->path;
    for (size_t i = 0; i < d->nkeys; i++)
        if ((d->keys[i].key != NULL) == usable)
            return d->keys[i].path;
    return "KEY.pem";
}

static void
put_place(const struct doctor *d, const char *name, size_t len,
          struct text_buf *t)
{
    struct text_buf url = {0};
    const char *text = "";

    if (strncmp(name, "claims", len) == 0) {
        put_claims(d, t);
        return;
    }
    if (strncmp(name, "key", len) == 0)
        text = key_path(d, true);
    else if (strncmp(name, "badkey", len) == 0)
        text = key_path(d, false);
    else if (strncmp(name, "channel", len) == 0)
        text = d->channel_from != NULL ? d->channel : "CHANNEL_ARN";
    else if (strncmp(name, "region", len) == 0)
        text = d->region != NULL ? d->region : "REGION";
    else if (strncmp(name, "input", len) == 0)
        text = d->input != NULL ? d->input : "INPUT";
    else if (d->url.data != NULL) { /* url, without its token */
        text_buf_put(&url, d->url.data, strcspn(d->url.data, "?#"));
        text_buf_put(&url, "", 1);
        text = url.failed ? "URL" : url.data;
    } else {
        text = "URL";
    }
    put_word(t, text);
    text_buf_free(&url);
}

void
doctor_repair(const struct doctor *d, const struct doctor_cause *cause,
              struct text_buf *ret)
{
    const char *at = cause->repair;

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
        put_place(d, at + 1, len - 1, ret);
        at += len + 1;
    }
    text_buf_put(ret, "", 1);
}
