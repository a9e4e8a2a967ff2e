/* SPDX-License-Identifier: MIT */
/* Each timer of a request with its own message, cancelling in each phase, and
 * what the transport sends with each method. */

#include "support/real.h"

#include <pthread.h>

#include "aws/http.h"
#include "base/clock.h"

/* Answered with any object or with nothing. */
#define PAIR "{\"arn\":\"arn:aws:ivs:us-west-2:123456789012:playback-key/a\"}"
#define HEAD "HTTP/1.1 200 OK" CRLF

struct timers {
    int64_t connect, first_byte, idle, total;
};

static void
open_timed(const bad_step *steps, size_t nsteps, const char *scheme,
           struct timers ms)
{
    ivs_client_options opt;

    memset(&r, 0, sizeof r);
    r.server = bad_server_start(steps, nsteps);
    ivs_client_options_init(&opt, sizeof opt);
    opt.max_attempts = 1;
    opt.connect_timeout_ms = ms.connect;
    opt.first_byte_timeout_ms = ms.first_byte;
    opt.idle_timeout_ms = ms.idle;
    opt.total_timeout_ms = ms.total;
    open_client(scheme, bad_server_port(r.server), &opt);
}

static const struct {
    const char *name, *scheme;
    bad_step steps[2];
    size_t nsteps;
    struct timers ms;
    const char *message; /* NULL: it is in time */
} timeouts[] = {
    {"TLS",
     "https",
     {{.end = BAD_HANG, .unread = true}},
     1,
     {.connect = 120},
     "connecting timed out after 120 ms"},
    {"TLS, total shorter",
     "https",
     {{.end = BAD_HANG, .unread = true}},
     1,
     {.connect = 4000, .total = 120},
     "connecting timed out after 120 ms"},
    {"first byte",
     "http",
     {{.end = BAD_HANG}},
     1,
     {.first_byte = 130},
     "waiting for the answer timed out after 130 ms"},
    {"silence in the first header line",
     "http",
     {{.bytes = "HTTP/1.1 2", .end = BAD_HANG}},
     1,
     {.first_byte = 4000, .idle = 140},
     "waiting for the rest of the answer timed out after 140 ms"},
    {"silence in the headers",
     "http",
     {{.bytes = HEAD "X: y" CRLF, .end = BAD_HANG}},
     1,
     {.idle = 140},
     "waiting for the rest of the answer timed out after 140 ms"},
    {"silence in the body",
     "http",
     {{.bytes = HEAD "Content-Length: 9" CRLF CRLF "{", .end = BAD_HANG}},
     1,
     {.idle = 1000},
     "waiting for the rest of the answer timed out after 1 s"},
    {"silence behind an interim answer",
     "http",
     {{.bytes = "HTTP/1.1 103 Early Hints" CRLF CRLF, .end = BAD_HANG}},
     1,
     {.idle = 140},
     "waiting for the rest of the answer timed out after 140 ms"},
    {"slow body, never silent",
     "http",
     {{.bytes = HEAD "Content-Length: 900" CRLF CRLF, .end = BAD_KEEP},
      {.bytes = " ", .times = 100, .pause_ms = 20, .unread = true}},
     2,
     {.idle = 2000, .total = 300},
     "waiting for the whole answer timed out after 300 ms"},
    {"slow headers, never silent",
     "http",
     {{.bytes = HEAD, .end = BAD_KEEP},
      {.bytes = "X: y" CRLF, .times = 100, .pause_ms = 20, .unread = true}},
     2,
     {.idle = 2000, .total = 300},
     "waiting for the whole answer timed out after 300 ms"},
    {"slow, but each part is in time",
     "http",
     {{.bytes = HEAD "Content-Length: 10" CRLF CRLF, .end = BAD_KEEP},
      {.bytes = "{\"a\":[0]} ", .pause_ms = 100, .unread = true}},
     2,
     {.first_byte = 3000, .idle = 3000},
     NULL},
};

static void
each_timer_has_its_own_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        int64_t began = ivs_clock_monotonic_ms();
        char expected[128];

        print_message("  %s\n", timeouts[i].name);
        open_timed(timeouts[i].steps, timeouts[i].nsteps, timeouts[i].scheme,
                   timeouts[i].ms);
        if (timeouts[i].message == NULL) {
            assert_int_equal(call_real("DeletePlaybackKeyPair", PAIR), IVS_OK);
        } else {
            assert_int_equal(call_real("DeletePlaybackKeyPair", PAIR),
                             IVS_E_NETWORK);
            (void)snprintf(expected, sizeof expected, "127.0.0.1:%d: %s",
                           bad_server_port(r.server), timeouts[i].message);
            assert_string_equal(r.err.message, expected);
            assert_true(ivs_clock_monotonic_ms() - began < 10000);
        }
        close_real();
    }
}

/* ---- cancelling ---- */

