/* SPDX-License-Identifier: MIT */
/* Connections and attempts of the client with libcurl. */

#include "support/real.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"

static void
throttled_then_good_is_good(void **state)
{
    static const bad_step steps[] = {
        {.bytes = "HTTP/1.1 429 Slow" CRLF "x-amz-retry-after: 1" CRLF
                  "Content-Length: 0" CRLF CRLF,
         .end = BAD_KEEP},
        {.bytes = GOOD},
    };
    static struct script clock = {.now_s = 1440938160};
    ivs_client_options opt;

    (void)state;
    memset(&r, 0, sizeof r);
    r.server = bad_server_start(steps, 2);
    ivs_client_options_init(&opt, sizeof opt);
    opt.clock = (ivs_clock){
        .now_s = script_now_s, .sleep_ms = script_sleep_ms, .user = &clock};
    open_client("http", bad_server_port(r.server), &opt);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(ivs_result_attempts(r.result), 2);
    assert_int_equal(bad_server_connections(r.server), 1);
    close_real();
}

static void
broken_connection_is_repeated_for_reads_only(void **state)
{
    static const bad_step steps[] = {{.end = BAD_RESET}, {.bytes = GOOD}};

    (void)state;
    open_real(steps, 2, 3);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(ivs_result_attempts(r.result), 2);
    close_real();
    open_real(steps, 2, 3);
    assert_int_equal(call_real("CreateChannel", "{}"), IVS_E_NETWORK);
    assert_int_equal(bad_server_requests(r.server), 1);
    close_real();
}

static void
server_error_is_not_repeated_for_writes(void **state)
{
    static const bad_step steps[] = {
        {.bytes = "HTTP/1.1 500 Oops" CRLF "Content-Length: 0" CRLF CRLF},
        {.bytes = GOOD},
    };

    (void)state;
    open_real(steps, 2, 3);
    assert_int_equal(call_real("CreateChannel", "{}"), IVS_E_SERVICE);
    assert_int_equal(r.err.http_status, 500);
    assert_int_equal(bad_server_requests(r.server), 1);
    close_real();
}

static void
connection_is_kept_for_reads_and_fresh_for_writes(void **state)
{
    static const bad_step steps[] = {
        {.bytes = GOOD, .end = BAD_KEEP},
        {.bytes = GOOD, .end = BAD_KEEP},
        {.bytes = GOOD},
    };
    static const bad_step idle[] = {
        {.bytes = GOOD}, /* closed behind the answer, without saying so */
        {.bytes = GOOD},
    };

    (void)state;
    open_real(steps, 3, 1);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(bad_server_connections(r.server), 1);
    close_real();
    open_real(idle, 2, 1);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(call_real("CreateChannel", "{}"), IVS_OK);
    assert_int_equal(bad_server_connections(r.server), 2);
    close_real();
    open_real(idle, 2, 1);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    close_real();
}

static void
bytes_behind_an_answer_never_answer_the_next_request(void **state)
{
    static const bad_step steps[] = {
        {.bytes = GOOD "HTTP/1.1 200 OK" CRLF "Content-Length: 22" CRLF CRLF
                       "{\"channel\":{\"evil\":1}}"},
        {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 22" CRLF CRLF
                  "{\"channel\":{\"good\":1}}"},
    };

    (void)state;
    open_real(steps, 2, 1);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    assert_string_equal(ivs_result_body(r.result, NULL),
                        "{\"channel\":{\"good\":1}}");
    close_real();
}

static void
redirect_is_never_followed(void **state)
{
    static char answer[256];
    static const bad_step evil[] = {{.bytes = GOOD}};
    const bad_step steps[] = {{.bytes = answer}};
    bad_server *other = bad_server_start(evil, 1);

    (void)state;
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 307 There" CRLF
                   "Location: http://127.0.0.1:%d/GetChannel" CRLF
                   "Content-Length: 0" CRLF CRLF,
                   bad_server_port(other));
    open_real(steps, 1, 3);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_SERVICE);
    assert_non_null(strstr(r.err.message, "redirect (307)"));
    assert_int_equal(bad_server_connections(other), 0);
    assert_int_equal(bad_server_requests(r.server), 1);
    close_real();
    bad_server_stop(other);
}

static void
plain_http_goes_to_no_proxy(void **state)
{
    static const char *const names[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    static const bad_step steps[] = {{.bytes = GOOD}};
    bad_server *proxy = bad_server_start(steps, 1);
    char url[64];

    (void)state;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d",
                   bad_server_port(proxy));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(setenv(names[i], url, 1), 0);
        open_real(steps, 1, 1);
        assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
        assert_int_equal(bad_server_connections(r.server), 1);
        close_real();
        assert_int_equal(unsetenv(names[i]), 0);
    }
    assert_int_equal(bad_server_connections(proxy), 0);
    bad_server_stop(proxy);
}

/* ---- no connection ---- */

