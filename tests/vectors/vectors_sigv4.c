/* SPDX-License-Identifier: MIT */
/* SigV4 against the suites of aws-c-auth and smithy-rs, stage by stage. */

#include "support/test.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>

#include "aws/sigv4.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/time.h"

#define MAX_HEADERS 32

struct context {
    json_t *json;
    ivs_sigv4_scope scope;
    const char *access_key_id, *secret, *token;
    bool sign_body, omit_token;
};

struct message {
    ivs_buf text;
    ivs_sigv4_header headers[MAX_HEADERS];
    ivs_sigv4_request request;
    char date[17], hash[65];
};

static const char *folder;

/* False where there is no such file. */
static bool
slurp(const char *dir, const char *name, ivs_buf *ret)
{
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return ivs_file_read(path, 1 << 20, ret, NULL) == IVS_OK;
}

static void
strip_newlines(ivs_buf *b)
{
    while (b->len > 0 && b->data[b->len - 1] == '\n')
        b->data[--b->len] = '\0';
}

/* Cut the line at *at off; NULL after the last one. A line that starts with
 * white space stays part of the line before it. */
static char *
next_line(char **at)
{
    char *line = *at, *end;

    if (line == NULL || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    while (end != NULL && (end[1] == ' ' || end[1] == '\t'))
        end = strchr(end + 1, '\n');
    *at = end == NULL ? NULL : end + 1;
    if (end != NULL)
        *end = '\0';
    return line;
}

static void
add_header(struct message *m, const char *name, const char *value)
{
    assert_in_range(m->request.nheaders, 0, MAX_HEADERS - 1);
    m->headers[m->request.nheaders++] = (ivs_sigv4_header){name, value};
}

static void
read_request_line(struct message *m, char *line)
{
    char *target = strchr(line, ' '), *version = strrchr(line, ' '), *query;

    assert_non_null(target);
    assert_ptr_not_equal(target, version);
    *target++ = '\0';
    *version = '\0';
    query = strchr(target, '?');
    if (query != NULL)
        *query++ = '\0';
    m->request.method = line;
    m->request.path = target;
    m->request.query = query == NULL ? "" : query;
}

static void
read_message(const char *dir, struct message *m)
{
    char *at, *line;

    assert_true(slurp(dir, "request.txt", &m->text));
    m->request.headers = m->headers;
    at = m->text.data;
    read_request_line(m, next_line(&at));
    while ((line = next_line(&at)) != NULL && *line != '\0') {
        char *colon = strchr(line, ':');

        assert_non_null(colon);
        *colon = '\0';
        add_header(m, line, colon + 1);
    }
    m->request.body = at == NULL ? "" : at;
    m->request.body_len = strlen(m->request.body);
}

static void
read_context(const char *dir, struct context *c)
{
    ivs_buf text = IVS_BUF_INIT;
    json_t *credentials;
    const char *when;

    assert_true(slurp(dir, "context.json", &text));
    c->json = json_loadb(text.data, text.len, 0, NULL);
    ivs_buf_free(&text);
    assert_non_null(c->json);
    credentials = json_object_get(c->json, "credentials");
    c->access_key_id =
        json_string_value(json_object_get(credentials, "access_key_id"));
    c->secret =
        json_string_value(json_object_get(credentials, "secret_access_key"));
    c->token = json_string_value(json_object_get(credentials, "token"));
    c->scope.region = json_string_value(json_object_get(c->json, "region"));
    c->scope.service = json_string_value(json_object_get(c->json, "service"));
    c->sign_body = json_is_true(json_object_get(c->json, "sign_body"));
    c->omit_token =
        json_is_true(json_object_get(c->json, "omit_session_token"));
    when = json_string_value(json_object_get(c->json, "timestamp"));
    assert_non_null(when);
    assert_true(ivs_time_parse(when, strlen(when), &c->scope.time_s));
}

/* What a signer adds before it signs. */
static void
complete(struct message *m, const struct context *c)
{
    uint8_t hash[IVS_SHA256_SIZE];

    assert_true(ivs_time_format_amz(c->scope.time_s, m->date));
    add_header(m, "X-Amz-Date", m->date);
    if (c->token != NULL && !c->omit_token)
        add_header(m, "X-Amz-Security-Token", c->token);
    if (!c->sign_body)
        return;
    assert_true(ivs_sha256(m->request.body, m->request.body_len, hash));
    ivs_hex(hash, sizeof hash, m->hash);
    add_header(m, "x-amz-content-sha256", m->hash);
}

/* Whether a stage gave the bytes of the case's file. */
static bool
same(const char *dir, const char *name, const char *stage, const char *got)
{
    ivs_buf want = IVS_BUF_INIT;
    bool ok;

    assert_true(slurp(dir, name, &want));
    strip_newlines(&want);
    ok = strcmp(want.data, got) == 0;
    if (!ok)
        print_error("%s: %s differs\n-- got --\n%s\n-- want --\n%s\n", dir,
                    stage, got, want.data);
    ivs_buf_free(&want);
    return ok;
}

/* The Authorization line of the signed request. */
static bool
authorization_same(const char *dir, const char *got)
{
    ivs_buf want = IVS_BUF_INIT;
    char *value;
    bool ok;

    assert_true(slurp(dir, "header-signed-request.txt", &want));
    value = strstr(want.data, "\nAuthorization:");
    assert_non_null(value);
    value += strlen("\nAuthorization:");
    value += strspn(value, " ");
    value[strcspn(value, "\n")] = '\0';
    ok = strcmp(value, got) == 0;
    if (!ok)
        print_error("%s: authorization differs\n-- got --\n%s\n-- want --\n"
                    "%s\n",
                    dir, got, value);
    ivs_buf_free(&want);
    return ok;
}

/* Compare up to the first stage that differs. */
static bool
stages_same(const char *dir, const struct message *m, const struct context *c)
{
    ivs_sigv4_credentials keys = {c->access_key_id, c->secret};
    ivs_buf canonical = IVS_BUF_INIT, to_sign = IVS_BUF_INIT;
    ivs_buf authorization = IVS_BUF_INIT;
    char signature[65];
    bool ok;

    assert_int_equal(ivs_sigv4_canonical_request(&m->request, &canonical, NULL),
                     IVS_OK);
    assert_int_equal(ivs_sigv4_string_to_sign(&c->scope, canonical.data,
                                              canonical.len, &to_sign, NULL),
                     IVS_OK);
    assert_int_equal(ivs_sigv4_signature(&c->scope, c->secret, to_sign.data,
                                         to_sign.len, signature, NULL),
                     IVS_OK);
    assert_int_equal(ivs_sigv4_authorization(&m->request, &c->scope, &keys,
                                             &authorization, NULL),
                     IVS_OK);
    ok = same(dir, "header-canonical-request.txt", "canonical request",
              canonical.data) &&
         same(dir, "header-string-to-sign.txt", "string to sign",
              to_sign.data) &&
         (c->json == NULL ||
          same(dir, "header-signature.txt", "signature", signature)) &&
         authorization_same(dir, authorization.data);
    ivs_buf_free(&canonical);
    ivs_buf_free(&to_sign);
    ivs_buf_free(&authorization);
    return ok;
}

/* A folded header must not be signed: it is refused before any stage. */
static bool
refused(const struct message *m)
{
    ivs_buf out = IVS_BUF_INIT;
    ivs_error err;
    bool ok =
        ivs_sigv4_canonical_request(&m->request, &out, &err) == IVS_E_FORMAT &&
        strstr(err.message, "My-Header1") != NULL && out.len == 0;

    ivs_buf_free(&out);
    return ok;
}

static bool
run_case(const char *dir, const char *name)
{
    struct message m = {.text = IVS_BUF_INIT};
    struct context c = {0};
    bool ok;

    read_message(dir, &m);
    read_context(dir, &c);
    m.request.normalize = json_is_true(json_object_get(c.json, "normalize"));
    complete(&m, &c);
    if (strcmp(name, "get-header-value-multiline") == 0)
        ok = refused(&m);
    else
        ok = stages_same(dir, &m, &c);
    json_decref(c.json);
    ivs_buf_free(&m.text);
    return ok;
}

static void
every_stage_equals_the_aws_suite(void **state)
{
    char root[512], dir[1024];
    int run = 0, failed = 0;
    struct dirent *e;
    DIR *d;

    (void)state;
    (void)snprintf(root, sizeof root, "%s/sigv4/aws-c-auth", folder);
    d = opendir(root);
    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(dir, sizeof dir, "%s/%s", root, e->d_name);
        run++;
        failed += !run_case(dir, e->d_name);
    }
    (void)closedir(d);
    print_message("%d cases, %d failed\n", run, failed);
    assert_int_equal(failed, 0);
    assert_true(run >= 38);
}

