/* SPDX-License-Identifier: MIT */
/* service: the plain GET of a playback URL, against a script. */

#include "support/script.h"

#include <ivs/playback.h>

#include "service/client_impl.h"

#define PATH  "/api/video/v1/us-west-2.123456789012.channel.abcdABCDefgh.m3u8"
#define HOST  "d7b6438397fc.us-west-2.playback.live-video.net"
#define PLAIN "https://" HOST PATH
#define HEAD  "eyJhbGciOiJFUzM4NCJ9"
#define SIGN  "MARKED-SIGNATURE-OF-A-TOKEN"
#define TOKEN HEAD ".eyJleHAiOjE3MDAwMDAwMDB9." SIGN
#define URL   PLAIN "?token=" TOKEN

static struct fixture f;

static const struct reply playlist = {
    .status = 200,
    .headers = {{"x-amzn-requestid", "r-1"}},
    .body = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://v/v1/x.m3u8\n"};

static ivs_status
get(const char *url, const char *origin)
{
    ivs_result_free(f.result);
    f.result = NULL;
    memset(&f.err, 0, sizeof f.err);
    return ivs_playback_get(f.client, url, origin, &f.result, &f.err);
}

/* Nothing of a token is in what others may see. */
static void
close_clean(void)
{
    assert_null(strstr(f.script.log, HEAD));
    assert_null(strstr(f.script.log, SIGN));
    assert_null(strstr(f.err.message, HEAD));
    assert_null(strstr(f.err.message, SIGN));
    assert_null(strstr(f.err.aws_code, "MARKED"));
    assert_null(strstr(f.err.request_id, "MARKED"));
    close_script(&f);
}

/* ---- what is sent ---- */

static void
a_plain_get_without_credentials_is_sent(void **state)
{
    (void)state;
    open_script(&f, &playlist, 1);
    assert_int_equal(get(URL, "https://a.example"), IVS_OK);
    assert_string_equal(f.script.method, "GET");
    assert_string_equal(f.script.url, URL);
    assert_string_equal(f.script.body, "");
    assert_string_equal(script_header(&f.script, "origin"),
                        "https://a.example");
    assert_int_equal(f.script.nheaders, 2);
    assert_non_null(
        strstr(script_header(&f.script, "user-agent"), "ivs-token/"));
    assert_true(f.script.once);
    assert_int_equal(f.script.connect_timeout_ms, 5000);
    assert_int_equal(f.script.first_byte_timeout_ms, 15000);
    assert_int_equal(f.script.idle_timeout_ms, 10000);
    assert_int_equal(f.script.total_timeout_ms, 30000);
    assert_non_null(strstr(f.script.log, "request| GET " PLAIN ", its query"));
    assert_int_equal(ivs_result_status(f.result), 200);
    assert_int_equal(ivs_result_attempts(f.result), 1);
    assert_string_equal(ivs_result_request_id(f.result), "r-1");
    assert_string_equal(ivs_result_body(f.result, NULL), playlist.body);
    close_clean();
}

static void
no_origin_is_sent_where_there_is_none(void **state)
{
    (void)state;
    open_script(&f, &playlist, 1);
    assert_int_equal(get(URL, NULL), IVS_OK);
    assert_null(script_header(&f.script, "origin"));
    assert_int_equal(get(URL, ""), IVS_OK);
    assert_null(script_header(&f.script, "origin"));
    assert_int_equal(f.script.nheaders, 1);
    assert_int_equal(ivs_playback_get(f.client, URL, NULL, NULL, &f.err),
                     IVS_OK);
    assert_int_equal(f.script.sent, 3);
    close_clean();
}

/* ---- what is not sent ---- */

struct refused_url {
    const char *url;
    ivs_status status;
    const char *message;
};

static const struct refused_url refused_urls[] = {
    {NULL, IVS_E_ARG, "url is NULL"},
    {"", IVS_E_FORMAT, "not an IVS playback URL"},
    {"https://" HOST "/x.m3u8?token=" TOKEN, IVS_E_FORMAT, "the path is not"},
    {"ftp://" HOST PATH, IVS_E_FORMAT, "the scheme is not"},
    {"https://u:MARKED-SIGNATURE-OF-A-TOKEN@" HOST PATH, IVS_E_FORMAT, ""},
    {"https://" HOST ":0" PATH, IVS_E_FORMAT, "a port that is not 1 to 65535"},
    {"https://[::1" PATH, IVS_E_FORMAT, "a malformed host"},
    {URL "#x", IVS_E_FORMAT, "a character no query has"},
    {URL " HTTP/1.1", IVS_E_FORMAT, "a character no query has"},
    {URL "\r\nX: y", IVS_E_FORMAT, "a character no query has"},
    {URL "\xc3\xa4", IVS_E_FORMAT, "a character no query has"},
    {"http://" HOST PATH "?token=" TOKEN, IVS_E_ARG,
     "sends its token by plain http to " HOST},
    {"http://127.0.0.1.example.com" PATH, IVS_E_ARG, "plain http"},
};

static void
other_urls_are_refused_unsent(void **state)
{
    (void)state;
    open_script(&f, &playlist, 1);
    for (size_t i = 0; i < sizeof refused_urls / sizeof *refused_urls; i++) {
        const struct refused_url *u = &refused_urls[i];

        if (get(u->url, NULL) != u->status)
            fail_msg("%s: %s", u->url, f.err.message);
        assert_non_null(strstr(f.err.message, u->message));
        assert_null(strstr(f.err.message, "MARKED"));
        assert_null(f.result);
    }
    assert_int_equal(ivs_playback_get(NULL, URL, NULL, &f.result, &f.err),
                     IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    close_clean();
}

static void
plain_http_goes_to_loopback_or_where_allowed(void **state)
{
    ivs_client_options opt;

    (void)state;
    open_script(&f, &playlist, 1);
    assert_int_equal(get("http://127.0.0.1:8787" PATH, NULL), IVS_OK);
    assert_int_equal(get("http://[::1]:8787" PATH "?token=x", NULL), IVS_OK);
    ivs_client_free(f.client);
    script_options(&f.script, &opt);
    opt.credentials = f.credentials;
    opt.allow_http = true;
    assert_int_equal(ivs_client_new(&opt, &f.client, NULL), IVS_OK);
    assert_int_equal(get("http://" HOST PATH, NULL), IVS_OK);
    close_clean();
}

static void
an_origin_that_is_no_header_is_refused(void **state)
{
    static const char *const bad[] = {"https://a.example\r\nX: y", "a b",
                                      "\x7f", "https://\xc3\xa4.example"};
    char longest[1026];

    (void)state;
    open_script(&f, &playlist, 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(get(URL, bad[i]), IVS_E_ARG);
        assert_string_equal(f.err.member, "origin");
    }
    memset(longest, 'a', 1025);
    longest[1025] = '\0';
    assert_int_equal(get(URL, longest), IVS_E_ARG);
    assert_non_null(strstr(f.err.message, "1025 bytes, expected at most 1024"));
    assert_int_equal(f.script.sent, 0);
    longest[500] = '\0';
    assert_int_equal(get(URL, longest), IVS_OK);
    close_clean();
}

/* ---- what is answered ---- */

struct answer_case {
    const char *name;
    struct reply reply;
    const char *code;
    const char *message;
};

#define EDGE(error, code)                                                      \
    "[{\"url\":\"" PATH "?token=" TOKEN "\",\"error\":\"" error                \
    "\",\"error_code\":\"" code "\",\"type\":\"error\"}]"

/* The bodies of 403 are those reported from the field. */
static const struct answer_case answers[] = {
    {"no token",
     {.status = 403,
      .body = EDGE("token contains an invalid number of segments",
                   "invalid_playback_auth_token")},
     "invalid_playback_auth_token",
     "answered with 403 invalid_playback_auth_token: token contains an invalid "
     "number of segments"},
    {"line of text",
     {.status = 403, .body = "origin required\n"},
     "",
     "answered with 403: origin required"},
    {"offline",
     {.status = 404,
      .body = EDGE("Can not find channel", "transcode_does_not_exist")},
     "transcode_does_not_exist",
     "answered with 404 transcode_does_not_exist: Can not find channel"},
    {"object, no array",
     {.status = 429, .body = "{\"error_code\":\"limit\"}"},
     "limit",
     "answered with 429 limit: no further reason"},
    {"nothing",
     {.status = 503},
     "",
     "answered with 503 and no reason (no content type)"},
    {"empty array", {.status = 403, .body = "[]"}, "", "403 and no reason"},
    {"numbers",
     {.status = 403, .body = "[{\"error\":1,\"error_code\":2}]"},
     "",
     "403 and no reason"},
    {"HTML",
     {.status = 403,
      .headers = {{"content-type", "text/html"}},
      .body = "<html>no</html>"},
     "",
     "403 and no reason (text/html)"},
    {"terminal escapes",
     {.status = 403, .body = "\x1b[2Jgone\xff"},
     "",
     "403: \\x1b[2Jgone\\xff"},
    {"NUL", {.status = 403, .body = "a\0b", .body_len = 3}, "", "403: a"},
    {"code that is no word",
     {.status = 403, .body = EDGE("no", "a b\\u001b")},
     "",
     "answered with 403: no"},
    {"token in the error",
     {.status = 403, .body = EDGE("bad " TOKEN, "c")},
     "c",
     "403 c: (not shown: it repeats the token)"},
    {"part of the token in the text",
     {.status = 403, .body = "bad MARKED-SIGNATURE"},
     "",
     "403: (not shown: it repeats the token)"},
    {"token in code and headers",
     {.status = 403,
      .headers = {{"content-type", SIGN}, {"x-amzn-requestid", SIGN}},
      .body = EDGE("", SIGN)},
     "",
     "403 and no reason (no content type)"},
    {"redirect",
     {.status = 302, .headers = {{"location", "https://x.example/"}}},
     "",
     HOST " answered the playback URL with a redirect (302)"},
    {"page with 200",
     {.status = 200,
      .headers = {{"content-type", "text/html"}},
      .body = "<html>"},
     "",
     "with 200 and text/html, expected 200 and an HLS playlist"},
    {"200 without anything", {.status = 200}, "", "expected 200"},
    {"almost a playlist",
     {.status = 200, .body = "#EXTM3U8\n"},
     "",
     "expected 200 and an HLS playlist"},
    {"playlist with another status",
     {.status = 206, .body = "#EXTM3U\n"},
     "",
     "with 206"},
    {"no status", {.status = 999, .body = "#EXTM3U\n"}, "", "with 999"},
};

static void
every_other_answer_is_a_refusal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer_case *a = &answers[i];

        open_script(&f, &a->reply, 1);
        if (get(URL, NULL) != IVS_E_SERVICE ||
            strstr(f.err.message, a->message) == NULL)
            fail_msg("%s: %s", a->name, f.err.message);
        assert_int_equal(f.err.http_status, a->reply.status);
        assert_string_equal(f.err.aws_code, a->code);
        assert_int_equal(f.err.unanswered, 0);
        assert_null(f.result);
        assert_int_equal(f.script.sent, 1);
        close_clean();
    }
}

