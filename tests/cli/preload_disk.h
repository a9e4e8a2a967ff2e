/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_PRELOAD_DISK_H
#define IVS_CLI_PRELOAD_DISK_H

#include <stdbool.h>

/* Whether this call, a rename say, is the one that fails; errno is set then. */
bool disk_fails(const char *call);

#endif
