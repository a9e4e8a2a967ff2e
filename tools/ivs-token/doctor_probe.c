/* SPDX-License-Identifier: MIT */
/* doctor: what the playback side answers to a player's first request. */

#include <string.h>

#include "doctor.h"

/* ---- asking ---- */

/* Whether a request may use the token up; one that cannot be read may be for
 * single use, but without three parts there is nothing to read. */
static bool
is_single_use(const struct doctor *d)
{
    const json_t *claims = json_object_get(d->inspected, "claims");
    const char *dot;

    if (d->token.data == NULL)
        return false;
    if (json_is_object(claims))
        return json_object_get(claims, "aws:single-use-uuid") != NULL;
    dot = strchr(d->token.data, '.');
    return dot != NULL && strchr(dot + 1, '.') != NULL;
}

static void
put_encoded(struct text_buf *t, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                                "uvwxyz0123456789-._~";

    for (; *text != '\0'; text++) {
        char code[4];

        (void)snprintf(code, sizeof code, "%%%02X", (unsigned char)*text);
        if (strchr(plain, *text) != NULL)
            text_buf_put(t, text, 1);
        else
            text_buf_puts(t, code);
    }
}

/* What the player asks for: the URL as it was given, and the token where that
 * came by itself. */
static void
put_url(const struct doctor *d, const char *base, struct text_buf *ret)
{
    size_t len = strcspn(base, "#"), ignored;

    text_buf_put(ret, base, len);
    if (d->token.data != NULL && doctor_token_of_url(base, &ignored) == NULL) {
        text_buf_puts(ret, memchr(base, '?', len) != NULL ? "&" : "?");
        text_buf_puts(ret, "token=");
        put_encoded(ret, d->token.data);
    }
    text_buf_put(ret, "", 1);
}

static bool
is_of_channel(const struct doctor *d, const char *url)
{
    char text[IVS_ARN_MAX + 1];
    ivs_arn arn;

    return ivs_arn_from_playback_url(url, strlen(url), &arn, NULL) == IVS_OK &&
           ivs_arn_format(&arn, text, NULL) == IVS_OK &&
           strcmp(text, d->channel) == 0;
}

/* With a client whose credentials are never looked at, where there is none. */
static ivs_status
get(struct doctor *d, const char *url)
{
    const char *region = d->region != NULL ? d->region : d->arn.region;
    ivs_credentials *nobody = NULL;
    ivs_client *client = NULL;
    ivs_error *err = &d->probe_error;
    ivs_status s;

    if (d->client != NULL)
        return ivs_playback_get(d->client, url, d->opts->origin, NULL, err);
    if ((s = ivs_credentials_static("nobody", "nothing", NULL, &nobody, err)) ==
            IVS_OK &&
        (s = service_open_at(d->c, region, nobody, &client, err)) == IVS_OK)
        s = ivs_playback_get(client, url, d->opts->origin, NULL, err);
    service_close(client);
    ivs_credentials_free(nobody);
    return s;
}

static void
fetch(struct doctor *d, const char *base, const char *url)
{
    ivs_status s = get(d, url);

    d->probed = s == IVS_OK || s == IVS_E_SERVICE || s == IVS_E_NETWORK;
    if (!d->probed)
        doctor_skip(d, CHECK_PROBE, "%s", d->probe_error.message);
    d->let_in = s == IVS_OK && d->token.data != NULL && doctor_is_private(d) &&
                is_of_channel(d, base);
}

int
doctor_probe(struct doctor *d)
{
    const char *base = d->url.data != NULL
                           ? d->url.data
                           : doctor_text(doctor_channel(d), "playbackUrl");
    struct text_buf url = {0};
    bool failed;

    if (d->opts->probe == NULL) {
        doctor_skip(d, CHECK_PROBE, "no --probe was given");
    } else if (is_single_use(d) && strcmp(d->opts->probe, "burn") != 0) {
        doctor_skip(d, CHECK_PROBE,
                    "the token is for single use, or may be, and a probe would "
                    "use it up; --probe=burn does");
    } else if (base[0] == '\0') {
        doctor_skip(d, CHECK_PROBE,
                    "no --playback-url was given, and the service did not tell "
                    "it");
    } else if (d->url.data == NULL && !is_of_channel(d, base)) {
        doctor_skip(d, CHECK_PROBE,
                    "the service told a playback URL of another channel");
    } else {
        put_url(d, base, &url);
        if (!url.failed)
            fetch(d, base, url.data);
    }
    failed = url.failed;
    text_buf_free(&url);
    return failed ? fail(d->c, CLI_FAILED, "out of memory for a probe")
                  : CLI_OK;
}

