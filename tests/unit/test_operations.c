/* SPDX-License-Identifier: MIT */
/* service: the operation table, the check of inputs, descriptions. */

#include "support/test.h"

#include <string.h>

#include "base/json.h"
#include "service/operations.h"
#include "service/operations_pattern.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define KEY     "arn:aws:ivs:us-west-2:123456789012:playback-key/abcdABCDefgh"

static void
rows_are_sorted_and_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(ivs_operation_count(), 41);
    for (size_t i = 0; i < ivs_operation_count(); i++) {
        const char *name = ivs_operation_name(i);

        assert_string_equal(ivs_operation_find(name)->name, name);
        if (i > 0)
            assert_true(strcmp(ivs_operation_name(i - 1), name) < 0);
    }
    assert_null(ivs_operation_name(41));
    assert_null(ivs_operation_find("getChannel"));
    assert_null(ivs_operation_find(""));
}

static void
distance_counts_edits(void **state)
{
    char longtext[100];

    (void)state;
    assert_int_equal(ivs_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(ivs_edit_distance("", "abc"), 3);
    assert_int_equal(ivs_edit_distance("abc", "abc"), 0);
    memset(longtext, 'a', sizeof longtext);
    longtext[99] = '\0';
    assert_int_equal(ivs_edit_distance(longtext, "a"), IVS_EDIT_FAR);
    assert_int_equal(ivs_edit_distance("a", longtext), IVS_EDIT_FAR);
}

static void
unknown_operation_suggests_the_nearest(void **state)
{
    const ivs_operation *op = NULL;
    ivs_error err;

    (void)state;
    assert_int_equal(ivs_operation_get("ListChanels", &op, &err), IVS_E_ARG);
    assert_non_null(strstr(err.message, "did you mean ListChannels?"));
    assert_int_equal(ivs_operation_get("x", &op, &err), IVS_E_ARG);
    assert_null(strstr(err.message, "did you mean"));
    assert_int_equal(ivs_operation_get("", &op, &err), IVS_E_ARG);
    assert_null(op);
}

static void
only_harmless_repeats_are_repeatable(void **state)
{
    static const char *const not_repeatable[] = {
        "CreateAdConfiguration",
        "CreateChannel",
        "CreatePlaybackRestrictionPolicy",
        "CreateRecordingConfiguration",
        "CreateStreamKey",
        "ImportPlaybackKeyPair",
        "InsertAdBreak",
        "PutMetadata",
        "StopStream",
    };
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < ivs_operation_count(); i++)
        if (!ivs_operation_find(ivs_operation_name(i))->repeatable)
            assert_string_equal(ivs_operation_name(i), not_repeatable[n++]);
    assert_int_equal(n, sizeof not_repeatable / sizeof *not_repeatable);
}

struct check_case {
    const char *name;
    const char *op;
    const char *input;
    const char *member; /* NULL: accepted */
    const char *message;
};

