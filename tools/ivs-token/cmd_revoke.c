/* SPDX-License-Identifier: MIT */
/* revoke viewer. */

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "opts_service.h"

/* ---- from a token ---- */

/* What ivs_token_inspect() says first of something that is no such token. */
static const char *
first_finding(const json_t *doc)
{
    const json_t *findings = json_object_get(doc, "findings");
    const char *text = json_string_value(
        json_object_get(json_array_get(findings, 0), "message"));

    return text != NULL ? text : "its claims do not decode";
}

static int
take_claims(struct cli *c, const json_t *doc, bool need_version, json_t *keep,
            ivs_revocation *pair)
{
    json_t *claims = json_object_get(doc, "claims");
    json_t *channel = json_object_get(claims, "aws:channel-arn");
    json_t *viewer = json_object_get(claims, "aws:viewer-id");
    json_t *version = json_object_get(claims, "aws:viewer-session-version");
    json_t *exp = json_object_get(claims, "exp");
    char time_text[VALUE_TIME_SIZE];

    if (!json_is_object(claims) || !json_is_string(channel))
        return fail(c, CLI_FAILED,
                    "found no token with a channel ARN in it: %s",
                    first_finding(doc));
    if (!json_is_string(viewer)) {
        value_time(json_integer_value(exp), time_text);
        (void)fail(c, CLI_FAILED,
                   "the token has no viewer id, so it cannot be revoked");
        if (json_is_integer(exp))
            hint("it ends by itself at %s", time_text);
        return CLI_FAILED;
    }
    if (need_version && version != NULL && !json_is_integer(version))
        return fail(c, CLI_FAILED,
                    "the token's version is not an integer; give "
                    "--up-to-version");
    if (json_array_append(keep, channel) != 0 ||
        json_array_append(keep, viewer) != 0)
        return fail(c, CLI_FAILED, "out of memory reading a token");
    pair->channel_arn = json_string_value(channel);
    pair->viewer_id = json_string_value(viewer);
    pair->has_version = version != NULL;
    pair->up_to_version = json_integer_value(version);
    return CLI_OK;
}

static int
from_token(struct cli *c, const struct viewer_opts *opts, json_t *keep,
           ivs_revocation *pair)
{
    struct secret token = {0};
    ivs_error err = {0};
    json_t *doc = NULL;
    char *text = NULL;
    int code = input_token(c, opts->token, "--token", &token);

    if (code == CLI_OK &&
        ivs_token_inspect(token.data, token.len, (int64_t)time(NULL), &text,
                          &err) != IVS_OK)
        code = fail_error(c, &err);
    if (code == CLI_OK) {
        doc = json_loads(text, 0, NULL);
        code = take_claims(c, doc, !opts->up_to.given, keep, pair);
    }
    if (code == CLI_OK)
        notice(c, "channel, viewer and version are those of a token that is "
                  "NOT verified");
    json_decref(doc);
    ivs_free(text);
    secret_free(&token);
    return code;
}

/* ---- the call ---- */

static int
fill_pair(struct cli *c, const struct viewer_opts *opts, json_t *keep,
          ivs_revocation *pair)
{
    int code = CLI_OK;

    if (opts->token != NULL &&
        (opts->channel != NULL || opts->viewer_id != NULL))
        return usage(c, "--token excludes --channel and --viewer-id");
    if (opts->token == NULL &&
        (opts->channel == NULL || opts->viewer_id == NULL))
        return usage(c, "the option %s is missing",
                     opts->channel == NULL ? "--channel ARN (or --token FILE)"
                                           : "--viewer-id ID");
    if (opts->token != NULL)
        code = from_token(c, opts, keep, pair);
    else
        *pair = (ivs_revocation){opts->channel, opts->viewer_id, false, 0};
    if (code != CLI_OK)
        return code;
    if (opts->up_to.given) {
        pair->has_version = true;
        pair->up_to_version =
            opts->up_to.now ? value_now(&opts->now) : opts->up_to.value;
    }
    if (pair->up_to_version > IVS_REVOKE_VERSION_MAX)
        return fail(c, opts->up_to.given ? CLI_USAGE : CLI_FAILED,
                    "found version %" PRId64 ", expected 0 to %d, the highest "
                    "that the service can revoke",
                    pair->up_to_version, IVS_REVOKE_VERSION_MAX);
    return CLI_OK;
}

static int
print_revoked(struct cli *c, const ivs_revocation *pair)
{
    json_t *doc;

    if (!pair->has_version)
        notice(c, "without --up-to-version, tokens that carry a version above "
                  "0 stay valid");
    out_done(c, "viewer %s was revoked", pair->viewer_id);
    if (!c->g.json) {
        (void)fputs("ivs-token: revoked viewer ", stderr);
        text_print(stderr, pair->viewer_id, strlen(pair->viewer_id));
        if (pair->has_version)
            (void)fprintf(stderr, ", sessions up to version %" PRId64 "\n",
                          pair->up_to_version);
        else
            (void)fprintf(stderr, ", sessions without a version\n");
        return CLI_OK;
    }
    doc = json_pack("{s:s, s:s, s:b}", "channelArn", pair->channel_arn,
                    "viewerId", pair->viewer_id, "acknowledged", true);
    if (doc != NULL && pair->has_version)
        (void)json_object_set_new(doc, "viewerSessionVersionsLessThanOrEqualTo",
                                  json_integer(pair->up_to_version));
    return out_json(c, doc);
}

int
revoke_viewer(struct cli *c, const void *values)
{
    const struct viewer_opts *opts = values;
    json_t *keep = json_array(); /* the text that pair borrows */
    ivs_revocation pair = {0};
    ivs_client *client = NULL;
    ivs_error err = {0};
    ivs_arn arn;
    int code = fill_pair(c, opts, keep, &pair);

    if (code != CLI_OK)
        goto out;
    if (ivs_arn_parse(pair.channel_arn, strlen(pair.channel_arn), &arn, &err) !=
        IVS_OK) {
        code = fail(c, CLI_FAILED, "%s", err.message);
        goto out;
    }
    if ((code = service_open(c, &arn, &client)) != CLI_OK)
        goto out;
    if (ivs_revoke_viewer(client, &pair, &err) == IVS_OK)
        code = print_revoked(c, &pair);
    else if (err.code == IVS_E_ARG && opts->token != NULL)
        code =
            fail(c, CLI_FAILED, "the token cannot be revoked: %s", err.message);
    else
        code = fail_error(c, &err);
    hint_unanswered(&err, "to send it again does no harm");
out:
    service_close(client);
    json_decref(keep);
    return code;
}
