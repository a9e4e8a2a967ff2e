/* SPDX-License-Identifier: MIT */
/* Chains of profiles against the cases the AWS SDKs share: not what is planned
 * but what is done. A scripted STS, portal and instance see which keys and
 * which parameters each request of a chain comes with. */

#include "support/test.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>

#include "base/digest.h"
#include "support/exchange.h"

static const char *folder;

/* Requests as they came, one a line: what a chain is compared by. */
struct recorder {
    struct world w;
    char log[4096];
    int roles;
};

static void note(struct recorder *r, const char *fmt, ...) IVS_PRINTF(2, 3);

static void
note(struct recorder *r, const char *fmt, ...)
{
    size_t len = strlen(r->log);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(r->log + len, sizeof r->log - len, fmt, ap);
    va_end(ap);
}

static const char *
text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* A parameter of a form body, decoded; "" where there is none. */
static void
parameter(const char *body, const char *name, char ret[256])
{
    char key[64];
    const char *at;
    size_t n = 0;

    (void)snprintf(key, sizeof key, "&%s=", name);
    at = strstr(body, key);
    for (at = at == NULL ? "" : at + strlen(key);
         *at != '\0' && *at != '&' && n < 255; at++) {
        unsigned code = 0;

        if (*at == '%' && sscanf(at + 1, "%2x", &code) == 1)
            at += 2;
        ret[n++] = code != 0 ? (char)code : *at;
    }
    ret[n] = '\0';
}

static ivs_status
answer(const ivs_http_sink *sink, int *ret_status, const char *text)
{
    assert_true(sink->body(text, strlen(text), sink->user));
    *ret_status = 200;
    return IVS_OK;
}

/* Who signed: the access key id of the Authorization header. */
static void
signer(const ivs_http_request *request, char ret[64])
{
    ret[0] = '\0';
    for (size_t i = 0; i < request->nheaders; i++) {
        const char *at = strstr(request->headers[i], "Credential=");

        if (at != NULL)
            (void)snprintf(ret, 64, "%.*s", (int)strcspn(at + 11, "/"),
                           at + 11);
    }
}

static ivs_status
play_sts(struct recorder *r, const ivs_http_request *request,
         const ivs_http_sink *sink, int *ret_status)
{
    static char body[2048], text[1024];
    char arn[256], name[256], external[256], who[64];
    const char *action;
    bool web;

    (void)snprintf(body, sizeof body, "&%.*s", (int)request->body_len,
                   request->body);
    parameter(body, "RoleArn", arn);
    parameter(body, "RoleSessionName", name);
    parameter(body, "ExternalId", external);
    web = strstr(body, "&Action=AssumeRoleWithWebIdentity&") != NULL;
    action = web ? "AssumeRoleWithWebIdentity" : "AssumeRole";
    signer(request, who);
    note(r, "%s %s by %s name %s external %s\n", web ? "web" : "role", arn,
         web ? "-" : who, strncmp(name, "ivs-token-", 10) == 0 ? "-" : name,
         external[0] != '\0' ? external : "-");
    r->roles++;
    (void)snprintf(text, sizeof text,
                   "<%sResponse><%sResult><Credentials><AccessKeyId>ROLE%d"
                   "</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                   "<SessionToken>t</SessionToken><Expiration>"
                   "2015-08-30T13:36:00Z</Expiration></Credentials></%sResult>"
                   "</%sResponse>",
                   action, action, r->roles, action, action);
    return answer(sink, ret_status, text);
}

