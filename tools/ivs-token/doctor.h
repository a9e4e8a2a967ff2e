/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_DOCTOR_H
#define IVS_CLI_DOCTOR_H

/*
 * doctor: gathers what can be seen from here, checks it in a fixed order, and
 * concludes with the likeliest cause. doctor_causes.c has the tables of checks
 * and causes, doctor_local.c and doctor_token.c check what is at hand,
 * doctor_service.c asks the service and doctor_probe.c its playback side,
 * doctor_channel.c, doctor_pairs.c and doctor_regions.c check what was said,
 * doctor_repair.c fills the command in, and doctor_report.c prints.
 */

#include "opts_service.h"

/* In the order in which they are printed. */
enum doctor_check {
    CHECK_KEY,
    CHECK_URL,
    CHECK_TOKEN_FORMAT,
    CHECK_TOKEN_SIGNATURE,
    CHECK_TOKEN_CHANNEL,
    CHECK_TOKEN_EXPIRY,
    CHECK_TOKEN_CLAIMS,
    CHECK_TOKEN_ORIGIN,
    CHECK_REVOCATION,
    CHECK_REGION,
    CHECK_SERVICE,
    CHECK_CLOCK,
    CHECK_CHANNEL,
    CHECK_PRIVATE,
    CHECK_POLICY,
    CHECK_KEY_PAIRS,
    CHECK_IMPORTED,
    CHECK_STREAM,
    CHECK_PROBE,
    DOCTOR_CHECKS
};

/* The worst that was said counts. */
enum doctor_result {
    DOCTOR_NOT_CHECKED,
    DOCTOR_OK,
    DOCTOR_NOTE, /* works, but is rarely meant */
    DOCTOR_PROBLEM,
    DOCTOR_STANDS /* of a cause: a problem even where the token is let in */
};

struct doctor_cause {
    const char *code; /* stable; those of ivs_token_inspect() are its own */
    enum doctor_check check;
    enum doctor_result result;
    int exit;
    const char *repair; /* a command with places to fill in, or NULL */
};

/* The likeliest cause first; ends with code NULL. */
extern const struct doctor_cause doctor_causes[];
extern const char *const doctor_check_names[DOCTOR_CHECKS];

#define DOCTOR_TEXT_MAX     640
#define DOCTOR_FINDINGS_MAX 48

struct doctor_finding {
    const struct doctor_cause *cause;
    enum doctor_result result;    /* a problem may turn out to be none here */
    const struct doctor_key *key; /* the one it is about, or NULL */
    char message[DOCTOR_TEXT_MAX];
};

struct doctor_line {
    enum doctor_result result;
    char detail[DOCTOR_TEXT_MAX]; /* with ok and not checked */
};

struct doctor_key {
    const char *path;
    ivs_key *key; /* NULL: it cannot be used, error says why */
    ivs_error error;
    char fingerprint[IVS_FINGERPRINT_SIZE];
    const char *elsewhere; /* the other region that has it, or NULL */
};

struct doctor {
    struct cli *c;
    const struct doctor_opts *opts;

    struct doctor_key *keys;
    size_t nkeys;
    const struct doctor_key *signer; /* of the token, where a key fits */
    struct secret url;
    struct secret token;
    json_t *inspected;  /* what ivs_token_inspect() says; NULL: no token */
    ivs_claims *claims; /* NULL where a rule is broken */

    const char *channel_from; /* the input that named it; NULL: none did */
    char channel[IVS_ARN_MAX + 1];
    ivs_arn arn;

    int64_t now_s; /* by the service's clock where it is known */

    const char *region; /* NULL: not known */
    ivs_client *client;
    bool down; /* nothing more is asked */
    size_t answered;
    ivs_error refusal; /* of the first call that was not answered */
    bool clock_known;
    int64_t clock_offset_s;
    json_t *channel_doc; /* NULL: not got, channel_error says why */
    ivs_error channel_error;
    json_t *stream; /* the same */
    ivs_error stream_error;
    ivs_playback_keys *pairs; /* the same */
    ivs_error pairs_error;
    char account[IVS_ARN_MAX]; /* of the credentials; "": not known */
    size_t unasked;            /* regions that a key may be in all the same */

    bool probed;
    ivs_error probe_error; /* code is IVS_OK where it plays */
    bool let_in;           /* it plays, and the token was looked at */

    char *input; /* of a repair: JSON */

    struct doctor_line lines[DOCTOR_CHECKS];
    struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
    size_t nfindings;
    struct doctor_finding why; /* the conclusion; no cause: there is none */
};

/* ---- doctor_causes.c: what is said of a check ---- */

void doctor_ok(struct doctor *d, enum doctor_check check, const char *fmt, ...)
    IVS_PRINTF(3, 4);
void doctor_skip(struct doctor *d, enum doctor_check check, const char *fmt,
                 ...) IVS_PRINTF(3, 4);
/* One of the causes, by its code. */
void doctor_found(struct doctor *d, const char *code, const char *fmt, ...)
    IVS_PRINTF(3, 4);
/* The same of one of the keys. */
void doctor_found_key(struct doctor *d, const struct doctor_key *key,
                      const char *code, const char *fmt, ...) IVS_PRINTF(4, 5);
/* The member of an object, "" where it is no string. */
const char *doctor_text(const json_t *object, const char *name);

/* ---- doctor_repair.c ---- */

/* The command that repairs, its places filled in. */
void doctor_repair(const struct doctor *d, const struct doctor_finding *why,
                   struct text_buf *ret);

/* ---- doctor_local.c: key files, playback URL, region ---- */

int doctor_gather(struct doctor *d);
void doctor_check_keys(struct doctor *d);
void doctor_check_url(struct doctor *d);
void doctor_check_region(struct doctor *d);
/* The value of the first token= of a URL that follows a ? or & and is not
 * empty, else of the last; *ret_len is its length. NULL: there is none. */
const char *doctor_token_of_url(const char *url, size_t *ret_len);

/* ---- doctor_token.c ---- */

/* Decode the token; the channel that it names stands in for one that was not
 * given. */
int doctor_read_token(struct doctor *d);
int doctor_check_token(struct doctor *d);

/* ---- doctor_service.c: asking ---- */

void doctor_ask(struct doctor *d);
/* One call that names an ARN; NULL on failure. */
json_t *doctor_call(struct doctor *d, const char *operation, const char *member,
                    const char *arn, ivs_error *err);
void doctor_check_service(struct doctor *d);
void doctor_check_clock(struct doctor *d);

/* ---- doctor_probe.c ---- */

/* Fetch the playback URL, where that was asked for. */
int doctor_probe(struct doctor *d);
void doctor_check_probe(struct doctor *d);

/* ---- doctor_channel.c: channel, policy, stream ---- */

/* The channel as the service shows it, or NULL. */
const json_t *doctor_channel(const struct doctor *d);
/* As the service says; neither where it does not. */
bool doctor_is_private(const struct doctor *d);
bool doctor_is_public(const struct doctor *d);
void doctor_check_channel(struct doctor *d);
void doctor_check_policy(struct doctor *d);
void doctor_check_stream(struct doctor *d);

/* ---- doctor_pairs.c ---- */

void doctor_check_pairs(struct doctor *d);

/* ---- doctor_regions.c ---- */

/* Whether IVS is known to be in a region. */
bool doctor_knows_region(const char *region);
/* Look for keys that are not imported here in the other regions. */
void doctor_search_regions(struct doctor *d);

/* ---- doctor_report.c ---- */

int doctor_report(struct doctor *d);

#endif
