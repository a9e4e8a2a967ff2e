/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_SECRET_H
#define IVS_BASE_SECRET_H

/*
 * Where a secret begins and where something learned from it may be known. Only
 * the build of tests/poison makes anything of these marks: there valgrind
 * reports every branch and every address that hangs on a byte that is
 * IVS_SECRET and not IVS_PUBLIC again.
 */

#ifdef IVS_POISON
#include <valgrind/memcheck.h>
#define IVS_SECRET(ptr, len) ((void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, len))
#define IVS_PUBLIC(ptr, len) ((void)VALGRIND_MAKE_MEM_DEFINED(ptr, len))
#else
#define IVS_SECRET(ptr, len) ((void)0)
#define IVS_PUBLIC(ptr, len) ((void)0)
#endif

#endif
