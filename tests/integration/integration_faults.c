/* SPDX-License-Identifier: MIT */
/* The faults of a service that are bytes on a socket. Each case has the name it
 * has in the table of tests/README.md; pauses pass on a clock of the test. */

#include "support/real.h"

#include <sys/resource.h>

#include "base/clock.h"

#define OK       "HTTP/1.1 200 OK" CRLF
#define JSON     OK "Content-Type: application/json" CRLF
#define OWN_BODY "{\"channel\":{\"own\":1}}"
#define OWN      OK "Content-Length: 21" CRLF CRLF OWN_BODY

#define EMPTY(line)                                                            \
    {                                                                          \
        .bytes = "HTTP/1.1 " line CRLF "Content-Length: 0" CRLF CRLF           \
    }
#define HTML(line)                                                             \
    {                                                                          \
        .bytes = "HTTP/1.1 " line CRLF "Content-Type: text/html" CRLF          \
                 "Content-Length: 14" CRLF CRLF "<h1>Oops</h1>\n"              \
    }

/* A fault that comes every time. */
struct fault {
    const char *name;
    bad_step step;
    ivs_status status;
    const char *message;
    int attempts;
    int64_t elapsed_ms; /* pauses at most; 50 and 100, 1000 and 2000 */
    int http_status;
};

