/* SPDX-License-Identifier: MIT */
/* Segments that are kept, what ffmpeg is told, and the end of threads. */

#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "media.h"

static void
window_keeps_the_last_segments(void **state)
{
    emu_media_window window = {.end = 0};
    int files[3 * EMU_WINDOW_KEPT];

    (void)state;
    assert_null(emu_media_window_get(&window, 0));
    for (int i = 0; i < 3 * EMU_WINDOW_KEPT; i++) {
        files[i] = emu_media_file("/tmp", "abc", 3);
        assert_true(files[i] >= 0);
        emu_media_window_add(&window,
                             &(emu_media_segment){.fd = files[i], .size = 3});
        assert_int_equal(emu_media_window_get(&window, i)->fd, files[i]);
        assert_null(emu_media_window_get(&window, i + 1));
        assert_null(emu_media_window_get(&window, i - EMU_WINDOW_KEPT));
        assert_null(emu_media_window_get(&window, -1));
    }
    emu_media_window_clear(&window);
    for (int i = 0; i < 3 * EMU_WINDOW_KEPT; i++)
        assert_int_equal(fcntl(files[i], F_GETFD), -1);
}

static void
files_have_no_name(void **state)
{
    char got[4] = {0}, link[64], path[] = "/proc/self/fd/1234567";
    int fd = emu_media_file("/tmp", "abc", 3);
    ssize_t n;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, got, sizeof got, 0), 3);
    assert_string_equal(got, "abc");
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    n = readlink(path, link, sizeof link - 1);
    assert_true(n > 0);
    link[n] = '\0';
    assert_non_null(strstr(link, " (deleted)"));
    (void)close(fd);
    assert_int_equal(emu_media_file("/no/such", "abc", 3), -1);
}

static bool
has(char **arguments, const char *one, const char *two)
{
    for (; *arguments != NULL; arguments++)
        if (strcmp(arguments[0], one) == 0 &&
            (two == NULL ||
             (arguments[1] != NULL && strcmp(arguments[1], two) == 0)))
            return true;
    return false;
}

/* Profile and level stand in the tags as avc1.PPCCLL. */
static void
encoder_makes_what_the_tags_say(void **state)
{
    static const emu_media_source test = {.file = -1};
    char **arguments = emu_encoder_arguments(&test, EMU_LADDER_ALL);

    (void)state;
    assert_non_null(arguments);
    assert_string_equal(arguments[0], "ffmpeg");
    assert_true(has(arguments, "-profile:v", "high"));
    assert_true(has(arguments, "-level:v", "4.2"));
    assert_true(has(arguments, "-profile:v", "main"));
    assert_true(has(arguments, "-level:v", "3.1"));
    assert_true(has(arguments, "-i", "testsrc2=size=1920x1080:rate=60"));
    for (int i = 0; i < EMU_RENDITIONS; i++) {
        char pipe[8];

        (void)snprintf(pipe, sizeof pipe, "pipe:%d", EMU_ENCODER_OUT + i);
        assert_true(has(arguments, "mpegts", pipe));
    }
    assert_false(has(arguments, "pipe:10", NULL));
    emu_encoder_free_arguments(arguments);
}

static void
encoder_reads_no_other_file(void **state)
{
    static const emu_media_source sources[] = {{7, true, false},
                                               {7, false, false}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char **arguments =
            emu_encoder_arguments(&sources[i], emu_ladder_of("160p"));

        assert_non_null(arguments);
        assert_true(has(arguments, "-i", "file:/dev/fd/3"));
        assert_true(has(arguments, "-protocol_whitelist", "file"));
        assert_true(has(arguments, "-format_whitelist", NULL));
        assert_int_equal(has(arguments, "-stream_loop", "-1"), sources[i].loop);
        assert_false(has(arguments, "lavfi", NULL));
        emu_encoder_free_arguments(arguments);
    }
}

