/* SPDX-License-Identifier: MIT */
/* Credentials: which source wins, and that a broken one is an error that names
 * it and shows no secret. */

#include "support/test.h"

#include <string.h>

#include "aws/credentials.h"
#include "base/error.h"
#include "support/aws_files.h"

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define KEYS(id)                                                               \
    "aws_access_key_id = " id "\naws_secret_access_key = s-" id "\n"
#define ENV_KEYS "AWS_ACCESS_KEY_ID=ENV", "AWS_SECRET_ACCESS_KEY=s-ENV"
#define TOKEN(t) "aws_session_token = " t "\n"

struct found_case {
    const char *name;
    const char *const *env;
    const char *config, *credentials;
    const char *profile;
    const char *id, *token;
    const char *source; /* HOME stands for the directory */
};

static const struct found_case found_cases[] = {
    {"environment", ENV(ENV_KEYS), NULL, NULL, NULL, "ENV", NULL,
     "environment"},
    {"environment with the older name of the token",
     ENV(ENV_KEYS, "AWS_SESSION_TOKEN=t", "AWS_SECURITY_TOKEN=older"), NULL,
     NULL, NULL, "ENV", "older", "environment"},
    {"environment with a session token", ENV(ENV_KEYS, "AWS_SESSION_TOKEN=t"),
     NULL, NULL, NULL, "ENV", "t", "environment"},
    {"environment before AWS_PROFILE", ENV(ENV_KEYS, "AWS_PROFILE=ops"),
     "[profile ops]\n" KEYS("OPS"), NULL, NULL, "ENV", NULL, "environment"},
    {"environment before broken files", ENV(ENV_KEYS), "[oops", NULL, NULL,
     "ENV", NULL, "environment"},
    {"profile asked for before the environment", ENV(ENV_KEYS), NULL,
     "[ops]\n" KEYS("OPS"), "ops", "OPS", NULL,
     "profile ops in HOME/.aws/credentials"},
    {"default profile", NULL, NULL, "[default]\n" KEYS("DEF") TOKEN("t"), NULL,
     "DEF", "t", "profile default in HOME/.aws/credentials"},
    {"AWS_PROFILE", ENV("AWS_PROFILE=ops"), NULL,
     "[default]\n" KEYS("DEF") "[ops]\n" KEYS("OPS"), NULL, "OPS", NULL,
     "profile ops in HOME/.aws/credentials"},
    {"config file", NULL, "[profile ops]\n" KEYS("CFG"), NULL, "ops", "CFG",
     NULL, "profile ops in HOME/.aws/config"},
    {"credentials file before config file", NULL, "[default]\n" KEYS("CFG"),
     "[default]\n" KEYS("CRD"), NULL, "CRD", NULL,
     "profile default in HOME/.aws/credentials"},
    {"a token of the config file is not for those keys", NULL,
     "[default]\n" KEYS("CFG") TOKEN("old"), "[default]\n" KEYS("CRD"), NULL,
     "CRD", NULL, "profile default in HOME/.aws/credentials"},
    {"empty token", NULL, NULL, "[default]\n" KEYS("DEF") TOKEN(""), NULL,
     "DEF", NULL, "profile default in HOME/.aws/credentials"},
    {"empty variables are not set",
     ENV("AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_PROFILE="), NULL,
     "[default]\n" KEYS("DEF"), NULL, "DEF", NULL,
     "profile default in HOME/.aws/credentials"},
    {"token alone in the environment", ENV("AWS_SESSION_TOKEN=t"), NULL,
     "[default]\n" KEYS("DEF"), NULL, "DEF", NULL,
     "profile default in HOME/.aws/credentials"},
};

/* Nobody is at home where the instance metadata would be. */
static ivs_status
send_nowhere(const ivs_http_request *request, const ivs_http_sink *sink,
             int *ret_status, void *user, ivs_error *err)
{
    (void)request, (void)ret_status, (void)user;
    sink->unsent(sink->user);
    return ivs_fail(err, IVS_E_NETWORK, "nobody answers");
}

static ivs_status
find(struct aws_files *files, const char *profile, ivs_credentials **ret,
     ivs_error *err)
{
    const ivs_credentials_setup setup = {
        .where = {.profile = profile, .env = {aws_files_getenv, files}},
        .transport = {.send = send_nowhere}};

    return ivs_credentials_find(&setup, ret, err);
}

static void
assert_source(const ivs_credentials *c, const char *want, const char *home)
{
    const char *at = strstr(want, "HOME");
    char text[256];

    if (at == NULL)
        (void)snprintf(text, sizeof text, "%s", want);
    else
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - want), want,
                       home, at + 4);
    assert_string_equal(ivs_credentials_source(c), text);
}

