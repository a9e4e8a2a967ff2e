/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CREDENTIALS_DOCUMENT_H
#define IVS_AWS_CREDENTIALS_DOCUMENT_H

/* The JSON documents that keys come in: of a credential_process, a container,
 * the instance metadata, IAM Identity Center. */

#include <stddef.h>

#include "aws/credentials_provider.h"
#include "aws/secret_json.h"

/* What the members are called. */
typedef struct ivs_document_names {
    ivs_key_names keys;
    const char *expiration;
    bool milliseconds; /* since 1970; else RFC 3339 */
    bool must_expire;
    bool must_have_token;
} ivs_document_names;

/* AccessKeyId, SecretAccessKey, Token, Expiration: all of them. */
extern const ivs_document_names ivs_document_token;
/* AccessKeyId, SecretAccessKey, and maybe SessionToken, Expiration. */
extern const ivs_document_names ivs_document_process;
/* accessKeyId, secretAccessKey, sessionToken, expiration in milliseconds. */
extern const ivs_document_names ivs_document_sso;

/* The keys in a checked object. IVS_E_CREDENTIALS names a member that lacks or
 * is malformed, and shows nothing of what it holds. */
ivs_status ivs_document_keys(const ivs_json_slice *object,
                             const ivs_document_names *names, ivs_provided *ret,
                             ivs_error *err);
/* Append a string member; false: there is none, or an empty one. */
bool ivs_document_text(const ivs_json_slice *object, const char *name,
                       ivs_buf *ret);
/* The time of a string member: RFC 3339, and as older programs write it, with
 * "UTC" at its end. */
bool ivs_document_time(const ivs_json_slice *object, const char *name,
                       int64_t *ret);

#endif
