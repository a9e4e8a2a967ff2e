/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_STS_H
#define IVS_AWS_STS_H

/* One call of AWS STS: the AWS Query protocol, signed for AssumeRole, unsigned
 * for AssumeRoleWithWebIdentity. */

#include <stdbool.h>

#include "aws/credentials_provider.h"

/* All borrowed. */
typedef struct ivs_sts_request {
    ivs_source_context *context;
    const ivs_aws_config *endpoint;
    const char *arn;
    bool web_identity;        /* AssumeRoleWithWebIdentity */
    const char *session_name; /* NULL: a name with the time in it */
    const char *external_id;  /* NULL: none */
    int duration_s;           /* 0: what STS gives */
} ivs_sts_request;

/* keys are those to sign with; of a web identity the token is the session
 * token. IVS_E_CREDENTIALS names the code of an error answer; IVS_E_NETWORK,
 * IVS_E_FORMAT, IVS_E_NOMEM. */
ivs_status ivs_sts_call(const ivs_sts_request *request,
                        const ivs_credentials_keys *keys, ivs_provided *ret,
                        ivs_error *err);

#endif