static void
first_configured_source_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof found_cases / sizeof *found_cases; i++) {
        const struct found_case *c = &found_cases[i];
        struct aws_files files = {.env = c->env};
        ivs_credentials *credentials = NULL;
        ivs_credentials_keys keys = {0};
        ivs_error err = {0};

        print_message("%s\n", c->name);
        aws_files_make(&files, c->config, c->credentials);
        assert_int_equal(find(&files, c->profile, &credentials, &err), IVS_OK);
        assert_int_equal(ivs_credentials_get(credentials, NULL, &keys, NULL),
                         IVS_OK);
        assert_string_equal(keys.access_key_id.data, c->id);
        assert_memory_equal(keys.secret_access_key.data, "s-", 2);
        assert_string_equal(keys.secret_access_key.data + 2, c->id);
        if (c->token == NULL)
            assert_int_equal(keys.session_token.len, 0);
        else
            assert_string_equal(keys.session_token.data, c->token);
        assert_source(credentials, c->source, files.home);
        ivs_credentials_keys_free(&keys);
        ivs_credentials_free(credentials);
        aws_files_remove(&files);
    }
}

struct refused_case {
    const char *name;
    const char *const *env;
    const char *config, *credentials;
    const char *profile;
    const char *messages[3];
};

/* MARK is a part of every secret; no message may have it. */
#define MARK    "MARKsecretMARK"
#define ID      "aws_access_key_id = " MARK "\n"
#define SECRET  "aws_secret_access_key = " MARK "\n"
#define SESSION "aws_session_token = " MARK "\n"

static const struct refused_case refused_cases[] = {
    {"nothing at all",
     NULL,
     NULL,
     NULL,
     NULL,
     {"AWS_ACCESS_KEY_ID is not set", "/.aws/credentials", "/.aws/config"}},
    {"profile without keys",
     NULL,
     "[profile ops]\nregion = r\n",
     NULL,
     "ops",
     {"profile ops has none", "/.aws/credentials", "/.aws/config"}},
    {"environment: id alone",
     ENV("AWS_ACCESS_KEY_ID=" MARK),
     NULL,
     "[default]\n" ID SECRET,
     NULL,
     {"AWS_ACCESS_KEY_ID is set", "AWS_SECRET_ACCESS_KEY is not", "both"}},
    {"environment: secret alone",
     ENV("AWS_SECRET_ACCESS_KEY=" MARK, "AWS_ACCESS_KEY_ID="),
     NULL,
     "[default]\n" ID SECRET,
     NULL,
     {"AWS_SECRET_ACCESS_KEY is set", "AWS_ACCESS_KEY_ID is not", "both"}},
    {"environment: control byte in the secret",
     ENV("AWS_ACCESS_KEY_ID=" MARK, "AWS_SECRET_ACCESS_KEY=" MARK "\r\n"),
     NULL,
     NULL,
     NULL,
     {"environment: AWS_SECRET_ACCESS_KEY holds", "", ""}},
    {"environment: space in the id",
     ENV("AWS_ACCESS_KEY_ID=" MARK " ", "AWS_SECRET_ACCESS_KEY=" MARK),
     NULL,
     NULL,
     NULL,
     {"environment: AWS_ACCESS_KEY_ID holds", "", ""}},
    {"environment: token beyond ASCII",
     ENV(ENV_KEYS, "AWS_SESSION_TOKEN=" MARK "\xc3\xa9"),
     NULL,
     NULL,
     NULL,
     {"environment: AWS_SESSION_TOKEN holds", "", ""}},
    {"environment: halves swapped",
     ENV("AWS_ACCESS_KEY_ID=" MARK "/+", "AWS_SECRET_ACCESS_KEY=" MARK),
     NULL,
     NULL,
     NULL,
     {"AWS_ACCESS_KEY_ID holds a slash", "swapped?", ""}},
    {"file: id alone",
     NULL,
     NULL,
     "[default]\n" ID,
     NULL,
     {"profile default", "part of its keys", "/.aws/credentials"}},
    {"file: secret alone",
     NULL,
     NULL,
     "[default]\n" SECRET,
     NULL,
     {"profile default", "part of its keys", "/.aws/credentials"}},
    {"file: token alone",
     NULL,
     NULL,
     "[default]\n" SESSION,
     NULL,
     {"profile default", "part of its keys", "/.aws/credentials"}},
    {"file: empty secret",
     NULL,
     "[default]\n" ID "aws_secret_access_key =\n",
     NULL,
     NULL,
     {"profile default", "part of its keys", "/.aws/config"}},
    {"halves in two files",
     NULL,
     "[default]\n" ID,
     "[default]\n" SECRET,
     NULL,
     {"profile default", "part of its keys", "/.aws/credentials"}},
    {"half a pair over a whole one",
     NULL,
     "[default]\n" ID SECRET,
     "[default]\n" ID,
     NULL,
     {"profile default", "part of its keys", "/.aws/credentials"}},
    {"token over a whole pair",
     NULL,
     "[default]\n" ID SECRET,
     "[default]\n" SESSION,
     NULL,
     {"profile default", "part of its keys", "/.aws/credentials"}},
    {"file: continued secret",
     NULL,
     NULL,
     "[default]\n" ID SECRET " " MARK,
     NULL,
     {"profile default in ", "aws_secret_access_key holds", ""}},
    {"no such profile",
     NULL,
     "[profile a]\n" ID SECRET,
     "[b]\n" ID SECRET,
     "c",
     {"no profile \"c\"", "a, b", ""}},
    {"no such AWS_PROFILE",
     ENV("AWS_PROFILE=c"),
     NULL,
     "[b]\n" ID SECRET,
     NULL,
     {"no profile \"c\"", "b", ""}},
    {"syntax error",
     NULL,
     NULL,
     "[b]\n" ID SECRET MARK "\n",
     NULL,
     {"/.aws/credentials:4: ", "'='", ""}},
    {"role",
     NULL,
     "[profile r]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\n",
     "[b]\n" ID SECRET,
     "r",
     {"AWS STS", "no region", ""}},
    {"role beside static keys",
     NULL,
     "[default]\nrole_arn = arn:aws:iam::1:role/x\n" ID SECRET,
     NULL,
     NULL,
     {"profile default has role_arn", "neither source", ""}},
    {"credential_process",
     NULL,
     "[default]\ncredential_process = cat '" MARK "\n",
     NULL,
     NULL,
     {"credential_process of profile", "quote", ""}},
    {"sso_session",
     NULL,
     "[default]\nsso_session = x\n",
     NULL,
     NULL,
     {"[sso-session x]", "profile default", "/.aws/config"}},
    {"sso_start_url",
     NULL,
     "[default]\nsso_start_url = x\n",
     NULL,
     NULL,
     {"profile default", "no sso_account_id", ""}},
    {"web identity",
     NULL,
     "[default]\nweb_identity_token_file = x\n",
     NULL,
     NULL,
     {"web_identity_token_file", "no role_arn", ""}},
    {"credential_source",
     NULL,
     "[default]\ncredential_source = Environment\n",
     NULL,
     NULL,
     {"credential_source and no role_arn", "", ""}},
    {"login_session",
     NULL,
     "[default]\nlogin_session = x\n",
     NULL,
     NULL,
     {"login_session", "not supported yet", ""}},
};

