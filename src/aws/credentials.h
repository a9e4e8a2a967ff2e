/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CREDENTIALS_H
#define IVS_AWS_CREDENTIALS_H

/* What is behind ivs/credentials.h, for the code that signs. Safe from any
 * thread. */

#include <stdbool.h>

#include <ivs/credentials.h>

#include "aws/pause.h"
#include "aws/profile.h"
#include "base/buf.h"

typedef struct ivs_credentials_keys {
    ivs_buf access_key_id; /* all three are secret */
    ivs_buf secret_access_key;
    ivs_buf session_token; /* len 0: long-term keys */
} ivs_credentials_keys;

/* A copy of the keys to sign with now, for ivs_credentials_keys_free(). May ask
 * the source, or wait for a thread that does, until cancel (may be NULL) says
 * that the call was cancelled. IVS_E_CREDENTIALS: the source gave none,
 * whatever the cause; IVS_E_CANCELLED, IVS_E_NOMEM. */
ivs_status ivs_credentials_get(ivs_credentials *credentials,
                               const ivs_cancel *cancel,
                               ivs_credentials_keys *ret, ivs_error *err);
/* The service called these keys expired or unknown: the next get asks the
 * source, unless it has other keys already. Fixed ones stay. */
void ivs_credentials_expire(ivs_credentials *credentials,
                            const ivs_credentials_keys *keys);
/* Keys that were zeroed are fine. */
void ivs_credentials_keys_free(ivs_credentials_keys *keys);
/* Whether a text repeats a secret that was handed out, by the last fetch or the
 * one before. */
bool ivs_credentials_are_in(ivs_credentials *credentials, const char *text);

struct ivs_chain_trace;

/* ivs_credentials_default() with an environment of the caller's. All members
 * may be zero; text is borrowed for the call. */
typedef struct ivs_credentials_setup {
    ivs_profile_options where;
    const char *region, *ca_bundle;
    bool allow_http;
    int64_t process_timeout_ms;
    ivs_clock clock;
    ivs_transport transport;
    struct ivs_chain_trace *trace; /* NULL, or where to note each source */
} ivs_credentials_setup;

/* Checks as well. */
ivs_status ivs_credentials_read_options(const ivs_credentials_options *opt,
                                        ivs_credentials_setup *ret,
                                        ivs_error *err);
ivs_status ivs_credentials_find(const ivs_credentials_setup *setup,
                                ivs_credentials **ret, ivs_error *err);

#endif
