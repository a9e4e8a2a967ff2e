/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_WORDS_H
#define IVS_AWS_WORDS_H

/*
 * A command line split into words as a shell would, without anything else a
 * shell does: no variables, no globs, no pipes. White space separates; '...'
 * is taken as it is; in "..." a backslash takes the magic off a quote and a
 * backslash; elsewhere off any character. So does Python's shlex.split(), which
 * botocore uses.
 */

#include <stddef.h>

#include <ivs/error.h>

#include "base/buf.h"

typedef struct ivs_words {
    char **v; /* ends with NULL, as for exec() */
    size_t n;
    ivs_buf text; /* secret: what v points into */
} ivs_words;

/* IVS_E_CREDENTIALS: a quote without its end, a backslash at the end, or a NUL;
 * IVS_E_NOMEM. ret is zeroed; untouched on failure. */
ivs_status ivs_words_split(const char *text, size_t len, ivs_words *ret,
                           ivs_error *err);
/* Words that were zeroed are fine. */
void ivs_words_free(ivs_words *words);

#endif
