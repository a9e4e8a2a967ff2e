/* SPDX-License-Identifier: MIT */
/* Credentials of containers, of instances and of the environment: what is sent,
 * what is made of each answer, and that a failure names its source and shows no
 * secret. */

#include "support/test.h"

#include <string.h>

#include "support/source_case.h"

#define PUT_TOKEN                                                              \
    {                                                                          \
        "PUT", IMDS "/latest/api/token",                                       \
            "x-aws-ec2-metadata-token-ttl-seconds: 21600", 200, "IMDS-" MARK   \
    }
#define ROLES      IMDS "/latest/meta-data/iam/security-credentials/"
#define WITH_TOKEN "x-aws-ec2-metadata-token: IMDS-" MARK

/* clang-format off */
static const struct source_case cases[] = {
    /* container */
    {"container, relative",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/get?id=1"), NULL,
     {{"GET", ECS "/get?id=1", "Accept: application/json", 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "container", LATER_S, {0}},
    {"container, relative before full",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/no",
         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/yes"), NULL,
     {{"GET", ECS "/yes", NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "container", LATER_S, {0}},
    {"container, full with a token",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.9.9.9:81/a",
         "AWS_CONTAINER_AUTHORIZATION_TOKEN=Basic " MARK), NULL,
     {{"GET", "http://127.9.9.9:81/a", "Authorization: Basic " MARK, 200,
       GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "container", LATER_S, {0}},
    {"container, https anywhere",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=https://vault.example/a"), NULL,
     {{"GET", "https://vault.example/a", NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "container", LATER_S, {0}},
    {"container, EKS by IPv6",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://[fd00:ec2::23]/v1"), NULL,
     {{"GET", "http://[fd00:ec2::23]/v1", NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "container", LATER_S, {0}},
    {"container, repeated after 500 and silence",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 500, "no"}, {"GET", ECS "/a", NULL, 0, NULL},
      {"GET", ECS "/a", NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "container", LATER_S, {0}},
    {"container, silent",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 0, NULL}, {"GET", ECS "/a", NULL, 0, NULL},
      {"GET", ECS "/a", NULL, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"container: nobody answers"}},
    {"container, refused",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 400, MARK}},
     NULL, NULL, NULL, NULL, 0, {"container: ", "HTTP 400", "200"}},
    {"container, http elsewhere",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://10.0.0.1/a"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"plain http to 10.0.0.1", "FULL_URI"}},
    {"container, http to a name that begins like a good one",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.2.example/a"),
     NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"plain http to 169.254.170.2.example"}},
    {"container, user information",
     ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost@evil/a"), NULL,
     {{0}}, NULL, NULL, NULL, NULL, 0, {"a user name or password"}},
    {"container, relative that changes the host",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=.example/a"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"RELATIVE_URI does not begin with a slash"}},
    {"container, fragment",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a?b#c"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"RELATIVE_URI", "a character no query has"}},
    {"container, token with a line end",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a",
         "AWS_CONTAINER_AUTHORIZATION_TOKEN=" MARK "\n"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"AUTHORIZATION_TOKEN holds a line end"}},
    {"container, token with a control byte",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a",
         "AWS_CONTAINER_AUTHORIZATION_TOKEN=" MARK "\x01"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"AUTHORIZATION_TOKEN holds a byte"}},
    {"container, token file that is not there",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a",
         "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/nonexistent/token",
         "AWS_CONTAINER_AUTHORIZATION_TOKEN=" MARK), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"cannot open /nonexistent/token"}},
    {"container, no JSON",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 200, "<" MARK ">"}},
     NULL, NULL, NULL, NULL, 0, {"container: the answer is not well-formed"}},
    {"container, no secret",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 200, "{\"AccessKeyId\":\"" MARK "\"}"}},
     NULL, NULL, NULL, NULL, 0, {"no SecretAccessKey"}},
    {"container, id that is a number",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 200, "{\"AccessKeyId\":1}"}},
     NULL, NULL, NULL, NULL, 0, {"a malformed AccessKeyId"}},
    {"container, no expiration",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 200, DOCUMENT("")}},
     NULL, NULL, NULL, NULL, 0, {"no Expiration"}},
    {"container, expired",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 200,
       DOCUMENT(",\"Expiration\":\"2015-08-30T12:36:00Z\"")}},
     NULL, NULL, NULL, NULL, 0, {"expired at 2015-08-30T12:36:00Z"}},
    {"container, secret with a line end",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"), NULL,
     {{"GET", ECS "/a", NULL, 200,
       "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"" MARK "\\n\","
       "\"Token\":\"t\",\"Expiration\":\"" LATER "\"}"}},
     NULL, NULL, NULL, NULL, 0, {"SecretAccessKey holds a space"}},

    /* instance metadata */
    {"instance", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, WITH_TOKEN, 200, "my-role"},
      {"GET", ROLES "my-role", WITH_TOKEN, 200,
       DOCUMENT(",\"Code\":\"Success\",\"Expiration\":\"" LATER "\"")}},
     "AKID", "s/" MARK, MARK "=", "instance metadata", LATER_S, {0}},
    {"instance, other endpoint", ENV(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://10.1.2.3:8080/"), NULL,
     {{"PUT", "http://10.1.2.3:8080/latest/api/token", NULL, 200, "t"},
      {"GET", "http://10.1.2.3:8080/latest/meta-data/iam/security-credentials/",
       NULL, 200, "r"},
      {"GET",
       "http://10.1.2.3:8080/latest/meta-data/iam/security-credentials/r",
       NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "instance metadata", LATER_S, {0}},
    {"instance, IPv6 of the profile", NULL,
     "[default]\nec2_metadata_service_endpoint_mode = IPv6\n",
     {{"PUT", "http://[fd00:ec2::254]/latest/api/token", NULL, 200, "t"},
      {"GET",
       "http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/",
       NULL, 200, "r\n"},
      {"GET",
       "http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/r",
       NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "instance metadata", LATER_S, {0}},
    {"instance, version 1 where there is no 2", NULL, NULL,
     {{"PUT", IMDS "/latest/api/token", NULL, 404, "no"},
      {"GET", ROLES, NULL, 200, "r"},
      {"GET", ROLES "r", NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "instance metadata", LATER_S, {0}},
    {"instance, version 1 disabled", ENV("AWS_EC2_METADATA_V1_DISABLED=true"),
     NULL, {{"PUT", IMDS "/latest/api/token", NULL, 403, "no"}},
     NULL, NULL, NULL, NULL, 0, {"instance metadata: ", "HTTP 403",
                                 "disabled"}},
    {"instance, version 1 disabled in the profile", NULL,
     "[default]\nec2_metadata_v1_disabled = true\n",
     {{"PUT", IMDS "/latest/api/token", NULL, 405, "no"}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 405", "disabled"}},
    {"instance, attempts", ENV("AWS_METADATA_SERVICE_NUM_ATTEMPTS=2"), NULL,
     {{"PUT", IMDS "/latest/api/token", NULL, 0, NULL},
      {"PUT", IMDS "/latest/api/token", NULL, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"no credentials: ", "no container"}},
    {"instance, not there", NULL, NULL,
     {{"PUT", IMDS "/latest/api/token", NULL, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"no credentials: "}},
    {"instance, without a role", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, WITH_TOKEN, 404, "no"}},
     NULL, NULL, NULL, NULL, 0, {"no credentials: "}},
    {"instance, with an empty role", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, WITH_TOKEN, 200, ""}},
     NULL, NULL, NULL, NULL, 0, {"no credentials: "}},
    {"instance, silent after the token", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, WITH_TOKEN, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"instance metadata: nobody answers"}},
    {"instance, silent after the role", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, WITH_TOKEN, 200, "r"},
      {"GET", ROLES "r", WITH_TOKEN, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"instance metadata: nobody answers"}},
    {"instance, 400 to the token", NULL, NULL,
     {{"PUT", IMDS "/latest/api/token", NULL, 400, "no"}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 400", "token"}},
    {"instance, malformed token", NULL, NULL,
     {{"PUT", IMDS "/latest/api/token", NULL, 200, "a\r\nb: c"}},
     NULL, NULL, NULL, NULL, 0, {"a malformed token"}},
    {"instance, malformed role", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, NULL, 200, "a b"}},
     NULL, NULL, NULL, NULL, 0, {"a malformed role name"}},
    {"instance, role refused", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, NULL, 401, ""}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 401", "role"}},
    {"instance, keys refused", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, NULL, 200, "r"},
      {"GET", ROLES "r", NULL, 404, ""}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 404", "keys"}},
    {"instance, role name is encoded", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, NULL, 200, "../a?b"},
      {"GET", ROLES "..%2Fa%3Fb", NULL, 200, GOOD_DOCUMENT}},
     "AKID", "s/" MARK, MARK "=", "instance metadata", LATER_S, {0}},
    {"instance, failure in a 200", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, NULL, 200, "r"},
      {"GET", ROLES "r", NULL, 200,
       "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"m\"}"}},
     NULL, NULL, NULL, NULL, 0, {"AssumeRoleUnauthorizedAccess"}},
    {"instance, no JSON", NULL, NULL,
     {PUT_TOKEN, {"GET", ROLES, NULL, 200, "r"},
      {"GET", ROLES "r", NULL, 200, "[]"}},
     NULL, NULL, NULL, NULL, 0, {"not a JSON object"}},
    {"instance, bad mode", ENV("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv5"),
     NULL, {{0}}, NULL, NULL, NULL, NULL, 0, {"\"IPv5\"", "IPv4 or IPv6"}},
    {"instance, a switch that is none", ENV("AWS_EC2_METADATA_DISABLED=yes"),
     NULL, {{0}}, NULL, NULL, NULL, NULL, 0,
     {"AWS_EC2_METADATA_DISABLED is \"yes\"", "true or false"}},
    {"instance, a switch of the profile that is none", NULL,
     "[default]\nec2_metadata_v1_disabled = 1\n", {{0}}, NULL, NULL, NULL,
     NULL, 0, {"ec2_metadata_v1_disabled is \"1\""}},
    {"instance, bad timeout", ENV("AWS_METADATA_SERVICE_TIMEOUT=0"), NULL,
     {{0}}, NULL, NULL, NULL, NULL, 0, {"AWS_METADATA_SERVICE_TIMEOUT", "\"0\""}},
    {"instance, bad attempts", NULL,
     "[default]\nmetadata_service_num_attempts = x\n", {{0}},
     NULL, NULL, NULL, NULL, 0, {"metadata_service_num_attempts", "\"x\""}},
    {"instance, bad endpoint", ENV("AWS_EC2_METADATA_SERVICE_ENDPOINT=x"), NULL,
     {{0}}, NULL, NULL, NULL, NULL, 0, {"AWS_EC2_METADATA_SERVICE_ENDPOINT"}},
    {"instance, disabled", ENV(NO_IMDS), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"no credentials: "}},

    /* environment */
    {"environment, bad expiration",
     ENV("AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=" MARK,
         "AWS_CREDENTIAL_EXPIRATION=soon"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"AWS_CREDENTIAL_EXPIRATION is \"soon\""}},
    {"environment, expired",
     ENV("AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=" MARK,
         "AWS_CREDENTIAL_EXPIRATION=2015-08-30T12:35:59Z"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"environment: the keys it gave expired"}},
    {"environment, with an expiration",
     ENV("AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=" MARK,
         "AWS_CREDENTIAL_EXPIRATION=" LATER), NULL, {{0}},
     "A", MARK, "", "environment", LATER_S, {0}},
};
/* clang-format on */

