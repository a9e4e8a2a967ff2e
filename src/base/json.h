/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_JSON_H
#define IVS_BASE_JSON_H

/*
 * Strict JSON (RFC 8259) on top of jansson: well-formed UTF-8, no duplicate
 * member anywhere, no NUL in a string, bounded nesting, one value with nothing
 * after it.
 */

#include <jansson.h>
#include <stddef.h>

#include <ivs/error.h>

#include "base/buf.h"

/* Deepest nesting accepted; the outermost value counts as 1. */
#define IVS_JSON_DEPTH 16

enum {
    IVS_JSON_OBJECT = 0x1,      /* refuse anything but an object */
    IVS_JSON_BIG_INTEGERS = 0x2 /* an integer outside int64 becomes a real */
};

/*
 * Parse text. On failure IVS_E_NOMEM, or IVS_E_FORMAT with *ret_reason, which
 * may be NULL, one of UTF8, JSON, JSON_DUPLICATE, JSON_DEPTH, JSON_NUMBER; it
 * goes into an ivs_error only with IVS_E_TOKEN. `what` names the text in
 * messages: "token header", "request body". Of the text itself they quote
 * nothing but a member that is there twice; line and column count from 1.
 */
ivs_status ivs_json_parse(const char *text, size_t len, unsigned flags,
                          const char *what, json_t **ret,
                          ivs_reject_reason *ret_reason, ivs_error *err);

/* Append text as a JSON string with its quotes. text must be valid UTF-8. */
void ivs_json_quote(ivs_buf *b, const char *text, size_t len);

/* Append a value: compact, or indented by two spaces when pretty. */
void ivs_json_append(ivs_buf *b, const json_t *value, bool pretty);

#endif