/* The longest command line there is. */
static void
a_silent_film_has_all_renditions(void **state)
{
    static const emu_media_source film = {7, true, true};
    char **arguments = emu_encoder_arguments(&film, EMU_LADDER_ALL);

    (void)state;
    assert_non_null(arguments);
    assert_true(has(arguments, "-map", "1:a"));
    for (int i = 0; i < EMU_RENDITIONS; i++) {
        char pipe[8];

        (void)snprintf(pipe, sizeof pipe, "pipe:%d", EMU_ENCODER_OUT + i);
        assert_true(has(arguments, "mpegts", pipe));
    }
    emu_encoder_free_arguments(arguments);
}

static void
sound_alone_has_no_picture(void **state)
{
    static const emu_media_source test = {.file = -1};
    char **arguments =
        emu_encoder_arguments(&test, emu_ladder_of("audio_only"));

    (void)state;
    assert_non_null(arguments);
    assert_false(has(arguments, "-c:v", NULL));
    assert_true(has(arguments, "mpegts", "pipe:4"));
    emu_encoder_free_arguments(arguments);
}

/* Without media there is nothing to put into, and no segment. */
static void
no_media_is_fine(void **state)
{
    emu_media_listing listing = {.n = 7};
    int64_t counts[EMU_RENDITIONS];
    size_t size;

    (void)state;
    emu_media_stop(NULL, "st-1");
    emu_media_free(NULL);
    assert_true(emu_media_put_text(NULL, "st-1", "text"));
    assert_false(emu_media_list(NULL, "st-1", 0, &listing));
    assert_int_equal(listing.n, 7);
    assert_int_equal(emu_media_open(NULL, "st-1", 0, 0, &size), -1);
    assert_int_equal(errno, ENOENT);
    assert_false(emu_media_count(NULL, "st-1", counts));
}

/* ---- threads ---- */

static pthread_key_t of_thread;
static atomic_int cleaned;
static sem_t ended;

/* As libraries clean up behind a thread, but slowly. */
static void
clean(void *user)
{
    static const struct timespec moment = {0, 50 * 1000000L};

    (void)user;
    (void)nanosleep(&moment, NULL);
    (void)atomic_fetch_add(&cleaned, 1);
}

static void
on_end(const char *channel_arn, const char *stream, const char *why, void *user)
{
    (void)channel_arn;
    (void)stream;
    (void)why;
    (void)pthread_setspecific(of_thread, user);
    (void)sem_post(&ended);
}

/* An encoder that ends at once. */
static void
end_waits_for_the_threads(void **state)
{
    char directory[] = "/tmp/ivs-media-XXXXXX", program[64];
    emu_media_plan plan = {.ladder = EMU_LADDER_ALL, .source = {.file = -1}};
    emu_media *media = NULL;

    (void)state;
    assert_int_equal(pthread_key_create(&of_thread, clean), 0);
    assert_int_equal(sem_init(&ended, 0, 0), 0);
    assert_non_null(mkdtemp(directory));
    (void)snprintf(program, sizeof program, "%s/ffmpeg", directory);
    assert_int_equal(symlink("/bin/false", program), 0);
    assert_int_equal(setenv("PATH", directory, 1), 0);
    assert_int_equal(emu_media_new("/tmp", on_end, &ended, &media, NULL),
                     IVS_OK);
    emu_media_allow(media, 3);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(plan.stream, sizeof plan.stream, "st-%d", i);
        assert_int_equal(emu_media_start(media, &plan, NULL), IVS_OK);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(sem_wait(&ended), 0);
    emu_media_free(media);
    assert_int_equal(atomic_load(&cleaned), 3);
    assert_int_equal(unlink(program), 0);
    assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_keeps_the_last_segments),
        cmocka_unit_test(files_have_no_name),
        cmocka_unit_test(encoder_makes_what_the_tags_say),
        cmocka_unit_test(encoder_reads_no_other_file),
        cmocka_unit_test(a_silent_film_has_all_renditions),
        cmocka_unit_test(sound_alone_has_no_picture),
        cmocka_unit_test(no_media_is_fine),
        cmocka_unit_test(end_waits_for_the_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
