/* SPDX-License-Identifier: MIT */
/* key rotate: whether it may begin or go on, and the run. */

#include <string.h>

#include "rotate.h"

/* Tokens with a viewer id live no longer (docs of Amazon IVS). */
#define WAIT_DEFAULT 600

/* ---- the command line ---- */

static int
check_name(struct cli *c, const char *name)
{
    size_t len = strlen(name);

    if (len >= 1 && len <= 128 &&
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789-_") == len)
        return CLI_OK;
    return usage(c,
                 "--name: found \"%.60s\", expected 1 to 128 of a-z, A-Z, 0-9, "
                 "- and _",
                 name);
}

static int
check_options(struct rotate *ro)
{
    const struct rotate_opts *opts = ro->opts;
    char question[320];

    if (strcmp(opts->out, "-") == 0)
        return usage(ro->c, "--out: found -, expected the name of a file");
    if (opts->grace.given && opts->max_ttl.given &&
        opts->grace.value < opts->max_ttl.value)
        return usage(ro->c, "--grace is shorter than --max-ttl, the life of "
                            "the tokens it is to wait for");
    rotate_question(ro, question, sizeof question);
    if (!opts->dry_run && input_can_confirm(ro->c, question) != CLI_OK)
        return CLI_USAGE;
    return check_name(ro->c, opts->name);
}

/* The time to wait: what is asked for now counts, then what was recorded. */
static void
set_wait(struct rotate *ro)
{
    const struct rotate_opts *opts = ro->opts;
    bool recorded = ro->r.step != ROTATE_NONE;
    int64_t before = ro->r.wait_s, wait = recorded ? before : WAIT_DEFAULT;

    if (opts->max_ttl.given)
        wait = opts->max_ttl.value > WAIT_DEFAULT ? opts->max_ttl.value
                                                  : WAIT_DEFAULT;
    if (opts->grace.given)
        wait = opts->grace.value;
    ro->r.wait_s = wait;
    if (recorded && wait != before && ro->r.step < ROTATE_WAITED)
        notice(ro->c, "waiting %lld second%s, not %lld as recorded",
               (long long)wait, plural((size_t)wait), (long long)before);
    else if (wait < WAIT_DEFAULT && ro->r.step < ROTATE_WAITED)
        notice(ro->c,
               "tokens with a viewer id live up to %d seconds, and this waits "
               "%lld",
               WAIT_DEFAULT, (long long)wait);
}

/* ---- what was recorded ---- */

static int
other(struct rotate *ro, const char *what, const char *was, const char *is)
{
    return fail(ro->c, CLI_FAILED,
                "the rotation file %s belongs to another %s: %s, not %s; give "
                "the same, or another --out FILE",
                ro->file.path, what, was, is);
}

/* Bind a new rotation to what it is about, or compare. */
static int
bind(struct rotate *ro)
{
    struct rotation *r = &ro->r;
    const char *endpoint = ivs_client_endpoint(ro->client);
    ivs_error err = {0};
    ivs_arn arn;

    if (ivs_arn_parse(ro->opts->old, strlen(ro->opts->old), &arn, &err) !=
        IVS_OK)
        return fail_error(ro->c, &err);
    if (r->step == ROTATE_NONE) {
        (void)snprintf(r->account, sizeof r->account, "%s", arn.account);
        (void)snprintf(r->region, sizeof r->region, "%s", arn.region);
        (void)snprintf(r->endpoint, sizeof r->endpoint, "%s", endpoint);
        (void)snprintf(r->old_arn, sizeof r->old_arn, "%s", ro->opts->old);
        (void)snprintf(r->name, sizeof r->name, "%s", ro->opts->name);
        return CLI_OK;
    }
    if (strcmp(r->account, arn.account) != 0)
        return other(ro, "account", r->account, arn.account);
    if (strcmp(r->region, arn.region) != 0)
        return other(ro, "region", r->region, arn.region);
    if (strcmp(r->old_arn, ro->opts->old) != 0)
        return other(ro, "--old", r->old_arn, ro->opts->old);
    if (strcmp(r->name, ro->opts->name) != 0)
        return other(ro, "--name", r->name, ro->opts->name);
    if (strncmp(r->endpoint, endpoint, sizeof r->endpoint - 1) != 0)
        return other(ro, "endpoint", r->endpoint, endpoint);
    if (r->step == ROTATE_DELETED)
        notice(ro->c,
               "the rotation of %s is complete, and nothing is left to do; "
               "another one needs --old %s and another --out FILE",
               ro->file.path, r->new_arn);
    else
        notice(ro->c, "going on after the step \"%s\" of %s",
               rotate_step_name(r->step), ro->file.path);
    return CLI_OK;
}

/* ---- what the service has ---- */

static int
check_old_key(struct rotate *ro)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_error err = {0};

    if (ro->old_key == NULL)
        return CLI_OK;
    if (ivs_key_fingerprint(ro->old_key, fingerprint, &err) != IVS_OK)
        return fail_error(ro->c, &err);
    if (strcmp(fingerprint, ro->r.old_fingerprint) == 0)
        return CLI_OK;
    return fail(ro->c, CLI_FAILED,
                "%s is not the key of %s: its fingerprint is %s, that of the "
                "pair is %s; nothing was done",
                ro->opts->old_key, ro->r.old_arn, fingerprint,
                ro->r.old_fingerprint);
}

