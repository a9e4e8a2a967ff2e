/* SPDX-License-Identifier: MIT */
/* token mint. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mint.h"

#define MINT(member) offsetof(struct mint_opts, member)

static int
set_ttl(struct cli *c, const struct opt *o, const char *value, void *at)
{
    struct number *ttl = at;
    int code = set_duration(c, o, value, at);

    if (code == CLI_OK && ttl->value == 0)
        return bad_value(c, o, value, "a duration of at least 1s");
    return code;
}

static int
set_resolution(struct cli *c, const struct opt *o, const char *value, void *at)
{
    static const ivs_resolution resolutions[] = {
        IVS_RESOLUTION_SD, IVS_RESOLUTION_HD, IVS_RESOLUTION_FULL_HD};
    size_t i = 0;
    int code = value_choice(c, o, value, &i);

    if (code == CLI_OK)
        *(ivs_resolution *)at = resolutions[i];
    return code;
}

static int
set_jobs(struct cli *c, const struct opt *o, const char *value, void *at)
{
    struct number *jobs = at;

    if (!value_number(value, &jobs->value) || jobs->value < 1 ||
        jobs->value > MINT_JOBS_MAX)
        return bad_value(c, o, value, "a number from 1 to 1024");
    jobs->given = true;
    return CLI_OK;
}

const struct opt token_mint_opts[] = {
    {"key", 'k', "FILE", "private key; - is stdin", set_file, MINT(key),
     OPT_REQUIRED},
    {"channel", 'c', "ARN", "channel the token admits to", set_channel,
     MINT(channel), 0},
    {"ttl", 't', "DURATION", "life of the token: 90s, 5m (default), 1h",
     set_ttl, MINT(ttl), 0},
    {"expires-at", 0, "TIME", "expiry: seconds since 1970 or RFC 3339",
     set_time, MINT(expires_at), 0},
    {"viewer-id", 0, "ID", "viewer, 1 to 40 characters; makes it revocable",
     set_text, MINT(viewer_id), 0},
    {"viewer-version", 0, "N", "session version, or now", set_version,
     MINT(viewer_version), 0},
    {"origin", 0, "ORIGIN", "origin that may embed the player", set_list,
     MINT(origins), OPT_LIST},
    {"strict-origin", 0, NULL, "check the origin of every request", set_flag,
     MINT(strict_origin), 0},
    {"single-use", 0, "UUID", "admit once; a UUID is made", set_text,
     MINT(single_use), OPT_MAYBE},
    {"max-resolution", 0, "SD|HD|FULL_HD", "best picture it admits to",
     set_resolution, MINT(resolution), 0},
    {"claim", 0, "K=JSON", "a further claim", set_list, MINT(claims), OPT_LIST},
    {"playback-url", 0, "URL", "print this URL with the token", set_text,
     MINT(playback_url), 0},
    {"batch", 0, "FILE", "a token a row of this NDJSON; - is stdin", set_file,
     MINT(batch), 0},
    {"jobs", 0, "N", "threads of a batch (as many as processors)", set_jobs,
     MINT(jobs), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, MINT(now),
     0},
    {0},
};

/* What a minted token is made of, and what has to be released. */
struct mint {
    ivs_claims claims;
    char channel[IVS_ARN_MAX + 1];
    char uuid[MINT_UUID_SIZE];
    char *extra_json;
    char *payload;
    int64_t now_s;
};

/* ---- claims ---- */

int
mint_channel(struct cli *c, const struct mint_opts *opts,
             char buf[IVS_ARN_MAX + 1], const char **ret)
{
    ivs_error err = {0};
    ivs_arn arn;

    if (opts->channel == NULL && opts->playback_url == NULL)
        return usage(c, "the option --channel ARN or --playback-url URL is "
                        "missing");
    if (opts->playback_url != NULL &&
        !mint_channel_of_url(opts->playback_url, buf, &err))
        return usage(c, "--playback-url: %s", err.message);
    if (opts->channel != NULL && opts->playback_url != NULL &&
        strcmp(opts->channel, buf) != 0)
        return usage(c, "--playback-url is of %s, but --channel is %s", buf,
                     opts->channel);
    *ret = opts->channel != NULL ? opts->channel : buf;
    if (ivs_arn_parse(*ret, strlen(*ret), &arn, &err) != IVS_OK)
        return fail_error(c, &err);
    return value_check_region(c, &arn);
}

