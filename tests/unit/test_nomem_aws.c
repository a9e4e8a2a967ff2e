/* SPDX-License-Identifier: MIT */
/* Every allocation of settings, credentials and signing failing in turn. */

#include "support/test.h"

#include <string.h>

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/sigv4.h"
#include "support/aws_files.h"
#include "support/exchange.h"
#include "support/failalloc.h"

#define FILES                                                                  \
    "[default]\nregion = us-west-2\nca_bundle = /ca.pem\nservices = dev\n"     \
    "[services dev]\nivs =\n  endpoint_url = http://localhost:4566/base\n",    \
        "[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n"     \
        "aws_session_token = t\n"

static void
settings(void **state)
{
    struct aws_files files = {0};
    const ivs_aws_config_options opt = {
        .profile = {.env = {aws_files_getenv, &files}}};
    ivs_aws_config config = {0};
    ivs_error err = {0};

    (void)state;
    aws_files_make(&files, FILES);
    FAILALLOC_EACH(15, ivs_aws_config_load(&opt, &config, &err), &err);
    assert_string_equal(config.url, "http://localhost:4566/base");
    ivs_aws_config_free(&config);
    aws_files_remove(&files);
}

static void
settings_by_region(void **state)
{
    struct aws_files files = {0};
    const ivs_aws_config_options opt = {
        .region = "us-west-2", .profile = {.env = {aws_files_getenv, &files}}};
    ivs_aws_config config = {0};
    ivs_error err = {0};

    (void)state;
    aws_files_make(&files, NULL, NULL);
    FAILALLOC_EACH(6, ivs_aws_config_load(&opt, &config, &err), &err);
    assert_string_equal(config.host, "ivs.us-west-2.amazonaws.com");
    ivs_aws_config_free(&config);
    aws_files_remove(&files);
}

/* Texts that outgrow the first block of a buffer: a leak checker sees what
 * becomes of it. */
static void
long_settings(void **state)
{
    static const char url[] =
        "https://"
        "a-longer-host-name-of-some-length.in-a-domain-of-more-length.example"
        "/and/a/path/of/some/length/so/that/a/buffer/has/to/grow/for/it/twice";
    struct aws_files files = {0};
    const ivs_aws_config_options opt = {
        .region = "us-west-2",
        .endpoint_url = url,
        .profile = {.config_file = url,
                    .credentials_file = url,
                    .env = {aws_files_getenv, &files}}};
    ivs_aws_config config = {0};
    ivs_error err = {0};

    (void)state;
    aws_files_make(&files, NULL, NULL);
    FAILALLOC_EACH(7, ivs_aws_config_load(&opt, &config, &err), &err);
    assert_string_equal(config.url, url);
    ivs_aws_config_free(&config);
    aws_files_remove(&files);
}

static void
credentials(void **state)
{
    struct aws_files files = {0};
    const ivs_credentials_setup setup = {
        .where = {.env = {aws_files_getenv, &files}}};
    ivs_credentials *found = NULL;
    ivs_error err = {0};

    (void)state;
    aws_files_make(&files, FILES);
    FAILALLOC_EACH(15, ivs_credentials_find(&setup, &found, &err), &err);
    assert_non_null(found);
    ivs_credentials_free(found);
    aws_files_remove(&files);
}

/* Every source, from the search to the keys. */
static ivs_status
find_and_get(struct world *w, const ivs_credentials_setup *setup,
             const struct exchange *exchanges, ivs_error *err)
{
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_status s;

    w->exchanges = exchanges;
    w->sent = 0;
    s = ivs_credentials_find(setup, &found, err);
    if (s == IVS_OK)
        s = ivs_credentials_get(found, NULL, &keys, err);
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    return s;
}

#define DOCUMENT                                                               \
    "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s\","       \
    "\"Token\":\"t\",\"Expiration\":\"2015-08-30T13:36:00Z\"}"
#define STS_ANSWER(action)                                                     \
    "<" action "Response><" action "Result><Credentials><AccessKeyId>A"        \
    "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"        \
    "</SessionToken><Expiration>2015-08-30T13:36:00Z</Expiration>"             \
    "</Credentials></" action "Result></" action "Response>"
#define IMDS  "http://169.254.169.254/latest/"
#define ROLES IMDS "meta-data/iam/security-credentials/"

struct nomem_case {
    const char *name;
    const char *const *env;
    const char *config;
    struct exchange exchanges[4];
};

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HEAD     "[default]\nregion = us-west-2\n"

/* clang-format off */
static const struct nomem_case nomem_cases[] = {
    {"container", ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a",
                      "AWS_CONTAINER_AUTHORIZATION_TOKEN=t"), NULL,
     {{"GET", "http://169.254.170.2/a", NULL, 200, DOCUMENT}}},
    {"instance", NULL, NULL,
     {{"PUT", IMDS "api/token", NULL, 200, "t"}, {"GET", ROLES, NULL, 200, "r"},
      {"GET", ROLES "r", NULL, 200, DOCUMENT}}},
    {"process", NULL, HEAD "credential_process = echo '" DOCUMENT "'\n", {{0}}},
    {"role", NULL, HEAD "role_arn = r\nsource_profile = b\nexternal_id = e\n"
     "role_session_name = n\n[profile b]\naws_access_key_id = A\n"
     "aws_secret_access_key = s\naws_session_token = t\n",
     {{"POST", "https://sts.us-west-2.amazonaws.com/", NULL, 200,
       STS_ANSWER("AssumeRole")}}},
    {"web identity", ENV("AWS_WEB_IDENTITY_TOKEN_FILE=/proc/self/comm",
                         "AWS_ROLE_ARN=r"), HEAD,
     {{"POST", "https://sts.us-west-2.amazonaws.com/", NULL, 200,
       STS_ANSWER("AssumeRoleWithWebIdentity")}}},
};
/* clang-format on */

static void
sources(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nomem_cases / sizeof *nomem_cases; i++) {
        const struct nomem_case *c = &nomem_cases[i];
        static struct world w;
        ivs_credentials_setup setup =
            world_make(&w, c->env, c->config, NULL, c->exchanges);
        ivs_error err = {0};

        print_message("%s\n", c->name);
        FAILALLOC_EACH(15, find_and_get(&w, &setup, c->exchanges, &err), &err);
        world_end(&w);
    }
}

static void
signing(void **state)
{
    const ivs_sigv4_header headers[] = {{"Host", "h"}, {"X-A", "1"}};
    const ivs_sigv4_request request = {.method = "GET",
                                       .path = "/a/../b",
                                       .query = "b=1&a=2",
                                       .headers = headers,
                                       .nheaders = 2,
                                       .normalize = true};
    const ivs_sigv4_scope scope = {0, "us-west-2", "ivs"};
    const ivs_sigv4_credentials keys = {"AKID", "s"};
    ivs_buf out = IVS_BUF_INIT;
    ivs_error err = {0};

    (void)state;
    FAILALLOC_EACH(
        6,
        (ivs_buf_free(&out),
         ivs_sigv4_authorization(&request, &scope, &keys, &out, &err)),
        &err);
    assert_memory_equal(out.data, "AWS4-HMAC-SHA256 ", 17);
    ivs_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),      cmocka_unit_test(settings_by_region),
        cmocka_unit_test(long_settings), cmocka_unit_test(credentials),
        cmocka_unit_test(sources),       cmocka_unit_test(signing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