static const ivs_playback_key *
find(const ivs_playback_keys *pairs, const char *arn)
{
    for (size_t i = 0; i < ivs_playback_keys_count(pairs); i++)
        if (strcmp(ivs_playback_key_arn(ivs_playback_keys_at(pairs, i)), arn) ==
            0)
            return ivs_playback_keys_at(pairs, i);
    return NULL;
}

static int
check_old(struct rotate *ro)
{
    struct rotation *r = &ro->r;
    const ivs_playback_key *old = find(ro->pairs, r->old_arn);
    const char *print = old != NULL ? ivs_playback_key_fingerprint(old) : "";

    ro->old_gone = old == NULL;
    if (old == NULL && r->step < ROTATE_IMPORTED)
        return fail(ro->c, CLI_REFUSED,
                    "%s is not among the key pairs in %s (%zu of %d); nothing "
                    "was imported",
                    r->old_arn, r->region, ro->npairs, IVS_PLAYBACK_KEYS_MAX);
    if (old != NULL && print[0] == '\0')
        return fail(ro->c, CLI_REFUSED,
                    "the fingerprint of %s is needed, and the service does "
                    "not show it",
                    r->old_arn);
    if (r->step == ROTATE_NONE)
        (void)snprintf(r->old_fingerprint, sizeof r->old_fingerprint, "%s",
                       print);
    if (old != NULL && strcmp(print, r->old_fingerprint) != 0)
        return fail(ro->c, CLI_REFUSED,
                    "the service says that %s has the fingerprint %s, and %s "
                    "was recorded",
                    r->old_arn, print, r->old_fingerprint);
    return check_old_key(ro);
}

static int
check_service(struct rotate *ro)
{
    int code = pairs_list(ro->c, ro->client, &ro->pairs);

    if (code != CLI_OK)
        return code;
    ro->npairs = ivs_playback_keys_count(ro->pairs);
    if ((code = check_old(ro)) != CLI_OK)
        return code;
    if (ro->r.step < ROTATE_IMPORTED && ro->npairs >= IVS_PLAYBACK_KEYS_MAX &&
        ivs_playback_keys_find(ro->pairs, ro->r.new_fingerprint) == NULL)
        return rotate_no_room(ro);
    return CLI_OK;
}

/* ---- the run ---- */

static int
run(struct rotate *ro)
{
    int code = rotate_run(ro);

    if (code == CLI_OK)
        return rotate_print_done(ro);
    if (ro->r.step != ROTATE_NONE)
        hint("the rotation is at the step \"%s\"; the same command goes on "
             "from there",
             rotate_step_name(ro->r.step));
    return code;
}

static int
open_all(struct rotate *ro)
{
    const struct rotate_opts *opts = ro->opts;
    int code = CLI_OK;

    if (opts->old_key != NULL)
        code = input_key(ro->c, opts->old_key, &ro->old_key);
    if (code == CLI_OK)
        code = pairs_open(ro->c, opts->old, &ro->client);
    if (code == CLI_OK)
        code = rotate_file_open(ro->c, opts->out, opts->dry_run, &ro->file,
                                &ro->r);
    ro->resumed = ro->r.step;
    if (code == CLI_OK)
        code = bind(ro);
    if (code == CLI_OK)
        set_wait(ro);
    return code;
}

int
key_rotate(struct cli *c, const void *values)
{
    struct rotate ro = {.c = c, .opts = values};
    int code = check_options(&ro);

    if (code == CLI_OK)
        code = open_all(&ro);
    if (code == CLI_OK && ro.r.step < ROTATE_DELETED)
        code = check_service(&ro);
    if (code == CLI_OK)
        code = ro.opts->dry_run ? rotate_print_plan(&ro) : run(&ro);
    rotate_file_close(&ro.file);
    ivs_playback_keys_free(ro.pairs);
    ivs_key_free(ro.old_key);
    ivs_key_free(ro.new_key);
    service_close(ro.client);
    return code;
}
