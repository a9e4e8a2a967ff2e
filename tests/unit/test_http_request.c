/* SPDX-License-Identifier: MIT */
/* How a transfer is set up: whom it trusts. Linked with --wrap, for libcurl
 * does not tell what was set. */

#include "support/test.h"

#include <stdarg.h>

#include "aws/http_impl.h"

CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);

static int files, directories;

CURLcode
__wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list ap;

    (void)easy;
    va_start(ap, option);
    if (option == CURLOPT_CAINFO) {
        assert_string_equal(va_arg(ap, const char *), "bundle.pem");
        files++;
    } else if (option == CURLOPT_CAPATH) {
        assert_null(va_arg(ap, const char *));
        directories++;
    }
    va_end(ap);
    return CURLE_OK;
}

/* libcurl has a directory of the system's beside its file, which a bundle of
 * the caller's must not leave trusted. */
static void
a_bundle_counts_alone(void **state)
{
    static const ivs_http_request request = {.method = "GET",
                                             .url = "https://localhost/"};
    static char bundle[] = "bundle.pem";

    (void)state;
    for (int given = 0; given <= 1; given++) {
        const ivs_http_policy policy = {.ca_bundle = given ? bundle : NULL};
        ivs_http_transfer t = {.request = &request};
        struct curl_slist *headers = NULL;

        assert_int_equal(ivs_http_prepare(NULL, &policy, &t, &headers),
                         CURLE_OK);
        assert_int_equal(files, given);
        assert_int_equal(directories, given);
        curl_slist_free_all(headers);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_counts_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
