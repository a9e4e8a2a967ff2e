/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_LIMITALLOC_H
#define IVS_TEST_LIMITALLOC_H

/* For json_set_alloc_funcs(): after so many allocations there is no memory. */

#include <stdint.h>
#include <stdlib.h>

static size_t allocations_left = SIZE_MAX; /* that many: no end */

static void *
limited_malloc(size_t n)
{
    if (allocations_left == 0)
        return NULL;
    if (allocations_left != SIZE_MAX)
        allocations_left--;
    return malloc(n);
}

#endif
