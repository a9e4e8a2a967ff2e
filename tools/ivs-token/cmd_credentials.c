/* SPDX-License-Identifier: MIT */
/* credentials: which source won, and why the others did not. */

#include <stdlib.h>
#include <string.h>

#include "opts_service.h"

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static int
read_report(struct cli *c, json_t **ret)
{
    ivs_credentials_options opt;
    ivs_error err = {0};
    char *text = NULL;

    ivs_credentials_options_init(&opt, sizeof opt);
    opt.profile = c->g.profile;
    opt.region = c->g.region;
    opt.ca_bundle = c->g.ca_bundle;
    opt.allow_http = c->g.allow_http;
    if (ivs_credentials_explain(&opt, &text, NULL, &err) != IVS_OK)
        return fail_error(c, &err);
    *ret = json_loads(text, 0, NULL);
    ivs_free(text);
    return *ret != NULL ? CLI_OK : fail(c, CLI_FAILED, "out of memory");
}

static void
print_line(const char *name, const char *value)
{
    (void)printf("%-14s ", name);
    text_print(stdout, value, strlen(value));
    (void)putchar('\n');
}

static void
print_found(const json_t *report)
{
    const char *expiration = member(report, "expiration");

    print_line("source", member(report, "source"));
    print_line("access key id", member(report, "accessKeyId"));
    print_line("session token",
               json_is_true(json_object_get(report, "sessionToken")) ? "yes"
                                                                     : "no");
    print_line("expires", expiration[0] != '\0' ? expiration : "never");
    (void)putchar('\n');
}

static void
print_chain(const json_t *report)
{
    const json_t *step;
    size_t i;

    json_array_foreach(json_object_get(report, "chain"), i, step)
    {
        const char *state = member(step, "state");
        const char *reason = member(step, "reason");
        char words[24];

        (void)snprintf(words, sizeof words, "%s", state);
        for (char *at = words; *at != '\0'; at++)
            if (*at == '_')
                *at = ' ';
        (void)printf("%-24s %s%s", member(step, "source"), words,
                     reason[0] != '\0' ? ": " : "");
        text_print(stdout, reason, strlen(reason));
        (void)putchar('\n');
    }
}

/* Keys of the environment hide what every other command would end with: a
 * profile that is not there, a file that cannot be read. */
static int
check_settings(struct cli *c)
{
    ivs_credentials *none = NULL;
    ivs_client *client = NULL;
    ivs_client_options opt;
    ivs_error err = {0};
    ivs_status s;

    ivs_client_options_init(&opt, sizeof opt);
    opt.profile = c->g.profile;
    opt.region = c->g.region != NULL ? c->g.region : "us-east-1";
    opt.endpoint_url = c->g.endpoint_url;
    opt.ca_bundle = c->g.ca_bundle;
    opt.allow_http = c->g.allow_http;
    s = ivs_credentials_static("none", "none", NULL, &none, &err);
    opt.credentials = none;
    if (s == IVS_OK)
        s = ivs_client_new(&opt, &client, &err);
    ivs_client_free(client);
    ivs_credentials_free(none);
    return s == IVS_OK ? CLI_OK : fail_error(c, &err);
}

int
credentials(struct cli *c, const void *values)
{
    json_t *report = NULL;
    bool found;
    int code = read_report(c, &report);

    (void)values;
    if (code != CLI_OK)
        return code;
    found = json_is_true(json_object_get(report, "found"));
    if (!found)
        code = fail(c, CLI_CONFIG, "%s", member(report, "error"));
    else
        code = check_settings(c);
    if (c->g.json) {
        int printed = out_json(c, report);

        return code != CLI_OK ? code : printed;
    }
    if (found)
        print_found(report);
    print_chain(report);
    json_decref(report);
    return code;
}
