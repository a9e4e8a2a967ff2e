/* SPDX-License-Identifier: MIT */
/* Playback keys that ivs-emulator keeps from one request to the next. */

#include "support/test.h"

#include <jansson.h>
#include <pthread.h>

#include "support/keys.h"

#include "edge_keys.h"

/* More than are kept. */
#define MANY 200

struct document {
    char text[1024];
};

/* A key pair as it is stored, one of many that have the same key. */
static const char *
document(struct document *d, int number)
{
    json_t *pair = json_pack("{s:i, s:s}", "number", number,
                             "publicKeyMaterial", KEY_A_SPKI);
    size_t len;

    assert_non_null(pair);
    len = json_dumpb(pair, d->text, sizeof d->text - 1, 0);
    assert_in_range(len, 1, sizeof d->text - 1);
    d->text[len] = '\0';
    json_decref(pair);
    return d->text;
}

static void
key_is_read_once(void **state)
{
    emu_keys *keys = emu_keys_new();
    struct document a, b;
    ivs_key *key = emu_keys_take(keys, document(&a, 1));

    (void)state;
    assert_non_null(key);
    assert_ptr_equal(emu_keys_take(keys, document(&a, 1)), key);
    emu_keys_give_back(keys, key);
    emu_keys_give_back(keys, key);
    assert_ptr_equal(emu_keys_take(keys, document(&a, 1)), key);
    assert_ptr_not_equal(emu_keys_take(keys, document(&b, 2)), key);
    emu_keys_free(keys);
}

static void
key_in_use_stays_while_others_make_room(void **state)
{
    emu_keys *keys = emu_keys_new();
    struct document d;
    ivs_key *used = emu_keys_take(keys, document(&d, 0));

    (void)state;
    for (int i = 1; i < MANY; i++) {
        ivs_key *key = emu_keys_take(keys, document(&d, i));

        assert_non_null(key);
        emu_keys_give_back(keys, key);
    }
    assert_ptr_equal(emu_keys_take(keys, document(&d, 0)), used);
    emu_keys_free(keys);
}

static void
more_keys_in_use_than_are_kept_are_all_good(void **state)
{
    emu_keys *keys = emu_keys_new();
    ivs_key *taken[MANY];
    struct document d;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        taken[i] = emu_keys_take(keys, document(&d, i));
        assert_non_null(taken[i]);
        assert_non_null(ivs_key_engine(taken[i]));
    }
    for (int i = 0; i < MANY; i++)
        emu_keys_give_back(keys, taken[i]);
    emu_keys_free(keys);
}

static void
what_is_no_key_is_none(void **state)
{
    emu_keys *keys = emu_keys_new();

    (void)state;
    assert_null(emu_keys_take(keys, "not JSON"));
    assert_null(emu_keys_take(keys, "{}"));
    assert_null(emu_keys_take(keys, "{\"publicKeyMaterial\":\"x\"}"));
    assert_null(emu_keys_take(NULL, "{\"publicKeyMaterial\":1}"));
    emu_keys_free(keys);
}

static void
without_a_place_to_keep_it_a_key_is_read_anew(void **state)
{
    struct document d;
    ivs_key *key = emu_keys_take(NULL, document(&d, 1));

    (void)state;
    assert_non_null(key);
    emu_keys_give_back(NULL, key);
}

static void *
take_many(void *keys)
{
    for (int i = 0; i < MANY; i++) {
        struct document d;
        ivs_key *key = emu_keys_take(keys, document(&d, i % 70));

        if (key == NULL)
            return NULL;
        emu_keys_give_back(keys, key);
    }
    return keys;
}

static void
threads_share_keys(void **state)
{
    emu_keys *keys = emu_keys_new();
    pthread_t threads[4];
    void *result;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, keys), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, keys);
    }
    emu_keys_free(keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_is_read_once),
        cmocka_unit_test(key_in_use_stays_while_others_make_room),
        cmocka_unit_test(more_keys_in_use_than_are_kept_are_all_good),
        cmocka_unit_test(what_is_no_key_is_none),
        cmocka_unit_test(without_a_place_to_keep_it_a_key_is_read_anew),
        cmocka_unit_test(threads_share_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
