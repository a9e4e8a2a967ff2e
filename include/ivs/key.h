/* SPDX-License-Identifier: MIT */
#ifndef IVS_KEY_H
#define IVS_KEY_H

/**
 * @file
 * P-384 playback keys. Every key, whatever form it came in, has been checked
 * when a function here returns it: named curve secp384r1, point on the curve,
 * 1 <= d < n, halves matching.
 *
 * An ivs_key is immutable: any number of threads may sign and verify with one
 * at the same time, and that scales with the cores.
 */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/** A playback key, private or public only. @since 0.1 */
typedef struct ivs_key ivs_key;

/** Which library computes ECDSA. @since 0.1 */
typedef enum ivs_engine {
    IVS_ENGINE_DEFAULT = 0, /**< GnuTLS where built in and usable */
    IVS_ENGINE_OPENSSL = 1, /**< always there; the way to FIPS providers */
    IVS_ENGINE_GNUTLS = 2   /**< several times faster on Debian 12; GMP below it
                                 aborts the process when memory runs out */
} ivs_engine;

/** Text forms of a key. @since 0.1 */
typedef enum ivs_key_format {
    IVS_KEY_PKCS8 = 0, /**< PEM `PRIVATE KEY` (RFC 5958); encrypted PKCS#8 with
                            a passphrase */
    IVS_KEY_SEC1 = 1,  /**< PEM `EC PRIVATE KEY` (RFC 5915); no passphrase */
    IVS_KEY_SPKI = 2,  /**< PEM `PUBLIC KEY` (RFC 5480): what IVS imports */
    IVS_KEY_JWK = 3    /**< JSON Web Key (RFC 7517): private where the key has
                            a private half; no passphrase */
} ivs_key_format;

/** Options of the functions below; NULL means all defaults. */
typedef struct ivs_key_options {
    size_t size;            /**< set by ivs_key_options_init() */
    const char *passphrase; /**< for encrypted PKCS#8; borrowed for the call */
    size_t passphrase_len;  /**< bytes; 0 with passphrase NULL */
    ivs_engine engine;      /**< ECDSA engine the key is bound to */
} ivs_key_options;

/** Largest key input accepted, in bytes. @since 0.1 */
#define IVS_KEY_INPUT_MAX 65536

/** Bytes of a fingerprint with its NUL. @since 0.1 */
#define IVS_FINGERPRINT_SIZE 48