static void
sources_are_asked_and_their_answers_judged(void **state)
{
    (void)state;
    run_source_cases(cases, sizeof cases / sizeof *cases);
}

static void
a_container_token_is_read_anew(void **state)
{
    static const struct exchange exchanges[] = {
        {"GET", ECS "/a", "Authorization: one", 200, GOOD_DOCUMENT},
        {"GET", ECS "/a", "Authorization: two", 200, GOOD_DOCUMENT},
        {0}};
    char path[128], variable[192];
    const char *env[] = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a", variable,
                         "AWS_CONTAINER_AUTHORIZATION_TOKEN=never", NULL};
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    static struct world w;

    (void)state;
    setup = world_make(&w, env, NULL, NULL, exchanges);
    (void)snprintf(path, sizeof path, "%s/.aws/token", w.files.home);
    (void)snprintf(variable, sizeof variable,
                   "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s", path);
    aws_files_write(&w.files, "token", "one");
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, NULL), IVS_OK);
    ivs_credentials_expire(found, &keys);
    ivs_credentials_keys_free(&keys);
    aws_files_write(&w.files, "token", "two");
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, NULL), IVS_OK);
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    assert_int_equal(unlink(path), 0);
    world_end(&w);
}

/* Amazon EC2 hands out old keys when it cannot make new ones. */
static void
keys_of_an_instance_that_expire_are_used_on(void **state)
{
    static const struct exchange exchanges[] = {
        PUT_TOKEN,
        {"GET", ROLES, NULL, 200, "r"},
        {"GET", ROLES "r", NULL, 200,
         DOCUMENT(",\"Expiration\":\"2015-08-30T12:00:00Z\"")},
        {0}};
    ivs_credentials *found = NULL;
    ivs_credentials_setup setup;
    static struct world w;

    (void)state;
    setup = world_make(&w, NULL, NULL, NULL, exchanges);
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_in_range(ivs_credentials_expiry(found), NOW + 1020, NOW + 1500);
    ivs_credentials_free(found);
    world_end(&w);
}

