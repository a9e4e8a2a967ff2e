/* SPDX-License-Identifier: MIT */
#ifndef IVS_CREDENTIALS_H
#define IVS_CREDENTIALS_H

/**
 * @file
 * Where AWS credentials come from. A source that is configured but broken is
 * an error that names it, never a silent fall to another identity.
 *
 * The chain, in its order; the first source that is configured is the one:
 *
 *  1. environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *     (AWS_SECURITY_TOKEN, its older name, comes first),
 *     AWS_CREDENTIAL_EXPIRATION. Passed over when options name a profile.
 *  2. assume_role: role_arn of the profile with source_profile or
 *     credential_source (Environment, Ec2InstanceMetadata, EcsContainer), and
 *     role_session_name, external_id, duration_seconds. Chains are followed.
 *     Static keys of a source_profile come before its role_arn.
 *  3. web_identity: AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN (passed over
 *     when options name a profile), then web_identity_token_file with role_arn
 *     of the profile.
 *  4. sso: sso_account_id and sso_role_name of the profile with sso_session, or
 *     with sso_start_url and sso_region.
 *  5. credentials_file: static keys of the profile.
 *  6. login: login_session of the profile, which is not supported and refused.
 *  7. process: credential_process of the profile.
 *  8. config_file: static keys of the profile.
 *  9. container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else
 *     AWS_CONTAINER_CREDENTIALS_FULL_URI.
 * 10. instance_metadata: version 2 of the service of Amazon EC2, or 1 where the
 *     service has no 2. Not there where nothing answers.
 *
 * A profile that options name must have credentials: 9 and 10 are for programs
 * that ask for none by name. This is botocore's order. Source: AWS SDKs and
 * Tools Reference Guide, "Standardized credential providers".
 *
 * Keys that expire are fetched again from 15 minutes before that, and must be
 * from 10 minutes before, or from half and a third of their life where that is
 * less. A failure in between leaves the keys at hand in use, and the source in
 * peace for a minute.
 *
 * Addresses of STS and IAM Identity Center are configured as that of IVS:
 * AWS_ENDPOINT_URL_STS, _SSO and _SSO_OIDC, AWS_ENDPOINT_URL, a services
 * section, endpoint_url.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>
#include <ivs/export.h>
#include <ivs/transport.h>

IVS_BEGIN_DECLS

/** A source of AWS credentials. Secrets in it are wiped on release. May be
 * shared by threads, which fetch new keys one at a time. @since 0.1 */
typedef struct ivs_credentials ivs_credentials;

/** Options of ivs_credentials_default(); NULL means all defaults. Text is
 * copied. */
