/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_SSO_TOKEN_H
#define IVS_AWS_SSO_TOKEN_H

/* The access token that `aws sso login` leaves in ~/.aws/sso/cache. One of an
 * sso-session is renewed from 15 minutes before it expires, and written
 * back. */

#include "aws/credentials_provider.h"

typedef struct ivs_sso_login {
    char *file;    /* the cache file */
    char *command; /* that makes a new one, for messages */
    bool renewable;
    ivs_aws_config endpoint; /* of the OIDC service, where renewable */
} ivs_sso_login;

/* name is that of the sso-session, or the start URL. IVS_E_CREDENTIALS without
 * HOME, IVS_E_NOMEM. */
ivs_status ivs_sso_cache_file(const ivs_environment *env, const char *name,
                              char **ret, ivs_error *err);
/* Append a token that is valid now to a secret buffer. */
ivs_status ivs_sso_token(const ivs_sso_login *login, ivs_source_context *c,
                         ivs_buf *ret, ivs_error *err);
void ivs_sso_login_free(ivs_sso_login *login);

#endif
