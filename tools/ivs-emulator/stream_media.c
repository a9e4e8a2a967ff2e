/* SPDX-License-Identifier: MIT */
/* What joins streams and media. */

#include "stream_media.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"

/* ---- what is asked for ---- */

static bool
read_ladder(const json_t *input, emu_ladder *ret, emu_response *res)
{
    const json_t *labels = json_object_get(input, "ladder"), *label;
    emu_ladder ladder = 0;
    size_t i;

    if (labels == NULL) {
        *ret = EMU_LADDER_ALL;
        return true;
    }
    json_array_foreach(labels, i, label)
    {
        const char *text = json_string_value(label);
        emu_ladder one = text == NULL ? 0 : emu_ladder_of(text);

        if (one == 0)
            return emu_refuse(res, EMU_VALIDATION,
                              "the ladder has no rendition %.40s, expected "
                              "1080p, 720p, 480p, 360p, 160p or audio_only",
                              text == NULL ? "that is no text" : text);
        ladder |= one;
    }
    if (ladder == 0)
        return emu_refuse(res, EMU_VALIDATION,
                          "ladder is not an array of renditions: 1080p, 720p, "
                          "480p, 360p, 160p, audio_only");
    *ret = ladder;
    return true;
}

/* A regular file, which is read as the descriptor that is opened here. */
static bool
open_file(const emu_emulator *emu, const char *path, int *ret,
          emu_response *res)
{
    struct stat st;
    int fd;

    if (*path != '/')
        return emu_refuse(res, EMU_VALIDATION,
                          "from is %.100s, expected testsrc or the absolute "
                          "path of a file",
                          path);
    /* Whoever reaches us could have any film of this machine. */
    if (!emu->loopback)
        return emu_refuse(res, EMU_ACCESS_DENIED,
                          "files are streamed only where no other machine "
                          "can ask for it: the emulator is not bound to a "
                          "loopback address");
    fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return emu_refuse(res, EMU_VALIDATION, "cannot open %s: %s", path,
                          strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return emu_refuse(res, EMU_VALIDATION, "%s is not a regular file",
                          path);
    }
    *ret = fd;
    return true;
}

bool
emu_stream_plan(const emu_emulator *emu, const json_t *input,
                emu_media_plan *ret, emu_response *res)
{
    emu_media_plan plan = {.source = {.file = -1, .loop = true}};
    const char *from = NULL;
    ivs_error err = {0};
    char *program;

    if (!emu_read_text(input, "from", NULL, PATH_MAX, &from, &err) ||
        !emu_read_bool(input, "loop", NULL, &plan.source.loop, &err))
        return emu_refuse(res, EMU_VALIDATION, "%s", err.message);
    if (!read_ladder(input, &plan.ladder, res))
        return false;
    program = emu_encoder_find();
    if (program == NULL || emu->media == NULL) {
        free(program);
        return emu_refuse(res, EMU_CONFLICT,
                          "ffmpeg is not in PATH: install it (Debian: apt-get "
                          "install ffmpeg) and start the emulator anew, or "
                          "begin a stream without pictures, without \"from\"");
    }
    free(program);
    if (strcmp(from, "testsrc") != 0 &&
        !open_file(emu, from, &plan.source.file, res))
        return false;
    plan.path = from;
    *ret = plan;
    return true;
}

/* ---- what is told ---- */

json_t *
emu_stream_describe_media(const emu_emulator *emu, const emu_stream *stream)
{
    int64_t counts[EMU_RENDITIONS] = {0};
    json_t *renditions = json_array();

    if (stream->source == NULL) {
        json_decref(renditions);
        return NULL;
    }
    (void)emu_media_count(emu->media, stream->id, counts);
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (emu_ladder_has(stream->ladder, i))
            (void)json_array_append_new(
                renditions,
                json_pack("{s:s, s:s, s:I}", "name", emu_renditions[i].name,
                          "ladder", emu_renditions[i].label, "segments",
                          (json_int_t)counts[i]));
    return json_pack("{s:s, s:o}", "from", stream->source, "renditions",
                     renditions);
}

/* ---- what ends ---- */

void
emu_stream_ended(const char *channel_arn, const char *stream, const char *why,
                 void *emulator)
{
    json_t *input = json_pack("{s:s}", "channelArn", channel_arn);
    emu_emulator *emu = emulator;
    emu_response res;
    bool ended;

    if (emu_response_init(&res, NULL)) {
        ended = emu_stream_end(emu, input, stream, why, &res);
        if (!emu->quiet)
            (void)fprintf(stderr, "ivs-emulator: stream %s %s: %s\n", stream,
                          ended ? "has ended" : "has no media any more", why);
        emu_response_free(&res);
    }
    json_decref(input);
}

static bool
note_ended(const emu_stream *row, void *user)
{
    json_t *session = NULL;
    bool noted =
        ivs_json_parse(row->document, strlen(row->document), IVS_JSON_OBJECT,
                       "a stored document", &session, NULL, NULL) == IVS_OK &&
        json_array_append(user, session) == 0;

    json_decref(session);
    return noted;
}

static bool
recover(emu_emulator *emu)
{
    json_t *sessions = json_array(), *session;
    bool read = false;
    size_t i;

    if (sessions != NULL && emu_store_begin(emu->store)) {
        read = emu_store_stream_media(emu->store, note_ended, sessions);
        (void)emu_store_end(emu->store, false);
    }
    json_array_foreach(sessions, i, session)
    {
        const char *arn = json_string_value(
            json_object_get(json_object_get(session, "channel"), "arn"));
        const char *id =
            json_string_value(json_object_get(session, "streamId"));

        if (arn != NULL && id != NULL)
            emu_stream_ended(arn, id, "the emulator ended before it", emu);
    }
    json_decref(sessions);
    return read;
}

ivs_status
emu_streams_open(emu_emulator *emu, const char *dir, ivs_error *err)
{
    if (dir == NULL)
        dir = getenv("TMPDIR");
    if (dir == NULL || *dir == '\0')
        dir = "/tmp";
    if (!recover(emu))
        return ivs_fail(err, IVS_E_IO, "cannot read the streams in the state");
    return emu_media_new(dir, emu_stream_ended, emu, &emu->media, err);
}
