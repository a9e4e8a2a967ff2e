/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_COUNTALLOC_H
#define IVS_TEST_COUNTALLOC_H

/* Counts what our own code takes from the heap and which locks it takes. For
 * programs named test_alloc*.c, which are linked with --wrap for these names;
 * the libraries beneath are shared objects and not counted. */

#include <pthread.h>
#include <stdlib.h>

struct countalloc {
    size_t taken;
    size_t given; /* back, NULL not counted */
    size_t bytes; /* of what was taken */
    size_t locks;
};

/* Volatile: a compiler knows that malloc() changes no variable. */
static volatile struct countalloc counted;

#define COUNTALLOC(name, size, params, args)                                   \
    void *__real_##name params;                                                \
    void *__wrap_##name params;                                                \
    void *__wrap_##name params                                                 \
    {                                                                          \
        counted.taken++;                                                       \
        counted.bytes += (size);                                               \
        return __real_##name args;                                             \
    }
COUNTALLOC(malloc, n, (size_t n), (n))
COUNTALLOC(calloc, n *size, (size_t n, size_t size), (n, size))
COUNTALLOC(realloc, n, (void *p, size_t n), (p, n))
COUNTALLOC(reallocarray, n *size, (void *p, size_t n, size_t size),
           (p, n, size))
COUNTALLOC(aligned_alloc, n, (size_t to, size_t n), (to, n))
COUNTALLOC(strdup, 0, (const char *text), (text))
COUNTALLOC(strndup, 0, (const char *text, size_t n), (text, n))
#undef COUNTALLOC

void __real_free(void *p);
void __wrap_free(void *p);
void
__wrap_free(void *p)
{
    counted.given += p != NULL;
    __real_free(p);
}

#define COUNTALLOC_LOCK(name, type)                                            \
    int __real_##name(type *lock);                                             \
    int __wrap_##name(type *lock);                                             \
    int __wrap_##name(type *lock)                                              \
    {                                                                          \
        counted.locks++;                                                       \
        return __real_##name(lock);                                            \
    }
COUNTALLOC_LOCK(pthread_mutex_lock, pthread_mutex_t)
COUNTALLOC_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
COUNTALLOC_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
#undef COUNTALLOC_LOCK

/* What the statement did. */
#define COUNTALLOC_OF(statement)                                               \
    (counted = (struct countalloc){0}, (void)(statement), counted)

#endif
