/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_HTTP_H
#define IVS_AWS_HTTP_H

/* The transport that sends requests with libcurl; any number of threads may
 * send through one at the same time. Connections are kept from one request to
 * the next, HTTP/2 where a server offers it over TLS. No redirect, cookie,
 * .netrc or other protocol than http and https; TLS 1.2 or later, always
 * verified; proxies for https as the environment says to every program that
 * uses curl, never for plain http. */

#include <ivs/error.h>
#include <ivs/transport.h>

typedef struct ivs_http ivs_http;

/* ca_bundle is a PEM file, or NULL for the system's. IVS_E_CREDENTIALS when it
 * cannot be read, IVS_E_NETWORK when libcurl cannot be initialised,
 * IVS_E_NOMEM. */
ivs_status ivs_http_new(const char *ca_bundle, ivs_http **ret, ivs_error *err);
/* The `send` of an ivs_transport whose user is the ivs_http. A body goes out
 * with any method; POST and PUT have one, if an empty one. */
ivs_status ivs_http_send(const ivs_http_request *request,
                         const ivs_http_sink *sink, int *ret_status, void *user,
                         ivs_error *err);
/* No request may be under way. NULL is fine. */
void ivs_http_free(ivs_http *http);

#endif
