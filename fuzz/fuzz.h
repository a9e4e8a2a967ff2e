/* SPDX-License-Identifier: MIT */
#ifndef IVS_FUZZ_H
#define IVS_FUZZ_H

/*
 * What every target shares. A target is deterministic, at most some forty
 * lines, and asserts a property through REQUIRE, which works in every build.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(property)                                                      \
    do {                                                                       \
        if (!(property)) {                                                     \
            (void)fprintf(stderr, "%s:%d: property violated: %s\n", __FILE__,  \
                          __LINE__, #property);                                \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
