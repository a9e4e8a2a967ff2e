/* SPDX-License-Identifier: MIT */
/* service: key pairs of the service, got, listed and deleted, against a
 * script. */

#include "support/pairs.h"

#include <ivs/playback_key.h>

static struct fixture f;
static ivs_playback_key *pair;

static const struct reply missing = {
    .status = 404, .body = "{\"code\":\"ResourceNotFoundException\"}"};

static void
done(size_t sent)
{
    assert_int_equal(f.script.sent, sent);
    ivs_playback_key_free(pair);
    close_script(&f);
}

static void
get_needs_a_pair_of_the_right_form(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"keyPair\":{}}",
        "{\"keyPair\":{\"arn\":5}}",
        "{\"keyPair\":{\"arn\":"
        "\"arn:aws:ivs:us-west-2:123456789012:channel/a\"}}",
        "{\"keyPair\":{\"arn\":\"" ARN("one") "\",\"name\":5}}",
        "{\"keyPair\":{\"arn\":\"" ARN("one") "\",\"fingerprint\":[]}}",
        "{\"keyPair\":{\"arn\":\"" ARN("one") "\",\"tags\":[]}}",
        "{\"keyPair\":{\"arn\":\"" ARN("one") "\",\"tags\":{\"a\":1}}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct reply reply = {.status = 200, .body = bad[i]};

        open_script(&f, &reply, 1);
        pair = NULL;
        assert_int_equal(
            ivs_playback_key_get(f.client, ARN("one"), &pair, &f.err),
            IVS_E_SERVICE);
        assert_non_null(strstr(f.err.message,
                               "the answer to GetPlaybackKeyPair has no "
                               "keyPair"));
        assert_null(pair);
        done(1);
    }
    open_script(&f, &other, 1);
    assert_int_equal(ivs_playback_key_get(f.client, ARN("one"), &pair, NULL),
                     IVS_OK);
    assert_string_equal(ivs_playback_key_fingerprint(pair), "00:11");
    assert_string_equal(ivs_playback_key_name(pair), "");
    assert_int_equal(ivs_tags_count(ivs_playback_key_tags(pair)), 0);
    done(1);
    open_script(&f, &other, 1);
    pair = NULL;
    assert_int_equal(ivs_playback_key_get(f.client,
                                          "arn:aws:ivs:us-west-2:1:channel/a",
                                          &pair, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_playback_key_get(f.client, NULL, &pair, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_playback_key_get(NULL, ARN("one"), &pair, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_playback_key_get(f.client, ARN("one"), NULL, NULL),
                     IVS_E_ARG);
    done(0);
}

static void
delete_is_done_when_a_lost_one_was(void **state)
{
    const struct reply twice[] = {lost, missing};
    static const struct reply empty = {.status = 200};

    (void)state;
    pair = NULL;
    open_script(&f, &empty, 1);
    assert_int_equal(ivs_playback_key_delete(f.client, ARN("one"), &f.err),
                     IVS_OK);
    done(1);
    open_script(&f, twice, 2);
    assert_int_equal(ivs_playback_key_delete(f.client, ARN("one"), &f.err),
                     IVS_OK);
    done(2);
    open_script(&f, &missing, 1);
    assert_int_equal(ivs_playback_key_delete(f.client, ARN("one"), &f.err),
                     IVS_E_SERVICE);
    assert_int_equal(f.err.http_status, 404);
    done(1);
}

static void
list_takes_every_page(void **state)
{
    static const struct reply pages[] = {
        {.status = 200,
         .body =
             "{\"keyPairs\":[{\"arn\":\"" ARN("one") "\",\"name\":\"a\"}],"
                                                     "\"nextToken\":\"t\"}"},
        {.status = 200,
         .body = "{\"keyPairs\":[{\"arn\":\"" ARN("two") "\"}]}"},
    };
    ivs_playback_keys *keys = NULL;

    (void)state;
    pair = NULL;
    open_script(&f, pages, 2);
    assert_int_equal(ivs_playback_keys_list(f.client, false, &keys, NULL),
                     IVS_OK);
    assert_int_equal(ivs_playback_keys_count(keys), 2);
    assert_string_equal(ivs_playback_key_name(ivs_playback_keys_at(keys, 0)),
                        "a");
    assert_string_equal(ivs_playback_key_arn(ivs_playback_keys_at(keys, 1)),
                        ARN("two"));
    assert_null(ivs_playback_keys_at(keys, 2));
    assert_null(ivs_playback_keys_find(keys, ""));
    ivs_playback_keys_free(keys);
    done(2);
}

static void
list_with_fingerprints_gets_each(void **state)
{
    const struct reply replies[] = {listed, ours};
    const struct reply unseen[] = {listed, forbidden};
    const struct reply away[] = {listed, lost};
    ivs_playback_keys *keys = NULL;

    (void)state;
    pair = NULL;
    open_script(&f, replies, 2);
    assert_int_equal(ivs_playback_keys_list(f.client, true, &keys, NULL),
                     IVS_OK);
    assert_ptr_equal(ivs_playback_keys_find(keys, KEY_A_FINGERPRINT),
                     ivs_playback_keys_at(keys, 0));
    assert_null(ivs_playback_keys_find(keys, "00:11"));
    ivs_playback_keys_free(keys);
    close_script(&f);
    open_script(&f, unseen, 2);
    assert_int_equal(ivs_playback_keys_list(f.client, true, &keys, NULL),
                     IVS_OK);
    assert_string_equal(
        ivs_playback_key_fingerprint(ivs_playback_keys_at(keys, 0)), "");
    assert_non_null(
        strstr(ivs_playback_key_problem(ivs_playback_keys_at(keys, 0)),
               "403 AccessDenied"));
    ivs_playback_keys_free(keys);
    close_script(&f);
    keys = NULL;
    open_script(&f, away, 2);
    assert_int_equal(ivs_playback_keys_list(f.client, true, &keys, &f.err),
                     IVS_E_NETWORK);
    assert_null(keys);
    done(4); /* three attempts at the get */
}

static void
list_refuses_what_has_no_arns(void **state)
{
    static const char *const bad[] = {
        "{\"keyPairs\":[5]}",
        "{\"keyPairs\":[{\"arn\":\"" ARN("one") "\"},{}]}",
        "{\"keyPairs\":[null]}",
    };
    ivs_playback_keys *keys = NULL;

    (void)state;
    pair = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct reply reply = {.status = 200, .body = bad[i]};

        open_script(&f, &reply, 1);
        assert_int_equal(ivs_playback_keys_list(f.client, false, &keys, &f.err),
                         IVS_E_SERVICE);
        assert_non_null(strstr(f.err.message, "no keyPairs with ARNs"));
        assert_null(keys);
        done(1);
    }
    /* The get of one pair may not answer with another. */
    {
        const struct reply replies[] = {
            {.status = 200,
             .body = "{\"keyPairs\":[{\"arn\":\"" ARN("two") "\"}]}"},
            ours};

        open_script(&f, replies, 2);
        assert_int_equal(ivs_playback_keys_list(f.client, true, &keys, &f.err),
                         IVS_E_SERVICE);
        done(2);
    }
    assert_int_equal(ivs_playback_keys_list(NULL, false, &keys, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_playback_keys_list(f.client, false, NULL, NULL),
                     IVS_E_ARG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_needs_a_pair_of_the_right_form),
        cmocka_unit_test(delete_is_done_when_a_lost_one_was),
        cmocka_unit_test(list_takes_every_page),
        cmocka_unit_test(list_with_fingerprints_gets_each),
        cmocka_unit_test(list_refuses_what_has_no_arns),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
