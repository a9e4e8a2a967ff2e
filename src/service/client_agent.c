/* SPDX-License-Identifier: MIT */
/* The User-Agent header, in the form of the AWS SDKs. */

#include <sys/utsname.h>

#include <ivs/ivs.h>

#include "base/ascii.h"
#include "service/client_impl.h"

/* In lower case; what is no character of a token becomes a dash. */
static void
append_word(ivs_buf *b, const char *text)
{
    for (; *text != '\0'; text++) {
        char c = ivs_ascii_lower(*text);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-' || c == '_' || c == '+';

        ivs_buf_putc(b, plain ? c : '-');
    }
}

void
ivs_user_agent_append(const char *app_id, ivs_buf *ret)
{
    struct utsname os;

    ivs_buf_puts(ret, "ivs-token/" IVS_VERSION " ua/2.1");
    if (uname(&os) == 0) {
        ivs_buf_puts(ret, " os/");
        append_word(ret, os.sysname);
        ivs_buf_putc(ret, '#');
        append_word(ret, os.release);
        ivs_buf_puts(ret, " md/arch#");
        append_word(ret, os.machine);
    }
    ivs_buf_puts(ret, " lang/c#11 cfg/retry-mode#standard");
    if (app_id != NULL)
        ivs_buf_printf(ret, " app/%s", app_id);
}
