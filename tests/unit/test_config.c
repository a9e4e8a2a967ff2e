/* SPDX-License-Identifier: MIT */
/* Region, endpoint and the other settings: who wins, and what is refused. */

#include "support/test.h"

#include <string.h>

#include "aws/config.h"
#include "support/aws_files.h"

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

struct setting_case {
    const char *name;
    const char *const *env;
    const char *config;
    ivs_aws_config_options opt;
    const char *region, *url, *ca_bundle;
    int max_attempts;
};

#define SERVICES                                                               \
    "[default]\nregion = r\nservices = dev\nendpoint_url = http://localhost:4" \
    "\n[services dev]\nivs =\n  endpoint_url = http://localhost:3\n"
#define GLOBAL "[default]\nregion = r\nendpoint_url = http://localhost:4\n"
#define REGION "https://ivs.r.amazonaws.com"

static const struct setting_case setting_cases[] = {
    {"region of the option",
     ENV("AWS_REGION=e"),
     "[default]\nregion = p\n",
     {.region = "o"},
     "o",
     "https://ivs.o.amazonaws.com",
     NULL,
     0},
    {"AWS_REGION before AWS_DEFAULT_REGION",
     ENV("AWS_DEFAULT_REGION=d", "AWS_REGION=e"),
     "[default]\nregion = p\n",
     {0},
     "e",
     "https://ivs.e.amazonaws.com",
     NULL,
     0},
    {"AWS_DEFAULT_REGION before the profile",
     ENV("AWS_REGION=", "AWS_DEFAULT_REGION=d"),
     "[default]\nregion = p\n",
     {0},
     "d",
     "https://ivs.d.amazonaws.com",
     NULL,
     0},
    {"region of the default profile",
     NULL,
     "[default]\nregion = p\n",
     {0},
     "p",
     "https://ivs.p.amazonaws.com",
     NULL,
     0},
    {"region of AWS_PROFILE",
     ENV("AWS_PROFILE=ops"),
     "[default]\nregion = p\n[profile ops]\nregion = q\n",
     {0},
     "q",
     "https://ivs.q.amazonaws.com",
     NULL,
     0},
    {"profile of the option before AWS_PROFILE",
     ENV("AWS_PROFILE=ops"),
     "[profile dev]\nregion = p\n[profile ops]\nregion = q\n",
     {.profile = {.profile = "dev"}},
     "p",
     "https://ivs.p.amazonaws.com",
     NULL,
     0},
    {"endpoint of the option",
     ENV("AWS_ENDPOINT_URL_IVS=http://localhost:1",
         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
     SERVICES,
     {.endpoint_url = "http://localhost:9"},
     "r",
     "http://localhost:9",
     NULL,
     0},
    {"endpoint of the service's variable",
     ENV("AWS_ENDPOINT_URL=http://localhost:2",
         "AWS_ENDPOINT_URL_IVS=http://localhost:1"),
     SERVICES,
     {0},
     "r",
     "http://localhost:1",
     NULL,
     0},
    {"endpoint of the global variable",
     ENV("AWS_ENDPOINT_URL=http://localhost:2"),
     SERVICES,
     {0},
     "r",
     "http://localhost:2",
     NULL,
     0},
    {"endpoint of the services section",
     NULL,
     SERVICES,
     {0},
     "r",
     "http://localhost:3",
     NULL,
     0},
    {"endpoint of the profile",
     NULL,
     GLOBAL,
     {0},
     "r",
     "http://localhost:4",
     NULL,
     0},
    {"services section for another service",
     NULL,
     GLOBAL "services = s\n[services s]\ns3 =\n  endpoint_url = http://l\n",
     {0},
     "r",
     "http://localhost:4",
     NULL,
     0},
    {"configured endpoints ignored by variable",
     ENV("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=TRUE",
         "AWS_ENDPOINT_URL=http://localhost:2"),
     SERVICES,
     {0},
     "r",
     REGION,
     NULL,
     0},
    {"configured endpoints ignored by profile",
     NULL,
     GLOBAL "ignore_configured_endpoint_urls = true\n",
     {0},
     "r",
     REGION,
     NULL,
     0},
    {"variable overrules the profile's ignoring",
     ENV("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false"),
     GLOBAL "ignore_configured_endpoint_urls = true\n",
     {0},
     "r",
     "http://localhost:4",
     NULL,
     0},
    {"bundle and attempts of the options",
     ENV("AWS_CA_BUNDLE=/e", "AWS_MAX_ATTEMPTS=5", "AWS_REGION=r"),
     NULL,
     {.ca_bundle = "/o", .max_attempts = 2},
     "r",
     REGION,
     "/o",
     2},
    {"bundle and attempts of the environment",
     ENV("AWS_CA_BUNDLE=/e", "AWS_MAX_ATTEMPTS=5"),
     "[default]\nregion=r\nca_bundle = /p\nmax_attempts = 7\n",
     {0},
     "r",
     REGION,
     "/e",
     5},
    {"bundle and attempts of the profile",
     NULL,
     "[default]\nregion=r\nca_bundle = /p\nmax_attempts = 7\n",
     {0},
     "r",
     REGION,
     "/p",
     7},
    {"as many attempts as we take",
     ENV("AWS_MAX_ATTEMPTS=10", "AWS_REGION=r"),
     NULL,
     {0},
     "r",
     REGION,
     NULL,
     IVS_MAX_ATTEMPTS},
    {"FIPS endpoint",
     ENV("AWS_USE_FIPS_ENDPOINT=true"),
     "[default]\nregion = us-east-1\n",
     {0},
     "us-east-1",
     "https://ivs-fips.us-east-1.amazonaws.com",
     NULL,
     0},
    {"dual-stack endpoint",
     NULL,
     "[default]\nregion = cn-north-1\nuse_dualstack_endpoint = true\n",
     {0},
     "cn-north-1",
     "https://ivs.cn-north-1.api.amazonwebservices.com.cn",
     NULL,
     0},
    {"FIPS and dual-stack",
     ENV("AWS_USE_FIPS_ENDPOINT=true", "AWS_USE_DUALSTACK_ENDPOINT=true"),
     NULL,
     {.region = "us-west-2"},
     "us-west-2",
     "https://ivs-fips.us-west-2.api.aws",
     NULL,
     0},
    {"switches that are off",
     ENV("AWS_USE_FIPS_ENDPOINT=False", "AWS_USE_DUALSTACK_ENDPOINT=false"),
     "[default]\nregion = r\nuse_fips_endpoint = true\n",
     {0},
     "r",
     REGION,
     NULL,
     0},
    {"plain http where it is allowed",
     ENV("AWS_ENDPOINT_URL=http://example.com"),
     NULL,
     {.region = "r", .allow_http = true},
     "r",
     "http://example.com",
     NULL,
     0},
};

/* Load with the files and variables of a case. */
static ivs_status
load(ivs_aws_config_options opt, const char *const *env, const char *config,
     ivs_aws_config *ret, ivs_error *err)
{
    struct aws_files files = {.env = env};
    ivs_status s;

    aws_files_make(&files, config, NULL);
    opt.profile.env = (ivs_environment){aws_files_getenv, &files};
    s = ivs_aws_config_load(&opt, ret, err);
    aws_files_remove(&files);
    return s;
}

static void
first_place_that_has_a_setting_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof setting_cases / sizeof *setting_cases; i++) {
        const struct setting_case *c = &setting_cases[i];
        ivs_aws_config config = {0};
        ivs_error err = {0};

        print_message("%s\n", c->name);
        assert_int_equal(load(c->opt, c->env, c->config, &config, &err),
                         IVS_OK);
        assert_string_equal(config.region, c->region);
        assert_string_equal(config.url, c->url);
        assert_int_equal(config.tls, strncmp(c->url, "https:", 6) == 0);
        assert_int_equal(config.max_attempts, c->max_attempts);
        if (c->ca_bundle == NULL)
            assert_null(config.ca_bundle);
        else
            assert_string_equal(config.ca_bundle, c->ca_bundle);
        ivs_aws_config_free(&config);
    }
}

