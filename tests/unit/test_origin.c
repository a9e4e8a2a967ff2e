/* SPDX-License-Identifier: MIT */
/* origin: grammar and matching of the entries that a token may list. */

#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "token/origin.h"

static void
entries_of_the_grammar_pass(void **state)
{
    static const char *const rows[] = {
        "*",
        "https://example.com",
        "http://localhost",
        "http://localhost:3000",
        "HTTPS://Example.COM:8443",
        "https://*.example.com",
        "https://*.example.com:8443",
        "https://*.com",
        "capacitor://localhost",
        "ionic://localhost",
        "chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh",
        "web+x.y-1://host",
        "https://192.0.2.7",
        "https://192.0.2.7:65535",
        "https://[2001:db8::1]",
        "https://[::1]:8080",
        "https://xn--mnchen-3ya.example",
        "https://my_host.example",
        "https://1.example",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_error err = {0};

        if (ivs_origin_check(rows[i], strlen(rows[i]), &err) != IVS_OK)
            fail_msg("%s: %s", rows[i], err.message);
    }
}

static void
other_entries_are_refused_with_a_hint(void **state)
{
    static const struct {
        const char *entry, *hint;
    } rows[] = {
        {"", "stray comma"},
        {"null", "null names no site"},
        {"example.com", "no scheme"},
        {"localhost:3000", "no scheme"},
        {"*.example.com", "https://*.example.com"},
        {"https://*", "write * alone"},
        {"https://*:443", "write * alone"},
        {"https://*example.com", "whole label"},
        {"https://a.*.com", "first label"},
        {"https://*.*.com", "first label"},
        {"https://example.*", "first label"},
        {"https://exa*mple.com", "first label"},
        {"https://*.", "malformed host"},
        {"https://*.192.0.2.7", "no IPv4"},
        {"https://example.com/", "drop the path: https://example.com"},
        {"https://example.com:8443/live",
         "drop the path: https://example.com:8443"},
        {"https://x.amplifyapp.com/#/", "drop the path"},
        {"https://example.com?a=b", "drop the query: https://example.com"},
        {"https://example.com#x", "drop the fragment: https://example.com"},
        {"https://user@example.com", "drop the user name"},
        {"https://user:pw@example.com", "drop the user name"},
        {"://example.com", "scheme"},
        {"1http://example.com", "scheme"},
        {"ht_tp://example.com", "scheme"},
        {"https://", "malformed host"},
        {"https:///path", "malformed host"},
        {"file:///", "malformed host"},
        {"https://a..b", "malformed host"},
        {"https://.example.com", "malformed host"},
        {"https://example.com.", "malformed host"},
        {"https://exa!mple.com", "malformed host"},
        {"https://example.com\\x", "malformed host"},
        {"https://256.0.0.1", "IPv4"},
        {"https://1.2.3", "IPv4"},
        {"https://01.2.3.4", "IPv4"},
        {"https://[::1", "IPv6"},
        {"https://[fe80::1%eth0]", "IPv6"},
        {"https://[12345::]", "IPv6"},
        {"https://[::1]x", "IPv6"},
        {"https://::1", "port"},
        {"https://[::1]:", "port"},
        {"https://example.com:", "port"},
        {"https://example.com:0", "port"},
        {"https://example.com:080", "port"},
        {"https://example.com:65536", "port"},
        {"https://example.com:123456", "port"},
        {"https://example.com:http", "port"},
        {" https://example.com", "white space"},
        {"https://example.com ", "white space"},
        {"https://example.com\n", "white space"},
        {"https://a.com,https://b.com", "entry of its own"},
        {"https://m\xc3\xbcnchen.example", "xn--"},
        {"**", "no scheme"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ivs_error err = {0};

        if (ivs_origin_check(rows[i].entry, strlen(rows[i].entry), &err) !=
                IVS_E_FORMAT ||
            strstr(err.message, rows[i].hint) == NULL)
            fail_msg("%s: %s", rows[i].entry, err.message);
        if (ivs_origin_match(rows[i].entry, "https://example.com"))
            fail_msg("%s matches", rows[i].entry);
    }
    assert_int_equal(ivs_origin_check("https://a\0b", 11, NULL), IVS_E_FORMAT);
}

static void
limits_of_names_are_those_of_dns(void **state)
{
    char entry[300] = "https://";
    size_t at = 8;

    (void)state;
    memset(entry + at, 'a', 63);
    assert_int_equal(ivs_origin_check(entry, at + 63, NULL), IVS_OK);
    memset(entry + at, 'a', 64);
    assert_int_equal(ivs_origin_check(entry, at + 64, NULL), IVS_E_FORMAT);
    for (size_t i = 0; i < 254; i++)
        entry[at + i] = i % 50 == 49 ? '.' : 'a';
    assert_int_equal(ivs_origin_check(entry, at + 253, NULL), IVS_OK);
    assert_int_equal(ivs_origin_check(entry, at + 254, NULL), IVS_E_FORMAT);
}

static void
match_follows_scheme_host_and_port(void **state)
{
    static const struct {
        const char *entry, *origin;
        bool matches;
    } rows[] = {
        {"*", "https://example.com", true},
        {"*", "null", true},
        {"*", "anything at all", true},
        {"https://example.com", "https://example.com", true},
        {"https://example.com", "https://EXAMPLE.com", true},
        {"HTTPS://example.com", "https://example.com", true},
        {"https://example.com", "https://example.com:443", true},
        {"https://example.com:443", "https://example.com", true},
        {"http://example.com:80", "http://example.com", true},
        {"https://example.com", "https://example.com:8443", false},
        {"https://example.com:8443", "https://example.com", false},
        {"https://example.com:80", "https://example.com", false},
        {"https://example.com", "http://example.com", false},
        {"https://example.com", "https://example.org", false},
        {"https://example.com", "https://www.example.com", false},
        {"https://example.com", "https://example.com.evil.net", false},
        {"https://example.com", "https://example.com/", false},
        {"https://example.com", "https://example.com@evil.net", false},
        {"https://example.com", "https://*.example.com", false},
        {"https://example.com", "https://example.com https://evil.net", false},
        {"https://example.com", "null", false},
        {"https://example.com", "", false},
        {"https://example.com", "*", false},
        {"https://*.example.com", "https://www.example.com", true},
        {"https://*.example.com", "https://a.b.example.com", true},
        {"https://*.example.com", "https://WWW.Example.Com", true},
        {"https://*.example.com", "https://www.example.com:443", true},
        {"https://*.example.com", "https://example.com", false},
        {"https://*.example.com", "https://evilexample.com", false},
        {"https://*.example.com", "https://.example.com", false},
        {"https://*.example.com", "https://www.example.com:8443", false},
        {"https://*.example.com", "http://www.example.com", false},
        {"https://*.example.com", "https://*.www.example.com", false},
        {"https://*.example.com", "https://www.example.com.evil.net", false},
        {"https://*.example.com:8443", "https://www.example.com:8443", true},
        {"https://*.example.com:8443", "https://www.example.com", false},
        {"capacitor://localhost", "capacitor://localhost", true},
        {"capacitor://localhost", "ionic://localhost", false},
        {"capacitor://localhost:80", "capacitor://localhost", false},
        {"https://192.0.2.7", "https://192.0.2.7", true},
        {"https://192.0.2.7", "https://192.0.2.8", false},
        {"https://[2001:db8::1]", "https://[2001:db8::1]", true},
        {"https://[2001:DB8:0::1]", "https://[2001:db8::1]", true},
        {"https://[2001:db8::1]", "https://[2001:db8::2]", false},
        {"https://[::1]", "https://localhost", false},
        {"https://localhost", "https://[::1]", false},
        {"https://*.com", "https://[::1]", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (ivs_origin_match(rows[i].entry, rows[i].origin) != rows[i].matches)
            fail_msg("%s against %s", rows[i].entry, rows[i].origin);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_the_grammar_pass),
        cmocka_unit_test(other_entries_are_refused_with_a_hint),
        cmocka_unit_test(limits_of_names_are_those_of_dns),
        cmocka_unit_test(match_follows_scheme_host_and_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
