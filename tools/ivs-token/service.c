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

/* The variable that sets the region, or NULL. */
static const char *
region_variable(void)
{
    if (environment_has("AWS_REGION"))
        return "AWS_REGION";
    return environment_has("AWS_DEFAULT_REGION") ? "AWS_DEFAULT_REGION" : NULL;
}

const char *
service_region(const struct cli *c, const char **ret_whose)
{
    const char *variable = region_variable();

    *ret_whose = c->g.region != NULL ? "--region" : variable;
    if (c->g.region != NULL)
        return c->g.region;
    return variable != NULL ? getenv(variable) : NULL;
}

static void
cancel(void *client)
{
    ivs_client_cancel(client);
}

ivs_status
service_open_at(struct cli *c, const char *region, ivs_credentials *credentials,
                ivs_client **ret, ivs_error *err)
{
    ivs_client_options opt;
    ivs_status s;

    ivs_client_options_init(&opt, sizeof opt);
    opt.credentials = credentials;
    opt.region = region != NULL ? region : c->g.region;
    opt.profile = c->g.profile;
    opt.endpoint_url = c->g.endpoint_url;
    opt.allow_http = c->g.allow_http;
    opt.ca_bundle = c->g.ca_bundle;
    opt.max_attempts = c->max_attempts;
    opt.total_timeout_ms = c->total_timeout_ms;
    opt.no_validate = c->no_validate;
    if (c->g.debug)
        opt.debug = print_debug;
    if ((s = ivs_client_new(&opt, ret, err)) != IVS_OK)
        return s;
    canceller = (struct canceller){cancel, *ret};
    signals_cancel(&canceller);
    return IVS_OK;
}

int
service_exit_code(const ivs_error *err)
{
    /* All files that are read here are configuration. */
    return err->code == IVS_E_IO ? CLI_CONFIG : exit_code(err->code);
}

int
service_open(struct cli *c, const ivs_arn *arn, ivs_client **ret)
{
    const char *region = c->g.region, *whose;
    ivs_client *client = NULL;
    ivs_error err = {0};
    int code = arn != NULL ? value_check_region(c, arn) : CLI_OK;

    if (code != CLI_OK)
        return code;
    if (arn != NULL && service_region(c, &whose) == NULL)
        region = arn->region;
    if (service_open_at(c, region, NULL, &client, &err) != IVS_OK) {
        (void)fail_error(c, &err);
        return service_exit_code(&err);
    }
    if (arn != NULL && strcmp(arn->region, ivs_client_region(client)) != 0) {
        code = value_other_region(c, arn, region_variable(),
                                  ivs_client_region(client));
        service_close(client);
        return code;
    }
    *ret = client;
    return CLI_OK;
}

void
service_close(ivs_client *client)
{
    signals_cancel(NULL);
    ivs_client_free(client);
}