static void
app_id_and_retry_mode_are_read(void **state)
{
    static const char *const modes[] = {"standard", "ADAPTIVE", "legacy"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char file[128];
        ivs_aws_config config = {0};

        (void)snprintf(file, sizeof file,
                       "[default]\nregion = r\nretry_mode = %s\n"
                       "sdk_ua_app_id = profile.app\n",
                       modes[i]);
        assert_int_equal(
            load((ivs_aws_config_options){0}, NULL, file, &config, NULL),
            IVS_OK);
        assert_string_equal(config.app_id, "profile.app");
        ivs_aws_config_free(&config);
        assert_int_equal(load((ivs_aws_config_options){0},
                              ENV("AWS_SDK_UA_APP_ID=My-App~1"), file, &config,
                              NULL),
                         IVS_OK);
        assert_string_equal(config.app_id, "My-App~1");
        ivs_aws_config_free(&config);
    }
}

struct refused_case {
    const char *name;
    const char *const *env;
    const char *config;
    ivs_aws_config_options opt;
    const char *message;
};

static const struct refused_case refused_cases[] = {
    {"no region", NULL, NULL, {0}, "no region"},
    {"region with a space",
     NULL,
     "[default]\nregion = us west\n",
     {0},
     "/.aws/config, expected a name such as us-west-2"},
    {"region that is another host",
     ENV("AWS_REGION=evil.com/"),
     NULL,
     {0},
     "AWS_REGION"},
    {"region with a dot", NULL, NULL, {.region = "us.evil"}, "us.evil"},
    {"region with a line end",
     NULL,
     NULL,
     {.region = "us-east-1\n"},
     "the option"},
    {"region in capitals", NULL, "[default]\nregion = US\n", {0}, "region"},
    {"region too long for a label",
     NULL,
     NULL,
     {.region =
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
     "region"},
    {"empty region", NULL, NULL, {.region = ""}, "region"},
    {"profile that is not there",
     ENV("AWS_REGION=r"),
     "[profile a]\n[profile b]\n[profile a]\n",
     {.profile = {.profile = "c"}},
     "there are: a, b"},
    {"AWS_PROFILE that is not there",
     ENV("AWS_REGION=r", "AWS_PROFILE=c"),
     NULL,
     {0},
     "\"c\" in the shared files; there are: none"},
    {"services section that is not there",
     NULL,
     "[default]\nregion = r\nservices = dev\n",
     {0},
     "[services dev]"},
    {"syntax error",
     ENV("AWS_REGION=r"),
     "[default]\nregion\n",
     {0},
     "/.aws/config:2: "},
    {"attempts in words",
     ENV("AWS_REGION=r", "AWS_MAX_ATTEMPTS=three"),
     NULL,
     {0},
     "AWS_MAX_ATTEMPTS"},
    {"no attempts",
     NULL,
     "[default]\nregion=r\nmax_attempts = 0\n",
     {0},
     "max_attempts"},
    {"negative attempts",
     NULL,
     "[default]\nregion=r\nmax_attempts = -1\n",
     {0},
     "max_attempts"},
    {"one attempt more than we take",
     ENV("AWS_REGION=r", "AWS_MAX_ATTEMPTS=11"),
     NULL,
     {0},
     "AWS_MAX_ATTEMPTS is \"11\", expected a number from 1 to 10"},
    {"a great many attempts",
     ENV("AWS_REGION=r", "AWS_MAX_ATTEMPTS=99999999999"),
     NULL,
     {0},
     "AWS_MAX_ATTEMPTS"},
    {"FIPS neither on nor off",
     ENV("AWS_REGION=r", "AWS_USE_FIPS_ENDPOINT=yes"),
     NULL,
     {0},
     "AWS_USE_FIPS_ENDPOINT is \"yes\", expected true or false"},
    {"dual stack neither on nor off",
     NULL,
     "[default]\nregion=r\nuse_dualstack_endpoint = 1\n",
     {0},
     ".aws/config is \"1\", expected true or false"},
    {"ignoring neither on nor off",
     ENV("AWS_REGION=r", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=on"),
     NULL,
     {.endpoint_url = "http://localhost:9"},
     "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is \"on\""},
    {"FIPS beside an endpoint",
     ENV("AWS_USE_FIPS_ENDPOINT=true"),
     GLOBAL,
     {0},
     "a FIPS endpoint is asked for beside the endpoint URL"},
    {"dual stack beside an endpoint",
     ENV("AWS_USE_DUALSTACK_ENDPOINT=true"),
     NULL,
     {.region = "r", .endpoint_url = "https://localhost"},
     "a dual-stack endpoint is asked for beside"},
    {"unknown retry mode",
     ENV("AWS_REGION=r", "AWS_RETRY_MODE=often"),
     NULL,
     {0},
     "AWS_RETRY_MODE is \"often\", expected standard"},
    {"app id with a space",
     ENV("AWS_REGION=r", "AWS_SDK_UA_APP_ID=my app"),
     NULL,
     {0},
     "AWS_SDK_UA_APP_ID is \"my app\", expected up to 50"},
    {"app id with a slash",
     NULL,
     "[default]\nregion=r\nsdk_ua_app_id = a/b\n",
     {0},
     "sdk_ua_app_id of profile default in /"},
    {"app id of 51 characters",
     ENV("AWS_REGION=r", "AWS_SDK_UA_APP_ID="
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
     NULL,
     {0},
     "AWS_SDK_UA_APP_ID"},
    {"plain http",
     ENV("AWS_REGION=r", "AWS_ENDPOINT_URL=http://example.com"),
     NULL,
     {0},
     "AWS_ENDPOINT_URL sends plain http to example.com"},
};

static void
broken_settings_are_refused_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused_cases / sizeof *refused_cases; i++) {
        const struct refused_case *c = &refused_cases[i];
        ivs_aws_config config = {.region = NULL, .max_attempts = 77};
        ivs_error err = {0};

        print_message("%s\n", c->name);
        assert_int_equal(load(c->opt, c->env, c->config, &config, &err),
                         IVS_E_CREDENTIALS);
        if (strstr(err.message, c->message) == NULL)
            fail_msg("%s", err.message);
        assert_null(config.region);
        assert_int_equal(config.max_attempts, 77);
    }
}

static void
a_file_that_cannot_be_read_is_a_file_error(void **state)
{
    struct aws_files files = {0};
    ivs_aws_config_options opt = {
        .region = "r", .profile = {.env = {aws_files_getenv, &files}}};
    ivs_aws_config config = {0};
    ivs_error err = {0};

    (void)state;
    aws_files_make(&files, NULL, NULL);
    opt.profile.config_file = files.home; /* a directory */
    assert_int_equal(ivs_aws_config_load(&opt, &config, &err), IVS_E_IO);
    assert_non_null(strstr(err.message, files.home));
    assert_null(config.region);
    aws_files_remove(&files);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_place_that_has_a_setting_wins),
        cmocka_unit_test(app_id_and_retry_mode_are_read),
        cmocka_unit_test(broken_settings_are_refused_with_their_place),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_file_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
