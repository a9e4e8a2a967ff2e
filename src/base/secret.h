/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_SECRET_H
#define IVS_BASE_SECRET_H

/*
 * Where a secret begins and where something learned from it may be known. Only
 * the build of tests/poison makes anything of these marks: there valgrind
 * reports every branch and every address that hangs on a byte that is
 * IVS_SECRET and not IVS_PUBLIC again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef IVS_POISON
#include <valgrind/memcheck.h>
#define IVS_SECRET(ptr, len) ((void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, len))
#define IVS_PUBLIC(ptr, len) ((void)VALGRIND_MAKE_MEM_DEFINED(ptr, len))
#else
#define IVS_SECRET(ptr, len) ((void)0)
#define IVS_PUBLIC(ptr, len) ((void)0)
#endif

/* Whether a character of a secret is c. That much of it may be known. */
static inline bool
ivs_secret_is(char secret, char c)
{
    unsigned is = ((unsigned)(unsigned char)(secret ^ c) - 1) >> 31;

    IVS_PUBLIC(&is, sizeof is);
    return is != 0;
}

/* The first place of a word in text of which a part is secret, or NULL. Of that
 * part becomes known what is like the beginning of the word. */
static inline char *
ivs_secret_find(const char *text, const char *word)
{
    for (; !ivs_secret_is(*text, '\0'); text++) {
        size_t n = 0;

        while (word[n] != '\0' && ivs_secret_is(text[n], word[n]))
            n++;
        if (word[n] == '\0')
            return (char *)(uintptr_t)text;
    }
    return NULL;
}

#endif
