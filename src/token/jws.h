/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_JWS_H
#define IVS_TOKEN_JWS_H

/* The envelope of a token: JWS compact serialization (RFC 7515 section 7.1)
 * with ES384. Says nothing of claims. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>

#include "base/json.h"
#include "token/ecdsa.h"

/* base64url of {"alg":"ES384","typ":"JWT"}: the header of every minted token */
#define IVS_JWS_HEADER          "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9"
#define IVS_JWS_HEADER_CHARS    36
#define IVS_JWS_SIGNATURE_CHARS 128
/* Length of a minted token around a payload of n base64url characters */
#define IVS_JWS_LEN(n)                                                         \
    (IVS_JWS_HEADER_CHARS + (n) + IVS_JWS_SIGNATURE_CHARS + 2)

enum { IVS_JWS_PARTS = 3 };

/* Borrowed text of a segment. */
typedef struct ivs_segment {
    const char *text;
    size_t len;
} ivs_segment;

typedef struct ivs_jws {
    ivs_segment header;
    ivs_segment payload;
    ivs_segment signature;
    size_t input_len; /* header, dot, payload: what is signed */
} ivs_jws;

/* A playback URL that somebody took for its token. */
bool ivs_jws_is_url(const char *text, size_t len);

/* Split at the dots, looking at nothing else. IVS_E_TOKEN for a token that is
 * too long, is a URL or has not exactly three segments. */
ivs_status ivs_jws_split(const char *token, size_t len, ivs_jws *ret,
                         ivs_error *err);

/* Decode canonical base64url; out holds at least 3/4 of the text. `what` names
 * the segment in the message. */
ivs_status ivs_jws_decode(const ivs_segment *segment, const char *what,
                          char *out, size_t *ret_len, ivs_error *err);

/* ivs_json_parse() of an object, with IVS_E_TOKEN in place of IVS_E_FORMAT. */
ivs_status ivs_jws_json(const char *text, size_t len, unsigned json_flags,
                        const char *what, json_t **ret, ivs_error *err);

/* `alg`, `typ`, and the members that would change what the rest means. Others
 * (kid jwk jku x5u x5c) are never looked at (RFC 8725 section 3.10). */
ivs_status ivs_jws_check_alg(const json_t *header, ivs_error *err);
ivs_status ivs_jws_check_typ(const json_t *header, ivs_error *err);
ivs_status ivs_jws_check_members(const json_t *header, ivs_error *err);

/* Whether bytes have the outer form of an ASN.1 ECDSA signature. */
bool ivs_jws_is_der(const uint8_t *signature, size_t len);
/* 96 bytes with 1 <= r,s < n. */
ivs_status ivs_jws_check_signature(const uint8_t *signature, size_t len,
                                   ivs_error *err);

#endif
