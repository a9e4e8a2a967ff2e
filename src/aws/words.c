/* SPDX-License-Identifier: MIT */
/* Splitting command lines. */

#include "aws/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Append the words, each with a NUL behind it. NULL, or what is wrong. */
static const char *
split(const char *text, size_t len, ivs_words *ret)
{
    bool in_word = false;
    char quote = '\0';

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (quote == '\0' && strchr(" \t\r\n", c) != NULL) {
            if (in_word)
                ivs_buf_putc(&ret->text, '\0');
            in_word = false;
            continue;
        }
        if (!in_word)
            ret->n++;
        in_word = true;
        if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (quote != '\0' && c == quote) {
            quote = '\0';
        } else if (c == '\\' && quote != '\'') {
            if (++i == len)
                return "a backslash at its end";
            if (quote == '"' && text[i] != '"' && text[i] != '\\')
                ivs_buf_putc(&ret->text, c);
            ivs_buf_putc(&ret->text, text[i]);
        } else {
            ivs_buf_putc(&ret->text, c);
        }
    }
    ivs_buf_putc(&ret->text, '\0');
    return quote == '\0' ? NULL : "a quote without its end";
}

ivs_status
ivs_words_split(const char *text, size_t len, ivs_words *ret, ivs_error *err)
{
    ivs_words words = {.text = IVS_BUF_SECRET};
    const char *wrong = "a NUL byte";
    size_t at = 0;

    if (memchr(text, '\0', len) == NULL)
        wrong = split(text, len, &words);
    if (wrong != NULL) {
        ivs_words_free(&words);
        return ivs_fail(err, IVS_E_CREDENTIALS, "a command line with %s",
                        wrong);
    }
    words.v = calloc(words.n + 1, sizeof *words.v);
    if (words.v == NULL || words.text.failed) {
        ivs_words_free(&words);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a command line");
    }
    for (size_t i = 0; i < words.n; i++) {
        words.v[i] = words.text.data + at;
        at += strlen(words.v[i]) + 1;
    }
    *ret = words;
    return IVS_OK;
}

void
ivs_words_free(ivs_words *words)
{
    free((void *)words->v);
    ivs_buf_free(&words->text);
    *words = (ivs_words){0};
}
