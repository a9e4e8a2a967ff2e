/* SPDX-License-Identifier: MIT */
/* Every allocation of settings, credentials and signing failing in turn. */

#include "support/test.h"

#include <string.h>

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/sigv4.h"
#include "support/aws_files.h"
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
        cmocka_unit_test(signing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
