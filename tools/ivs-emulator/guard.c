/* SPDX-License-Identifier: MIT */
/*
 * What the server library lets through and a careful parser would not: framing
 * that two readers may understand differently (RFC 9112 sections 6.1 to 6.3 and
 * 11.2), names and values off the grammar, a Host of another site.
 */

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "emulator.h"

#define TARGET_MAX  24576
#define HEADERS_MAX 100
#define BODY_MAX    (1024L * 1024)

static bool
is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~' ||
            strchr("\"(),/:;<=>?@[\\]{}", *text) != NULL)
            return false;
    return true;
}

static bool
check_line(const emu_request *req, emu_response *res)
{
    if (strcmp(req->version, "HTTP/1.1") != 0 &&
        strcmp(req->version, "HTTP/1.0") != 0)
        return emu_refuse(res, EMU_VERSION, "expected HTTP/1.1 or HTTP/1.0");
    if (!is_token(req->method))
        return emu_refuse(res, EMU_MALFORMED, "the method is not a token");
    if (strlen(req->target) > TARGET_MAX)
        return emu_refuse(res, EMU_TARGET_TOO_LONG,
                          "the request target is longer than %d bytes",
                          TARGET_MAX);
    if (req->target[0] != '/')
        return emu_refuse(res, EMU_MALFORMED,
                          "the request target does not begin with '/'");
    for (const char *at = req->target; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return emu_refuse(res, EMU_MALFORMED,
                              "the request target holds a byte that must be "
                              "percent-encoded");
    return true;
}

/* The server library joins a line that continues an empty value to the name,
 * and does not know the header any more. */
static bool
is_joined(const char *name)
{
    static const char *const framing[] = {"Content-Length",
                                          "Transfer-Encoding"};

    for (size_t i = 0; i < sizeof framing / sizeof *framing; i++) {
        size_t len = strlen(framing[i]);

        if (strncasecmp(name, framing[i], len) == 0 && name[len] != '\0')
            return true;
    }
    return false;
}

static bool
check_header(const emu_header *header, emu_response *res)
{
    if (!is_token(header->name))
        return emu_refuse(res, EMU_MALFORMED,
                          "the name of a header is not a token");
    if (is_joined(header->name))
        return emu_refuse(res, EMU_MALFORMED,
                          "the value of a header that frames the request "
                          "begins on a line of its own");
    for (const char *at = header->value; *at != '\0'; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return emu_refuse(res, EMU_MALFORMED,
                              "control byte in the value of header %s",
                              header->name);
    return true;
}

static bool
check_headers(const emu_request *req, emu_response *res)
{
    static const char *const once[] = {"Host",
                                       "Content-Length",
                                       "Transfer-Encoding",
                                       "Authorization",
                                       "X-Amz-Date",
                                       "Origin",
                                       "X-Amz-Security-Token",
                                       "Content-Type",
                                       "X-Amz-Content-Sha256",
                                       "Sec-Fetch-Site"};
    size_t count;

    if (req->nheaders > HEADERS_MAX)
        return emu_refuse(res, EMU_MANY_HEADERS, "more than %d headers",
                          HEADERS_MAX);
    for (size_t i = 0; i < req->nheaders; i++)
        if (!check_header(&req->headers[i], res))
            return false;
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        (void)emu_request_header(req, once[i], &count);
        if (count > 1)
            return emu_refuse(res, EMU_MALFORMED,
                              "header %s came %zu times, expected once",
                              once[i], count);
    }
    return true;
}

static bool
check_framing(const emu_request *req, emu_response *res)
{
    const char *length = emu_request_header(req, "Content-Length", NULL);
    const char *coding = emu_request_header(req, "Transfer-Encoding", NULL);
    long total = 0;

    if (length != NULL && coding != NULL)
        return emu_refuse(res, EMU_MALFORMED,
                          "both Content-Length and Transfer-Encoding, "
                          "expected one of them");
    if (coding != NULL && (strcasecmp(coding, "chunked") != 0 ||
                           strcmp(req->version, "HTTP/1.1") != 0))
        return emu_refuse(res, EMU_MALFORMED,
                          "expected Transfer-Encoding: chunked of HTTP/1.1, or "
                          "none");
    if (length == NULL)
        return true;
    if (*length == '\0' || length[strspn(length, "0123456789")] != '\0')
        return emu_refuse(res, EMU_MALFORMED, "Content-Length is not a number");
    for (; *length != '\0' && total <= BODY_MAX; length++)
        total = total * 10 + (*length - '0');
    if (total > BODY_MAX)
        return emu_refuse(res, EMU_BODY_TOO_LARGE,
                          "the body is longer than %ld bytes", BODY_MAX);
    return true;
}

/* host [":" port] of RFC 9110 section 7.2, as far as it can be local or a name;
 * *ret_len is the length of the host. */
static bool
split_host(const char *text, size_t *ret_len)
{
    size_t len;

    if (*text == '[') {
        len = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
        if (text[len++] != ']')
            return false;
    } else {
        len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"
                           "Z0123456789.-_");
    }
    *ret_len = len;
    text += len;
    if (len == 0 || *text == '\0')
        return len > 0;
    return *text == ':' && strspn(text + 1, "0123456789") <= 5 &&
           text[1 + strspn(text + 1, "0123456789")] == '\0';
}

