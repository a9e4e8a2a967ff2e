/* SPDX-License-Identifier: MIT */
/* IAM Identity Center: settings, the token of a login and its renewal, keys. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include "aws/credentials_provider.h"
#include "support/exchange.h"

/* sha1sum of "corp" and of "https://d.awsapps.com/start". */
#define CORP  "ee0bfd2552fbd840c02cc48b6e823320543c450f"
#define START "55ef7a9cf0faa7e6830be02dd04fb62b1c3c5000"

#define SESSION                                                                \
    "[sso-session corp]\nsso_start_url = https://d.awsapps.com/start\n"        \
    "sso_region = eu-west-1\n"
#define PROFILE                                                                \
    "[default]\nsso_session = corp\nsso_account_id = 012345678901\n"           \
    "sso_role_name = Ops Team\n"
#define LEGACY                                                                 \
    "[default]\nsso_start_url = https://d.awsapps.com/start\n"                 \
    "sso_region = eu-west-1\nsso_account_id = 012345678901\n"                  \
    "sso_role_name = Ops Team\n"

#define PORTAL                                                                 \
    "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?"       \
    "role_name=Ops%20Team&account_id=012345678901"
#define OIDC "https://oidc.eu-west-1.amazonaws.com/token"

#define KEYS                                                                   \
    "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":"       \
    "\"s/" MARK "\",\"sessionToken\":\"" MARK                                  \
    "=\",\"expiration\":1440941760999}}"

#define TOKEN(expires, rest)                                                   \
    "{\"startUrl\": \"https://d.awsapps.com/start\", \"accessToken\": "        \
    "\"old-" MARK "\", \"expiresAt\": \"" expires "\"" rest "}"
#define RENEWABLE                                                              \
    ", \"clientId\": \"id\", \"clientSecret\": \"c\\/" MARK                    \
    "\", \"refreshToken\": \"r-" MARK                                          \
    "\", \"registrationExpiresAt\": \"2015-09-30T00:00:00Z\""
#define FRESH                                                                  \
    "{\"accessToken\":\"new-" MARK "\",\"expiresIn\":28800,"                   \
    "\"refreshToken\":\"r2-" MARK "\",\"tokenType\":\"Bearer\"}"

struct sso_case {
    const char *name;
    const char *config;
    const char *token; /* text of the cache file; NULL: none */
    struct exchange exchanges[6];
    const char *messages[3]; /* NULL at first: success */
};

/* clang-format off */
#define OLD_WORKS {"GET", PORTAL, "x-amz-sso_bearer_token: old-" MARK "\n", 200, KEYS}
#define NEW_WORKS {"GET", PORTAL, "x-amz-sso_bearer_token: new-" MARK "\n", 200, KEYS}
#define RENEWAL {"POST", OIDC, "Content-Type: application/json\n{\"clientId\": \"id\", " \
    "\"clientSecret\": \"c/" MARK "\", \"refreshToken\": \"r-" MARK "\", " \
    "\"grantType\": \"refresh_token\"}", 200, FRESH}

