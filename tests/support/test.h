/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_H
#define IVS_TEST_H

/* cmocka with the headers it wants before it. Include first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#endif
