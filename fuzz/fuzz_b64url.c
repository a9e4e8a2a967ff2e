/* SPDX-License-Identifier: MIT */
/* Target: ivs_b64url_decode(). Input: text. Property: what decodes encodes back
 * to the same text (there is one spelling of every value), and any bytes
 * survive encoding and decoding. */

#include <string.h>

#include "base/b64url.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = IVS_B64URL_LEN(size) + 1, n = 0;
    char *text = malloc(cap);
    uint8_t *bytes = malloc(size + 1);

    REQUIRE(text != NULL && bytes != NULL);
    if (ivs_b64url_decode((const char *)data, size, bytes, size, &n)) {
        REQUIRE(IVS_B64URL_LEN(n) == size);
        ivs_b64url_encode(bytes, n, text);
        REQUIRE(memcmp(text, data, size) == 0);
    }
    ivs_b64url_encode(data, size, text);
    REQUIRE(ivs_b64url_decode(text, IVS_B64URL_LEN(size), bytes, size, &n));
    REQUIRE(n == size && (size == 0 || memcmp(bytes, data, size) == 0));
    free(bytes);
    free(text);
    return 0;
}
