/* SPDX-License-Identifier: MIT */
/* SigV4: the worked example of the AWS General Reference, requests of this
 * service as botocore 1.43 signs them, canonical forms, and what is refused. */

#include "support/test.h"

#include <string.h>

#include "aws/sigv4.h"
#include "base/time.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define NO_BODY                                                                \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static int64_t
amz(const char *time)
{
    int64_t s = 0;

    assert_true(ivs_time_parse_amz(time, strlen(time), &s));
    return s;
}

static void
example_of_the_general_reference(void **state)
{
    const ivs_sigv4_header headers[] = {
        {"Host", "iam.amazonaws.com"},
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
        {"X-Amz-Date", "20150830T123600Z"}};
    const ivs_sigv4_request request = {
        .method = "GET",
        .path = "/",
        .query = "Action=ListUsers&Version=2010-05-08",
        .headers = headers,
        .nheaders = 3,
        .normalize = true};
    const ivs_sigv4_scope scope = {amz("20150830T123600Z"), "us-east-1", "iam"};
    ivs_buf canonical = IVS_BUF_INIT, to_sign = IVS_BUF_INIT;
    char signature[65];

    (void)state;
    assert_int_equal(ivs_sigv4_canonical_request(&request, &canonical, NULL),
                     IVS_OK);
    assert_int_equal(ivs_sigv4_string_to_sign(&scope, canonical.data,
                                              canonical.len, &to_sign, NULL),
                     IVS_OK);
    assert_string_equal(
        to_sign.data,
        "AWS4-HMAC-SHA256\n20150830T123600Z\n"
        "20150830/us-east-1/iam/aws4_request\n"
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    assert_int_equal(ivs_sigv4_signature(&scope, SECRET, to_sign.data,
                                         to_sign.len, signature, NULL),
                     IVS_OK);
    assert_string_equal(
        signature,
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    ivs_buf_free(&canonical);
    ivs_buf_free(&to_sign);
}

struct service_case {
    const char *name;
    ivs_sigv4_request request;
    const char *signed_headers;
    const char *authorization;
};

static const ivs_sigv4_header tag_headers[] = {
    {"Host", "ivs.us-west-2.amazonaws.com"},
    {"X-Amz-Date", "20261123T055839Z"}};
static const ivs_sigv4_header get_headers[] = {
    {"X-Amz-Security-Token", "IQoJb3JpZ2luX2VjEXAMPLE//token=="},
    {"X-Amz-Date", "20261123T055839Z"},
    {"Host", "ivs.us-west-2.amazonaws.com"},
    {"Content-Type", "application/json"}};

#define GET_BODY "{\"arn\":\"arn:aws:ivs:us-west-2:123456789012:channel/abcd\"}"

static const struct service_case service_cases[] = {
    {"tags of a resource",
     {.method = "DELETE",
      .path = "/tags/arn%3Aaws%3Aivs%3Aus-west-2%3A123456789012%3Achannel%2F"
              "abcd",
      .query = "tagKeys=b%20c&tagKeys=a%2Fz&tagKeys=%C3%A9",
      .headers = tag_headers,
      .nheaders = 2,
      .normalize = true},
     "host;x-amz-date",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-west-2/ivs/"
     "aws4_request, SignedHeaders=host;x-amz-date, Signature="
     "8b6d14a01583b2bebe610b1df9f591ef28cb7c87b610b4725e41a2ff57ea6648"},
    {"session token and body",
     {.method = "POST",
      .path = "/GetChannel",
      .query = "",
      .headers = get_headers,
      .nheaders = 4,
      .body = GET_BODY,
      .body_len = sizeof GET_BODY - 1,
      .normalize = true},
     "content-type;host;x-amz-date;x-amz-security-token",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-west-2/ivs/"
     "aws4_request, SignedHeaders=content-type;host;x-amz-date;"
     "x-amz-security-token, Signature="
     "f4965c1f18dc912791a6274400b4efd94f997b7ca6ff797ab7654978e168f6aa"},
};

static void
requests_of_the_service_are_signed_as_botocore_does(void **state)
{
    const ivs_sigv4_credentials keys = {"AKIDEXAMPLE", SECRET};
    const ivs_sigv4_scope scope = {amz("20261123T055839Z"), "us-west-2", "ivs"};

    (void)state;
    for (size_t i = 0; i < sizeof service_cases / sizeof *service_cases; i++) {
        const struct service_case *c = &service_cases[i];
        ivs_buf names = IVS_BUF_INIT, out = IVS_BUF_INIT;

        print_message("%s\n", c->name);
        assert_int_equal(ivs_sigv4_signed_headers(&c->request, &names, NULL),
                         IVS_OK);
        assert_string_equal(names.data, c->signed_headers);
        assert_int_equal(
            ivs_sigv4_authorization(&c->request, &scope, &keys, &out, NULL),
            IVS_OK);
        assert_string_equal(out.data, c->authorization);
        ivs_buf_free(&names);
        ivs_buf_free(&out);
    }
}

struct form {
    const char *name, *path, *query;
    bool normalize;
    const char *want_path, *want_query;
};

/* Queries by the rules of the General Reference, paths as botocore's
 * normalize_url_path() leaves them, then encoded. */
static const struct form forms[] = {
    {"empty path", "", "", true, "/", ""},
    {"empty path kept", "", "", false, "/", ""},
    {"up beyond the root", "/../../a", "", true, "/a", ""},
    {"up at the end", "/a/b/..", "", true, "/a", ""},
    {"down at the end", "/a/b/.", "", true, "/a/b", ""},
    {"three dots are a name", "/a/.../b", "", true, "/a/.../b", ""},
    {"dot file", "/.a/..b", "", true, "/.a/..b", ""},
    {"encoded dots stay", "/a/%2e%2e/b", "", true, "/a/%252e%252e/b", ""},
    {"slash at the end", "/a//", "", true, "/a/", ""},
    {"not rooted", "a/b", "", true, "/a/b", ""},
    {"not rooted, kept", "a//b", "", false, "/a//b", ""},
    {"line end in a path", "/a\nb", "", true, "/a%0Ab", ""},
    {"name without value", "/", "b&a", true, "/", "a=&b="},
    {"empty pairs go", "/", "&&a=1&&", true, "/", "a=1"},
    {"second equals sign", "/", "a=1=2", true, "/", "a=1%3D2"},
    {"no name", "/", "=v", true, "/", "=v"},
    {"same name, by value", "/", "a=2&a=10&a=1", true, "/", "a=1&a=10&a=2"},
    {"prefix sorts first", "/", "ab=1&a=2", true, "/", "a=2&ab=1"},
    {"by encoded name", "/", "a-=1&a%2F=2", true, "/", "a%2F=2&a-=1"},
    {"lower hex", "/", "a=%c3%a9", true, "/", "a=%C3%A9"},
    {"needless escape", "/", "%61=%7E", true, "/", "a=~"},
    {"plus is a plus", "/", "a=b+c", true, "/", "a=b%2Bc"},
    {"broken escapes", "/", "a=%&b=%4&c=%zz", true, "/",
     "a=%25&b=%254&c=%25zz"},
    {"escaped NUL", "/", "a=%00", true, "/", "a=%00"},
};

static void
path_and_query_have_one_spelling(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct form *f = &forms[i];
        const ivs_sigv4_header host = {"Host", "h"};
        const ivs_sigv4_request request = {.method = "GET",
                                           .path = f->path,
                                           .query = f->query,
                                           .headers = &host,
                                           .nheaders = 1,
                                           .normalize = f->normalize};
        ivs_buf out = IVS_BUF_INIT;
        char want[256];

        print_message("%s\n", f->name);
        (void)snprintf(want, sizeof want,
                       "GET\n%s\n%s\nhost:h\n\nhost\n" NO_BODY, f->want_path,
                       f->want_query);
        assert_int_equal(ivs_sigv4_canonical_request(&request, &out, NULL),
                         IVS_OK);
        assert_string_equal(out.data, want);
        ivs_buf_free(&out);
    }
}

static void
headers_are_folded_sorted_and_joined_in_order(void **state)
{
    const ivs_sigv4_header headers[] = {{"X-B", "  two \t words  "},
                                        {"x-a", "1"},
                                        {"HOST", "h"},
                                        {"x-b", ""},
                                        {"X-A-", "3"},
                                        {"X-A", "2"}};
    const ivs_sigv4_request request = {.method = "GET",
                                       .path = "/",
                                       .query = "",
                                       .headers = headers,
                                       .nheaders = 6,
                                       .normalize = true};
    ivs_buf out = IVS_BUF_INIT;

    (void)state;
    assert_int_equal(ivs_sigv4_canonical_request(&request, &out, NULL), IVS_OK);
    assert_string_equal(out.data,
                        "GET\n/\n\nhost:h\nx-a:1,2\nx-a-:3\n"
                        "x-b:two words,\n\nhost;x-a;x-a-;x-b\n" NO_BODY);
    ivs_buf_free(&out);
}

struct refusal {
    const char *name, *method;
    ivs_sigv4_header header;
    const char *message;
};

static const struct refusal refusals[] = {
    {"method with a line end", "GET\n/", {"Host", "h"}, "method"},
    {"no method", "", {"Host", "h"}, "method"},
    {"name with a colon", "GET", {"Ho:st", "h"}, "header name Ho:st"},
    {"name with a space", "GET", {"Host ", "h"}, "header name Host"},
    {"empty name", "GET", {"", "h"}, "header name is empty"},
    {"name beyond ASCII", "GET", {"H\xc3\xb6st", "h"}, "header name"},
    {"folded value", "GET", {"A", "b\n c"}, "header A"},
    {"carriage return", "GET", {"A", "b\rc"}, "header A"},
    {"escape character", "GET", {"A", "\x1b[0m"}, "header A"},
    {"DEL", "GET", {"A", "\x7f"}, "header A"},
};

static void
what_could_be_read_two_ways_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        const ivs_sigv4_request request = {.method = r->method,
                                           .path = "/",
                                           .query = "",
                                           .headers = &r->header,
                                           .nheaders = 1};
        ivs_buf out = IVS_BUF_INIT;
        ivs_error err = {0};

        print_message("%s\n", r->name);
        assert_int_equal(ivs_sigv4_canonical_request(&request, &out, &err),
                         IVS_E_FORMAT);
        assert_non_null(strstr(err.message, r->message));
        assert_int_equal(out.len, 0);
        ivs_buf_free(&out);
    }
}

