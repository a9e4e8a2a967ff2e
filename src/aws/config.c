/* SPDX-License-Identifier: MIT */
/* Region, endpoint and the other settings of a client. */

#include "aws/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "base/ascii.h"
#include "base/error.h"

/* AWS SDKs and Tools Reference Guide, "Application ID". */
#define APP_ID_MAX 50

const ivs_aws_service ivs_aws_service_ivs = {
    .host = "ivs", .variable = "AWS_ENDPOINT_URL_IVS", .block = "ivs"};
const ivs_aws_service ivs_aws_service_sts = {.host = "sts",
                                             .variable = "AWS_ENDPOINT_URL_STS",
                                             .block = "sts",
                                             .legacy = true};
const ivs_aws_service ivs_aws_service_sso = {
    .host = "portal.sso", .variable = "AWS_ENDPOINT_URL_SSO", .block = "sso"};
const ivs_aws_service ivs_aws_service_sso_oidc = {
    .host = "oidc",
    .variable = "AWS_ENDPOINT_URL_SSO_OIDC",
    .block = "sso_oidc"};

/* A value and the place it came from, for a message. */
struct setting {
    const char *value; /* NULL: nowhere */
    char source[128];
};

struct loader {
    const ivs_aws_config_options *opt;
    const ivs_aws_service *service;
    ivs_profile profile;
    ivs_buf block_value; /* endpoint_url of a services section */
    ivs_error *err;
};

static const char *
env(const struct loader *l, const char *name)
{
    return ivs_environment_get(&l->opt->profile.env, name);
}

static struct setting
setting_of(const char *value, const char *source)
{
    struct setting ret = {.value = value};

    (void)snprintf(ret.source, sizeof ret.source, "%s", source);
    return ret;
}

static struct setting
setting_of_profile(const struct loader *l, const char *key)
{
    const ivs_ini_property *p = ivs_profile_get(&l->profile, key);
    struct setting ret = {.value = NULL};

    if (p == NULL || p->value.len == 0)
        return ret;
    ret.value = p->value.data;
    (void)snprintf(ret.source, sizeof ret.source, "%s of profile %.32s in %s",
                   key, l->profile.name, ivs_profile_file(&l->profile, p));
    return ret;
}

/* The option, the first of two variables, the profile. */
static struct setting
look_up(const struct loader *l, const char *option, const char *const names[2],
        const char *key)
{
    if (option != NULL)
        return setting_of(option, "the option");
    for (size_t i = 0; i < 2; i++)
        if (names[i] != NULL && env(l, names[i]) != NULL)
            return setting_of(env(l, names[i]), names[i]);
    return setting_of_profile(l, key);
}

static ivs_status
copy(const char *text, char **ret, ivs_error *err)
{
    char *made = strdup(text);

    if (made == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory reading settings");
    *ret = made;
    return IVS_OK;
}

static ivs_status
load_region(const struct loader *l, ivs_aws_config *ret)
{
    static const char *const names[2] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    struct setting region = look_up(l, l->opt->region, names, "region");
    size_t n;

    if (region.value == NULL)
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "no region: none given, no AWS_REGION, no "
                        "AWS_DEFAULT_REGION, none in profile %s of %s%s",
                        l->profile.name, l->profile.config_file,
                        ivs_profile_unread(&l->profile));
    /* It becomes a label of the host that gets the credentials. */
    n = strspn(region.value, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (n == 0 || n > 63 || region.value[n] != '\0')
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "region \"%.64s\" from %s, expected a name such as "
                        "us-west-2",
                        region.value, region.source);
    return copy(region.value, &ret->region, l->err);
}

/* A switch; off where nothing is configured. */
static ivs_status
look_up_switch(const struct loader *l, const char *variable, const char *key,
               bool *ret)
{
    const char *const names[2] = {variable};
    struct setting found = look_up(l, NULL, names, key);

    *ret = found.value != NULL && ivs_ascii_equal_nocase(found.value, "true");
    if (found.value == NULL || *ret ||
        ivs_ascii_equal_nocase(found.value, "false"))
        return IVS_OK;
    return ivs_fail(l->err, IVS_E_CREDENTIALS,
                    "%s is \"%.32s\", expected true or false", found.source,
                    found.value);
}

/* endpoint_url in the service's block of the services section that the profile
 * names. */