static void
a_broken_source_is_named_and_no_other_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused_cases / sizeof *refused_cases; i++) {
        const struct refused_case *c = &refused_cases[i];
        struct aws_files files = {.env = c->env};
        ivs_credentials *credentials = NULL;
        ivs_error err = {0};

        print_message("%s\n", c->name);
        aws_files_make(&files, c->config, c->credentials);
        assert_int_equal(find(&files, c->profile, &credentials, &err),
                         IVS_E_CREDENTIALS);
        for (size_t k = 0; k < 3; k++)
            if (strstr(err.message, c->messages[k]) == NULL)
                fail_msg("%s\nhas no %s", err.message, c->messages[k]);
        assert_null(strstr(err.message, MARK));
        assert_null(strstr(err.member, MARK));
        assert_null(credentials);
        aws_files_remove(&files);
    }
}

static void
a_file_that_cannot_be_read_is_a_file_error(void **state)
{
    struct aws_files files = {0};
    ivs_credentials_setup setup = {.where = {.env = {aws_files_getenv, &files}},
                                   .transport = {.send = send_nowhere}};
    ivs_credentials *credentials = NULL;
    ivs_error err = {0};

    (void)state;
    aws_files_make(&files, NULL, NULL);
    setup.where.credentials_file = files.home; /* a directory */
    assert_int_equal(ivs_credentials_find(&setup, &credentials, &err),
                     IVS_E_IO);
    assert_non_null(strstr(err.message, files.home));
    assert_null(credentials);
    aws_files_remove(&files);
}

