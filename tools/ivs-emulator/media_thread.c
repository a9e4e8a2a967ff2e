/* SPDX-License-Identifier: MIT */
/* A stream's thread: it starts the encoder, which lives no longer than it,
 * takes what that writes, and publishes segments. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include "media_stream.h"
#include "ts_cutter.h"

#define LINE_MAX_LEN 2000
/* The end of a line says what is wrong. */
#define LINE_SHOWN 200
/* A longer path is not named in a message. */
#define PATH_SHOWN 512
/* Between two pictures of the slower renditions. */
#define FRAME (EMU_TS_HZ / 30)

struct output {
    struct work *work;
    size_t rendition;
    emu_ts_cutter *cutter; /* NULL: not in the ladder */
    int64_t start_ms;      /* of the next segment */
    int64_t rest;          /* ticks that make no millisecond */
};

struct work {
    emu_media_stream *stream;
    emu_encoder encoder;
    struct output outputs[EMU_RENDITIONS];
    int64_t began_ms; /* when the PTS `began` was; 0: not yet */
    int64_t began;
    char line[LINE_MAX_LEN + 1]; /* the encoder's last, or the one it writes */
    size_t line_len;
    bool line_over;
    char data[16 * 1024];
    char why[LINE_SHOWN + PATH_SHOWN + 100];
};

static int64_t
now_ms(void)
{
    struct timeval now;

    (void)gettimeofday(&now, NULL);
    return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}

/* All renditions date their segments from the first one that was finished. */
static void
date(struct output *o, const emu_ts_segment *segment)
{
    struct work *w = o->work;

    if (w->began_ms == 0) {
        w->began_ms = now_ms() - segment->ticks * 1000 / EMU_TS_HZ;
        w->began = segment->start;
    }
    if (o->start_ms == 0)
        o->start_ms = w->began_ms +
                      emu_ts_since(w->began, segment->start) * 1000 / EMU_TS_HZ;
}

static bool
publish(const emu_ts_segment *segment, void *user)
{
    struct output *o = user;
    emu_media_stream *s = o->work->stream;
    emu_media_segment done = {.size = segment->len};
    int64_t ticks = segment->ticks + o->rest;

    date(o, segment);
    done.start_ms = o->start_ms;
    done.duration_ms = ticks * 1000 / EMU_TS_HZ;
    done.fd = emu_media_file(s->media->dir, segment->data, segment->len);
    if (done.fd < 0) {
        (void)snprintf(o->work->why, sizeof o->work->why,
                       "cannot write a segment below %.100s: %s", s->media->dir,
                       strerror(errno));
        return false;
    }
    o->start_ms += done.duration_ms;
    o->rest = ticks - done.duration_ms * EMU_TS_HZ / 1000;
    (void)pthread_mutex_lock(&s->media->lock);
    emu_media_window_add(&s->windows[o->rendition], &done);
    (void)pthread_mutex_unlock(&s->media->lock);
    return true;
}

/* Texts go where all renditions have yet to come to, so that they are at one
 * time in all of them. */
static bool
take_texts(struct work *w)
{
    emu_media_stream *s = w->stream;
    char *texts[EMU_TEXTS_WAITING];
    bool begun = false, put = true;
    int64_t pts = 0, at;
    size_t n;

    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (w->outputs[i].cutter != NULL &&
            emu_ts_cutter_position(w->outputs[i].cutter, &at) &&
            (!begun || emu_ts_since(pts, at) > 0)) {
            begun = true;
            pts = at;
        }
    if (!begun)
        return true;
    pts = (pts + FRAME) & (EMU_TS_WRAPS - 1);
    (void)pthread_mutex_lock(&s->media->lock);
    n = s->ntexts;
    memcpy(texts, s->texts, n * sizeof *texts);
    s->ntexts = 0;
    (void)pthread_mutex_unlock(&s->media->lock);
    for (size_t t = 0; t < n; t++) {
        for (size_t i = 0; i < EMU_RENDITIONS; i++)
            put &= w->outputs[i].cutter == NULL ||
                   emu_ts_cutter_put_text(w->outputs[i].cutter, texts[t], pts);
        free(texts[t]);
    }
    return put;
}

/* Keep the last line that has something in it. */
static void
take_log(struct work *w, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' || data[i] == '\r') {
            w->line_over = true;
            continue;
        }
        if (w->line_over)
            w->line_len = 0;
        w->line_over = false;
        if (w->line_len < LINE_MAX_LEN)
            w->line[w->line_len++] =
                data[i] < ' ' || data[i] > '~' ? '?' : data[i];
        w->line[w->line_len] = '\0';
    }
}

/* Read once. False: the other end is closed, or the stream must end. */
static bool
read_output(struct work *w, struct output *o, int fd)
{
    const char *wrong;
    ssize_t n = read(fd, w->data, sizeof w->data);

    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0)
        return false;
    if (o == NULL) {
        take_log(w, w->data, (size_t)n);
        return true;
    }
    wrong = take_texts(w) ? emu_ts_cutter_feed(o->cutter, w->data, (size_t)n)
                          : "there is no memory for timed metadata";
    if (wrong != NULL && w->why[0] == '\0')
        (void)snprintf(w->why, sizeof w->why, "rendition %s: %s",
                       emu_renditions[o->rendition].name, wrong);
    return true;
}

