/* SPDX-License-Identifier: MIT */
/* base: error, buf, b64url, utf8, digest, time, file. */

#include "support/test.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/b64url.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/time.h"
#include "base/utf8.h"

/* ---- error ---- */

static void
every_status_and_reason_has_name_and_text(void **state)
{
    (void)state;
#define IVS_X(name, number, text)                                              \
    assert_int_equal(name, number);                                            \
    assert_string_equal(ivs_status_name(name), #name);                         \
    assert_string_equal(ivs_status_text(name), text);
    IVS_STATUS_MAP(IVS_X)
#undef IVS_X
#define IVS_X(name, number, text)                                              \
    assert_int_equal(name, number);                                            \
    assert_string_equal(ivs_reject_reason_name(name), text);
    IVS_REJECT_MAP(IVS_X)
#undef IVS_X
    assert_string_equal(ivs_status_name((ivs_status)99), "IVS_E_UNKNOWN");
    assert_string_equal(ivs_status_text((ivs_status)99), "unknown status");
    assert_string_equal(ivs_reject_reason_name((ivs_reject_reason)99),
                        "unknown");
}

static void
messages_are_printable_and_cut_at_a_character(void **state)
{
    ivs_error err;
    char longtext[400];

    (void)state;
    assert_int_equal(ivs_fail(&err, IVS_E_ARG, "found %s", "a\x1b[31m\x80é\n"),
                     IVS_E_ARG);
    assert_string_equal(err.message, "found a\\x1b[31m\\x80é\\x0a");
    memset(longtext, 'x', sizeof longtext);
    longtext[254] = (char)0xc3; /* é across the end */
    longtext[255] = (char)0xa9;
    longtext[256] = '\0';
    (void)ivs_fail(&err, IVS_E_ARG, "%s", longtext);
    assert_int_equal(strlen(err.message), 254);
    ivs_error_context(&err, "file %s", "k.pem");
    assert_memory_equal(err.message, "file k.pem: xxx", 15);
    assert_int_equal(ivs_fail(NULL, IVS_E_IO, "nobody listens"), IVS_E_IO);
    ivs_error_context(NULL, "nobody");
}

static void
rejection_names_reason_and_member(void **state)
{
    ivs_error err;

    (void)state;
    assert_int_equal(ivs_reject(&err, IVS_REJECT_EXPIRED, "exp", "x"),
                     IVS_E_TOKEN);
    assert_int_equal(err.reason, IVS_REJECT_EXPIRED);
    assert_string_equal(err.member, "exp");
    (void)ivs_fail_member(&err, IVS_E_ARG, "name", "x");
    assert_int_equal(err.reason, IVS_REJECT_NONE);
    assert_string_equal(err.member, "name");
}

struct options_v1 {
    size_t size;
    int64_t value;
};
struct options_v2 {
    size_t size;
    int64_t value;
    int64_t later;
};

static void
options_of_other_sizes_are_judged(void **state)
{
    struct options_v2 newer = {.size = sizeof newer, .value = 7};
    struct options_v1 known = {0}, small = {.size = 4};
    struct options_v1 garbage = {.size = SIZE_MAX};

    (void)state;
    assert_int_equal(ivs_options_copy(&known, sizeof known, &newer, NULL),
                     IVS_OK);
    assert_int_equal(known.value, 7);
    newer.later = 1;
    assert_int_equal(ivs_options_copy(&known, sizeof known, &newer, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_options_copy(&known, sizeof known, &small, NULL),
                     IVS_E_ARG);
    assert_int_equal(ivs_options_copy(&known, sizeof known, &garbage, NULL),
                     IVS_E_ARG);
}

/* ---- buf ---- */

static void
buffer_grows_and_fixed_buffer_does_not(void **state)
{
    ivs_buf b = IVS_BUF_SECRET;
    char mem[8], *text;
    size_t len = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        ivs_buf_printf(&b, "%d,", i);
    assert_false(b.failed);
    text = ivs_buf_steal(&b, &len);
    assert_int_equal(strlen(text), len);
    assert_memory_equal(text + len - 4, "999,", 5);
    ivs_free_secret(text, len);
    ivs_buf_fixed(&b, mem, sizeof mem);
    ivs_buf_puts(&b, "1234567");
    assert_false(b.failed);
    ivs_buf_putc(&b, '8');
    assert_true(b.failed);
    assert_string_equal(mem, "1234567");
    ivs_buf_free(&b);
    assert_false(ivs_buf_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    ivs_buf_free(&b);
}

static void
buffer_that_failed_gives_nothing_and_keeps_nothing(void **state)
{
    ivs_buf b = IVS_BUF_SECRET;
    size_t len = 7;

    (void)state;
    ivs_buf_puts(&b, "abc");
    assert_false(ivs_buf_reserve(&b, SIZE_MAX));
    assert_null(ivs_buf_steal(&b, &len));
    assert_int_equal(len, 7);
    assert_null(b.data);
    assert_true(b.secret);
}

/* ---- b64url: RFC 4648 section 10, RFC 7515 appendix A.3 ---- */

static void
b64url_matches_the_rfcs(void **state)
{
    static const struct {
        const char *plain, *text;
    } rows[] = {{"", ""},
                {"f", "Zg"},
                {"fo", "Zm8"},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg"},
                {"fooba", "Zm9vYmE"},
                {"foobar", "Zm9vYmFy"},
                {"\xfb\xff\xbf", "-_-_"},
                {"{\"alg\":\"ES256\"}", "eyJhbGciOiJFUzI1NiJ9"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64] = {0}, plain[64] = {0};
        size_t len = strlen(rows[i].plain), n = 99;

        ivs_b64url_encode(rows[i].plain, len, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(IVS_B64URL_LEN(len), strlen(rows[i].text));
        assert_true(ivs_b64url_decode(rows[i].text, strlen(rows[i].text), plain,
                                      sizeof plain, &n));
        assert_int_equal(n, len);
        assert_memory_equal(plain, rows[i].plain, len);
    }
}

static void
b64url_refuses_every_other_spelling(void **state)
{
    static const char *const bad[] = {
        "Z",    "Zg==",  "Zh",         "Zm9=",       "Zm9",           "+/+/",
        "Zm 9", "Zm9\n", "Zm\xc3\xa9", "Zm9vYmFy\n", "A\x80\x80\x80", "Zm9vZ"};
    char out[16];
    size_t n = 7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(
            ivs_b64url_decode(bad[i], strlen(bad[i]), out, sizeof out, &n));
    assert_false(ivs_b64url_decode("Zm9v", 4, out, 2, &n));
    assert_int_equal(n, 7);
    for (int c = 0; c < 256; c++) {
        char text[2] = {'A', (char)c};
        bool expected = c == 'A' || c == 'Q' || c == 'g' || c == 'w';

        assert_int_equal(ivs_b64url_decode(text, 2, out, 1, &n), expected);
    }
}

/* ---- ascii ---- */

static void
case_is_that_of_ascii_in_every_locale(void **state)
{
    (void)state;
    (void)setlocale(LC_ALL, "tr_TR.UTF-8"); /* where it is installed */
    for (int c = 0; c < 256; c++)
        assert_int_equal(ivs_ascii_lower((char)c),
                         (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
    assert_true(ivs_ascii_equal_nocase("X-Amzn-RequestId", "x-AMZN-REQUESTID"));
    assert_false(ivs_ascii_equal_nocase("I", "\xc4\xb1"));
    assert_false(ivs_ascii_equal_nocase("ab", "a"));
    assert_false(ivs_ascii_equal_nocase("a", "ab"));
    assert_false(ivs_ascii_equal_nocase("[", "{"));
    assert_true(ivs_ascii_starts_equal_nocase("IVSx", "ivsy", 3));
    assert_false(ivs_ascii_starts_equal_nocase("IVSx", "ivsy", 4));
    assert_false(ivs_ascii_starts_equal_nocase("IV", "ivs", 3));
    assert_true(ivs_ascii_starts_equal_nocase("IV", "iv", 9));
    (void)setlocale(LC_ALL, "C");
}

/* ---- utf8: the well-formed sequences of RFC 3629 section 4 ---- */

static void
utf8_is_strict(void **state)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xe2\x82",
                                      "\xf0\x9f\x98"};
    size_t chars = 9;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(ivs_utf8_valid(good[i], strlen(good[i]), &chars));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ivs_utf8_valid(bad[i], strlen(bad[i]), NULL));
    assert_true(ivs_utf8_valid("aé€😀", 10, &chars));
    assert_int_equal(chars, 4);
    assert_int_equal(ivs_utf8_printable("\xe2\x80\xae", 3), 0);     /* RLO */
    assert_int_equal(ivs_utf8_printable("\xd8\x9c", 2), 0);         /* ALM */
    assert_int_equal(ivs_utf8_printable("\xe2\x81\xa6", 3), 0);     /* LRI */
    assert_int_equal(ivs_utf8_printable("\xf3\xa0\x81\x81", 4), 0); /* tag */
    assert_int_equal(ivs_utf8_printable("\xf3\xa0\x84\x80", 4), 4);
    assert_int_equal(ivs_utf8_printable("\xc2\x9b", 2), 0); /* CSI */
    assert_int_equal(ivs_utf8_printable("\x7f", 1), 0);
    assert_int_equal(ivs_utf8_printable("é", 2), 2);
}

/* ---- digest: FIPS 180-4 examples, RFC 1321 A.5, RFC 4231 case 2 ---- */

static void
digests_match_published_vectors(void **state)
{
    uint8_t d[IVS_SHA384_SIZE];
    char hex[2 * IVS_SHA384_SIZE + 1], uuid[37], other[37];

    (void)state;
    assert_true(ivs_md5("abc", 3, d));
    ivs_hex(d, IVS_MD5_SIZE, hex);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    assert_true(ivs_sha256("abc", 3, d));
    ivs_hex(d, IVS_SHA256_SIZE, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
    assert_true(ivs_sha384("abc", 3, d));
    ivs_hex(d, IVS_SHA384_SIZE, hex);
    assert_string_equal(hex,
                        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                        "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    assert_true(
        ivs_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, d));
    ivs_hex(d, IVS_SHA256_SIZE, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
                             "5a003f089d2739839dec58b964ec3843");
    assert_true(ivs_uuid4(uuid) && ivs_uuid4(other));
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(uuid[14], '4');
    assert_non_null(strchr("89ab", uuid[19]));
    assert_string_not_equal(uuid, other);
}

/* ---- time: expected values by `date -u -d` ---- */

static void
times_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        int64_t time_s;
    } good[] = {{"1970-01-01T00:00:00Z", 0},
                {"2015-08-30T12:36:00Z", 1440938160},
                {"2038-01-19T03:14:08Z", INT64_C(2147483648)},
                {"2024-02-29T23:59:59.999Z", 1709251199},
                {"2024-02-29T23:59:59+01:30", 1709245799},
                {"1969-12-31t23:59:59z", -1},
                {"2016-12-31 23:59:60Z", 1483228799},
                {"9999-12-31T23:59:59Z", INT64_C(253402300799)}};
    static const char *const bad[] = {"",
                                      "2024-02-30T00:00:00Z",
                                      "2023-02-29T00:00:00Z",
                                      "2024-13-01T00:00:00Z",
                                      "2024-01-01T24:00:00Z",
                                      "2024-01-01T00:00:00",
                                      "2024-01-01T00:00:00Zx",
                                      "2024-01-01T00:00:00.Z",
                                      "2024-1-01T00:00:00Z",
                                      "24-01-01T00:00:00Z",
                                      "2024-01-01T00:00:00+1:00",
                                      "2024-00-01T00:00:00Z"};
    char text[IVS_TIME_SIZE], both[IVS_TIME_BOTH_SIZE], amz[17];
    int64_t t = 7;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(ivs_time_parse(good[i].text, strlen(good[i].text), &t));
        assert_int_equal(t, good[i].time_s);
    }
    t = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ivs_time_parse(bad[i], strlen(bad[i]), &t));
    assert_int_equal(t, 7);
    ivs_time_format(1440938160, text);
    assert_string_equal(text, "2015-08-30T12:36:00Z");
    ivs_time_format(INT64_C(-62167219200), text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    ivs_time_format(INT64_C(-40000000000), text);
    assert_string_equal(text, "0702-06-15T00:53:20Z");
    ivs_time_format(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808");
    ivs_time_format(INT64_MAX, text);
    assert_string_equal(text, "9223372036854775807");
    ivs_time_format_both(1440938160, both);
    assert_string_equal(both, "2015-08-30T12:36:00Z (1440938160)");
    ivs_time_format_both(INT64_MIN, both);
    assert_string_equal(both, "-9223372036854775808");
    assert_true(ivs_time_format_amz(1440938160, amz));
    assert_string_equal(amz, "20150830T123600Z");
    assert_true(ivs_time_format_amz(INT64_C(-40000000000), amz));
    assert_string_equal(amz, "07020615T005320Z");
    assert_false(ivs_time_format_amz(INT64_MAX, amz));
    assert_true(ivs_time_parse_amz("20150830T123600Z", 16, &t));
    assert_int_equal(t, 1440938160);
    assert_false(ivs_time_parse_amz("20150830T123600Z ", 17, &t));
    assert_false(ivs_time_parse_amz("20150231T123600Z", 16, &t));
}

/* Expected values by `date -u -d`; the first is RFC 9110's. */
static void
http_dates_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t time_s;
    } good[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Tue, 19 Jan 2038 03:14:08 GMT", INT64_C(2147483648)},
        {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228799},
    };
    static const char *const bad[] = {
        "",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Abc, 06 Nov 1994 08:49:37 GMT",
        "120",
    };
    int64_t t = 0;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(
            ivs_time_parse_http(good[i].text, strlen(good[i].text), &t));
        assert_int_equal(t, good[i].time_s);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ivs_time_parse_http(bad[i], strlen(bad[i]), &t));
}

