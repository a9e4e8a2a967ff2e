/* SPDX-License-Identifier: MIT */
/* The chain: which source comes before which, and the report on it. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include "aws/credentials.h"
#include "support/exchange.h"
#include "support/script.h"

static void
write_profile(const char *keys)
{
    FILE *out = fopen(getenv("AWS_CONFIG_FILE"), "w");

    assert_non_null(out);
    assert_true(fprintf(out, "[default]\nregion = us-west-2\n%s", keys) > 0);
    assert_int_equal(fclose(out), 0);
}

static json_t *
explain(const char *profile)
{
    ivs_credentials_options opt;
    char *text = NULL;
    size_t len = 0;
    json_t *doc;

    ivs_credentials_options_init(&opt, sizeof opt);
    opt.profile = profile;
    assert_int_equal(ivs_credentials_explain(&opt, &text, &len, NULL), IVS_OK);
    assert_int_equal(strlen(text), len);
    assert_null(strstr(text, MARK));
    doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    assert_int_equal(json_array_size(json_object_get(doc, "chain")), 11);
    ivs_free(text);
    return doc;
}

static const char *
text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));

    return text != NULL ? text : "";
}

/* Each source as "name state\n". */
static void
print_chain(const json_t *doc, char ret[1024])
{
    const json_t *step;
    size_t i, n = 0;

    json_array_foreach(json_object_get(doc, "chain"), i, step) n +=
        (size_t)snprintf(ret + n, 1024 - n, "%s %s\n", text_of(step, "source"),
                         text_of(step, "state"));
}

static void
the_report_tells_of_every_source(void **state)
{
    char chain[1024];
    json_t *doc;

    (void)state;
    write_profile("aws_access_key_id = CFG\naws_secret_access_key = " MARK
                  "\n");
    doc = explain(NULL);
    print_chain(doc, chain);
    assert_string_equal(chain, "environment not_configured\n"
                               "assume_role not_configured\n"
                               "web_identity_environment not_configured\n"
                               "web_identity not_configured\n"
                               "sso not_configured\n"
                               "credentials_file not_configured\n"
                               "login not_configured\n"
                               "process not_configured\n"
                               "config_file used\n"
                               "container not_reached\n"
                               "instance_metadata not_reached\n");
    assert_true(json_is_true(json_object_get(doc, "found")));
    assert_string_equal(text_of(doc, "accessKeyId"), "CFG");
    assert_true(json_is_false(json_object_get(doc, "sessionToken")));
    assert_true(json_is_null(json_object_get(doc, "expiration")));
    assert_true(json_is_null(json_object_get(doc, "error")));
    assert_non_null(strstr(text_of(doc, "source"), "profile default in "));
    json_decref(doc);
}

static void
having_none_is_a_report_too(void **state)
{
    char chain[1024];
    json_t *doc;

    (void)state;
    write_profile("");
    doc = explain(NULL);
    print_chain(doc, chain);
    assert_non_null(strstr(chain, "instance_metadata not_configured\n"));
    assert_true(json_is_false(json_object_get(doc, "found")));
    assert_true(json_is_null(json_object_get(doc, "source")));
    assert_true(json_is_null(json_object_get(doc, "accessKeyId")));
    assert_non_null(strstr(text_of(doc, "error"), "no credentials: "));
    json_decref(doc);
    doc = explain("default");
    print_chain(doc, chain);
    assert_non_null(strstr(chain, "environment skipped\n"));
    assert_non_null(strstr(chain, "container skipped\n"));
    assert_non_null(strstr(chain, "instance_metadata skipped\n"));
    json_decref(doc);
    doc = explain("other");
    assert_non_null(strstr(text_of(doc, "error"), "no profile \"other\""));
    json_decref(doc);
}

static void
a_source_that_fails_is_marked(void **state)
{
    char chain[1024];
    json_t *doc;

    (void)state;
    write_profile("credential_process = false\n");
    doc = explain(NULL);
    print_chain(doc, chain);
    assert_non_null(strstr(chain, "process failed\n"));
    assert_true(json_is_false(json_object_get(doc, "found")));
    assert_string_equal(text_of(doc, "source"),
                        "credential_process of profile default");
    assert_non_null(strstr(text_of(doc, "error"), "exit code 1"));
    json_decref(doc);
    write_profile("credential_source = x\n");
    doc = explain(NULL);
    print_chain(doc, chain);
    assert_non_null(strstr(chain,
                           "assume_role failed\nweb_identity_environment "
                           "not_reached\n"));
    json_decref(doc);
}

