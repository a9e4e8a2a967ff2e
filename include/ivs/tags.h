/* SPDX-License-Identifier: MIT */
#ifndef IVS_TAGS_H
#define IVS_TAGS_H

/**
 * @file
 * Tags of resources: channels, playback key pairs and all others with an ARN.
 */

#include <stddef.h>

#include <ivs/client.h>
#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/** Most tags of one resource. @since 0.1 */
#define IVS_TAGS_MAX 50

/** One tag. Owns nothing. @since 0.1 */
typedef struct ivs_tag {
    const char *key;   /**< NUL-terminated UTF-8, 1..128 characters */
    const char *value; /**< NUL-terminated UTF-8, 0..256 characters */
} ivs_tag;

/** The tags of a resource, in the order of the service. @since 0.1 */
typedef struct ivs_tags ivs_tags;

/**
 * The tags of a resource: ListTagsForResource.
 *
 * @param[in]  client  The client.
 * @param[in]  arn     Of the resource; NUL-terminated.
 * @param[out] ret     Release with ivs_tags_free(). Untouched on failure.
 * @param[out] err     Optional.
 * @retval IVS_OK         got, perhaps none.
 * @retval IVS_E_ARG      a NULL argument, or no ARN of an IVS resource of the
 *                        client's region.
 * @retval IVS_E_SERVICE  as ivs_client_call(), or tags that are no text.
 * @retval others         as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_tags_list(ivs_client *client,
                                               const char *arn, ivs_tags **ret,
                                               ivs_error *err);

/**
 * Add tags to a resource, or give those that are there another value:
 * TagResource.
 *
 * @param[in]  client  The client.
 * @param[in]  arn     Of the resource; NUL-terminated.
 * @param[in]  tags    Borrowed; each key once.
 * @param[in]  ntags   0..IVS_TAGS_MAX.
 * @param[out] err     Optional; `member` names the tag at fault.
 * @retval IVS_OK        done.
 * @retval IVS_E_ARG     a NULL argument, no ARN of an IVS resource of the
 *                       client's region, or a tag outside its limits.
 * @retval IVS_E_FORMAT  text that is not UTF-8, or a key twice.
 * @retval others        as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_tags_add(ivs_client *client,
                                              const char *arn,
                                              const ivs_tag *tags, size_t ntags,
                                              ivs_error *err);

/**
 * Take tags off a resource: UntagResource. Keys that it does not have do no
 * harm.
 *
 * @param[in]  client  The client.
 * @param[in]  arn     Of the resource; NUL-terminated.
 * @param[in]  keys    Borrowed.
 * @param[in]  nkeys   0..IVS_TAGS_MAX.
 * @param[out] err     Optional; `member` names the key at fault.
 * @retval IVS_OK  done.
 * @retval others  as ivs_tags_add().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_tags_remove(ivs_client *client,
                                                 const char *arn,
                                                 const char *const *keys,
                                                 size_t nkeys, ivs_error *err);

/**
 * How many tags there are.
 * @param[in] tags  Not NULL. Pure. @since 0.1
 */
IVS_API size_t ivs_tags_count(const ivs_tags *tags);

/**
 * One of the tags.
 * @param[in] tags   Not NULL.
 * @param[in] index  0 .. ivs_tags_count() - 1.
 * @return Texts live as long as @p tags; both NULL beyond the end. Pure.
 * @since 0.1
 */
IVS_API ivs_tag ivs_tags_at(const ivs_tags *tags, size_t index);

/**
 * Release tags.
 * @param[in] tags  From ivs_tags_list(), or NULL. @since 0.1
 */
IVS_API void ivs_tags_free(ivs_tags *tags);

IVS_END_DECLS

#endif
