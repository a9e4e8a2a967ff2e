/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_SECRET_JSON_H
#define IVS_AWS_SECRET_JSON_H

/*
 * JSON that holds secrets. jansson would leave them unwiped on the heap, so it
 * only judges a copy whose string values have been overwritten; what they are
 * is read from the caller's own bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>

#include "base/buf.h"

/* A value or a name as it stands in the text; at NULL: none. */
typedef struct ivs_json_slice {
    const char *at;
    size_t len;
} ivs_json_slice;

/* Whether text is one strict JSON object, as ivs_json_parse() has it.
 * IVS_E_FORMAT or IVS_E_NOMEM; `what` names it in messages. */
ivs_status ivs_secret_json_check(const char *text, size_t len, const char *what,
                                 ivs_error *err);

/* What follows takes text that was checked, or a value found in it. */

/* The next member of an object; *at is 0 at first. The name comes without its
 * quotes, the value with them. False: there are no more. */
bool ivs_secret_json_next(const ivs_json_slice *object, size_t *at,
                          ivs_json_slice *ret_name, ivs_json_slice *ret_value);
/* The value of a member; none where object is none or no object. */
ivs_json_slice ivs_secret_json_get(const ivs_json_slice *object,
                                   const char *name);
/* Append what a string says. False: no string, or one with a NUL or a character
 * beyond the basic plane written as an escape. */
bool ivs_secret_json_text(const ivs_json_slice *value, ivs_buf *ret);
bool ivs_secret_json_integer(const ivs_json_slice *value, int64_t *ret);

#endif
