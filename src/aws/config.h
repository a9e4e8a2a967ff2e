/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CONFIG_H
#define IVS_AWS_CONFIG_H

/*
 * The settings of a client, each from the first place that has it: an option,
 * the environment, the profile in the shared files, a default. Order of the
 * places: AWS SDKs and Tools Reference Guide, "Settings reference".
 */

#include <stdbool.h>

#include <ivs/error.h>

#include "aws/profile.h"

/* Most attempts a call may be configured to take. */
#define IVS_MAX_ATTEMPTS 10

/* A service as settings and endpoints name it. */
typedef struct ivs_aws_service {
    const char *host;     /* "sts": in front of the region */
    const char *variable; /* "AWS_ENDPOINT_URL_STS" */
    const char *block;    /* of a services section: "sts" */
    bool legacy;          /* may have one endpoint for several regions */
} ivs_aws_service;

extern const ivs_aws_service ivs_aws_service_ivs;
extern const ivs_aws_service ivs_aws_service_sts;
extern const ivs_aws_service ivs_aws_service_sso;
extern const ivs_aws_service ivs_aws_service_sso_oidc;

/* All members may be zero. Text is borrowed for the call. */
typedef struct ivs_aws_config_options {
    const ivs_aws_service *service; /* NULL: IVS */
    const char *region;
    const char *endpoint_url;
    const char *ca_bundle;
    int max_attempts; /* taken as it is */
    bool allow_http;  /* plain http to any host, not to loopback alone */
    ivs_profile_options profile;
} ivs_aws_config_options;

typedef struct ivs_aws_config {
    char *region;
    char *url;       /* "https://HOST[:PORT][/BASE]", no slash at its end */
    char *host;      /* value of the Host header; no default port */
    char *base_path; /* "" or "/BASE": goes before the path of an operation */
    char *ca_bundle; /* NULL: the system's */
    char *app_id;    /* NULL: none; characters of a token in RFC 9110 */
    bool tls;
    int max_attempts; /* 0: nothing configured */
} ivs_aws_config;

/*
 * IVS_E_CREDENTIALS: no region, a malformed region, endpoint, number or app id,
 * a switch that is neither true nor false, an unknown retry mode, a FIPS or
 * dual-stack endpoint asked for beside an endpoint URL, plain http that is
 * not allowed, or as ivs_profile_load(). ret is untouched then, else
 * release it with ivs_aws_config_free().
 */
ivs_status ivs_aws_config_load(const ivs_aws_config_options *opt,
                               ivs_aws_config *ret, ivs_error *err);
/*
 * Read an endpoint URL into url, host, base_path and tls of a zeroed config;
 * source names where it came from. IVS_E_CREDENTIALS: user information, a
 * query, a fragment, a malformed host or port, plain http to a host that is not
 * loopback unless allow_http. On failure ret still is to be released.
 */
ivs_status ivs_endpoint_parse(const char *text, const char *source,
                              bool allow_http, ivs_aws_config *ret,
                              ivs_error *err);
/*
 * Whether a container may be asked for credentials there: any host by https; by
 * http a loopback one and those of Amazon ECS and EKS. IVS_E_CREDENTIALS,
 * IVS_E_NOMEM.
 */
ivs_status ivs_endpoint_check_container(const char *text, const char *source,
                                        ivs_error *err);
/*
 * Whether a viewer token may be sent to a playback URL: by https, and by http
 * to loopback or where allow_http. IVS_E_FORMAT: malformed, with user
 * information or a fragment; IVS_E_ARG: http that is not allowed; IVS_E_NOMEM.
 */
ivs_status ivs_endpoint_check_playback(const char *text, bool allow_http,
                                       ivs_error *err);
/* A config that was zeroed is fine. */
void ivs_aws_config_free(ivs_aws_config *config);

#endif