static const struct sso_case cases[] = {
    {"a token that is good", PROFILE SESSION,
     TOKEN("2015-08-30T12:51:00Z", RENEWABLE), {OLD_WORKS}, {0}},
    {"15 minutes are left", PROFILE SESSION,
     TOKEN("2015-08-30T12:50:59Z", RENEWABLE), {RENEWAL, NEW_WORKS}, {0}},
    {"renewed although expired", PROFILE SESSION,
     TOKEN("2015-08-30T00:00:00Z", RENEWABLE), {RENEWAL, NEW_WORKS}, {0}},
    {"renewal fails while the token is good", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:01Z", RENEWABLE),
     {{"POST", OIDC, NULL, 400, "{\"error\":\"invalid_grant\"}"}, OLD_WORKS},
     {0}},
    {"no means to renew while the token is good", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:01Z", ""), {OLD_WORKS}, {0}},
    {"the settings repeated in the profile", PROFILE "sso_region = eu-west-1\n"
     SESSION, TOKEN("2015-08-30T13:36:00Z", ""), {OLD_WORKS}, {0}},
    {"renewal fails and the token has expired", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:00Z", RENEWABLE),
     {{"POST", OIDC, NULL, 400, MARK}},
     {"SSO of profile default for role Ops Team: ", "HTTP 400",
      "aws sso login --sso-session corp"}},
    {"renewal is no JSON and the token has expired", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:00Z", RENEWABLE), {{"POST", OIDC, NULL, 200, MARK}},
     {"the answer is not well-formed", "aws sso login --sso-session corp"}},
    {"renewal without a token", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:00Z", RENEWABLE),
     {{"POST", OIDC, NULL, 200, "{\"accessToken\":\"x\",\"expiresIn\":0}"}},
     {"no accessToken with expiresIn", "aws sso login"}},
    {"the client's registration has expired", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:00Z",
           ", \"clientId\": \"id\", \"clientSecret\": \"c\", "
           "\"refreshToken\": \"r\", "
           "\"registrationExpiresAt\": \"2015-08-30T12:36:00Z\""), {{0}},
     {"the token cannot be renewed", "aws sso login --sso-session corp"}},
    {"expired, no means to renew", PROFILE SESSION,
     TOKEN("2015-08-30T12:36:00Z", ""), {{0}},
     {"has expired", "aws sso login --sso-session corp"}},
    {"never logged in", PROFILE SESSION, NULL, {{0}},
     {"no token", "aws sso login --sso-session corp"}},
    {"a broken token file", PROFILE SESSION, "{" MARK, {{0}},
     {"malformed", "aws sso login --sso-session corp"}},
    {"a token file without a time", PROFILE SESSION,
     "{\"accessToken\":\"" MARK "\"}", {{0}},
     {"no accessToken with expiresAt", "aws sso login"}},
    {"a token that no header may carry", PROFILE SESSION,
     "{\"accessToken\":\"" MARK "\\r\\nx: y\","
     "\"expiresAt\":\"2015-08-30T13:36:00Z\"}", {{0}}, {"no header may carry"}},
    {"a login that is over", PROFILE SESSION, TOKEN("2015-08-30T13:36:00Z", ""),
     {{"GET", PORTAL, NULL, 401, MARK}},
     {"no longer accepted", "aws sso login --sso-session corp"}},
    {"no such role", PROFILE SESSION, TOKEN("2015-08-30T13:36:00Z", ""),
     {{"GET", PORTAL, NULL, 403, MARK}}, {"HTTP 403", "account or role"}},
    {"no keys in the answer", PROFILE SESSION, TOKEN("2015-08-30T13:36:00Z", ""),
     {{"GET", PORTAL, NULL, 200, "{\"roleCredentials\":\"" MARK "\"}"}},
     {"no roleCredentials"}},
    {"keys without a time", PROFILE SESSION, TOKEN("2015-08-30T13:36:00Z", ""),
     {{"GET", PORTAL, NULL, 200,
       "{\"roleCredentials\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"" MARK
       "\",\"sessionToken\":\"t\",\"expiration\":\"1\"}}"}},
     {"a malformed expiration, expected milliseconds"}},
    {"silence", PROFILE SESSION, TOKEN("2015-08-30T13:36:00Z", ""),
     {{"GET", PORTAL, NULL, 0, NULL}, {"GET", PORTAL, NULL, 0, NULL},
      {"GET", PORTAL, NULL, 0, NULL}}, {"SSO of profile", "nobody answers"}},
    /* settings */
    {"no such session", PROFILE, NULL, {{0}},
     {"[sso-session corp]", "not in", "/.aws/config"}},
    {"a session without a region", PROFILE
     "[sso-session corp]\nsso_start_url = x\n", NULL, {{0}},
     {"[sso-session corp], which profile default names, has no sso_region"}},
    {"another region in the profile", PROFILE "sso_region = us-east-1\n" SESSION,
     NULL, {{0}}, {"another sso_region than [sso-session corp]"}},
    {"no role", "[default]\nsso_session = corp\nsso_account_id = 1\n" SESSION,
     NULL, {{0}}, {"no sso_role_name"}},
    {"a region that is none", "[default]\nsso_start_url = x\n"
     "sso_region = evil.example/\nsso_account_id = 1\nsso_role_name = r\n",
     NULL, {{0}}, {"IAM Identity Center: region"}},
};
/* clang-format on */

static void
cache_path(const struct world *w, const char *name, char ret[192])
{
    (void)snprintf(ret, 192, "%s/.aws/sso/cache/%s.json", w->files.home, name);
}

static void
make_cache(const struct world *w, const char *name, const char *text)
{
    char path[192];
    FILE *out;

    (void)snprintf(path, sizeof path, "%s/.aws/sso", w->files.home);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/.aws/sso/cache", w->files.home);
    assert_int_equal(mkdir(path, 0700), 0);
    if (text == NULL)
        return;
    cache_path(w, name, path);
    out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void
remove_cache(const struct world *w, const char *name)
{
    char path[192];

    cache_path(w, name, path);
    (void)unlink(path);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0); /* nothing else was left there */
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
}

