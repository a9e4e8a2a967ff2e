/* SPDX-License-Identifier: MIT */
#ifndef IVS_PLAYBACK_KEY_H
#define IVS_PLAYBACK_KEY_H

/**
 * @file
 * The service's playback key pairs: public keys that it accepts the signatures
 * of. The service never gives a key back; its fingerprint tells which it is.
 */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/client.h>
#include <ivs/error.h>
#include <ivs/export.h>
#include <ivs/key.h>
#include <ivs/tags.h>

IVS_BEGIN_DECLS

/** Key pairs of one account and region (Amazon IVS service quotas). */
#define IVS_PLAYBACK_KEYS_MAX 3

/** One key pair of the service. @since 0.1 */
typedef struct ivs_playback_key ivs_playback_key;

/** Key pairs of one account and region. @since 0.1 */
typedef struct ivs_playback_keys ivs_playback_keys;

/** Options of ivs_playback_key_import(); NULL means all defaults. */
typedef struct ivs_import_options {
    size_t size;         /**< set by ivs_import_options_init() */
    const char *name;    /**< 0..128 of a-z A-Z 0-9 - _; NULL: none */
    const ivs_tag *tags; /**< borrowed for the call; NULL: none */
    size_t ntags;        /**< 0..IVS_TAGS_MAX */
} ivs_import_options;

/**
 * Set every member to its default.
 * @param[out] opt   The struct.
 * @param[in]  size  sizeof *opt.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_import_options_init(ivs_import_options *opt, size_t size);

/**
 * Import the public half of a key: ImportPlaybackKeyPair.
 *
 * A lost answer, one of 500 and above, or a success that is not the service's
 * leaves open whether the key was imported. Then the key pairs are listed and
 * their fingerprints compared: with the key among them, under the name asked
 * for, the import has worked (ivs_playback_key_recovered()); without it, the
 * import is tried once more.
 *
 * @param[in]  client  The client.
 * @param[in]  key     Private or public; its private half is not looked at.
 * @param[in]  opt     Optional.
 * @param[out] ret     The key pair; release with ivs_playback_key_free().
 *                     Untouched on failure.
 * @param[out] err     Optional. With `unanswered` 1 the key may be imported.
 * @retval IVS_OK         imported, and the service's fingerprint is the key's.
 * @retval IVS_E_ARG      a NULL argument, unknown options, or a name or tag
 *                        outside its limits.
 * @retval IVS_E_FORMAT   text that is not UTF-8, or a tag key twice.
 * @retval IVS_E_KEY      the service shows another fingerprint; the message
 *                        names the key pair, which is not to be used.
 * @retval IVS_E_SERVICE  as ivs_client_call(); http_status 409 where the key is
 *                        there already, with its ARN in the message if it can
 *                        be found; 402 where there are as many as there may be.
 * @retval others         as ivs_client_call() and ivs_key_fingerprint().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_playback_key_import(
    ivs_client *client, const ivs_key *key, const ivs_import_options *opt,
    ivs_playback_key **ret, ivs_error *err);

/**
 * One key pair with its fingerprint: GetPlaybackKeyPair.
 *
 * @param[in]  client  The client.
 * @param[in]  arn     NUL-terminated.
 * @param[out] ret     Release with ivs_playback_key_free(). Untouched on
 *                     failure.
 * @param[out] err     Optional.
 * @retval IVS_OK         got.
 * @retval IVS_E_ARG      a NULL argument, or no playback key of the client's
 *                        region.
 * @retval IVS_E_SERVICE  as ivs_client_call() (http_status 404: there is none),
 *                        or an answer of another form.
 * @retval others         as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_playback_key_get(ivs_client *client,
                                                      const char *arn,
                                                      ivs_playback_key **ret,
                                                      ivs_error *err);

/**
 * Delete a key pair: DeletePlaybackKeyPair. Tokens signed with its key are
 * worth nothing from then on.
 *
 * @param[in]  client  The client.
 * @param[in]  arn     NUL-terminated.
 * @param[out] err     Optional.
 * @retval IVS_OK     deleted; also where an answer was lost and the next one
 *                    says that there is no such key pair.
 * @retval IVS_E_ARG  as ivs_playback_key_get().
 * @retval others     as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_playback_key_delete(ivs_client *client,
                                                         const char *arn,
                                                         ivs_error *err);

/**
 * All key pairs of the account and region: ListPlaybackKeyPairs, every page.
 *
 * @param[in]  client        The client.
 * @param[in]  fingerprints  Get each pair too, since a list has no
 *                           fingerprints. A pair that the service refuses to
 *                           show stays without one, and
 *                           ivs_playback_key_problem() says why.
 * @param[out] ret  Release with ivs_playback_keys_free(). Untouched on failure.
 * @param[out] err  Optional.
 * @retval IVS_OK         got, perhaps none.
 * @retval IVS_E_ARG      a NULL argument.
 * @retval IVS_E_SERVICE  as ivs_client_paginate(), or an answer of another
 *                        form.
 * @retval others         as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_playback_keys_list(ivs_client *client,
                                                        bool fingerprints,
                                                        ivs_playback_keys **ret,
                                                        ivs_error *err);

/**
 * How many key pairs there are.
 * @param[in] keys  Not NULL. Pure. @since 0.1
 */
