/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_INJECT_H
#define IVS_TEST_INJECT_H

/* Makes the n-th call that our own code makes fail, or the n-th allocation of a
 * library beneath it, and counts what has not been given back. */

#include <stdbool.h>
#include <stddef.h>

enum inject_mode {
    INJECT_NO_MEMORY,   /* a call of ours: out of memory */
    INJECT_OTHER,       /* a call of ours: another reason */
    INJECT_INTERRUPTED, /* read and write: EINTR, half the bytes */
    INJECT_OPENSSL,     /* an allocation in OpenSSL */
    INJECT_JANSSON,     /* an allocation in jansson */
    INJECT_MODES
};

extern const char *const inject_mode_names[INJECT_MODES];

/* What is alive now. */
struct inject_live {
    long own, openssl, jansson, files;
};

/* Before anything else in the program; false where OpenSSL is in use. */
bool inject_start(void);
/* From arm to disarm, the n-th (from 1) fails, and no other. */
void inject_arm(enum inject_mode mode, size_t n);
void inject_disarm(void);
/* What was made to fail since arm; NULL when there were fewer than n. */
const char *inject_failed(void);
struct inject_live inject_live(void);

#endif
