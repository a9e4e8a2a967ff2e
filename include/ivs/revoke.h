/* SPDX-License-Identifier: MIT */
#ifndef IVS_REVOKE_H
#define IVS_REVOKE_H

/**
 * @file
 * Revocation of viewer sessions. A revocation reaches sessions whose token
 * carries the viewer id and a version at or below the one given; without one
 * it reaches only tokens minted without a version (or with 0).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/client.h>
#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/** Most pairs of one batch call. @since 0.1 */
#define IVS_REVOKE_BATCH_MAX 20

/** Highest version the revocation API can name (32 bits). @since 0.1 */
#define IVS_REVOKE_VERSION_MAX 2147483647

/** One viewer of one channel. Owns nothing. @since 0.1 */
typedef struct ivs_revocation {
    const char *channel_arn; /**< NUL-terminated */
    const char *viewer_id;   /**< NUL-terminated, 1..40 characters */
    bool has_version;
    int64_t up_to_version; /**< 0..IVS_REVOKE_VERSION_MAX */
} ivs_revocation;

/** How one pair ended. @since 0.1 */
typedef enum ivs_revoke_state {
    IVS_REVOKE_NOT_DONE = 0,     /**< unknown: send it again */
    IVS_REVOKE_ACKNOWLEDGED = 1, /**< the service took it */
    IVS_REVOKE_FAILED = 2        /**< the service named it in `errors` */
} ivs_revoke_state;

/** Outcome of one pair. Owns nothing. @since 0.1 */
typedef struct ivs_revoke_outcome {
    ivs_revoke_state state;
    char code[64];     /**< the service's code, "unknown" where it gave none */
    char message[192]; /**< the service's sentence, may be empty */
} ivs_revoke_outcome;

/**
 * Revoke one viewer's sessions: StartViewerSessionRevocation.
 *
 * @param[in]  client  The client.
 * @param[in]  pair    Whom; borrowed.
 * @param[out] err     Optional.
 * @retval IVS_OK     acknowledged: a complete 200 with an empty body or a JSON
 *                    object.
 * @retval IVS_E_ARG  a NULL argument, a malformed channel ARN or viewer id, a
 *                    version outside 0..IVS_REVOKE_VERSION_MAX, or a channel of
 *                    another region than the client's.
 * @retval others     as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_revoke_viewer(ivs_client *client,
                                                   const ivs_revocation *pair,
                                                   ivs_error *err);

/**
 * Revoke up to 20 viewers: BatchStartViewerSessionRevocation. The service may
 * refuse single pairs of a call it answers with 200.
 *
 * @param[in]  client  The client.
 * @param[in]  pairs   Whom; borrowed. Each (channel, viewer) at most once.
 * @param[in]  npairs  1..IVS_REVOKE_BATCH_MAX.
 * @param[out] ret     npairs outcomes, in the order of pairs. Untouched on
 *                     failure.
 * @param[out] err     Optional; `member` and message name the pair at fault.
 * @retval IVS_OK     a complete 200 with one JSON object whose `errors` is
 *                    absent, null or an array of objects with channelArn and
 *                    viewerId; look at every outcome. A pair named by `errors`
 *                    is IVS_REVOKE_FAILED.
 * @retval IVS_E_ARG  as ivs_revoke_viewer(), a wrong number of pairs, or the
 *                    same pair twice.
 * @retval others     as ivs_client_call(); no pair is known to be acknowledged.
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_revoke_batch(ivs_client *client,
                                                  const ivs_revocation *pairs,
                                                  size_t npairs,
                                                  ivs_revoke_outcome *ret,
                                                  ivs_error *err);

IVS_END_DECLS

#endif
