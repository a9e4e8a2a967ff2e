/* SPDX-License-Identifier: MIT */
/* ivs-emulator without its server: playlists, quotas, queries, the
 * Authorization header, its clock. */

#include "support/test.h"

#include <pthread.h>
#include <string.h>

#include "api.h"
#include "auth.h"
#include "control.h"
#include "playlist.h"
#include "quota.h"

static const emu_quota_key key_a = {{"000000000000", "us-west-2"}, "A", 0};

/* ---- playlists ---- */

static size_t
count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

static void
playlist_has_the_renditions_up_to_the_maximum(void **state)
{
    static const struct {
        ivs_resolution maximum;
        const char *highest;
        size_t n;
    } rows[] = {{IVS_RESOLUTION_ANY, "1080p60", 6},
                {IVS_RESOLUTION_FULL_HD, "1080p60", 6},
                {IVS_RESOLUTION_HD, "720p60", 5},
                {IVS_RESOLUTION_SD, "480p30", 4}};
    static const ivs_arn channel = {
        .region = "us-west-2", .account = "000000000000", .id = "abc"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        emu_playlist p = {.base = "http://h/v1/playlist/",
                          .session = "0123",
                          .serving = "4567",
                          .country = "DE",
                          .channel = &channel,
                          .ladder = EMU_LADDER_ALL,
                          .maximum_resolution = rows[i].maximum,
                          .stream = 5,
                          .started_s = 2,
                          .now_s = 7};
        ivs_buf b = IVS_BUF_INIT;
        char url[64];

        emu_playlist_multivariant(&b, &p);
        assert_false(b.failed);
        assert_int_equal(strncmp(b.data, "#EXTM3U\n", 8), 0);
        assert_int_equal(count(b.data, "#EXT-X-STREAM-INF:"), rows[i].n);
        assert_int_equal(count(b.data, "\nhttp://h/v1/playlist/0123."),
                         rows[i].n);
        (void)snprintf(url, sizeof url, "/0123.%s.m3u8\n", rows[i].highest);
        assert_non_null(strstr(b.data, url));
        assert_true(
            emu_playlist_has(EMU_LADDER_ALL, rows[i].maximum, rows[i].highest));
        assert_int_equal(
            emu_playlist_has(EMU_LADDER_ALL, rows[i].maximum, "1080p60"),
            rows[i].n == 6);
        assert_false(
            emu_playlist_has(EMU_LADDER_ALL, rows[i].maximum, "1080p6"));
        assert_false(emu_playlist_has(EMU_LADDER_ALL, rows[i].maximum, ""));
        ivs_buf_free(&b);
        p.ladder = emu_ladder_of("1080p") | emu_ladder_of("160p");
        emu_playlist_multivariant(&b, &p);
        assert_int_equal(count(b.data, "#EXT-X-STREAM-INF:"),
                         rows[i].n == 6 ? 2 : 1);
        assert_non_null(strstr(b.data, "BANDWIDTH=230000,RESOLUTION=284x160,"
                                       "CODECS=\"avc1.4D401F,mp4a.40.2\","
                                       "FRAME-RATE=30.000,VIDEO=\"160p30\"\n"));
        ivs_buf_free(&b);
    }
}

