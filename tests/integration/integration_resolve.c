/* SPDX-License-Identifier: MIT */
/* Names and routes: getaddrinfo() and connect() of this program stand in front
 * of the system's, also for libcurl. */

#include "support/real.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define VISIBLE __attribute__((visibility("default")))

VISIBLE int getaddrinfo(const char *node, const char *service,
                        const struct addrinfo *hints, struct addrinfo **ret);
VISIBLE void freeaddrinfo(struct addrinfo *list);
VISIBLE int connect(int fd, const struct sockaddr *address, socklen_t len);

static struct {
    int fails;          /* EAI_..., or 0 */
    atomic_bool silent; /* name servers do not answer */
    atomic_int lookups;
    int connect_errno; /* 0: the address is loopback */
} net;

/* One address of loopback; connect() says whether it can be reached. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
            struct addrinfo **ret)
{
    struct addrinfo *one;
    struct sockaddr_in *at;

    (void)node, (void)hints;
    atomic_fetch_add(&net.lookups, 1);
    while (atomic_load(&net.silent))
        (void)usleep(1000);
    if (net.fails != 0)
        return net.fails;
    one = calloc(1, sizeof *one + sizeof *at);
    assert_non_null(one);
    at = (struct sockaddr_in *)(void *)(one + 1);
    at->sin_family = AF_INET;
    at->sin_port = htons((uint16_t)atoi(service != NULL ? service : "443"));
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    one->ai_family = AF_INET;
    one->ai_socktype = SOCK_STREAM;
    one->ai_addr = (struct sockaddr *)(void *)at;
    one->ai_addrlen = sizeof *at;
    *ret = one;
    return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
    free(list);
}

int
connect(int fd, const struct sockaddr *address, socklen_t len)
{
    (void)fd, (void)address, (void)len;
    errno = net.connect_errno;
    return -1;
}

static void
open_name(int max_attempts, int64_t connect_timeout_ms)
{
    static struct script clock = {.now_s = 1440938160};
    ivs_client_options opt;

    memset(&r, 0, sizeof r);
    memset(clock.slept_ms, 0, sizeof clock.slept_ms);
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "https://ivs.example.com";
    opt.max_attempts = max_attempts;
    opt.connect_timeout_ms = connect_timeout_ms;
    opt.clock = (ivs_clock){
        .now_s = script_now_s, .sleep_ms = script_sleep_ms, .user = &clock};
    assert_int_equal(ivs_credentials_static("AKID", SCRIPT_SECRET, NULL,
                                            &r.credentials, NULL),
                     IVS_OK);
    opt.credentials = r.credentials;
    assert_int_equal(ivs_client_new(&opt, &r.client, &r.err), IVS_OK);
}

static void
name_without_an_address_is_tried_to_the_limit(void **state)
{
    static const int codes[] = {EAI_NONAME, EAI_AGAIN, EAI_FAIL};

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        net.fails = codes[i];
        atomic_store(&net.lookups, 0);
        open_name(3, 0);
        /* Nothing was sent, so a write is repeated as well. */
        assert_int_equal(call_real("CreateChannel", "{}"), IVS_E_NETWORK);
        assert_string_equal(r.err.message,
                            "after 3 attempts: cannot find the address of "
                            "ivs.example.com: is the name right?");
        assert_int_equal(r.err.unanswered, 0);
        assert_true(atomic_load(&net.lookups) >= 3);
        close_real();
    }
    net.fails = 0;
}

static void
unreachable_host_is_named_with_the_reason(void **state)
{
    static const struct {
        int code;
        const char *reason;
    } cases[] = {{ENETUNREACH, "Network is unreachable"},
                 {EHOSTUNREACH, "No route to host"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[128];

        net.connect_errno = cases[i].code;
        open_name(2, 0);
        assert_int_equal(call_real("GetChannel", ARN), IVS_E_NETWORK);
        (void)snprintf(expected, sizeof expected,
                       "after 2 attempts: cannot connect to ivs.example.com: "
                       "%s",
                       cases[i].reason);
        assert_string_equal(r.err.message, expected);
        close_real();
    }
}

static void
silent_name_server_ends_the_connect_timeout(void **state)
{
    int64_t began = ivs_clock_monotonic_ms();

    (void)state;
    atomic_store(&net.silent, true);
    open_name(1, 150);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_NETWORK);
    assert_string_equal(r.err.message,
                        "ivs.example.com: connecting timed out after 150 ms");
    assert_true(ivs_clock_monotonic_ms() - began < 5000);
    close_real();
    atomic_store(&net.silent, false);
}

static void *
cancel_lookup(void *user)
{
    while (atomic_load(&net.lookups) == 0)
        (void)usleep(1000);
    ivs_client_cancel(user);
    return NULL;
}

static void
cancel_ends_a_name_lookup(void **state)
{
    int64_t began = ivs_clock_monotonic_ms();
    pthread_t thread;

    (void)state;
    atomic_store(&net.lookups, 0);
    atomic_store(&net.silent, true);
    open_name(3, 0);
    assert_int_equal(pthread_create(&thread, NULL, cancel_lookup, r.client), 0);
    assert_int_equal(call_real("GetChannel", ARN), IVS_E_CANCELLED);
    assert_true(ivs_clock_monotonic_ms() - began < 4000);
    assert_int_equal(r.err.unanswered, 0);
    (void)pthread_join(thread, NULL);
    close_real();
    atomic_store(&net.silent, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_without_an_address_is_tried_to_the_limit),
        cmocka_unit_test(unreachable_host_is_named_with_the_reason),
        cmocka_unit_test(silent_name_server_ends_the_connect_timeout),
        cmocka_unit_test(cancel_ends_a_name_lookup),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
