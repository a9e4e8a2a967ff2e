/* SPDX-License-Identifier: MIT */
#ifndef EMU_MEDIA_ENCODER_H
#define EMU_MEDIA_ENCODER_H

/* ffmpeg as a child: what it is told, how it begins and ends. */

#include <stdbool.h>
#include <sys/types.h>

#include <ivs/error.h>

#include "ladder.h"

typedef struct emu_media_source {
    int file;    /* what is played; -1: a test picture */
    bool loop;   /* a file begins anew at its end */
    bool silent; /* a file has no sound */
} emu_media_source;

typedef struct emu_encoder {
    pid_t pid;
    int outs[EMU_RENDITIONS]; /* transport streams; -1: not in the ladder */
    int log;                  /* what it says on stderr */
} emu_encoder;

/* The program in PATH, to be freed; NULL: there is none. */
char *emu_encoder_find(void);
/* Start one, which ends when the calling thread does. IVS_E_IO with a sentence.
 */
ivs_status emu_encoder_start(const char *program,
                             const emu_media_source *source, emu_ladder ladder,
                             emu_encoder *ret, ivs_error *err);
/* Has a file sound? Runs the program for a moment, no longer than until there
 * is something to read from stop. */
bool emu_encoder_has_sound(const char *program, int file, int stop);
/* End it, whether or not it has ended, and tell how it did: a status of
 * waitpid(). */
int emu_encoder_end(emu_encoder *encoder);

/* The arguments for a source and ladder, NULL at the end; outputs go to the
 * descriptors from EMU_ENCODER_OUT on in the order of the ladder, a file is
 * EMU_ENCODER_IN. NULL: out of memory. */
#define EMU_ENCODER_IN  3
#define EMU_ENCODER_URL "file:/dev/fd/3"
#define EMU_ENCODER_OUT 4
char **emu_encoder_arguments(const emu_media_source *source, emu_ladder ladder);
/* The same to look for sound: status 0 says that there is some. */
char **emu_encoder_probe_arguments(void);
void emu_encoder_free_arguments(char **arguments);

#endif
