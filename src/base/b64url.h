/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_B64URL_H
#define IVS_BASE_B64URL_H

/* base64url without padding (RFC 4648 section 5, RFC 7515 section 2). Neither
 * direction branches on or indexes by the data, so secrets may pass. */

#include <stdbool.h>
#include <stddef.h>

#define IVS_B64URL_LEN(n) (((n)*4 + 2) / 3)

/* Write IVS_B64URL_LEN(len) characters, no NUL. */
void ivs_b64url_encode(const void *data, size_t len, char *out);
/* Decode canonical text only: no padding, no +/, no white space, no loose bits.
 * Fails, too, when more than cap bytes would come out. */
bool ivs_b64url_decode(const char *text, size_t len, void *out, size_t cap,
                       size_t *ret_len);

#endif
