/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <stdbool.h>

static struct rlimit before;
static bool raised;

rlim_t
emu_files_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &before) != 0)
        return RLIM_INFINITY;
    limit = before;
    limit.rlim_cur = limit.rlim_max;
    raised = setrlimit(RLIMIT_NOFILE, &limit) == 0;
    return raised ? limit.rlim_cur : before.rlim_cur;
}

void
emu_files_give_back(void)
{
    if (raised)
        (void)setrlimit(RLIMIT_NOFILE, &before);
}
