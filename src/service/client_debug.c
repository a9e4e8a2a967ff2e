/* SPDX-License-Identifier: MIT */
/* Debug lines: one at a time, whatever the threads, and no session token. */

#include <stdio.h>
#include <string.h>

#include "service/client_impl.h"

void
ivs_client_debug(ivs_client *client, const char *fmt, ...)
{
    char line[512];
    va_list ap;

    if (client->debug == NULL)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    (void)pthread_mutex_lock(&client->debug_lock);
    client->debug(line, client->debug_user);
    (void)pthread_mutex_unlock(&client->debug_lock);
}

static void
debug_line(ivs_client *client, const char *what, const char *line, size_t len)
{
    static const char secret[] = "x-amz-security-token:";
    ivs_buf b = IVS_BUF_INIT;

    if (len >= sizeof secret && memcmp(line, secret, sizeof secret - 1) == 0)
        ivs_buf_printf(&b, "%s| %s[redacted]", what, secret);
    else
        ivs_buf_printf(&b, "%s| %.*s", what, (int)len, line);
    if (!b.failed)
        client->debug(b.data, client->debug_user);
    ivs_buf_free(&b);
}

void
ivs_client_debug_text(ivs_client *client, const char *what, const ivs_buf *text)
{
    if (client->debug == NULL)
        return;
    (void)pthread_mutex_lock(&client->debug_lock);
    for (size_t i = 0; i <= text->len;) {
        size_t n = strcspn(text->data + i, "\n");

        debug_line(client, what, text->data + i, n);
        i += n + 1;
    }
    (void)pthread_mutex_unlock(&client->debug_lock);
}