/* The tags that players of the service see, each once. */
static void
playlist_has_the_session_data_of_the_service(void **state)
{
    static const char *const lines[] = {
        "NODE\",VALUE=\"",
        "MANIFEST-NODE-TYPE\",VALUE=\"weaver_cluster\"\n",
        "MANIFEST-NODE\",VALUE=\"",
        "SUPPRESS\",VALUE=\"",
        "SERVER-TIME\",VALUE=\"107.00\"\n",
        "TRANSCODESTACK\",VALUE=\"",
        "USER-IP\",VALUE=\"192.0.2.1\"\n",
        "USER-COUNTRY\",VALUE=\"DE\"\n",
        "SERVING-ID\",VALUE=\"4567\"\n",
        "CLUSTER\",VALUE=\"",
        "ABS\",VALUE=\"",
        "VIDEO-SESSION-ID\",VALUE=\"0123\"\n",
        "BROADCAST-ID\",VALUE=\"5\"\n",
        "STREAM-TIME\",VALUE=\"7.00\"\n",
        "FUTURE\",VALUE=\"",
        "MANIFEST-CLUSTER\",VALUE=\"",
        "ORIGIN\",VALUE=\"",
        "C\",VALUE=\"aXZz",
        "E\",VALUE=\"W10=\"\n",
        "CUSTOMER_ID\",VALUE=\"000000000000\"\n",
        "CONTENT_ID\",VALUE=\"abc\"\n"};
    static const ivs_arn channel = {
        .region = "us-west-2", .account = "000000000000", .id = "abc"};
    emu_playlist p = {.base = "http://h/v1/playlist/",
                      .session = "0123",
                      .serving = "4567",
                      .country = "DE",
                      .channel = &channel,
                      .ladder = EMU_LADDER_ALL,
                      .stream = 5,
                      .started_s = 100,
                      .now_s = 107};
    ivs_buf b = IVS_BUF_INIT;

    (void)state;
    emu_playlist_multivariant(&b, &p);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[128];

        (void)snprintf(line, sizeof line, "\n#EXT-X-SESSION-DATA:DATA-ID=\"%s",
                       lines[i]);
        assert_int_equal(count(b.data, line), 1);
    }
    assert_int_equal(count(b.data, "#EXT-X-SESSION-DATA:"),
                     sizeof lines / sizeof *lines);
    assert_int_equal(count(b.data, "TYPE=VIDEO,GROUP-ID=\"chunked\","
                                   "NAME=\"1080p60\",AUTOSELECT=YES,"
                                   "DEFAULT=YES\n#EXT-X-STREAM-INF:"),
                     1);
    assert_int_equal(count(b.data, "VIDEO=\"chunked\""), 1);
    assert_int_equal(count(b.data, "VIDEO=\"720p60\""), 1);
    p.now_s = 90; /* the clock was put back: no negative time */
    b.len = 0;
    emu_playlist_multivariant(&b, &p);
    assert_int_equal(count(b.data, "STREAM-TIME\",VALUE=\"0.00\"\n"), 1);
    ivs_buf_free(&b);
}

/* ---- quotas ---- */

static void
quota_is_so_many_calls_a_second(void **state)
{
    emu_quota *quota = emu_quota_new();

    (void)state;
    assert_non_null(quota);
    for (int i = 0; i < 3; i++)
        assert_true(emu_quota_take(quota, &key_a, 3, 1000));
    assert_false(emu_quota_take(quota, &key_a, 3, 1000));
    assert_false(emu_quota_take(quota, &key_a, 3, 1333));
    assert_true(emu_quota_take(quota, &key_a, 3, 1334));
    assert_false(emu_quota_take(quota, &key_a, 3, 1334));
    emu_quota_reset(quota);
    assert_true(emu_quota_take(quota, &key_a, 3, 1334));
    emu_quota_free(quota);
}

static void
quotas_are_apart_and_their_number_is_bounded(void **state)
{
    static const emu_quota_key others[] = {
        {{"000000000000", "us-west-2"}, "B", 0},
        {{"000000000001", "us-west-2"}, "A", 0},
        {{"000000000000", "eu-west-1"}, "A", 0},
        {{"000000000000", "us-west-2"}, "A", 1},
        {{"000000000000", "us-west-2"}, "A", 2}};
    emu_quota *quota = emu_quota_new();
    emu_quota_key many = key_a;

    (void)state;
    assert_non_null(quota);
    assert_true(emu_quota_take(quota, &key_a, 1, 0));
    assert_false(emu_quota_take(quota, &key_a, 1, 0));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_true(emu_quota_take(quota, &others[i], 1, 0));
    for (int i = 0; i < 3000; i++) {
        many.channel = 3 + i;
        assert_true(emu_quota_take(quota, &many, 1, 1 + i));
        assert_false(emu_quota_take(quota, &many, 1, 1 + i));
    }
    emu_quota_free(quota);
}

/* ---- queries ---- */