static const struct fault faults[] = {
    /* 1 */
    {"throttle-html", HTML("429 Too Many Requests"), IVS_E_THROTTLED,
     "answered GetChannel with 429 and no AWS error (text/html)", 3, 3000, 429},
    /* 3 */
    {"500", EMPTY("500 Oops"), IVS_E_SERVICE, "with 500", 3, 150, 500},
    {"502-html", HTML("502 Bad Gateway"), IVS_E_SERVICE,
     "with 502 and no AWS error (text/html)", 3, 150, 502},
    {"503",
     {.bytes =
          "HTTP/1.1 503 Busy" CRLF "x-amzn-ErrorType: ServiceUnavailable" CRLF
          "Content-Length: 18" CRLF CRLF "{\"message\":\"busy\"}"},
     IVS_E_SERVICE,
     "GetChannel: 503 ServiceUnavailable: busy",
     3,
     150,
     503},
    {"503-empty", EMPTY("503 Busy"), IVS_E_SERVICE, "with 503", 3, 150, 503},
    {"504", EMPTY("504 Late"), IVS_E_SERVICE, "with 504", 3, 150, 504},
    /* 4: nobody knows, so it is asked again */
    {"500-applied", EMPTY("500 Oops"), IVS_E_SERVICE, "with 500", 3, 150, 500},
    {"reset-applied",
     {.end = BAD_RESET},
     IVS_E_NETWORK,
     "before its answer was complete",
     3,
     150,
     0},
    {"hang-applied",
     {.end = BAD_HANG},
     IVS_E_NETWORK,
     "waiting for the answer timed out after 200 ms",
     3,
     150,
     0},
    /* 5 */
    {"reset",
     {.end = BAD_RESET},
     IVS_E_NETWORK,
     "before its answer was complete",
     3,
     150,
     0},
    {"fin",
     {.end = BAD_CLOSE},
     IVS_E_NETWORK,
     "closed the connection without an answer",
     3,
     150,
     0},
    {"reset-mid",
     {.bytes = OK "Content-Length: 9" CRLF CRLF "{", .end = BAD_RESET},
     IVS_E_NETWORK,
     "before its answer was complete",
     3,
     150,
     0},
    {"fin-mid-body",
     {.bytes = OK "Content-Length: 9" CRLF CRLF "{"},
     IVS_E_NETWORK,
     "before its answer was complete",
     3,
     150,
     0},
    {"long-content-length",
     {.bytes = OK "Content-Length: 3" CRLF CRLF "{}"},
     IVS_E_NETWORK,
     "before its answer was complete",
     3,
     150,
     0},
    /* 10: the first half is an answer that means nothing, so it is final */
    {"bad-json",
     {.bytes = JSON CRLF "{\"a\":}"},
     IVS_E_SERVICE,
     "not one JSON object",
     1,
     0,
     200},
    {"not-json",
     {.bytes = JSON CRLF "hello"},
     IVS_E_SERVICE,
     "not one JSON object",
     1,
     0,
     200},
    {"bom-json",
     {.bytes = JSON CRLF "\xef\xbb\xbf{}"},
     IVS_E_SERVICE,
     "not one JSON object",
     1,
     0,
     200},
    {"gzip-claimed",
     {.bytes = JSON "Content-Encoding: gzip" CRLF CRLF "\x1f\x8b\x08\x01"},
     IVS_E_SERVICE,
     "not one JSON object",
     1,
     0,
     200},
    {"status-999", EMPTY("999 Odd"), IVS_E_SERVICE,
     "answered GetChannel with 999, expected 200", 1, 0, 999},
    {"bad-chunk",
     {.bytes = OK "Transfer-Encoding: chunked" CRLF CRLF "zz" CRLF "{}" CRLF},
     IVS_E_NETWORK,
     "127.0.0.1:",
     3,
     150,
     0},
    {"chunk-overflow",
     {.bytes = OK "Transfer-Encoding: chunked" CRLF CRLF
                  "fffffffffffffffff" CRLF "{}" CRLF "0" CRLF CRLF},
     IVS_E_NETWORK,
     "127.0.0.1:",
     3,
     150,
     0},
    {"cl-and-te",
     {.bytes = OK "Content-Length: 2" CRLF
                  "Transfer-Encoding: chunked" CRLF CRLF "0" CRLF CRLF},
     IVS_E_NETWORK,
     "states its length twice",
     3,
     150,
     0},
    {"two-cl",
     {.bytes = OK "Content-Length: 2" CRLF "Content-Length: 3" CRLF CRLF "{}"},
     IVS_E_NETWORK,
     "states its length twice",
     3,
     150,
     0},
    {"garbage",
     {.bytes = "\x16\x03\x01\x02" CRLF},
     IVS_E_NETWORK,
     "127.0.0.1:",
     3,
     150,
     0},
    {"status-garbage",
     {.bytes = "HTTP/1.1 two hundred" CRLF CRLF},
     IVS_E_NETWORK,
     "127.0.0.1:",
     3,
     150,
     0},
    /* 12; delay-3s is below, slow ones here */
    {"hang",
     {.end = BAD_HANG},
     IVS_E_NETWORK,
     "waiting for the answer timed out after 200 ms",
     3,
     150,
     0},
    {"slow-headers",
     {.bytes = "HTTP/1.1 103 Early Hints" CRLF CRLF,
      .times = 60,
      .pause_ms = 20},
     IVS_E_NETWORK,
     "waiting for the whole answer timed out after 400 ms",
     3,
     150,
     0},
    {"slow-body",
     {.bytes = OK "Content-Length: 9999" CRLF CRLF " ",
      .times = 60,
      .pause_ms = 20},
     IVS_E_NETWORK,
     "waiting for the whole answer timed out after 400 ms",
     3,
     150,
     0},
    /* 17 */
    {"301",
     {.bytes = "HTTP/1.1 301 Moved" CRLF "Location: /other" CRLF
               "Content-Length: 0" CRLF CRLF},
     IVS_E_SERVICE,
     "answered with a redirect (301), which is never followed",
     1,
     0,
     301},
};

static struct script clock_;

/* Timers are short for those who are to run into them, so that no other case
 * does on a busy machine. */
static void
open_timed(const bad_step *steps, size_t nsteps, int64_t first_byte_ms,
           int64_t total_ms)
{
    ivs_client_options opt;

    memset(&r, 0, sizeof r);
    memset(&clock_, 0, sizeof clock_);
    clock_.now_s = 1440938160;
    r.server = bad_server_start(steps, nsteps);
    ivs_client_options_init(&opt, sizeof opt);
    opt.clock = (ivs_clock){
        .now_s = script_now_s, .sleep_ms = script_sleep_ms, .user = &clock_};
    opt.first_byte_timeout_ms = first_byte_ms;
    opt.total_timeout_ms = total_ms;
    open_client("http", bad_server_port(r.server), &opt);
}

