/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_H
#define IVS_TOKEN_H

/**
 * @file
 * Viewer tokens of private channels: a JWT (RFC 7519) as compact JWS (RFC 7515)
 * signed with ES384 (RFC 7518 section 3.4).
 *
 * Three readers treat a token differently, on purpose: ivs_token_mint() writes
 * only what cannot be misread, ivs_token_verify() accepts only what the
 * documented rules allow, ivs_token_inspect() explains and never vouches.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>
#include <ivs/export.h>
#include <ivs/key.h>

IVS_BEGIN_DECLS

/** Longest token, in bytes; a buffer of this size also holds its NUL. */
#define IVS_TOKEN_MAX 16384

/** Longest viewer id, in Unicode characters. */
#define IVS_VIEWER_ID_MAX 40

/** Longest life of a token with a viewer id or single-use UUID, in seconds. */
#define IVS_BOUND_TTL_MAX 600

/** Most origins of a token with strict origin enforcement. */
#define IVS_STRICT_ORIGINS_MAX 5

/** `aws:maximum-resolution`. @since 0.1 */
typedef enum ivs_resolution {
    IVS_RESOLUTION_ANY = 0, /**< claim absent */
    IVS_RESOLUTION_SD = 1,
    IVS_RESOLUTION_HD = 2,
    IVS_RESOLUTION_FULL_HD = 3
} ivs_resolution;

/**
 * What a token grants. All pointers are borrowed for the duration of a call,
 * except in claims handed out by this library, where they live as long as the
 * object they came from. Text is NUL-terminated UTF-8.
 */
typedef struct ivs_claims {
    size_t size;             /**< set by ivs_claims_init() */
    const char *channel_arn; /**< `aws:channel-arn`; required */
    const char *viewer_id;   /**< `aws:viewer-id`, 1..40 characters, or NULL */
    bool has_viewer_session_version;
    int64_t viewer_session_version; /**< `aws:viewer-session-version`, >= 0 */
    const char *const *origins;     /**< `aws:access-control-allow-origin`, one
                                         entry each: `*`, `https://example.com`,
                                         with a leading "*." label, or a port */
    size_t norigins;
    bool strict_origin_enforcement; /**< `aws:strict-origin-enforcement`; needs
                                         1..5 origins */
    const char *single_use_uuid;    /**< `aws:single-use-uuid` or NULL */
    ivs_resolution maximum_resolution; /**< `aws:maximum-resolution` */
    int64_t ttl_s;          /**< life from now_s on, in seconds, or 0 */
    int64_t expires_at_s;   /**< `exp`, seconds since 1970, or 0. Exactly one of
                                 ttl_s and expires_at_s is set for minting */
    const char *extra_json; /**< a JSON object of further members, or NULL; no
                                 member may start with `aws:` or be `exp` */
} ivs_claims;

/**
 * Set every member to "absent".
 * @param[out] claims  The struct.
 * @param[in]  size    sizeof *claims.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_claims_init(ivs_claims *claims, size_t size);

/**
 * Read claims from a JSON object whose members are claim names
 * (`aws:channel-arn`, `exp`, …) by the rules of ivs_token_verify(), time
 * excepted: an `exp` in the past is read.
 *
 * @param[in]  json  UTF-8 text; need not be NUL-terminated. Borrowed.
 * @param[in]  len   Its length in bytes, at most IVS_TOKEN_MAX.
 * @param[out] ret   The claims, `expires_at_s` set where `exp` is present and
 *                   unknown members in `extra_json`; release with
 *                   ivs_claims_free(). Untouched on failure.
 * @param[out] err   Optional; `reason` and `member` say what is at fault.
 * @retval IVS_OK       read.
 * @retval IVS_E_ARG    a NULL argument.
 * @retval IVS_E_TOKEN  not strict JSON, or a claim outside its rule.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_claims_parse(const char *json, size_t len,
                                                  ivs_claims **ret,
                                                  ivs_error *err);

/**
 * Write claims as the JSON object that ivs_token_mint() would sign.
 *
 * @param[in]  claims   What to write; borrowed.
 * @param[in]  now_s    Current time, seconds since 1970-01-01 UTC.
 * @param[out] ret      NUL-terminated JSON; release with ivs_free(). Untouched
 *                      on failure.
 * @param[out] ret_len  Its length in bytes, without the NUL.
 * @param[out] err      Optional; `member` names the claim at fault.
 * @retval IVS_OK       written.
 * @retval IVS_E_ARG    as ivs_token_mint().
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_claims_encode(const ivs_claims *claims,
                                                   int64_t now_s, char **ret,
                                                   size_t *ret_len,
                                                   ivs_error *err);

/**
 * Whether claims let in a request with an Origin header: the last check of
 * ivs_token_verify(), by itself.
 *
 * @param[in]  claims  From ivs_claims_parse(), or filled by the caller with
 *                     well-formed origins.
 * @param[in]  origin  The header, or NULL or "": the request has none.
 * @param[out] err     Optional; `reason` and `member` say what is at fault.
 * @retval IVS_OK       let in.
 * @retval IVS_E_ARG    claims is NULL or was not set up.
 * @retval IVS_E_TOKEN  IVS_REJECT_ORIGIN_MISSING: origins are enforced and
 *                      there is none; IVS_REJECT_ORIGIN_MISMATCH: it is none
 *                      of those allowed.
 *
 * Pure; safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_claims_check_origin(
    const ivs_claims *claims, const char *origin, ivs_error *err);

/**
 * Release claims from ivs_claims_parse().
 * @param[in] claims  The claims or NULL. @since 0.1
 */
