/* SPDX-License-Identifier: MIT */
/* Target: ivs_retry_asked_ms(), ivs_retry_delay_ms(). Input: a byte for the
 * number of the retry, four random bytes, the values of x-amz-retry-after and,
 * behind a newline, of Retry-After. Property: what is asked for is a number
 * from -1 to a million, from 0 where either value is a number; the
 * pause is never less than it would be without, nor more than 5 s longer. */

#include <string.h>

#include "fuzz.h"
#include "service/client_impl.h"

#define NOW_S INT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */

static bool
is_number(const char *text)
{
    size_t n = strspn(text, "0123456789");

    return n > 0 && text[n] == '\0';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char amz[64], plain[64] = "";
    int64_t asked, usual, delay;
    uint32_t random;
    char *newline;

    if (size < 5 || size - 5 >= sizeof amz)
        return 0;
    memcpy(&random, data + 1, sizeof random);
    memcpy(amz, data + 5, size - 5);
    amz[size - 5] = '\0';
    newline = strchr(amz, '\n');
    if (newline != NULL) {
        strcpy(plain, newline + 1);
        *newline = '\0';
    }
    asked = ivs_retry_asked_ms(amz, plain, NOW_S);
    REQUIRE(asked >= -1 && asked <= 1000000);
    if (is_number(amz) || is_number(plain))
        REQUIRE(asked >= 0);
    for (int throttled = 0; throttled <= 1; throttled++) {
        usual = ivs_retry_delay_ms(data[0], throttled != 0, random, -1);
        delay = ivs_retry_delay_ms(data[0], throttled != 0, random, asked);
        REQUIRE(usual >= 0 && usual < 20000);
        REQUIRE(delay >= usual && delay <= usual + 5000);
        REQUIRE(delay == usual || delay <= asked);
    }
    return 0;
}