static void
open_fault(const bad_step *steps, size_t nsteps)
{
    open_timed(steps, nsteps, 0, 0);
}

static void
open_case(const struct fault *f, const bad_step *steps, size_t nsteps)
{
    open_timed(steps, nsteps, strstr(f->message, "200 ms") != NULL ? 200 : 0,
               strstr(f->message, "400 ms") != NULL ? 400 : 0);
}

static void
check_message(const char *part)
{
    if (strstr(r.err.message, part) == NULL)
        fail_msg("'%s' does not say '%s'", r.err.message, part);
}

static void
each_fault_ends_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault *f = &faults[i];
        const bad_step steps[] = {f->step, f->step, f->step, f->step};

        print_message("  %s\n", f->name);
        open_case(f, steps, 4);
        assert_int_equal(call_real("GetChannel", ARN), f->status);
        check_message(f->message);
        assert_int_equal(bad_server_requests(r.server), f->attempts);
        assert_in_range(script_elapsed_ms(&clock_), 0, f->elapsed_ms);
        assert_int_equal(r.err.http_status, f->http_status);
        assert_null(r.result);
        close_real();
    }
}

/* 3, 4, 5: a write that may have worked is never sent twice. */
static void
write_of_unknown_outcome_is_not_repeated(void **state)
{
    static const char *const names[] = {"500",           "500-applied",
                                        "reset-applied", "reset",
                                        "hang-applied",  "fin-mid-body"};

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const bad_step steps[] = {faults[i].step, faults[i].step};
        size_t n = 0;

        while (n < sizeof names / sizeof *names &&
               strcmp(names[n], faults[i].name) != 0)
            n++;
        if (n == sizeof names / sizeof *names)
            continue;
        print_message("  %s\n", names[n]);
        open_case(&faults[i], steps, 2);
        assert_int_equal(call_real("CreateChannel", "{}"), faults[i].status);
        assert_int_equal(bad_server_requests(r.server), 1);
        close_real();
    }
}

/* ---- 6: no answer is taken for that of the next request ---- */

static const struct {
    const char *name;
    bad_step first[2];
    size_t nfirst;
    ivs_status status; /* of the first call */
} desyncs[] = {
    {"short-content-length",
     {{.bytes =
           OK "Content-Length: 14" CRLF CRLF "{\"channel\":{}}{\"evil\":true}",
       .end = BAD_HANG}},
     1,
     IVS_OK},
    {"extra-response",
     {{.bytes = GOOD OK "Content-Length: 13" CRLF CRLF "{\"evil\":true}",
       .end = BAD_HANG}},
     1,
     IVS_OK},
    {"ok-then-rst", {{.bytes = GOOD, .end = BAD_RESET}}, 1, IVS_OK},
    {"ok-then-fin", {{.bytes = GOOD, .end = BAD_CLOSE}}, 1, IVS_OK},
    {"close-keepalive-idle",
     {{.bytes = GOOD, .end = BAD_KEEP}, {.end = BAD_CLOSE}},
     2,
     IVS_OK},
};

static void
next_request_gets_its_own_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof desyncs / sizeof *desyncs; i++) {
        bad_step steps[3] = {desyncs[i].first[0], desyncs[i].first[1]};

        print_message("  %s\n", desyncs[i].name);
        steps[desyncs[i].nfirst] = (bad_step){.bytes = OWN};
        open_fault(steps, desyncs[i].nfirst + 1);
        assert_int_equal(call_real("GetChannel", ARN), desyncs[i].status);
        assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
        assert_string_equal(ivs_result_body(r.result, NULL), OWN_BODY);
        /* A kept connection that was closed costs no attempt. */
        assert_int_equal(ivs_result_attempts(r.result), 1);
        assert_int_equal(bad_server_connections(r.server), 2);
        assert_int_equal(script_elapsed_ms(&clock_), 0);
        close_real();
    }
}

