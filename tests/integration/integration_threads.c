/* SPDX-License-Identifier: MIT */
/* One client, many threads, a server on loopback. Under the thread sanitizer it
 * also proves that nothing is shared without a lock. */

#include "support/script.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/manyserver.h"

#define THREADS 8
#define CROWD   24 /* more than there are idle handles kept */
#define CALLS   40

static struct {
    many_server *server;
    int calls; /* of each thread */
    ivs_credentials *credentials;
    ivs_client *client;
    atomic_int failed, cancelled;
    /* written in the debug callback alone, without a lock of our own */
    size_t lines, canonical_lines;
    bool in_text, mixed;
} t;

/* Time stands, and a pause takes none. */
static int64_t
now_s(void *user)
{
    (void)user;
    return 1440938160;
}

static void
sleep_ms(int64_t ms, void *user)
{
    (void)ms, (void)user;
}

/* The lines of a canonical request end with the hash of the body. */
static void
count_line(const char *line, void *user)
{
    bool canonical = strncmp(line, "canonical request| ", 19) == 0;

    (void)user;
    t.lines++;
    if (t.in_text && !canonical)
        t.mixed = true;
    if (canonical && strcmp(line + 19, "POST") == 0 && t.in_text)
        t.mixed = true;
    if (canonical) {
        t.canonical_lines++;
        t.in_text = strlen(line + 19) != 64;
    }
}

static void
open_many(many_mode mode, int max_attempts)
{
    ivs_client_options opt;
    char url[64];

    memset(&t, 0, sizeof t);
    t.server = many_server_start(mode);
    t.calls = CALLS;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d",
                   many_server_port(t.server));
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = url;
    opt.max_attempts = max_attempts;
    opt.clock = (ivs_clock){.now_s = now_s, .sleep_ms = sleep_ms};
    opt.debug = count_line;
    assert_int_equal(ivs_credentials_static(SCRIPT_KEY_ID, SCRIPT_SECRET,
                                            SCRIPT_TOKEN, &t.credentials, NULL),
                     IVS_OK);
    opt.credentials = t.credentials;
    assert_int_equal(ivs_client_new(&opt, &t.client, NULL), IVS_OK);
}

static void
close_many(void)
{
    ivs_client_free(t.client);
    ivs_credentials_free(t.credentials);
    many_server_stop(t.server);
}

static void *
make_calls(void *user)
{
    int me = *(const int *)user;

    for (int i = 0; i < t.calls; i++) {
        char input[128], expected[160];
        ivs_result *result = NULL;
        ivs_error err = {0};
        ivs_status s;

        (void)snprintf(input, sizeof input,
                       "{\"arn\":\"arn:aws:ivs:us-west-2:1:channel/t%dc%d\"}",
                       me, i);
        (void)snprintf(expected, sizeof expected, "{\"channel\":%s}", input);
        s = ivs_client_call(t.client, "GetChannel", input, strlen(input),
                            &result, &err);
        if (s == IVS_E_CANCELLED)
            atomic_fetch_add(&t.cancelled, 1);
        else if (s != IVS_OK ||
                 strcmp(ivs_result_body(result, NULL), expected) != 0)
            atomic_fetch_add(&t.failed, 1);
        ivs_result_free(result);
        if (s == IVS_E_CANCELLED)
            break;
    }
    return NULL;
}

static void
start(pthread_t *threads, int *numbers, int n)
{
    for (int i = 0; i < n; i++) {
        numbers[i] = i;
        assert_int_equal(
            pthread_create(&threads[i], NULL, make_calls, &numbers[i]), 0);
    }
}

static void
join(const pthread_t *threads, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void
everyone_gets_its_own_answer_over_kept_connections(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    open_many(MANY_GOOD, 1);
    start(threads, numbers, THREADS);
    join(threads, THREADS);
    assert_int_equal(t.failed, 0);
    assert_int_equal(many_server_requests(t.server), THREADS * CALLS);
    assert_in_range(many_server_connections(t.server), 1, THREADS);
    close_many();
}

static void
crowd_of_threads_is_served(void **state)
{
    pthread_t threads[CROWD];
    int numbers[CROWD];

    (void)state;
    open_many(MANY_GOOD, 1);
    t.calls = 5;
    start(threads, numbers, CROWD);
    join(threads, CROWD);
    assert_int_equal(t.failed, 0);
    assert_int_equal(many_server_requests(t.server), CROWD * 5);
    close_many();
}

static void
debug_lines_of_threads_do_not_mix(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    open_many(MANY_GOOD, 1);
    start(threads, numbers, THREADS);
    join(threads, THREADS);
    assert_false(t.mixed);
    /* POST, path, query, 4 headers, empty line, their names, the hash */
    assert_int_equal(t.canonical_lines, THREADS * CALLS * 10);
    /* and 4 of the string to sign, the request, the answer */
    assert_int_equal(t.lines, THREADS * CALLS * 16);
    close_many();
}

static void
retries_of_threads_pay_from_one_quota(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    open_many(MANY_MIXED, 10);
    start(threads, numbers, THREADS);
    join(threads, THREADS);
    assert_int_equal(t.failed, 0);
    /* A call that worked gave back what its last retry cost. */
    assert_true(many_server_requests(t.server) > THREADS * CALLS);
    close_many();
}

static void
cancel_ends_the_calls_of_all_threads(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];
    int64_t began;

    (void)state;
    open_many(MANY_SILENT, 3);
    start(threads, numbers, THREADS);
    while (many_server_requests(t.server) < THREADS)
        (void)usleep(1000);
    began = ivs_clock_monotonic_ms();
    ivs_client_cancel(t.client);
    join(threads, THREADS);
    assert_true(ivs_clock_monotonic_ms() - began < 5000);
    assert_int_equal(t.cancelled, THREADS);
    assert_int_equal(t.failed, 0);
    close_many();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyone_gets_its_own_answer_over_kept_connections),
        cmocka_unit_test(crowd_of_threads_is_served),
        cmocka_unit_test(debug_lines_of_threads_do_not_mix),
        cmocka_unit_test(retries_of_threads_pay_from_one_quota),
        cmocka_unit_test(cancel_ends_the_calls_of_all_threads),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
