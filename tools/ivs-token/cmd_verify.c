/* SPDX-License-Identifier: MIT */
/* token verify and token inspect. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct verify_opts {
    struct list keys;
    struct list channels;
    const char *origin;
    struct number leeway;
    struct number now;
    const char *token;
};
CLI_VALUES_FIT(struct verify_opts);

#define VERIFY(member) offsetof(struct verify_opts, member)

const struct opt token_verify_opts[] = {
    {"key", 'k', "FILE", "public or private key; - is stdin", set_files,
     VERIFY(keys), OPT_LIST},
    {"channel", 'c', "ARN", "channel the token has to name", set_channels,
     VERIFY(channels), OPT_LIST},
    {"origin", 0, "ORIGIN", "Origin header of the request", set_text,
     VERIFY(origin), 0},
    {"leeway", 0, "DURATION", "clock skew allowed, at most 5m", set_duration,
     VERIFY(leeway), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, VERIFY(now),
     0},
    {NULL, 0, "FILE", "the token; - or nothing is stdin", set_file,
     VERIFY(token), 0},
    {0},
};

struct inspect_opts {
    const char *token;
    struct number now;
};
CLI_VALUES_FIT(struct inspect_opts);

const struct opt token_inspect_opts[] = {
    {"now", 0, "TIME", "take this for the current time", set_time,
     offsetof(struct inspect_opts, now), 0},
    {NULL, 0, "FILE", "the token; - or nothing is stdin", set_file,
     offsetof(struct inspect_opts, token), 0},
    {0},
};

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* What ivs_token_inspect() says, as a document. */
static int
inspect(struct cli *c, const struct secret *token, int64_t now_s, json_t **ret)
{
    ivs_error err = {0};
    char *text = NULL;

    if (ivs_token_inspect(token->data, token->len, now_s, &text, &err) !=
        IVS_OK)
        return fail_error(c, &err);
    *ret = json_loads(text, 0, NULL);
    ivs_free(text);
    return *ret != NULL && !json_memory_failed()
               ? CLI_OK
               : fail(c, CLI_FAILED, "out of memory reading a token");
}

/* ---- verify ---- */

/* Checks in the order of ivs_token_verify(): each ends with the last reason
 * that it can fail with. */
static const struct {
    const char *name;
    ivs_reject_reason last;
} checks[] = {
    {"format", IVS_REJECT_JSON_NUMBER},
    {"header", IVS_REJECT_HEADER_MEMBER},
    {"signature", IVS_REJECT_SIGNATURE},
    {"claims", IVS_REJECT_STRICT_ORIGIN},
    {"expiry", IVS_REJECT_NOT_YET_VALID},
    {"channel", IVS_REJECT_CHANNEL_MISMATCH},
    {"origin", IVS_REJECT_ORIGIN_MISMATCH},
};

#define NCHECKS (sizeof checks / sizeof checks[0])

enum result { RESULT_OK, RESULT_FAILED, RESULT_NOT_CHECKED };

static const char *const result_names[] = {"ok", "failed", "not_checked"};

struct verdict {
    enum result results[NCHECKS];
    const char *key; /* the file whose key fits */
    ivs_error err;
    bool good;
    bool any_origin; /* it names none, and does not ask for one */
};

static void
judge(const struct verify_opts *opts, struct verdict *v)
{
    bool failed = false;

    for (size_t i = 0; i < NCHECKS; i++) {
        v->results[i] = failed ? RESULT_NOT_CHECKED : RESULT_OK;
        if (!v->good && !failed && v->err.reason <= checks[i].last) {
            v->results[i] = RESULT_FAILED;
            failed = true;
        }
    }
    if (opts->channels.n == 0 && v->results[5] == RESULT_OK)
        v->results[5] = RESULT_NOT_CHECKED;
    if (opts->origin == NULL && v->results[6] == RESULT_OK)
        v->results[6] = RESULT_NOT_CHECKED;
}

static void
print_check(struct cli *c, const struct verify_opts *opts,
            const struct verdict *v, size_t i)
{
    const char *green = out_paint(c, "\x1b[32m");
    const char *red = out_paint(c, "\x1b[31m"), *off = out_paint(c, "\x1b[0m");
    const char *why = "";

    (void)printf("%-10s ", checks[i].name);
    switch (v->results[i]) {
    case RESULT_OK:
        (void)printf("%sok%s", green, off);
        if (v->key != NULL && strcmp(checks[i].name, "signature") == 0) {
            (void)fputs(", by ", stdout);
            text_print(stdout, v->key, strlen(v->key));
        }
        if (v->any_origin && strcmp(checks[i].name, "origin") == 0)
            (void)fputs(", not restricted by the token", stdout);
        break;
    case RESULT_FAILED:
        (void)printf("%sFAILED%s %s", red, off,
                     ivs_reject_reason_name(v->err.reason));
        break;
    case RESULT_NOT_CHECKED:
        if (v->good && strcmp(checks[i].name, "channel") == 0)
            why = ", no --channel was given";
        if (v->good && opts->origin == NULL &&
            strcmp(checks[i].name, "origin") == 0)
            why = ", no --origin was given";
        (void)printf("not checked%s", why);
        break;
    }
    (void)putchar('\n');
}