static ivs_status
services_endpoint(struct loader *l, struct setting *ret)
{
    const ivs_ini_property *name = ivs_profile_get(&l->profile, "services");
    const ivs_ini_property *block;

    if (name == NULL || name->value.len == 0)
        return IVS_OK;
    if (!ivs_ini_has(&l->profile.ini, IVS_INI_SERVICES, name->value.data))
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "profile %s names [services %.64s], which is not in %s",
                        l->profile.name, name->value.data,
                        l->profile.config_file);
    block = ivs_ini_get(&l->profile.ini, IVS_INI_SERVICES, name->value.data,
                        l->service->block);
    if (block != NULL &&
        ivs_ini_block_get(block, "endpoint_url", &l->block_value)) {
        if (l->block_value.failed)
            return ivs_fail(l->err, IVS_E_NOMEM,
                            "out of memory reading settings");
        *ret = setting_of(l->block_value.data, "the services section");
    }
    return IVS_OK;
}

static ivs_status
find_endpoint(struct loader *l, struct setting *ret)
{
    const char *const names[2] = {l->service->variable, "AWS_ENDPOINT_URL"};
    bool ignored;
    ivs_status s;

    if ((s = look_up_switch(l, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                            "ignore_configured_endpoint_urls", &ignored)) !=
        IVS_OK)
        return s;
    *ret = setting_of(l->opt->endpoint_url, "the option");
    if (ret->value != NULL || ignored)
        return IVS_OK;
    for (size_t i = 0; i < 2; i++) {
        *ret = setting_of(env(l, names[i]), names[i]);
        if (ret->value != NULL)
            return IVS_OK;
    }
    if ((s = services_endpoint(l, ret)) != IVS_OK || ret->value != NULL)
        return s;
    *ret = setting_of_profile(l, "endpoint_url");
    return IVS_OK;
}

/* The regions that had no endpoint of their own at first. */
static bool
is_legacy_region(const char *region)
{
    static const char *const regions[] = {
        "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
        "ca-central-1",   "eu-central-1", "eu-north-1",     "eu-west-1",
        "eu-west-2",      "eu-west-3",    "sa-east-1",      "us-east-1",
        "us-east-2",      "us-west-1",    "us-west-2"};

    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
        if (strcmp(regions[i], region) == 0)
            return true;
    return false;
}

/* Whether one endpoint for several regions is asked for; its requests are
 * signed for us-east-1. */
static ivs_status
take_legacy_region(const struct loader *l, ivs_aws_config *ret,
                   bool *ret_legacy)
{
    static const char *const names[2] = {"AWS_STS_REGIONAL_ENDPOINTS"};
    struct setting found = look_up(l, NULL, names, "sts_regional_endpoints");

    *ret_legacy = false;
    if (!l->service->legacy || found.value == NULL ||
        ivs_ascii_equal_nocase(found.value, "regional"))
        return IVS_OK;
    if (!ivs_ascii_equal_nocase(found.value, "legacy"))
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "%s is \"%.32s\", expected regional or legacy",
                        found.source, found.value);
    if (!is_legacy_region(ret->region))
        return IVS_OK;
    *ret_legacy = true;
    free(ret->region);
    ret->region = NULL;
    return copy("us-east-1", &ret->region, l->err);
}

static ivs_status
usual_endpoint(const struct loader *l, bool fips, bool dual,
               ivs_aws_config *config, ivs_buf *ret)
{
    const ivs_partition *p = ivs_partition_of(config->region);
    bool legacy = false;
    ivs_status s = IVS_OK;

    if (!fips && !dual)
        s = take_legacy_region(l, config, &legacy);
    if (s != IVS_OK)
        return s;
    if (legacy)
        ivs_buf_printf(ret, "https://%s.%s", l->service->host, p->suffix);
    else
        ivs_buf_printf(ret, "https://%s%s.%s.%s", l->service->host,
                       fips ? "-fips" : "", config->region,
                       dual ? p->dualstack_suffix : p->suffix);
    return ret->failed
               ? ivs_fail(l->err, IVS_E_NOMEM, "out of memory reading settings")
               : IVS_OK;
}

/* The region's endpoint, or the one found, which has no variants. */
static ivs_status
load_endpoint(struct loader *l, ivs_aws_config *ret)
{
    struct setting found = {.value = NULL};
    ivs_buf usual = IVS_BUF_INIT;
    bool fips, dual;
    ivs_status s;

    if ((s = look_up_switch(l, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
                            &fips)) != IVS_OK ||
        (s = look_up_switch(l, "AWS_USE_DUALSTACK_ENDPOINT",
                            "use_dualstack_endpoint", &dual)) != IVS_OK ||
        (s = find_endpoint(l, &found)) != IVS_OK)
        return s;
    if (found.value != NULL && (fips || dual))
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "a %s endpoint is asked for beside the endpoint URL "
                        "from %s, expected one of them",
                        fips ? "FIPS" : "dual-stack", found.source);
    if (found.value == NULL) {
        if ((s = usual_endpoint(l, fips, dual, ret, &usual)) != IVS_OK)
            return s;
        found = setting_of(usual.data, "the region");
    }
    s = ivs_endpoint_parse(found.value, found.source, l->opt->allow_http, ret,
                           l->err);
    ivs_buf_free(&usual);
    return s;
}

