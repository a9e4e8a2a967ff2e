/* SPDX-License-Identifier: MIT */
/*
 * What ffmpeg is told: to read as fast as it plays, to make the renditions of
 * the ladder from one decoded picture, each with its tags' profile, level and
 * rate, and a key frame each segment at the same times in all. A file is a
 * descriptor and one of a few containers, so that no other file is read,
 * whatever is in it.
 */

#include "media_encoder.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#include "ts_cutter.h"

#define PROGRAM "ffmpeg -hide_banner -nostdin -nostats -v error"
/* More than all renditions take, with silence beside them. */
#define ARGUMENTS_MAX 512
/* Bits a second of sound beside a picture, and alone. */
#define SOUND      64000
#define SOUND_ONLY 96000

struct arguments {
    char *items[ARGUMENTS_MAX];
    size_t n;
    bool failed;
};

static void
add(struct arguments *a, const char *item)
{
    if (a->n == ARGUMENTS_MAX - 1 || (a->items[a->n] = strdup(item)) == NULL)
        a->failed = true;
    else
        a->n++;
}

/* Words of a text that has no spaces in them. */
static void
add_words(struct arguments *a, const char *words)
{
    char *copy = strdup(words), *rest = NULL;

    if (copy == NULL)
        a->failed = true;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest))
        add(a, word);
    free(copy);
}

/* Takes what is in a buffer. */
static void
add_buf(struct arguments *a, ivs_buf *b)
{
    if (b->failed)
        a->failed = true;
    else
        add(a, b->data);
    ivs_buf_free(b);
}

static void
add_test_picture(struct arguments *a, const emu_rendition *top)
{
    ivs_buf b = IVS_BUF_INIT;

    if (top != NULL) {
        add_words(a, "-re -f lavfi -i");
        ivs_buf_printf(&b, "testsrc2=size=%dx%d:rate=%d", top->width,
                       top->height, top->fps);
        add_buf(a, &b);
    }
    add_words(a, "-re -f lavfi -i "
                 "sine=frequency=330:beep_factor=4:sample_rate=48000");
}

static void
add_file(struct arguments *a)
{
    add_words(a, "-protocol_whitelist file -format_whitelist "
                 "mov,matroska,mpegts,flv,avi,ogg,wav,mp3,aac,flac "
                 "-i " EMU_ENCODER_URL);
}

static void
add_source(struct arguments *a, const emu_media_source *source,
           const emu_rendition *top)
{
    if (source->file < 0) {
        add_test_picture(a, top);
        return;
    }
    add(a, "-re");
    if (source->loop)
        add_words(a, "-stream_loop -1");
    add_file(a);
    if (source->silent)
        add_words(a, "-re -f lavfi -i anullsrc=sample_rate=48000");
}

/* One picture after the other, each made of the one before it, which is larger:
 * [0:v:0] to [v0], [p0] to [v1] and so on. */
static void
append_pictures(ivs_buf *b, const emu_rendition *const *pictures, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const emu_rendition *r = pictures[i];

        if (i == 0)
            ivs_buf_printf(b,
                           "[0:v:0]fps=%d,scale=%d:%d:flags=fast_bilinear:"
                           "force_original_aspect_ratio=decrease,"
                           "pad=%d:%d:-1:-1,format=yuv420p",
                           r->fps, r->width, r->height, r->width, r->height);
        else
            ivs_buf_printf(b, "[p%zu]fps=%d,scale=%d:%d:flags=fast_bilinear",
                           i - 1, r->fps, r->width, r->height);
        ivs_buf_puts(b, ",setsar=1");
        if (i + 1 < n)
            ivs_buf_printf(b, ",split[v%zu][p%zu];", i, i);
        else
            ivs_buf_printf(b, "[v%zu];", i);
    }
}

/* Sound is that of an input, to [a0] and so on; none where number is -1. */
static void
add_graph(struct arguments *a, const emu_rendition *const *pictures,
          size_t npictures, size_t nsounds, int number)
{
    ivs_buf b = IVS_BUF_INIT;

    append_pictures(&b, pictures, npictures);
    if (number >= 0) {
        ivs_buf_printf(&b,
                       "[%d:a:0]aresample=48000:async=1,"
                       "aformat=channel_layouts=stereo,asplit=%zu",
                       number, nsounds);
        for (size_t i = 0; i < nsounds; i++)
            ivs_buf_printf(&b, "[a%zu]", i);
    } else if (b.len > 0) {
        b.data[--b.len] = '\0'; /* the last semicolon */
    }
    if (b.len == 0)
        return;
    add_words(a, "-filter_complex_threads 1 -filter_complex");
    add_buf(a, &b);
}

