/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_BUF_H
#define IVS_BASE_BUF_H

/*
 * A byte string under construction. Appending never fails at the place: the
 * first failure sticks in `failed` and is looked at once, at the end. `data`
 * is NUL-terminated after `len` bytes as soon as anything was appended.
 *
 *   ivs_buf b = IVS_BUF_INIT;          grows on the heap
 *   ivs_buf b = IVS_BUF_SECRET;        the same, every block wiped
 *   ivs_buf_fixed(&b, mem, cap);       caller's memory, never grows
 */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/export.h>

typedef struct ivs_buf {
    char *data;
    size_t len;
    size_t cap; /* bytes at data, the NUL's included */
    bool secret;
    bool fixed;
    bool failed;
} ivs_buf;

#define IVS_BUF_INIT   ((ivs_buf){0})
#define IVS_BUF_SECRET ((ivs_buf){.secret = true})

void ivs_buf_fixed(ivs_buf *b, char *mem, size_t cap);
/* Room for n more bytes and a NUL. */
bool ivs_buf_reserve(ivs_buf *b, size_t n);
void ivs_buf_append(ivs_buf *b, const void *data, size_t len);
void ivs_buf_puts(ivs_buf *b, const char *text);
void ivs_buf_putc(ivs_buf *b, char c);
void ivs_buf_printf(ivs_buf *b, const char *fmt, ...) IVS_PRINTF(2, 3);
/* Hand the block to the caller, or NULL for a buffer that failed; either way
 * the buffer is empty afterwards. Heap only. */
char *ivs_buf_steal(ivs_buf *b, size_t *ret_len);
/* Release (and wipe a secret); the buffer may be used again. */
void ivs_buf_free(ivs_buf *b);

/* Overwrite memory in a way no optimiser removes. The only one in the tree. */
void ivs_wipe(void *ptr, size_t len);
/* Compare in time that depends on len alone. */
bool ivs_equal_ct(const void *a, const void *b, size_t len);

#endif