static void
query_parameters_are_decoded(void **state)
{
    static const struct {
        const char *query;
        const char *token; /* NULL: there is none */
    } rows[] = {{"", NULL},
                {"token", NULL},
                {"tokens=a", NULL},
                {"xtoken=a", NULL},
                {"x=token=a", NULL},
                {"Token=a", NULL},
                {"token=", ""},
                {"token=a.b", "a.b"},
                {"&&x&token=a&y", "a"},
                {"token=a&token=b", "a"},
                {"token=a%2eb%2E", "a.b."},
                {"token=a+b%2B", "a b+"},
                {"token=%", "%"},
                {"token=%2", "%2"},
                {"token=%2&x=e", "%2"},
                {"token=%zz", "%zz"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        emu_request req = {.query = rows[i].query};
        ivs_buf b = IVS_BUF_INIT;
        bool found;

        ivs_buf_puts(&b, "");
        found = emu_request_query(&req, "token", &b);
        if (found != (rows[i].token != NULL) ||
            (found && strcmp(b.data, rows[i].token) != 0))
            fail_msg("?%s", rows[i].query);
        ivs_buf_free(&b);
    }
}

static void
parameters_that_repeat_are_read_in_order(void **state)
{
    static const char *const values[] = {"a", "b c", "", "d&e"};
    const char *at = "tagKeys=a&x=1&tagKeys=b%20c&tagKeys&tagKeys=&tagkeys=z"
                     "&tagKeys=d%26e";

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        ivs_buf b = IVS_BUF_INIT;

        ivs_buf_puts(&b, "");
        assert_int_equal(emu_request_query_next(&at, "tagKeys", &b), i < 4);
        assert_string_equal(b.data, i < 4 ? values[i] : "");
        ivs_buf_free(&b);
    }
}

