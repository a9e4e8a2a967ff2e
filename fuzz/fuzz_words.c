/* SPDX-License-Identifier: MIT */
/* Target: ivs_words_split(). Input: a command line. Property: the words, quoted
 * and split again, are the same; none has more bytes than the line. */

#include <string.h>

#include "aws/words.h"
#include "fuzz.h"

/* As a shell would be told: '...', with '\'' for a quote. */
static void
quote(const ivs_words *words, ivs_buf *ret)
{
    for (size_t i = 0; i < words->n; i++) {
        ivs_buf_puts(ret, i > 0 ? " '" : "'");
        for (const char *at = words->v[i]; *at != '\0'; at++)
            ivs_buf_puts(ret, *at == '\'' ? "'\\''" : (char[]){*at, 0});
        ivs_buf_putc(ret, '\'');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ivs_words one = {0}, two = {0};
    ivs_buf quoted = IVS_BUF_INIT;
    size_t total = 0;

    if (ivs_words_split((const char *)data, size, &one, NULL) != IVS_OK)
        return 0;
    quote(&one, &quoted);
    REQUIRE(ivs_words_split(quoted.len > 0 ? quoted.data : "", quoted.len, &two,
                            NULL) == IVS_OK);
    REQUIRE(one.n == two.n && one.v[one.n] == NULL);
    for (size_t i = 0; i < one.n; i++) {
        REQUIRE(strcmp(one.v[i], two.v[i]) == 0);
        total += strlen(one.v[i]);
    }
    REQUIRE(total <= size);
    ivs_words_free(&one);
    ivs_words_free(&two);
    ivs_buf_free(&quoted);
    return 0;
}