/* A path that is encoded already is encoded once more. */
static void
every_stage_equals_smithy_for_an_encoded_path(void **state)
{
    struct message m = {.text = IVS_BUF_INIT};
    struct context c = {.scope = {.region = "us-east-2", .service = "lambda"},
                        .access_key_id = "AKIDEXAMPLE",
                        .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
    char dir[1024];

    (void)state;
    (void)snprintf(dir, sizeof dir,
                   "%s/sigv4/smithy-rs-extra/v4/double-url-encode", folder);
    read_message(dir, &m);
    m.request.normalize = true;
    assert_true(ivs_time_parse_amz("20210511T154045Z", 16, &c.scope.time_s));
    assert_true(stages_same(dir, &m, &c));
    ivs_buf_free(&m.text);
}

/* This case has one stage; its date is not that of its request. */
static void
canonical_request_equals_smithy_for_a_half_encoded_path(void **state)
{
    struct message m = {.text = IVS_BUF_INIT};
    ivs_buf canonical = IVS_BUF_INIT;
    char dir[1024];

    (void)state;
    (void)snprintf(dir, sizeof dir,
                   "%s/sigv4/smithy-rs-extra/v4/double-encode-path", folder);
    read_message(dir, &m);
    m.request.normalize = true;
    assert_string_equal(m.headers[1].name, "X-amz-date");
    m.headers[1].value = "20210511T154045Z";
    assert_int_equal(ivs_sigv4_canonical_request(&m.request, &canonical, NULL),
                     IVS_OK);
    assert_true(same(dir, "header-canonical-request.txt", "canonical request",
                     canonical.data));
    ivs_buf_free(&canonical);
    ivs_buf_free(&m.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_equals_the_aws_suite),
        cmocka_unit_test(every_stage_equals_smithy_for_an_encoded_path),
        cmocka_unit_test(
            canonical_request_equals_smithy_for_a_half_encoded_path),
    };
    char path[512];
    DIR *d;

    folder = getenv("IVS_VECTORS");
    (void)snprintf(path, sizeof path, "%s/sigv4", folder == NULL ? "" : folder);
    d = folder == NULL ? NULL : opendir(path);
    if (d == NULL) {
        (void)fprintf(stderr, "no vectors at IVS_VECTORS: skipped\n");
        return 77;
    }
    (void)closedir(d);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
