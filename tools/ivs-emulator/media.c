/* SPDX-License-Identifier: MIT */
/* The table of streams that have media. One lock guards it and what the streams
 * share with requests; a thread each does the work (media_thread.c). */

#include "media.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

#include "media_stream.h"

static emu_media_stream *
find(const emu_media *media, const char *id)
{
    emu_media_stream *s = media->streams;

    while (s != NULL && strcmp(s->plan.stream, id) != 0)
        s = s->next;
    return s;
}

ivs_status
emu_media_new(const char *dir, emu_media_end_fn on_end, void *user,
              emu_media **ret, ivs_error *err)
{
    emu_media *media = calloc(1, sizeof *media);

    if (media == NULL || (media->dir = strdup(dir)) == NULL) {
        free(media);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    }
    (void)signal(SIGCHLD, SIG_DFL); /* or nobody could wait for encoders */
    media->on_end = on_end;
    media->user = user;
    (void)pthread_mutex_init(&media->lock, NULL);
    (void)pthread_cond_init(&media->idle, NULL);
    *ret = media;
    return IVS_OK;
}

void
emu_media_free(emu_media *media)
{
    if (media == NULL)
        return;
    emu_media_stop(media, NULL);
    (void)pthread_mutex_lock(&media->lock);
    while (media->streams != NULL)
        (void)pthread_cond_wait(&media->idle, &media->lock);
    (void)pthread_mutex_unlock(&media->lock);
    if (media->left)
        (void)pthread_join(media->leaving, NULL);
    (void)pthread_cond_destroy(&media->idle);
    (void)pthread_mutex_destroy(&media->lock);
    free(media->dir);
    free(media);
}

static void
free_stream(emu_media_stream *s)
{
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        emu_media_window_clear(&s->windows[i]);
    for (size_t i = 0; i < s->ntexts; i++)
        free(s->texts[i]);
    if (s->stop >= 0)
        (void)close(s->stop);
    if (s->plan.source.file >= 0)
        (void)close(s->plan.source.file);
    free(s->program);
    free(s->path);
    free(s);
}

/* Under the lock. */
static void
take_out(emu_media_stream *s)
{
    emu_media_stream **at = &s->media->streams;

    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    (void)pthread_cond_broadcast(&s->media->idle);
}

/* Libraries clean up behind a thread when its function has returned, which the
 * end of the process must not overtake: each thread waits for the one that left
 * before it, and emu_media_free() for the last. */
void
emu_media_leave(emu_media_stream *s)
{
    emu_media *media = s->media;
    pthread_t before;
    bool wait;

    (void)pthread_mutex_lock(&media->lock);
    take_out(s);
    wait = media->left;
    before = media->leaving;
    media->left = true;
    media->leaving = pthread_self();
    (void)pthread_mutex_unlock(&media->lock);
    free_stream(s);
    if (wait)
        (void)pthread_join(before, NULL);
}

void
emu_media_allow(emu_media *media, size_t streams)
{
    if (media == NULL)
        return;
    (void)pthread_mutex_lock(&media->lock);
    media->allowed = streams;
    (void)pthread_mutex_unlock(&media->lock);
}

/* Nobody waits for its segments any more. */
static void
drop(emu_media_stream *s)
{
    s->stopped = s->dropped = true;
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        emu_media_window_clear(&s->windows[i]);
    (void)eventfd_write(s->stop, 1);
}

/* Put a stream into the table, in the place of the oldest that has ended where
 * there is no other. */
static bool
put(emu_media *media, emu_media_stream *s)
{
    emu_media_stream *oldest = NULL;
    size_t n = 0;
    bool room;

    (void)pthread_mutex_lock(&media->lock);
    for (emu_media_stream *other = media->streams; other != NULL;
         other = other->next) {
        n += !other->dropped;
        if (other->stopped && !other->dropped)
            oldest = other;
    }
    room = n < media->allowed || (oldest != NULL && n == media->allowed);
    if (room && n == media->allowed)
        drop(oldest);
    if (room) {
        s->next = media->streams;
        media->streams = s;
    }
    (void)pthread_mutex_unlock(&media->lock);
    return room;
}

