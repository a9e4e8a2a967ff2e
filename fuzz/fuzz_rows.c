/* SPDX-License-Identifier: MIT */
/* Target: the rows of revoke batch, CSV and NDJSON. Input: a length of blocks,
 * then the text. Property: in blocks of that length the text gives the same
 * rows and complaints as in one; lines only go up; and a good row that is
 * written as CSV with an apostrophe header reads as itself. */

#include <string.h>

#include "fuzz.h"
#include "rows.h"

/* The first block tells the format, so it has to hold more than blanks. */
#define FIRST 64

struct blocks {
    struct rows_source source; /* first */
    const char *end;
    size_t block;
};

/* All that was read, as a checksum (FNV-1a), and the last good row. */
struct seen {
    uint64_t sum;
    size_t rows, line;
    char channel[IVS_ARN_MAX + 1], viewer[IVS_VIEWER_ID_MAX * 4 + 1];
    struct row row;
};

static void
add(struct seen *s, const char *text)
{
    for (; *text != '\0'; text++)
        s->sum = (s->sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
    s->sum = (s->sum ^ 1) * UINT64_C(1099511628211);
}

static void
advance(struct seen *s, size_t line)
{
    REQUIRE(line >= s->line && line >= 1);
    s->line = line;
    s->sum += line;
}

static int
on_parts(void *user, size_t line, const char *const part[3])
{
    struct seen *s = user;
    char text[ROWS_WHY_SIZE];
    struct row row;
    ivs_arn arn;

    advance(s, line);
    for (size_t i = 0; i < 3; i++)
        add(s, part[i] != NULL ? part[i] : "(none)");
    if (rows_check(part, &row, &arn, text) != NULL)
        return 0;
    REQUIRE(strlen(row.channel_arn) < sizeof s->channel);
    REQUIRE(strlen(row.viewer_id) < sizeof s->viewer);
    s->rows++;
    s->row = row;
    (void)snprintf(s->channel, sizeof s->channel, "%s", row.channel_arn);
    (void)snprintf(s->viewer, sizeof s->viewer, "%s", row.viewer_id);
    return 0;
}

static int
on_bad(void *user, size_t line, const char *why)
{
    advance(user, line);
    add(user, why);
    return 0;
}

static bool
more(struct rows_source *source)
{
    struct blocks *b = (struct blocks *)source;
    size_t left = (size_t)(b->end - source->end);

    source->at = source->end;
    source->end += left < b->block ? left : b->block;
    return source->at < source->end;
}

static void
read_blocks(const char *text, size_t len, size_t block, struct seen *ret)
{
    const struct rows_sink sink = {
        .parts = on_parts, .bad = on_bad, .user = ret};
    struct blocks b = {
        .source = {.at = text, .end = text, .line = 1, .more = more},
        .end = text + len,
        .block = block};

    *ret = (struct seen){.sum = UINT64_C(14695981039346656037)};
    REQUIRE(rows_parse(&b.source, &sink) == 0);
}

static void
write_and_read(const struct seen *s)
{
    char text[1024], *at = text;
    struct seen again;

    at += sprintf(at, "channel_arn,'viewer_id,version\n%s,\"'", s->channel);
    for (const char *v = s->viewer; *v != '\0'; v++) {
        if (*v == '"')
            *at++ = '"';
        *at++ = *v;
    }
    at += sprintf(at, "\",");
    if (s->row.has_version)
        at += sprintf(at, "%lld", (long long)s->row.version);
    read_blocks(text, (size_t)(at - text), sizeof text, &again);
    REQUIRE(again.rows == 1);
    REQUIRE(strcmp(again.channel, s->channel) == 0);
    REQUIRE(strcmp(again.viewer, s->viewer) == 0);
    REQUIRE(again.row.has_version == s->row.has_version);
    REQUIRE(again.row.version == s->row.version);
}

/* Bytes in front that tell nothing of the format. */
static size_t
blank_start(const char *text, size_t len)
{
    size_t n = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (n < len && text[n] != '\0' && strchr(" \t\r\n", text[n]) != NULL)
        n++;
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    struct seen whole, pieces;

    if (size < 1)
        return 0;
    read_blocks(text, size - 1, size, &whole);
    read_blocks(text, size - 1, FIRST + data[0], &pieces);
    if (size - 1 <= FIRST || blank_start(text, size - 1) < FIRST)
        REQUIRE(whole.sum == pieces.sum && whole.rows == pieces.rows);
    if (whole.rows > 0)
        write_and_read(&whole);
    return 0;
}
