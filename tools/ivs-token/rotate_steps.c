/* SPDX-License-Identifier: MIT */
/* The steps of a rotation. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "revoke.h"
#include "rotate.h"

/* A token that no viewer gets. */
#define TOKEN_TTL  60
#define TOKEN_ROOM 1024

int64_t
rotate_now(const struct rotate *ro)
{
    static time_t begun;

    if (!ro->opts->now.given)
        return (int64_t)time(NULL);
    if (begun == 0)
        begun = time(NULL);
    return ro->opts->now.value + (int64_t)(time(NULL) - begun);
}

static int
record(struct rotate *ro, enum rotate_step step)
{
    ro->r.step = step;
    return rotate_file_write(ro->c, &ro->file, &ro->r);
}

/* ---- the new key ---- */

static int
generate(struct rotate *ro)
{
    struct rotation *r = &ro->r;
    ivs_error err = {0};
    ivs_key_options opt;
    int code = input_key_options(ro->c, &opt);

    if (code != CLI_OK)
        return code;
    if (ivs_key_generate(&opt, &ro->new_key, &err) != IVS_OK ||
        ivs_key_fingerprint(ro->new_key, r->new_fingerprint, &err) != IVS_OK)
        return fail_error(ro->c, &err);
    r->begun_s = rotate_now(ro);
    if ((code = record(ro, ROTATE_BEGUN)) != CLI_OK)
        return code;
    signals_hold(true);
    if (ivs_key_save(ro->new_key, ro->opts->out, &opt, &err) != IVS_OK)
        code = fail_error(ro->c, &err);
    signals_hold(false);
    return code;
}

/* What is used from here on is what the file holds. */
static int
load(struct rotate *ro)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_error err = {0};
    int code;

    ivs_key_free(ro->new_key);
    ro->new_key = NULL;
    code = input_private_key(ro->c, ro->opts->out, &ro->new_key);
    if (code != CLI_OK)
        return code;
    if (ivs_key_fingerprint(ro->new_key, fingerprint, &err) != IVS_OK)
        return fail_error(ro->c, &err);
    if (strcmp(fingerprint, ro->r.new_fingerprint) == 0)
        return CLI_OK;
    return fail(ro->c, CLI_FAILED,
                "%s holds another key than the one of this rotation: its "
                "fingerprint is %s, expected %s",
                ro->opts->out, fingerprint, ro->r.new_fingerprint);
}

static int
save(struct rotate *ro)
{
    struct stat st;
    int code = CLI_OK;

    /* A key that was chosen and never saved is of no use to anybody. */
    if (lstat(ro->opts->out, &st) != 0)
        code = errno == ENOENT
                   ? generate(ro)
                   : fail(ro->c, CLI_FAILED, "cannot look at %s: %s",
                          ro->opts->out, strerror(errno));
    if (code == CLI_OK)
        code = load(ro);
    return code == CLI_OK ? record(ro, ROTATE_SAVED) : code;
}

/* ---- import ---- */

static int
take_pair(struct rotate *ro, const ivs_playback_key *pair)
{
    struct rotation *r = &ro->r;

    (void)snprintf(r->new_arn, sizeof r->new_arn, "%s",
                   ivs_playback_key_arn(pair));
    r->imported_s = rotate_now(ro);
    out_done(ro->c, "%s was imported", r->new_arn);
    return record(ro, ROTATE_IMPORTED);
}

static int
import(struct rotate *ro)
{
    const ivs_playback_key *found =
        ivs_playback_keys_find(ro->pairs, ro->r.new_fingerprint);
    ivs_playback_key *pair = NULL;
    ivs_import_options opt;
    ivs_error err = {0};
    int code;

    if (found != NULL) {
        notice(ro->c, "%s was imported before", ivs_playback_key_arn(found));
        return take_pair(ro, found);
    }
    ivs_import_options_init(&opt, sizeof opt);
    opt.name = ro->r.name;
    if (ivs_playback_key_import(ro->client, ro->new_key, &opt, &pair, &err) !=
        IVS_OK) {
        code = err.http_status == 402 ? rotate_no_room(ro)
                                      : fail_error(ro->c, &err);
        hint_unanswered(&err, "the next run finds out");
        return code;
    }
    code = take_pair(ro, pair);
    ivs_playback_key_free(pair);
    return code;
}

/* ---- wait ---- */

