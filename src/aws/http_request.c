/* SPDX-License-Identifier: MIT */
/* What a request looks like on the wire, and under which rules it is sent. */

#include <string.h>

#include "aws/http_impl.h"
#include "base/ascii.h"

/* libcurl's setter checks types only where it sees the option's name. */
#define SET(option, value)                                                     \
    do {                                                                       \
        if (rc == CURLE_OK)                                                    \
            rc = curl_easy_setopt(easy, option, value);                        \
    } while (0)

static CURLcode
set_policy(CURL *easy, const ivs_http_policy *policy,
           const ivs_http_request *request)
{
    CURLcode rc = CURLE_OK;

    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, policy->version);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    /* A name server that is silent does not hold up the end of a call. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    /* A proxy would read what plain http carries. */
    if (strncmp(request->url, "http://", 7) == 0)
        SET(CURLOPT_NOPROXY, "*");
    /* The bundle counts alone; libcurl would go on to trust the system's
     * directory beside it. */
    if (policy->ca_bundle != NULL) {
        SET(CURLOPT_CAINFO, policy->ca_bundle);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)request->total_timeout_ms);
    SET(CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    return rc;
}

static bool
has_header(const ivs_http_request *r, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < r->nheaders; i++)
        if (ivs_ascii_starts_equal_nocase(r->headers[i], name, len) &&
            r->headers[i][len] == ':')
            return true;
    return false;
}

/* NULL when out of memory. "Expect:" keeps libcurl from waiting for a 100,
 * "Content-Type:" from calling every body a form. */
static struct curl_slist *
copy_headers(const ivs_http_request *r)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    bool typed = has_header(r, "content-type");

    for (size_t i = 0; list != NULL && i < r->nheaders + !typed; i++) {
        struct curl_slist *longer = curl_slist_append(
            list, i < r->nheaders ? r->headers[i] : "Content-Type:");

        if (longer == NULL)
            curl_slist_free_all(list);
        list = longer;
    }
    return list;
}

static CURLcode
set_request(CURL *easy, const ivs_http_request *r, struct curl_slist *headers)
{
    bool has_body = r->body_len > 0 || strcmp(r->method, "POST") == 0 ||
                    strcmp(r->method, "PUT") == 0;
    CURLcode rc = CURLE_OK;

    SET(CURLOPT_URL, r->url);
    SET(CURLOPT_HTTPHEADER, headers);
    if (has_body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        SET(CURLOPT_POSTFIELDS, r->body != NULL ? r->body : "");
    }
    SET(CURLOPT_CUSTOMREQUEST, r->method);
    return rc;
}

CURLcode
ivs_http_prepare(CURL *easy, const ivs_http_policy *policy,
                 ivs_http_transfer *t, struct curl_slist **ret_headers)
{
    CURLcode rc = set_policy(easy, policy, t->request);

    *ret_headers = copy_headers(t->request);
    if (*ret_headers == NULL)
        return CURLE_OUT_OF_MEMORY;
    if (rc == CURLE_OK)
        rc = set_request(easy, t->request, *ret_headers);
    SET(CURLOPT_HEADERFUNCTION, ivs_http_on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, ivs_http_on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->reason);
    return rc;
}
