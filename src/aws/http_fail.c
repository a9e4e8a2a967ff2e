/* SPDX-License-Identifier: MIT */
/* How a transfer ended. */

#include <inttypes.h>
#include <string.h>

#include "aws/http_impl.h"
#include "base/error.h"

/* libcurl takes an answer that ends within its headers, or behind them without
 * a word on its length, for one with an empty body. An empty body can be a
 * success, so it must have been announced: RFC 9112 section 8. HTTP/2 frames
 * its answers: libcurl reports a stream that was cut. */
static bool
is_whole(const ivs_http_transfer *t, CURL *easy, long status)
{
    bool success = status >= 200 && status <= 299 && status != 204;
    long version = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    return t->complete && (!success || version == CURL_HTTP_VERSION_2_0 ||
                           t->lengths > 0 || t->body_bytes > 0);
}

/* A server of TLS that is asked in plain http hangs up, or sends an alert. */
static const char *
guess_tls(const ivs_http_transfer *t)
{
    return strncmp(t->request->url, "http://", 7) == 0 && t->header_bytes == 0
               ? " (does it speak TLS? found http://, expected https://)"
               : "";
}

static ivs_status
fail_broken(const ivs_http_transfer *t, ivs_error *err)
{
    return ivs_fail(err, IVS_E_NETWORK,
                    "%s broke the connection before its answer was complete%s",
                    t->host, guess_tls(t));
}

/* None of the system's authorities has signed it, nor one of the bundle's. */
static bool
is_untrusted(const ivs_http_transfer *t)
{
    static const char *const reasons[] = {
        "self-signed certificate", "self signed certificate",
        "issuer certificate", "verify the first certificate"};

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(t->reason, reasons[i]) != NULL)
            return true;
    return false;
}

static ivs_status
fail_certificate(const ivs_http_transfer *t, ivs_error *err)
{
    if (t->sink->hopeless != NULL)
        t->sink->hopeless(t->sink->user);
    return ivs_fail(err, IVS_E_NETWORK,
                    "the certificate of %s was not accepted: %s%s", t->host,
                    t->reason,
                    is_untrusted(t) ? " (AWS_CA_BUNDLE names a file of the "
                                      "authorities to trust)"
                                    : "");
}

/* libcurl names who it failed to connect to: the host, or else its proxy. */
static bool
is_about_proxy(const ivs_http_transfer *t)
{
    static const char start[] = "Failed to connect to ";
    const char *name = t->reason + sizeof start - 1;
    const char *host = t->host + (t->host[0] == '[');
    size_t len = strcspn(host, t->host[0] == '[' ? "]" : ":");
    const char *port = strrchr(host + len, ':');
    size_t digits;

    if (strncmp(t->request->url, "https://", 8) != 0 ||
        strncmp(t->reason, start, sizeof start - 1) != 0)
        return false;
    if (strncmp(name, host, len) != 0 || strncmp(name + len, " port ", 6) != 0)
        return true;
    port = port != NULL ? port + 1 : "443";
    digits = strlen(port);
    return strncmp(name + len + 6, port, digits) != 0 ||
           name[len + 6 + digits] != ' ';
}

static ivs_status
fail_connect(const ivs_http_transfer *t, long os_error, ivs_error *err)
{
    return ivs_fail(err, IVS_E_NETWORK, "cannot connect to %s%s: %s",
                    is_about_proxy(t) ? "the proxy that leads to " : "",
                    t->host,
                    os_error != 0 ? strerror((int)os_error) : t->reason);
}

static ivs_status
fail_network(const ivs_http_transfer *t, CURL *easy, CURLcode rc,
             ivs_error *err)
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
        return fail_connect(t, os_error, err);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return ivs_fail(err, IVS_E_NETWORK,
                        "cannot find the address of the proxy to %s: is the "
                        "name in HTTPS_PROXY right?",
                        t->host);
    case CURLE_GOT_NOTHING:
        return ivs_fail(err, IVS_E_NETWORK,
                        "%s closed the connection without an answer%s", t->host,
                        guess_tls(t));
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
        return fail_broken(t, err);
    case CURLE_WRITE_ERROR:
        return ivs_fail(err, IVS_E_NETWORK, "the answer of %s %s", t->host,
                        t->refused != NULL ? t->refused : "was not taken");
    case CURLE_PEER_FAILED_VERIFICATION:
        return fail_certificate(t, err);
    case CURLE_SSL_CACERT_BADFILE:
        if (t->sink->hopeless != NULL)
            t->sink->hopeless(t->sink->user);
        return ivs_fail(
            err, IVS_E_NETWORK,
            "the CA bundle is not taken (%s), expected certificates "
            "in PEM",
            t->reason);
    case CURLE_SSL_CONNECT_ERROR:
        return ivs_fail(err, IVS_E_NETWORK, "no TLS with %s: %s%s", t->host,
                        t->reason,
                        strstr(t->reason, "wrong version number") != NULL
                            ? " (does it speak plain http?)"
                            : "");
    default:
        return ivs_fail(
            err, IVS_E_NETWORK, "request to %s failed: %s%s", t->host,
            t->reason[0] != '\0' ? t->reason : curl_easy_strerror(rc),
            rc == CURLE_UNSUPPORTED_PROTOCOL ? guess_tls(t) : "");
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
fail_timeout(const ivs_http_transfer *t, bool unsent, ivs_error *err)
{
    const ivs_http_request *r = t->request;
    const char *what = "waiting for the whole answer";
    int64_t ms = r->total_timeout_ms;
    char after[32];

    if (t->late == IVS_HTTP_TIMER_FIRST_BYTE) {
        what = "waiting for the answer";
        ms = r->first_byte_timeout_ms;
    } else if (t->late == IVS_HTTP_TIMER_IDLE) {
        what = "waiting for the rest of the answer";
        ms = r->idle_timeout_ms;
    } else if (unsent) {
        what = "connecting";
        if (r->connect_timeout_ms < ms)
            ms = r->connect_timeout_ms;
    }
    print_seconds(after, sizeof after, ms);
    return ivs_fail(err, IVS_E_NETWORK, "%s: %s timed out after %s", t->host,
                    what, after);
}

/* Why the proxy made no tunnel; 0: there was none, or it did. */
static long
proxy_status(CURL *easy)
{
    long status = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status >= 200 && status <= 299 ? 0 : status;
}

ivs_status
ivs_http_finish(ivs_http_transfer *t, CURL *easy, CURLcode rc, int *ret_status,
                ivs_error *err)
{
    curl_off_t began = 0;
    long status = 0;

    if (rc == CURLE_OK) {
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (!is_whole(t, easy, status))
            return fail_broken(t, err);
        *ret_status = (int)status;
        return IVS_OK;
    }
    /* Set when the connection, TLS included, stands. */
    (void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &began);
    if (began == 0)
        t->sink->unsent(t->sink->user);
    if (t->cancelled)
        return ivs_fail(err, IVS_E_CANCELLED, "the call was cancelled");
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return fail_timeout(t, began == 0, err);
    if (proxy_status(easy) != 0)
        return ivs_fail(err, IVS_E_NETWORK,
                        "the proxy answered %ld where a connection to %s was "
                        "asked for",
                        proxy_status(easy), t->host);
    return fail_network(t, easy, rc, err);
}