/* ---- 10, 11: what is too much ---- */

static void
deep_json_is_refused(void **state)
{
    static char bytes[70000];
    size_t n = (size_t)snprintf(bytes, sizeof bytes, JSON CRLF "{\"a\":");
    const bad_step step = {.bytes = bytes};

    (void)state;
    memset(bytes + n, '[', 60000);
    open_fault(&step, 1);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_SERVICE);
    check_message("not one JSON object");
    close_real();
}

static long
memory_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void
flood_is_cut_off_and_memory_stays_flat(void **state)
{
    static char block[65537], line[80 * 1024];
    static const struct {
        const char *name, *start;
        const char *bytes;
        size_t times;
        ivs_status status;
        const char *message;
        int attempts;
    } floods[] = {
        {"huge-body", JSON "Content-Length: 1073741824" CRLF CRLF, block, 16384,
         IVS_E_SERVICE, "more than 1024 KiB of body or 64 KiB", 1},
        {"huge-header", OK "X: ", line, 1, IVS_E_NETWORK, "80 KiB of headers",
         3},
        {"many-headers", OK, "X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" CRLF,
         4000, IVS_E_SERVICE, "64 KiB of headers", 1},
        {"endless-headers", OK "X: ", block, 16384, IVS_E_NETWORK,
         "a header line without end", 3},
    };
    long before;

    (void)state;
    memset(block, ' ', sizeof block - 1);
    memset(line, 'x', sizeof line - 1);
    (void)snprintf(line + sizeof line - 5, 5, CRLF CRLF);
    before = memory_kib();
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        const bad_step start = {.bytes = floods[i].start, .end = BAD_KEEP};
        const bad_step flood = {
            .bytes = floods[i].bytes, .times = floods[i].times, .unread = true};
        const bad_step steps[] = {start, flood, start, flood, start, flood};

        print_message("  %s\n", floods[i].name);
        open_fault(steps, 6);
        assert_int_equal(call_real("GetChannel", ARN), floods[i].status);
        check_message(floods[i].message);
        assert_int_equal(bad_server_requests(r.server), floods[i].attempts);
        close_real();
    }
    assert_true(memory_kib() - before < 16 * 1024);
}

/* ---- 12, 17 ---- */

static void
delay_within_the_timers_is_waited_for(void **state)
{
    /* delay-3s, in a hundredth of the time */
    static const bad_step steps[] = {
        {.bytes = "", .times = 1, .pause_ms = 30, .end = BAD_KEEP},
        {.bytes = GOOD, .unread = true},
    };

    (void)state;
    open_fault(steps, 2);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(ivs_result_attempts(r.result), 1);
    close_real();
}

static void
redirect_to_another_server_gets_no_credentials(void **state)
{
    static char answer[256];
    static const bad_step evil[] = {{.bytes = GOOD}};
    const bad_step steps[] = {{.bytes = answer}};
    bad_server *other = bad_server_start(evil, 1);

    /* 307-evil */
    (void)state;
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 307 There" CRLF
                   "Location: http://127.0.0.1:%d/GetChannel" CRLF
                   "Content-Length: 0" CRLF CRLF,
                   bad_server_port(other));
    open_fault(steps, 1);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_SERVICE);
    check_message("answered with a redirect (307), which is never followed");
    assert_int_equal(bad_server_connections(other), 0);
    assert_int_equal(bad_server_requests(r.server), 1);
    close_real();
    bad_server_stop(other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_ends_as_the_table_says),
        cmocka_unit_test(write_of_unknown_outcome_is_not_repeated),
        cmocka_unit_test(next_request_gets_its_own_answer),
        cmocka_unit_test(deep_json_is_refused),
        cmocka_unit_test(flood_is_cut_off_and_memory_stays_flat),
        cmocka_unit_test(delay_within_the_timers_is_waited_for),
        cmocka_unit_test(redirect_to_another_server_gets_no_credentials),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
