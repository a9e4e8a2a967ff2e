/* SPDX-License-Identifier: MIT */
#ifndef IVS_ERROR_H
#define IVS_ERROR_H

/**
 * @file
 * Statuses, the error record and the release of memory.
 *
 * A status is a category a caller would branch on; numbers never change. The
 * error record adds what went wrong in a sentence. It never holds key bytes,
 * secrets, session tokens or a whole viewer token.
 */

#include <stddef.h>

#include <ivs/export.h>

IVS_BEGIN_DECLS

/* clang-format off */
#define IVS_STATUS_MAP(X)                                                      \
    X(IVS_OK,            0, "success")                                         \
    X(IVS_E_NOMEM,       1, "out of memory")                                   \
    X(IVS_E_ARG,         2, "invalid argument")                                \
    X(IVS_E_FORMAT,      3, "malformed input")                                 \
    X(IVS_E_KEY,         4, "unusable key")                                    \
    X(IVS_E_TOKEN,       5, "token rejected")                                  \
    X(IVS_E_CREDENTIALS, 6, "no usable AWS credentials or configuration")      \
    X(IVS_E_NETWORK,     7, "network failure")                                 \
    X(IVS_E_THROTTLED,   8, "throttled by the service")                        \
    X(IVS_E_SERVICE,     9, "refused by the service")                          \
    X(IVS_E_IO,         10, "file error")                                      \
    X(IVS_E_CRYPTO,     11, "cryptographic library failure")                   \
    X(IVS_E_STATE,      12, "not possible in this state")                      \
    X(IVS_E_CANCELLED,  13, "cancelled")

/* Reason, name as printed in JSON, what the check is about. The order is the
 * order in which ivs_token_verify() checks, so a reason also tells what had
 * been found good before. */
#define IVS_REJECT_MAP(X)                                                      \
    X(IVS_REJECT_NONE,              0, "none")                                 \
    X(IVS_REJECT_TOO_LONG,          1, "too_long")                             \
    X(IVS_REJECT_SEGMENTS,          2, "segments")                             \
    X(IVS_REJECT_BASE64URL,         3, "base64url")                            \
    X(IVS_REJECT_UTF8,              4, "utf8")                                 \
    X(IVS_REJECT_JSON,              5, "json")                                 \
    X(IVS_REJECT_JSON_DUPLICATE,    6, "json_duplicate")                       \
    X(IVS_REJECT_JSON_DEPTH,        7, "json_depth")                           \
    X(IVS_REJECT_JSON_NUMBER,       8, "json_number")                          \
    X(IVS_REJECT_ALG,               9, "alg")                                  \
    X(IVS_REJECT_TYP,              10, "typ")                                  \
    X(IVS_REJECT_HEADER_MEMBER,    11, "header_member")                        \
    X(IVS_REJECT_SIGNATURE_FORMAT, 12, "signature_format")                     \
    X(IVS_REJECT_SIGNATURE,        13, "signature")                            \
    X(IVS_REJECT_CHANNEL_ARN,      14, "channel_arn")                          \
    X(IVS_REJECT_VIEWER_ID,        15, "viewer_id")                            \
    X(IVS_REJECT_VIEWER_VERSION,   16, "viewer_session_version")               \
    X(IVS_REJECT_SINGLE_USE_UUID,  17, "single_use_uuid")                      \
    X(IVS_REJECT_RESOLUTION,       18, "maximum_resolution")                   \
    X(IVS_REJECT_ORIGIN_LIST,      19, "origin_list")                          \
    X(IVS_REJECT_STRICT_ORIGIN,    20, "strict_origin")                        \
    X(IVS_REJECT_EXP_MISSING,      21, "exp_missing")                          \
    X(IVS_REJECT_EXP_TYPE,         22, "exp_type")                             \
    X(IVS_REJECT_EXPIRED,          23, "expired")                              \
    X(IVS_REJECT_EXP_TOO_FAR,      24, "exp_too_far")                          \
    X(IVS_REJECT_NOT_YET_VALID,    25, "not_yet_valid")                        \
    X(IVS_REJECT_CHANNEL_MISMATCH, 26, "channel_mismatch")                     \
    X(IVS_REJECT_ORIGIN_MISSING,   27, "origin_missing")                       \
    X(IVS_REJECT_ORIGIN_MISMATCH,  28, "origin_mismatch")                      \
    X(IVS_REJECT_REVOKED,          29, "revoked")                              \
    X(IVS_REJECT_USED,             30, "used")
/* clang-format on */

#define IVS_X(name, number, text) name = (number),
/** Category of a failure; IVS_OK is 0. @since 0.1 */
typedef enum ivs_status { IVS_STATUS_MAP(IVS_X) } ivs_status;
#undef IVS_X

#define IVS_X(name, number, text) name = (number),
/** Which check refused a token; set with IVS_E_TOKEN. @since 0.1 */
typedef enum ivs_reject_reason { IVS_REJECT_MAP(IVS_X) } ivs_reject_reason;
#undef IVS_X

/**
 * What went wrong. Owned by the caller, fixed size, may be copied. A function
 * that fails fills it; one that succeeds leaves it as it was. Text members are
 * NUL-terminated UTF-8, empty where unknown.
 */
typedef struct ivs_error {
    ivs_status code;          /**< the status that was returned */
    ivs_reject_reason reason; /**< with IVS_E_TOKEN, else IVS_REJECT_NONE */
    int http_status;          /**< 0 when no response arrived */
    char member[40];          /**< claim, header or request member at fault */
    char aws_code[64];        /**< "ThrottlingException", … */
    char request_id[64];      /**< x-amzn-RequestId of the answer */
    char message[256]; /**< one sentence: what was found, what expected */
    unsigned char unanswered; /**< 1: a request has left and no answer tells
                                   whether the service carried it out */
    int retry_after_ms;       /**< how long the service asked to wait, at most
                                   1,000,000; 0: it did not */
    unsigned char reserved[68];
} ivs_error;

/**
 * Name of a status, such as "IVS_E_ARG".
 * @param[in] status  Any value.
 * @return A constant string; "IVS_E_UNKNOWN" for a number not in the table.
 * Pure; safe from any thread. @since 0.1
 */
IVS_API const char *ivs_status_name(ivs_status status);

/**
 * A status in a few lower-case English words, such as "token rejected".
 * @param[in] status  Any value.
 * @return A constant string; "unknown status" for a number not in the table.
 * Pure; safe from any thread. @since 0.1
 */
IVS_API const char *ivs_status_text(ivs_status status);

/**
 * Stable name of a reason, such as "exp_too_far", as JSON output prints it.
 * @param[in] reason  Any value.
 * @return A constant string; "unknown" for a number not in the table.
 * Pure; safe from any thread. @since 0.1
 */
IVS_API const char *ivs_reject_reason_name(ivs_reject_reason reason);

/**
 * Release memory that one of the libraries handed out.
 * @param[in] ptr  From an out parameter documented so, or NULL.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_free(void *ptr);

/**
 * Wipe and release memory that held a secret.
 * @param[in] ptr  From an out parameter documented so, or NULL.
 * @param[in] len  Its length in bytes, as handed out with it.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_free_secret(void *ptr, size_t len);

IVS_END_DECLS

#endif