static int64_t
uptime_ms(void)
{
    struct timespec t = {0};

    /* Goes on while the machine sleeps, and cannot be set. */
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A live line on a terminal; else one line at the beginning. */
static void
show_wait(int64_t left_s, const char *until, bool terminal)
{
    char left[PROGRESS_TIME_SIZE];

    progress_time(left_s, left);
    (void)fprintf(stderr, "%sivs-token: waiting until %s, %s left%s",
                  terminal ? "\r" : "", until, left, terminal ? " " : "\n");
    (void)fflush(stderr);
}

static int
sleep_for(int64_t left_s, const char *until)
{
    bool terminal = isatty(STDERR_FILENO) != 0;
    int64_t end = uptime_ms() + left_s * 1000, left;

    if (!terminal)
        show_wait(left_s, until, false);
    while (signals_got() == 0 && (left = end - uptime_ms()) > 0) {
        int64_t part = left < 1000 ? left : 1000;
        struct timespec t = {.tv_sec = part / 1000,
                             .tv_nsec = part % 1000 * 1000000};

        if (terminal)
            show_wait((left + 999) / 1000, until, true);
        (void)nanosleep(&t, NULL);
    }
    if (terminal)
        (void)fputc('\n', stderr);
    return signals_got() != 0 ? CLI_SIGNAL + signals_got() : CLI_OK;
}

static int
wait_out(struct rotate *ro)
{
    const struct rotation *r = &ro->r;
    int64_t left = r->imported_s + r->wait_s - rotate_now(ro);
    char until[VALUE_TIME_SIZE];
    int code = CLI_OK;

    value_time(r->imported_s + r->wait_s, until);
    if (left > 0 && ro->resumed < ROTATE_IMPORTED)
        (void)fprintf(stderr,
                      "ivs-token: imported %s; mint with %s from now on\n",
                      r->new_arn, ro->opts->out);
    /* With a clock that was set back it is the whole time again. */
    if (left > r->wait_s)
        left = r->wait_s;
    if (left > 0)
        code = sleep_for(left, until);
    return code == CLI_OK ? record(ro, ROTATE_WAITED) : code;
}

/* ---- verify ---- */

/* A token of one key, by all that are accepted while both pairs are there. */
static int
verify_token(struct rotate *ro, const ivs_key *key)
{
    const ivs_key *keys[] = {ro->new_key, ro->old_key};
    char channel[IVS_ARN_MAX + 1], token[TOKEN_ROOM];
    ivs_arn arn = {.type = IVS_ARN_CHANNEL, .id = "none"};
    ivs_verified *verified = NULL;
    ivs_claims claims;
    ivs_error err = {0};
    size_t len = 0;
    int64_t now_s = rotate_now(ro);

    memcpy(arn.region, ro->r.region, sizeof arn.region);
    memcpy(arn.account, ro->r.account, sizeof arn.account);
    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = channel;
    claims.ttl_s = TOKEN_TTL;
    if (ivs_arn_format(&arn, channel, &err) != IVS_OK ||
        ivs_token_mint(key, &claims, now_s, token, sizeof token, &len, &err) !=
            IVS_OK ||
        ivs_token_verify(keys, ro->old_key != NULL ? 2 : 1, token, len, NULL,
                         now_s, &verified, &err) != IVS_OK)
        return fail_error(ro->c, &err);
    ivs_verified_free(verified);
    return CLI_OK;
}

static int
verify_pair(struct rotate *ro)
{
    const struct rotation *r = &ro->r;
    ivs_playback_key *pair = NULL;
    ivs_error err = {0};
    int code = CLI_OK;

    if (ivs_playback_key_get(ro->client, r->new_arn, &pair, &err) != IVS_OK)
        return fail_error(ro->c, &err);
    if (strcmp(ivs_playback_key_fingerprint(pair), r->new_fingerprint) != 0)
        code = fail(ro->c, CLI_REFUSED,
                    "the service says that %s has the fingerprint \"%.47s\", "
                    "expected %s; nothing was deleted",
                    r->new_arn, ivs_playback_key_fingerprint(pair),
                    r->new_fingerprint);
    ivs_playback_key_free(pair);
    return code;
}

static int
verify(struct rotate *ro)
{
    int code = verify_token(ro, ro->new_key);

    if (code == CLI_OK && ivs_key_has_private(ro->old_key))
        code = verify_token(ro, ro->old_key);
    if (code == CLI_OK)
        code = verify_pair(ro);
    return code == CLI_OK ? record(ro, ROTATE_VERIFIED) : code;
}

/* ---- delete ---- */

void
rotate_question(const struct rotate *ro, char *ret, size_t size)
{
    (void)snprintf(ret, size,
                   "Deleting %s makes every token signed with it useless%s.",
                   ro->opts->old,
                   ro->r.imported_s != 0 && ro->r.wait_s == 0
                       ? ", and --grace 0 waits for none of them"
                       : "");
}

static int
delete_old(struct rotate *ro)
{
    char question[320];
    ivs_error err = {0};
    int code;

    if (ro->old_gone) {
        notice(ro->c, "%s is gone already", ro->r.old_arn);
        return record(ro, ROTATE_DELETED);
    }
    /* It may be long since the new pair was seen. */
    if (ro->resumed == ROTATE_VERIFIED && (code = verify_pair(ro)) != CLI_OK)
        return code;
    rotate_question(ro, question, sizeof question);
    code = input_confirm(ro->c, question, "the old pair was not deleted");
    if (signals_got() != 0)
        return CLI_SIGNAL + signals_got();
    if (code != CLI_OK)
        return code;
    if (ivs_playback_key_delete(ro->client, ro->r.old_arn, &err) != IVS_OK) {
        code = fail_error(ro->c, &err);
        hint_unanswered(&err, "the next run finds out");
        return code;
    }
    return record(ro, ROTATE_DELETED);
}

/* ---- all of them ---- */

int
rotate_run(struct rotate *ro)
{
    static int (*const after[])(struct rotate *) = {
        [ROTATE_NONE] = save,     [ROTATE_BEGUN] = save,
        [ROTATE_SAVED] = import,  [ROTATE_IMPORTED] = wait_out,
        [ROTATE_WAITED] = verify, [ROTATE_VERIFIED] = delete_old,
    };
    int code = CLI_OK;

    if (ro->r.step > ROTATE_BEGUN && ro->r.step < ROTATE_DELETED)
        code = load(ro);
    while (code == CLI_OK && ro->r.step < ROTATE_DELETED)
        code = after[ro->r.step](ro);
    return code;
}
