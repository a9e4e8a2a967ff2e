/* SPDX-License-Identifier: MIT */
/* service: the time a client signs with, learnt from the Date of answers. The
 * client's clock stands at 2015-08-30T12:36:00Z. */

#include "support/script.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"

#define NOW_AMZ       "20150830T123600Z"
#define NOW           "Sun, 30 Aug 2015 12:36:00 GMT"
#define HOUR_ON       "Sun, 30 Aug 2015 13:36:00 GMT"
#define HOUR_ON_AMZ   "20150830T133600Z"
#define HOUR_BACK     "Sun, 30 Aug 2015 11:36:00 GMT"
#define HOUR_BACK_AMZ "20150830T113600Z"
#define FOUR_LESS     "Sun, 30 Aug 2015 12:39:59 GMT"
#define FOUR_LESS_AMZ "20150830T123959Z"
#define FOUR          "Sun, 30 Aug 2015 12:40:00 GMT"
#define FOUR_AMZ      "20150830T124000Z"
#define ROLLOVER      "Tue, 19 Jan 2038 03:14:08 GMT"
#define ROLLOVER_AMZ  "20380119T031408Z"
#define LEAP          "Sat, 31 Dec 2016 23:59:60 GMT"
#define LEAP_AMZ      "20161231T235959Z"

#define DENIED(date)                                                           \
    {                                                                          \
        .status = 403, .headers = { {"Date", date} }                           \
    }
#define CODE(number, code, date)                                               \
    {                                                                          \
        .status = (number), .headers = {                                       \
            {"x-amzn-ErrorType", code},                                        \
            {"Date", date}                                                     \
        }                                                                      \
    }
#define EXPIRED                                                                \
    "{\"message\":\"Signature expired: 20150830T123600Z is now earlier "       \
    "than\"}"

static struct fixture f;

static const struct reply ok = {.status = 200, .body = "{\"channel\":{}}"};

struct clock_case {
    const char *name;
    const char *operation;
    struct reply first; /* then comes a good answer */
    size_t sent;
    ivs_status status;
    const char *signed_at; /* x-amz-date of the last request */
};