static ivs_status
play(const ivs_http_request *request, const ivs_http_sink *sink,
     int *ret_status, void *user, ivs_error *err)
{
    static const char keys[] =
        "{\"AccessKeyId\":\"EC2\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
        "\"Expiration\":\"2015-08-30T13:36:00Z\"}";
    struct recorder *r = user;

    if (strncmp(request->url, "https://sts.", 12) == 0)
        return play_sts(r, request, sink, ret_status);
    if (strncmp(request->url, "https://portal.sso.", 19) == 0) {
        note(r, "sso %s\n", request->url + 19);
        return answer(sink, ret_status,
                      "{\"roleCredentials\":{\"accessKeyId\":\"SSO\","
                      "\"secretAccessKey\":\"s\",\"sessionToken\":\"t\","
                      "\"expiration\":1440941760000}}");
    }
    if (strcmp(request->method, "PUT") == 0)
        return answer(sink, ret_status, "token");
    if (strstr(request->url, "/security-credentials/r") != NULL) {
        note(r, "source Ec2InstanceMetadata\n");
        return answer(sink, ret_status, keys);
    }
    if (strstr(request->url, "http://169.254.169.254/") == request->url)
        return answer(sink, ret_status, "r");
    return ivs_fail(err, IVS_E_NETWORK, "nobody answers");
}

/* ---- what a case has, as files ---- */

static void
print_sections(const json_t *sections, const char *word, const char *home,
               ivs_buf *ret)
{
    const char *name, *key;
    json_t *section, *value;

    json_object_foreach((json_t *)(uintptr_t)sections, name, section)
    {
        ivs_buf_printf(ret, "[%s %s]\n", word, name);
        json_object_foreach(section, key, value)
        {
            const char *text = json_string_value(value);

            if (strcmp(text, "/var/token.jwt") == 0)
                ivs_buf_printf(ret, "%s = %s/.aws/token\n", key, home);
            else
                ivs_buf_printf(ret, "%s = %s\n", key, text);
        }
    }
}