static int
print_verdict_json(struct cli *c, const struct verdict *v, json_t *inspected)
{
    json_t *list = json_array(), *claims = json_null(), *notices = json_array();

    for (size_t i = 0; i < NCHECKS; i++)
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s}", "name", checks[i].name, "result",
                            result_names[v->results[i]]));
    if (v->good) {
        json_t *findings = json_object_get(inspected, "findings");

        claims = json_incref(json_object_get(inspected, "claims"));
        if (findings != NULL)
            (void)json_array_extend(notices, findings);
    }
    return out_json(
        c, json_pack("{s:b, s:s, s:s?, s:s?, s:o, s:o, s:o, s:o}", "good",
                     v->good, "reason", ivs_reject_reason_name(v->err.reason),
                     "member", v->err.member[0] != '\0' ? v->err.member : NULL,
                     "message", v->good ? NULL : v->err.message, "key",
                     v->good ? text_json(v->key) : json_null(), "checks", list,
                     "claims", claims, "notices", notices));
}

/* Such a one is let in where the token restricts nothing. */
static void
note_origin(struct cli *c, const char *origin)
{
    if (origin != NULL && origin[0] != '\0' && strcmp(origin, "null") != 0 &&
        strstr(origin, "://") == NULL)
        notice(c,
               "--origin: \"%.100s\" has no scheme and matches no origin of a "
               "token but *, expected such as https://example.com",
               origin);
}

static int
print_verdict(struct cli *c, const struct verify_opts *opts, struct verdict *v,
              json_t *inspected)
{
    json_t *finding;
    size_t i;

    judge(opts, v);
    if (c->g.json) {
        int code = print_verdict_json(c, v, inspected);

        if (code != CLI_OK)
            return code;
    } else {
        for (i = 0; i < NCHECKS; i++)
            print_check(c, opts, v, i);
    }
    if (!v->good)
        return fail(c, CLI_REJECTED, "token rejected: %s", v->err.message);
    note_origin(c, opts->origin);
    json_array_foreach(
        json_object_get(inspected, "findings"), i,
        finding) if (strcmp(member(finding, "severity"), "warning") == 0)
        notice(c, "%s", member(finding, "message"));
    return CLI_OK;
}

static int
verify(struct cli *c, const struct verify_opts *opts,
       const ivs_key *const *keys, const struct secret *token)
{
    int64_t now_s = value_now(&opts->now);
    ivs_verified *verified = NULL;
    ivs_verify_options options;
    struct verdict v = {0};
    json_t *inspected = NULL;
    ivs_status s;
    int code;

    ivs_verify_options_init(&options, sizeof options);
    options.channel_arns = opts->channels.v;
    options.nchannel_arns = opts->channels.n;
    options.origin = opts->origin;
    options.leeway_s = opts->leeway.value;
    s = ivs_token_verify(keys, opts->keys.n, token->data, token->len, &options,
                         now_s, &verified, &v.err);
    if (s != IVS_OK && s != IVS_E_TOKEN)
        return fail_error(c, &v.err);
    v.good = s == IVS_OK;
    if (v.good) {
        v.key = opts->keys.v[ivs_verified_key_index(verified)];
        v.any_origin = ivs_verified_claims(verified)->norigins == 0;
    }
    code = inspect(c, token, now_s, &inspected);
    if (code == CLI_OK)
        code = print_verdict(c, opts, &v, inspected);
    json_decref(inspected);
    ivs_verified_free(verified);
    return code;
}

static int
check_verify(struct cli *c, const struct verify_opts *opts)
{
    if (opts->keys.n == 0) {
        (void)usage(c, "the option --key FILE is missing");
        hint("to look at a token without a key: ivs-token token inspect");
        return CLI_USAGE;
    }
    if (opts->leeway.value > 300)
        return usage(
            c, "--leeway: found %" PRId64 " s, expected at most 5m (300 s)",
            opts->leeway.value);
    for (size_t i = 0; c->g.region != NULL && i < opts->channels.n; i++) {
        const char *text = opts->channels.v[i];
        ivs_error err = {0};
        ivs_arn arn;
        int code;

        if (ivs_arn_parse(text, strlen(text), &arn, &err) != IVS_OK)
            return fail_error(c, &err);
        if ((code = value_check_region(c, &arn)) != CLI_OK)
            return code;
    }
    return CLI_OK;
}

