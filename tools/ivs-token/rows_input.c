/* SPDX-License-Identifier: MIT */
/* Bytes of the rows: from a file or standard input, unpacked where they are
 * gzipped (RFC 1952). What is hashed is the text, so that rows are the same
 * ones however they are packed. */

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "rows.h"

#define BLOCK (64 * 1024)

struct rows_input {
    struct rows_source source; /* first: more() casts back */
    int fd;
    const char *name;
    EVP_MD_CTX *hash;
    z_stream gzip;
    bool gzipped;
    bool inside; /* a gzip member that has not ended */
    bool ended;
    const char *why; /* what went wrong, or NULL */
    int why_errno;
    unsigned char raw[BLOCK];
    char text[BLOCK];
};

/* Up to a whole block of raw bytes; 0 at the end and on failure. */
static size_t
read_raw(struct rows_input *in)
{
    size_t len = 0;

    while (len < BLOCK && !in->ended) {
        ssize_t n = read(in->fd, in->raw + len, BLOCK - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            in->why = "cannot read";
            in->why_errno = errno;
            return 0;
        }
        in->ended = n == 0;
        len += (size_t)n;
    }
    return len;
}

static void
hand_out(struct rows_input *in, const void *text, size_t len)
{
    if (in->why == NULL && EVP_DigestUpdate(in->hash, text, len) != 1)
        in->why = "cannot hash";
    in->source.at = text;
    in->source.end = in->source.at + (in->why == NULL ? len : 0);
}

/* Unpack until there is text; a file may have several members. */
static size_t
inflate_some(struct rows_input *in)
{
    in->gzip.next_out = (unsigned char *)in->text;
    in->gzip.avail_out = BLOCK;
    while (in->gzip.avail_out == BLOCK && in->why == NULL) {
        int rc;

        if (in->gzip.avail_in == 0) {
            in->gzip.next_in = in->raw;
            in->gzip.avail_in = (unsigned)read_raw(in);
        }
        if (in->gzip.avail_in == 0) {
            if (in->inside && in->why == NULL)
                in->why = "found gzip that breaks off in";
            break;
        }
        if (!in->inside && inflateReset(&in->gzip) != Z_OK)
            in->why = "cannot unpack";
        in->inside = true;
        rc = inflate(&in->gzip, Z_NO_FLUSH);
        if (rc == Z_STREAM_END)
            in->inside = false;
        else if (rc != Z_OK && rc != Z_BUF_ERROR)
            in->why = "found malformed gzip in";
    }
    return BLOCK - in->gzip.avail_out;
}

static bool
more(struct rows_source *source)
{
    struct rows_input *in = (struct rows_input *)source;

    if (in->why != NULL)
        return false;
    if (in->gzipped)
        hand_out(in, in->text, inflate_some(in));
    else
        hand_out(in, in->raw, read_raw(in));
    return source->at < source->end;
}

/* The first block tells what it is. */
static bool
begin(struct rows_input *in)
{
    size_t len;

    in->hash = EVP_MD_CTX_new();
    if (in->hash == NULL ||
        EVP_DigestInit_ex(in->hash, EVP_sha256(), NULL) != 1)
        return false;
    len = read_raw(in);
    in->gzipped = len >= 2 && in->raw[0] == 0x1f && in->raw[1] == 0x8b;
    if (!in->gzipped) {
        hand_out(in, in->raw, len);
        return true;
    }
    in->gzip.next_in = in->raw;
    in->gzip.avail_in = (unsigned)len;
    /* 16: gzip and nothing else */
    return inflateInit2(&in->gzip, 16 + MAX_WBITS) == Z_OK;
}

int
rows_input_open(struct cli *c, const char *path, struct rows_input **ret)
{
    struct rows_input *in = calloc(1, sizeof *in);
    int code;

    if (in == NULL)
        return fail(c, CLI_FAILED, "out of memory reading rows");
    in->fd = -1;
    in->name = rows_name(path);
    in->source.line = 1;
    in->source.more = more;
    code = input_open(c, path, "the rows", &in->fd);
    if (code == CLI_OK && !begin(in))
        code = fail(c, CLI_FAILED, "out of memory reading rows");
    if (code == CLI_OK)
        *ret = in;
    else
        rows_input_close(in);
    return code;
}

struct rows_source *
rows_input_source(struct rows_input *in)
{
    return &in->source;
}

bool
rows_input_failed(const struct rows_input *in)
{
    return in->why != NULL;
}

int
rows_input_end(struct cli *c, struct rows_input *in, char ret[ROWS_HASH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    while (more(&in->source))
        continue;
    if (in->why == NULL && EVP_DigestFinal_ex(in->hash, digest, &len) != 1)
        in->why = "cannot hash";
    if (in->why != NULL && in->why_errno != 0)
        return fail(c, CLI_FAILED, "%s %s: %s", in->why, in->name,
                    strerror(in->why_errno));
    if (in->why != NULL)
        return fail(c, CLI_FAILED, "%s %s", in->why, in->name);
    for (unsigned i = 0; i < len && 2 * i + 2 < ROWS_HASH_SIZE; i++)
        (void)snprintf(ret + (size_t)2 * i, 3, "%02x", digest[i]);
    return CLI_OK;
}

void
rows_input_close(struct rows_input *in)
{
    if (in == NULL)
        return;
    if (in->gzipped)
        (void)inflateEnd(&in->gzip);
    EVP_MD_CTX_free(in->hash);
    if (in->fd > STDIN_FILENO)
        (void)close(in->fd);
    free(in);
}
