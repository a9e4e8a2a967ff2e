/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_CLAIMS_H
#define IVS_TOKEN_CLAIMS_H

/* The claims of a token, from JSON and to JSON. Time is judged by the callers,
 * except where mint refuses to write it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/token.h>

#include "base/buf.h"
#include "base/json.h"

/* An exp beyond this (the year 5138) is a count of milliseconds. */
#define IVS_EXP_MAX INT64_C(100000000000)

/* Highest version that the revocation API, an int32, can name. */
#define IVS_REVOCABLE_VERSION_MAX INT64_C(2147483647)

/* Claims that own what they point to. */
typedef struct ivs_claim_set {
    ivs_claims claims; /* first, so that a pointer to it finds the set */
    json_t *payload;   /* holds the texts */
    void *origins;     /* one block: pointers, then texts */
    char *extra;
    bool has_exp;
} ivs_claim_set;

/* How one claim is read into a set; refuses with IVS_E_TOKEN. flags are those
 * of ivs_verify_options. */
typedef struct ivs_claim_rule {
    const char *name;
    ivs_status (*read)(const json_t *value, unsigned flags, ivs_claim_set *set,
                       ivs_error *err);
} ivs_claim_rule;

#define IVS_CLAIM_RULES 8
/* In the order in which verify checks. */
extern const ivs_claim_rule ivs_claim_rules[IVS_CLAIM_RULES];

void ivs_claim_set_init(ivs_claim_set *set);
/* Release what a set points to, not the set. */
void ivs_claim_set_clear(ivs_claim_set *set);
/* Read every claim of a payload. Takes the reference to payload, on failure
 * too. The set must be cleared, on failure too. */
ivs_status ivs_claim_set_read(ivs_claim_set *set, json_t *payload,
                              unsigned flags, ivs_error *err);

/* Whether a member is one of ours. */
bool ivs_claim_is_known(const char *name);
/* Seconds of a NumericDate (RFC 7519 section 2), rounded down or up. False for
 * what is no number. */
bool ivs_claim_date(const json_t *value, bool up, int64_t *ret_s);
/* now_s + by_s, held at the ends of the range. */
int64_t ivs_time_add(int64_t now_s, int64_t by_s);
/* Whether the 600-second limit applies. */
bool ivs_claims_are_bound(const ivs_claims *claims);

/* Rules on values; IVS_E_TOKEN with the reason. */
ivs_status ivs_claim_check_channel(const char *arn, ivs_error *err);
ivs_status ivs_claim_check_viewer_id(const char *id, ivs_error *err);
ivs_status ivs_claim_check_uuid(const char *uuid, ivs_error *err);
ivs_status ivs_claim_check_origin(const char *entry, ivs_error *err);
ivs_status ivs_claim_check_strict(size_t norigins, unsigned flags,
                                  ivs_error *err);

/* Check a caller's claims for minting, IVS_E_ARG; ret is a copy of known size
 * and *ret_exp_s the expiry. */
ivs_status ivs_claims_check(const ivs_claims *claims, int64_t now_s,
                            ivs_claims *ret, int64_t *ret_exp_s,
                            ivs_error *err);
/* Append checked claims as JSON. */
void ivs_claims_write(const ivs_claims *claims, int64_t exp_s, ivs_buf *b);

/* The elements of a findings array, without brackets. */
typedef struct ivs_findings {
    ivs_buf json;
    size_t count;
} ivs_findings;

void ivs_findings_add(ivs_findings *f, const char *code, const char *severity,
                      const char *member, const char *message);
/* Lint a payload; ret_payload may be NULL, else gets a reference or NULL when
 * the payload is no JSON object. token_len is that of the whole token. */
ivs_status ivs_claims_lint_into(const char *json, size_t len, size_t token_len,
                                int64_t now_s, ivs_findings *f,
                                json_t **ret_payload, ivs_error *err);

#endif
