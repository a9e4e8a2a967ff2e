/* SPDX-License-Identifier: MIT */
/* Origin entries of a token: grammar (RFC 6454, RFC 3986) and matching. */

#include "token/origin.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/error.h"

#define HOST_MAX 253 /* RFC 1035 section 2.3.4, as text */

enum fault {
    GOOD = 0,
    EMPTY,
    NULL_ORIGIN,
    SPACE,
    COMMA,
    NON_ASCII,
    NO_SCHEME,
    BARE_WILDCARD,
    BAD_SCHEME,
    PATH,
    QUERY,
    FRAGMENT,
    USER,
    STAR_HOST,
    GLUED_STAR,
    INNER_STAR,
    BAD_HOST,
    BAD_IPV4,
    BAD_IPV6,
    BAD_PORT
};

struct origin {
    const char *scheme;
    size_t scheme_len;
    const char *host; /* without "*." and brackets */
    size_t host_len;
    size_t authority_end; /* where a path would begin */
    bool below;           /* "*." came before the host */
    bool is_ipv6;
    uint8_t ipv6[16];
    unsigned port; /* 0 where neither given nor known */
};

static bool
is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
equal_nocase(const char *a, size_t alen, const char *b, size_t blen)
{
    return alen == blen && ivs_ascii_starts_equal_nocase(a, b, alen);
}

static unsigned
default_port(const char *scheme, size_t len)
{
    static const struct {
        const char *scheme;
        unsigned port;
    } known[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (equal_nocase(scheme, len, known[i].scheme, strlen(known[i].scheme)))
            return known[i].port;
    return 0;
}

/* Characters that no entry may hold, whatever stands around them. */
static enum fault
check_characters(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == ',')
            return COMMA;
        if (c <= ' ' || c == 0x7f)
            return SPACE;
        if (c > 0x7f)
            return NON_ASCII;
    }
    return GOOD;
}

static enum fault
parse_port(const char *text, size_t len, unsigned *ret)
{
    unsigned port = 0;

    if (len == 0 || len > 5 || text[0] == '0')
        return BAD_PORT;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return BAD_PORT;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port > 65535)
        return BAD_PORT;
    *ret = port;
    return GOOD;
}

static enum fault
parse_ipv6(struct origin *o)
{
    char text[INET6_ADDRSTRLEN];

    if (o->host_len >= sizeof text)
        return BAD_IPV6;
    memcpy(text, o->host, o->host_len);
    text[o->host_len] = '\0';
    return inet_pton(AF_INET6, text, o->ipv6) == 1 ? GOOD : BAD_IPV6;
}

/* A host whose last label is a number is an IPv4 address or nothing. */
static enum fault
check_ipv4(const struct origin *o)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr addr;

    if (o->below || o->host_len >= sizeof text)
        return BAD_IPV4;
    memcpy(text, o->host, o->host_len);
    text[o->host_len] = '\0';
    return inet_pton(AF_INET, text, &addr) == 1 ? GOOD : BAD_IPV4;
}

static enum fault
check_name(const struct origin *o)
{
    size_t label = 0;
    bool number = true;

    if (o->host_len == 0 || o->host_len > HOST_MAX)
        return BAD_HOST;
    for (size_t i = 0; i < o->host_len; i++) {
        char c = o->host[i];

        if (c == '.') {
            if (label == 0)
                return BAD_HOST;
            label = 0;
            number = true;
            continue;
        }
        if (c == '*')
            return INNER_STAR;
        if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_')
            return BAD_HOST;
        number = number && is_digit(c);
        if (++label > 63)
            return BAD_HOST;
    }
    if (label == 0)
        return BAD_HOST;
    return number ? check_ipv4(o) : GOOD;
}

static enum fault
parse_host(struct origin *o, const char *text, size_t len)
{
    const char *colon;

    if (len > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', len);

        if (close == NULL)
            return BAD_IPV6;
        o->is_ipv6 = true;
        o->host = text + 1;
        o->host_len = (size_t)(close - o->host);
        len -= (size_t)(close + 1 - text);
        text = close + 1;
        if (len > 0 && text[0] != ':')
            return BAD_IPV6;
        if (len > 0 && parse_port(text + 1, len - 1, &o->port) != GOOD)
            return BAD_PORT;
        return parse_ipv6(o);
    }
    colon = memchr(text, ':', len);
    o->host = text;
    o->host_len = colon == NULL ? len : (size_t)(colon - text);
    if (colon != NULL &&
        parse_port(colon + 1, len - o->host_len - 1, &o->port) != GOOD)
        return BAD_PORT;
    if (o->host_len == 1 && text[0] == '*')
        return STAR_HOST;
    if (o->host_len > 1 && text[0] == '*' && text[1] != '.')
        return GLUED_STAR;
    if (o->host_len > 1 && text[0] == '*') {
        o->below = true;
        o->host += 2;
        o->host_len -= 2;
    }
    return check_name(o);
}

/* RFC 3986 section 3.1. */
static bool
scheme_is_good(const char *text, size_t len)
{
    if (len == 0 || !is_alpha(text[0]))
        return false;
    for (size_t i = 1; i < len; i++) {
        char c = text[i];

        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
            return false;
    }
    return true;
}