/* ---- what it says ---- */

static void
say_plays(struct doctor *d)
{
    const char *origin = d->opts->origin;
    const char *token = "whether a token was looked at is not known";

    if (d->let_in)
        token = "this token was let in";
    else if (doctor_is_public(d))
        token = "no token was looked at";
    else if (d->token.data == NULL)
        token = "there was no token";
    doctor_ok(d, CHECK_PROBE,
              "200 with a playlist: it is live, and %s, just now, from here, "
              "%s%s%s; that proves nothing of later starts, of variants and "
              "segments (a strict token needs an Origin with each), nor of "
              "browsers, which judge the origin by themselves",
              token,
              origin != NULL && origin[0] != '\0' ? "with the Origin "
                                                  : "without an Origin",
              origin != NULL ? origin : "",
              d->let_in && is_single_use(d) ? ", and is used up" : "");
}

static bool
says(const struct doctor *d, const char *words)
{
    return strstr(d->probe_error.message, words) != NULL;
}

static void
say_restricted(struct doctor *d)
{
    const char *policy =
        doctor_text(doctor_channel(d), "playbackRestrictionPolicyArn");
    json_t *input = json_pack("{s:s}", "arn", policy);

    if (d->input == NULL && input != NULL)
        d->input = json_dumps(input, JSON_COMPACT);
    json_decref(input);
    doctor_found(d, policy[0] != '\0' ? "probe_restricted" : "probe_failed",
                 "%s; the channel is public%s", d->probe_error.message,
                 policy[0] != '\0'
                     ? ": its playback restriction policy refuses this country "
                       "or origin"
                     : ", and has no playback restriction policy");
}

static bool
has_viewer(const struct doctor *d)
{
    return json_object_get(json_object_get(d->inspected, "claims"),
                           "aws:viewer-id") != NULL;
}

/* What a token that looks good is refused with. */
static void
say_auth_error(struct doctor *d)
{
    if (is_single_use(d))
        doctor_found(d, "probe_used_or_revoked",
                     "%s: the token is for single use, and was used already%s",
                     d->probe_error.message,
                     has_viewer(d) ? ", or its viewer was revoked" : "");
    else
        doctor_found(d, "probe_revoked",
                     "%s: as for a viewer who was revoked; who is to be let in "
                     "again needs a higher session version",
                     d->probe_error.message);
}

/* The texts are those reported from the field; the codes tell less. */
static void
say_forbidden(struct doctor *d)
{
    const ivs_error *err = &d->probe_error;
    const char *sent = d->opts->origin;
    bool bound = is_single_use(d) || has_viewer(d);

    if (doctor_is_public(d))
        say_restricted(d);
    else if (d->token.data == NULL)
        doctor_found(d, "probe_no_token", "%s; no token was sent",
                     err->message);
    else if (says(d, "origin required"))
        doctor_found(d, "probe_no_origin",
                     "%s; %s, and a Referer does not count", err->message,
                     sent != NULL && sent[0] != '\0'
                         ? "the Origin sent is none that the token allows"
                         : "no Origin was sent");
    else if (says(d, "expired"))
        doctor_found(d, "probe_expired",
                     "%s: when it came in, by the service's clock",
                     err->message);
    else if (says(d, "verification error"))
        doctor_found(d, "probe_other_key",
                     "%s: no key pair of the channel's account and region "
                     "fits; a new one may take a moment to count",
                     err->message);
    else if (strcmp(err->aws_code, "playback_auth_error") == 0 && bound)
        say_auth_error(d);
    else
        doctor_found(d, "probe_refused", "%s", err->message);
}

void
doctor_check_probe(struct doctor *d)
{
    const ivs_error *err = &d->probe_error;

    if (!d->probed)
        return;
    if (err->code == IVS_OK)
        say_plays(d);
    else if (err->http_status == 403)
        say_forbidden(d);
    else if (err->http_status == 404)
        doctor_found(d, "probe_offline",
                     "%s: nothing streams to the channel just now, or there is "
                     "no such channel; players do not try again by themselves",
                     err->message);
    else if (err->http_status == 429)
        doctor_found(d, "viewer_limit",
                     "%s: the account's quota of concurrent views is used up, "
                     "and can be raised",
                     err->message);
    else if (err->code == IVS_E_NETWORK)
        doctor_found(d, "probe_unreachable", "%s", err->message);
    else
        doctor_found(d, "probe_failed", "%s", err->message);
}