static void
every_end_of_a_first_line_is_a_playlist(void **state)
{
    static const struct reply replies[] = {
        {.status = 200, .body = "#EXTM3U"},
        {.status = 200, .body = "#EXTM3U\r\n"},
    };

    (void)state;
    open_script(&f, replies, 2);
    assert_int_equal(get(URL, NULL), IVS_OK);
    assert_int_equal(get(URL, NULL), IVS_OK);
    close_clean();
}

static void
an_answer_has_an_end(void **state)
{
    static char huge[IVS_ANSWER_BODY_MAX + 1];
    static char line[IVS_ANSWER_HEADER_MAX];
    struct reply replies[] = {
        {.status = 200, .body = huge, .body_len = sizeof huge},
        {.status = 200, .headers = {{"x", line}}, .body = "#EXTM3U\n"},
    };

    (void)state;
    memset(huge, '#', sizeof huge);
    memset(line, 'x', sizeof line - 1);
    open_script(&f, replies, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(get(URL, NULL), IVS_E_SERVICE);
        assert_non_null(strstr(f.err.message, "the server at " HOST
                                              " answered more than 1024 KiB"));
        assert_int_equal(f.err.unanswered, 1);
    }
    close_clean();
}

/* ---- no answer ---- */

static void
a_failure_tells_whether_the_request_left(void **state)
{
    static const struct reply replies[] = {
        {.fails = IVS_E_NETWORK},
        {.fails = IVS_E_NETWORK, .unsent = true},
    };

    (void)state;
    open_script(&f, replies, 2);
    assert_int_equal(get(URL, NULL), IVS_E_NETWORK);
    assert_int_equal(f.err.unanswered, 1);
    assert_int_equal(get(URL, NULL), IVS_E_NETWORK);
    assert_int_equal(f.err.unanswered, 0);
    assert_int_equal(f.script.sent, 2);
    assert_int_equal(ivs_playback_get(f.client, URL, NULL, &f.result, NULL),
                     IVS_E_NETWORK);
    close_clean();
}

static void
a_cancelled_client_asks_no_more(void **state)
{
    (void)state;
    open_script(&f, &playlist, 1);
    f.script.cancel_in_send = f.client;
    assert_int_equal(get(URL, NULL), IVS_E_CANCELLED);
    assert_int_equal(get(URL, NULL), IVS_E_CANCELLED);
    assert_int_equal(f.script.sent, 1);
    close_clean();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_get_without_credentials_is_sent),
        cmocka_unit_test(no_origin_is_sent_where_there_is_none),
        cmocka_unit_test(other_urls_are_refused_unsent),
        cmocka_unit_test(plain_http_goes_to_loopback_or_where_allowed),
        cmocka_unit_test(an_origin_that_is_no_header_is_refused),
        cmocka_unit_test(every_other_answer_is_a_refusal),
        cmocka_unit_test(every_end_of_a_first_line_is_a_playlist),
        cmocka_unit_test(an_answer_has_an_end),
        cmocka_unit_test(a_failure_tells_whether_the_request_left),
        cmocka_unit_test(a_cancelled_client_asks_no_more),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
