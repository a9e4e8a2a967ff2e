/* SPDX-License-Identifier: MIT */
/* Keys that are kept: when the source is asked again, what a failure changes,
 * and that many threads ask it once. */

#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "aws/credentials.h"
#include "base/error.h"

#define NOW 1440938160 /* 2015-08-30T12:36:00Z */
#define MIN 60

/* A source that numbers its keys. */
struct vault {
    int64_t now_s;
    int64_t life_s; /* 0: for ever */
    ivs_status fails;
    atomic_int asked;
    atomic_bool slow;
    atomic_bool shut; /* a fetch waits while it is */
    ivs_credentials *credentials;
};

static ivs_status
fetch(ivs_credentials_supply *supply, void *user, ivs_error *err)
{
    struct vault *v = user;
    int n = atomic_fetch_add(&v->asked, 1) + 1;
    char id[32], secret[64];

    if (atomic_load(&v->slow))
        (void)usleep(50000);
    while (atomic_load(&v->shut))
        (void)usleep(1000);
    if (v->fails != IVS_OK)
        return ivs_fail(err, v->fails, "sealed %d", n);
    (void)snprintf(id, sizeof id, "KEY%d", n);
    (void)snprintf(secret, sizeof secret, "a-secret-of-some-length-%d", n);
    return ivs_credentials_supply_keys(
        supply, id, secret, NULL, v->life_s == 0 ? 0 : v->now_s + v->life_s,
        err);
}

static int64_t
now_s(void *user)
{
    return ((struct vault *)user)->now_s;
}

static void
sleep_ms(int64_t ms, void *user)
{
    (void)ms, (void)user;
}

static void
open_vault(struct vault *v, int64_t life_s)
{
    const ivs_clock clock = {.now_s = now_s, .sleep_ms = sleep_ms, .user = v};

    memset(v, 0, sizeof *v);
    v->now_s = NOW;
    v->life_s = life_s;
    assert_int_equal(ivs_credentials_custom("vault", fetch, v, &clock,
                                            &v->credentials, NULL),
                     IVS_OK);
    assert_int_equal(v->asked, 0);
}

static void
expect_key(struct vault *v, const char *id)
{
    ivs_credentials_keys keys = {0};
    ivs_error err = {0};

    if (ivs_credentials_get(v->credentials, NULL, &keys, &err) != IVS_OK)
        fail_msg("%s", err.message);
    assert_string_equal(keys.access_key_id.data, id);
    ivs_credentials_keys_free(&keys);
}

static void
expect_failure(struct vault *v, const char *message)
{
    ivs_credentials_keys keys = {0};
    ivs_error err = {0};

    assert_int_equal(ivs_credentials_get(v->credentials, NULL, &keys, &err),
                     IVS_E_CREDENTIALS);
    assert_int_equal(err.code, IVS_E_CREDENTIALS);
    assert_string_equal(err.message, message);
    assert_null(keys.access_key_id.data);
}

/* botocore: wanted from 15 minutes before, needed from 10. */
static void
keys_are_replaced_from_15_minutes_before_they_expire(void **state)
{
    struct vault v;

    (void)state;
    open_vault(&v, 60 * MIN);
    expect_key(&v, "KEY1");
    v.now_s = NOW + 45 * MIN - 1;
    expect_key(&v, "KEY1");
    v.now_s = NOW + 45 * MIN;
    expect_key(&v, "KEY2");
    expect_key(&v, "KEY2");
    v.now_s += 45 * MIN;
    expect_key(&v, "KEY3");
    ivs_credentials_free(v.credentials);
}

static void
a_failure_leaves_good_keys_in_use_for_five_minutes(void **state)
{
    struct vault v;

    (void)state;
    open_vault(&v, 60 * MIN);
    expect_key(&v, "KEY1");
    v.fails = IVS_E_NETWORK;
    v.now_s = NOW + 45 * MIN;
    expect_key(&v, "KEY1");
    assert_int_equal(v.asked, 2);
    /* left in peace for a minute */
    v.now_s += MIN - 1;
    expect_key(&v, "KEY1");
    assert_int_equal(v.asked, 2);
    v.now_s += 1;
    expect_key(&v, "KEY1");
    assert_int_equal(v.asked, 3);
    v.now_s = NOW + 50 * MIN - 1;
    expect_key(&v, "KEY1");
    assert_int_equal(v.asked, 4);
    v.now_s = NOW + 50 * MIN;
    expect_failure(&v, "credentials from vault: sealed 5");
    expect_failure(&v, "credentials from vault: sealed 6");
    v.fails = IVS_OK;
    expect_key(&v, "KEY7");
    ivs_credentials_free(v.credentials);
}