static void
a_session_token_of_4_kb_comes_whole(void **state)
{
    const size_t n = 4096;
    struct aws_files files = {0};
    ivs_credentials *credentials = NULL;
    ivs_credentials_keys keys = {0};
    ivs_buf text = IVS_BUF_INIT;

    (void)state;
    ivs_buf_puts(&text, "[default]\n" ID SECRET "aws_session_token = ");
    for (size_t i = 0; i < n; i++)
        ivs_buf_putc(&text, (char)('a' + i % 26));
    ivs_buf_putc(&text, '\n');
    aws_files_make(&files, NULL, text.data);
    assert_int_equal(find(&files, NULL, &credentials, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(credentials, NULL, &keys, NULL),
                     IVS_OK);
    assert_int_equal(keys.session_token.len, n);
    assert_memory_equal(keys.session_token.data,
                        strstr(text.data, "abcdefghijklmnop"), n);
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(credentials);
    ivs_buf_free(&text);
    aws_files_remove(&files);
}

struct static_case {
    const char *name, *id, *secret, *token, *member;
};

static const struct static_case static_cases[] = {
    {"no id", NULL, MARK, NULL, "access_key_id"},
    {"empty id", "", MARK, NULL, "access_key_id"},
    {"no secret", "AKID", NULL, NULL, "secret_access_key"},
    {"empty secret", "AKID", "", NULL, "secret_access_key"},
    {"empty token", "AKID", MARK, "", "session_token"},
    {"line end in the id", "AK\nID", MARK, NULL, "access_key_id"},
    {"slash in the id", "AK/ID", MARK, NULL, "access_key_id"},
    {"comma in the id", "AK,ID", MARK, NULL, "access_key_id"},
    {"tab in the secret", "AKID", MARK "\t", NULL, "secret_access_key"},
    {"DEL in the token", "AKID", MARK, MARK "\x7f", "session_token"},
};

static void
static_keys_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof static_cases / sizeof *static_cases; i++) {
        const struct static_case *c = &static_cases[i];
        ivs_credentials *credentials = NULL;
        ivs_error err = {0};

        print_message("%s\n", c->name);
        assert_int_equal(ivs_credentials_static(c->id, c->secret, c->token,
                                                &credentials, &err),
                         IVS_E_ARG);
        assert_string_equal(err.member, c->member);
        assert_null(strstr(err.message, MARK));
        assert_null(credentials);
    }
    assert_int_equal(ivs_credentials_static("AKID", "s", NULL, NULL, NULL),
                     IVS_E_ARG);
}

static void
static_keys_are_copied(void **state)
{
    char id[] = "AKID", secret[] = "s/+=", token[] = "t//==";
    ivs_credentials *credentials = NULL;
    ivs_credentials_keys keys = {0};

    (void)state;
    assert_int_equal(
        ivs_credentials_static(id, secret, token, &credentials, NULL), IVS_OK);
    id[0] = secret[0] = token[0] = '-';
    assert_int_equal(ivs_credentials_get(credentials, NULL, &keys, NULL),
                     IVS_OK);
    assert_string_equal(keys.access_key_id.data, "AKID");
    assert_string_equal(keys.secret_access_key.data, "s/+=");
    assert_string_equal(keys.session_token.data, "t//==");
    assert_string_equal(ivs_credentials_source(credentials), "static");
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(credentials);
    ivs_credentials_free(NULL);
}

static void
default_chain_takes_the_files_of_its_options(void **state)
{
    struct aws_files files = {0};
    ivs_credentials_options opt;
    ivs_credentials *credentials = NULL;
    ivs_credentials_keys keys = {0};
    char config[128], shared[128];

    (void)state;
    aws_files_make(&files, "", "[ops]\n" KEYS("OPS"));
    (void)snprintf(config, sizeof config, "%s/.aws/config", files.home);
    (void)snprintf(shared, sizeof shared, "%s/.aws/credentials", files.home);
    ivs_credentials_options_init(&opt, sizeof opt);
    opt.profile = "ops";
    opt.config_file = config;
    opt.credentials_file = shared;
    assert_int_equal(ivs_credentials_default(&opt, &credentials, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(credentials, NULL, &keys, NULL),
                     IVS_OK);
    assert_string_equal(keys.access_key_id.data, "OPS");
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(credentials);
    credentials = NULL;
    assert_int_equal(ivs_credentials_default(&opt, NULL, NULL), IVS_E_ARG);
    opt.size = 1;
    assert_int_equal(ivs_credentials_default(&opt, &credentials, NULL),
                     IVS_E_ARG);
    assert_null(credentials);
    aws_files_remove(&files);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_configured_source_wins),
        cmocka_unit_test(a_broken_source_is_named_and_no_other_taken),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_file_error),
        cmocka_unit_test(a_session_token_of_4_kb_comes_whole),
        cmocka_unit_test(static_keys_are_checked),
        cmocka_unit_test(static_keys_are_copied),
        cmocka_unit_test(default_chain_takes_the_files_of_its_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
