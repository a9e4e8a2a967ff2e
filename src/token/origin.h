/* SPDX-License-Identifier: MIT */
#ifndef IVS_TOKEN_ORIGIN_H
#define IVS_TOKEN_ORIGIN_H

/*
 * Entries of `aws:access-control-allow-origin`: `*`, or scheme://host[:port]
 * where host is a name, IPv4, [IPv6], or `*.` and at least one label.
 */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/error.h>

/* IVS_E_FORMAT, with a hint, for what is no entry. */
ivs_status ivs_origin_check(const char *entry, size_t len, ivs_error *err);

/* Whether an entry covers the Origin header of a request. A malformed entry
 * covers nothing; `*` covers whatever was sent, "null" included. */
bool ivs_origin_match(const char *entry, const char *origin);

#endif
