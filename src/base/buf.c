/* SPDX-License-Identifier: MIT */
/* Growing, fixed and secret byte strings. */

#include "base/buf.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
ivs_wipe(void *ptr, size_t len)
{
    OPENSSL_cleanse(ptr, len);
}

bool
ivs_equal_ct(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void
ivs_buf_fixed(ivs_buf *b, char *mem, size_t cap)
{
    *b = (ivs_buf){.data = mem, .cap = cap, .fixed = true};
    if (cap > 0)
        mem[0] = '\0';
    else
        b->failed = true;
}

bool
ivs_buf_reserve(ivs_buf *b, size_t n)
{
    size_t need, cap;
    char *data;

    if (b->failed)
        return false;
    if (n >= SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return false;
    }
    need = b->len + n + 1;
    if (need <= b->cap)
        return true;
    if (b->fixed) {
        b->failed = true;
        return false;
    }
    cap = b->cap < 64 ? 64 : b->cap * 2;
    if (cap < need)
        cap = need;
    /* Never realloc(): it would leave an unwiped copy of a secret behind. */
    data = malloc(cap);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    if (b->data != NULL)
        memcpy(data, b->data, b->len);
    data[b->len] = '\0';
    if (b->secret && b->data != NULL)
        ivs_wipe(b->data, b->cap);
    free(b->data);
    b->data = data;
    b->cap = cap;
    return true;
}

void
ivs_buf_append(ivs_buf *b, const void *data, size_t len)
{
    if (!ivs_buf_reserve(b, len))
        return;
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void
ivs_buf_puts(ivs_buf *b, const char *text)
{
    ivs_buf_append(b, text, strlen(text));
}

void
ivs_buf_putc(ivs_buf *b, char c)
{
    ivs_buf_append(b, &c, 1);
}

void
ivs_buf_printf(ivs_buf *b, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if (!ivs_buf_reserve(b, (size_t)n))
        return;
    va_start(ap, fmt);
    (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

char *
ivs_buf_steal(ivs_buf *b, size_t *ret_len)
{
    char *data;

    if (!ivs_buf_reserve(b, 0)) {
        ivs_buf_free(b);
        return NULL;
    }
    data = b->data;
    if (ret_len != NULL)
        *ret_len = b->len;
    *b = (ivs_buf){.secret = b->secret};
    return data;
}

void
ivs_buf_free(ivs_buf *b)
{
    if (b->secret && b->data != NULL)
        ivs_wipe(b->data, b->cap);
    if (!b->fixed)
        free(b->data);
    *b = (ivs_buf){.secret = b->secret};
}
