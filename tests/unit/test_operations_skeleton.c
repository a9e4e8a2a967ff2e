/* SPDX-License-Identifier: MIT */
/* service: inputs to fill in, and what the client refuses before it sends. */

#include "support/script.h"

#include "base/file.h"
#include "base/json.h"
#include "service/operations.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ABROAD  "arn:aws:ivs:eu-west-1:123456789012:channel/abcdABCDefgh"

static struct fixture f;

static const struct reply any = {
    .status = 200, .body = "{\"channel\":{},\"channels\":[],\"tags\":{}}"};

static json_t *
skeleton(const char *name)
{
    char *text = NULL;
    json_t *value = NULL;

    assert_int_equal(ivs_operation_skeleton(name, &text, NULL), IVS_OK);
    assert_int_equal(ivs_json_parse(text, strlen(text), IVS_JSON_OBJECT,
                                    "skeleton", &value, NULL, NULL),
                     IVS_OK);
    ivs_free(text);
    return value;
}

/* A text that the shape of a string takes. */
static json_t *
good_text(const ivs_shape *shape)
{
    const char *pattern = shape->pattern;

    if (shape->values != NULL)
        return json_string(shape->values[0]);
    if (shape->rule == IVS_RULE_RESOURCE_ARN)
        return json_string(CHANNEL);
    if (pattern != NULL && strstr(pattern, "arn:aws:") != NULL) {
        const char *type = strrchr(pattern, ':') + 1;
        bool ivs = strstr(pattern, ":ivs:") != NULL;

        return json_sprintf("arn:aws:%s:us-west-2:1:%.*s/a",
                            ivs ? "ivs" : "mediatailor",
                            (int)strcspn(type, "/"), type);
    }
    if (pattern != NULL && strncmp(pattern, "st-", 3) == 0)
        return json_string("st-ABCDEFGHIJKLMNOPQRSTUVW");
    return json_string(shape->has_max && shape->max == 2 ? "DE" : "abc");
}

/* Every member is there, required or not, and nothing else. Placeholders are
 * replaced; *ret_texts counts them. */
static json_t *
fill(const ivs_shape *shape, const ivs_member *members, json_t *value,
     bool required, size_t *ret_texts)
{
    json_t *filled = NULL;

    if (members != NULL) {
        size_t n = 0;

        filled = json_object();
        for (const ivs_member *m = members; m->name != NULL; m++, n++) {
            json_t *inner = json_object_get(value, m->name);

            assert_non_null(inner);
            json_object_set_new(filled, m->name,
                                fill(m->shape, m->shape->members, inner,
                                     m->required, ret_texts));
        }
        assert_int_equal(json_object_size(value), n);
        return filled;
    }
    switch (shape->kind) {
    case IVS_SHAPE_STRING:
        assert_non_null(strstr(json_string_value(value),
                               required ? "<required: " : "<optional: "));
        ++*ret_texts;
        return good_text(shape);
    case IVS_SHAPE_LIST:
        assert_int_equal(json_array_size(value), 1);
        filled = json_array();
        json_array_append_new(filled, fill(shape->item, shape->item->members,
                                           json_array_get(value, 0), required,
                                           ret_texts));
        return filled;
    case IVS_SHAPE_MAP:
        assert_int_equal(json_object_size(value), 1);
        return json_pack("{s:s}", "key", "value");
    default:
        return json_incref(value);
    }
}

static void
skeleton_has_every_member_and_fits_once_filled_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < ivs_operation_count(); i++) {
        const ivs_operation *op = ivs_operation_find(ivs_operation_name(i));
        json_t *value = skeleton(op->name), *filled;
        size_t texts = 0;
        ivs_error err;

        print_message("  %s\n", op->name);
        assert_int_equal(ivs_operation_check_in(op, "us-west-2", value, &err),
                         IVS_E_ARG);
        assert_non_null(strstr(err.message, "is the placeholder '<"));
        filled = fill(NULL, op->input, value, true, &texts);
        assert_true(texts > 0);
        if (ivs_operation_check_in(op, "us-west-2", filled, &err) != IVS_OK)
            fail_msg("%s: %s", op->name, err.message);
        json_decref(filled);
        json_decref(value);
    }
}

