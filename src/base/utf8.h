/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_UTF8_H
#define IVS_BASE_UTF8_H

/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, no code
 * point beyond U+10FFFF. */

#include <stdbool.h>
#include <stddef.h>

/* Length in bytes of the character at text, 0 where there is none. */
size_t ivs_utf8_char(const char *text, size_t len);
/* The same, 0 also for C0 and C1 control characters, DEL, and the format
 * characters that reorder or hide text on a terminal. */
size_t ivs_utf8_printable(const char *text, size_t len);
/* Whether all of it is UTF-8; counts the characters. ret_chars may be NULL. */
bool ivs_utf8_valid(const char *text, size_t len, size_t *ret_chars);

#endif