struct scope_refusal {
    const char *name;
    ivs_sigv4_scope scope;
    const char *access_key_id;
};

static const struct scope_refusal scope_refusals[] = {
    {"slash in region", {0, "us/east", "ivs"}, "AKID"},
    {"line end in service", {0, "us-east-1", "ivs\n"}, "AKID"},
    {"empty region", {0, "", "ivs"}, "AKID"},
    {"beyond year 9999", {INT64_MAX, "us-east-1", "ivs"}, "AKID"},
    {"space in key id", {0, "us-east-1", "ivs"}, "AK ID"},
    {"comma in key id", {0, "us-east-1", "ivs"}, "AK,ID"},
    {"empty key id", {0, "us-east-1", "ivs"}, ""},
};

static void
malformed_scope_is_refused_without_the_secret(void **state)
{
    const ivs_sigv4_header host = {"Host", "h"};
    const ivs_sigv4_request request = {.method = "GET",
                                       .path = "/",
                                       .query = "",
                                       .headers = &host,
                                       .nheaders = 1};

    (void)state;
    for (size_t i = 0; i < sizeof scope_refusals / sizeof *scope_refusals;
         i++) {
        const struct scope_refusal *r = &scope_refusals[i];
        const ivs_sigv4_credentials keys = {r->access_key_id, SECRET};
        ivs_buf out = IVS_BUF_INIT;
        ivs_error err = {0};

        print_message("%s\n", r->name);
        assert_int_equal(
            ivs_sigv4_authorization(&request, &r->scope, &keys, &out, &err),
            IVS_E_FORMAT);
        assert_null(strstr(err.message, SECRET));
        assert_int_equal(out.len, 0);
        ivs_buf_free(&out);
    }
}

