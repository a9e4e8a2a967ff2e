/* SPDX-License-Identifier: MIT */
/* Roles that are taken on through AWS STS: with which keys, what is sent, what
 * is made of each answer. */

#include "support/test.h"

#include <string.h>

#include "support/source_case.h"

#define STS_URL "https://sts.us-west-2.amazonaws.com/"
#define REGION  "region = us-west-2\n"
#define ROLE                                                                   \
    "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\n" REGION
#define BASE                                                                   \
    "[profile b]\naws_access_key_id = BASE\naws_secret_access_key = " MARK "\n"
#define STS_KEYS(id)                                                           \
    "<Credentials><AccessKeyId>" id "</AccessKeyId>"                           \
    "<SecretAccessKey>s/" MARK "</SecretAccessKey>"                            \
    "<SessionToken>" MARK "=</SessionToken>"                                   \
    "<Expiration>" LATER "</Expiration></Credentials>"
#define STS_ANSWER(id)                                                         \
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">" \
    "<AssumeRoleResult>" STS_KEYS(                                             \
        id) "<AssumedRoleUser><Arn>a</Arn>"                                    \
            "</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
#define STS_ERROR(code, message)                                               \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code                     \
    "</Code><Message>" message "</Message></Error></ErrorResponse>"
#define BODY                                                                   \
    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"   \
    "role%2Fx&RoleSessionName=ivs-token-1440938160"

