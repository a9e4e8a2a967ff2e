/* SPDX-License-Identifier: MIT */
/* arn: the patterns of the service model, and playback URLs as observed. */

#include "support/test.h"

#include <string.h>

#include <ivs/arn.h>

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define PATH    "/api/video/v1/us-west-2.123456789012.channel.abcdABCDefgh.m3u8"
#define HOST    "https://0a1b2c3d4e5f.us-west-2.playback.live-video.net"

static void
every_type_parses_and_formats_back(void **state)
{
    static const struct {
        const char *text;
        ivs_arn_type type;
        const char *region, *account, *id;
    } rows[] = {
        {CHANNEL, IVS_ARN_CHANNEL, "us-west-2", "123456789012", "abcdABCDefgh"},
        {"arn:aws:ivs:eu-west-1:123456789012:playback-key/KDJRJNQhiQzA",
         IVS_ARN_PLAYBACK_KEY, "eu-west-1", "123456789012", "KDJRJNQhiQzA"},
        {"arn:aws:ivs:us-east-1:1:stream-key/g1H2I3j4k5L6", IVS_ARN_STREAM_KEY,
         "us-east-1", "1", "g1H2I3j4k5L6"},
        {"arn:aws:ivs:ap-south-1:123456789:recording-configuration/ABc-1",
         IVS_ARN_RECORDING_CONFIGURATION, "ap-south-1", "123456789", "ABc-1"},
        {"arn:aws:ivs:eu-central-1:0:playback-restriction-policy/ABcdef34ghIJ",
         IVS_ARN_PLAYBACK_RESTRICTION_POLICY, "eu-central-1", "0",
         "ABcdef34ghIJ"},
        {"arn:aws:ivs:ap-northeast-1:123456789012:ad-configuration/x",
         IVS_ARN_AD_CONFIGURATION, "ap-northeast-1", "123456789012", "x"},
        {"arn:aws:ivs:us-west-2:123456789012:channel/"
         "0f5dd9a1-2f1e-4b6d-9d6c-6d1f3c1f5c11",
         IVS_ARN_CHANNEL, "us-west-2", "123456789012",
         "0f5dd9a1-2f1e-4b6d-9d6c-6d1f3c1f5c11"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[IVS_ARN_MAX + 1];
        ivs_arn arn;

        assert_int_equal(
            ivs_arn_parse(rows[i].text, strlen(rows[i].text), &arn, NULL),
            IVS_OK);
        assert_int_equal(arn.type, rows[i].type);
        assert_string_equal(arn.region, rows[i].region);
        assert_string_equal(arn.account, rows[i].account);
        assert_string_equal(arn.id, rows[i].id);
        assert_int_equal(ivs_arn_format(&arn, text, NULL), IVS_OK);
        assert_string_equal(text, rows[i].text);
    }
}

static void
text_off_the_pattern_is_refused(void **state)
{
    static const struct {
        const char *name, *text;
        size_t len;
        const char *says;
    } rows[] = {
#define ROW(name, text, says) {name, text, sizeof(text) - 1, says}
        ROW("empty", "", "does not begin"),
        ROW("no prefix", "channel/abc", "does not begin"),
        ROW("leading space", " " CHANNEL, "does not begin"),
        ROW("upper-case prefix", "ARN:aws:ivs:us-west-2:1:channel/a",
            "does not begin"),
        ROW("partition", "arn:aws-cn:ivs:us-west-2:1:channel/a", "partition"),
        ROW("service", "arn:aws:ivschat:us-west-2:1:room/a", "service"),
        ROW("no region", "arn:aws:ivs::1:channel/a", "region"),
        ROW("upper-case region", "arn:aws:ivs:US-west-2:1:channel/a", "region"),
        ROW("no account", "arn:aws:ivs:us-west-2::channel/a", "account"),
        ROW("letters in account", "arn:aws:ivs:us-west-2:12a:channel/a",
            "account"),
        ROW("stage of Real-Time", "arn:aws:ivs:us-west-2:1:stage/a",
            "resource type"),
        ROW("colon for slash", "arn:aws:ivs:us-west-2:1:channel:a",
            "resource type"),
        ROW("type is a prefix", "arn:aws:ivs:us-west-2:1:channels/a",
            "resource type"),
        ROW("no id", "arn:aws:ivs:us-west-2:1:channel/", "id"),
        ROW("underscore in id", "arn:aws:ivs:us-west-2:1:channel/a_b", "id"),
        ROW("second slash", "arn:aws:ivs:us-west-2:1:channel/a/b", "id"),
        ROW("trailing newline", CHANNEL "\n", "id"),
        ROW("trailing NUL", CHANNEL "\0", "id"),
        ROW("beyond ASCII", "arn:aws:ivs:us-west-2:1:channel/\xc3\xa9", "id"),
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_arn arn, before;
        ivs_error err = {0};

        memset(&arn, 'u', sizeof arn);
        before = arn;
        if (ivs_arn_parse(rows[i].text, rows[i].len, &arn, &err) !=
                IVS_E_FORMAT ||
            err.code != IVS_E_FORMAT ||
            strstr(err.message, rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].name, err.message);
        assert_memory_equal(&arn, &before, sizeof arn);
    }
}

static void
length_limit_is_128_bytes(void **state)
{
    char text[IVS_ARN_MAX + 3] = "arn:aws:ivs:us-west-2:1:channel/", out[129];
    ivs_arn arn;

    (void)state;
    memset(text + strlen(text), 'a', IVS_ARN_MAX - strlen(text));
    text[IVS_ARN_MAX] = '\0';
    assert_int_equal(ivs_arn_parse(text, IVS_ARN_MAX, &arn, NULL), IVS_OK);
    assert_int_equal(ivs_arn_format(&arn, out, NULL), IVS_OK);
    assert_string_equal(out, text);
    text[IVS_ARN_MAX] = 'a';
    assert_int_equal(ivs_arn_parse(text, IVS_ARN_MAX + 1, &arn, NULL),
                     IVS_E_FORMAT);
    memcpy(arn.account, "12", 3);
    memset(out, 'u', sizeof out);
    assert_int_equal(ivs_arn_format(&arn, out, NULL), IVS_E_FORMAT);
    assert_int_equal(out[0], 'u');
}

static void
parts_filled_by_hand_are_checked(void **state)
{
    ivs_arn good, arn;
    char out[IVS_ARN_MAX + 1] = "untouched";

    (void)state;
    assert_int_equal(ivs_arn_parse(CHANNEL, strlen(CHANNEL), &good, NULL),
                     IVS_OK);
    arn = good;
    arn.type = (ivs_arn_type)6;
    assert_int_equal(ivs_arn_format(&arn, out, NULL), IVS_E_ARG);
    arn = good;
    arn.region[0] = '\0';
    assert_int_equal(ivs_arn_format(&arn, out, NULL), IVS_E_FORMAT);
    arn = good;
    arn.account[3] = ':';
    assert_int_equal(ivs_arn_format(&arn, out, NULL), IVS_E_FORMAT);
    arn = good;
    memset(arn.id, 'a', sizeof arn.id); /* no NUL */
    assert_int_equal(ivs_arn_format(&arn, out, NULL), IVS_E_FORMAT);
    assert_string_equal(out, "untouched");
    assert_int_equal(ivs_arn_parse(NULL, 0, &arn, NULL), IVS_E_ARG);
    assert_int_equal(ivs_arn_parse(CHANNEL, 1, NULL, NULL), IVS_E_ARG);
    assert_int_equal(ivs_arn_format(NULL, out, NULL), IVS_E_ARG);
    assert_int_equal(ivs_arn_format(&good, NULL, NULL), IVS_E_ARG);
    assert_int_equal(ivs_arn_from_playback_url(NULL, 0, &arn, NULL), IVS_E_ARG);
    assert_int_equal(ivs_arn_from_playback_url(HOST, 1, NULL, NULL), IVS_E_ARG);
}

static void
both_forms_of_playback_url_name_their_channel(void **state)
{
    static const char *const rows[] = {
        HOST PATH,
        HOST PATH "?token=a.b.c",
        HOST PATH "?a=/#?x",
        HOST PATH "#t",
        HOST "/api/video/v1/"
             "aws.ivs.us-west-2.123456789012.channel.abcdABCDefgh.m3u8",
        "http://127.0.0.1:8080" PATH,
        "HTTPS://[::1]:8080" PATH,
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[IVS_ARN_MAX + 1];
        ivs_arn arn;

        if (ivs_arn_from_playback_url(rows[i], strlen(rows[i]), &arn, NULL) !=
            IVS_OK)
            fail_msg("%s", rows[i]);
        assert_int_equal(ivs_arn_format(&arn, text, NULL), IVS_OK);
        assert_string_equal(text, CHANNEL);
    }
}

static void
other_urls_are_refused(void **state)
{
    static const struct {
        const char *name, *url, *says;
    } rows[] = {
        {"empty", "", "scheme"},
        {"an ARN", CHANNEL, "scheme"},
        {"another scheme", "rtmps://host" PATH, "scheme"},
        {"no host", "https://" PATH, "host"},
        {"space in host", "https://a b" PATH, "path"},
        {"no path", HOST, "path"},
        {"path only in the query", HOST "?x=" PATH, "path"},
        {"another path", HOST "/v1/playlist/x.m3u8", "path"},
        {"upper-case region", HOST "/api/video/v1/US.1.channel.a.m3u8",
         "region"},
        {"no account", HOST "/api/video/v1/us-west-2.channel.a.m3u8",
         "account"},
        {"a stage", HOST "/api/video/v1/us-west-2.1.stage.a.m3u8", "account"},
        {"no id", HOST "/api/video/v1/us-west-2.1.channel..m3u8", "id"},
        {"no extension", HOST "/api/video/v1/us-west-2.1.channel.a", "id"},
        {"after the extension", HOST PATH "/x", "id"},
        {"trailing newline", HOST PATH "\n", "id"},
        {"too long for an ARN",
         HOST
         "/api/video/v1/us-west-2.1.channel."
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.m3u8",
         "too long"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_arn arn, before;
        ivs_error err = {0};

        memset(&arn, 'u', sizeof arn);
        before = arn;
        if (ivs_arn_from_playback_url(rows[i].url, strlen(rows[i].url), &arn,
                                      &err) != IVS_E_FORMAT ||
            strstr(err.message, rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].name, err.message);
        assert_memory_equal(&arn, &before, sizeof arn);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_parses_and_formats_back),
        cmocka_unit_test(text_off_the_pattern_is_refused),
        cmocka_unit_test(length_limit_is_128_bytes),
        cmocka_unit_test(parts_filled_by_hand_are_checked),
        cmocka_unit_test(both_forms_of_playback_url_name_their_channel),
        cmocka_unit_test(other_urls_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
