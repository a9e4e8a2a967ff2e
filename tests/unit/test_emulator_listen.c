/* SPDX-License-Identifier: MIT */
/* The Unix socket of ivs-emulator: whose file goes when one ends. */

#include "support/test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listen.h"

static void
one_that_ends_leaves_the_socket_of_the_next(void **state)
{
    char directory[] = "/tmp/ivs-listen-XXXXXX", path[64];
    emu_listener first, next;
    struct stat file;

    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    assert_int_equal(emu_listen_unix(path, "http", &first, NULL), IVS_OK);
    (void)close(first.fd);
    /* The number of the first one's file is free to be had where nobody keeps
     * the file. */
    assert_int_equal(emu_listen_unix(path, "http", &next, NULL), IVS_OK);
    emu_listener_end(&first);
    assert_int_equal(lstat(path, &file), 0);
    (void)close(next.fd);
    emu_listener_end(&next);
    assert_int_equal(lstat(path, &file), -1);
    assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_ends_leaves_the_socket_of_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