static void
last_segment_of_a_path_is_decoded(void **state)
{
    static const struct {
        const char *path, *segment;
    } rows[] = {{"/tags/arn%3Aaws%3aivs%2Fx", "arn:aws:ivs/x"},
                {"/tags/a+b", "a+b"},
                {"/tags/a%2Bb%", "a+b%"},
                {"/tags/", ""},
                {"tags", "tags"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        emu_request req = {.path = rows[i].path};
        ivs_buf b = IVS_BUF_INIT;

        ivs_buf_puts(&b, "");
        emu_request_segment(&req, &b);
        assert_string_equal(b.data, rows[i].segment);
        ivs_buf_free(&b);
    }
}

/* ---- operations ---- */

static void
operation_without_a_model_says_so(void **state)
{
    static const ivs_operation future = {.name = "GetFuture"};
    emu_emulator emu = {0};
    emu_request req = {.method = "POST", .path = "/GetFuture", .query = ""};
    emu_response res;

    (void)state;
    assert_true(emu_response_init(&res, NULL));
    emu_api(&emu, &req, &future, &res);
    assert_int_equal(res.status, 400);
    assert_string_equal(res.headers[0].value.data,
                        "UnsupportedOperationException");
    assert_non_null(strstr(res.body.data, "GetFuture"));
    emu_response_free(&res);
}

static void
every_operation_of_the_service_has_a_model(void **state)
{
    emu_emulator emu = {.access_key_id = "test", .secret_access_key = "test"};
    emu_request req = {.method = "POST", .path = "/", .query = ""};

    (void)state;
    assert_int_equal(ivs_operation_count(), 41);
    for (size_t i = 0; i < ivs_operation_count(); i++) {
        emu_response res;

        assert_true(emu_response_init(&res, NULL));
        emu_api(&emu, &req, ivs_operation_find(ivs_operation_name(i)), &res);
        /* past the search: it is not signed */
        assert_int_equal(res.status, 403);
        emu_response_free(&res);
    }
}

/* ---- the Authorization header ---- */

#define SCOPE    "20261123/us-west-2/ivs/aws4_request"
#define GOOD_KEY "Credential=test/" SCOPE
#define NAMES    "SignedHeaders=host;x-amz-date"
#define ZEROES   "00000000000000000000000000000000"
#define MAC      "Signature=" ZEROES ZEROES
#define AWS4     "AWS4-HMAC-SHA256 "

static void
authorization_headers_are_read_strictly(void **state)
{
    static const struct {
        const char *header;
        const char *type;
    } rows[] = {
        {"", "IncompleteSignatureException"},
        {"AWS4-HMAC-SHA256", "IncompleteSignatureException"},
        {AWS4, "IncompleteSignatureException"},
        {AWS4 ",", "IncompleteSignatureException"},
        {"aws4-hmac-sha256 " GOOD_KEY "," NAMES "," MAC,
         "IncompleteSignatureException"},
        {AWS4 GOOD_KEY "," NAMES, "IncompleteSignatureException"},
        {AWS4 GOOD_KEY "," MAC, "IncompleteSignatureException"},
        {AWS4 NAMES "," MAC, "IncompleteSignatureException"},
        {AWS4 GOOD_KEY "," NAMES "," MAC ",", "IncompleteSignatureException"},
        {AWS4 GOOD_KEY "," NAMES "," MAC "," MAC,
         "IncompleteSignatureException"},
        {AWS4 GOOD_KEY ",SignedHeaders=," MAC, "IncompleteSignatureException"},
        {AWS4 GOOD_KEY " x," NAMES "," MAC, "IncompleteSignatureException"},
        {AWS4 "Credential=test/" SCOPE "/," NAMES "," MAC,
         "IncompleteSignatureException"},
        {AWS4 "Credential=/////," NAMES "," MAC,
         "IncompleteSignatureException"},
        {AWS4 "Credential=Test/" SCOPE "," NAMES "," MAC,
         "UnrecognizedClientException"},
        {AWS4 "Credential=test/20261123/us-west-2/IVS/aws4_request," NAMES
              "," MAC,
         "InvalidSignatureException"},
        {AWS4 "Credential=test/20261122/us-west-2/ivs/aws4_request," NAMES
              "," MAC,
         "InvalidSignatureException"},
        {AWS4 GOOD_KEY ",SignedHeaders=x-amz-date," MAC,
         "InvalidSignatureException"},
        {AWS4 GOOD_KEY ",SignedHeaders=host," MAC, "InvalidSignatureException"},
        {AWS4 GOOD_KEY ",SignedHeaders=Host;X-Amz-Date," MAC,
         "InvalidSignatureException"},
        {AWS4 GOOD_KEY "," NAMES " x," MAC, "InvalidSignatureException"},
        {AWS4 GOOD_KEY "," NAMES "," MAC " x", "InvalidSignatureException"},
        {AWS4 GOOD_KEY "," NAMES "," MAC, "InvalidSignatureException"},
    };
    static const emu_emulator emu = {.access_key_id = "test",
                                     .secret_access_key = "test"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        emu_header headers[] = {{"Host", "localhost"},
                                {"X-Amz-Date", "20261123T053000Z"},
                                {"Authorization", rows[i].header}};
        emu_request req = {.method = "POST",
                           .path = "/ListChannels",
                           .query = "",
                           .headers = headers,
                           .nheaders = 3};
        emu_scope caller = {"untouched", ""};
        emu_response res;

        assert_true(emu_response_init(&res, NULL));
        /* 2026-11-23T05:30:00Z */
        if (emu_authenticate(&emu, &req, 1795411800, &caller, &res) ||
            strcmp(res.headers[0].value.data, rows[i].type) != 0)
            fail_msg("%s", rows[i].header);
        assert_int_equal(res.status, 403);
        assert_string_equal(caller.account, "untouched");
        emu_response_free(&res);
    }
}

/* ---- the clock ---- */

#define MOVES 5000

static void *
advance(void *user)
{
    emu_request req = {.method = "POST",
                       .path = "/_/clock",
                       .query = "",
                       .body = "{\"advance_s\":1}",
                       .body_len = 15};

    for (int i = 0; i < MOVES; i++) {
        emu_response res;

        if (!emu_response_init(&res, NULL))
            return NULL;
        emu_control(user, &req, &res);
        emu_response_free(&res);
    }
    return user;
}

static void
no_move_of_the_clock_is_lost(void **state)
{
    emu_emulator emu = {0};
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, advance, &emu), 0);
    for (size_t i = 0; i < 4; i++) {
        void *done;

        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_non_null(done);
    }
    assert_int_equal(atomic_load(&emu.clock_offset_s), 4 * MOVES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(playlist_has_the_renditions_up_to_the_maximum),
        cmocka_unit_test(playlist_has_the_session_data_of_the_service),
        cmocka_unit_test(quota_is_so_many_calls_a_second),
        cmocka_unit_test(quotas_are_apart_and_their_number_is_bounded),
        cmocka_unit_test(query_parameters_are_decoded),
        cmocka_unit_test(parameters_that_repeat_are_read_in_order),
        cmocka_unit_test(last_segment_of_a_path_is_decoded),
        cmocka_unit_test(operation_without_a_model_says_so),
        cmocka_unit_test(every_operation_of_the_service_has_a_model),
        cmocka_unit_test(authorization_headers_are_read_strictly),
        cmocka_unit_test(no_move_of_the_clock_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