static void
sso_cache(const struct world *w, const char *url, char ret[192], bool make)
{
    uint8_t digest[IVS_SHA1_SIZE];
    char hex[2 * IVS_SHA1_SIZE + 1];
    FILE *out;

    assert_true(ivs_sha1(url, strlen(url), digest));
    ivs_hex(digest, sizeof digest, hex);
    (void)snprintf(ret, 192, "%s/.aws/sso", w->files.home);
    assert_true(!make || mkdir(ret, 0700) == 0);
    (void)snprintf(ret, 192, "%s/.aws/sso/cache", w->files.home);
    assert_true(!make || mkdir(ret, 0700) == 0);
    (void)snprintf(ret, 192, "%s/.aws/sso/cache/%s.json", w->files.home, hex);
    if (!make)
        return;
    out = fopen(ret, "w");
    assert_non_null(out);
    assert_true(fputs("{\"accessToken\":\"a\","
                      "\"expiresAt\":\"2015-08-30T13:36:00Z\"}",
                      out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void
remove_all(struct world *w)
{
    char path[192];

    sso_cache(w, "https://foo.bar", path, false);
    assert_int_equal(unlink(path), 0);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    (void)snprintf(path, sizeof path, "%s/.aws/token", w->files.home);
    assert_int_equal(unlink(path), 0);
    world_end(w);
}

/* ---- what it must do ---- */

static const char *
or_none(const char *text)
{
    return text != NULL ? text : "-";
}

/* The chain of a case in the words of note(); *ret_id is who has the keys. */
static void
print_expected(const json_t *chain, char ret[4096], char ret_id[64])
{
    size_t i, n = 0;
    int roles = 0;
    json_t *step;

    ret[0] = ret_id[0] = '\0';
    json_array_foreach(chain, i, step)
    {
        const json_t *role = json_object_get(step, "AssumeRole");
        const json_t *web = json_object_get(step, "WebIdentityToken");
        const json_t *key = json_object_get(step, "AccessKey");
        const json_t *sso = json_object_get(step, "Sso");
        const json_t *any = role != NULL ? role : web;

        if (any != NULL) {
            n += (size_t)snprintf(
                ret + n, 4096 - n, "%s %s by %s name %s external %s\n",
                role != NULL ? "role" : "web", text_of(any, "role_arn"),
                role != NULL ? ret_id : "-",
                or_none(text_of(any, "role_session_name")),
                or_none(text_of(any, "external_id")));
            (void)snprintf(ret_id, 64, "ROLE%d", ++roles);
        } else if (key != NULL) {
            (void)snprintf(ret_id, 64, "%s", text_of(key, "access_key_id"));
        } else if (sso != NULL) {
            n += (size_t)snprintf(
                ret + n, 4096 - n,
                "sso %s.amazonaws.com/federation/credentials?role_name=%s&"
                "account_id=%s\n",
                text_of(sso, "sso_region"), text_of(sso, "sso_role_name"),
                text_of(sso, "sso_account_id"));
            (void)snprintf(ret_id, 64, "SSO");
        } else {
            n += (size_t)snprintf(ret + n, 4096 - n, "source %s\n",
                                  text_of(step, "NamedSource"));
            (void)snprintf(ret_id, 64, "EC2");
        }
    }
}

static bool
judge(const struct recorder *r, const json_t *output, ivs_status s,
      const ivs_credentials_keys *keys, const ivs_error *err)
{
    const json_t *chain = json_object_get(output, "ProfileChain");
    static char want[4096];
    char id[64];

    if (chain == NULL) {
        if (s == IVS_E_CREDENTIALS && r->log[0] == '\0')
            return true;
        print_error("expected an error: %s\n", text_of(output, "Error"));
        return false;
    }
    print_expected(chain, want, id);
    if (s == IVS_OK && strcmp(r->log, want) == 0 &&
        strcmp(keys->access_key_id.data, id) == 0)
        return true;
    print_error("got %s%s\nexpected %s%s\n", r->log, err->message, want, id);
    return false;
}

/* A profile with a session and no account or role is for bearer tokens of other
 * services; there are no keys to be had with it. */
static bool
is_bearer_case(const json_t *test)
{
    return strcmp(text_of(test, "docs"), "SSO token profile selected") == 0;
}

static bool
run_case(const json_t *test)
{
    static struct recorder r;
    const json_t *input = json_object_get(test, "input");
    ivs_buf config = IVS_BUF_INIT;
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    ivs_error err = {0};
    char path[192];
    ivs_status s;
    bool ok;

    memset(&r, 0, sizeof r);
    setup = world_make(&r.w, NULL, NULL, NULL, NULL);
    print_sections(json_object_get(input, "profiles"), "profile",
                   r.w.files.home, &config);
    print_sections(json_object_get(input, "sso_sessions"), "sso-session",
                   r.w.files.home, &config);
    aws_files_write(&r.w.files, "config",
                    config.data == NULL ? "" : config.data);
    aws_files_write(&r.w.files, "token", "jwt");
    sso_cache(&r.w, "https://foo.bar", path, true);
    setup.where.profile = text_of(input, "selected_profile");
    setup.region = "us-west-2";
    setup.transport = (ivs_transport){.send = play, .user = &r};
    s = ivs_credentials_find(&setup, &found, &err);
    if (s == IVS_OK)
        s = ivs_credentials_get(found, NULL, &keys, &err);
    if (is_bearer_case(test))
        ok = s == IVS_E_CREDENTIALS &&
             strstr(err.message, "no sso_account_id") != NULL;
    else
        ok = judge(&r, json_object_get(test, "output"), s, &keys, &err);
    if (!ok)
        print_error("%s failed\n", text_of(test, "docs"));
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    ivs_buf_free(&config);
    remove_all(&r.w);
    return ok;
}

static void
chains_do_what_the_sdks_agree_on(void **state)
{
    char path[1024];
    int run = 0, failed = 0;
    json_t *root, *test;
    size_t i;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/aws-config/assume-role-tests.json",
                   folder);
    root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    json_array_foreach(root, i, test)
    {
        run++;
        failed += !run_case(test);
    }
    json_decref(root);
    print_message("%d cases, %d failed\n", run, failed);
    assert_int_equal(failed, 0);
    assert_true(run >= 28);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_do_what_the_sdks_agree_on),
    };
    char path[512];
    DIR *d;

    folder = getenv("IVS_VECTORS");
    (void)snprintf(path, sizeof path, "%s/aws-config",
                   folder == NULL ? "" : folder);
    d = folder == NULL ? NULL : opendir(path);
    if (d == NULL) {
        (void)fprintf(stderr, "no vectors at IVS_VECTORS: skipped\n");
        return 77;
    }
    (void)closedir(d);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