static void
an_answer_without_end_is_refused(void **state)
{
    static char body[70 * 1024];
    static const struct exchange exchanges[] = {
        {"GET", ECS "/a", NULL, 200, body}, {0}};
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    static struct world w;
    ivs_error err = {0};

    (void)state;
    memset(body, 'x', sizeof body - 1);
    setup = world_make(&w, ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"),
                       NULL, NULL, exchanges);
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "container: "));
    assert_non_null(strstr(err.message, "more than 64 KiB"));
    ivs_credentials_free(found);
    world_end(&w);
}

/* A call that is cancelled once so much was sent or slept. */
struct until {
    const struct world *w;
    size_t sent;
    int64_t slept_ms;
};

static bool
sent_enough(void *user)
{
    const struct until *u = user;

    return u->w->sent >= u->sent || u->w->slept_ms >= u->slept_ms;
}

static void
a_cancelled_call_ends_requests_and_pauses(void **state)
{
    static const struct exchange exchanges[] = {
        {"GET", ECS "/a", NULL, 500, "no"},
        {"GET", ECS "/a", NULL, 500, "no"},
        {0}};
    static struct world w;
    struct until u = {.w = &w, .sent = 2, .slept_ms = 1000};
    const ivs_cancel cancel = {.cancelled = sent_enough, .user = &u};
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    ivs_error err = {0};

    (void)state;
    setup = world_make(&w, ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"),
                       NULL, NULL, exchanges);
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, &cancel, &keys, &err),
                     IVS_E_CANCELLED);
    assert_int_equal(w.sent, 2);
    assert_int_equal(w.slept_ms, 200);
    /* In the pause behind the first. */
    w.sent = 0;
    w.slept_ms = 0;
    u.slept_ms = 100;
    assert_int_equal(ivs_credentials_get(found, &cancel, &keys, &err),
                     IVS_E_CANCELLED);
    assert_int_equal(w.sent, 1);
    assert_int_equal(w.slept_ms, 100);
    ivs_credentials_free(found);
    w.sent = 2;
    world_end(&w);
}

/* Pauses that double would be years long. */
static void
pauses_between_many_attempts_are_bounded(void **state)
{
    static struct exchange exchanges[100];
    ivs_credentials *found = NULL;
    ivs_credentials_setup setup;
    static struct world w;

    (void)state;
    for (size_t i = 0; i < 99; i++)
        exchanges[i] =
            (struct exchange){"PUT", IMDS "/latest/api/token", NULL, 0, NULL};
    setup = world_make(&w, ENV("AWS_METADATA_SERVICE_NUM_ATTEMPTS=99"), NULL,
                       NULL, exchanges);
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL),
                     IVS_E_CREDENTIALS);
    assert_int_equal(w.sent, 99);
    assert_int_equal(w.slept_ms, 200 + 400 + 800 + 1600 + 3200 + 93 * 5000);
    world_end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_are_asked_and_their_answers_judged),
        cmocka_unit_test(a_container_token_is_read_anew),
        cmocka_unit_test(a_cancelled_call_ends_requests_and_pauses),
        cmocka_unit_test(pauses_between_many_attempts_are_bounded),
        cmocka_unit_test(keys_of_an_instance_that_expire_are_used_on),
        cmocka_unit_test(an_answer_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
