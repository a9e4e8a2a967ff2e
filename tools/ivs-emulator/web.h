/* SPDX-License-Identifier: MIT */
#ifndef EMU_WEB_H
#define EMU_WEB_H

/* The page at /_/: its files are part of the program. */

#include <stdbool.h>
#include <stddef.h>

typedef struct emu_web_file {
    const char *type; /* value of Content-Type */
    const char *data;
    size_t len;
} emu_web_file;

/* False: no such file, or hls.js was not there when this was built. */
bool emu_web_find(const char *path, emu_web_file *ret);
bool emu_web_has_hlsjs(void);

#endif
