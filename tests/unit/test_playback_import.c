/* SPDX-License-Identifier: MIT */
/* service: the import of a key, against a script; imports that get lost. */

#include "support/pairs.h"

#include <ivs/playback_key.h>

static struct fixture f;
static ivs_key *key;
static ivs_playback_key *pair;

static const struct reply made = {
    .status = 200,
    .body = "{\"keyPair\":{\"arn\":\"" ARN("new") "\",\"name\":\"n\"," PRINT
                                                  ",\"tags\":{\"a\":\"b\"}}}"};
static const struct reply renamed = {
    .status = 200,
    .body =
        "{\"keyPair\":{\"arn\":\"" ARN("one") "\",\"name\":\"x\"," PRINT "}}"};
static const struct reply none = {.status = 200, .body = "{\"keyPairs\":[]}"};
static const struct reply unsent = {.fails = IVS_E_NETWORK, .unsent = true};
static const struct reply broken = {.status = 500};
static const struct reply foreign = {.status = 200,
                                     .headers = {{"content-type", "text/html"}},
                                     .body = "<html>"};
static const struct reply keyless = {.status = 200, .body = "{\"keyPair\":{}}"};
static const struct reply refused = {
    .status = 402, .body = "{\"code\":\"ServiceQuotaExceededException\"}"};
static const struct reply conflict = {
    .status = 409,
    .headers = {{"x-amzn-requestid", "req-9"}},
    .body = "{\"code\":\"ConflictException\",\"message\":\"exists\"}"};

static ivs_status
import(const struct reply *replies, size_t n)
{
    ivs_tag tag = {.key = "a", .value = "b"};
    ivs_import_options opt;
    ivs_status s;

    ivs_import_options_init(&opt, sizeof opt);
    opt.name = "n";
    opt.tags = &tag;
    opt.ntags = 1;
    open_script(&f, replies, n);
    pair = NULL;
    s = ivs_playback_key_import(f.client, key, &opt, &pair, &f.err);
    if (s != IVS_OK)
        assert_int_equal(f.err.code, s);
    assert_int_equal(s == IVS_OK, pair != NULL);
    return s;
}

static void
done(size_t sent)
{
    assert_int_equal(f.script.sent, sent);
    ivs_playback_key_free(pair);
    close_script(&f);
}

static void
import_sends_the_public_half_and_returns_the_pair(void **state)
{
    const struct reply replies[] = {made};
    const ivs_tags *tags;

    (void)state;
    assert_int_equal(import(replies, 1), IVS_OK);
    assert_non_null(strstr(f.script.url, "/ImportPlaybackKeyPair"));
    assert_non_null(
        strstr(f.script.body, "\"-----BEGIN PUBLIC KEY-----\\nMHYwEAYHKoZI"));
    assert_non_null(
        strstr(f.script.body, "\"name\":\"n\",\"tags\":{\"a\":\"b\"}}"));
    assert_string_equal(ivs_playback_key_arn(pair), ARN("new"));
    assert_string_equal(ivs_playback_key_name(pair), "n");
    assert_string_equal(ivs_playback_key_fingerprint(pair), KEY_A_FINGERPRINT);
    assert_string_equal(ivs_playback_key_problem(pair), "");
    assert_false(ivs_playback_key_recovered(pair));
    tags = ivs_playback_key_tags(pair);
    assert_int_equal(ivs_tags_count(tags), 1);
    assert_string_equal(ivs_tags_at(tags, 0).key, "a");
    assert_string_equal(ivs_tags_at(tags, 0).value, "b");
    assert_null(ivs_tags_at(tags, 1).key);
    done(1);
}

static void
another_fingerprint_is_no_success(void **state)
{
    (void)state;
    assert_int_equal(import(&other, 1), IVS_E_KEY);
    assert_non_null(
        strstr(f.err.message, "the service says the fingerprint is \"00:11\""));
    assert_non_null(strstr(f.err.message, "do not use " ARN("one")));
    done(1);
}

