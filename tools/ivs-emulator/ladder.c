/* SPDX-License-Identifier: MIT */
/* A ladder of renditions like the one the service makes of a 1080p stream. */

#include "ladder.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
const emu_rendition emu_renditions[EMU_RENDITIONS] = {
    {"1080p60", "1080p", IVS_RESOLUTION_FULL_HD, 8534030, 1920, 1080, 60,
     "avc1.64002A,mp4a.40.2"},
    {"720p60", "720p", IVS_RESOLUTION_HD, 3422999, 1280, 720, 60,
     "avc1.4D401F,mp4a.40.2"},
    {"480p30", "480p", IVS_RESOLUTION_SD, 1427999, 852, 480, 30,
     "avc1.4D401F,mp4a.40.2"},
    {"360p30", "360p", IVS_RESOLUTION_SD, 630000, 640, 360, 30,
     "avc1.4D401F,mp4a.40.2"},
    {"160p30", "160p", IVS_RESOLUTION_SD, 230000, 284, 160, 30,
     "avc1.4D401F,mp4a.40.2"},
    {"audio_only", "audio_only", IVS_RESOLUTION_SD, 160000, 0, 0, 0,
     "mp4a.40.2"},
};
/* clang-format on */

/* Of the tag: "avc1.PPCCLL" in hex. */
void
emu_rendition_avc(const emu_rendition *rendition, unsigned *ret_profile,
                  unsigned *ret_level)
{
    unsigned long avc = strtoul(rendition->codecs + 5, NULL, 16);

    *ret_profile = avc >> 16 & 0xff;
    *ret_level = avc & 0xff;
}

bool
emu_ladder_has(emu_ladder ladder, size_t rendition)
{
    return (ladder >> rendition & 1) != 0;
}

emu_ladder
emu_ladder_up_to(emu_ladder ladder, ivs_resolution maximum)
{
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (maximum != IVS_RESOLUTION_ANY &&
            emu_renditions[i].resolution > maximum)
            ladder &= ~(1U << i);
    return ladder;
}

bool
emu_ladder_find(emu_ladder ladder, const char *name, size_t *ret)
{
    for (size_t i = 0; i < EMU_RENDITIONS; i++) {
        if (!emu_ladder_has(ladder, i) ||
            strcmp(emu_renditions[i].name, name) != 0)
            continue;
        if (ret != NULL)
            *ret = i;
        return true;
    }
    return false;
}

const emu_rendition *
emu_ladder_picture(emu_ladder ladder)
{
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (emu_ladder_has(ladder, i) && emu_renditions[i].width > 0)
            return &emu_renditions[i];
    return NULL;
}

emu_ladder
emu_ladder_of(const char *label)
{
    for (size_t i = 0; i < EMU_RENDITIONS; i++)
        if (strcmp(emu_renditions[i].label, label) == 0)
            return 1U << i;
    return 0;
}