static const struct clock_case cases[] = {
    {"403, an hour on", "GetChannel", DENIED(HOUR_ON), 2, IVS_OK, HOUR_ON_AMZ},
    {"403, an hour back", "GetChannel", DENIED(HOUR_BACK), 2, IVS_OK,
     HOUR_BACK_AMZ},
    {"a write, too", "CreateChannel", DENIED(HOUR_ON), 2, IVS_OK, HOUR_ON_AMZ},
    {"401",
     "GetChannel",
     {.status = 401, .headers = {{"Date", HOUR_ON}}},
     2,
     IVS_OK,
     HOUR_ON_AMZ},
    {"four minutes", "GetChannel", DENIED(FOUR), 2, IVS_OK, FOUR_AMZ},
    {"a second less", "GetChannel", DENIED(FOUR_LESS), 1, IVS_E_SERVICE,
     NOW_AMZ},
    {"right clock", "GetChannel", DENIED(NOW), 1, IVS_E_SERVICE, NOW_AMZ},
    {"no Date", "GetChannel", {.status = 403}, 1, IVS_E_SERVICE, NOW_AMZ},
    {"Date of another form", "GetChannel",
     DENIED("Sunday, 30-Aug-15 13:36:00 GMT"), 1, IVS_E_SERVICE, NOW_AMZ},
    {"answer of a cache",
     "GetChannel",
     {.status = 403, .headers = {{"Date", HOUR_ON}, {"Age", "0"}}},
     1,
     IVS_E_SERVICE,
     NOW_AMZ},
    {"16 minutes on the way",
     "GetChannel",
     {.status = 403, .headers = {{"Date", HOUR_ON}}, .moves_s = 960},
     1,
     IVS_E_SERVICE,
     NOW_AMZ},
    {"15 minutes on the way",
     "GetChannel",
     {.status = 403, .headers = {{"Date", HOUR_ON}}, .moves_s = 900},
     2,
     IVS_OK,
     HOUR_ON_AMZ},
    {"our clock set back meanwhile",
     "GetChannel",
     {.status = 403, .headers = {{"Date", NOW}}, .moves_s = -3600},
     1,
     IVS_E_SERVICE,
     NOW_AMZ},
    {"end of time", "GetChannel", DENIED("Fri, 31 Dec 9999 23:59:59 GMT"), 1,
     IVS_E_SERVICE, NOW_AMZ},
    {"2038", "GetChannel", DENIED(ROLLOVER), 2, IVS_OK, ROLLOVER_AMZ},
    {"leap second", "GetChannel", DENIED(LEAP), 2, IVS_OK, LEAP_AMZ},
    {"not found, an hour on", "GetChannel",
     CODE(404, "ResourceNotFoundException", HOUR_ON), 1, IVS_E_SERVICE,
     NOW_AMZ},
    {"validation, an hour on", "GetChannel",
     CODE(400, "ValidationException", HOUR_ON), 1, IVS_E_SERVICE, NOW_AMZ},
    {"500 for a write, an hour on",
     "CreateChannel",
     {.status = 500, .headers = {{"Date", HOUR_ON}}},
     1,
     IVS_E_SERVICE,
     NOW_AMZ},
    {"501, an hour on",
     "GetChannel",
     {.status = 501, .headers = {{"Date", HOUR_ON}}},
     1,
     IVS_E_SERVICE,
     NOW_AMZ},
    {"RequestTimeTooSkewed", "GetChannel",
     CODE(403, "RequestTimeTooSkewed", FOUR_LESS), 2, IVS_OK, FOUR_LESS_AMZ},
    {"RequestInTheFuture", "GetChannel",
     CODE(400, "RequestInTheFuture", HOUR_BACK), 2, IVS_OK, HOUR_BACK_AMZ},
    {"RequestExpired", "GetChannel", CODE(400, "RequestExpired", HOUR_ON), 2,
     IVS_OK, HOUR_ON_AMZ},
    {"RequestExpired on the way",
     "GetChannel",
     {.status = 400,
      .headers = {{"x-amzn-ErrorType", "RequestExpired"}},
      .moves_s = 600},
     2,
     IVS_OK,
     "20150830T124600Z"},
    {"SignatureDoesNotMatch as 400", "GetChannel",
     CODE(400, "SignatureDoesNotMatch", HOUR_ON), 2, IVS_OK, HOUR_ON_AMZ},
    {"SignatureDoesNotMatch at the right time", "GetChannel",
     CODE(403, "SignatureDoesNotMatch", NOW), 1, IVS_E_SERVICE, NOW_AMZ},
    {"InvalidSignatureException that says so",
     "GetChannel",
     {.status = 403,
      .headers = {{"x-amzn-ErrorType", "InvalidSignatureException"}},
      .body = EXPIRED,
      .moves_s = 600},
     2,
     IVS_OK,
     "20150830T124600Z"},
    {"AccessDeniedException at the right time", "GetChannel",
     CODE(403, "AccessDeniedException", NOW), 1, IVS_E_SERVICE, NOW_AMZ},
};

static void
wrong_time_is_corrected_once_without_a_pause(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct clock_case *c = &cases[i];
        const struct reply replies[] = {c->first, ok};
        bool make = strcmp(c->operation, "CreateChannel") == 0;

        print_message("  %s\n", c->name);
        open_script(&f, replies, 2);
        assert_int_equal(call(&f, c->operation, make ? "{}" : ARN), c->status);
        assert_int_equal(f.script.sent, c->sent);
        assert_string_equal(script_header(&f.script, "x-amz-date"),
                            c->signed_at);
        assert_int_equal(script_elapsed_ms(&f.script), 0);
        close_script(&f);
    }
}

static void
what_stays_refused_is_not_tried_a_third_time(void **state)
{
    static const struct reply skewed = CODE(403, "RequestTimeTooSkewed", NOW);

    (void)state;
    open_script(&f, &skewed, 1);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 2);
    assert_string_equal(f.err.aws_code, "RequestTimeTooSkewed");
    close_script(&f);
}

