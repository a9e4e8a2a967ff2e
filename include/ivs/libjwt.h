/* SPDX-License-Identifier: MIT */
#ifndef IVS_LIBJWT_H
#define IVS_LIBJWT_H

/**
 * @file
 * Bridge to libjwt, for backends that hold a jwt_t already: claims checked by
 * the rules of ivs_token_mint() into one, and a lint of one. Header-only and
 * opt-in: <ivs/ivs.h> does not include it, and none of our libraries loads
 * libjwt. A program that includes it links both (`pkg-config ivs-token
 * libjwt`). Made for the API of libjwt 1.10 and later 1.x, whichever of OpenSSL
 * and GnuTLS it was built with.
 *
 * Signing stays with libjwt:
 *
 *     jwt_new(&jwt);
 *     ivs_jwt_set_claims(jwt, &claims, now_s, &err);
 *     jwt_set_alg(jwt, JWT_ALG_ES384, pem, pem_len);
 *     token = jwt_encode_str(jwt);
 *
 * The algorithm must be JWT_ALG_ES384, and the header should be left to
 * jwt_set_alg(): Amazon IVS takes nothing else, and ivs_token_verify() refuses
 * header members such as `crit`.
 *
 * Caution: libjwt 1.10.2 built with GnuTLS (Debian's libjwt-gnutls0) writes the
 * signature of ES384 132 bytes wide, where RFC 7518 section 3.4 has 96. Its own
 * jwt_decode() takes such a token; ivs_token_verify() and others do not. With
 * that build, sign with ivs_token_mint().
 *
 * Caution: let jwt_decode() of libjwt 1.x be no verdict. With the PEM of a
 * public key it accepts a token MACed with HS384 over that very text, ES384
 * with a key of another curve, duplicate members, loose base64 and unknown
 * `crit`; and it knows no rule of Amazon IVS, expiry included. Verify with
 * ivs_token_verify().
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include <ivs/error.h>
#include <ivs/export.h>
#include <ivs/token.h>

IVS_BEGIN_DECLS

/**
 * Release text that libjwt handed out. Version 1.10 takes it from malloc(). For
 * a program that gives a later 1.x an allocator with jwt_set_alloc(), define
 * this as jwt_free_str before the header is included. @since 0.1
 */
#ifndef IVS_JWT_FREE_STR
#define IVS_JWT_FREE_STR(text) free(text)
#endif

/* Internal: fill err, which may be NULL, and return code. */
static inline ivs_status
ivs_jwt_fail_(ivs_error *err, ivs_status code, const char *message)
{
    if (err != NULL) {
        memset(err, 0, sizeof *err);
        err->code = code;
        strncpy(err->message, message, sizeof err->message - 1);
    }
    return code;
}

/* Internal: length of the grants as JSON; that of "{}" when there are none. */
static inline ivs_status
ivs_jwt_measure_(jwt_t *jwt, size_t *ret_len, ivs_error *err)
{
    char *json = jwt_get_grants_json(jwt, NULL);

    if (json == NULL)
        return ivs_jwt_fail_(err, IVS_E_NOMEM, "out of memory in libjwt");
    *ret_len = strlen(json);
    IVS_JWT_FREE_STR(json);
    return IVS_OK;
}

/**
 * Put claims into a JWT that has none yet, checked by the rules of
 * ivs_token_mint(): what mint refuses is refused here, with the same status,
 * member and sentence. Members of your own go through `extra_json`, so that
 * they are checked as well.
 *
 * @param[in]  jwt     Without grants: fresh from jwt_new(), or emptied by
 *                     jwt_del_grants(jwt, NULL). Its header and algorithm are
 *                     not looked at. Stays yours; release with jwt_free().
 *                     Holds no grants after a failure that found none.
 * @param[in]  claims  What the token grants; see ivs_claims for limits.
 *                     Borrowed for the call.
 * @param[in]  now_s   Current time, seconds since 1970-01-01 UTC. With ttl_s
 *                     the expiry is now_s + ttl_s.
 * @param[out] err     Optional; `member` names the claim at fault.
 * @retval IVS_OK       the grants are exactly what ivs_claims_encode() writes;
 *                      libjwt sorts them and spells numbers its own way.
 * @retval IVS_E_ARG    a NULL argument, a claim outside its limit, or claims
 *                      too large for a token.
 * @retval IVS_E_STATE  the JWT holds grants already; they are untouched.
 * @retval IVS_E_NOMEM  out of memory, here or in libjwt.
 *
 * No I/O, no clock. Safe from any thread that owns @p jwt. @since 0.1
 */
