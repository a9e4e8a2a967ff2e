/* SPDX-License-Identifier: MIT */
/* base64url over whole ranges: four characters are worked on at once, and none
 * may disturb its neighbours. */

#include "support/test.h"

#include <string.h>

#include "base/b64url.h"

/* RFC 4648, table 2. */
static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int
value_of(int c)
{
    const char *at = c == 0 ? NULL : strchr(alphabet, c);

    return at == NULL ? -1 : (int)(at - alphabet);
}

static void
check_pair(int first_at, int second_at, int first, int second)
{
    int a = value_of(first), b = value_of(second), got = -1, expected = -1;
    unsigned char out[3] = {0};
    char text[] = "AAAA";
    size_t n = 0;

    text[first_at] = (char)first;
    text[second_at] = (char)second;
    if (a >= 0 && b >= 0)
        expected = a << 6 * (3 - first_at) | b << 6 * (3 - second_at);
    if (ivs_b64url_decode(text, 4, out, sizeof out, &n))
        got = out[0] << 16 | out[1] << 8 | out[2];
    if (got != expected)
        fail_msg("%02x at %d and %02x at %d: %d, expected %d", (unsigned)first,
                 first_at, (unsigned)second, second_at, got, expected);
}

static void
every_pair_of_characters_is_judged_one_by_one(void **state)
{
    (void)state;
    for (int at = 0; at < 3; at++)
        for (int to = at + 1; to < 4; to++)
            for (int a = 0; a < 256; a++)
                for (int b = 0; b < 256; b++)
                    check_pair(at, to, a, b);
}

static void
every_pair_of_sextets_is_written_by_the_table(void **state)
{
    (void)state;
    for (int high = 0; high < 4096; high++) {
        int low = (high * 2731 + 17) & 4095; /* all of them, in other order */
        unsigned char in[] = {(unsigned char)(high >> 4),
                              (unsigned char)((high & 15) << 4 | low >> 8),
                              (unsigned char)(low & 255)};
        char text[5] = "";
        char expected[] = {alphabet[high >> 6], alphabet[high & 63],
                           alphabet[low >> 6], alphabet[low & 63], '\0'};

        ivs_b64url_encode(in, sizeof in, text);
        assert_string_equal(text, expected);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_characters_is_judged_one_by_one),
        cmocka_unit_test(every_pair_of_sextets_is_written_by_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
