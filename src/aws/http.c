/* SPDX-License-Identifier: MIT */
/* HTTP requests with libcurl, which no other file knows. */

#include "aws/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/error.h"

/* All header lines of an answer and of the interim answers before it; libcurl
 * keeps them in memory. */
#define HEADERS_MAX (80 * 1024)

struct ivs_http {
    CURL *easy;
    char *ca_bundle;
};

/* One request under way. */
struct transfer {
    const ivs_http_request *request;
    const ivs_http_sink *sink;
    char host[256]; /* "127.0.0.1:4566", for messages */
    char reason[CURL_ERROR_SIZE];
    size_t header_bytes;
    size_t body_bytes;
    unsigned lengths; /* Content-Length and Transfer-Encoding seen */
    bool interim;     /* headers belong to a 1xx answer */
    bool complete;    /* the empty line behind the headers came */
    bool cancelled;
    const char *refused; /* why we ended it ourselves */
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready = CURLE_FAILED_INIT;

static void
init_curl(void)
{
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

ivs_status
ivs_http_new(const char *ca_bundle, ivs_http **ret, ivs_error *err)
{
    ivs_http *http = NULL;

    if (ca_bundle != NULL && access(ca_bundle, R_OK) != 0)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "cannot read the CA bundle %s: %s", ca_bundle,
                        strerror(errno));
    if (pthread_once(&curl_once, init_curl) != 0 || curl_ready != CURLE_OK)
        return ivs_fail(err, IVS_E_NETWORK, "libcurl cannot be initialised");
    http = calloc(1, sizeof *http);
    if (http != NULL)
        http->easy = curl_easy_init();
    if (http != NULL && ca_bundle != NULL)
        http->ca_bundle = strdup(ca_bundle);
    if (http == NULL || http->easy == NULL ||
        (ca_bundle != NULL && http->ca_bundle == NULL)) {
        ivs_http_free(http);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a connection");
    }
    *ret = http;
    return IVS_OK;
}

void
ivs_http_free(ivs_http *http)
{
    if (http == NULL)
        return;
    curl_easy_cleanup(http->easy);
    free(http->ca_bundle);
    free(http);
}

/* The part of a URL between "://" and the path. */
static void
copy_host(char *ret, size_t cap, const char *url)
{
    const char *start = strstr(url, "://");
    size_t len;

    start = start != NULL ? start + 3 : url;
    len = strcspn(start, "/?#");
    if (len >= cap)
        len = cap - 1;
    memcpy(ret, start, len);
    ret[len] = '\0';
}

static bool
is_name(const char *name, size_t len, const char *expected)
{
    return len == strlen(expected) &&
           ivs_ascii_starts_equal_nocase(name, expected, len);
}

/* RFC 9112 section 6.3: an answer whose end can be read in two ways is not one
 * to trust. */
static bool
ends_in_one_way(struct transfer *t, const char *name, size_t len)
{
    if (is_name(name, len, "content-length") ||
        is_name(name, len, "transfer-encoding"))
        t->lengths++;
    if (t->lengths <= 1)
        return true;
    t->refused = "states its length twice";
    return false;
}

/* "HTTP/1.1: 200" is a header, whatever it looks like. */
static bool
is_status_line(const char *line, size_t len)
{
    size_t i = 5;

    if (len < 10 || strncmp(line, "HTTP/", 5) != 0)
        return false;
    while (i < len && line[i] != ' ' && line[i] != ':')
        i++;
    return i == len || line[i] == ' ';
}

static size_t
on_header(char *line, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    size_t len = size * n, end = len, name_len, value;
    const char *colon;

    t->header_bytes += len;
    if (t->header_bytes > HEADERS_MAX) {
        t->refused = "has more than 80 KiB of headers";
        return 0;
    }
    if (is_status_line(line, len)) {
        const char *space = memchr(line, ' ', len);

        t->interim = space != NULL && space[1] == '1';
        t->lengths = 0;
        return len;
    }
    colon = memchr(line, ':', len);
    if (t->interim || colon == NULL) {
        t->complete = !t->interim && (line[0] == '\r' || line[0] == '\n');
        return len;
    }
    name_len = (size_t)(colon - line);
    value = name_len + 1;
    while (value < end && (line[value] == ' ' || line[value] == '\t'))
        value++;
    while (end > value && strchr(" \t\r\n", line[end - 1]) != NULL)
        end--;
    if (!ends_in_one_way(t, line, name_len))
        return 0;
    if (!t->sink->header(line, name_len, line + value, end - value,
                         t->sink->user)) {
        t->refused = "is too large";
        return 0;
    }
    return len;
}

static size_t
on_body(char *data, size_t size, size_t n, void *user)
{
    struct transfer *t = user;

    t->body_bytes += size * n;
    if (t->sink->body(data, size * n, t->sink->user))
        return size * n;
    t->refused = "is too large";
    return 0;
}

static int
on_progress(void *user, curl_off_t total_down, curl_off_t down,
            curl_off_t total_up, curl_off_t up)
{
    struct transfer *t = user;

    (void)total_down, (void)down, (void)total_up, (void)up;
    t->cancelled = t->sink->cancelled(t->sink->user);
    return t->cancelled ? 1 : 0;
}

/* libcurl takes an answer that ends within its headers, or behind them without
 * a word on its length, for one with an empty body. An empty body can be a
 * success, so it must have been announced: RFC 9112 section 8. */
static bool
is_whole(const struct transfer *t, long status)
{
    bool success = status >= 200 && status <= 299 && status != 204;

    return t->complete && (!success || t->lengths > 0 || t->body_bytes > 0);
}

static ivs_status
fail_broken(const struct transfer *t, ivs_error *err)
{
    return ivs_fail(err, IVS_E_NETWORK,
                    "%s broke the connection before its answer was complete",
                    t->host);
}

static ivs_status
fail_network(const struct transfer *t, CURL *easy, CURLcode rc, ivs_error *err)
{
    curl_off_t first_byte = 0;
    long os_error = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
    (void)curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte);
    switch (rc) {
    case CURLE_OUT_OF_MEMORY:
        /* So libcurl calls a header line of more than 100 KB, too. */
        if (first_byte > 0)
            return ivs_fail(err, IVS_E_NETWORK,
                            "the answer of %s has a header line without end",
                            t->host);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory sending a request");
    case CURLE_COULDNT_RESOLVE_HOST:
        return ivs_fail(err, IVS_E_NETWORK,
                        "cannot find the address of %s: is the name right?",
                        t->host);
    case CURLE_COULDNT_CONNECT:
        return ivs_fail(err, IVS_E_NETWORK, "cannot connect to %s: %s", t->host,
                        os_error != 0 ? strerror((int)os_error) : t->reason);
    case CURLE_GOT_NOTHING:
        return ivs_fail(err, IVS_E_NETWORK,
                        "%s closed the connection without an answer", t->host);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
        return fail_broken(t, err);
    case CURLE_WRITE_ERROR:
        return ivs_fail(err, IVS_E_NETWORK, "the answer of %s %s", t->host,
                        t->refused != NULL ? t->refused : "was not taken");
    case CURLE_PEER_FAILED_VERIFICATION:
        return ivs_fail(err, IVS_E_NETWORK,
                        "the certificate of %s was not accepted: %s", t->host,
                        t->reason);
    case CURLE_SSL_CONNECT_ERROR:
        return ivs_fail(err, IVS_E_NETWORK, "no TLS with %s: %s", t->host,
                        t->reason);
    default:
        return ivs_fail(err, IVS_E_NETWORK, "request to %s failed: %s", t->host,
                        t->reason[0] != '\0' ? t->reason
                                             : curl_easy_strerror(rc));
    }
}

