/* SPDX-License-Identifier: MIT */
#ifndef IVS_CREDENTIALS_H
#define IVS_CREDENTIALS_H

/**
 * @file
 * Where AWS credentials come from. A source that is configured but broken is
 * an error that names it, never a silent fall to another identity.
 */

#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/** A source of AWS credentials. Secrets in it are wiped on release. */
typedef struct ivs_credentials ivs_credentials;

/** Options of ivs_credentials_default(); NULL means all defaults. */
typedef struct ivs_credentials_options {
    size_t size;             /**< set by ivs_credentials_options_init() */
    const char *profile;     /**< profile asked for by name; it wins over the
                                  environment's keys. NULL: AWS_PROFILE, then
                                  "default" */
    const char *config_file; /**< NULL: AWS_CONFIG_FILE, ~/.aws/config */
    const char *credentials_file; /**< NULL: AWS_SHARED_CREDENTIALS_FILE,
                                       ~/.aws/credentials */
} ivs_credentials_options;

/**
 * Set every member to its default.
 * @param[out] opt   The struct.
 * @param[in]  size  sizeof *opt.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_credentials_options_init(ivs_credentials_options *opt,
                                          size_t size);

/**
 * Fixed credentials.
 *
 * @param[in]  access_key_id      NUL-terminated; copied.
 * @param[in]  secret_access_key  NUL-terminated; copied.
 * @param[in]  session_token      NUL-terminated or NULL; copied.
 * @param[out] ret  Release with ivs_credentials_free(). Untouched on failure.
 * @param[out] err  Optional.
 * @retval IVS_OK       made.
 * @retval IVS_E_ARG    a NULL or empty argument, or a byte no header may carry.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_credentials_static(
    const char *access_key_id, const char *secret_access_key,
    const char *session_token, ivs_credentials **ret, ivs_error *err);

/**
 * The first source that is configured: a profile asked for by name; else
 * AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) of the
 * environment; else the static keys of the profile in the shared files, where
 * the credentials file wins over the config file. Environment and files are
 * read once, in this call.
 *
 * @param[in]  opt  Optional.
 * @param[out] ret  Release with ivs_credentials_free(). Untouched on failure.
 * @param[out] err  Optional. The message names the source and what is wrong.
 * @retval IVS_OK                found.
 * @retval IVS_E_ARG             ret is NULL, or unknown options.
 * @retval IVS_E_CREDENTIALS     nothing is configured, a source is configured
 *                               but broken (half a key pair, a profile that
 *                               does not exist, a syntax error), or the profile
 *                               needs a kind of source not supported.
 * @retval IVS_E_IO              a file exists and cannot be read.
 * @retval IVS_E_NOMEM           out of memory.
 *
 * Reads the environment: not while another thread changes it. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_credentials_default(
    const ivs_credentials_options *opt, ivs_credentials **ret, ivs_error *err);

/**
 * Which source it was, for people: "environment", "profile ops in FILE".
 * @param[in] credentials  Not NULL.
 * @return Borrowed; lives as long as @p credentials. Holds no secret. Pure.
 * @since 0.1
 */
IVS_API const char *ivs_credentials_source(const ivs_credentials *credentials);

/**
 * Wipe and release credentials.
 * @param[in] credentials  The object or NULL. @since 0.1
 */
IVS_API void ivs_credentials_free(ivs_credentials *credentials);

IVS_END_DECLS

#endif
