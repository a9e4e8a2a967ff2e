/* SPDX-License-Identifier: MIT */
#ifndef EMU_MEDIA_STREAM_H
#define EMU_MEDIA_STREAM_H

/* What the files of the media share: a stream in the table. */

#include <pthread.h>

#include "media.h"

#define EMU_TEXTS_WAITING 64
/* How long segments are there when the stream has ended. */
#define EMU_MEDIA_LINGER_MS 30000

typedef struct emu_media_stream emu_media_stream;

struct emu_media {
    pthread_mutex_t lock;
    pthread_cond_t idle;       /* a stream has left the table */
    emu_media_stream *streams; /* the latest first */
    bool left;                 /* a thread has, and nobody waits for it yet */
    pthread_t leaving;
    size_t allowed;
    char *dir;
    emu_media_end_fn on_end;
    void *user;
};

struct emu_media_stream {
    emu_media_stream *next; /* under the lock, like all up to texts */
    bool stopped;           /* or has ended */
    bool dropped;           /* nobody wants its segments any more */
    emu_media_window windows[EMU_RENDITIONS];
    char *texts[EMU_TEXTS_WAITING]; /* for the thread to put in */
    size_t ntexts;

    emu_media *media; /* these never change */
    emu_media_plan plan;
    char *program;
    char *path; /* that of the plan */
    int stop;   /* an eventfd */
};

/* The thread of a stream. */
void *emu_media_run(void *stream);
/* Out of the table, and free: the last that its thread does. */
void emu_media_leave(emu_media_stream *stream);

#endif
