/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_ERROR_H
#define IVS_BASE_ERROR_H

/*
 * Filling an ivs_error. The function that detects a failure returns
 * ivs_fail(...); those above it hand the status on and at most add what they
 * know through ivs_error_context(). Every message is made printable: control
 * bytes and malformed UTF-8 come out as \xNN, and a cut falls on a character.
 * All accept err == NULL.
 */

#include <ivs/error.h>

/* Fill err and return code. */
ivs_status ivs_fail(ivs_error *err, ivs_status code, const char *fmt, ...)
    IVS_PRINTF(3, 4);

/* The same, naming the claim, header or request member at fault. */
ivs_status ivs_fail_member(ivs_error *err, ivs_status code, const char *member,
                           const char *fmt, ...) IVS_PRINTF(4, 5);

/* Refuse a token: IVS_E_TOKEN with its reason. member may be NULL. */
ivs_status ivs_reject(ivs_error *err, ivs_reject_reason reason,
                      const char *member, const char *fmt, ...)
    IVS_PRINTF(4, 5);

/* Put "prefix: " before the message of an error that is already filled. */
void ivs_error_context(ivs_error *err, const char *fmt, ...) IVS_PRINTF(2, 3);

/*
 * Copy a caller's options struct, whose first member is its size in bytes, to
 * one of known bytes. Fails when the caller's struct is smaller than ours or
 * uses members we do not know.
 */
ivs_status ivs_options_copy(void *dst, size_t known, const void *src,
                            ivs_error *err);

#endif
