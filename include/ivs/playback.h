/* SPDX-License-Identifier: MIT */
#ifndef IVS_PLAYBACK_H
#define IVS_PLAYBACK_H

/**
 * @file
 * What the playback side of Amazon IVS answers to a player.
 */

#include <ivs/client.h>
#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/**
 * Ask for the multivariant playlist of a channel once, as a player does when it
 * begins: a plain GET without credentials. No redirect is followed and nothing
 * is tried again. The service counts a viewer for a while, and **a single-use
 * token is used up**.
 *
 * An answer with a playlist proves that the channel is live and that this URL
 * was let in now, from this address and with this Origin. It does not prove
 * that a later one is (exp is looked at only here), that variants and segments
 * are (under strict origin enforcement each of them is asked for an Origin),
 * that a browser hands the answer to its page, or, where the channel is public,
 * anything of a token.
 *
 * Of a refusal, `http_status` of the error is the status and `aws_code` the
 * service's error_code. Amazon documents neither; seen in the field are 403
 * with invalid_playback_auth_token or playback_auth_error, and the player's
 * declarations have 404 for a channel that is offline or unknown and 429 for
 * the limit of concurrent views.
 *
 * @param[in]  client  Its timeouts, transport, CA bundle, allow_http and
 *                     cancellation; its region and endpoint do not matter.
 * @param[in]  url     NUL-terminated playback URL as of
 *                     ivs_arn_from_playback_url(), with its token in the query
 *                     where it has one. Sent as it is, and neither in messages
 *                     nor in debug lines with its query.
 * @param[in]  origin  Origin header: visible ASCII, at most 1024 bytes. NULL or
 *                     "": none is sent.
 * @param[out] ret     The answer; its body is the playlist, in which the URLs
 *                     let a viewer in. Release with ivs_result_free(). May be
 *                     NULL. Untouched on failure.
 * @param[out] err     Optional. `unanswered` is 1 where nobody knows whether
 *                     the request has arrived.
 * @retval IVS_OK           200 with a playlist.
 * @retval IVS_E_ARG        a NULL argument, an Origin that is no header, plain
 *                          http to a host that is not loopback without
 *                          allow_http.
 * @retval IVS_E_FORMAT     no IVS playback URL, or one with user information or
 *                          a fragment.
 * @retval IVS_E_SERVICE    any other answer: a refusal, a redirect, a 200
 *                          without a playlist, more than 1 MiB.
 * @retval IVS_E_NETWORK    no complete answer, or none in time.
 * @retval IVS_E_CANCELLED  ivs_client_cancel() was called.
 * @retval IVS_E_NOMEM      out of memory.
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_playback_get(ivs_client *client,
                                                  const char *url,
                                                  const char *origin,
                                                  ivs_result **ret,
                                                  ivs_error *err);

IVS_END_DECLS

#endif