int
token_verify(struct cli *c, const void *values)
{
    const struct verify_opts *opts = values;
    struct secret token = {0};
    ivs_key **keys = NULL;
    int code = check_verify(c, opts);

    if (code != CLI_OK)
        return code;
    keys = calloc(opts->keys.n, sizeof(ivs_key *));
    if (keys == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    for (size_t i = 0; code == CLI_OK && i < opts->keys.n; i++)
        code = input_key(c, opts->keys.v[i], &keys[i]);
    if (code == CLI_OK)
        code = input_token(c, opts->token, "the token", &token);
    if (code == CLI_OK)
        code = verify(c, opts, (const ivs_key *const *)keys, &token);
    for (size_t i = 0; i < opts->keys.n; i++)
        ivs_key_free(keys[i]);
    free(keys);
    secret_free(&token);
    return code;
}

/* ---- inspect ---- */

/* A JSON value in ASCII, so that no token can drive the terminal. */
static void
print_value(const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

    if (text != NULL)
        text_print(stdout, text, strlen(text));
    free(text);
}

static bool
is_time(const char *name)
{
    return strcmp(name, "exp") == 0 || strcmp(name, "nbf") == 0 ||
           strcmp(name, "iat") == 0;
}

static void
print_relative(int64_t time_s, int64_t now_s)
{
    bool past = time_s <= now_s;
    uint64_t gap = past ? (uint64_t)now_s - (uint64_t)time_s
                        : (uint64_t)time_s - (uint64_t)now_s;
    char time_text[VALUE_TIME_SIZE];

    value_time(time_s, time_text);
    (void)printf("  (%s, %s%" PRIu64 " s%s)", time_text, past ? "" : "in ", gap,
                 past ? " ago" : "");
}

static void
print_object(const char *title, json_t *object, int64_t now_s)
{
    const char *name;
    json_t *value;

    (void)printf("%s\n", title);
    if (!json_is_object(object))
        (void)printf("  does not decode\n");
    json_object_foreach(object, name, value)
    {
        (void)fputs("  ", stdout);
        text_print(stdout, name, strlen(name));
        (void)fputs(": ", stdout);
        print_value(value);
        if (is_time(name) && json_is_integer(value))
            print_relative(json_integer_value(value), now_s);
        (void)putchar('\n');
    }
}

static void
print_findings(const json_t *findings)
{
    json_t *finding;
    size_t i;

    (void)printf("findings\n");
    if (json_array_size(findings) == 0)
        (void)printf("  none\n");
    json_array_foreach(findings, i, finding)
    {
        const char *message = member(finding, "message");

        (void)printf("  %s: %s: ", member(finding, "severity"),
                     member(finding, "code"));
        text_print(stdout, message, strlen(message));
        (void)putchar('\n');
    }
}

static void
print_inspected(struct cli *c, const json_t *doc, int64_t now_s)
{
    const json_t *signature = json_object_get(doc, "signature");

    (void)printf("%sNOT VERIFIED%s: nobody has checked the signature of this "
                 "token\n",
                 out_paint(c, "\x1b[1;33m"), out_paint(c, "\x1b[0m"));
    print_object("header", json_object_get(doc, "header"), now_s);
    print_object("claims", json_object_get(doc, "claims"), now_s);
    (void)printf("signature\n  %" JSON_INTEGER_FORMAT " bytes, %s\n",
                 json_integer_value(json_object_get(signature, "bytes")),
                 member(signature, "form"));
    print_findings(json_object_get(doc, "findings"));
}

int
token_inspect(struct cli *c, const void *values)
{
    const struct inspect_opts *opts = values;
    int64_t now_s = value_now(&opts->now);
    struct secret token = {0};
    json_t *doc = NULL;
    bool decodes;
    int code;

    if ((code = input_token(c, opts->token, "the token", &token)) != CLI_OK ||
        (code = inspect(c, &token, now_s, &doc)) != CLI_OK)
        goto out;
    decodes = json_is_object(json_object_get(doc, "header")) &&
              json_is_object(json_object_get(doc, "claims"));
    if (c->g.json)
        code = out_json(c, json_incref(doc));
    else
        print_inspected(c, doc, now_s);
    if (code == CLI_OK && json_memory_failed())
        code = fail(c, CLI_FAILED, "out of memory printing a token");
    if (code == CLI_OK && !decodes)
        code = fail(c, CLI_FAILED,
                    "found something that does not decode, expected a token: "
                    "header.claims.signature");
out:
    json_decref(doc);
    secret_free(&token);
    return code;
}
