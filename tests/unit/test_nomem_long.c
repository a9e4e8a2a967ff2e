/* SPDX-License-Identifier: MIT */
/* How much memory tokens of any length take: none to be refused, and the same
 * for ten megabytes as for one byte too many to be explained. */

#include "support/test.h"

#include <jansson.h>
#include <string.h>

#include "support/failalloc.h"
#include "support/judge.h"

/* A token of len bytes whose segments are good where they can be. */
static char *
long_token(size_t len, char filler)
{
    char *text = malloc(len), *start = forge_token(judge_key, FORGE_HEADER, "");

    assert_non_null(text);
    memset(text, filler, len);
    memcpy(text, start, strlen(start) < 38 ? strlen(start) : 38);
    free(start);
    return text;
}

static void
long_token_is_refused_before_anything_is_allocated(void **state)
{
    static const size_t sizes[] = {IVS_TOKEN_MAX + 1, 1u << 20, 10u << 20};
    const ivs_key *keys[] = {judge_key};

    (void)state;
    json_set_alloc_funcs(__wrap_malloc, free);
    for (size_t i = 0; i < 6; i++) {
        size_t len = sizes[i / 2];
        char *text = long_token(len, i % 2 == 0 ? 'A' : '.');
        ivs_claims *claims = NULL;
        ivs_error err = {0};

        failalloc_bytes = 0;
        assert_int_equal(
            ivs_token_verify(keys, 1, text, len, NULL, FORGE_NOW, NULL, &err),
            IVS_E_TOKEN);
        assert_int_equal(err.reason, IVS_REJECT_TOO_LONG);
        assert_int_equal(ivs_claims_parse(text, len, &claims, &err),
                         IVS_E_TOKEN);
        assert_int_equal(failalloc_bytes, 0);
        free(text);
    }
    json_set_alloc_funcs(__real_malloc, free);
}

static void
long_token_is_explained_in_the_same_memory(void **state)
{
    static const size_t sizes[] = {IVS_TOKEN_MAX + 1, 1u << 20, 10u << 20};
    size_t least = 0;

    (void)state;
    json_set_alloc_funcs(__wrap_malloc, free);
    for (size_t i = 0; i < 3; i++) {
        char *text = long_token(sizes[i], 'A'), *report = NULL;

        failalloc_bytes = 0;
        assert_int_equal(
            ivs_token_inspect(text, sizes[i], FORGE_NOW, &report, NULL),
            IVS_OK);
        least = i == 0 ? failalloc_bytes : least;
        assert_in_range(failalloc_bytes, 1, least + 1024);
        ivs_free(report);
        failalloc_bytes = 0;
        assert_int_equal(
            ivs_claims_lint(text, sizes[i], FORGE_NOW, &report, NULL), IVS_OK);
        assert_in_range(failalloc_bytes, 1, 1024);
        ivs_free(report);
        free(text);
    }
    json_set_alloc_funcs(__real_malloc, free);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_token_is_refused_before_anything_is_allocated),
        cmocka_unit_test(long_token_is_explained_in_the_same_memory),
    };

    return judge_run(tests);
}