typedef struct ivs_credentials_options {
    size_t size;             /**< set by ivs_credentials_options_init() */
    const char *profile;     /**< profile asked for by name; it wins over the
                                  environment's keys. NULL: AWS_PROFILE, then
                                  "default" */
    const char *config_file; /**< NULL: AWS_CONFIG_FILE, ~/.aws/config */
    const char *credentials_file; /**< NULL: AWS_SHARED_CREDENTIALS_FILE,
                                       ~/.aws/credentials */
    const char *region;    /**< of STS; NULL: AWS_REGION, AWS_DEFAULT_REGION,
                                profile */
    const char *ca_bundle; /**< PEM file; NULL: AWS_CA_BUNDLE, the profile's,
                                the system's */
    bool allow_http; /**< STS and IAM Identity Center may be spoken to without
                          TLS at other hosts than loopback ones */
    int64_t process_timeout_ms; /**< of credential_process; 0: 60,000 */
    ivs_clock clock;            /**< all NULL: the system's */
    ivs_transport transport;    /**< all NULL: libcurl. Used by one thread at a
                                     time, which may be any that needs keys */
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

/** Where a fetch function of ivs_credentials_custom() puts its keys. */
typedef struct ivs_credentials_supply ivs_credentials_supply;

/**
 * Hand over keys, from within a fetch function; a second time replaces the
 * first.
 *
 * @param[in] supply             What the function got.
 * @param[in] access_key_id      NUL-terminated; copied.
 * @param[in] secret_access_key  NUL-terminated; copied.
 * @param[in] session_token      NUL-terminated or NULL; copied.
 * @param[in] expires_s          Seconds since 1970 UTC; 0: they do not expire.
 * @param[out] err               Optional.
 * @retval IVS_OK       taken.
 * @retval IVS_E_ARG    a NULL or empty argument, a byte no header may carry, or
 *                      a negative time.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * On the thread of the fetch function only. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_credentials_supply_keys(
    ivs_credentials_supply *supply, const char *access_key_id,
    const char *secret_access_key, const char *session_token, int64_t expires_s,
    ivs_error *err);

/**
 * Credentials of a source of the caller's, such as a vault. They are kept and
 * fetched again as the file's comment says.
 *
 * @param[in]  name   For people, as ivs_credentials_source() returns it;
 * copied.
 * @param[in]  fetch  Gets keys and hands them to ivs_credentials_supply_keys().
 *                    Called when keys are needed, on a thread that needs them,
 *                    by one thread at a time; it may block and must not use the
 *                    credentials it is a part of. On failure it returns another
 *                    status than IVS_OK; the call that needs the keys fails
 *                    with IVS_E_CREDENTIALS and the message in @p err, which is
 *                    never NULL there.
 * @param[in]  user   For @p fetch.
 * @param[in]  clock  Optional; copied. The system's without one.
 * @param[out] ret    Release with ivs_credentials_free(). Untouched on failure.
 * @param[out] err    Optional.
 * @retval IVS_OK       made; nothing was fetched yet.
 * @retval IVS_E_ARG    a NULL argument, an empty name, or half a clock.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_credentials_custom(
    const char *name,
    ivs_status (*fetch)(ivs_credentials_supply *supply, void *user,
                        ivs_error *err),
    void *user, const ivs_clock *clock, ivs_credentials **ret, ivs_error *err);

/**
 * The first source of the chain that is configured. Environment and shared
 * files are read once, in this call; token files at each fetch. Of all sources
 * only instance metadata, the last one, is asked here: it is there when it
 * answers. A credential_process gets no standard input, and the standard error
 * of this process.
 *
 * @param[in]  opt  Optional.
 * @param[out] ret  Release with ivs_credentials_free(). Untouched on failure.
 * @param[out] err  Optional. The message names the source and what is wrong.
 * @retval IVS_OK                found.
 * @retval IVS_E_ARG             ret is NULL, unknown options, or a value
 *                               outside its range.
 * @retval IVS_E_CREDENTIALS     nothing is configured, a source is configured
 *                               but broken (half a key pair, a profile that
 *                               does not exist, a syntax error, a loop), or the
 *                               profile needs a kind of source not supported.
 * @retval IVS_E_IO              a file exists and cannot be read.
 * @retval IVS_E_NOMEM           out of memory.
 *
 * Reads the environment: not while another thread changes it. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_credentials_default(
    const ivs_credentials_options *opt, ivs_credentials **ret, ivs_error *err);

/**
 * Go through the chain, fetch keys, and report what was found, without a
 * secret. Having no credentials is a report too. A JSON object:
 *
 *     found        true, or false with error
 *     source       as ivs_credentials_source(); null where none was found
 *     accessKeyId  of the keys; null where there are none
 *     sessionToken whether there is one; null where there are no keys
 *     expiration   RFC 3339, or null: they do not expire
 *     error        a sentence, or null
 *     chain        an array of {source, state, reason}: source is a name of the
 *                  list above; state is used, not_configured, failed, skipped
 *                  (others were asked for) or not_reached; reason is a sentence
 *                  or null
 *
 * @param[in]  opt      Optional.
 * @param[out] ret      NUL-terminated; release with ivs_free(). Untouched on
 *                      failure.
 * @param[out] ret_len  Optional: its length in bytes.
 * @param[out] err      Optional.
 * @retval IVS_OK       reported.
 * @retval IVS_E_ARG    ret is NULL, unknown options, or a value outside its
 *                      range.
 * @retval IVS_E_NOMEM  out of memory.
 *
 * Reads the environment: not while another thread changes it. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status
ivs_credentials_explain(const ivs_credentials_options *opt, char **ret,
                        size_t *ret_len, ivs_error *err);

/**
 * Which source it was, for people: "environment", "profile ops in FILE".
 * @param[in] credentials  Not NULL.
 * @return Borrowed; lives as long as @p credentials. Holds no secret. Pure.
 * @since 0.1
 */
IVS_API const char *ivs_credentials_source(const ivs_credentials *credentials);

/**
 * Wipe and release credentials, which nothing may use any more.
 * @param[in] credentials  The object or NULL. @since 0.1
 */
IVS_API void ivs_credentials_free(ivs_credentials *credentials);

IVS_END_DECLS

#endif
