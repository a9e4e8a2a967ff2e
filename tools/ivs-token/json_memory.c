/* SPDX-License-Identifier: MIT */
/* jansson 2.14 goes on where it finds no memory: a string loses a character
 * without a word, an object a member. */

#include <stdatomic.h>
#include <stdlib.h>

#include "cli.h"

static atomic_bool failed;

static void *
allocate(size_t size)
{
    void *p = malloc(size);

    if (p == NULL)
        atomic_store(&failed, true);
    return p;
}

void
json_memory_watch(void)
{
    json_set_alloc_funcs(allocate, free);
}

bool
json_memory_failed(void)
{
    return atomic_load(&failed);
}