static void
the_report_checks_its_arguments(void **state)
{
    ivs_credentials_options opt;
    ivs_credentials *c = NULL;
    char *text = NULL;

    (void)state;
    ivs_credentials_options_init(&opt, sizeof opt);
    assert_int_equal(ivs_credentials_explain(&opt, NULL, NULL, NULL),
                     IVS_E_ARG);
    opt.process_timeout_ms = -1;
    assert_int_equal(ivs_credentials_explain(&opt, &text, NULL, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_credentials_default(&opt, &c, NULL), IVS_E_ARG);
    opt.process_timeout_ms = 0;
    opt.clock.now_s = world_now_s;
    assert_int_equal(ivs_credentials_default(&opt, &c, NULL), IVS_E_ARG);
    assert_null(text);
    assert_null(c);
}

/* ---- the order ---- */

#define PROCESS_OF(id)                                                         \
    "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"" id          \
    "\",\"SecretAccessKey\":\"s\"}'\n"
#define KEYS_OF(id) "aws_access_key_id = " id "\naws_secret_access_key = s\n"

struct order_case {
    const char *name, *config, *credentials;
    const char *env[4];
    const char *source; /* its beginning */
};

/* As botocore 1.43 orders them. */
static const struct order_case order_cases[] = {
    {"keys of the credentials file before a process",
     "[default]\n" PROCESS_OF("PROC"),
     "[default]\n" KEYS_OF("CRD"),
     {NULL},
     "profile default in "},
    {"a process before keys of the config file",
     "[default]\n" PROCESS_OF("PROC") KEYS_OF("CFG"),
     NULL,
     {NULL},
     "credential_process of"},
    {"the login is looked at before a process",
     "[default]\nlogin_session = x\n" PROCESS_OF("PROC"),
     NULL,
     {NULL},
     NULL},
    {"a role before keys",
     "[default]\nregion = r\nrole_arn = r\nsource_profile = "
     "default\n" KEYS_OF("CFG"),
     NULL,
     {NULL},
     "role r of profile default"},
    {"a role before web identity of the environment",
     "[default]\nregion = r\nrole_arn = r\nsource_profile = "
     "default\n" KEYS_OF("CFG"),
     NULL,
     {"AWS_WEB_IDENTITY_TOKEN_FILE=/t", "AWS_ROLE_ARN=w"},
     "role r of profile default"},
    {"web identity of the environment before keys",
     "[default]\nregion = r\n" KEYS_OF("CFG"),
     "[default]\n" KEYS_OF("CRD"),
     {"AWS_WEB_IDENTITY_TOKEN_FILE=/t", "AWS_ROLE_ARN=w"},
     "web identity of the environment"},
    {"web identity of the environment before that of the profile",
     "[default]\nregion = r\nrole_arn = p\nweb_identity_token_file = /p\n",
     NULL,
     {"AWS_WEB_IDENTITY_TOKEN_FILE=/t", "AWS_ROLE_ARN=w"},
     "web identity of the environment for role w"},
    {"web identity of the profile before SSO",
     "[default]\nregion = r\nrole_arn = p\nweb_identity_token_file = /p\n"
     "sso_account_id = 1\n",
     NULL,
     {NULL},
     "web identity of profile default for role p"},
    {"SSO before keys",
     "[default]\nsso_account_id = 1\nsso_role_name = R\nsso_start_url = u\n"
     "sso_region = r\n",
     "[default]\n" KEYS_OF("CRD"),
     {NULL},
     "SSO of profile default for role R"},
    {"keys of the config file before a container",
     "[default]\n" KEYS_OF("CFG"),
     NULL,
     {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"},
     "profile default in "},
    {"a container before an instance",
     NULL,
     NULL,
     {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a"},
     "container"},
    {"AWS_PROFILE without credentials lets a container do",
     "[profile ops]\nregion = r\n",
     NULL,
     {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/a", "AWS_PROFILE=ops"},
     "container"},
};

static void
sources_come_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof order_cases / sizeof *order_cases; i++) {
        const struct order_case *c = &order_cases[i];
        static struct world w;
        ivs_credentials *found = NULL;
        ivs_credentials_setup setup;
        ivs_error err = {0};

        print_message("%s\n", c->name);
        setup = world_make(&w, c->env, c->config, c->credentials, NULL);
        if (ivs_credentials_find(&setup, &found, &err) != IVS_OK) {
            if (c->source != NULL)
                fail_msg("%s", err.message);
            assert_non_null(strstr(err.message, "login_session"));
        } else {
            assert_non_null(c->source);
            assert_ptr_equal(strstr(ivs_credentials_source(found), c->source),
                             ivs_credentials_source(found));
        }
        ivs_credentials_free(found);
        world_end(&w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_tells_of_every_source),
        cmocka_unit_test(having_none_is_a_report_too),
        cmocka_unit_test(a_source_that_fails_is_marked),
        cmocka_unit_test(the_report_checks_its_arguments),
        cmocka_unit_test(sources_come_in_their_order),
    };
    char path[] = "/tmp/ivs-test-config-XXXXXX";
    int fd = mkstemp(path), failed;

    if (fd < 0)
        return 1;
    (void)close(fd);
    script_pin_environment();
    (void)setenv("AWS_CONFIG_FILE", path, 1);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
