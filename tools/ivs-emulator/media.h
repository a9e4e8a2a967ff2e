/* SPDX-License-Identifier: MIT */
#ifndef EMU_MEDIA_H
#define EMU_MEDIA_H

/* The media of streams: an encoder each, whose renditions are cut into
 * segments. Any thread may call. */

#include <ivs/arn.h>
#include <ivs/error.h>

#include "media_encoder.h"
#include "media_window.h"

typedef struct emu_media emu_media;

/* Told when a stream's media end without having been stopped. */
typedef void (*emu_media_end_fn)(const char *channel_arn, const char *stream,
                                 const char *why, void *user);

/* Segments are kept in files without a name below dir. IVS_E_NOMEM. */
ivs_status emu_media_new(const char *dir, emu_media_end_fn on_end, void *user,
                         emu_media **ret, ivs_error *err);
/* Ends all streams and waits for that. */
void emu_media_free(emu_media *media);

#define EMU_STREAM_ID_SIZE 27

typedef struct emu_media_plan {
    char channel_arn[IVS_ARN_MAX + 1];
    char stream[EMU_STREAM_ID_SIZE];
    emu_ladder ladder;
    emu_media_source source;
    const char *path; /* of a file, to name it; copied */
} emu_media_plan;

/* Files that a stream has open at most: segments, one more while it is written,
 * the encoder's outputs and log, its source, what stops it. */
#define EMU_MEDIA_FILES                                                        \
    (EMU_RENDITIONS * EMU_WINDOW_KEPT + 1 + EMU_RENDITIONS + 1 + 1 + 1)

/* How many streams may have media at the same time: none until this is said. */
void emu_media_allow(emu_media *media, size_t streams);

/* Begin. The source's file is taken over, also on failure. Where there are as
 * many as may be, the segments of one that has ended go; IVS_E_STATE: none has.
 * IVS_E_IO with a sentence, IVS_E_NOMEM. */
ivs_status emu_media_start(emu_media *media, const emu_media_plan *plan,
                           ivs_error *err);
/* No more segments of the stream with that id, where it has media; those that
 * are there stay for a while. NULL: of all, and none stay. */
void emu_media_stop(emu_media *media, const char *stream);

/* Put a text into all renditions. False: too many wait for that, or there is no
 * memory. */
bool emu_media_put_text(emu_media *media, const char *stream, const char *text);

/* Of the segments in a playlist, from number `first` on; their fd is -1. */
typedef struct emu_media_listing {
    int64_t first;
    size_t n;
    emu_media_segment segments[EMU_WINDOW_LISTED];
} emu_media_listing;

/* False: the stream has no such media. */
bool emu_media_list(emu_media *media, const char *stream, size_t rendition,
                    emu_media_listing *ret);
/* A file of the caller's own with that segment; -1 with errno, ENOENT where
 * there is none. */
int emu_media_open(emu_media *media, const char *stream, size_t rendition,
                   int64_t n, size_t *ret_size);
/* How many segments there were of each rendition. False: as above. */
bool emu_media_count(emu_media *media, const char *stream,
                     int64_t ret[EMU_RENDITIONS]);

#endif