static ivs_status
run(const ivs_credentials_setup *setup, ivs_error *err)
{
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_status s = ivs_credentials_find(setup, &found, err);

    if (s == IVS_OK)
        s = ivs_credentials_get(found, NULL, &keys, err);
    if (s == IVS_OK) {
        assert_string_equal(ivs_credentials_source(found),
                            "SSO of profile default for role Ops Team");
        assert_string_equal(keys.access_key_id.data, "SSO");
        assert_string_equal(keys.secret_access_key.data, "s/" MARK);
        assert_string_equal(keys.session_token.data, MARK "=");
        assert_true(ivs_credentials_expiry(found) == NOW + 3600);
    }
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    return s;
}

static void
keys_come_with_the_token_of_a_login(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sso_case *c = &cases[i];
        static struct world w;
        ivs_credentials_setup setup;
        ivs_error err = {0};
        ivs_status s;

        print_message("%s\n", c->name);
        setup = world_make(&w, NULL, c->config, NULL, c->exchanges);
        make_cache(&w, CORP, c->token);
        s = run(&setup, &err);
        if (c->messages[0] == NULL && s != IVS_OK)
            fail_msg("%s", err.message);
        if (c->messages[0] != NULL)
            assert_int_equal(s, IVS_E_CREDENTIALS);
        for (size_t k = 0; k < 3 && c->messages[k] != NULL; k++)
            if (strstr(err.message, c->messages[k]) == NULL)
                fail_msg("%s\nhas no %s", err.message, c->messages[k]);
        assert_null(strstr(err.message, MARK));
        remove_cache(&w, CORP);
        world_end(&w);
    }
}

/* The form without a session: its file is named after the URL. */
static void
the_older_form_is_not_renewed(void **state)
{
    static const struct exchange works[] = {OLD_WORKS, {0}};
    static struct world w;
    ivs_credentials_setup setup;
    ivs_error err = {0};

    (void)state;
    setup = world_make(&w, NULL, LEGACY, NULL, works);
    /* as version 1 of the AWS CLI wrote it */
    make_cache(&w, START, TOKEN("2015-08-30T12:36:01UTC", RENEWABLE));
    if (run(&setup, &err) != IVS_OK)
        fail_msg("%s", err.message);
    remove_cache(&w, START);
    make_cache(&w, START, TOKEN("2015-08-30T12:36:00Z", RENEWABLE));
    assert_int_equal(run(&setup, &err), IVS_E_CREDENTIALS);
    assert_non_null(
        strstr(err.message, "log in with: aws sso login --profile default"));
    remove_cache(&w, START);
    world_end(&w);
}

static void
a_renewed_token_is_written_back(void **state)
{
    static const struct exchange exchanges[] = {RENEWAL, NEW_WORKS, {0}};
    static struct world w;
    ivs_credentials_setup setup;
    char path[192];
    struct stat st;
    json_t *file;

    (void)state;
    setup = world_make(&w, NULL, PROFILE SESSION, NULL, exchanges);
    make_cache(&w, CORP,
               TOKEN("2015-08-30T12:36:00Z",
                     RENEWABLE ", \"own\": {\"a\": [1, \"}\"]}"));
    assert_int_equal(run(&setup, NULL), IVS_OK);
    cache_path(&w, CORP, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    file = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(file);
#define MEMBER(name) json_string_value(json_object_get(file, name))
    assert_string_equal(MEMBER("accessToken"), "new-" MARK);
    assert_string_equal(MEMBER("refreshToken"), "r2-" MARK);
    assert_string_equal(MEMBER("expiresAt"), "2015-08-30T20:36:00Z");
    assert_string_equal(MEMBER("startUrl"), "https://d.awsapps.com/start");
    assert_string_equal(MEMBER("clientSecret"), "c/" MARK);
    assert_string_equal(MEMBER("registrationExpiresAt"),
                        "2015-09-30T00:00:00Z");
#undef MEMBER
    assert_int_equal(json_object_size(file), 8);
    assert_string_equal(
        json_string_value(json_array_get(
            json_object_get(json_object_get(file, "own"), "a"), 1)),
        "}");
    json_decref(file);
    remove_cache(&w, CORP);
    world_end(&w);
}

static void
without_home_there_is_no_login(void **state)
{
    static const char *const env[] = {"HOME=", NULL};
    static struct world w;
    ivs_credentials_setup setup;
    char config[128];
    ivs_error err = {0};

    (void)state;
    setup = world_make(&w, env, LEGACY, NULL, NULL);
    (void)snprintf(config, sizeof config, "%s/.aws/config", w.files.home);
    setup.where.config_file = config;
    assert_int_equal(run(&setup, &err), IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "HOME is not set"));
    world_end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_with_the_token_of_a_login),
        cmocka_unit_test(the_older_form_is_not_renewed),
        cmocka_unit_test(a_renewed_token_is_written_back),
        cmocka_unit_test(without_home_there_is_no_login),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
