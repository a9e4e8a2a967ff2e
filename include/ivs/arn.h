/* SPDX-License-Identifier: MIT */
#ifndef IVS_ARN_H
#define IVS_ARN_H

/**
 * @file
 * ARNs of Amazon IVS resources, and playback URLs, which carry the same facts.
 * Patterns and lengths are those of the service model of API 2020-07-14.
 */

#include <stddef.h>

#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/** Longest ARN the service accepts, in bytes, without the NUL. @since 0.1 */
#define IVS_ARN_MAX 128

/** The kinds of resources an IVS ARN can name. @since 0.1 */
typedef enum ivs_arn_type {
    IVS_ARN_CHANNEL = 0,                 /**< channel */
    IVS_ARN_PLAYBACK_KEY = 1,            /**< playback-key */
    IVS_ARN_STREAM_KEY = 2,              /**< stream-key */
    IVS_ARN_RECORDING_CONFIGURATION = 3, /**< recording-configuration */
    IVS_ARN_PLAYBACK_RESTRICTION_POLICY = 4,
    IVS_ARN_AD_CONFIGURATION = 5 /**< ad-configuration */
} ivs_arn_type;

/** A parsed ARN: owns nothing, may be copied. Text is NUL-terminated ASCII. */
typedef struct ivs_arn {
    ivs_arn_type type;
    char region[IVS_ARN_MAX];  /**< "us-west-2" */
    char account[IVS_ARN_MAX]; /**< digits; twelve in reality */
    char id[IVS_ARN_MAX];      /**< "abcdABCDefgh" */
} ivs_arn;

/**
 * Parse an ARN `arn:aws:ivs:REGION:ACCOUNT:TYPE/ID`.
 *
 * @param[in]  text  The ARN; need not be NUL-terminated. Borrowed.
 * @param[in]  len   Its length in bytes.
 * @param[out] ret   The parts. Untouched on failure.
 * @param[out] err   Optional. The message says what was found and expected.
 * @retval IVS_OK        parsed.
 * @retval IVS_E_ARG     a NULL argument.
 * @retval IVS_E_FORMAT  longer than IVS_ARN_MAX, another partition or service,
 *                       an unknown resource type, or a character outside the
 *                       pattern (a trailing newline or NUL included).
 *
 * Pure; safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_arn_parse(const char *text, size_t len,
                                               ivs_arn *ret, ivs_error *err);

/**
 * Write an ARN as text.
 *
 * @param[in]  arn  From ivs_arn_parse(), or filled by the caller.
 * @param[out] ret  IVS_ARN_MAX + 1 bytes; NUL-terminated. Untouched on failure.
 * @param[out] err  Optional.
 * @retval IVS_OK        written.
 * @retval IVS_E_ARG     a NULL argument or an unknown type.
 * @retval IVS_E_FORMAT  a part is empty, outside the pattern, or the whole is
 *                       longer than IVS_ARN_MAX.
 *
 * Pure; safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_arn_format(const ivs_arn *arn,
                                                char ret[IVS_ARN_MAX + 1],
                                                ivs_error *err);

/**
 * The channel that a playback URL belongs to. Both forms are understood:
 * `https://HOST/api/video/v1/REGION.ACCOUNT.channel.ID.m3u8` and the older one
 * with `aws.ivs.` before the region. A query is ignored.
 *
 * @param[in]  url  http or https URL; need not be NUL-terminated. Borrowed.
 * @param[in]  len  Its length in bytes.
 * @param[out] ret  The channel. Untouched on failure.
 * @param[out] err  Optional. The message says what was found and expected.
 * @retval IVS_OK        found.
 * @retval IVS_E_ARG     a NULL argument.
 * @retval IVS_E_FORMAT  not an IVS playback URL.
 *
 * Pure; safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_arn_from_playback_url(const char *url,
                                                           size_t len,
                                                           ivs_arn *ret,
                                                           ivs_error *err);

IVS_END_DECLS

#endif