static void
print_seconds(char *ret, size_t cap, int64_t ms)
{
    if (ms % 1000 == 0)
        (void)snprintf(ret, cap, "%" PRId64 " s", ms / 1000);
    else
        (void)snprintf(ret, cap, "%" PRId64 " ms", ms);
}

static ivs_status
fail_timeout(const struct transfer *t, bool unsent, ivs_error *err)
{
    const ivs_http_request *r = t->request;
    int64_t ms = r->total_timeout_ms;
    char after[32];

    if (unsent && r->connect_timeout_ms < ms)
        ms = r->connect_timeout_ms;
    print_seconds(after, sizeof after, ms);
    return ivs_fail(err, IVS_E_NETWORK, "%s timed out after %s",
                    unsent ? "connecting" : "waiting for the answer", after);
}

static ivs_status
judge(const struct transfer *t, CURL *easy, CURLcode rc, ivs_error *err)
{
    curl_off_t began = 0;
    bool unsent;

    if (rc == CURLE_OK)
        return IVS_OK;
    /* Set when the connection, TLS included, stands. */
    (void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &began);
    unsent = began == 0;
    if (unsent)
        t->sink->unsent(t->sink->user);
    if (t->cancelled)
        return ivs_fail(err, IVS_E_CANCELLED, "the call was cancelled");
    if (rc != CURLE_OPERATION_TIMEDOUT)
        return fail_network(t, easy, rc, err);
    (void)fail_timeout(t, unsent, err);
    ivs_error_context(err, "%s", t->host);
    return IVS_E_NETWORK;
}

