/* SPDX-License-Identifier: MIT */
/* profile: where the shared files are looked for. */

#include "support/test.h"

#include <string.h>

#include "aws/credentials.h"
#include "aws/profile.h"
#include "support/aws_files.h"

static const char *const homeless[] = {
    "HOME=", "AWS_EC2_METADATA_DISABLED=true", NULL};

static void
without_a_home_there_are_no_files(void **state)
{
    struct aws_files files = {.env = homeless};
    const ivs_profile_options opt = {.env = {aws_files_getenv, &files}};
    ivs_profile p = {0};

    (void)state;
    assert_int_equal(ivs_profile_load(&opt, &p, NULL), IVS_OK);
    assert_string_equal(p.config_file, "~/.aws/config");
    assert_string_equal(p.credentials_file, "~/.aws/credentials");
    assert_int_equal(p.ini.nsections, 0);
    ivs_profile_free(&p);
}

static void
without_a_home_messages_say_so(void **state)
{
    struct aws_files files = {.env = homeless};
    ivs_profile_options opt = {.env = {aws_files_getenv, &files}};
    ivs_credentials_setup setup = {.where = opt};
    ivs_credentials *found = NULL;
    ivs_profile p = {0};
    ivs_error err = {0};

    (void)state;
    assert_int_equal(ivs_credentials_find(&setup, &found, &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message,
                           "~/.aws/credentials and ~/.aws/config (HOME is not "
                           "set), and this is no container or instance that "
                           "has"));
    opt.profile = "ops";
    assert_int_equal(ivs_profile_load(&opt, &p, &err), IVS_E_CREDENTIALS);
    assert_string_equal(err.message, "no profile \"ops\" in the shared files "
                                     "(HOME is not set); there are: none");
}

static void
files_that_are_named_need_no_home(void **state)
{
    static const char *const env[] = {"HOME=", NULL};
    struct aws_files files = {0};
    ivs_profile_options opt = {.env = {aws_files_getenv, &files}};
    char config[96], credentials[96];
    ivs_profile p = {0};

    (void)state;
    aws_files_make(&files, "[default]\nregion = r\n", "");
    (void)snprintf(config, sizeof config, "%s/.aws/config", files.home);
    (void)snprintf(credentials, sizeof credentials, "%s/.aws/credentials",
                   files.home);
    files.env = env;
    opt.config_file = config;
    opt.credentials_file = credentials;
    assert_int_equal(ivs_profile_load(&opt, &p, NULL), IVS_OK);
    assert_string_equal(ivs_profile_get(&p, "region")->value.data, "r");
    assert_string_equal(ivs_profile_unread(&p), "");
    ivs_profile_free(&p);
    aws_files_remove(&files);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_home_there_are_no_files),
        cmocka_unit_test(without_a_home_messages_say_so),
        cmocka_unit_test(files_that_are_named_need_no_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