IVS_NODISCARD static inline ivs_status
ivs_jwt_set_claims(jwt_t *jwt, const ivs_claims *claims, int64_t now_s,
                   ivs_error *err)
{
    /* A token is this header, the claims and 128 characters of signature, the
     * first two in base64url, and two dots. */
    static const size_t rest =
        (sizeof "{\"alg\":\"ES384\",\"typ\":\"JWT\"}" - 1) / 3 * 4 + 128 + 2;
    char *json = NULL;
    size_t len = 0;
    ivs_status s;

    if (jwt == NULL || claims == NULL)
        return ivs_jwt_fail_(err, IVS_E_ARG, "NULL argument");
    s = ivs_jwt_measure_(jwt, &len, err);
    if (s != IVS_OK)
        return s;
    if (len != sizeof "{}" - 1)
        return ivs_jwt_fail_(err, IVS_E_STATE,
                             "the JWT holds grants already, expected none: "
                             "members of your own go through extra_json");
    s = ivs_claims_encode(claims, now_s, &json, &len, err);
    if (s != IVS_OK)
        return s;
    /* The text has been checked, so only memory can be at fault. */
    if (jwt_add_grants_json(jwt, json) != 0)
        s = ivs_jwt_fail_(err, IVS_E_NOMEM, "out of memory in libjwt");
    ivs_free(json);
    /* libjwt may spell a number of extra_json longer: 1e9 as 1000000000.0. */
    if (s == IVS_OK)
        s = ivs_jwt_measure_(jwt, &len, err);
    if (s == IVS_OK && rest + (len * 4 + 2) / 3 >= IVS_TOKEN_MAX)
        s = ivs_jwt_fail_(err, IVS_E_ARG,
                          "the claims make a token that is too long once "
                          "libjwt has written its numbers");
    if (s != IVS_OK)
        (void)jwt_del_grants(jwt, NULL);
    return s;
}

/**
 * Everything worth saying about the grants of a JWT, as ivs_claims_lint() says
 * it: what a token made of it would be refused for, and what is rarely meant.
 *
 * It sees what libjwt would write, not the text a JWT was decoded from:
 * duplicate members are gone by then. It does not see the header. For the text
 * of a token there is ivs_token_inspect(), for a verdict ivs_token_verify().
 *
 * @param[in]  jwt       Any; not changed (libjwt's parameter lacks the const).
 * @param[in]  now_s     Current time, seconds since 1970-01-01 UTC.
 * @param[out] ret_json  NUL-terminated JSON array of findings as
 *                       ivs_claims_lint() gives it, empty when there is nothing
 *                       to say. Release with ivs_free(). Untouched on failure.
 * @param[out] err       Optional.
 * @retval IVS_OK       looked at, whatever was found.
 * @retval IVS_E_ARG    a NULL argument.
 * @retval IVS_E_NOMEM  out of memory, here or in libjwt.
 *
 * No I/O, no clock. Safe from any thread that owns @p jwt. @since 0.1
 */
IVS_NODISCARD static inline ivs_status
ivs_jwt_lint(jwt_t *jwt, int64_t now_s, char **ret_json, ivs_error *err)
{
    char *json;
    ivs_status s;

    if (jwt == NULL || ret_json == NULL)
        return ivs_jwt_fail_(err, IVS_E_ARG, "NULL argument");
    json = jwt_get_grants_json(jwt, NULL);
    if (json == NULL)
        return ivs_jwt_fail_(err, IVS_E_NOMEM, "out of memory in libjwt");
    s = ivs_claims_lint(json, strlen(json), now_s, ret_json, err);
    IVS_JWT_FREE_STR(json);
    return s;
}

IVS_END_DECLS

#endif