IVS_API size_t ivs_playback_keys_count(const ivs_playback_keys *keys);

/**
 * One of the key pairs.
 * @param[in] keys   Not NULL.
 * @param[in] index  0 .. ivs_playback_keys_count() - 1.
 * @return Borrowed, lives as long as @p keys; NULL beyond the end. Pure.
 * @since 0.1
 */
IVS_API const ivs_playback_key *
ivs_playback_keys_at(const ivs_playback_keys *keys, size_t index);

/**
 * The key pair with a fingerprint, where the list was made with them.
 * @param[in] keys         Not NULL.
 * @param[in] fingerprint  As ivs_key_fingerprint() writes it.
 * @return Borrowed, lives as long as @p keys; NULL: none has it. Pure.
 * @since 0.1
 */
IVS_API const ivs_playback_key *
ivs_playback_keys_find(const ivs_playback_keys *keys, const char *fingerprint);

/**
 * Release a list of key pairs.
 * @param[in] keys  The list or NULL. @since 0.1
 */
IVS_API void ivs_playback_keys_free(ivs_playback_keys *keys);

/**
 * ARN of a key pair; always one of a playback key.
 * @param[in] key  Not NULL.
 * @return Borrowed; lives as long as @p key. Pure. @since 0.1
 */
IVS_API const char *ivs_playback_key_arn(const ivs_playback_key *key);

/**
 * Name of a key pair, "" for none.
 * @param[in] key  Not NULL.
 * @return Borrowed; lives as long as @p key. Pure. @since 0.1
 */
IVS_API const char *ivs_playback_key_name(const ivs_playback_key *key);

/**
 * Fingerprint of a key pair, "" where it is not known.
 * @param[in] key  Not NULL.
 * @return Borrowed; lives as long as @p key. Pure. @since 0.1
 */
IVS_API const char *ivs_playback_key_fingerprint(const ivs_playback_key *key);

/**
 * Tags of a key pair.
 * @param[in] key  Not NULL.
 * @return Borrowed, not to be released; lives as long as @p key. Pure.
 * @since 0.1
 */
IVS_API const ivs_tags *ivs_playback_key_tags(const ivs_playback_key *key);

/**
 * Whether an import was lost sight of, and the key pair found afterwards.
 * @param[in] key  Not NULL. Pure. @since 0.1
 */
IVS_API bool ivs_playback_key_recovered(const ivs_playback_key *key);

/**
 * Why the service did not show the fingerprint; "" where it did or was not
 * asked.
 * @param[in] key  Not NULL.
 * @return A sentence; borrowed, lives as long as @p key. Pure. @since 0.1
 */
IVS_API const char *ivs_playback_key_problem(const ivs_playback_key *key);

/**
 * Release a key pair.
 * @param[in] key  From ivs_playback_key_import() or ivs_playback_key_get(), or
 *                 NULL. @since 0.1
 */
IVS_API void ivs_playback_key_free(ivs_playback_key *key);

IVS_END_DECLS

#endif