struct lost_case {
    const char *name;
    const struct reply *replies[6];
    size_t sent;
    ivs_status status;
    const char *message; /* NULL: success */
    bool recovered, unanswered;
};

static ivs_status
import_case(const struct lost_case *c)
{
    struct reply replies[6] = {{0}};

    for (size_t i = 0; i < 6 && c->replies[i] != NULL; i++)
        replies[i] = *c->replies[i];
    return import(replies, 6);
}

static void
check_lost(const struct lost_case *c)
{
    print_message("  %s\n", c->name);
    assert_int_equal(import_case(c), c->status);
    if (c->status == IVS_OK) {
        assert_int_equal(ivs_playback_key_recovered(pair), c->recovered);
        assert_string_equal(ivs_playback_key_fingerprint(pair),
                            KEY_A_FINGERPRINT);
    } else if (strstr(f.err.message, c->message) == NULL) {
        fail_msg("'%s' does not say '%s'", f.err.message, c->message);
    }
    if (c->status != IVS_OK)
        assert_int_equal(f.err.unanswered, c->unanswered);
    done(c->sent);
}

static void
lost_answer_is_looked_for(void **state)
{
    static const struct lost_case cases[] = {
        {"found", {&lost, &listed, &ours}, 3, IVS_OK, NULL, true, false},
        {"found after a 500",
         {&broken, &listed, &ours},
         3,
         IVS_OK,
         NULL,
         true,
         false},
        {"found after an answer that is not the service's",
         {&foreign, &listed, &ours},
         3,
         IVS_OK,
         NULL,
         true,
         false},
        {"found after an answer without its ARN",
         {&keyless, &listed, &ours},
         3,
         IVS_OK,
         NULL,
         true,
         false},
        {"not there, imported again",
         {&lost, &none, &made},
         3,
         IVS_OK,
         NULL,
         false,
         false},
        {"not there, then a conflict, then found",
         {&lost, &none, &conflict, &listed, &ours},
         5,
         IVS_OK,
         NULL,
         true,
         false},
        {"not there twice",
         {&lost, &none, &lost, &none},
         4,
         IVS_E_NETWORK,
         "scripted",
         false,
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_lost(&cases[i]);
}

static void
lost_answer_that_cannot_be_found_stays_one(void **state)
{
    static const struct lost_case cases[] = {
        {"the list is refused",
         {&lost, &forbidden},
         2,
         IVS_E_NETWORK,
         "scripted",
         false,
         true},
        {"a fingerprint is not shown",
         {&lost, &listed, &forbidden},
         3,
         IVS_E_NETWORK,
         "scripted",
         false,
         true},
        {"there under another name",
         {&lost, &listed, &renamed},
         3,
         IVS_E_SERVICE,
         ARN("one") " has this key already",
         false,
         false},
        {"all answers are another's",
         {&foreign, &foreign},
         2,
         IVS_E_SERVICE,
         "answered 200 with text/html, not JSON",
         false,
         true},
        {"refused at last",
         {&lost, &none, &refused, &none},
         4,
         IVS_E_SERVICE,
         "402 ServiceQuotaExceeded",
         false,
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_lost(&cases[i]);
}

static void
conflict_names_who_has_the_key(void **state)
{
    static const struct lost_case cases[] = {
        {"found",
         {&conflict, &listed, &ours},
         3,
         IVS_E_SERVICE,
         ARN("one") " has this key already (ConflictExc",
         false,
         false},
        {"not shown",
         {&conflict, &listed, &forbidden},
         3,
         IVS_E_SERVICE,
         "409 ConflictException: exists",
         false,
         false},
        {"not listed",
         {&conflict, &forbidden},
         2,
         IVS_E_SERVICE,
         "409 ConflictException: exists",
         false,
         false},
        {"none of the others",
         {&conflict, &listed, &other},
         3,
         IVS_E_SERVICE,
         "409 ConflictException: exists",
         false,
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_lost(&cases[i]);
    assert_int_equal(import_case(&cases[0]), IVS_E_SERVICE);
    assert_int_equal(f.err.http_status, 409);
    assert_string_equal(f.err.aws_code, "ConflictException");
    assert_string_equal(f.err.request_id, "req-9");
    done(3);
}

static void
refusal_is_not_looked_into(void **state)
{
    static const struct reply throttled = {.status = 429};
    const struct reply tries[] = {unsent, unsent, throttled, refused};

    (void)state;
    assert_int_equal(import(&refused, 1), IVS_E_SERVICE);
    assert_int_equal(f.err.unanswered, 0);
    done(1);
    /* What has not left may be sent again; nothing is lost. */
    assert_int_equal(import(tries, 4), IVS_E_THROTTLED);
    assert_int_equal(f.err.unanswered, 0);
    done(3);
}

static void
cancelled_import_is_left_alone(void **state)
{
    ivs_status s;

    (void)state;
    open_script(&f, &none, 1);
    f.script.cancel_in_send = f.client;
    pair = NULL;
    s = ivs_playback_key_import(f.client, key, NULL, &pair, &f.err);
    assert_int_equal(s, IVS_E_CANCELLED);
    assert_int_equal(f.err.unanswered, 1);
    done(1);
}

static void
search_can_be_cancelled(void **state)
{
    (void)state;
    open_script(&f, &lost, 1);
    f.script.cancel_in_sleep = f.client;
    pair = NULL;
    assert_int_equal(
        ivs_playback_key_import(f.client, key, NULL, &pair, &f.err),
        IVS_E_CANCELLED);
    assert_int_equal(f.err.unanswered, 1);
    done(2);
}

static void
import_refuses_bad_arguments(void **state)
{
    static const ivs_tag null_tag = {.key = "k"};
    ivs_import_options opt;

    (void)state;
    open_script(&f, &none, 1);
    pair = NULL;
    ivs_import_options_init(&opt, sizeof opt);
    assert_int_equal(ivs_playback_key_import(NULL, key, NULL, &pair, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_playback_key_import(f.client, NULL, NULL, &pair, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_playback_key_import(f.client, key, NULL, NULL, NULL),
                     IVS_E_ARG);
    opt.ntags = 1;
    assert_int_equal(ivs_playback_key_import(f.client, key, &opt, &pair, NULL),
                     IVS_E_ARG);
    opt.tags = &null_tag;
    assert_int_equal(
        ivs_playback_key_import(f.client, key, &opt, &pair, &f.err), IVS_E_ARG);
    assert_non_null(strstr(f.err.message, "tags[0]"));
    opt.ntags = 0;
    opt.name = "no spaces";
    assert_int_equal(
        ivs_playback_key_import(f.client, key, &opt, &pair, &f.err), IVS_E_ARG);
    assert_string_equal(f.err.member, "name");
    opt.name = "\xff";
    assert_int_equal(ivs_playback_key_import(f.client, key, &opt, &pair, NULL),
                     IVS_E_FORMAT);
    opt.size = 3;
    assert_int_equal(ivs_playback_key_import(f.client, key, &opt, &pair, NULL),
                     IVS_E_ARG);
    assert_null(pair);
    done(0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(import_sends_the_public_half_and_returns_the_pair),
        cmocka_unit_test(another_fingerprint_is_no_success),
        cmocka_unit_test(lost_answer_is_looked_for),
        cmocka_unit_test(lost_answer_that_cannot_be_found_stays_one),
        cmocka_unit_test(conflict_names_who_has_the_key),
        cmocka_unit_test(refusal_is_not_looked_into),
        cmocka_unit_test(cancelled_import_is_left_alone),
        cmocka_unit_test(search_can_be_cancelled),
        cmocka_unit_test(import_refuses_bad_arguments),
    };
    int failed;

    script_pin_environment();
    if (ivs_key_parse(KEY_A_PKCS8, strlen(KEY_A_PKCS8), NULL, &key, NULL) !=
        IVS_OK)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    ivs_key_free(key);
    return failed;
}