/* clang-format off */
static const struct source_case cases[] = {
    /* roles */
    {"role", NULL, ROLE BASE,
     {{"POST", STS_URL, BODY, 200, STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=",
     "role arn:aws:iam::1:role/x of profile default", LATER_S, {0}},
    {"role, signed with the keys of its source", NULL, ROLE BASE,
     {{"POST", STS_URL, "authorization: AWS4-HMAC-SHA256 Credential=BASE/"
       "20150830/us-west-2/sts/aws4_request, SignedHeaders=content-type;host;"
       "x-amz-date, ", 200, STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role with everything", NULL,
     ROLE "external_id = e&x\nrole_session_name = me\nduration_seconds = 900\n"
     BASE,
     {{"POST", STS_URL,
       "RoleSessionName=me&DurationSeconds=900&ExternalId=e%26x", 200,
       STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role, repeated after 503", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 503, "x"},
      {"POST", STS_URL, NULL, 200, STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role of the region in China", NULL,
     "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\n"
     "region = cn-north-1\n" BASE,
     {{"POST", "https://sts.cn-north-1.amazonaws.com.cn/", NULL, 200,
       STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role in a region that the legacy endpoint is not for",
     ENV("AWS_STS_REGIONAL_ENDPOINTS=legacy"),
     "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\n"
     "region = eu-south-1\n" BASE,
     {{"POST", "https://sts.eu-south-1.amazonaws.com/", "/eu-south-1/sts/", 200,
       STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role, endpoint of the environment",
     ENV("AWS_ENDPOINT_URL_STS=http://127.0.0.1:1/base/"), ROLE BASE,
     {{"POST", "http://127.0.0.1:1/base/", BODY, 200, STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role, endpoint of a services section", NULL,
     ROLE "services = s\n" BASE
     "[services s]\nsts =\n  endpoint_url = https://sts.example\n",
     {{"POST", "https://sts.example/", BODY, 200, STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role, plain http", ENV("AWS_ENDPOINT_URL=http://sts.example"), ROLE BASE,
     {{0}}, NULL, NULL, NULL, NULL, 0, {"AWS STS: ", "plain http"}},
    {"role, bad word for endpoints", ENV("AWS_STS_REGIONAL_ENDPOINTS=x"),
     ROLE BASE, {{0}}, NULL, NULL, NULL, NULL, 0,
     {"AWS_STS_REGIONAL_ENDPOINTS is \"x\"", "regional or legacy"}},
    {"role, refused", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 403, STS_ERROR("AccessDenied", "not &lt;you&gt;")}},
     NULL, NULL, NULL, NULL, 0,
     {"role arn:aws:iam::1:role/x of profile default: ",
      "HTTP 403, AccessDenied: not <you>"}},
    {"role, refused with what was sent", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 403, STS_ERROR("AccessDenied", "it is " MARK)}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 403, AccessDenied"}},
    {"role, refused with what was sent as the code", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 403, STS_ERROR(MARK, "no")}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 403: no"}},
    {"role, refused without XML", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 400, "no"}},
     NULL, NULL, NULL, NULL, 0, {"HTTP 400"}},
    {"role, answer without XML", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 200, "{}"}},
     NULL, NULL, NULL, NULL, 0, {"not well-formed XML"}},
    {"role, answer without a secret", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 200,
       "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A"
       "</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>"}},
     NULL, NULL, NULL, NULL, 0, {"no whole set of keys"}},
    {"role, silent", NULL, ROLE BASE,
     {{"POST", STS_URL, NULL, 0, NULL}, {"POST", STS_URL, NULL, 0, NULL},
      {"POST", STS_URL, NULL, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"credentials from role ", "AWS STS: nobody answers"}},
    {"role with mfa_serial", NULL, ROLE "mfa_serial = arn:mfa\n" BASE, {{0}},
     NULL, NULL, NULL, NULL, 0, {"mfa_serial", "prompt", "not supported"}},
    {"role too long", NULL, ROLE "duration_seconds = 43201\n" BASE, {{0}},
     NULL, NULL, NULL, NULL, 0, {"duration_seconds is \"43201\"", "43200"}},
    {"role of no duration", NULL, ROLE "duration_seconds = 15m\n" BASE, {{0}},
     NULL, NULL, NULL, NULL, 0, {"duration_seconds is \"15m\""}},
    {"role from the environment",
     ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"),
     "[default]\nrole_arn = arn:aws:iam::1:role/x\n" REGION
     "credential_source = EcsContainer\n",
     {{"GET", ECS "/a", NULL, 200, GOOD_DOCUMENT},
      {"POST", STS_URL, "x-amz-security-token: " MARK "=\n", 200,
       STS_ANSWER("ROLE")}},
     "ROLE", "s/" MARK, MARK "=", NULL, LATER_S, {0}},
    {"role from an instance that is none", NULL,
     "[default]\nrole_arn = arn:aws:iam::1:role/x\n" REGION
     "credential_source = Ec2InstanceMetadata\n",
     {{"PUT", IMDS "/latest/api/token", NULL, 0, NULL}},
     NULL, NULL, NULL, NULL, 0, {"role ", "instance metadata: nobody answers"}},
    {"role from an environment without keys", NULL,
     "[default]\nrole_arn = arn:aws:iam::1:role/x\n" REGION
     "credential_source = Environment\n", {{0}},
     NULL, NULL, NULL, NULL, 0,
     {"credential_source Environment, but AWS_ACCESS_KEY_ID is not set"}},
    {"role from nowhere", NULL,
     "[default]\nrole_arn = arn:aws:iam::1:role/x\n"
     "credential_source = environment\n", {{0}},
     NULL, NULL, NULL, NULL, 0,
     {"credential_source \"environment\"", "Ec2InstanceMetadata"}},
    {"a loop of three", NULL,
     "[default]\nrole_arn = r\nsource_profile = a\n" REGION
     "[profile a]\nrole_arn = r\nsource_profile = b\n"
     "[profile b]\nrole_arn = r\nsource_profile = default\n", {{0}},
     NULL, NULL, NULL, NULL, 0, {"loop: default -> a -> b -> default"}},
    {"a profile that names itself without keys", NULL,
     "[default]\nrole_arn = r\nsource_profile = default\n", {{0}},
     NULL, NULL, NULL, NULL, 0, {"loop: default -> default"}},
    {"source_profile alone", NULL, "[default]\nsource_profile = b\n" BASE, {{0}},
     NULL, NULL, NULL, NULL, 0, {"source_profile and no role_arn"}},
    {"role whose source has a broken answer", NULL,
     "[default]\nrole_arn = r1\nsource_profile = b\n" REGION
     "[profile b]\nrole_arn = r2\nsource_profile = c\n"
     "[profile c]\naws_access_key_id = C\naws_secret_access_key = " MARK "\n",
     {{"POST", STS_URL, "RoleArn=r2", 403, STS_ERROR("ExpiredToken", "old")}},
     NULL, NULL, NULL, NULL, 0,
     {"role r1 of profile default: credentials from role r2 of profile b: ", "ExpiredToken"}},

    /* web identity */
    {"web identity, file not there",
     ENV("AWS_WEB_IDENTITY_TOKEN_FILE=/nonexistent", "AWS_ROLE_ARN=r",
         "AWS_REGION=us-west-2"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"web identity", "/nonexistent"}},
    {"web identity, empty file",
     ENV("AWS_WEB_IDENTITY_TOKEN_FILE=/dev/null", "AWS_ROLE_ARN=r",
         "AWS_REGION=us-west-2"), NULL, {{0}},
     NULL, NULL, NULL, NULL, 0, {"web identity", "/dev/null is empty"}},
    {"web identity, no role", ENV("AWS_WEB_IDENTITY_TOKEN_FILE=/t"), NULL,
     {{0}}, NULL, NULL, NULL, NULL, 0, {"AWS_ROLE_ARN is not"}},
};
/* clang-format on */

static void
roles_are_taken_on_and_failures_named(void **state)
{
    (void)state;
    run_source_cases(cases, sizeof cases / sizeof *cases);
}

/* For IVS the region stays what it is; of STS it is us-east-1. */
static void
the_legacy_endpoint_is_that_of_one_region(void **state)
{
    static const struct exchange exchanges[] = {
        {"POST", "https://sts.amazonaws.com/",
         "Credential=BASE/20150830/us-east-1/sts/", 200, STS_ANSWER("ROLE")},
        {0}};
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    static struct world w;

    (void)state;
    setup = world_make(
        &w, NULL,
        "[default]\nrole_arn = r\nsource_profile = b\nregion = eu-west-1\n"
        "sts_regional_endpoints = legacy\n" BASE,
        NULL, exchanges);
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, NULL), IVS_OK);
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    world_end(&w);
}

static void
plain_http_to_sts_goes_where_it_is_allowed(void **state)
{
    static const struct exchange exchanges[] = {
        {"POST", "http://sts.example/", BODY, 200, STS_ANSWER("ROLE")}, {0}};
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    static struct world w;

    (void)state;
    setup = world_make(&w, ENV("AWS_ENDPOINT_URL_STS=http://sts.example"),
                       ROLE BASE, NULL, exchanges);
    setup.allow_http = true;
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, NULL), IVS_OK);
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    world_end(&w);
}

/* What a token file holds is read at each fetch. */
static void
a_web_identity_token_is_read_anew(void **state)
{
#define WEB_ANSWER                                                             \
    "<AssumeRoleWithWebIdentityResponse><"                                     \
    "AssumeRoleWithWebIdentityResult>" STS_KEYS(                               \
        "WEB") "</AssumeRoleWithWebIdentityResult>"                            \
               "</AssumeRoleWithWebIdentityResponse>"
    static const struct exchange exchanges[] = {
        {"POST", STS_URL,
         "content-type: application/x-www-form-urlencoded; charset=utf-8\n"
         "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&"
         "RoleSessionName=me&WebIdentityToken=one",
         200, WEB_ANSWER},
        {"POST", STS_URL, "&WebIdentityToken=two%2B", 200, WEB_ANSWER},
        {"POST", STS_URL, "&WebIdentityToken=" MARK, 400,
         STS_ERROR("InvalidIdentityToken", "it is " MARK)},
        {0}};
    char path[128], variable[192];
    const char *env[] = {variable, "AWS_ROLE_ARN=r", "AWS_ROLE_SESSION_NAME=me",
                         "AWS_REGION=us-west-2", NULL};
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    static struct world w;
    ivs_error err = {0};

    (void)state;
    setup = world_make(&w, env, NULL, NULL, exchanges);
    (void)snprintf(path, sizeof path, "%s/.aws/token", w.files.home);
    (void)snprintf(variable, sizeof variable, "AWS_WEB_IDENTITY_TOKEN_FILE=%s",
                   path);
    aws_files_write(&w.files, "token", "one\n");
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_string_equal(ivs_credentials_source(found),
                        "web identity of the environment for role r");
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, NULL), IVS_OK);
    assert_null(strstr(w.request, "authorization"));
    ivs_credentials_expire(found, &keys);
    ivs_credentials_keys_free(&keys);
    aws_files_write(&w.files, "token", "two+");
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, NULL), IVS_OK);
    ivs_credentials_expire(found, &keys);
    ivs_credentials_keys_free(&keys);
    aws_files_write(&w.files, "token", MARK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "HTTP 400, InvalidIdentityToken"));
    assert_null(strstr(err.message, MARK));
    ivs_credentials_free(found);
    assert_int_equal(unlink(path), 0);
    world_end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_taken_on_and_failures_named),
        cmocka_unit_test(the_legacy_endpoint_is_that_of_one_region),
        cmocka_unit_test(plain_http_to_sts_goes_where_it_is_allowed),
        cmocka_unit_test(a_web_identity_token_is_read_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