IVS_API void ivs_claims_free(ivs_claims *claims);

/**
 * Everything worth saying about the claims of a token: rules broken, and
 * things that are allowed but rarely meant (a version the revocation API
 * cannot reach, a long life, no viewer id, a token over 2 KB, little margin
 * for clock skew, …).
 *
 * @param[in]  json      The payload; need not be NUL-terminated. Borrowed.
 * @param[in]  len       Its length in bytes.
 * @param[in]  now_s     Current time, seconds since 1970-01-01 UTC.
 * @param[out] ret_json  NUL-terminated JSON array of objects {"code",
 *                       "severity": "error"|"warning"|"info", "member",
 *                       "message"}, empty when there is nothing to say. Codes
 *                       are stable. Release with ivs_free(). Untouched on
 *                       failure.
 * @param[out] err       Optional.
 * @retval IVS_OK        looked at, whatever was found.
 * @retval IVS_E_ARG     a NULL argument.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_claims_lint(const char *json, size_t len,
                                                 int64_t now_s, char **ret_json,
                                                 ivs_error *err);

/**
 * Mint a viewer token for a private channel. The header is exactly
 * {"alg":"ES384","typ":"JWT"}.
 *
 * @param[in]  key      Private P-384 key; borrowed for the call.
 * @param[in]  claims   What the token grants; see ivs_claims for limits.
 * @param[in]  now_s    Current time, seconds since 1970-01-01 UTC. With ttl_s
 *                      the expiry is now_s + ttl_s.
 * @param[out] buf      NUL-terminated compact JWS. Untouched on failure.
 * @param[in]  cap      Bytes at buf; IVS_TOKEN_MAX always suffice.
 * @param[out] ret_len  Length of the token without the NUL. May be NULL.
 * @param[out] err      Optional; `member` names the claim at fault.
 * @retval IVS_OK        minted.
 * @retval IVS_E_ARG     a NULL argument, a buffer too small, or a claim outside
 *                       its limit (message names it): channel ARN off the
 *                       pattern; expiry not after now_s, both or neither of
 *                       ttl_s and expires_at_s, an expiry that reads as
 *                       milliseconds (> 10^11), or more than 600 s ahead with a
 *                       viewer id or UUID; viewer id not 1..40 characters;
 *                       version < 0 or without a viewer id; malformed UUID or
 *                       origin; strict with no or more than 5 origins;
 *                       extra_json not a strict JSON object, with an `aws:`
 *                       member or `exp`, or too large.
 * @retval IVS_E_KEY     the key has no private half.
 * @retval IVS_E_CRYPTO  the engine failed.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Pure: no I/O, no clock. Safe from several threads with the same key.
 * Source of the claims: Amazon IVS user guide, "Generate and sign playback
 * tokens". @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_token_mint(const ivs_key *key,
                                                const ivs_claims *claims,
                                                int64_t now_s, char *buf,
                                                size_t cap, size_t *ret_len,
                                                ivs_error *err);

/** A token that passed every check that was asked for. @since 0.1 */
typedef struct ivs_verified ivs_verified;

/** Answer of a caller's store. @since 0.1 */
typedef enum ivs_decision {
    IVS_UNAVAILABLE = 0, /**< the store cannot tell: IVS_E_STATE, fail closed */
    IVS_ALLOW = 1,
    IVS_DENY = 2
} ivs_decision;

/**
 * A question to the caller's store, asked only for an otherwise good token.
 * @param[in] claims  The token's claims with expires_at_s set; borrowed for the
 *                    duration of the call.
 * @param[in] user    As given in the options.
 * @return IVS_ALLOW to accept; any value that is no enumerator counts as
 *         IVS_UNAVAILABLE.
 */
typedef ivs_decision (*ivs_verify_fn)(const ivs_claims *claims, void *user);

/**
 * Judge as the service is known or believed to do, where that differs from the
 * documented rules: a fractional or millisecond `exp` passes, a quoted integer
 * is taken as a version, a malformed origin entry merely never matches, a
 * strict token without origins requires any Origin, and integers outside int64
 * in unknown members pass. Meant for emulators. @since 0.1
 */