static void
add_picture(struct arguments *a, const emu_rendition *r, size_t i)
{
    /* less what packets that are not full cost, a picture and all in all */
    int rate = r->bandwidth / 100 * 85 - SOUND - r->fps * 1000;
    unsigned profile, level;
    ivs_buf b = IVS_BUF_INIT;
    bool high;

    emu_rendition_avc(r, &profile, &level);
    high = profile == EMU_AVC_HIGH;
    ivs_buf_printf(&b,
                   "-map [v%zu] -c:v libx264 -preset ultrafast "
                   "-tune zerolatency -threads:v 1 -profile:v %s "
                   "-level:v %u.%u -x264-params cabac=1:8x8dct=%d "
                   "-g %d -force_key_frames expr:gte(t,n_forced*%d) "
                   "-forced-idr 1 -b:v %d -maxrate:v %d -bufsize:v %d",
                   i, high ? "high" : "main", level / 10, level % 10, high,
                   r->fps * EMU_SEGMENT_S * 2, EMU_SEGMENT_S, rate, rate, rate);
    if (b.failed)
        a->failed = true;
    else
        add_words(a, b.data);
    ivs_buf_free(&b);
}

/* Its times begin where those of the other renditions do: with twice the delay.
 * Silence never ends, so it goes past the graph, where -shortest would not end
 * it with the picture. */
static void
add_output(struct arguments *a, const emu_rendition *r, size_t i, bool silent)
{
    ivs_buf b = IVS_BUF_INIT;

    if (silent)
        ivs_buf_puts(&b, "-shortest -map 1:a");
    else
        ivs_buf_printf(&b, "-map [a%zu]", i);
    ivs_buf_printf(&b,
                   " -c:a aac -b:a %d -flush_packets 1 "
                   "-muxdelay 0.2 -muxpreload 0 %s -f mpegts pipe:%zu",
                   r->width == 0 ? SOUND_ONLY : SOUND,
                   r->width == 0 ? "-pes_payload_size 0" : "",
                   EMU_ENCODER_OUT + i);
    if (b.failed)
        a->failed = true;
    else
        add_words(a, b.data);
    ivs_buf_free(&b);
}

/* Takes a; NULL where it failed. */
static char **
finish(struct arguments *a)
{
    char **items = NULL;

    if (!a->failed && (items = malloc(sizeof a->items)) != NULL)
        memcpy(items, a->items, sizeof a->items);
    else
        for (size_t i = 0; i < a->n; i++)
            free(a->items[i]);
    free(a);
    return items;
}

char **
emu_encoder_arguments(const emu_media_source *source, emu_ladder ladder)
{
    const emu_rendition *pictures[EMU_RENDITIONS] = {NULL};
    struct arguments *a = calloc(1, sizeof *a);
    bool test = source->file < 0;
    int sound; /* number of the input it is in */
    size_t npictures = 0, n = 0;

    if (a == NULL)
        return NULL;
    for (size_t i = 0; i < EMU_RENDITIONS; i++) {
        if (!emu_ladder_has(ladder, i))
            continue;
        n++;
        if (emu_renditions[i].width > 0)
            pictures[npictures++] = &emu_renditions[i];
    }
    sound = source->silent ? -1 : test && npictures > 0;
    add_words(a, PROGRAM);
    add_source(a, source, pictures[0]);
    add_graph(a, pictures, npictures, n, sound);
    n = 0;
    for (size_t i = 0; i < EMU_RENDITIONS; i++) {
        if (!emu_ladder_has(ladder, i))
            continue;
        if (n < npictures)
            add_picture(a, &emu_renditions[i], n);
        add_output(a, &emu_renditions[i], n++, source->silent);
    }
    return finish(a);
}

char **
emu_encoder_probe_arguments(void)
{
    struct arguments *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    add_words(a, PROGRAM);
    add_file(a);
    add_words(a, "-map 0:a:0 -c copy -t 0.1 -f null -");
    return finish(a);
}

void
emu_encoder_free_arguments(char **arguments)
{
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++)
        free(arguments[i]);
    free(arguments);
}