static const struct check_case checks[] = {
    {"no members needed", "ListChannels", "{}", NULL, NULL},
    {"all of a kind", "CreateChannel",
     "{\"name\":\"a-_9\",\"latencyMode\":\"LOW\",\"authorized\":true,"
     "\"tags\":{\"k\":\"v\"},\"recordingConfigurationArn\":\"\","
     "\"multitrackInputConfiguration\":{\"enabled\":false}}",
     NULL, NULL},
    {"unknown member", "GetChannel", "{\"arn\":\"" CHANNEL "\",\"x\":1}", "x",
     "GetChannel has no member 'x'"},
    {"misspelt member", "ListChannels", "{\"maxResult\":1}", "maxResult",
     "did you mean 'maxResults'?"},
    {"other case", "GetChannel", "{\"Arn\":\"" CHANNEL "\"}", "Arn",
     "did you mean 'arn'?"},
    {"missing member", "GetChannel", "{}", "arn",
     "arn is missing, expected a string"},
    {"null", "GetChannel", "{\"arn\":null}", "arn",
     "arn is null, expected a string"},
    {"number for text", "GetChannel", "{\"arn\":1}", "arn",
     "arn is an integer, expected a string"},
    {"text for bool", "CreateChannel", "{\"authorized\":\"true\"}",
     "authorized", "authorized is a string, expected true or false"},
    {"float for integer", "ListChannels", "{\"maxResults\":1.0}", "maxResults",
     "maxResults is a number with a fraction or exponent, expected an integer"},
    {"object for list", "BatchGetChannel", "{\"arns\":{}}", "arns",
     "arns is an object, expected an array"},
    {"list for map", "CreateChannel", "{\"tags\":[]}", "tags",
     "tags is an array, expected an object"},
    {"number for structure", "ListStreams", "{\"filterBy\":1}", "filterBy",
     "filterBy is an integer, expected an object"},
    {"empty list", "BatchGetChannel", "{\"arns\":[]}", "arns",
     "arns has 0 elements, expected at least 1"},
    {"element at fault", "BatchGetChannel",
     "{\"arns\":[\"" CHANNEL "\",\"" KEY "\"]}", "arns[1]",
     "arns[1] is 'arn:aws:ivs:us-west-2:123456789012:playback-key/"},
    {"integer below range", "ListChannels", "{\"maxResults\":0}", "maxResults",
     "maxResults is 0, expected 1 to 100"},
    {"integer above range", "ListStreamKeys",
     "{\"channelArn\":\"" CHANNEL "\",\"maxResults\":51}", "maxResults",
     "maxResults is 51, expected 1 to 50"},
    {"int32 at its end", "StartViewerSessionRevocation",
     "{\"channelArn\":\"" CHANNEL "\",\"viewerId\":\"v\","
     "\"viewerSessionVersionsLessThanOrEqualTo\":2147483647}",
     NULL, NULL},
    {"int32 beyond its end", "StartViewerSessionRevocation",
     "{\"channelArn\":\"" CHANNEL "\",\"viewerId\":\"v\","
     "\"viewerSessionVersionsLessThanOrEqualTo\":2147483648}",
     "viewerSessionVersionsLessThanOrEqualTo",
     "is 2147483648, expected 0 to 2147483647"},
    {"40 characters of four bytes", "StartViewerSessionRevocation",
     "{\"channelArn\":\"" CHANNEL "\",\"viewerId\":\"😀😀😀😀😀😀😀😀😀😀"
     "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀\"}",
     NULL, NULL},
    {"41 characters", "StartViewerSessionRevocation",
     "{\"channelArn\":\"" CHANNEL "\","
     "\"viewerId\":\"01234567890123456789012345678901234567890\"}",
     "viewerId", "viewerId has 41 characters, expected at most 40"},
    {"empty viewer id", "StartViewerSessionRevocation",
     "{\"channelArn\":\"" CHANNEL "\",\"viewerId\":\"\"}", "viewerId",
     "viewerId has 0 characters, expected at least 1"},
    {"member of an element", "BatchStartViewerSessionRevocation",
     "{\"viewerSessions\":[{\"channelArn\":\"" CHANNEL
     "\",\"viewerId\":\"a\"},{\"channelArn\":\"" CHANNEL "\"}]}",
     "viewerSessions[1].viewerId",
     "viewerSessions[1].viewerId is missing, expected a string"},
    {"unknown member of an element", "BatchStartViewerSessionRevocation",
     "{\"viewerSessions\":[{\"viewerID\":\"a\"}]}",
     "viewerSessions[0].viewerID",
     "viewerSessions[0] has no member 'viewerID'; did you mean 'viewerId'?"},
    {"not of the enum", "CreateChannel", "{\"latencyMode\":\"ULTRA\"}",
     "latencyMode", "latencyMode is 'ULTRA', expected one of NORMAL, LOW"},
    {"enum in a list", "CreateRecordingConfiguration",
     "{\"destinationConfiguration\":{},\"renditionConfiguration\":"
     "{\"renditions\":[\"SD\",\"4K\"]}}",
     "renditionConfiguration.renditions[1]",
     "expected one of SD, HD, FULL_HD, LOWEST_RESOLUTION"},
    {"name with a space", "CreateChannel", "{\"name\":\"a b\"}", "name",
     "name is 'a b', expected text like [a-zA-Z0-9-_]*"},
    {"ARN with a line end", "GetChannel", "{\"arn\":\"" CHANNEL "\\n\"}", "arn",
     "expected text like arn:aws:ivs:"},
    {"ARN of another resource", "GetChannel", "{\"arn\":\"" KEY "\"}", "arn",
     "the ARN of a playback-key, expected that of a channel"},
    {"ARN of what begins with a vowel", "GetChannel",
     "{\"arn\":\"arn:aws:ivs:us-west-2:1:ad-configuration/a\"}", "arn",
     "the ARN of an ad-configuration, expected that of a channel"},
    {"ARN instead of what begins with a vowel", "GetAdConfiguration",
     "{\"arn\":\"" CHANNEL "\"}", "arn",
     "the ARN of a channel, expected that of an ad-configuration"},
    {"ARN of another region", "GetChannel",
     "{\"arn\":\"arn:aws:ivs:eu-west-1:1:channel/a\"}", NULL, NULL},
    {"ARN of another partition", "GetChannel",
     "{\"arn\":\"arn:aws-cn:ivs:us-west-2:1:channel/a\"}", "arn", "expected"},
    {"ARN or nothing: nothing", "UpdateChannel",
     "{\"arn\":\"" CHANNEL "\",\"playbackRestrictionPolicyArn\":\"\"}", NULL,
     NULL},
    {"ARN or nothing: another", "UpdateChannel",
     "{\"arn\":\"" CHANNEL "\",\"playbackRestrictionPolicyArn\":\"" KEY "\"}",
     "playbackRestrictionPolicyArn",
     "expected that of a playback-restriction-policy, or nothing"},
    {"bucket name", "CreateRecordingConfiguration",
     "{\"destinationConfiguration\":{\"s3\":{\"bucketName\":\"Big\"}}}",
     "destinationConfiguration.s3.bucketName",
     "expected text like [a-z0-9-.]+"},
    {"tags of any resource", "TagResource",
     "{\"resourceArn\":\"" KEY "\",\"tags\":{\"Büro 1\":\"\"}}", NULL, NULL},
    {"tags of no resource", "ListTagsForResource",
     "{\"resourceArn\":\"arn:aws:ivs:us-west-2:1:stage/a\"}", "resourceArn",
     "expected the ARN of an IVS resource"},
    {"empty tag key", "TagResource",
     "{\"resourceArn\":\"" KEY "\",\"tags\":{\"\":\"v\"}}", "tags.",
     "has 0 characters, expected at least 1"},
    {"control character in a tag", "TagResource",
     "{\"resourceArn\":\"" KEY "\",\"tags\":{\"k\":\"a\\u001bb\"}}", "tags.k",
     "tags.k holds a control character"},
    {"number for a tag", "TagResource",
     "{\"resourceArn\":\"" KEY "\",\"tags\":{\"k\":1}}", "tags.k",
     "tags.k is an integer, expected a string"},
    {"key material of any form", "ImportPlaybackKeyPair",
     "{\"publicKeyMaterial\":\"\"}", NULL, NULL},
    {"64-bit interval", "CreateRecordingConfiguration",
     "{\"destinationConfiguration\":{},\"thumbnailConfiguration\":"
     "{\"targetIntervalSeconds\":61}}",
     "thumbnailConfiguration.targetIntervalSe",
     "thumbnailConfiguration.targetIntervalSeconds is 61, expected 1 to 60"},
};

