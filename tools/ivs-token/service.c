/* SPDX-License-Identifier: MIT */
/* Clients of the service: which region, with what. */

#include <stdlib.h>
#include <string.h>

#include "cli.h"

static struct canceller canceller;

static void
print_debug(const char *line, void *user)
{
    (void)user;
    /* Calls of several threads do not mix. */
    flockfile(stderr);
    (void)fputs("ivs-token: debug: ", stderr);
    text_print(stderr, line, strlen(line));
    (void)fputc('\n', stderr);
    funlockfile(stderr);
}

bool
environment_has(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0';
}

static bool
environment_names_region(void)
{
    return environment_has("AWS_REGION") ||
           environment_has("AWS_DEFAULT_REGION");
}

static void
cancel(void *client)
{
    ivs_client_cancel(client);
}

int
service_open(struct cli *c, const ivs_arn *arn, ivs_client **ret)
{
    ivs_client_options opt;
    ivs_client *client = NULL;
    ivs_error err = {0};
    int code = arn != NULL ? value_check_region(c, arn) : CLI_OK;

    if (code != CLI_OK)
        return code;
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = c->g.region;
    opt.profile = c->g.profile;
    opt.endpoint_url = c->g.endpoint_url;
    opt.allow_http = c->g.allow_http;
    opt.ca_bundle = c->g.ca_bundle;
    opt.max_attempts = c->max_attempts;
    opt.no_validate = c->no_validate;
    if (opt.region == NULL && arn != NULL && !environment_names_region())
        opt.region = arn->region;
    if (c->g.debug)
        opt.debug = print_debug;
    if (ivs_client_new(&opt, &client, &err) != IVS_OK) {
        code = fail_error(c, &err);
        /* All files that are read here are configuration. */
        return err.code == IVS_E_IO ? CLI_CONFIG : code;
    }
    if (arn != NULL && strcmp(arn->region, ivs_client_region(client)) != 0) {
        code = value_other_region(c, arn, "the environment's region",
                                  ivs_client_region(client));
        ivs_client_free(client);
        return code;
    }
    canceller = (struct canceller){cancel, client};
    signals_cancel(&canceller);
    *ret = client;
    return CLI_OK;
}

void
service_close(ivs_client *client)
{
    signals_cancel(NULL);
    ivs_client_free(client);
}