static void
a_failed_stage_leaves_the_signature_untouched(void **state)
{
    const ivs_sigv4_scope scope = {0, "us/east", "ivs"};
    const ivs_sigv4_request folded = {.method = "GET",
                                      .path = "/",
                                      .query = "",
                                      .headers =
                                          &(ivs_sigv4_header){"A", "b\n c"},
                                      .nheaders = 1};
    char signature[65] = "as it was";
    ivs_buf out = IVS_BUF_INIT;

    (void)state;
    ivs_buf_puts(&out, "kept");
    assert_int_equal(
        ivs_sigv4_signature(&scope, SECRET, "text", 4, signature, NULL),
        IVS_E_FORMAT);
    assert_string_equal(signature, "as it was");
    assert_int_equal(ivs_sigv4_string_to_sign(&scope, "text", 4, &out, NULL),
                     IVS_E_FORMAT);
    assert_int_equal(ivs_sigv4_signed_headers(&folded, &out, NULL),
                     IVS_E_FORMAT);
    assert_string_equal(out.data, "kept");
    ivs_buf_free(&out);
}

static void
a_full_buffer_is_out_of_memory(void **state)
{
    const ivs_sigv4_header host = {"Host", "h"};
    const ivs_sigv4_request request = {.method = "GET",
                                       .path = "/a/../..",
                                       .query = "a=b",
                                       .headers = &host,
                                       .nheaders = 1,
                                       .normalize = true};
    const ivs_sigv4_scope scope = {0, "us-east-1", "ivs"};
    const ivs_sigv4_credentials keys = {"AKID", SECRET};

    (void)state;
    for (size_t cap = 0; cap < 80; cap++) {
        char mem[80];
        ivs_buf out;

        ivs_buf_fixed(&out, mem, cap);
        assert_int_equal(ivs_sigv4_canonical_request(&request, &out, NULL),
                         IVS_E_NOMEM);
        ivs_buf_fixed(&out, mem, cap);
        assert_int_equal(
            ivs_sigv4_authorization(&request, &scope, &keys, &out, NULL),
            IVS_E_NOMEM);
        ivs_buf_fixed(&out, mem, cap);
        assert_int_equal(ivs_sigv4_string_to_sign(&scope, "", 0, &out, NULL),
                         IVS_E_NOMEM);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(example_of_the_general_reference),
        cmocka_unit_test(requests_of_the_service_are_signed_as_botocore_does),
        cmocka_unit_test(path_and_query_have_one_spelling),
        cmocka_unit_test(headers_are_folded_sorted_and_joined_in_order),
        cmocka_unit_test(what_could_be_read_two_ways_is_refused),
        cmocka_unit_test(malformed_scope_is_refused_without_the_secret),
        cmocka_unit_test(a_failed_stage_leaves_the_signature_untouched),
        cmocka_unit_test(a_full_buffer_is_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
