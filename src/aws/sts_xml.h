/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_STS_XML_H
#define IVS_AWS_STS_XML_H

/* The answers of AWS STS, which are XML. A document type, an encoding other
 * than UTF-8, deep nesting and a member given twice are refused; memory of the
 * parser is wiped. Source: AWS STS API Reference, AssumeRole, AssumeRole-
 * WithWebIdentity, "Common Errors". */

#include <stddef.h>

#include <ivs/error.h>

#include "base/buf.h"

/* All secret; those that the answer lacks are empty. */
typedef struct ivs_sts_answer {
    ivs_buf access_key_id, secret_access_key, session_token, expiration;
    ivs_buf code, message; /* of an error */
} ivs_sts_answer;

/* action names the elements: AssumeRoleResponse, AssumeRoleResult.
 * IVS_E_FORMAT: no such document; IVS_E_NOMEM. ret is untouched on failure. */
ivs_status ivs_sts_answer_parse(const char *action, const char *text,
                                size_t len, ivs_sts_answer *ret,
                                ivs_error *err);
/* An answer that was zeroed is fine. */
void ivs_sts_answer_free(ivs_sts_answer *answer);

#endif