static ivs_status
load_bundle(const struct loader *l, ivs_aws_config *ret)
{
    static const char *const names[2] = {"AWS_CA_BUNDLE"};
    struct setting found = look_up(l, l->opt->ca_bundle, names, "ca_bundle");

    return found.value == NULL ? IVS_OK
                               : copy(found.value, &ret->ca_bundle, l->err);
}

/* All modes of the SDKs are served by standard: adaptive is standard with a
 * rate limit on top, legacy is what the same file may say for older tools. */
static ivs_status
check_mode(const struct loader *l)
{
    static const char *const names[2] = {"AWS_RETRY_MODE"};
    static const char *const modes[] = {"standard", "adaptive", "legacy"};
    struct setting found = look_up(l, NULL, names, "retry_mode");

    if (found.value == NULL)
        return IVS_OK;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (ivs_ascii_equal_nocase(found.value, modes[i]))
            return IVS_OK;
    return ivs_fail(l->err, IVS_E_CREDENTIALS,
                    "%s is \"%.32s\", expected standard (or adaptive or "
                    "legacy, which count as standard)",
                    found.source, found.value);
}

static ivs_status
load_attempts(const struct loader *l, ivs_aws_config *ret)
{
    static const char *const names[2] = {"AWS_MAX_ATTEMPTS"};
    struct setting found = look_up(l, NULL, names, "max_attempts");
    size_t n;

    ret->max_attempts = l->opt->max_attempts;
    if (ret->max_attempts != 0 || found.value == NULL)
        return IVS_OK;
    n = strspn(found.value, "0123456789");
    if (n == 0 || n > 4 || found.value[n] != '\0' || atoi(found.value) < 1 ||
        atoi(found.value) > IVS_MAX_ATTEMPTS)
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "%s is \"%.32s\", expected a number from 1 to %d",
                        found.source, found.value, IVS_MAX_ATTEMPTS);
    ret->max_attempts = atoi(found.value);
    return IVS_OK;
}

/* It becomes a word of the User-Agent header. */
static ivs_status
load_app_id(const struct loader *l, ivs_aws_config *ret)
{
    static const char *const names[2] = {"AWS_SDK_UA_APP_ID"};
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789!#$%&'*+-.^_`|~";
    struct setting found = look_up(l, NULL, names, "sdk_ua_app_id");
    size_t n;

    if (found.value == NULL)
        return IVS_OK;
    n = strspn(found.value, allowed);
    if (n > APP_ID_MAX || found.value[n] != '\0')
        return ivs_fail(l->err, IVS_E_CREDENTIALS,
                        "%s is \"%.64s\", expected up to %d letters, digits "
                        "and characters of !#$%%&'*+-.^_`|~",
                        found.source, found.value, APP_ID_MAX);
    return copy(found.value, &ret->app_id, l->err);
}

ivs_status
ivs_aws_config_load(const ivs_aws_config_options *opt, ivs_aws_config *ret,
                    ivs_error *err)
{
    struct loader l = {.opt = opt,
                       .service = opt->service != NULL ? opt->service
                                                       : &ivs_aws_service_ivs,
                       .err = err};
    ivs_aws_config config = {0};
    ivs_status s;

    if ((s = ivs_profile_load(&opt->profile, &l.profile, err)) != IVS_OK ||
        (s = load_region(&l, &config)) != IVS_OK ||
        (s = load_endpoint(&l, &config)) != IVS_OK ||
        (s = load_bundle(&l, &config)) != IVS_OK ||
        (s = check_mode(&l)) != IVS_OK ||
        (s = load_attempts(&l, &config)) != IVS_OK ||
        (s = load_app_id(&l, &config)) != IVS_OK)
        goto out;
    *ret = config;
    config = (ivs_aws_config){0};
out:
    ivs_aws_config_free(&config);
    ivs_profile_free(&l.profile);
    ivs_buf_free(&l.block_value);
    return s;
}

void
ivs_aws_config_free(ivs_aws_config *config)
{
    free(config->region);
    free(config->url);
    free(config->host);
    free(config->base_path);
    free(config->ca_bundle);
    free(config->app_id);
    *config = (ivs_aws_config){0};
}
