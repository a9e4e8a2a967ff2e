/* SPDX-License-Identifier: MIT */
/* The shared files against the cases the AWS SDKs share. */

#include "support/test.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "aws/ini.h"
#include "aws/profile.h"

static const char *folder;

static json_t *
load(const char *file)
{
    char path[1024];
    json_t *root;

    (void)snprintf(path, sizeof path, "%s/aws-config/%s", folder, file);
    root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    return root;
}

static const char *
text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* Sections of a type as the suite writes them: a map of maps. */
static json_t *
as_map(const ivs_ini *ini, ivs_ini_type type)
{
    json_t *map = json_object();

    for (size_t i = 0; i < ini->nsections; i++) {
        const ivs_ini_section *s = &ini->sections[i];

        if (s->type != type)
            continue;
        if (json_object_get(map, s->name) == NULL)
            assert_int_equal(json_object_set_new(map, s->name, json_object()),
                             0);
        for (size_t k = 0; k < s->nproperties; k++) {
            const char *key = s->properties[k].key;
            const ivs_ini_property *p = ivs_ini_get(ini, type, s->name, key);

            assert_non_null(p);
            assert_int_equal(json_object_set_new(json_object_get(map, s->name),
                                                 key,
                                                 json_string(p->value.data)),
                             0);
        }
    }
    return map;
}

static bool
same_map(const ivs_ini *ini, ivs_ini_type type, json_t *want)
{
    json_t *got = as_map(ini, type);
    bool ok =
        want == NULL ? json_object_size(got) == 0 : json_equal(got, want) == 1;

    if (!ok) {
        char *text = json_dumps(got, JSON_INDENT(2));

        print_error("got %s\n", text);
        free(text);
    }
    json_decref(got);
    return ok;
}

static bool
contains(const char *text, const char *part)
{
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, strlen(part)) == 0)
            return true;
    return false;
}

static ivs_status
parse(ivs_ini *ini, json_t *input, ivs_error *err)
{
    const char *config = text_of(input, "configFile");
    const char *credentials = text_of(input, "credentialsFile");
    ivs_status s = IVS_OK;

    if (config != NULL)
        s = ivs_ini_parse(ini, config, strlen(config), IVS_INI_CONFIG, "config",
                          err);
    if (s == IVS_OK && credentials != NULL)
        s = ivs_ini_parse(ini, credentials, strlen(credentials),
                          IVS_INI_CREDENTIALS, "credentials", err);
    return s;
}

static bool
run_parser_case(json_t *test)
{
    json_t *output = json_object_get(test, "output");
    json_t *config = json_object_get(output, "config");
    const char *error = text_of(output, "errorContaining");
    ivs_ini ini = {0};
    ivs_error err = {0};
    ivs_status s = parse(&ini, json_object_get(test, "input"), &err);
    bool ok;

    if (error != NULL)
        ok = s == IVS_E_CREDENTIALS && contains(err.message, error);
    else
        ok = s == IVS_OK &&
             same_map(&ini, IVS_INI_PROFILE,
                      json_object_get(config, "profiles")) &&
             same_map(&ini, IVS_INI_SSO_SESSION,
                      json_object_get(config, "sso_sessions"));
    if (!ok)
        print_error("%s: status %d, %s\n", text_of(test, "name"), (int)s,
                    err.message);
    ivs_ini_free(&ini);
    return ok;
}

static void
files_parse_as_the_sdks_agree(void **state)
{
    json_t *root = load("profile-parser-tests.json"), *test;
    int run = 0, failed = 0;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(root, "tests"), i, test)
    {
        run++;
        failed += !run_parser_case(test);
    }
    json_decref(root);
    print_message("%d cases, %d failed\n", run, failed);
    assert_int_equal(failed, 0);
    assert_true(run >= 65);
}

static const char *
from_case(const char *name, void *user)
{
    return text_of(user, name);
}

static bool
run_location_case(json_t *test)
{
    const ivs_profile_options opt = {
        .env = {from_case, json_object_get(test, "environment")}};
    const char *profile = text_of(test, "profile");
    ivs_profile where = {0};
    bool ok;

    ok = ivs_profile_locate(&opt, &where, NULL) == IVS_OK &&
         strcmp(where.config_file, text_of(test, "configLocation")) == 0 &&
         strcmp(where.credentials_file, text_of(test, "credentialsLocation")) ==
             0 &&
         (profile == NULL || strcmp(where.name, profile) == 0);
    if (!ok)
        print_error("%s\n", text_of(test, "name"));
    ivs_profile_free(&where);
    return ok;
}

static void
files_are_where_the_sdks_look(void **state)
{
    json_t *root = load("file-location-tests.json"), *test;
    int run = 0, failed = 0;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(root, "tests"), i, test)
    {
        if (strcmp(text_of(test, "platform"), "windows") == 0)
            continue;
        run++;
        failed += !run_location_case(test);
    }
    json_decref(root);
    print_message("%d cases, %d failed\n", run, failed);
    assert_int_equal(failed, 0);
    assert_true(run >= 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_parse_as_the_sdks_agree),
        cmocka_unit_test(files_are_where_the_sdks_look),
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