static void
input_is_checked_member_by_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const struct check_case *c = &checks[i];
        json_t *input = NULL;
        ivs_error err = {.code = IVS_OK};
        ivs_status s;

        print_message("  %s\n", c->name);
        assert_int_equal(ivs_json_parse(c->input, strlen(c->input),
                                        IVS_JSON_OBJECT, "input", &input, NULL,
                                        NULL),
                         IVS_OK);
        s = ivs_operation_check(ivs_operation_find(c->op), input, &err);
        json_decref(input);
        assert_int_equal(s, c->member == NULL ? IVS_OK : IVS_E_ARG);
        if (c->member == NULL)
            continue;
        assert_int_equal(err.code, IVS_E_ARG);
        assert_string_equal(err.member, c->member);
        if (strstr(err.message, c->message) == NULL)
            fail_msg("'%s' does not say '%s'", err.message, c->message);
    }
}

/* n elements or members accepted, one more refused. */
static void
counts_are_bounded(void **state)
{
    static const struct {
        const char *op, *member;
        size_t max;
    } cases[] = {
        {"BatchGetChannel", "arns", 50},
        {"BatchStartViewerSessionRevocation", "viewerSessions", 20},
        {"CreateStreamKey", "tags", 50},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t n = cases[i].max; n <= cases[i].max + 1; n++) {
            bool map = strcmp(cases[i].member, "tags") == 0;
            json_t *input = json_object(),
                   *all = map ? json_object() : json_array();
            ivs_error err;

            for (size_t k = 0; k < n; k++) {
                char key[24];

                (void)snprintf(key, sizeof key, "k%zu", k);
                if (map)
                    assert_int_equal(
                        json_object_set_new(all, key, json_string("v")), 0);
                else if (strcmp(cases[i].member, "arns") == 0)
                    assert_int_equal(
                        json_array_append_new(all, json_string(CHANNEL)), 0);
                else
                    assert_int_equal(
                        json_array_append_new(
                            all, json_pack("{s:s,s:s}", "channelArn", CHANNEL,
                                           "viewerId", key)),
                        0);
            }
            assert_int_equal(json_object_set_new(input, cases[i].member, all),
                             0);
            if (map)
                assert_int_equal(json_object_set_new(input, "channelArn",
                                                     json_string(CHANNEL)),
                                 0);
            assert_int_equal(ivs_operation_check(
                                 ivs_operation_find(cases[i].op), input, &err),
                             n <= cases[i].max ? IVS_OK : IVS_E_ARG);
            json_decref(input);
        }
    }
}