/* ---- file ---- */

static void
file_is_created_whole_and_never_overwritten(void **state)
{
    char dir[] = "/tmp/ivs-test-XXXXXX", path[64], missing[64];
    ivs_buf b = IVS_BUF_INIT;
    struct stat st;
    ivs_error err;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/key.pem", dir);
    (void)snprintf(missing, sizeof missing, "%s/no/key.pem", dir);
    assert_int_equal(ivs_file_create(path, "abc", 3, 0600, &err), IVS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(ivs_file_create(path, "xyz", 3, 0600, &err), IVS_E_IO);
    assert_non_null(strstr(err.message, "exists already"));
    assert_int_equal(ivs_file_create(missing, "x", 1, 0600, &err), IVS_E_IO);
    assert_int_equal(ivs_file_create("/tmp/", "x", 1, 0600, &err), IVS_E_IO);
    assert_int_equal(ivs_file_read(path, 3, &b, &err), IVS_OK);
    assert_string_equal(b.data, "abc");
    assert_int_equal(ivs_file_read(path, 2, &b, &err), IVS_E_IO);
    ivs_buf_free(&b);
    assert_int_equal(ivs_file_read(missing, 3, &b, &err), IVS_E_IO);
    assert_non_null(strstr(err.message, missing));
    assert_int_equal(ivs_file_read(dir, 3, &b, &err), IVS_E_IO);
    ivs_buf_free(&b);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0); /* no temporary file is left */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_and_reason_has_name_and_text),
        cmocka_unit_test(messages_are_printable_and_cut_at_a_character),
        cmocka_unit_test(rejection_names_reason_and_member),
        cmocka_unit_test(options_of_other_sizes_are_judged),
        cmocka_unit_test(buffer_grows_and_fixed_buffer_does_not),
        cmocka_unit_test(buffer_that_failed_gives_nothing_and_keeps_nothing),
        cmocka_unit_test(b64url_matches_the_rfcs),
        cmocka_unit_test(b64url_refuses_every_other_spelling),
        cmocka_unit_test(case_is_that_of_ascii_in_every_locale),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(digests_match_published_vectors),
        cmocka_unit_test(times_are_read_and_written),
        cmocka_unit_test(http_dates_are_read),
        cmocka_unit_test(file_is_created_whole_and_never_overwritten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