/* Keys of 12 minutes would otherwise be fetched for every request. */
static void
short_lives_have_short_windows(void **state)
{
    struct vault v;

    (void)state;
    open_vault(&v, 12 * MIN);
    expect_key(&v, "KEY1");
    v.now_s = NOW + 6 * MIN - 1;
    expect_key(&v, "KEY1");
    v.now_s = NOW + 6 * MIN;
    v.fails = IVS_E_NETWORK;
    expect_key(&v, "KEY1");
    v.now_s = NOW + 8 * MIN;
    expect_failure(&v, "credentials from vault: sealed 3");
    ivs_credentials_free(v.credentials);
}

static void
keys_without_an_expiry_stay_until_they_are_refused(void **state)
{
    struct vault v;
    ivs_credentials_keys keys = {0}, other = {0};

    (void)state;
    open_vault(&v, 0);
    expect_key(&v, "KEY1");
    v.now_s += (int64_t)100 * 365 * 24 * 3600;
    assert_int_equal(ivs_credentials_get(v.credentials, NULL, &keys, NULL),
                     IVS_OK);
    assert_int_equal(v.asked, 1);
    ivs_credentials_expire(v.credentials, &keys);
    assert_int_equal(v.asked, 1);
    assert_int_equal(ivs_credentials_get(v.credentials, NULL, &other, NULL),
                     IVS_OK);
    assert_string_equal(other.access_key_id.data, "KEY2");
    /* A late word on the keys before changes nothing. */
    ivs_credentials_expire(v.credentials, &keys);
    expect_key(&v, "KEY2");
    /* Refused and no others to be had: an error, not the refused ones. */
    ivs_credentials_expire(v.credentials, &other);
    v.fails = IVS_E_NETWORK;
    expect_failure(&v, "credentials from vault: sealed 3");
    ivs_credentials_keys_free(&keys);
    ivs_credentials_keys_free(&other);
    ivs_credentials_free(v.credentials);
}

static void
fixed_keys_stay_although_refused(void **state)
{
    ivs_credentials *c = NULL;
    ivs_credentials_keys keys = {0};

    (void)state;
    assert_int_equal(ivs_credentials_static("AKID", "s", NULL, &c, NULL),
                     IVS_OK);
    assert_int_equal(ivs_credentials_get(c, NULL, &keys, NULL), IVS_OK);
    ivs_credentials_expire(c, &keys);
    ivs_credentials_keys_free(&keys);
    assert_int_equal(ivs_credentials_get(c, NULL, &keys, NULL), IVS_OK);
    assert_string_equal(keys.access_key_id.data, "AKID");
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(c);
}

static void
secrets_are_known_until_the_second_fetch_after(void **state)
{
    struct vault v;

    (void)state;
    open_vault(&v, 60 * MIN);
    assert_false(
        ivs_credentials_are_in(v.credentials, "a-secret-of-some-length-1"));
    expect_key(&v, "KEY1");
    assert_true(
        ivs_credentials_are_in(v.credentials, "(a-secret-of-some-length-1)"));
    v.now_s += 50 * MIN;
    expect_key(&v, "KEY2");
    assert_true(
        ivs_credentials_are_in(v.credentials, "(a-secret-of-some-length-1)"));
    assert_true(
        ivs_credentials_are_in(v.credentials, "(a-secret-of-some-length-2)"));
    v.now_s += 50 * MIN;
    expect_key(&v, "KEY3");
    assert_false(
        ivs_credentials_are_in(v.credentials, "(a-secret-of-some-length-1)"));
    ivs_credentials_free(v.credentials);
}

/* ---- threads ---- */

#define THREADS 16

struct getter {
    struct vault *vault;
    const ivs_cancel *cancel;
    ivs_status status;
    char id[32], message[64];
};

static void *
get_in_thread(void *user)
{
    struct getter *g = user;
    ivs_credentials_keys keys = {0};
    ivs_error err = {0};

    g->status =
        ivs_credentials_get(g->vault->credentials, g->cancel, &keys, &err);
    (void)snprintf(g->id, sizeof g->id, "%s",
                   g->status == IVS_OK ? keys.access_key_id.data : "");
    (void)snprintf(g->message, sizeof g->message, "%.63s", err.message);
    ivs_credentials_keys_free(&keys);
    return NULL;
}