/* Until it is stopped, something is wrong, or the encoder has closed all. */
static void
follow(struct work *w)
{
    struct pollfd files[EMU_RENDITIONS + 2];
    size_t left = 1;

    for (size_t i = 0; i < EMU_RENDITIONS; i++) {
        files[i] = (struct pollfd){.fd = w->encoder.outs[i], .events = POLLIN};
        left += files[i].fd >= 0;
    }
    files[EMU_RENDITIONS] =
        (struct pollfd){.fd = w->encoder.log, .events = POLLIN};
    files[EMU_RENDITIONS + 1] =
        (struct pollfd){.fd = w->stream->stop, .events = POLLIN};
    while (left > 0 && w->why[0] == '\0') {
        if (poll(files, EMU_RENDITIONS + 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            break;
        }
        if (files[EMU_RENDITIONS + 1].revents != 0)
            break;
        for (size_t i = 0; i <= EMU_RENDITIONS; i++) {
            if (files[i].fd < 0 || files[i].revents == 0 ||
                read_output(w, i < EMU_RENDITIONS ? &w->outputs[i] : NULL,
                            files[i].fd))
                continue;
            files[i].fd = -1;
            left--;
        }
    }
}

/* The end of the encoder's last line, and in it the path that was given in the
 * place of the name that the file has for the encoder. */
static void
say_line(struct work *w, const char *how)
{
    size_t skipped = w->line_len > LINE_SHOWN ? w->line_len - LINE_SHOWN : 0;
    const char *line = w->line + skipped;
    const char *name = strstr(line, EMU_ENCODER_URL), *path = "";
    size_t before = name == NULL ? strlen(line) : (size_t)(name - line);

    if (name != NULL) { /* cut nowhere: it is UTF-8 */
        path =
            strlen(w->stream->path) > PATH_SHOWN ? "the file" : w->stream->path;
        name += sizeof EMU_ENCODER_URL - 1;
    }
    (void)snprintf(w->why, sizeof w->why, "ffmpeg %s%s%.*s%s%s", how,
                   w->line[0] == '\0' ? ""
                   : skipped > 0      ? ": ..."
                                      : ": ",
                   (int)before, line, path, name == NULL ? "" : name);
}

static void
say_why(struct work *w, int status)
{
    char how[48];

    if (w->why[0] != '\0')
        return;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && w->line[0] == '\0') {
        (void)snprintf(w->why, sizeof w->why, "the file has ended");
        return;
    }
    if (WIFSIGNALED(status))
        (void)snprintf(how, sizeof how, "was killed by signal %d",
                       WTERMSIG(status));
    else
        (void)snprintf(how, sizeof how, "ended with status %d",
                       WEXITSTATUS(status));
    say_line(w, how);
}

static bool
make_cutters(struct work *w)
{
    for (size_t i = 0; i < EMU_RENDITIONS; i++) {
        struct output *o = &w->outputs[i];

        *o = (struct output){.work = w, .rendition = i};
        if (!emu_ladder_has(w->stream->plan.ladder, i))
            continue;
        o->cutter = emu_ts_cutter_new(publish, o);
        if (o->cutter == NULL)
            return false;
    }
    return true;
}

static void
work(struct work *w)
{
    const emu_media_plan *plan = &w->stream->plan;
    emu_media_source source = plan->source;
    ivs_error err = {0};

    if (!make_cutters(w)) {
        (void)snprintf(w->why, sizeof w->why, "out of memory");
        return;
    }
    source.silent = source.file >= 0 &&
                    !emu_encoder_has_sound(w->stream->program, source.file,
                                           w->stream->stop);
    if (source.silent && emu_ladder_picture(plan->ladder) == NULL) {
        (void)snprintf(w->why, sizeof w->why,
                       "there is no sound in the file, and no picture in the "
                       "ladder");
        return;
    }
    if (emu_encoder_start(w->stream->program, &source, plan->ladder,
                          &w->encoder, &err) != IVS_OK) {
        (void)snprintf(w->why, sizeof w->why, "%s", err.message);
        return;
    }
    follow(w);
    say_why(w, emu_encoder_end(&w->encoder));
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (w->outputs[i].cutter != NULL)
            (void)emu_ts_cutter_end(w->outputs[i].cutter);
}

/* Players have yet to come to the end. */
static void
linger(emu_media_stream *s)
{
    struct pollfd stop = {.fd = s->stop, .events = POLLIN};
    int64_t left, end = ivs_clock_monotonic_ms() + EMU_MEDIA_LINGER_MS;
    eventfd_t count;
    bool dropped;

    while ((left = end - ivs_clock_monotonic_ms()) > 0) {
        (void)eventfd_read(s->stop, &count);
        (void)pthread_mutex_lock(&s->media->lock);
        dropped = s->dropped;
        (void)pthread_mutex_unlock(&s->media->lock);
        if (dropped)
            break;
        (void)poll(&stop, 1, (int)left);
    }
}

void *
emu_media_run(void *stream)
{
    emu_media_stream *s = stream;
    struct work *w = calloc(1, sizeof *w);
    bool stopped;

    if (w != NULL) {
        w->stream = s;
        work(w);
        for (size_t i = 0; i < EMU_RENDITIONS; i++)
            emu_ts_cutter_free(w->outputs[i].cutter);
    }
    (void)pthread_mutex_lock(&s->media->lock);
    stopped = s->stopped;
    s->stopped = true;
    (void)pthread_mutex_unlock(&s->media->lock);
    if (!stopped)
        s->media->on_end(s->plan.channel_arn, s->plan.stream,
                         w == NULL ? "out of memory" : w->why, s->media->user);
    free(w);
    linger(s);
    emu_media_leave(s);
    return NULL;
}
