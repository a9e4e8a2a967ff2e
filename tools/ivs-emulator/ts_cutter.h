/* SPDX-License-Identifier: MIT */
#ifndef EMU_TS_CUTTER_H
#define EMU_TS_CUTTER_H

/*
 * Cuts an endless transport stream into segments, each with its tables at the
 * beginning and timed metadata among its packets. It is cut where a picture
 * decodes by itself, and where there is sound alone, each two seconds.
 */

#include "ts.h"

#define EMU_SEGMENT_S 2

typedef struct emu_ts_segment {
    const char *data;
    size_t len;
    int64_t start; /* PTS */
    int64_t ticks; /* how long it lasts */
} emu_ts_segment;

/* False ends the stream. */
typedef bool (*emu_ts_segment_fn)(const emu_ts_segment *segment, void *user);

typedef struct emu_ts_cutter emu_ts_cutter;

/* NULL: out of memory. */
emu_ts_cutter *emu_ts_cutter_new(emu_ts_segment_fn fn, void *user);
void emu_ts_cutter_free(emu_ts_cutter *cutter);

/* Take bytes as they come; finished segments are told of. NULL, or a sentence
 * about what is wrong with the stream, which ends it. */
const char *emu_ts_cutter_feed(emu_ts_cutter *cutter, const char *data,
                               size_t len);
/* The segment that the stream ends in. False: fn said so, or no memory. */
bool emu_ts_cutter_end(emu_ts_cutter *cutter);

/* PTS that has been reached; false: nothing has come yet. */
bool emu_ts_cutter_position(const emu_ts_cutter *cutter, int64_t *ret);
/* Put a text where the stream reaches a PTS. False: out of memory. */
bool emu_ts_cutter_put_text(emu_ts_cutter *cutter, const char *text,
                            int64_t pts);

#endif