static const char *
find_separator(const char *text, size_t len)
{
    for (size_t i = 0; i + 3 <= len; i++)
        if (memcmp(text + i, "://", 3) == 0)
            return text + i;
    return NULL;
}

static enum fault
parse(const char *text, size_t len, struct origin *o)
{
    const char *sep = find_separator(text, len);
    enum fault fault = check_characters(text, len);
    size_t start, end;

    memset(o, 0, sizeof *o);
    if (fault != GOOD)
        return fault;
    if (len == 0)
        return EMPTY;
    if (equal_nocase(text, len, "null", 4))
        return NULL_ORIGIN;
    if (sep == NULL)
        return text[0] == '*' ? BARE_WILDCARD : NO_SCHEME;
    o->scheme = text;
    o->scheme_len = (size_t)(sep - text);
    if (!scheme_is_good(o->scheme, o->scheme_len))
        return BAD_SCHEME;
    start = o->scheme_len + 3;
    for (end = start; end < len; end++)
        if (text[end] == '/' || text[end] == '?' || text[end] == '#')
            break;
    o->authority_end = end;
    if (memchr(text + start, '@', end - start) != NULL)
        return USER;
    if (end < len && end > start)
        return text[end] == '/' ? PATH : text[end] == '?' ? QUERY : FRAGMENT;
    o->port = default_port(o->scheme, o->scheme_len);
    return parse_host(o, text + start, end - start);
}

static const char *
sentence(enum fault fault)
{
    switch (fault) {
    case GOOD:
        break;
    case EMPTY:
        return "an empty entry; remove the stray comma";
    case NULL_ORIGIN:
        return "null names no site; list the origin of the page that plays";
    case SPACE:
        return "holds white space or a control character";
    case COMMA:
        return "holds a comma; give each origin as an entry of its own";
    case NON_ASCII:
        return "holds a character outside ASCII; browsers send the xn-- form "
               "of such a name";
    case NO_SCHEME:
        return "has no scheme; expected scheme://host[:port], such as "
               "https://example.com";
    case BARE_WILDCARD:
        return "has no scheme; write * alone, or https://*.example.com";
    case BAD_SCHEME:
        return "has a malformed scheme; expected such as https";
    case PATH:
        return "drop the path";
    case QUERY:
        return "drop the query";
    case FRAGMENT:
        return "drop the fragment";
    case USER:
        return "drop the user name; expected scheme://host[:port]";
    case STAR_HOST:
        return "has * as its host; write * alone for every origin, or *. "
               "before a domain";
    case GLUED_STAR:
        return "a wildcard is a whole label; write *. before the domain";
    case INNER_STAR:
        return "a wildcard can only be the first label of the host";
    case BAD_HOST:
        return "has a malformed host; expected a name, IPv4, [IPv6] or "
               "*.domain";
    case BAD_IPV4:
        return "its host ends in a number but is no IPv4 address";
    case BAD_IPV6:
        return "has a malformed IPv6 address; expected [2001:db8::1]";
    case BAD_PORT:
        return "has a malformed port; expected 1 to 65535";
    }
    return "malformed";
}

static bool
is_any(const char *text, size_t len)
{
    return len == 1 && text[0] == '*';
}

ivs_status
ivs_origin_check(const char *entry, size_t len, ivs_error *err)
{
    int shown = len > 100 ? 100 : (int)len;
    struct origin o;
    enum fault fault;

    if (is_any(entry, len))
        return IVS_OK;
    fault = parse(entry, len, &o);
    if (fault == GOOD)
        return IVS_OK;
    if (fault == EMPTY)
        return ivs_fail(err, IVS_E_FORMAT, "%s", sentence(fault));
    if (fault == PATH || fault == QUERY || fault == FRAGMENT)
        return ivs_fail(err, IVS_E_FORMAT, "origin \"%.*s\": %s: %.*s", shown,
                        entry, sentence(fault),
                        o.authority_end > 80 ? 80 : (int)o.authority_end,
                        entry);
    return ivs_fail(err, IVS_E_FORMAT, "origin \"%.*s\": %s", shown, entry,
                    sentence(fault));
}

/* One or more labels below the domain. */
static bool
is_below(const struct origin *domain, const struct origin *host)
{
    size_t rest;

    if (host->is_ipv6 || host->host_len <= domain->host_len + 1)
        return false;
    rest = host->host_len - domain->host_len;
    return host->host[rest - 1] == '.' &&
           ivs_ascii_starts_equal_nocase(host->host + rest, domain->host,
                                         domain->host_len);
}

bool
ivs_origin_match(const char *entry, const char *origin)
{
    size_t entry_len = strlen(entry);
    struct origin want, got;

    if (is_any(entry, entry_len))
        return true;
    if (parse(entry, entry_len, &want) != GOOD ||
        parse(origin, strlen(origin), &got) != GOOD || got.below)
        return false;
    if (!equal_nocase(want.scheme, want.scheme_len, got.scheme,
                      got.scheme_len) ||
        want.port != got.port)
        return false;
    if (want.below)
        return is_below(&want, &got);
    if (want.is_ipv6 || got.is_ipv6)
        return want.is_ipv6 && got.is_ipv6 &&
               memcmp(want.ipv6, got.ipv6, sizeof want.ipv6) == 0;
    return equal_nocase(want.host, want.host_len, got.host, got.host_len);
}