static void
time_is_kept_for_the_next_call(void **state)
{
    static const struct reply replies[] = {
        {.status = 200,
         .headers = {{"date", HOUR_ON}},
         .body = "{\"channel\":{}}"},
        {.status = 200, .body = "{\"channel\":{}}"},
        {.status = 403, .headers = {{"Date", HOUR_ON}}},
        {.status = 403, .headers = {{"Date", "Sun, 30 Aug 2015 13:36:01 GMT"}}},
    };

    (void)state;
    open_script(&f, replies, 4);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_string_equal(script_header(&f.script, "x-amz-date"), NOW_AMZ);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_string_equal(script_header(&f.script, "x-amz-date"), HOUR_ON_AMZ);
    /* Refused with the right time: it was not the time, nor is a second. */
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 3);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 4);
    close_script(&f);
}

static void
offset_is_told_once_it_is_known(void **state)
{
    static const struct reply replies[] = {
        {.status = 200, .body = "{\"channel\":{}}"},
        DENIED(HOUR_BACK),
        {.status = 200, .body = "{\"channel\":{}}"},
    };
    int64_t offset_s = 7;

    (void)state;
    open_script(&f, replies, 3);
    assert_false(ivs_client_clock_offset(f.client, &offset_s));
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_false(ivs_client_clock_offset(f.client, &offset_s));
    assert_int_equal(offset_s, 7);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_true(ivs_client_clock_offset(f.client, &offset_s));
    assert_int_equal(offset_s, -3600);
    close_script(&f);
}

static void
clock_that_jumps_between_calls_is_followed(void **state)
{
    static const struct reply replies[] = {
        {.status = 200, .headers = {{"Date", NOW}}, .body = "{\"channel\":{}}"},
        DENIED("Sun, 30 Aug 2015 12:36:10 GMT"),
        {.status = 200, .body = "{\"channel\":{}}"},
        DENIED("Sun, 30 Aug 2015 12:36:20 GMT"),
        {.status = 200, .body = "{\"channel\":{}}"},
    };

    (void)state;
    open_script(&f, replies, 5);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    f.script.now_s -= 3600 - 10;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_int_equal(f.script.sent, 3);
    assert_string_equal(script_header(&f.script, "x-amz-date"),
                        "20150830T123610Z");
    /* and set right again: the offset that was learnt is wrong now */
    f.script.now_s += 3600 + 10;
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_int_equal(f.script.sent, 5);
    assert_string_equal(script_header(&f.script, "x-amz-date"),
                        "20150830T123620Z");
    close_script(&f);
}

static void
correction_counts_as_an_attempt(void **state)
{
    static const struct reply replies[] = {
        DENIED(HOUR_ON), {.status = 200, .body = "{\"channel\":{}}"}};
    ivs_client_options opt;

    (void)state;
    memset(&f, 0, sizeof f);
    f.script.replies = replies;
    f.script.nreplies = 2;
    script_options(&f.script, &opt);
    opt.max_attempts = 1;
    assert_int_equal(ivs_credentials_static("AKID", SCRIPT_SECRET, NULL,
                                            &f.credentials, NULL),
                     IVS_OK);
    opt.credentials = f.credentials;
    assert_int_equal(ivs_client_new(&opt, &f.client, NULL), IVS_OK);
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_E_SERVICE);
    assert_int_equal(f.script.sent, 1);
    /* what was learnt is not lost */
    assert_int_equal(call(&f, "GetChannel", ARN), IVS_OK);
    assert_string_equal(script_header(&f.script, "x-amz-date"), HOUR_ON_AMZ);
    close_script(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_time_is_corrected_once_without_a_pause),
        cmocka_unit_test(what_stays_refused_is_not_tried_a_third_time),
        cmocka_unit_test(time_is_kept_for_the_next_call),
        cmocka_unit_test(offset_is_told_once_it_is_known),
        cmocka_unit_test(clock_that_jumps_between_calls_is_followed),
        cmocka_unit_test(correction_counts_as_an_attempt),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