static void
skeleton_refuses_bad_arguments(void **state)
{
    char *text = NULL;
    ivs_error err;

    (void)state;
    assert_int_equal(ivs_operation_skeleton(NULL, &text, &err), IVS_E_ARG);
    assert_int_equal(ivs_operation_skeleton("GetChannel", NULL, &err),
                     IVS_E_ARG);
    assert_int_equal(ivs_operation_skeleton("GetChanel", &text, &err),
                     IVS_E_ARG);
    assert_non_null(strstr(err.message, "did you mean GetChannel?"));
    assert_null(text);
}

/* Text without a pattern would go through to the service. */
static void
placeholder_is_not_sent(void **state)
{
    (void)state;
    open_script(&f, &any, 1);
    assert_int_equal(call(&f, "StartViewerSessionRevocation",
                          "{\"channelArn\":\"" CHANNEL "\",\"viewerId\":"
                          "\"<required: text of 1 to 40 characters>\"}"),
                     IVS_E_ARG);
    assert_string_equal(f.err.member, "viewerId");
    assert_int_equal(call(&f, "CreateChannel",
                          "{\"tags\":{\"<optional: text of 1 to 128 "
                          "characters>\":\"v\"}}"),
                     IVS_E_ARG);
    assert_int_equal(f.script.sent, 0);
    assert_int_equal(call(&f, "StartViewerSessionRevocation",
                          "{\"channelArn\":\"" CHANNEL
                          "\",\"viewerId\":\"<required>\"}"),
                     IVS_OK);
    close_script(&f);
}

static void
arn_of_another_region_is_not_sent(void **state)
{
    static const struct {
        const char *operation, *input, *member;
    } cases[] = {
        {"GetChannel", "{\"arn\":\"" ABROAD "\"}", "arn"},
        {"BatchGetChannel", "{\"arns\":[\"" CHANNEL "\",\"" ABROAD "\"]}",
         "arns[1]"},
        {"UntagResource",
         "{\"resourceArn\":\"" ABROAD "\",\"tagKeys\":[\"a\"]}", "resourceArn"},
        {"BatchStartViewerSessionRevocation",
         "{\"viewerSessions\":[{\"channelArn\":\"" ABROAD
         "\",\"viewerId\":\"v\"}]}",
         "viewerSessions[0].channelArn"},
        {"UpdateChannel",
         "{\"arn\":\"" CHANNEL "\",\"recordingConfigurationArn\":"
         "\"arn:aws:ivs:eu-west-1:1:recording-configuration/a\"}",
         "recordingConfigurationArn"},
    };

    (void)state;
    open_script(&f, &any, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(call(&f, cases[i].operation, cases[i].input),
                         IVS_E_ARG);
        assert_string_equal(f.err.member, cases[i].member);
        assert_non_null(strstr(f.err.message,
                               "is of region eu-west-1, but the call goes to "
                               "region us-west-2"));
    }
    assert_int_equal(f.script.sent, 0);
    /* Another account's is for the service, another service's its own. */
    assert_int_equal(
        call(&f, "GetChannel",
             "{\"arn\":\"arn:aws:ivs:us-west-2:999999999999:channel/a\"}"),
        IVS_OK);
    assert_int_equal(call(&f, "UpdateChannel",
                          "{\"arn\":\"" CHANNEL
                          "\",\"recordingConfigurationArn\":\"\"}"),
                     IVS_OK);
    close_script(&f);
}

/* ---- no_validate ---- */

static void
open_lax(void)
{
    ivs_client_options opt;

    memset(&f, 0, sizeof f);
    f.script.replies = &any;
    f.script.nreplies = 1;
    script_options(&f.script, &opt);
    assert_int_equal(ivs_credentials_static(SCRIPT_KEY_ID, SCRIPT_SECRET, NULL,
                                            &f.credentials, NULL),
                     IVS_OK);
    opt.credentials = f.credentials;
    opt.no_validate = true;
    assert_int_equal(ivs_client_new(&opt, &f.client, NULL), IVS_OK);
}

