/* SPDX-License-Identifier: MIT */
/* Endpoint URLs: what may be sent credentials to. */

#include "support/test.h"

#include <string.h>

#include "aws/config.h"

struct url_case {
    const char *text;
    const char *url; /* NULL: refused */
    const char *host, *base_path;
};

static const struct url_case url_cases[] = {
    {"https://example.com", "https://example.com", "example.com", ""},
    {"HTTPS://Example.COM/", "https://example.com", "example.com", ""},
    {"https://example.com:443/a/b//", "https://example.com/a/b", "example.com",
     "/a/b"},
    {"https://example.com:8443", "https://example.com:8443", "example.com:8443",
     ""},
    {"http://localhost", "http://localhost", "localhost", ""},
    {"http://LocalHost:80", "http://localhost", "localhost", ""},
    {"http://127.0.0.1:4566/x", "http://127.0.0.1:4566/x", "127.0.0.1:4566",
     "/x"},
    {"http://127.255.0.9:1", "http://127.255.0.9:1", "127.255.0.9:1", ""},
    {"http://[::1]:4566", "http://[::1]:4566", "[::1]:4566", ""},
    {"http://[0:0:0:0:0:0:0:1]", "http://[0:0:0:0:0:0:0:1]",
     "[0:0:0:0:0:0:0:1]", ""},
    {"https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443",
     "[2001:db8::1]:8443", ""},
    {"http://example.com", NULL, NULL, NULL},
    {"http://localhost.example.com", NULL, NULL, NULL},
    {"http://127.0.0.1.example.com", NULL, NULL, NULL},
    {"http://127.1", NULL, NULL, NULL},
    {"http://128.0.0.1", NULL, NULL, NULL},
    {"http://0.0.0.0", NULL, NULL, NULL},
    {"http://[::]", NULL, NULL, NULL},
    {"http://[2001:db8::1]", NULL, NULL, NULL},
    {"http://localhost@example.com", NULL, NULL, NULL},
    {"http://example.com\\@localhost", NULL, NULL, NULL},
    {"https://user:MARK@example.com", NULL, NULL, NULL},
    {"https://example.com?token=MARK", NULL, NULL, NULL},
    {"https://example.com/#MARK", NULL, NULL, NULL},
    {"https://example.com/MARK x", NULL, NULL, NULL},
    {"https://example.com/MARK\n", NULL, NULL, NULL},
    {"https://ex\xc3\xa4mple.com", NULL, NULL, NULL},
    {"https://", NULL, NULL, NULL},
    {"https:///path", NULL, NULL, NULL},
    {"https://:443", NULL, NULL, NULL},
    {"https://example.com:", NULL, NULL, NULL},
    {"https://example.com:0", NULL, NULL, NULL},
    {"https://example.com:65536", NULL, NULL, NULL},
    {"https://example.com:123456", NULL, NULL, NULL},
    {"https://example.com:8a", NULL, NULL, NULL},
    {"https://a:1:2", NULL, NULL, NULL},
    {"https://[::1", NULL, NULL, NULL},
    {"https://[::1]x", NULL, NULL, NULL},
    {"https://[::1%25lo]", NULL, NULL, NULL},
    {"https://[]", NULL, NULL, NULL},
    {"https://exa%6dple.com", NULL, NULL, NULL},
    {"ftp://example.com", NULL, NULL, NULL},
    {"example.com", NULL, NULL, NULL},
    {"", NULL, NULL, NULL},
};

static void
endpoints_are_plain_urls_and_http_stays_at_home(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof url_cases / sizeof *url_cases; i++) {
        const struct url_case *c = &url_cases[i];
        ivs_aws_config config = {0};
        ivs_error err = {0};
        ivs_status s =
            ivs_endpoint_parse(c->text, "SOURCE", false, &config, &err);

        print_message("%s\n", c->text);
        if (c->url == NULL) {
            assert_int_equal(s, IVS_E_CREDENTIALS);
            assert_non_null(strstr(err.message, "from SOURCE"));
            assert_null(strstr(err.message, "MARK"));
        } else {
            assert_int_equal(s, IVS_OK);
            assert_string_equal(config.url, c->url);
            assert_string_equal(config.host, c->host);
            assert_string_equal(config.base_path, c->base_path);
        }
        ivs_aws_config_free(&config);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_plain_urls_and_http_stays_at_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
