/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_ASCII_H
#define IVS_BASE_ASCII_H

/* Letters of protocols, which no locale changes. The functions of the C library
 * follow the host program's: in a Turkish one they hold "I" and "i" apart. */

#include <stdbool.h>
#include <stddef.h>

/* A to Z as a to z; every other byte as it is. */
char ivs_ascii_lower(char c);
/* Whether two texts are equal but for case. */
bool ivs_ascii_equal_nocase(const char *a, const char *b);
/* The same of their first len bytes; looks at nothing behind a NUL. */
bool ivs_ascii_starts_equal_nocase(const char *a, const char *b, size_t len);

#endif