static void
refused_connection_names_address_and_reason(void **state)
{
    bad_server *server = bad_server_start(NULL, 0);
    int port = bad_server_port(server);
    ivs_client_options opt;
    char expected[96];

    (void)state;
    bad_server_stop(server);
    memset(&r, 0, sizeof r);
    ivs_client_options_init(&opt, sizeof opt);
    open_client("http", port, &opt);
    (void)snprintf(expected, sizeof expected,
                   "after 3 attempts: cannot connect to 127.0.0.1:%d: "
                   "Connection refused",
                   port);
    /* Nothing was sent, so that even this one may be repeated. */
    assert_int_equal(call_real("CreateChannel", "{}"), IVS_E_NETWORK);
    assert_string_equal(r.err.message, expected);
    close_real();
}

static void
tls_to_a_plain_port_is_no_connection(void **state)
{
    static const bad_step steps[] = {
        {.bytes = "HTTP/1.1 400 Bad Request" CRLF CRLF, .unread = true}};
    ivs_client_options opt;

    (void)state;
    memset(&r, 0, sizeof r);
    r.server = bad_server_start(steps, 1);
    ivs_client_options_init(&opt, sizeof opt);
    opt.max_attempts = 1;
    open_client("https", bad_server_port(r.server), &opt);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_NETWORK);
    assert_non_null(strstr(r.err.message, "no TLS with 127.0.0.1:"));
    close_real();
}

static void
silent_peer_ends_the_connect_timeout(void **state)
{
    static const bad_step steps[] = {{.end = BAD_HANG, .unread = true}};
    ivs_client_options opt;

    (void)state;
    memset(&r, 0, sizeof r);
    r.server = bad_server_start(steps, 1);
    ivs_client_options_init(&opt, sizeof opt);
    opt.max_attempts = 1;
    opt.connect_timeout_ms = 150; /* TLS belongs to connecting */
    open_client("https", bad_server_port(r.server), &opt);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_NETWORK);
    assert_non_null(strstr(r.err.message, "connecting timed out after 150 ms"));
    close_real();
}

static void
unknown_host_is_named(void **state)
{
    ivs_client_options opt;

    (void)state;
    memset(&r, 0, sizeof r);
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "https://ivs.invalid";
    opt.max_attempts = 1;
    assert_int_equal(ivs_credentials_static("AKID", SCRIPT_SECRET, NULL,
                                            &r.credentials, NULL),
                     IVS_OK);
    opt.credentials = r.credentials;
    assert_int_equal(ivs_client_new(&opt, &r.client, &r.err), IVS_OK);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_NETWORK);
    assert_non_null(strstr(r.err.message, "address of ivs.invalid"));
    close_real();
}

/* ---- cancelling ---- */

static void *
cancel_soon(void *user)
{
    ivs_clock_sleep_ms(100);
    ivs_client_cancel(user);
    return NULL;
}

static void
cancel_from_another_thread_ends_the_call(void **state)
{
    static const bad_step steps[] = {{.end = BAD_HANG}};
    int64_t began = ivs_clock_monotonic_ms();
    ivs_client_options opt;
    pthread_t thread;

    (void)state;
    memset(&r, 0, sizeof r);
    r.server = bad_server_start(steps, 1);
    ivs_client_options_init(&opt, sizeof opt);
    open_client("http", bad_server_port(r.server), &opt);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, r.client), 0);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_CANCELLED);
    (void)pthread_join(thread, NULL);
    assert_true(ivs_clock_monotonic_ms() - began < 5000);
    close_real();
}

static void
cancel_ends_a_source_of_credentials(void **state)
{
    char path[] = "/tmp/ivs-test-XXXXXX";
    static const char config[] =
        "[profile slow]\ncredential_process = sleep 60\n";
    int file = mkstemp(path);
    int64_t began = ivs_clock_monotonic_ms();
    ivs_client *client = NULL;
    ivs_client_options opt;
    ivs_error err = {0};
    pthread_t thread;

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(write(file, config, sizeof config - 1), sizeof config - 1);
    (void)close(file);
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "http://127.0.0.1:1";
    opt.profile = "slow";
    (void)setenv("AWS_CONFIG_FILE", path, 1);
    assert_int_equal(ivs_client_new(&opt, &client, NULL), IVS_OK);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, client), 0);
    assert_int_equal(
        ivs_client_call(client, "CreateChannel", NULL, 0, NULL, &err),
        IVS_E_CANCELLED);
    assert_int_equal(err.unanswered, 0);
    (void)pthread_join(thread, NULL);
    assert_true(ivs_clock_monotonic_ms() - began < 20000);
    ivs_client_free(client);
    script_pin_environment();
    (void)unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(throttled_then_good_is_good),
        cmocka_unit_test(broken_connection_is_repeated_for_reads_only),
        cmocka_unit_test(server_error_is_not_repeated_for_writes),
        cmocka_unit_test(connection_is_kept_for_reads_and_fresh_for_writes),
        cmocka_unit_test(bytes_behind_an_answer_never_answer_the_next_request),
        cmocka_unit_test(redirect_is_never_followed),
        cmocka_unit_test(plain_http_goes_to_no_proxy),
        cmocka_unit_test(refused_connection_names_address_and_reason),
        cmocka_unit_test(tls_to_a_plain_port_is_no_connection),
        cmocka_unit_test(silent_peer_ends_the_connect_timeout),
        cmocka_unit_test(unknown_host_is_named),
        cmocka_unit_test(cancel_from_another_thread_ends_the_call),
        cmocka_unit_test(cancel_ends_a_source_of_credentials),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
