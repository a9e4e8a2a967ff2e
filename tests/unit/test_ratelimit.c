/* SPDX-License-Identifier: MIT */
/* base: ratelimit. */

#include "support/test.h"

#include <stdbool.h>

#include "base/ratelimit.h"

static void
rate_limit_spends_the_burst_then_holds_the_rate(void **state)
{
    ivs_ratelimit r;
    int taken = 0;

    (void)state;
    ivs_ratelimit_init(&r, 2, 2, 1000);
    assert_true(ivs_ratelimit_take(&r, 1000));
    assert_true(ivs_ratelimit_take(&r, 1000));
    assert_false(ivs_ratelimit_take(&r, 1000));
    assert_false(ivs_ratelimit_take(&r, 1499));
    assert_true(ivs_ratelimit_take(&r, 1500));
    assert_false(ivs_ratelimit_take(&r, 0)); /* a clock that jumps back */
    assert_false(ivs_ratelimit_take(&r, 1));
    for (int64_t ms = 1; ms <= 100001; ms++)
        taken += ivs_ratelimit_take(&r, ms);
    assert_int_equal(taken, 200);
    assert_true(ivs_ratelimit_take(&r, INT64_MAX / 2));
}

static void
rate_limit_tells_how_long_to_wait_at_any_rate(void **state)
{
    ivs_ratelimit r;

    (void)state;
    ivs_ratelimit_init(&r, 2, 1, 0);
    assert_int_equal(ivs_ratelimit_wait_ms(&r, 0), 0);
    assert_true(ivs_ratelimit_take(&r, 0));
    assert_int_equal(ivs_ratelimit_wait_ms(&r, 0), 500);
    assert_int_equal(ivs_ratelimit_wait_ms(&r, 100), 400);
    ivs_ratelimit_set_rate(&r, 300, 100); /* 3 in 10 s, a fifth is there */
    assert_int_equal(ivs_ratelimit_wait_ms(&r, 100), 2667);
    assert_false(ivs_ratelimit_take(&r, 2766));
    assert_true(ivs_ratelimit_take(&r, 2767));
    ivs_ratelimit_set_rate(&r, 1, 2767);
    assert_in_range(ivs_ratelimit_wait_ms(&r, 2767), 999000, 1000000);
    assert_int_equal(ivs_ratelimit_wait_ms(&r, 10000000), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_limit_spends_the_burst_then_holds_the_rate),
        cmocka_unit_test(rate_limit_tells_how_long_to_wait_at_any_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
