/* SPDX-License-Identifier: MIT */
#ifndef IVS_CHANNEL_H
#define IVS_CHANNEL_H

/**
 * @file
 * Whether a channel is private: only then does playback need a viewer token.
 */

#include <stdbool.h>

#include <ivs/client.h>
#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/**
 * Whether a channel is private: GetChannel.
 *
 * @param[in]  client       The client.
 * @param[in]  channel_arn  NUL-terminated.
 * @param[out] ret          Its `authorized`. Untouched on failure.
 * @param[out] err          Optional.
 * @retval IVS_OK         got.
 * @retval IVS_E_ARG      a NULL argument, or no channel of the client's region.
 * @retval IVS_E_SERVICE  as ivs_client_call(), or an answer that does not say.
 * @retval others         as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_channel_get_authorized(
    ivs_client *client, const char *channel_arn, bool *ret, ivs_error *err);

/**
 * Make a channel private, or open to everyone: UpdateChannel. The service
 * refuses it while the channel is live (ConflictException).
 *
 * @param[in]  client       The client.
 * @param[in]  channel_arn  NUL-terminated.
 * @param[in]  authorized   true: private.
 * @param[out] err          Optional.
 * @retval IVS_OK         done, as the answer says.
 * @retval IVS_E_ARG      a NULL argument, or no channel of the client's region.
 * @retval IVS_E_SERVICE  as ivs_client_call(), or an answer that does not say
 *                        so.
 * @retval others         as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status
ivs_channel_set_authorized(ivs_client *client, const char *channel_arn,
                           bool authorized, ivs_error *err);

IVS_END_DECLS

#endif