static void
unchecked_input_goes_out_as_it_is(void **state)
{
    (void)state;
    open_lax();
    assert_int_equal(
        call(&f, "GetChannel", "{\"arn\":7,\"new\":{\"a\":[null]}}"), IVS_OK);
    assert_string_equal(f.script.body, "{\"arn\":7,\"new\":{\"a\":[null]}}");
    assert_int_equal(call(&f, "TagResource",
                          "{\"resourceArn\":\"a b/..\",\"tags\":3,\"n\":1}"),
                     IVS_OK);
    assert_non_null(strstr(f.script.url, "/tags/a%20b%2F.."));
    assert_string_equal(f.script.body, "{\"tags\":3,\"n\":1}");
    assert_int_equal(call(&f, "UntagResource", "{\"resourceArn\":\"a\"}"),
                     IVS_OK);
    assert_non_null(strstr(f.script.url, "/tags/a"));
    close_script(&f);
}

static void
unchecked_input_still_has_to_make_a_request(void **state)
{
    static const struct {
        const char *operation, *input, *message;
        ivs_status status;
    } cases[] = {
        {"TagResource", "{}", "resourceArn is no text", IVS_E_ARG},
        {"TagResource", "{\"resourceArn\":1}", "resourceArn", IVS_E_ARG},
        {"TagResource", "{\"resourceArn\":\"\"}", "resourceArn", IVS_E_ARG},
        {"TagResource", "{\"resourceArn\":\"..\"}", "resourceArn", IVS_E_ARG},
        {"UntagResource", "{\"resourceArn\":\"a\",\"tagKeys\":\"k\"}",
         "tagKeys is no array of strings", IVS_E_ARG},
        {"UntagResource", "{\"resourceArn\":\"a\",\"tagKeys\":[1]}", "tagKeys",
         IVS_E_ARG},
        {"ListTagsForResource", "{\"resourceArn\":\"a\",\"n\":1}",
         "n has no place in a GET of /tags/{resourceArn}", IVS_E_ARG},
        {"GetChannel", "[]", "not a JSON object", IVS_E_FORMAT},
        {"GetChannel", "{\"a\":1,\"a\":2}", "the member \"a\" twice",
         IVS_E_FORMAT},
    };

    (void)state;
    open_lax();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  %s %s\n", cases[i].operation, cases[i].input);
        assert_int_equal(call(&f, cases[i].operation, cases[i].input),
                         cases[i].status);
        assert_non_null(strstr(f.err.message, cases[i].message));
    }
    assert_int_equal(f.script.sent, 0);
    close_script(&f);
}

/* The inputs that the other tests send. */
static void
good_inputs_of_all_operations_fit(void **state)
{
    ivs_buf text = IVS_BUF_INIT;
    json_t *all = NULL, *input;
    const char *name;
    char path[1024];

    (void)state;
    assert_non_null(getenv("IVS_SOURCE_DIR"));
    (void)snprintf(path, sizeof path, "%s/tests/support/inputs.json",
                   getenv("IVS_SOURCE_DIR"));
    assert_int_equal(ivs_file_read(path, 1 << 20, &text, NULL), IVS_OK);
    assert_int_equal(ivs_json_parse(text.data, text.len, IVS_JSON_OBJECT,
                                    "inputs", &all, NULL, NULL),
                     IVS_OK);
    assert_int_equal(json_object_size(all), ivs_operation_count());
    json_object_foreach(all, name, input)
    {
        ivs_error err;

        assert_non_null(ivs_operation_find(name));
        if (ivs_operation_check_in(ivs_operation_find(name), "us-west-2", input,
                                   &err) != IVS_OK)
            fail_msg("%s: %s", name, err.message);
    }
    json_decref(all);
    ivs_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skeleton_has_every_member_and_fits_once_filled_in),
        cmocka_unit_test(skeleton_refuses_bad_arguments),
        cmocka_unit_test(placeholder_is_not_sent),
        cmocka_unit_test(arn_of_another_region_is_not_sent),
        cmocka_unit_test(unchecked_input_goes_out_as_it_is),
        cmocka_unit_test(unchecked_input_still_has_to_make_a_request),
        cmocka_unit_test(good_inputs_of_all_operations_fit),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
