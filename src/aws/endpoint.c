/* SPDX-License-Identifier: MIT */
/* URLs: what may be sent credentials or a viewer token to. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "aws/config.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/error.h"

/* scheme://host[:port][path], already known to be made of plain characters. */
struct url {
    bool tls;
    const char *host;
    size_t host_len; /* with the brackets of an IPv6 address */
    unsigned port;   /* 0: the scheme's */
    const char *path;
    size_t path_len; /* without slashes at its end */
};

/* Of digits alone. */
static bool
parse_port(const char *at, size_t len, unsigned *ret)
{
    unsigned port = 0;

    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++)
        port = port * 10 + (unsigned)(at[i] - '0');
    *ret = port;
    return port >= 1 && port <= 65535;
}

/* The address in the brackets, or false. */
static bool
parse_ipv6(const struct url *u, struct in6_addr *ret)
{
    char text[INET6_ADDRSTRLEN];

    if (u->host_len < 4 || u->host_len - 2 >= sizeof text ||
        u->host[0] != '[' || u->host[u->host_len - 1] != ']')
        return false;
    memcpy(text, u->host + 1, u->host_len - 2);
    text[u->host_len - 2] = '\0';
    return inet_pton(AF_INET6, text, ret) == 1;
}

static bool
valid_host(const struct url *u)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    struct in6_addr ignored;

    if (u->host_len > 0 && u->host[0] == '[')
        return parse_ipv6(u, &ignored);
    return u->host_len > 0 && u->host_len <= 253 &&
           strspn(u->host, name) >= u->host_len;
}

static bool
is_loopback(const struct url *u)
{
    char text[INET_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;

    if (u->host_len == 9 &&
        ivs_ascii_starts_equal_nocase(u->host, "localhost", 9))
        return true;
    if (parse_ipv6(u, &six))
        return IN6_IS_ADDR_LOOPBACK(&six);
    if (u->host_len >= sizeof text)
        return false;
    memcpy(text, u->host, u->host_len);
    text[u->host_len] = '\0';
    return inet_pton(AF_INET, text, &four) == 1 &&
           ntohl(four.s_addr) >> 24 == 127;
}

/* NULL, or what is wrong. */
static const char *
parse_url(const char *text, struct url *ret)
{
    const char *authority;
    size_t len, n;

    for (const char *at = text; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || strchr("\\\"<>^`{|}", *at) != NULL)
            return "a character no URL has";
    ret->tls = ivs_ascii_starts_equal_nocase(text, "https://", 8);
    if (!ret->tls && !ivs_ascii_starts_equal_nocase(text, "http://", 7))
        return "neither https:// nor http:// in front";
    if (strchr(text, '?') != NULL || strchr(text, '#') != NULL)
        return "a query or fragment";
    authority = text + (ret->tls ? 8 : 7);
    len = strcspn(authority, "/");
    if (memchr(authority, '@', len) != NULL)
        return "a user name or password";
    ret->path = authority + len;
    ret->path_len = strlen(ret->path);
    while (ret->path_len > 0 && ret->path[ret->path_len - 1] == '/')
        ret->path_len--;
    ret->host = authority;
    ret->host_len = len;
    ret->port = 0;
    n = len;
    while (n > 0 && authority[n - 1] >= '0' && authority[n - 1] <= '9')
        n--;
    if (n > 0 && authority[n - 1] == ':') {
        ret->host_len = n - 1;
        if (!parse_port(authority + n, len - n, &ret->port))
            return "a port that is not 1 to 65535";
    }
    return valid_host(ret) ? NULL : "a malformed host";
}

static ivs_status
take(ivs_buf *b, char **ret, ivs_error *err)
{
    char *text = ivs_buf_steal(b, NULL);

    if (text == NULL)
        return ivs_fail(err, IVS_E_NOMEM,
                        "out of memory reading an endpoint URL");
    *ret = text;
    return IVS_OK;
}

static ivs_status
store_url(const struct url *u, ivs_aws_config *ret, ivs_error *err)
{
    ivs_buf b = IVS_BUF_INIT;
    ivs_status s;

    /* curl, too, writes no default port into the Host header. */
    for (size_t i = 0; i < u->host_len; i++)
        ivs_buf_putc(&b, ivs_ascii_lower(u->host[i]));
    if (u->port != 0 && u->port != (u->tls ? 443 : 80))
        ivs_buf_printf(&b, ":%u", u->port);
    if ((s = take(&b, &ret->host, err)) != IVS_OK)
        return s;
    ivs_buf_append(&b, u->path, u->path_len);
    if ((s = take(&b, &ret->base_path, err)) != IVS_OK)
        return s;
    ivs_buf_printf(&b, "%s://%s%s", u->tls ? "https" : "http", ret->host,
                   ret->base_path);
    ret->tls = u->tls;
    return take(&b, &ret->url, err);
}

ivs_status
ivs_endpoint_parse(const char *text, const char *source, bool allow_http,
                   ivs_aws_config *ret, ivs_error *err)
{
    const char *wrong;
    struct url url;

    /* The text is not quoted: it may hold a password. */
    if ((wrong = parse_url(text, &url)) != NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "endpoint URL from %s has %s, expected "
                        "https://HOST[:PORT][/PATH]",
                        source, wrong);
    if (!url.tls && !allow_http && !is_loopback(&url))
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "endpoint URL from %s sends plain http to %.*s; only "
                        "loopback hosts may be spoken to without https, unless "
                        "that is allowed",
                        source, (int)url.host_len, url.host);
    return store_url(&url, ret, err);
}

