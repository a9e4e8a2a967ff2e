/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CREDENTIALS_H
#define IVS_AWS_CREDENTIALS_H

/* What is behind ivs/credentials.h, for the code that signs. */

#include <stdbool.h>

#include <ivs/credentials.h>

#include "aws/profile.h"
#include "base/buf.h"

typedef struct ivs_credentials_keys {
    ivs_buf access_key_id; /* all three are secret */
    ivs_buf secret_access_key;
    ivs_buf session_token; /* len 0: long-term keys */
} ivs_credentials_keys;

/* A copy of the keys to sign with now, for ivs_credentials_keys_free(). */
ivs_status ivs_credentials_get(ivs_credentials *credentials,
                               ivs_credentials_keys *ret, ivs_error *err);
/* The service said that these keys are expired: the next get asks the source
 * again, unless it has others already. Fixed keys stay as they are. */
void ivs_credentials_expire(ivs_credentials *credentials,
                            const ivs_credentials_keys *refused);
/* Keys that were zeroed are fine. */
void ivs_credentials_keys_free(ivs_credentials_keys *keys);
/* Whether a text repeats a secret that was handed out. */
bool ivs_credentials_are_in(ivs_credentials *credentials, const char *text);
/* ivs_credentials_default() with an environment of the caller's. */
ivs_status ivs_credentials_find(const ivs_profile_options *opt,
                                ivs_credentials **ret, ivs_error *err);

#endif