/* libcurl's setter checks types only where it sees the option's name. */
#define SET(option, value)                                                     \
    do {                                                                       \
        if (rc == CURLE_OK)                                                    \
            rc = curl_easy_setopt(easy, option, value);                        \
    } while (0)

static CURLcode
set_policy(CURL *easy, const ivs_http *http, const ivs_http_request *request)
{
    CURLcode rc = CURLE_OK;

    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    /* Plain http is for loopback, where no proxy belongs in between. */
    if (strncmp(request->url, "http://", 7) == 0)
        SET(CURLOPT_NOPROXY, "*");
    if (http->ca_bundle != NULL)
        SET(CURLOPT_CAINFO, http->ca_bundle);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)request->total_timeout_ms);
    SET(CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    return rc;
}

static CURLcode
set_request(CURL *easy, struct transfer *t, struct curl_slist *headers)
{
    const ivs_http_request *r = t->request;
    CURLcode rc = CURLE_OK;

    SET(CURLOPT_URL, r->url);
    if (strcmp(r->method, "GET") == 0) {
        SET(CURLOPT_HTTPGET, 1L);
    } else if (r->body_len > 0 || strcmp(r->method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        SET(CURLOPT_POSTFIELDS, r->body != NULL ? r->body : "");
    }
    SET(CURLOPT_CUSTOMREQUEST, r->method);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, t);
    SET(CURLOPT_ERRORBUFFER, t->reason);
    return rc;
}

/* NULL when out of memory. "Expect:" keeps libcurl from waiting for a 100. */
static struct curl_slist *
copy_headers(const ivs_http_request *r)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (size_t i = 0; list != NULL && i < r->nheaders; i++) {
        struct curl_slist *longer = curl_slist_append(list, r->headers[i]);

        if (longer == NULL)
            curl_slist_free_all(list);
        list = longer;
    }
    return list;
}

ivs_status
ivs_http_send(const ivs_http_request *request, const ivs_http_sink *sink,
              int *ret_status, void *user, ivs_error *err)
{
    ivs_http *http = user;
    struct transfer t = {.request = request, .sink = sink};
    struct curl_slist *headers = copy_headers(request);
    CURLcode rc = CURLE_OUT_OF_MEMORY;
    long status = 0;
    ivs_status s;

    copy_host(t.host, sizeof t.host, request->url);
    curl_easy_reset(http->easy);
    if (headers != NULL)
        rc = set_policy(http->easy, http, request);
    if (rc == CURLE_OK)
        rc = set_request(http->easy, &t, headers);
    if (rc == CURLE_OK)
        rc = curl_easy_perform(http->easy);
    s = judge(&t, http->easy, rc, err);
    if (s == IVS_OK) {
        (void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
        if (is_whole(&t, status))
            *ret_status = (int)status;
        else
            s = fail_broken(&t, err);
    }
    /* Nothing of this call may be reached through the handle later. */
    curl_easy_reset(http->easy);
    curl_slist_free_all(headers);
    return s;
}