ivs_status
emu_media_start(emu_media *media, const emu_media_plan *plan, ivs_error *err)
{
    emu_media_stream *s = calloc(1, sizeof *s);
    pthread_t thread;
    int rc;

    if (s == NULL) {
        if (plan->source.file >= 0)
            (void)close(plan->source.file);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    }
    s->media = media;
    s->plan = *plan;
    s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->program = emu_encoder_find();
    s->path = strdup(plan->path == NULL ? "testsrc" : plan->path);
    s->plan.path = s->path;
    if (s->stop < 0 || s->program == NULL || s->path == NULL) {
        free_stream(s);
        return ivs_fail(err, IVS_E_IO, "cannot start an encoder");
    }
    if (!put(media, s)) {
        free_stream(s);
        return ivs_fail(err, IVS_E_STATE,
                        "%zu streams have pictures, which is all that may: end "
                        "one, or let the emulator open more files (ulimit -n)",
                        media->allowed);
    }
    rc = pthread_create(&thread, NULL, emu_media_run, s);
    if (rc != 0) {
        (void)pthread_mutex_lock(&media->lock);
        take_out(s);
        (void)pthread_mutex_unlock(&media->lock);
        free_stream(s);
        return ivs_fail(err, IVS_E_IO, "cannot start a thread: %s",
                        strerror(rc));
    }
    return IVS_OK;
}

void
emu_media_stop(emu_media *media, const char *stream)
{
    if (media == NULL)
        return;
    (void)pthread_mutex_lock(&media->lock);
    for (emu_media_stream *s = media->streams; s != NULL; s = s->next) {
        if (stream != NULL && strcmp(s->plan.stream, stream) != 0)
            continue;
        if (stream == NULL)
            drop(s);
        s->stopped = true;
        (void)eventfd_write(s->stop, 1);
    }
    (void)pthread_mutex_unlock(&media->lock);
}

bool
emu_media_put_text(emu_media *media, const char *stream, const char *text)
{
    emu_media_stream *s;
    bool put = true;

    if (media == NULL)
        return true;
    (void)pthread_mutex_lock(&media->lock);
    s = find(media, stream);
    if (s != NULL) {
        put = s->ntexts < EMU_TEXTS_WAITING &&
              (s->texts[s->ntexts] = strdup(text)) != NULL;
        s->ntexts += put;
    }
    (void)pthread_mutex_unlock(&media->lock);
    return put;
}

bool
emu_media_list(emu_media *media, const char *stream, size_t rendition,
               emu_media_listing *ret)
{
    emu_media_listing listing = {.n = 0};
    emu_media_stream *s;

    if (media == NULL)
        return false;
    (void)pthread_mutex_lock(&media->lock);
    s = find(media, stream);
    if (s != NULL) {
        const emu_media_window *window = &s->windows[rendition];

        listing.n = window->end < EMU_WINDOW_LISTED ? (size_t)window->end
                                                    : EMU_WINDOW_LISTED;
        listing.first = window->end - (int64_t)listing.n;
        for (size_t i = 0; i < listing.n; i++) {
            listing.segments[i] =
                *emu_media_window_get(window, listing.first + (int64_t)i);
            listing.segments[i].fd = -1;
        }
        *ret = listing;
    }
    (void)pthread_mutex_unlock(&media->lock);
    return s != NULL;
}

int
emu_media_open(emu_media *media, const char *stream, size_t rendition,
               int64_t n, size_t *ret_size)
{
    const emu_media_segment *segment = NULL;
    emu_media_stream *s;
    int fd = -1, error = ENOENT;

    if (media == NULL) {
        errno = ENOENT;
        return -1;
    }
    (void)pthread_mutex_lock(&media->lock);
    s = find(media, stream);
    if (s != NULL)
        segment = emu_media_window_get(&s->windows[rendition], n);
    if (segment != NULL) {
        fd = fcntl(segment->fd, F_DUPFD_CLOEXEC, 0);
        error = errno;
        *ret_size = segment->size;
    }
    (void)pthread_mutex_unlock(&media->lock);
    errno = error;
    return fd;
}

bool
emu_media_count(emu_media *media, const char *stream,
                int64_t ret[EMU_RENDITIONS])
{
    emu_media_stream *s;

    if (media == NULL)
        return false;
    (void)pthread_mutex_lock(&media->lock);
    s = find(media, stream);
    for (size_t i = 0; i < EMU_RENDITIONS && s != NULL; i++)
        ret[i] = s->windows[i].end;
    (void)pthread_mutex_unlock(&media->lock);
    return s != NULL;
}