/* 127.0.0.0/8 (RFC 1122 section 3.2.1.3). */
static bool
is_loopback(const char *host, size_t len)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;

    if (len >= sizeof text)
        return false;
    memcpy(text, host, len);
    text[len] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 &&
           ntohl(address.s_addr) >> 24 == 127;
}

static bool
is_local(const char *host, size_t len)
{
    static const char *const names[] = {"localhost", "[::1]"};
    static const char suffix[] = ".localhost";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && strncasecmp(host, names[i], len) == 0)
            return true;
    if (is_loopback(host, len))
        return true;
    return len > sizeof suffix - 1 &&
           strncasecmp(host + len - (sizeof suffix - 1), suffix,
                       sizeof suffix - 1) == 0;
}

/* SCHEME://HOST of ours (RFC 6454 section 6.2). */
static bool
is_own_origin(const emu_emulator *emu, const char *origin, const char *host)
{
    size_t len = strlen(emu->scheme);

    return strncmp(origin, emu->scheme, len) == 0 &&
           strncmp(origin + len, "://", 3) == 0 &&
           strcmp(origin + len + 3, host) == 0;
}

/* Whether a browser says that a page of another origin is behind a request.
 * Not every request of theirs has an Origin; those of current browsers have
 * Sec-Fetch-Site (W3C Fetch Metadata), "none" where the user typed the
 * address. */
static bool
is_foreign(const emu_emulator *emu, const emu_request *req, const char *host)
{
    const char *origin = emu_request_header(req, "Origin", NULL);
    const char *site = emu_request_header(req, "Sec-Fetch-Site", NULL);

    if (origin != NULL && !is_own_origin(emu, origin, host))
        return true;
    return site != NULL && strcmp(site, "same-origin") != 0 &&
           strcmp(site, "none") != 0;
}

/* A page of another site must not get at us by giving its own name our address
 * (DNS rebinding), nor ask for the control paths from where it is. */
static bool
check_host(const emu_emulator *emu, const emu_request *req, emu_response *res)
{
    bool control = strncmp(req->path, "/_/", 3) == 0;
    const char *host = emu_request_header(req, "Host", NULL);
    size_t len;

    if (host == NULL)
        return emu_refuse(res, EMU_MALFORMED, "there is no Host header");
    if (!split_host(host, &len))
        return emu_refuse(res, EMU_MALFORMED, "the Host header is malformed");
    if ((control || emu->loopback) && !is_local(host, len))
        return emu_refuse(res, EMU_ACCESS_DENIED,
                          "Host is not local, expected 127.0.0.0/8, [::1], "
                          "localhost or a name below localhost");
    if (control && is_foreign(emu, req, host))
        return emu_refuse(res, EMU_ACCESS_DENIED,
                          "control requests of other origins are refused");
    return true;
}

bool
emu_admit(const emu_emulator *emu, const emu_request *req, emu_response *res)
{
    res->close = true;
    if (!check_line(req, res) || !check_headers(req, res) ||
        !check_framing(req, res) || !check_host(emu, req, res))
        return false;
    res->close = false;
    return true;
}
