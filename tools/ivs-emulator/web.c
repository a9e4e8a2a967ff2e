/* SPDX-License-Identifier: MIT */
/* Files of the page, laid into the program by the assembler. EMU_WEB_DIR is
 * where ours are, EMU_WEB_HLSJS and EMU_WEB_HLSJS_LICENSE are those of hls.js
 * where it is there. */

#include "web.h"

#include <string.h>

/* clang-format off */
#define EMBED(name, file)                                                      \
    extern const char name[], name##_end[];                                    \
    __asm__(".pushsection .rodata\n"                                           \
            ".globl " #name ", " #name "_end\n"                                \
            ".hidden " #name ", " #name "_end\n"                               \
            #name ":\n"                                                        \
            ".incbin \"" file "\"\n"                                           \
            #name "_end:\n"                                                    \
            ".popsection\n")

EMBED(emu_web_html, EMU_WEB_DIR "/index.html");
EMBED(emu_web_css, EMU_WEB_DIR "/page.css");
EMBED(emu_web_js, EMU_WEB_DIR "/page.js");
#ifdef EMU_WEB_HLSJS
EMBED(emu_web_hlsjs, EMU_WEB_HLSJS);
EMBED(emu_web_hlsjs_license, EMU_WEB_HLSJS_LICENSE);
#endif

static const struct embedded {
    const char *path;
    const char *type;
    const char *data;
    const char *end;
} files[] = {
    {"/_/", "text/html; charset=utf-8", emu_web_html, emu_web_html_end},
    {"/_/page.css", "text/css; charset=utf-8", emu_web_css, emu_web_css_end},
    {"/_/page.js", "text/javascript; charset=utf-8", emu_web_js,
     emu_web_js_end},
#ifdef EMU_WEB_HLSJS
    {"/_/hls.js", "text/javascript; charset=utf-8", emu_web_hlsjs,
     emu_web_hlsjs_end},
    {"/_/hls.LICENSE", "text/plain; charset=utf-8", emu_web_hlsjs_license,
     emu_web_hlsjs_license_end},
#endif
};
/* clang-format on */

bool
emu_web_find(const char *path, emu_web_file *ret)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].path, path) != 0)
            continue;
        *ret = (emu_web_file){.type = files[i].type,
                              .data = files[i].data,
                              .len = (size_t)(files[i].end - files[i].data)};
        return true;
    }
    return false;
}

bool
emu_web_has_hlsjs(void)
{
    emu_web_file file;

    return emu_web_find("/_/hls.js", &file);
}
