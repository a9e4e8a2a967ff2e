/* SPDX-License-Identifier: MIT */
/* Which connections are ended, and which are left alone however long their
 * answers take to make. Each is one half of a pair; the other half sees its
 * end. */

#include "support/test.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server_reaper.h"

#define REQUEST_MS 1
#define WAIT_MS    20000 /* it looks once a second */

struct pair {
    int ours, theirs;
    void *connection;
};

static struct pair
connect_pair(emu_reaper *reaper)
{
    struct pair p;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    p.ours = fds[0];
    p.theirs = fds[1];
    p.connection = emu_reaper_add(reaper, p.ours);
    assert_non_null(p.connection);
    return p;
}

/* Waits for the end of it so long. */
static bool
ends_within(const struct pair *p, int ms)
{
    struct pollfd polled = {.fd = p->theirs, .events = POLLIN};

    return poll(&polled, 1, ms) == 1;
}

static void
disconnect(emu_reaper *reaper, struct pair *p)
{
    emu_reaper_remove(reaper, p->connection);
    (void)close(p->ours);
    (void)close(p->theirs);
}

static void
test_no_answer_is_cut_off_while_it_is_made(void **state)
{
    emu_reaper *reaper = emu_reaper_start(100, REQUEST_MS);
    struct pair busy = connect_pair(reaper);
    struct pair idle;

    (void)state;
    emu_reaper_request(reaper, busy.connection);
    emu_reaper_busy(reaper, busy.connection);
    idle = connect_pair(reaper);
    /* It came later, so that the other would have gone first. */
    assert_true(ends_within(&idle, WAIT_MS));
    assert_false(ends_within(&busy, 0));
    /* The answer is not taken. */
    emu_reaper_answer(reaper, busy.connection);
    assert_true(ends_within(&busy, WAIT_MS));
    disconnect(reaper, &busy);
    disconnect(reaper, &idle);
    emu_reaper_stop(reaper);
}

static void
test_what_was_answered_waits_for_another(void **state)
{
    emu_reaper *reaper = emu_reaper_start(100, REQUEST_MS);
    struct pair p = connect_pair(reaper);

    (void)state;
    emu_reaper_request(reaper, p.connection);
    emu_reaper_busy(reaper, p.connection);
    emu_reaper_answer(reaper, p.connection);
    emu_reaper_idle(reaper, p.connection);
    assert_true(ends_within(&p, WAIT_MS));
    disconnect(reaper, &p);
    emu_reaper_stop(reaper);
}

/* Three of four places: the one that has waited longest goes, and that is none
 * whose answer is made. */
static void
test_who_goes_when_places_run_short(void **state)
{
    emu_reaper *reaper = emu_reaper_start(4, 60000);
    struct pair pairs[4];

    (void)state;
    for (int i = 0; i < 3; i++)
        pairs[i] = connect_pair(reaper);
    emu_reaper_busy(reaper, pairs[0].connection);
    pairs[3] = connect_pair(reaper);
    assert_true(ends_within(&pairs[1], 0));
    for (int i = 0; i < 4; i++)
        if (i != 1)
            assert_false(ends_within(&pairs[i], 0));
    /* What was told to end has no other time. */
    emu_reaper_answer(reaper, pairs[1].connection);
    emu_reaper_idle(reaper, pairs[1].connection);
    assert_true(ends_within(&pairs[1], 0));
    for (int i = 0; i < 4; i++)
        disconnect(reaper, &pairs[i]);
    emu_reaper_stop(reaper);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_answer_is_cut_off_while_it_is_made),
        cmocka_unit_test(test_what_was_answered_waits_for_another),
        cmocka_unit_test(test_who_goes_when_places_run_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