static void
get_in_threads(struct vault *v, struct getter getters[THREADS])
{
    pthread_t threads[THREADS];

    atomic_store(&v->slow, true);
    for (size_t i = 0; i < THREADS; i++) {
        getters[i] = (struct getter){.vault = v};
        assert_int_equal(
            pthread_create(&threads[i], NULL, get_in_thread, &getters[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void
threads_wait_for_one_fetch(void **state)
{
    struct getter getters[THREADS];
    struct vault v;

    (void)state;
    open_vault(&v, 60 * MIN);
    get_in_threads(&v, getters);
    assert_int_equal(v.asked, 1);
    for (size_t i = 0; i < THREADS; i++)
        assert_string_equal(getters[i].id, "KEY1");
    ivs_credentials_free(v.credentials);
}

/* While one thread fetches, the others go on with keys that are still good. */
static void
threads_use_good_keys_while_one_fetches(void **state)
{
    struct getter getters[THREADS];
    struct vault v;
    int fresh = 0;

    (void)state;
    open_vault(&v, 60 * MIN);
    expect_key(&v, "KEY1");
    v.now_s += 46 * MIN;
    get_in_threads(&v, getters);
    assert_int_equal(v.asked, 2);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(getters[i].status, IVS_OK);
        fresh += strcmp(getters[i].id, "KEY2") == 0;
    }
    assert_true(fresh >= 1);
    ivs_credentials_free(v.credentials);
}

/* All that waited for the same fetch get its error; none asks again at once. */
static void
threads_share_a_failure(void **state)
{
    struct getter getters[THREADS];
    struct vault v;

    (void)state;
    open_vault(&v, 60 * MIN);
    v.fails = IVS_E_NETWORK;
    get_in_threads(&v, getters);
    assert_in_range(v.asked, 1, THREADS - 1);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(getters[i].status, IVS_E_CREDENTIALS);
        assert_memory_equal(getters[i].message,
                            "credentials from vault: sealed ", 31);
    }
    ivs_credentials_free(v.credentials);
}

/* ---- cancelled calls ---- */

static bool
is_set(void *user)
{
    return atomic_load((atomic_bool *)user);
}

/* A thread that is in the fetch of a shut vault. */
static pthread_t
start_fetch(struct vault *v, struct getter *g)
{
    pthread_t thread;

    atomic_store(&v->shut, true);
    assert_int_equal(pthread_create(&thread, NULL, get_in_thread, g), 0);
    while (atomic_load(&v->asked) == 0)
        (void)usleep(1000);
    return thread;
}

static void
a_cancelled_call_does_not_wait_for_the_fetch_of_another(void **state)
{
    atomic_bool set = true;
    const ivs_cancel cancel = {.cancelled = is_set, .user = &set};
    struct vault v;
    struct getter g = {.vault = &v};
    ivs_credentials_keys keys = {0};
    ivs_error err = {0};
    pthread_t thread;

    (void)state;
    open_vault(&v, 60 * MIN);
    thread = start_fetch(&v, &g);
    assert_int_equal(ivs_credentials_get(v.credentials, &cancel, &keys, &err),
                     IVS_E_CANCELLED);
    assert_string_equal(err.message, "the call was cancelled");
    assert_null(keys.access_key_id.data);
    atomic_store(&v.shut, false);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(g.id, "KEY1");
    ivs_credentials_free(v.credentials);
}

/* Its end is nobody else's failure: who waits for it makes one. */
static void
a_cancelled_fetch_is_taken_over(void **state)
{
    atomic_bool set = true;
    const ivs_cancel cancel = {.cancelled = is_set, .user = &set};
    struct vault v;
    struct getter first = {.vault = &v, .cancel = &cancel};
    struct getter second = {.vault = &v};
    pthread_t threads[2];

    (void)state;
    open_vault(&v, 60 * MIN);
    v.fails = IVS_E_CANCELLED;
    threads[0] = start_fetch(&v, &first);
    assert_int_equal(pthread_create(&threads[1], NULL, get_in_thread, &second),
                     0);
    atomic_store(&v.shut, false);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(first.status, IVS_E_CANCELLED);
    /* Nobody cancelled the second: what the source says is its own failure. */
    assert_int_equal(second.status, IVS_E_CREDENTIALS);
    assert_string_equal(second.message, "credentials from vault: sealed 2");
    v.fails = IVS_OK;
    expect_key(&v, "KEY3");
    ivs_credentials_free(v.credentials);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_replaced_from_15_minutes_before_they_expire),
        cmocka_unit_test(a_failure_leaves_good_keys_in_use_for_five_minutes),
        cmocka_unit_test(short_lives_have_short_windows),
        cmocka_unit_test(keys_without_an_expiry_stay_until_they_are_refused),
        cmocka_unit_test(fixed_keys_stay_although_refused),
        cmocka_unit_test(secrets_are_known_until_the_second_fetch_after),
        cmocka_unit_test(threads_wait_for_one_fetch),
        cmocka_unit_test(threads_use_good_keys_while_one_fetches),
        cmocka_unit_test(threads_share_a_failure),
        cmocka_unit_test(
            a_cancelled_call_does_not_wait_for_the_fetch_of_another),
        cmocka_unit_test(a_cancelled_fetch_is_taken_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
