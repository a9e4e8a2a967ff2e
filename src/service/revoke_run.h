/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_REVOKE_RUN_H
#define IVS_SERVICE_REVOKE_RUN_H

/* The loop between the caller's callbacks and the engine's heart, and what it
 * stands on: threads and the system's clock, or a test's. */

#include "service/revoke_core.h"

/* Time, and calls that go on beside the loop. All run on the loop's thread. */
typedef struct ivs_revoke_host {
    int64_t (*now_ms)(void *user);
    uint32_t (*random)(void *user);
    /* Begin a call. */
    ivs_status (*send)(ivs_revoke_request *request, void *user, ivs_error *err);
    /* A call that has ended, or NULL when until_ms has come. */
    ivs_revoke_request *(*wait)(int64_t until_ms, void *user);
    /* Begin none of those that have not begun; they end as unsent. */
    void (*halt)(void *user);
    void *user;
} ivs_revoke_host;

/* What a worker does: one call, the answer into the request. */
void ivs_revoke_carry_out(ivs_revoke_request *request);

/* opt is complete and checked. */
ivs_status ivs_revoke_drive(const ivs_revoke_options *opt,
                            const ivs_revoke_host *host, ivs_error *err);

/* revoke_threads.c */
typedef struct ivs_revoke_threads ivs_revoke_threads;
ivs_status ivs_revoke_threads_new(ivs_revoke_threads **ret, ivs_error *err);
ivs_revoke_host ivs_revoke_threads_host(ivs_revoke_threads *threads);
/* Every call must have ended. */
void ivs_revoke_threads_free(ivs_revoke_threads *threads);

/* revoke.c: a pair as the calls will take it; region NULL: any. */
ivs_status ivs_revoke_check_pair(const char *region, const ivs_revocation *pair,
                                 ivs_error *err);

#endif