/**
 * Set every member to its default.
 * @param[out] opt   The struct.
 * @param[in]  size  sizeof *opt.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_key_options_init(ivs_key_options *opt, size_t size);

/**
 * Generate a key pair with OpenSSL's random generator.
 *
 * @param[in]  opt  Optional; only `engine` is used.
 * @param[out] ret  The key; release with ivs_key_free(). Untouched on failure.
 * @param[out] err  Optional.
 * @retval IVS_OK        made.
 * @retval IVS_E_ARG     ret is NULL, or the options' size or engine is unknown.
 * @retval IVS_E_CRYPTO  OpenSSL failed, or the engine asked for by name is not
 *                       built in or refuses the curve.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_key_generate(const ivs_key_options *opt,
                                                  ivs_key **ret,
                                                  ivs_error *err);

/**
 * Read a key from bytes: PKCS#8, encrypted PKCS#8, SEC1 (with or without an
 * EC PARAMETERS block) or SPKI, each as PEM or DER; JWK; PEM wrapped in
 * base64; PEM with its newlines written as backslash-n.
 *
 * @param[in]  data  The bytes; borrowed. Working copies are wiped.
 * @param[in]  len   Their number, at most IVS_KEY_INPUT_MAX.
 * @param[in]  opt   Optional: passphrase and engine.
 * @param[out] ret   The key; release with ivs_key_free(). Untouched on failure.
 * @param[out] err   Optional. The message says what was found and expected.
 * @retval IVS_OK        read and checked.
 * @retval IVS_E_ARG     a NULL argument, or unknown options.
 * @retval IVS_E_FORMAT  not a key in any of these forms, too long, or more
 *                       than one key in the input.
 * @retval IVS_E_KEY     a key that cannot serve: another algorithm or curve,
 *                       explicit curve parameters (RFC 5480 section 2.1.1
 *                       forbids them), a point off the curve, d outside
 *                       [1, n-1], halves that do not match, an encrypted key
 *                       with no or the wrong passphrase.
 * @retval IVS_E_CRYPTO  a cryptographic library failed.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_key_parse(const void *data, size_t len,
                                               const ivs_key_options *opt,
                                               ivs_key **ret, ivs_error *err);

/**
 * Read a key from a file; see ivs_key_parse() for the forms.
 *
 * @param[in]  path  NUL-terminated file name.
 * @param[in]  opt   Optional: passphrase and engine.
 * @param[out] ret   The key; release with ivs_key_free(). Untouched on failure.
 * @param[out] err   Optional. The message names the file.
 * @retval IVS_E_IO  the file is missing, unreadable, a directory or longer than
 *                   IVS_KEY_INPUT_MAX.
 * @retval others    as ivs_key_parse(), IVS_OK included.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_key_load(const char *path,
                                              const ivs_key_options *opt,
                                              ivs_key **ret, ivs_error *err);

/**
 * Write a key to a new file: a private key as PKCS#8 PEM with mode 0600
 * (encrypted when options carry a passphrase), a public key as SPKI PEM with
 * mode 0644 less the umask. An existing file is never touched; the file
 * appears whole and fsynced, or not at all.
 *
 * @param[in]  key   The key; borrowed.
 * @param[in]  path  NUL-terminated name of the file to make.
 * @param[in]  opt   Optional: passphrase.
 * @param[out] err   Optional. The message names the file.
 * @retval IVS_OK        written and durable.
 * @retval IVS_E_ARG     a NULL argument, unknown options, or a passphrase for
 *                       a public key.
 * @retval IVS_E_IO      the file exists, or creating, writing or syncing
 *                       failed (a full disk included); nothing is left behind.
 * @retval IVS_E_CRYPTO  OpenSSL failed.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_key_save(const ivs_key *key,
                                              const char *path,
                                              const ivs_key_options *opt,
                                              ivs_error *err);

/**
 * A key as text that ends in a newline.
 *
 * @param[in]  key      The key; borrowed.
 * @param[in]  fmt      The form. IVS_KEY_PKCS8 and IVS_KEY_SEC1 need a private
 *                      half.
 * @param[in]  opt      Optional: passphrase, for IVS_KEY_PKCS8 only.
 * @param[out] ret      NUL-terminated text. Release with ivs_free_secret(ret,
 *                      ret_len). Untouched on failure.
 * @param[out] ret_len  Its length in bytes, without the NUL.
 * @param[out] err      Optional.
 * @retval IVS_OK        made.
 * @retval IVS_E_ARG     a NULL argument, an unknown form or options, or a
 *                       passphrase where the form has no place for one.
 * @retval IVS_E_KEY     a private form of a public key.
 * @retval IVS_E_CRYPTO  OpenSSL failed.
 * @retval IVS_E_NOMEM   out of memory.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_key_export(const ivs_key *key,
                                                ivs_key_format fmt,
                                                const ivs_key_options *opt,
                                                char **ret, size_t *ret_len,
                                                ivs_error *err);

/**
 * The fingerprint Amazon IVS shows for a key pair: MD5 over the DER
 * SubjectPublicKeyInfo, lower-case hex joined by colons. The DER is made from
 * the named curve and the uncompressed point, so the form the key was read
 * from cannot change it.
 *
 * @param[in]  key  The key; borrowed.
 * @param[out] ret  47 characters and a NUL. Untouched on failure.
 * @param[out] err  Optional.
 * @retval IVS_OK        made.
 * @retval IVS_E_ARG     a NULL argument.
 * @retval IVS_E_CRYPTO  MD5 is not available, even outside FIPS providers.
 *
 * Safe from any thread. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_key_fingerprint(
    const ivs_key *key, char ret[IVS_FINGERPRINT_SIZE], ivs_error *err);

/**
 * Whether a key can sign.
 * @param[in] key  The key, or NULL (false).
 * Pure; safe from any thread. @since 0.1
 */
IVS_API bool ivs_key_has_private(const ivs_key *key);

/**
 * Name of the engine a key is bound to: "gnutls" or "openssl".
 * @param[in] key  The key, or NULL ("none").
 * @return A constant string. Pure; safe from any thread. @since 0.1
 */
IVS_API const char *ivs_key_engine(const ivs_key *key);

/**
 * Release a key; its private half is wiped.
 * @param[in] key  The key or NULL. No other thread may be using it.
 * @since 0.1
 */
IVS_API void ivs_key_free(ivs_key *key);

IVS_END_DECLS

#endif