static void
input_that_is_no_object_is_refused(void **state)
{
    json_t *input = json_array();
    ivs_error err;

    (void)state;
    assert_int_equal(
        ivs_operation_check(ivs_operation_find("ListChannels"), input, &err),
        IVS_E_ARG);
    assert_int_equal(
        ivs_operation_check(ivs_operation_find("ListChannels"), NULL, NULL),
        IVS_E_ARG);
    json_decref(input);
}

static void
patterns_match_the_whole_text(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {
        {"[a-zA-Z0-9-_]*", "", true},
        {"[a-zA-Z0-9-_]*", "aZ9-_", true},
        {"[a-zA-Z0-9-_]*", "a.b", false},
        {"[a-zA-Z0-9-_]*", "a\n", false},
        {"[a-z0-9-.]+", "", false},
        {"[a-z0-9-.]+", "a-b.c", true},
        {"[a-z0-9-.]+", "a/b", false}, /* '/' lies between '.' and '0' */
        {"[a-zA-Z0-9+/=_-]*", "a+/=_-", true},
        {"[a-zA-Z0-9+/=_-]*", "a,b", false},
        {"st-[a-zA-Z0-9]+", "st-1", true},
        {"st-[a-zA-Z0-9]+", "st-", false},
        {"st-[a-zA-Z0-9]+", "sx-1", false},
        {"st-[a-zA-Z0-9]+", "st", false},
        {"x[ab]y", "xay", true},
        {"x[ab]y", "xaby", false},
        {"x[ab]y", "x", false},
        {"^$|^a[b]+$", "", true},
        {"^$|^a[b]+$", "abb", true},
        {"^$|^a[b]+$", "abc", false},
        {"^$|^a[b]+$", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  %s on '%s'\n", cases[i].pattern, cases[i].text);
        assert_int_equal(ivs_pattern_match(cases[i].pattern, cases[i].text,
                                           strlen(cases[i].text)),
                         cases[i].fits);
    }
}

static json_t *
describe(const char *name)
{
    char *text = NULL;
    json_t *value = NULL;

    assert_int_equal(ivs_operation_describe(name, &text, NULL), IVS_OK);
    assert_int_equal(ivs_json_parse(text, strlen(text), IVS_JSON_OBJECT,
                                    "description", &value, NULL, NULL),
                     IVS_OK);
    ivs_free(text);
    return value;
}

static void
description_is_the_row_as_json(void **state)
{
    json_t *d = describe("UntagResource"), *m;
    const char *location = NULL, *pattern = NULL;
    int required = 0;
    long long max = 0;

    (void)state;
    assert_string_equal(json_string_value(json_object_get(d, "method")),
                        "DELETE");
    assert_string_equal(json_string_value(json_object_get(d, "path")),
                        "/tags/{resourceArn}");
    assert_true(json_is_null(json_object_get(d, "paginator")));
    m = json_array_get(json_object_get(d, "members"), 1);
    assert_int_equal(json_unpack(m, "{s:s,s:b,s:I,s:{s:s}}", "location",
                                 &location, "required", &required, "max", &max,
                                 "item", "pattern", &pattern),
                     0);
    assert_string_equal(location, "querystring");
    assert_true(required);
    assert_int_equal(max, 50);
    assert_string_equal(pattern, "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)");
    json_decref(d);
    d = describe("ListPlaybackKeyPairs");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(d, "paginator"), "result")),
                        "keyPairs");
    json_decref(d);
    for (size_t i = 0; i < ivs_operation_count(); i++)
        json_decref(describe(ivs_operation_name(i)));
}

static void
description_refuses_bad_arguments(void **state)
{
    char *text = NULL;
    ivs_error err;

    (void)state;
    assert_int_equal(ivs_operation_describe(NULL, &text, &err), IVS_E_ARG);
    assert_int_equal(ivs_operation_describe("GetChannel", NULL, &err),
                     IVS_E_ARG);
    assert_int_equal(ivs_operation_describe("GetChanel", &text, &err),
                     IVS_E_ARG);
    assert_non_null(strstr(err.message, "GetChannel"));
    assert_null(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_found_by_name),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(unknown_operation_suggests_the_nearest),
        cmocka_unit_test(only_harmless_repeats_are_repeatable),
        cmocka_unit_test(input_is_checked_member_by_member),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(input_that_is_no_object_is_refused),
        cmocka_unit_test(patterns_match_the_whole_text),
        cmocka_unit_test(description_is_the_row_as_json),
        cmocka_unit_test(description_refuses_bad_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