/* Of Amazon ECS, and of the Pod Identity of Amazon EKS by IPv4 and IPv6. */
static bool
is_container_host(const struct url *u)
{
    static const struct in6_addr pod = {.s6_addr = {0xfd, 0, 0x0e, 0xc2, 0, 0,
                                                    0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                    0x23}};
    static const char ecs[] = "169.254.170.2", eks[] = "169.254.170.23";
    struct in6_addr six;

    if (parse_ipv6(u, &six))
        return memcmp(&six, &pod, sizeof pod) == 0;
    return (u->host_len == sizeof ecs - 1 &&
            memcmp(u->host, ecs, u->host_len) == 0) ||
           (u->host_len == sizeof eks - 1 &&
            memcmp(u->host, eks, u->host_len) == 0);
}

/* What stands in front of a query. NULL, or what is wrong. */
static const char *
parse_in_front(const char *text, ivs_buf *front, struct url *ret)
{
    size_t len = strcspn(text, "?");

    for (const char *at = text + len; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || *at == '#')
            return "a character no query has";
    ivs_buf_append(front, text, len);
    return front->failed ? NULL : parse_url(front->data, ret);
}

ivs_status
ivs_endpoint_check_container(const char *text, const char *source,
                             ivs_error *err)
{
    const char *wrong;
    ivs_buf b = IVS_BUF_INIT;
    struct url url = {0};
    ivs_status s = IVS_OK;

    wrong = parse_in_front(text, &b, &url);
    if (b.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading an endpoint URL");
    else if (wrong != NULL)
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "endpoint URL from %s has %s, expected "
                     "http[s]://HOST[:PORT][/PATH]",
                     source, wrong);
    else if (!url.tls && !is_loopback(&url) && !is_container_host(&url))
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "endpoint URL from %s sends plain http to %.*s, expected "
                     "https, a loopback host, 169.254.170.2, 169.254.170.23 or "
                     "[fd00:ec2::23]",
                     source, (int)url.host_len, url.host);
    ivs_buf_free(&b);
    return s;
}

ivs_status
ivs_endpoint_check_playback(const char *text, bool allow_http, ivs_error *err)
{
    const char *wrong;
    ivs_buf b = IVS_BUF_INIT;
    struct url url = {0};
    ivs_status s = IVS_OK;

    wrong = parse_in_front(text, &b, &url);
    if (b.failed)
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory reading a playback URL");
    else if (wrong != NULL)
        s = ivs_fail(err, IVS_E_FORMAT,
                     "the playback URL has %s, expected "
                     "https://HOST[:PORT]/PATH[?QUERY]",
                     wrong);
    else if (!url.tls && !allow_http && !is_loopback(&url))
        s = ivs_fail(err, IVS_E_ARG,
                     "the playback URL sends its token by plain http to %.*s; "
                     "only loopback hosts may be spoken to without https, "
                     "unless that is allowed",
                     (int)url.host_len, url.host);
    ivs_buf_free(&b);
    return s;
}
