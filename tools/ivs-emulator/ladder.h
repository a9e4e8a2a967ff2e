/* SPDX-License-Identifier: MIT */
#ifndef EMU_LADDER_H
#define EMU_LADDER_H

/* The renditions a stream can have, and sets of them. */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/token.h>

typedef struct emu_rendition {
    const char *name;          /* "720p60": in URLs, and as GROUP-ID */
    const char *label;         /* "720p": as one asks for it */
    ivs_resolution resolution; /* class it belongs to */
    int bandwidth;             /* bits a second, at most */
    int width;                 /* 0: sound alone */
    int height;
    int fps;
    const char *codecs;
} emu_rendition;

/* Profile and level of a rendition with a picture, as H.264 numbers them. */
#define EMU_AVC_HIGH 100
void emu_rendition_avc(const emu_rendition *rendition, unsigned *ret_profile,
                       unsigned *ret_level);

#define EMU_RENDITIONS 6
/* The best first. */
extern const emu_rendition emu_renditions[EMU_RENDITIONS];

/* Bit n stands for emu_renditions[n]. */
typedef unsigned emu_ladder;

#define EMU_LADDER_ALL ((1U << EMU_RENDITIONS) - 1)

bool emu_ladder_has(emu_ladder ladder, size_t rendition);
/* What is left of a ladder up to a maximum resolution. */
emu_ladder emu_ladder_up_to(emu_ladder ladder, ivs_resolution maximum);
/* The rendition of that name in a ladder. */
bool emu_ladder_find(emu_ladder ladder, const char *name, size_t *ret);
/* The best one with a picture; NULL: there is sound alone. */
const emu_rendition *emu_ladder_picture(emu_ladder ladder);
/* The set of one rendition, by its label; 0: there is none. */
emu_ladder emu_ladder_of(const char *label);

#endif