/* A value that jansson does not take. */
static int
refuse_claim(struct cli *c, const char *name, const char *value,
             const json_error_t *error)
{
    const char *member;
    int len;

    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        member = text_duplicate(value, error, &len);
        return usage(
            c, "--claim: the value of %.40s has the member \"%.*s\" twice",
            name, len, member);
    case json_error_invalid_syntax:
        return usage(c,
                     "--claim: the value of %.40s is not JSON; text needs "
                     "double quotes: --claim '%.40s=\"text\"'",
                     name, name);
    default:
        return usage(c, "--claim: the value of %.40s: %s", name, error->text);
    }
}

static int
add_claim(struct cli *c, json_t *extra, const char *text)
{
    const char *equals = strchr(text, '=');
    json_error_t error;
    json_t *name, *value;
    int code = CLI_OK;

    if (equals == NULL || equals == text)
        return usage(c, "--claim: found \"%.60s\", expected NAME=JSON", text);
    value = json_loads(equals + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
                       &error);
    name = json_stringn(text, (size_t)(equals - text));
    if (value == NULL)
        code = refuse_claim(c, json_string_value(name), equals + 1, &error);
    else if (json_object_get(extra, json_string_value(name)) != NULL)
        code =
            usage(c, "--claim: %.60s is given twice", json_string_value(name));
    else
        (void)json_object_set(extra, json_string_value(name), value);
    json_decref(value);
    json_decref(name);
    return code;
}

int
mint_extra_claims(struct cli *c, const struct list *list, json_t **ret)
{
    json_t *extra;
    int code = CLI_OK;

    if (list->n == 0)
        return CLI_OK;
    extra = json_object();
    for (size_t i = 0; code == CLI_OK && i < list->n; i++)
        code = add_claim(c, extra, list->v[i]);
    if (code == CLI_OK)
        *ret = extra;
    else
        json_decref(extra);
    return code;
}

static int
set_extra_claims(struct cli *c, const struct list *list, struct mint *m)
{
    json_t *extra = NULL;
    int code = mint_extra_claims(c, list, &extra);

    if (code != CLI_OK || extra == NULL)
        return code;
    m->extra_json = mint_claims_text(extra);
    m->claims.extra_json = m->extra_json;
    json_decref(extra);
    return m->extra_json != NULL ? CLI_OK
                                 : fail(c, CLI_FAILED, "out of memory");
}

int
mint_expiry(struct cli *c, const struct mint_opts *opts, ivs_claims *ret)
{
    if (opts->ttl.given && opts->expires_at.given)
        return usage(c, "--ttl and --expires-at exclude each other");
    if (opts->expires_at.given &&
        opts->expires_at.value <= value_now(&opts->now)) {
        char at[VALUE_TIME_SIZE];

        value_time(opts->expires_at.value, at);
        return usage(c,
                     "--expires-at: found %s, which has passed, expected a "
                     "time in the future",
                     at);
    }
    if (opts->expires_at.given)
        ret->expires_at_s = opts->expires_at.value;
    else
        ret->ttl_s = opts->ttl.given ? opts->ttl.value : MINT_TTL_DEFAULT;
    return CLI_OK;
}

