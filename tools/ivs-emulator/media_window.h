/* SPDX-License-Identifier: MIT */
#ifndef EMU_MEDIA_WINDOW_H
#define EMU_MEDIA_WINDOW_H

/* The latest segments of a rendition, in files without a name: nothing of them
 * is left when the program ends, however it does. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In a playlist; and for how long a segment is there when it has left that. */
#define EMU_WINDOW_LISTED 10
#define EMU_WINDOW_KEPT   12

typedef struct emu_media_segment {
    int fd;
    size_t size;
    int64_t start_ms; /* when it began, since 1970 */
    int64_t duration_ms;
} emu_media_segment;

typedef struct emu_media_window {
    int64_t end; /* number of the segment that comes next */
    emu_media_segment segments[EMU_WINDOW_KEPT]; /* n is at n % EMU_WINDOW_KEPT
                                                  */
} emu_media_window;

/* Write bytes into a new file below a directory; -1 and errno. */
int emu_media_file(const char *dir, const char *data, size_t len);
/* Takes the segment's file; the oldest goes. */
void emu_media_window_add(emu_media_window *window,
                          const emu_media_segment *segment);
/* NULL: it is not there yet, or no longer. */
const emu_media_segment *emu_media_window_get(const emu_media_window *window,
                                              int64_t n);
void emu_media_window_clear(emu_media_window *window);

#endif
