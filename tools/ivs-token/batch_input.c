/* SPDX-License-Identifier: MIT */
/* Lines of a batch, out of a buffer that holds the longest one. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"

#define BUFFER (4 * BATCH_LINE_MAX)

bool
batch_input_new(struct batch_input *in)
{
    in->buf = malloc(BUFFER);
    return in->buf != NULL;
}

/* Nothing of a line that is too long is kept. */
static enum batch_line
skip(struct batch_input *in, const char *newline)
{
    if (newline != NULL)
        in->from = (size_t)(newline - in->buf) + 1;
    else
        in->from = in->to = 0;
    if (newline == NULL && !in->ended)
        return BATCH_LINE_PARTLY;
    in->skipping = false;
    return BATCH_LINE_TOO_LONG;
}

enum batch_line
batch_input_next(struct batch_input *in, const char **ret, size_t *ret_len)
{
    const char *at = in->buf + in->from;
    size_t len = in->to - in->from;
    const char *newline = memchr(at, '\n', len);

    if (in->skipping)
        return skip(in, newline);
    if (newline != NULL)
        len = (size_t)(newline - at);
    if (len > BATCH_LINE_MAX) {
        in->skipping = true;
        return skip(in, newline);
    }
    if (newline == NULL && !in->ended)
        return BATCH_LINE_PARTLY;
    if (newline == NULL && len == 0)
        return BATCH_LINE_NONE;
    in->from += len + (newline != NULL);
    *ret = at;
    *ret_len = len;
    return BATCH_LINE;
}

int
batch_input_read(struct batch_input *in)
{
    ssize_t n;

    memmove(in->buf, in->buf + in->from, in->to - in->from);
    in->to -= in->from;
    in->from = 0;
    n = read(in->fd, in->buf + in->to, BUFFER - in->to);
    if (n < 0 && errno == EINTR)
        return 0;
    if (n < 0)
        return errno;
    in->to += (size_t)n;
    in->ended = n == 0;
    return 0;
}