static int
fill_claims(struct cli *c, const struct mint_opts *opts, struct mint *m)
{
    ivs_claims *claims = &m->claims;
    int code;

    ivs_claims_init(claims, sizeof *claims);
    m->now_s = value_now(&opts->now);
    if ((code = mint_channel(c, opts, m->channel, &claims->channel_arn)) !=
            CLI_OK ||
        (code = mint_expiry(c, opts, claims)) != CLI_OK ||
        (code = set_extra_claims(c, &opts->claims, m)) != CLI_OK)
        return code;
    claims->viewer_id = opts->viewer_id;
    claims->has_viewer_session_version = opts->viewer_version.given;
    claims->viewer_session_version =
        opts->viewer_version.now ? m->now_s : opts->viewer_version.value;
    claims->origins = opts->origins.v;
    claims->norigins = opts->origins.n;
    claims->strict_origin_enforcement = opts->strict_origin;
    claims->maximum_resolution = opts->resolution;
    claims->single_use_uuid = opts->single_use;
    if (opts->single_use != NULL && opts->single_use[0] == '\0') {
        claims->single_use_uuid = m->uuid;
        if (!mint_uuid(m->uuid))
            return fail(c, CLI_FAILED, "no random bytes for a UUID: %s",
                        strerror(errno));
    }
    return CLI_OK;
}

/* ---- output ---- */

/* What the claims make worth saying; the array for --json. */
static int
lint(struct cli *c, const struct mint *m, json_t **ret)
{
    ivs_error err = {0};
    char *text = NULL;
    json_t *finding;
    size_t i;

    if (ivs_claims_lint(m->payload, strlen(m->payload), m->now_s, &text,
                        &err) != IVS_OK)
        return fail_error(c, &err);
    *ret = json_loads(text, 0, NULL);
    ivs_free(text);
    json_array_foreach(*ret, i, finding)
    {
        const char *message =
            json_string_value(json_object_get(finding, "message"));

        if (message != NULL)
            notice(c, "%s", message);
    }
    return CLI_OK;
}

static int
print_json(struct cli *c, const struct mint *m, const char *token,
           const char *url, json_t *notices)
{
    json_t *payload = json_loads(m->payload, 0, NULL);
    json_int_t exp = json_integer_value(json_object_get(payload, "exp"));
    char time_text[VALUE_TIME_SIZE];

    value_time(exp, time_text);
    return out_json(c, json_pack("{s:s, s:s?, s:I, s:s, s:o, s:O}", "token",
                                 token, "url", url, "expires_at", exp,
                                 "expires_at_time", time_text, "claims",
                                 payload, "notices", notices));
}

static int
print_token(struct cli *c, const struct mint *m, const char *token,
            const char *playback_url)
{
    json_t *notices = NULL;
    char *url = NULL;
    int code = lint(c, m, &notices);

    if (code == CLI_OK && json_memory_failed())
        code = fail(c, CLI_FAILED, "out of memory reading JSON");
    if (code == CLI_OK && playback_url != NULL &&
        (url = mint_join_url(playback_url, token)) == NULL)
        code = fail(c, CLI_FAILED, "out of memory");
    if (code == CLI_OK && c->g.json)
        code = print_json(c, m, token, url, notices);
    else if (code == CLI_OK)
        out_line(c, url != NULL ? url : token);
    json_decref(notices);
    free(url);
    return code;
}

static int
mint(struct cli *c, const ivs_key *key, struct mint *m, const char *url)
{
    char *token = malloc(IVS_TOKEN_MAX);
    ivs_error err = {0};
    int code;

    if (token == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    if (ivs_token_mint(key, &m->claims, m->now_s, token, IVS_TOKEN_MAX, NULL,
                       &err) != IVS_OK ||
        ivs_claims_encode(&m->claims, m->now_s, &m->payload, &(size_t){0},
                          &err) != IVS_OK)
        code = fail_error(c, &err);
    else
        code = print_token(c, m, token, url);
    free(token);
    return code;
}

int
token_mint(struct cli *c, const void *values)
{
    const struct mint_opts *opts = values;
    struct mint m = {0};
    ivs_key *key = NULL;
    int code;

    if (opts->batch != NULL)
        return token_mint_batch(c, opts);
    if (opts->jobs.given)
        return usage(c, "--jobs is of --batch FILE, which is missing");
    code = fill_claims(c, opts, &m);
    if (code == CLI_OK)
        code = input_private_key(c, opts->key, &key);
    if (code == CLI_OK)
        code = mint(c, key, &m, opts->playback_url);
    ivs_key_free(key);
    ivs_free(m.payload);
    free(m.extra_json);
    return code;
}
