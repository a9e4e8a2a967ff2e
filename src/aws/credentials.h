/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CREDENTIALS_H
#define IVS_AWS_CREDENTIALS_H

/* What is behind ivs/credentials.h, for the code that signs. */

#include <ivs/credentials.h>

#include "aws/profile.h"

typedef struct ivs_credentials_keys {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token; /* NULL: long-term keys */
} ivs_credentials_keys;

/* The keys to sign with now. Borrowed until the credentials are released or
 * asked again. */
ivs_status ivs_credentials_get(const ivs_credentials *credentials,
                               ivs_credentials_keys *ret, ivs_error *err);
/* ivs_credentials_default() with an environment of the caller's. */
ivs_status ivs_credentials_find(const ivs_profile_options *opt,
                                ivs_credentials **ret, ivs_error *err);

#endif
