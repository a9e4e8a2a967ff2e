/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_FILE_H
#define IVS_BASE_FILE_H

/* Whole files, in and out. Messages name the file and the system's reason. */

#include <stddef.h>
#include <sys/types.h>

#include <ivs/error.h>

#include "base/buf.h"

/*
 * Append a file to a buffer that may be secret. IVS_E_IO when it is missing,
 * unreadable, a directory or longer than max bytes; IVS_E_NOMEM.
 */
ivs_status ivs_file_read(const char *path, size_t max, ivs_buf *ret,
                         ivs_error *err);

/*
 * Make a new file that is whole and durable, or not there: the bytes go to a
 * temporary name in the same directory, are fsynced, and get their name only if
 * no file has it yet; then the directory is fsynced. IVS_E_IO leaves nothing
 * behind.
 */
ivs_status ivs_file_create(const char *path, const void *data, size_t len,
                           mode_t mode, ivs_error *err);
/* The same, in place of the file that has the name, if any: others see the old
 * one or the new one, whole. */
ivs_status ivs_file_replace(const char *path, const void *data, size_t len,
                            mode_t mode, ivs_error *err);

#endif
