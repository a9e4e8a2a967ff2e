/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_OPERATIONS_PATTERN_H
#define IVS_SERVICE_OPERATIONS_PATTERN_H

/*
 * The few forms of regular expression that the service model uses for inputs:
 * literal characters and bracket classes of ASCII characters, ranges in them,
 * `+` or `*` behind a class, and `^$|^…$` for "empty or". A class takes as many
 * characters as it can and never gives one back, which is the same where what
 * follows it does not belong to it; that holds for every pattern of the model.
 */

#include <stdbool.h>
#include <stddef.h>

/* Whether the whole text fits. */
bool ivs_pattern_match(const char *pattern, const char *text, size_t len);

#endif
