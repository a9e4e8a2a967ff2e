/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_FAILALLOC_H
#define IVS_TEST_FAILALLOC_H

/* Makes the n-th allocation of our own code fail. For programs named
 * test_nomem_*.c, which are linked with --wrap for these names; libraries
 * beneath keep their memory. */

#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *ptr, size_t n, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *ptr, size_t n, size_t size);
char *__wrap_strdup(const char *text);

static size_t failalloc_left;  /* 0: nothing fails any more */
static size_t failalloc_bytes; /* asked for so far; start it where you count */

static int
failalloc_now(void)
{
    return failalloc_left > 0 && --failalloc_left == 0;
}

void *
__wrap_malloc(size_t size)
{
    failalloc_bytes += size;
    return failalloc_now() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    failalloc_bytes += n * size;
    return failalloc_now() ? NULL : __real_calloc(n, size);
}

void *
__wrap_reallocarray(void *ptr, size_t n, size_t size)
{
    failalloc_bytes += n * size;
    return failalloc_now() ? NULL : __real_reallocarray(ptr, n, size);
}

char *
__wrap_strdup(const char *text)
{
    failalloc_bytes += strlen(text) + 1;
    return failalloc_now() ? NULL : __real_strdup(text);
}

/* Run the statement with the first, second, ... allocation failing: each time
 * it must give IVS_E_NOMEM, until there are fewer allocations than that. */
#define FAILALLOC_EACH(least, call, err)                                       \
    do {                                                                       \
        size_t n_ = 0;                                                         \
        for (;;) {                                                             \
            ivs_status s_;                                                     \
            failalloc_left = ++n_;                                             \
            s_ = (call);                                                       \
            if (failalloc_left > 0)                                            \
                break;                                                         \
            assert_int_equal(s_, IVS_E_NOMEM);                                 \
            assert_int_equal((err)->code, IVS_E_NOMEM);                        \
        }                                                                      \
        failalloc_left = 0;                                                    \
        assert_true(n_ > (least));                                             \
    } while (0)

#endif
