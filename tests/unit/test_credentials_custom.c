/* SPDX-License-Identifier: MIT */
/* Sources of credentials that callers bring: what they may give. */

#include "support/test.h"

#include <string.h>

#include "aws/credentials.h"

static int64_t
now_s(void *user)
{
    (void)user;
    return 0;
}

static ivs_status
fetch_nothing(ivs_credentials_supply *supply, void *user, ivs_error *err)
{
    (void)supply, (void)user, (void)err;
    return IVS_OK;
}

static ivs_status
fetch_wordless(ivs_credentials_supply *supply, void *user, ivs_error *err)
{
    (void)supply, (void)user, (void)err;
    return IVS_E_STATE;
}

static ivs_status
fetch_twice(ivs_credentials_supply *supply, void *user, ivs_error *err)
{
    (void)user;
    assert_int_equal(
        ivs_credentials_supply_keys(supply, "ONE", "s", "t", 0, err), IVS_OK);
    assert_int_equal(
        ivs_credentials_supply_keys(supply, "TWO", "s", NULL, -1, NULL),
        IVS_E_ARG);
    assert_int_equal(
        ivs_credentials_supply_keys(supply, "TW O", "s", NULL, 0, NULL),
        IVS_E_ARG);
    assert_int_equal(
        ivs_credentials_supply_keys(supply, "TWO", NULL, NULL, 0, NULL),
        IVS_E_ARG);
    return ivs_credentials_supply_keys(supply, "TWO", "s", NULL, 0, err);
}

static ivs_status
fetch_expired(ivs_credentials_supply *supply, void *user, ivs_error *err)
{
    (void)user;
    return ivs_credentials_supply_keys(supply, "OLD", "s", NULL, 1, err);
}

static void
expect_custom(ivs_status (*how)(ivs_credentials_supply *, void *, ivs_error *),
              const char *id, const char *message)
{
    ivs_credentials *c = NULL;
    ivs_credentials_keys keys = {0};
    ivs_error err = {0};
    ivs_status s;

    assert_int_equal(
        ivs_credentials_custom("my vault", how, NULL, NULL, &c, NULL), IVS_OK);
    assert_string_equal(ivs_credentials_source(c), "my vault");
    s = ivs_credentials_get(c, NULL, &keys, &err);
    if (id != NULL) {
        assert_int_equal(s, IVS_OK);
        assert_string_equal(keys.access_key_id.data, id);
        assert_int_equal(keys.session_token.len, 0);
    } else {
        assert_int_equal(s, IVS_E_CREDENTIALS);
        assert_string_equal(err.message, message);
    }
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(c);
}

static void
a_source_of_the_caller_is_checked(void **state)
{
    const ivs_clock half = {.now_s = now_s};
    ivs_credentials *c = NULL;

    (void)state;
    expect_custom(fetch_twice, "TWO", NULL);
    expect_custom(fetch_nothing, NULL,
                  "credentials from my vault: it gave no keys");
    expect_custom(fetch_wordless, NULL,
                  "credentials from my vault: not possible in this state");
    expect_custom(fetch_expired, NULL,
                  "credentials from my vault: the keys it gave expired at "
                  "1970-01-01T00:00:01Z, expected keys still valid");
    assert_int_equal(
        ivs_credentials_custom(NULL, fetch_twice, NULL, NULL, &c, NULL),
        IVS_E_ARG);
    assert_int_equal(
        ivs_credentials_custom("", fetch_twice, NULL, NULL, &c, NULL),
        IVS_E_ARG);
    assert_int_equal(ivs_credentials_custom("v", NULL, NULL, NULL, &c, NULL),
                     IVS_E_ARG);
    assert_int_equal(
        ivs_credentials_custom("v", fetch_twice, NULL, NULL, NULL, NULL),
        IVS_E_ARG);
    assert_int_equal(
        ivs_credentials_custom("v", fetch_twice, NULL, &half, &c, NULL),
        IVS_E_ARG);
    assert_int_equal(ivs_credentials_supply_keys(NULL, "A", "s", NULL, 0, NULL),
                     IVS_E_ARG);
    assert_null(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_of_the_caller_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