static void *
cancel_soon(void *user)
{
    ivs_clock_sleep_ms(60);
    ivs_client_cancel(user);
    return NULL;
}

static void
cancel_ends_every_phase_soon(void **state)
{
    static const struct {
        const char *name, *scheme;
        bad_step step;
        int unanswered;
    } phases[] = {
        {"TLS", "https", {.end = BAD_HANG, .unread = true}, 0},
        {"waiting", "http", {.end = BAD_HANG}, 1},
        {"headers", "http", {.bytes = HEAD "X", .end = BAD_HANG}, 1},
        {"body",
         "http",
         {.bytes = HEAD "Content-Length: 9" CRLF CRLF "{", .end = BAD_HANG},
         1},
        {"pause",
         "http",
         {.bytes = "HTTP/1.1 429 Slow" CRLF "x-amz-retry-after: 5000" CRLF
                   "Content-Length: 0" CRLF CRLF},
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        int64_t began = ivs_clock_monotonic_ms();
        ivs_client_options opt;
        pthread_t thread;

        print_message("  %s\n", phases[i].name);
        memset(&r, 0, sizeof r);
        r.server = bad_server_start(&phases[i].step, 1);
        ivs_client_options_init(&opt, sizeof opt);
        open_client(phases[i].scheme, bad_server_port(r.server), &opt);
        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, r.client),
                         0);
        assert_int_equal(call_real("GetChannel", ARN), IVS_E_CANCELLED);
        (void)pthread_join(thread, NULL);
        assert_true(ivs_clock_monotonic_ms() - began < 3000);
        assert_int_equal(r.err.unanswered, phases[i].unanswered);
        close_real();
    }
}

/* ---- methods ---- */

static bool
take_header(const char *name, size_t name_len, const char *value,
            size_t value_len, void *user)
{
    (void)name, (void)name_len, (void)value, (void)value_len, (void)user;
    return true;
}

static bool
take_body(const char *data, size_t len, void *user)
{
    (void)data, (void)len, (void)user;
    return true;
}

static void
take_unsent(void *user)
{
    (void)user;
}

static bool
never_cancelled(void *user)
{
    (void)user;
    return false;
}

static void
every_method_goes_with_and_without_a_body(void **state)
{
    static const struct {
        const char *method, *body;
        const char *length; /* Content-Length, NULL: none */
    } cases[] = {
        {"GET", "", NULL},    {"GET", "{}", "2"},    {"POST", "", "0"},
        {"POST", "{}", "2"},  {"PUT", "", "0"},      {"PUT", "abc", "3"},
        {"DELETE", "", NULL}, {"DELETE", "{}", "2"},
    };
    static const char *const headers[] = {"x-one: 1"};
    static const ivs_http_sink sink = {.header = take_header,
                                       .body = take_body,
                                       .unsent = take_unsent,
                                       .cancelled = never_cancelled};
    static const bad_step good = {.bytes = GOOD};
    ivs_http *http = NULL;

    (void)state;
    assert_int_equal(ivs_http_new(NULL, &http, NULL), IVS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bad_server *server = bad_server_start(&good, 1);
        char url[64], line[64], length[64];
        ivs_http_request request = {.method = cases[i].method,
                                    .url = url,
                                    .headers = headers,
                                    .nheaders = 1,
                                    .body = cases[i].body,
                                    .body_len = strlen(cases[i].body),
                                    .connect_timeout_ms = 5000,
                                    .first_byte_timeout_ms = 5000,
                                    .idle_timeout_ms = 5000,
                                    .total_timeout_ms = 5000};
        const char *text;
        int status = 0;

        print_message("  %s '%s'\n", cases[i].method, cases[i].body);
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/a",
                       bad_server_port(server));
        assert_int_equal(ivs_http_send(&request, &sink, &status, http, NULL),
                         IVS_OK);
        assert_int_equal(status, 200);
        text = bad_server_last(server);
        (void)snprintf(line, sizeof line, "%s /a HTTP/1.1" CRLF,
                       cases[i].method);
        assert_memory_equal(text, line, strlen(line));
        assert_non_null(strstr(text, CRLF "x-one: 1" CRLF));
        assert_null(strstr(text, "Content-Type"));
        (void)snprintf(length, sizeof length, "Content-Length: %s" CRLF,
                       cases[i].length != NULL ? cases[i].length : "");
        if (cases[i].length != NULL)
            assert_non_null(strstr(text, length));
        else
            assert_null(strstr(text, "Content-Length"));
        assert_string_equal(strstr(text, CRLF CRLF) + 4, cases[i].body);
        bad_server_stop(server);
    }
    ivs_http_free(http);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_timer_has_its_own_message),
        cmocka_unit_test(cancel_ends_every_phase_soon),
        cmocka_unit_test(every_method_goes_with_and_without_a_body),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