#define IVS_VERIFY_LIKE_SERVICE 0x1u

/** Options of ivs_token_verify(); NULL means all defaults. */
typedef struct ivs_verify_options {
    size_t size;                     /**< set by ivs_verify_options_init() */
    const char *const *channel_arns; /**< the token must name one of these */
    size_t nchannel_arns;            /**< 0: any well-formed channel */
    const char *origin; /**< Origin header of the request, or NULL: none */
    int64_t leeway_s;   /**< clock skew allowed, 0..300 */
    unsigned flags;     /**< IVS_VERIFY_… */
    ivs_verify_fn is_allowed; /**< last but one: IVS_DENY means the viewer is
                                   revoked. Asked for tokens with a viewer id */
    ivs_verify_fn may_use; /**< last: IVS_DENY means the token is used up. Asked
                                for tokens with a single-use UUID; must record
                                the use at once, until expires_at_s */
    void *user;            /**< handed to both */
} ivs_verify_options;

/**
 * Set every member to its default.
 * @param[out] opt   The struct.
 * @param[in]  size  sizeof *opt.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_verify_options_init(ivs_verify_options *opt, size_t size);

/**
 * Verify a viewer token.
 *
 * IVS_OK is returned from one place, after every check: length, three
 * segments, canonical base64url, strict JSON, `alg`, `typ`, forbidden header
 * members, 96-byte signature with 1 <= r,s < n, signature by one of the keys,
 * every claim, expiry, channel, origin, and last the two callbacks.
 *
 * @param[in]  keys   Public or private keys, tried in order; borrowed.
 * @param[in]  nkeys  Their number, at least 1.
 * @param[in]  token  Compact JWS; need not be NUL-terminated. A trailing
 *                    newline is not forgiven.
 * @param[in]  len    Its length in bytes.
 * @param[in]  opt    Optional; see ivs_verify_options.
 * @param[in]  now_s  Current time, seconds since 1970-01-01 UTC.
 * @param[out] ret    The verified token; release with ivs_verified_free(). May
 *                    be NULL. Untouched on failure.
 * @param[out] err    Optional; on IVS_E_TOKEN `reason` and `member` are set.
 * @retval IVS_OK        the token is good.
 * @retval IVS_E_ARG     a NULL argument, no key, or unknown options.
 * @retval IVS_E_TOKEN   rejected; `reason` says by which check.
 * @retval IVS_E_STATE   a callback answered IVS_UNAVAILABLE.
 * @retval IVS_E_CRYPTO  the engine failed; nothing is known of the token.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * No I/O, no clock. Safe from several threads with the same keys. Sources: RFC
 * 7515, RFC 7519, RFC 8725; Amazon IVS user guide. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status
ivs_token_verify(const ivs_key *const *keys, size_t nkeys, const char *token,
                 size_t len, const ivs_verify_options *opt, int64_t now_s,
                 ivs_verified **ret, ivs_error *err);

/**
 * The claims of a verified token, `expires_at_s` set and unknown members in
 * `extra_json`.
 * @param[in] verified  From ivs_token_verify(); not NULL.
 * @return Borrowed; lives as long as @p verified. Pure. @since 0.1
 */
IVS_API const ivs_claims *ivs_verified_claims(const ivs_verified *verified);

/**
 * Which of the keys verified the signature.
 * @param[in] verified  From ivs_token_verify(); not NULL.
 * @return Index into `keys`. Pure. @since 0.1
 */
IVS_API size_t ivs_verified_key_index(const ivs_verified *verified);

/**
 * Release a verified token.
 * @param[in] verified  From ivs_token_verify(), or NULL. @since 0.1
 */
IVS_API void ivs_verified_free(ivs_verified *verified);

/**
 * Decode a token WITHOUT verifying it and say everything worth saying: there is
 * no key parameter, so the result cannot be taken for a verdict.
 *
 * @param[in]  token     Anything; need not be NUL-terminated. Borrowed.
 * @param[in]  len       Its length in bytes.
 * @param[in]  now_s     Current time, seconds since 1970-01-01 UTC.
 * @param[out] ret_json  NUL-terminated JSON object: "verified" (always false),
 *                       "header" and "claims" (objects, or null where they do
 *                       not decode), "signature" {"bytes", "form": "p1363"|
 *                       "der"|"unknown"}, "findings" as ivs_claims_lint(), with
 *                       those about the envelope first. Release with
 *                       ivs_free(). Untouched on failure.
 * @param[out] err       Optional.
 * @retval IVS_OK        looked at, whatever was found.
 * @retval IVS_E_ARG     a NULL argument.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_token_inspect(const char *token,
                                                   size_t len, int64_t now_s,
                                                   char **ret_json,
                                                   ivs_error *err);

IVS_END_DECLS

#endif
