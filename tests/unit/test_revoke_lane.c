/* SPDX-License-Identifier: MIT */
/* service: the pace of a lane of the revocation engine. */

#include "support/test.h"

#include "service/revoke_lane.h"
#include "service/revoke_meter.h"

static ivs_revoke_pace p;

static void
throttling_halves_the_rate_down_to_a_sixteenth(void **state)
{
    static const int64_t rates[] = {1000, 500, 250, 125, 125};
    int64_t now = 0;

    (void)state;
    ivs_revoke_pace_init(&p, 2000, 8, now);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        ivs_revoke_pace_begin(&p, now);
        ivs_revoke_pace_throttled(&p, now, now, 0, -1);
        assert_int_equal(p.rate_milli, rates[i]);
        assert_int_equal(ivs_revoke_pace_wait_ms(&p, now), 1000000 / rates[i]);
        now += 1000000 / rates[i];
        assert_int_equal(ivs_revoke_pace_wait_ms(&p, now), 0);
    }
}

static void
success_brings_the_quota_back_and_no_more(void **state)
{
    int64_t now = 0;
    int calls = 0;

    (void)state;
    ivs_revoke_pace_init(&p, 2000, 8, now);
    ivs_revoke_pace_begin(&p, now);
    ivs_revoke_pace_throttled(&p, now, now, 0, -1);
    for (; p.rate_milli < 2000; calls++) {
        int64_t before = p.rate_milli;

        now += 10000;
        ivs_revoke_pace_begin(&p, now);
        ivs_revoke_pace_good(&p, now, now + 200);
        assert_true(p.rate_milli > before);
    }
    assert_in_range(calls, 9, 11); /* a twentieth each */
    assert_int_equal(p.rate_milli, 2000);
    assert_int_equal(p.failures, 0);
}

/* Five calls in flight meet the same overload: it is one. */
static void
calls_begun_before_say_nothing_new(void **state)
{
    (void)state;
    ivs_revoke_pace_init(&p, 2000, 8, 0);
    for (int64_t n = 0; n < 5; n++)
        ivs_revoke_pace_begin(&p, n * 500);
    for (int64_t n = 0; n < 4; n++)
        ivs_revoke_pace_throttled(&p, n * 500, 3000 + n, 0, -1);
    assert_int_equal(p.rate_milli, 1000);
    assert_int_equal(p.failures, 1);
    /* Nor does a success that was begun before speed it up. */
    ivs_revoke_pace_good(&p, 2000, 3100);
    assert_int_equal(p.rate_milli, 1000);
    assert_int_equal(p.in_flight, 0);
}

static void
pauses_grow_with_failures_and_keep_the_rate(void **state)
{
    static const int64_t pauses[] = {500, 500, 500, 500, 799, 1599};
    int64_t now = 0;

    (void)state;
    ivs_revoke_pace_init(&p, 2000, 8, now);
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        ivs_revoke_pace_begin(&p, now);
        ivs_revoke_pace_failed(&p, now, now, UINT32_MAX, -1);
        assert_int_equal(p.rate_milli, 2000);
        assert_int_equal(ivs_revoke_pace_wait_ms(&p, now), pauses[i]);
        now += pauses[i];
    }
    /* What the service asks for is waited for, within 5 s of our own. */
    ivs_revoke_pace_begin(&p, now);
    ivs_revoke_pace_failed(&p, now, now, 0, 1000000);
    assert_int_equal(ivs_revoke_pace_wait_ms(&p, now), 5000);
}

static void
no_more_calls_are_in_flight_than_allowed(void **state)
{
    (void)state;
    ivs_revoke_pace_init(&p, 10000, 2, 0);
    assert_int_equal(ivs_revoke_pace_wait_ms(&p, 0), 0);
    ivs_revoke_pace_begin(&p, 0);
    ivs_revoke_pace_begin(&p, 100);
    assert_int_equal(ivs_revoke_pace_wait_ms(&p, 1000), INT64_MAX);
    ivs_revoke_pace_dropped(&p);
    assert_int_equal(ivs_revoke_pace_wait_ms(&p, 1000), 0);
    ivs_revoke_pace_init(&p, 10000, 0, 0); /* a lane that is not used */
    assert_int_equal(ivs_revoke_pace_wait_ms(&p, 0), INT64_MAX);
}

static void
rate_is_that_of_the_window_and_of_what_there_is_of_it(void **state)
{
    ivs_revoke_meter m;

    (void)state;
    ivs_revoke_meter_init(&m, 5000);
    assert_true(ivs_revoke_meter_rate(&m, 10, 5000) == 0);
    /* 40 a second in batches of 20, for two minutes, then half of that. */
    for (int i = 0; i < 240; i++)
        ivs_revoke_meter_add(&m, 20, 5000 + i * 500);
    assert_true(ivs_revoke_meter_rate(&m, 10, 125000) == 40);
    assert_true(ivs_revoke_meter_rate(&m, 60, 125000) == 40);
    for (int i = 0; i < 30; i++)
        ivs_revoke_meter_add(&m, 20, 125000 + i * 1000);
    assert_true(ivs_revoke_meter_rate(&m, 10, 155000) == 20);
    assert_true(ivs_revoke_meter_rate(&m, 60, 155000) == 30);
    /* A clock that was away for long has seen nothing. */
    assert_true(ivs_revoke_meter_rate(&m, 60, 1000000000) == 0);
    ivs_revoke_meter_init(&m, 0);
    ivs_revoke_meter_add(&m, 20, 100);
    assert_true(ivs_revoke_meter_rate(&m, 60, 500) == 40);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(throttling_halves_the_rate_down_to_a_sixteenth),
        cmocka_unit_test(success_brings_the_quota_back_and_no_more),
        cmocka_unit_test(calls_begun_before_say_nothing_new),
        cmocka_unit_test(pauses_grow_with_failures_and_keep_the_rate),
        cmocka_unit_test(no_more_calls_are_in_flight_than_allowed),
        cmocka_unit_test(rate_is_that_of_the_window_and_of_what_there_is_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
